"""Answers to requests that carry a key."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("actor", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("acted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("head", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
    )
