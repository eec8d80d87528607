"""SQL over books and lake, in an in-memory DuckDB that can read the lake and nothing else."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Self

import duckdb
import pyarrow as pa

from liandong.caller import EVERYTHING, Sight
from liandong.errors import UsageError
from liandong.schema.tables import TABLES
from liandong.spans import span
from liandong.store.sight import Cut, quoted
from liandong.store.store import Store
from liandong.texts import both

BATCH = 10_000
"""Rows that a stream holds at a time."""


class Session:
    """Queries that all see the same state: a table stays as it was when first asked for.

    Opening costs far more than a query, so readers keep one until the board changes. Threads may
    share it.

    Parameters
    ----------
    store
        What to read.
    sight
        How much of it.
    """

    def __init__(self, store: Store, sight: Sight = EVERYTHING) -> None:
        self._known: set[str] = set()
        self._lock = Lock()
        self._db = duckdb.connect(":memory:")
        self._db.execute("SET TimeZone='UTC'")
        self._db.execute("SET parquet_metadata_cache=true")  # snapshots never change
        self._db.execute("SET autoinstall_known_extensions=false")
        self._db.execute("SET autoload_known_extensions=false")
        self._db.execute(f"SET allowed_directories=['{quoted(str(store.lake.root))}']")
        self._db.execute("SET enable_external_access=false")
        self._db.execute("SET lock_configuration=true")
        self.cut = Cut(self._db, store, sight)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the memory; queries of other threads end first."""
        self._db.close()

    def ask(self, sql: str, values: Sequence[object] = ()) -> pa.Table:
        """Run one SELECT; see :func:`query`."""
        with self._asking(sql, values) as found:
            return found.to_arrow_table()

    def stream(self, sql: str, values: Sequence[object] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one SELECT batch by batch: they are never all in memory."""
        with self._asking(sql, values) as found:
            yield from found.to_arrow_reader(BATCH)

    @contextmanager
    def _asking(self, sql: str, values: Sequence[object]) -> Iterator[duckdb.DuckDBPyRelation]:
        with self._lock:
            self._expose(sql)
            cursor = self._db.cursor()
        with span("board.ask"), cursor:
            try:
                # DuckDB may write below the lake's folder, so nothing but one SELECT may pass.
                kinds = [s.type for s in cursor.extract_statements(sql)]
                if kinds != [duckdb.StatementType.SELECT]:
                    remedy = both("advice.only_select")
                    raise UsageError(what=both("fault.not_one_query"), remedy=remedy)
                yield cursor.sql(sql, params=list(values) or None)
            except duckdb.Error as error:
                what = both("fault.query", why=error)
                raise UsageError(what=what, remedy=both("advice.see_dictionary")) from error

    def keep(self, name: str, sql: str) -> None:
        """Hold the answer to a SELECT as the table ``name``: for what many queries begin with.

        Parameters
        ----------
        name, sql
            Constants of the caller, never anybody's text; the same name has the same query.
        """
        with self._lock:
            if name not in self._known:
                self._expose(sql)
                self._db.execute(f"CREATE TABLE {name} AS {sql}")
                self._known.add(name)

    def hold(self, name: str, data: pa.Table, like: str | None = None) -> None:
        """Hold rows that are not on the board as the table ``name``, until :meth:`drop`.

        Of what would be rows of a table of the schema, ``like`` says which, only what is seen is.
        """
        with self._lock:
            self.cut.hold(name, data, like)

    def drop(self, name: str) -> None:
        """Forget a table that was held."""
        with self._lock:
            self._db.execute(f'DROP TABLE IF EXISTS "{name}"')

    def sees_as(self, before: "Session") -> bool:
        """Tell whether what an earlier session read of the lake looks the same now, to this one."""
        with self._lock:
            return self.cut.sees_as(before.cut)

    def _expose(self, sql: str) -> None:
        for name in sorted(set(re.findall(r"\w+", sql.lower())) & set(TABLES) - self._known):
            self.cut.expose(name)
            self._known.add(name)


def query(store: Store, sql: str, values: Sequence[object] = ()) -> pa.Table:
    """Run ``sql`` over the current rows of all tables; ``values`` fill its ``?`` marks.

    Raises
    ------
    UsageError
        If it is not one SELECT, or DuckDB refuses it; the message is DuckDB's.
    """
    with Session(store) as session:
        return session.ask(sql, values)
