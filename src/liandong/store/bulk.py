"""Many rows into a table of the books at once, past all that is done for each of them alone."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import sqlalchemy as sa

Column: TypeAlias = Sequence[object] | pa.ChunkedArray


def add(c: sa.Connection, into: sa.Table, columns: Mapping[str, Column]) -> None:
    """Add rows: by one prepared statement to SQLite, by COPY to PostgreSQL.

    Parameters
    ----------
    c
        A transaction that may write.
    into
        The table.
    columns
        Values by column, all of one length, as Python or as Arrow has them; columns that are left
        out become null.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If the database cannot take them.
    """
    if not all(map(len, columns.values())):
        return
    rows = list(zip(*(_bound(c, into.c[n], v) for n, v in columns.items()), strict=True))
    names = ", ".join(columns)
    if c.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        c.exec_driver_sql(f"INSERT INTO {into.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 - names are ours
        return
    statement = f"COPY {into.name} ({names}) FROM STDIN"
    try:
        cursor: Any = c.connection.cursor()  # psycopg's has more to it than the standard says
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except c.dialect.loaded_dbapi.OperationalError as error:
        raise sa.exc.OperationalError(statement, None, error) from error


def _bound(c: sa.Connection, column: sa.Column[object], values: Column) -> Sequence[object]:
    """Return values as the driver of the database takes them."""
    if isinstance(values, pa.ChunkedArray):
        if c.dialect.name == "sqlite" and pa.types.is_timestamp(values.type):
            # As one by one, but all at once: six digits of a second, and no zone.
            found: list[str] = values.cast(pa.timestamp("us")).cast(pa.string()).to_pylist()
            return found
        values = values.to_pylist()
    process = column.type.dialect_impl(c.dialect).bind_processor(c.dialect)
    return values if process is None else list(map(process, values))
