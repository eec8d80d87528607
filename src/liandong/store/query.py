"""SQL over books and lake, in an in-memory DuckDB that can read the lake and nothing else."""

import re
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from liandong.errors import UsageError
from liandong.schema.tables import TABLES
from liandong.store.store import Store


def query(store: Store, sql: str, values: Sequence[object] = ()) -> pa.Table:
    """Run ``sql`` over the current rows of all tables; ``values`` fill its ``?`` marks.

    Raises
    ------
    UsageError
        If DuckDB refuses the statement; the message is DuckDB's.
    """
    words = set(re.findall(r"\w+", sql.lower()))
    with duckdb.connect(":memory:") as db:
        db.execute("SET TimeZone='UTC'")
        db.execute("SET autoinstall_known_extensions=false")
        db.execute("SET autoload_known_extensions=false")
        for name in sorted(words & set(TABLES)):
            _expose(db, store, name)
        db.execute(f"SET allowed_directories=['{_quoted(str(store.lake.root))}']")
        db.execute("SET enable_external_access=false")
        db.execute("SET lock_configuration=true")
        try:
            answer = db.sql(sql, params=list(values) or None)
        except duckdb.Error as error:
            raise UsageError(what=str(error), remedy="Tables: see the data dictionary.") from error
        if answer is None:
            raise UsageError(what="not a query", remedy="Only SELECT reads a board.")
        return answer.to_arrow_table()


def _expose(db: duckdb.DuckDBPyConnection, store: Store, name: str) -> None:
    files = [str(f) for h in store.heads(name) for f in store.lake.files(h["path"])]
    if not files:
        db.register(name, store.read(name))
        return
    listed = ", ".join(f"'{_quoted(f)}'" for f in files)
    # A view takes no parameters; the table's name is the schema's and the paths are quoted.
    source = f"read_parquet([{listed}], hive_partitioning=false)"
    db.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {source}')  # noqa: S608 - see above


def _quoted(word: str) -> str:
    return word.replace("'", "''")
