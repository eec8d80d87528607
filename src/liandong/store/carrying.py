"""All rows of the books, carried from one database to another as they are at one moment.

Both have the same tables, so that books in PostgreSQL are kept as a file of SQLite, and a backup
of a board of either kind becomes a board of either kind.
"""

from pathlib import Path

import sqlalchemy as sa

from liandong.errors import BoardError
from liandong.schema.sql import METADATA
from liandong.store.books import reaching, shown, visit
from liandong.store.migrate import migrate, upgrade
from liandong.texts import both

ROWS = 10_000
"""Rows in memory at a time."""
META = METADATA.tables["meta"]


def to_sqlite(engine: sa.Engine, folder: Path) -> None:
    """Write books in PostgreSQL, as they are at one moment, into an empty folder.

    Others may write meanwhile: one transaction reads all tables, and sees none of that.
    """
    once = engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    with once as source, source.begin(), visit(str(folder)) as made:
        _fill(made, source)
        with made.begin() as c:  # where the lake lies is of that board, not of its copies
            c.execute(sa.delete(META).where(META.c.name == "lake"))


def to_postgresql(folder: Path, location: str, lake: Path) -> None:
    """Make books in an empty database of those in a folder; all in one transaction.

    Parameters
    ----------
    folder
        Its books are brought up to date first, if an older version made them.
    location
        Address of the database.
    lake
        Where the lake of the new board lies.
    """
    with visit(str(folder)) as kept, visit(location) as made:
        migrate(kept, str(folder))
        with kept.begin() as source:
            _fill(made, source, {"name": "lake", "value": str(lake)})


def need_empty(location: str) -> None:
    """Refuse a database that cannot be reached or has tables; BoardError says which."""
    with visit(location) as engine, reaching(location):
        if sa.inspect(engine).get_table_names():
            what, remedy = both("fault.occupied"), both("advice.empty_database")
            raise BoardError(board=shown(location), what=what, remedy=remedy)


def _fill(made: sa.Engine, source: sa.Connection, *about: dict[str, str]) -> None:
    """Make the tables and copy all rows, in one transaction."""
    with made.connect().execution_options(writing=True) as target, target.begin():
        upgrade(target)
        for t in METADATA.sorted_tables:
            if not t.info.get("view"):
                _carry(source, target, t)
        for row in about:
            target.execute(sa.insert(META), row)


def _carry(source: sa.Connection, target: sa.Connection, t: sa.Table) -> None:
    """Copy the rows of a table in order of its key, so that the same rows make the same file."""
    if target.execute(sa.select(t).limit(1)).first():  # what every new board begins with
        target.execute(sa.delete(t))
    query = sa.select(t).order_by(*t.primary_key.columns).execution_options(yield_per=ROWS)
    for rows in source.execute(query).mappings().partitions():
        target.execute(sa.insert(t), [dict(r) for r in rows])
