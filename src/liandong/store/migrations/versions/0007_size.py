"""The memory that the windows of a watch use."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    unknown = sa.text("0")
    size = sa.Column("size", sa.BigInteger(), nullable=False, server_default=unknown)
    op.add_column("watch_state", size)
