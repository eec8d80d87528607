"""Appeals against what scorecards rest on."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime
from liandong.store.appending import only_append

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("act", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("appeal_id", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    only_append(op, "appeal")
