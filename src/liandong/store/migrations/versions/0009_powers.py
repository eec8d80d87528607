"""Powers with scopes, limits and conflicts; who has which post; what is done with powers."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime
from liandong.store.appending import only_append

revision = "0009"
down_revision = "0008"

TEXTS = ("basis", "scope", "period", "evidence", "approvals", "never_with", "source", "delegator")
NUMBERS = ("period_limit", "total_limit", "delegate_days", "glass_hours")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("power", sa.Column(name, sa.Text()))
    for name in NUMBERS:
        op.add_column("power", sa.Column(name, sa.BigInteger()))
    op.create_table(
        "post",
        sa.Column("post_id", sa.Text(), primary_key=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
    )
    op.create_table(
        "power_act",
        sa.Column("act", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("power_id", sa.Text()),
        sa.Column("action", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("ref", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
    )
    for name in ("post", "power_act"):
        only_append(op, name)
