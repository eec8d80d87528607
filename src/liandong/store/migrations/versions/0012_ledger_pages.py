"""Counters of accounts in pages, of which a batch of entries changes few; read as before."""

import numpy as np
import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import VIEWS
from liandong.schema.tables.ledger import COUNTERS
from liandong.store.ledger import paging

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "balance_place",
        sa.Column("account_id", sa.Text(), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False, unique=True),
    )
    op.create_table(
        "balance_page",
        sa.Column("page", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("counters", sa.Text(), nullable=False),
    )
    c = op.get_bind()
    if c.dialect.name == "postgresql":
        # Rows that change all the time find room where they are.
        op.execute("ALTER TABLE balance_page SET (fillfactor = 50)")
    names = ", ".join(COUNTERS)
    query = f"SELECT account_id, {names} FROM balance ORDER BY account_id"  # noqa: S608 - ours
    rows = c.execute(sa.text(query)).all()
    if rows:
        paging.place(c, [r[0] for r in rows], np.array([r[1:] for r in rows], np.int64))
    op.drop_table("balance")
    op.execute(f"CREATE VIEW balance AS {VIEWS['balance']}")
