"""Refusals in the log, with how many of a minute; evidence by its hash."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("power_act", sa.Column("times", sa.BigInteger()))
    op.add_column("power_act", sa.Column("evidence", sa.Text()))
    op.create_table(
        "refusal",
        sa.Column("actor", sa.Text(), primary_key=True),
        sa.Column("action", sa.Text(), primary_key=True),
        sa.Column("minute", UtcTime(), primary_key=True),
        sa.Column("lacking", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
    )
