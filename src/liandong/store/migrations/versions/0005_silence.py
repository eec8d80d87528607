"""What sinks of a watch were not told while somebody had it snoozed."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "watch_silence",
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("sink", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("alert_id", sa.Text()),
        sa.Column("snooze_id", sa.Text(), nullable=False),
        sa.Column("silenced_at", UtcTime(), nullable=False),
        sa.Column("until_at", UtcTime(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
    )
