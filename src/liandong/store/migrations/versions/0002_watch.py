"""Watches that run: their state, what they said and refused, and what went out."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "watch_state",
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("place", sa.Text()),
        sa.Column("commits", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("warnings", sa.BigInteger(), nullable=False),
        sa.Column("clock", UtcTime()),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("piece", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "live_warning",
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("level", sa.Text()),
        sa.Column("amends", sa.Boolean(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
    )
    op.create_table(
        "watch_refusal",
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("seen_at", UtcTime(), nullable=False),
    )
    op.create_table(
        "watch_outbox",
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("sink", sa.Text(), primary_key=True),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_at", UtcTime()),
        sa.Column("error", sa.Text()),
    )
