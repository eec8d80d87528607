"""The rows of a user's SQL query as rows of one table."""

import hashlib
from collections.abc import Iterator

import pyarrow as pa
import sqlalchemy as sa

from liandong.errors import MissingExtraError, UsageError
from liandong.load.base import Raw, unusable
from liandong.load.file import MappingSource, map_rows, mapping_hash
from liandong.load.sheet import Sheet
from liandong.texts import both


def fingerprint(
    path: str, query: str, mapping: MappingSource = None, **_: object
) -> dict[str, str]:
    """Return the hash of the rows: a query has no file that could be held against it."""
    sheet = _ask(path, query)
    rows = hashlib.sha256(repr(sheet.data.to_pydict()).encode()).hexdigest()
    return {sheet.file: rows, **mapping_hash(mapping)}


def read(path: str, table: str, query: str, mapping: MappingSource = None) -> Iterator[Raw]:
    """Read the rows of a query into rows of ``table``.

    Parameters
    ----------
    path
        SQLAlchemy URL of the database.
    table
        Name of the table.
    query
        A SELECT; it is rolled back, so that it changes nothing.
    mapping
        As for a file; see :func:`liandong.load.file.read`.
    """
    yield from map_rows(_ask(path, query), table, mapping)


def _ask(address: str, query: str) -> Sheet:
    """Return the rows of the query, numbered from 1; the name shows no password."""
    engine = _engine(address)
    name = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            result = connection.execute(sa.text(query))
            names, rows = list(result.keys()), result.fetchall()
    except sa.exc.SQLAlchemyError as error:
        raise unusable(name, "query", why=str(error).splitlines()[0]) from error
    finally:
        engine.dispose()
    if not rows:
        raise unusable(name, "empty")
    if len(set(names)) < len(names):
        raise unusable(name, "twice", names=", ".join(names))
    columns = {
        n: _column(list(values)) for n, values in zip(names, zip(*rows, strict=True), strict=True)
    }
    return Sheet(name, pa.table(columns), pa.array(range(1, len(rows) + 1), pa.int64()))


def _engine(address: str) -> sa.Engine:
    try:
        url = sa.make_url(address)
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return sa.create_engine(url)
    except ModuleNotFoundError as error:
        if error.name == "psycopg":
            raise MissingExtraError(package="psycopg", extra="postgres") from error
        what = both("fault.no_driver", name=error.name)
        raise UsageError(what=what, remedy=both("advice.install_driver")) from error
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        what = both("fault.bad_url", why=str(error).splitlines()[0])
        raise UsageError(what=what, remedy=both("advice.mend_url")) from error


def _column(values: list[object]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # SQLite holds any type in any column
        return pa.array([None if v is None else str(v) for v in values])
