"""SQL over books and lake, in an in-memory DuckDB that can read the lake and nothing else."""

import re
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Self

import duckdb
import pyarrow as pa

from liandong.caller import EVERYTHING, Sight
from liandong.errors import UsageError
from liandong.schema.tables import TABLES
from liandong.spans import span
from liandong.store.sight import Cut
from liandong.store.store import Store
from liandong.texts import both

BATCH = 10_000
"""Rows that a stream holds at a time."""
_NUMBERS = count()


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
    before
        A session of the same sight: what it made is taken over where that would be the same.

    Attributes
    ----------
    cut
        What sessions share while the lake stays as it is. A schema of one's own says which
        versions of the tables of the books one sees.
    """

    def __init__(
        self, store: Store, sight: Sight = EVERYTHING, before: "Session | None" = None
    ) -> None:
        self._store = store
        self.cut: Cut = before.cut if before and before.cut.holds() else Cut(store, sight)
        self._own: dict[str, str | None] = {}
        self._uses: list[str] = []
        self._schema = f"state_{next(_NUMBERS)}"
        self.cut.db.cursor().execute(f"CREATE SCHEMA {self._schema}")
        self._db = self._cursor()
        self._ended = weakref.finalize(self, _drop, self.cut, self._schema, self._uses)
        self._ended.atexit = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the memory; queries of other threads end first."""
        self._db.close()
        self._ended()

    def ask(self, sql: str, values: Sequence[object] = ()) -> pa.Table:
        """Run one SELECT; see :func:`query`."""
        with self._asking(sql, values) as found:
            return found.to_arrow_table()

    def stream(self, sql: str, values: Sequence[object] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one SELECT batch by batch: they are never all in memory."""
        mine = object()
        self.cut.streams.add(mine)
        try:
            with self._asking(sql, values) as found:
                yield from found.to_arrow_reader(BATCH)
        finally:
            self.cut.streams.discard(mine)

    @contextmanager
    def _asking(self, sql: str, values: Sequence[object]) -> Iterator[duckdb.DuckDBPyRelation]:
        with self.cut.lock:
            self._expose(sql)
            cursor = self._cursor()
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
        with self.cut.lock:
            if name in self._own or name in self.cut.made:
                return
            self._expose(sql)
            of = tuple(self._own[n] for n in sorted(self._own.keys() & _words(sql)))
            if not of:
                self.cut.db.execute(f"CREATE TABLE {name} AS {sql}")
                self.cut.made.add(name)
            elif None in of:
                self._db.execute(f"CREATE TABLE {name} AS {sql}")
                self._own[name] = None
            else:
                self._share(name, of, partial(self._create, sql))

    def hold(self, name: str, data: pa.Table, like: str | None = None) -> None:
        """Hold rows that are not on the board as the table ``name``, until :meth:`drop`.

        Of what would be rows of a table of the schema, ``like`` says which, only what is seen is.
        """
        with self.cut.lock:
            self.cut.hold(name, data, like, self._db)
            self._own[name] = None

    def drop(self, name: str) -> None:
        """Forget a table that was held."""
        with self.cut.lock:
            self._own.pop(name, None)
            self._db.execute(f'DROP TABLE IF EXISTS "{name}"')

    def parts(self, name: str) -> list[tuple[int, str]]:
        """Return how many rows each run wrote of a table of the lake that was asked for whole.

        They come in this order; nothing of what is not told of who sees a part of the rows.
        """
        return self.cut.parts.get(name, []) if self.cut.sight.rows is None else []

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        return self.cut.db.cursor().execute(f"USE {self._schema}")

    def _expose(self, sql: str) -> None:
        for name in sorted((_words(sql) & set(TABLES)) - self._own.keys()):
            if self.cut.lasts(name):
                self.cut.expose(name)
            else:
                data = self._store.read(name)
                self._share(name, data, partial(self.cut.hold, data=data, name=name))

    def _create(self, sql: str, place: str) -> None:
        self._db.execute(f'CREATE TABLE main."{place}" AS {sql}')

    def _share(self, name: str, key: object, make: Callable[[str], object]) -> None:
        """See a table that is as it was for earlier sessions, if it is made of the same."""
        place = self.cut.versions.use(name, key, make)
        self._uses.append(place)
        self._db.execute(f'CREATE VIEW "{name}" AS FROM main."{place}"')
        self._own[name] = place


def _words(sql: str) -> set[str]:
    return set(re.findall(r"\w+", sql.lower()))


def _drop(cut: Cut, schema: str, uses: list[str]) -> None:
    """Free what a session had of its own, and leave what it shared."""
    cut.db.cursor().execute(f"DROP SCHEMA {schema} CASCADE")
    cut.versions.left.extend(uses)


def query(store: Store, sql: str, values: Sequence[object] = ()) -> pa.Table:
    """Run ``sql`` over the current rows of all tables; ``values`` fill its ``?`` marks.

    Raises
    ------
    UsageError
        If it is not one SELECT, or DuckDB refuses it; the message is DuckDB's.
    """
    with Session(store) as session:
        return session.ask(sql, values)
