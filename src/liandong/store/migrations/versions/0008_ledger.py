"""The ledger: counters of accounts, reservations and their end, book time, periods."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime
from liandong.schema.tables.ledger import COUNTERS
from liandong.store.ledger.folding import folded

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("account", sa.Column("capped", sa.Text()))
    op.add_column("entry", sa.Column("until", UtcTime()))
    op.add_column("entry", sa.Column("book_time", UtcTime()))
    op.create_table(
        "balance",
        sa.Column("account_id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTERS),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Rows that change all the time find room where they are.
        op.execute("ALTER TABLE balance SET (fillfactor = 40)")
    op.create_table(
        "reservation",
        sa.Column("entry_id", sa.Text(), primary_key=True),
        sa.Column("until", UtcTime()),
    )
    op.create_table(
        "ledger_state",
        sa.Column("ledger", sa.Text(), primary_key=True),
        sa.Column("book_time", UtcTime()),
        sa.Column("closed_to", sa.Date()),
    )
    op.execute("INSERT INTO ledger_state (ledger) VALUES ('books')")
    names = ", ".join(COUNTERS)
    own = ", ".join(f"coalesce(f.{n}, 0)" for n in COUNTERS)
    op.execute(
        f"INSERT INTO balance (account_id, {names}) SELECT a.account_id, {own} "  # noqa: S608 - names are ours
        f"FROM account a LEFT JOIN ({folded('TRUE')}) f ON f.account_id = a.account_id"
    )
    op.execute(
        "INSERT INTO reservation (entry_id) SELECT entry_id FROM entry p WHERE phase = 'pending' "
        "AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.ref = p.entry_id "
        "AND e.phase IN ('post', 'void'))"
    )
