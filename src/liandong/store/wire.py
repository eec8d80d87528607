"""Statements that are on their way together: a server answers all of them at once.

Where there is a server, each way to it and back costs as much as what it does for a small posting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa


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
    broken = c.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline() if c.dialect.name == "postgresql" else nullcontext():
            yield
    except broken as error:
        raise sa.exc.DBAPIError.instance("", None, error, broken, dialect=c.dialect) from error


def ask(c: sa.Connection, query: str, *given: object) -> Callable[[], list[Any]]:
    """Send a query in the words of the database, with ``?`` for values; return what fetches rows.

    Rows have the types that the driver gives: SQLite knows no dates.
    """
    driver: Any = c.connection.driver_connection
    words = query.replace("?", "%s") if c.dialect.name == "postgresql" else query
    fetch: Callable[[], list[Any]] = driver.execute(words, given).fetchall
    return fetch
