"""Statements that are on their way together: a server answers all of them at once.

Where there is a server, each way to it and back costs as much as what it does for a small posting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

import sqlalchemy as sa

_MOMENT = "%Y-%m-%d %H:%M:%S.%f"


@contextmanager
def together(c: sa.Connection) -> Iterator[None]:
    """Send what is asked in a block without waiting for answers; SQLite answers each at once.

    Of what SQLAlchemy executes in it, only statements without rows will do. What goes wrong with
    one is raised when an answer is fetched, or at the end of the block.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database does not do it.
    """
    driver: Any = c.connection.driver_connection
    pipeline = driver.pipeline if c.dialect.name == "postgresql" else nullcontext
    with _as_ever(c), pipeline():
        yield


@contextmanager
def _as_ever(c: sa.Connection) -> Iterator[None]:
    """Have what the driver raises be what SQLAlchemy makes of it."""
    broken = c.dialect.loaded_dbapi.Error
    try:
        yield
    except broken as error:
        raise sa.exc.DBAPIError.instance("", None, error, broken, dialect=c.dialect) from error


def tell(c: sa.Connection, statement: str, *given: object) -> None:
    """Send a statement that returns nothing, with ``?`` for values; moments are in UTC."""
    if c.dialect.name == "sqlite":
        given = tuple(v.strftime(_MOMENT) if isinstance(v, datetime) else v for v in given)
    _execute(c, statement, given)


def ask(c: sa.Connection, query: str, *given: object) -> Callable[[], list[Any]]:
    """Send a query in the words of the database, with ``?`` for values; return what fetches rows.

    Rows have the types that the driver gives: SQLite knows no dates.
    """
    fetch: Callable[[], list[Any]] = _execute(c, query, given).fetchall
    if c.dialect.name == "sqlite":
        rows = fetch()  # until then, its transaction could not end
        return lambda: rows
    return fetch


def _execute(c: sa.Connection, words: str, given: tuple[object, ...]) -> Any:  # noqa: ANN401 - the driver's cursor
    driver: Any = c.connection.driver_connection
    if c.dialect.name == "postgresql":
        words = words.replace("?", "%s")
    with _as_ever(c):
        return driver.execute(words, given)
