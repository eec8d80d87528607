"""Acts commit to what they are about, so that it can be erased and the log still holds."""

import sqlalchemy as sa
from alembic import op

from liandong.store.appending import allow

revision = "0006"
down_revision = "0005"

SAME = ("seq", "at", "actor", "action", "content", "leaf")


def upgrade() -> None:
    op.add_column("act", sa.Column("salt", sa.Text()))
    op.add_column("act", sa.Column("content", sa.Text()))
    same = " AND ".join(f"NEW.{n} = OLD.{n}" for n in SAME)
    gone = "OLD.salt IS NOT NULL AND NEW.salt IS NULL AND NEW.subject = '' AND NEW.body = '{}'"
    allow(op, "act", f"{same} AND {gone}")
