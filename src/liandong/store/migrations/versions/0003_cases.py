"""Cases of alerts, what was done to them, and which alerts they hold."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime
from liandong.store.appending import only_append

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "alert_case",
        sa.Column("case_id", sa.Text(), primary_key=True),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text()),
        sa.Column("exposure", sa.BigInteger()),
        sa.Column("alerts", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("approval_id", sa.Text()),
        sa.Column("maker", sa.Text()),
        sa.Column("checker", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("closed_at", UtcTime()),
    )
    op.create_table(
        "case_act",
        sa.Column("case_id", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("act", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "case_alert",
        sa.Column("case_id", sa.Text(), primary_key=True),
        sa.Column("alert_id", sa.Text(), primary_key=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
    )
    only_append(op, "case_act")
