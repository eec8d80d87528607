"""SQL over books and lake, in an in-memory DuckDB that can read the lake and nothing else."""

import re
from collections.abc import Sequence
from threading import Lock
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from liandong.caller import EVERYTHING, Sight
from liandong.errors import UsageError
from liandong.schema.arrow import empty
from liandong.schema.tables import TABLES, table
from liandong.store.store import Store
from liandong.texts import both


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
        self._store = store
        self._sight = sight
        self._known: set[str] = set()
        self._lock = Lock()
        self._db = duckdb.connect(":memory:")
        self._db.execute("SET TimeZone='UTC'")
        self._db.execute("SET parquet_metadata_cache=true")  # snapshots never change
        self._db.execute("SET autoinstall_known_extensions=false")
        self._db.execute("SET autoload_known_extensions=false")
        self._db.execute(f"SET allowed_directories=['{_quoted(str(store.lake.root))}']")
        self._db.execute("SET enable_external_access=false")
        self._db.execute("SET lock_configuration=true")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the memory; queries of other threads end first."""
        self._db.close()

    def ask(self, sql: str, values: Sequence[object] = ()) -> pa.Table:
        """Run one SELECT; see :func:`query`."""
        with self._lock:
            self._expose(sql)
            cursor = self._db.cursor()
        with cursor:
            try:
                # DuckDB may write below the lake's folder, so nothing but one SELECT may pass.
                kinds = [s.type for s in cursor.extract_statements(sql)]
                if kinds != [duckdb.StatementType.SELECT]:
                    remedy = both("advice.only_select")
                    raise UsageError(what=both("fault.not_one_query"), remedy=remedy)
                return cursor.sql(sql, params=list(values) or None).to_arrow_table()
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

    def hold(self, name: str, data: pa.Table) -> None:
        """Hold rows that are not on the board as the table ``name``, until :meth:`drop`."""
        with self._lock:
            self._db.register("given", data)
            self._db.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM given')  # noqa: S608 - a name of ours
            self._db.unregister("given")

    def drop(self, name: str) -> None:
        """Forget a table that was held."""
        with self._lock:
            self._db.execute(f'DROP TABLE IF EXISTS "{name}"')

    def _expose(self, sql: str) -> None:
        for name in sorted(set(re.findall(r"\w+", sql.lower())) & set(TABLES) - self._known):
            _expose(self._db, self._store, name)
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


def _expose(db: duckdb.DuckDBPyConnection, store: Store, name: str) -> None:
    parts = [store.lake.files(h["path"]) for h in store.heads(name)]
    files = [str(f) for part in parts for f in part]
    if not files:
        # A table and not a registered object: those are unknown to the cursors of other threads.
        db.register("given", store.read(name))
        db.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')  # noqa: S608 - a name of the schema
        db.unregister("given")
        return
    listed = ", ".join(f"'{_quoted(f)}'" for f in files)
    source = f"read_parquet([{listed}], hive_partitioning=false)"
    names = {*table(name).names}
    if any(names - {*pq.read_schema(part[0]).names} for part in parts if part):
        # Written before the table got its latest columns, which may be absent.
        db.register("given", empty(name))
        db.execute(f'CREATE TABLE "{name}_columns" AS SELECT * FROM given')  # noqa: S608 - a name of the schema
        db.unregister("given")
        source = f"read_parquet([{listed}], hive_partitioning=false, union_by_name=true)"
        source += f' UNION ALL BY NAME SELECT * FROM "{name}_columns"'  # noqa: S608 - a name of the schema
    db.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {source}')  # noqa: S608 - quoted paths


def _quoted(word: str) -> str:
    return word.replace("'", "''")
