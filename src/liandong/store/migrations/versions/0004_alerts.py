"""Alerts of watches that run: as they look, and every change of theirs."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    none_yet = sa.text("0")
    op.add_column(
        "watch_state",
        sa.Column("changes", sa.BigInteger(), nullable=False, server_default=none_yet),
    )
    long_ago = sa.text("'1970-01-01 00:00:00'")
    op.add_column(
        "live_warning", sa.Column("known_at", UtcTime(), nullable=False, server_default=long_ago)
    )
    op.execute("UPDATE live_warning SET known_at = seen_at")
    op.create_table(
        "live_alert",
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("alert_id", sa.Text(), primary_key=True),
        *_looks(),
    )
    op.create_table(
        "alert_change",
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        *_looks(),
    )


def _looks() -> list[sa.Column[object]]:
    """Return how an alert looks, from some moment on."""
    return [
        sa.Column("known_from", UtcTime(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("instead", sa.Text()),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.Column("cooling_at", UtcTime()),
        sa.Column("closed_at", UtcTime()),
        sa.Column("warnings", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("threshold", sa.Double()),
        sa.Column("evidence", sa.Text()),
        sa.Column("reasons", sa.JSON(), nullable=False),
    ]
