"""The tables of a session as somebody sees them: cut to what is in sight, personal data masked.

Each table is one view over its files (or one table in memory, for those of the books), so nothing
that asks it can forget to look at whose a row is.
"""

from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from liandong.caller import Sight
from liandong.schema.arrow import empty
from liandong.schema.field import Personal, Table
from liandong.schema.tables import table
from liandong.schema.whose import ANCHORS, CUSTOMERS, OPEN, OWNED, PUBLIC, Anchor
from liandong.store.store import Store
from liandong.store.versions import Versions

MASKS: dict[Personal, str] = {
    "name": "left({0}, 1) || repeat('*', least(greatest(length({0}) - 1, 1), 3))",
    "phone": "CASE WHEN length({0}) > 8 THEN left({0}, 3) || '****' || right({0}, 4)"
             " ELSE '****' END",
    "number": "CASE WHEN length({0}) > 8 THEN '****' || right({0}, 4) ELSE '****' END",
    "text": "'****'",
    "day": "NULL::DATE",
}  # fmt: skip
"""What is left of personal data, in SQL."""
PERSONS = "sight_persons"
ASKED = ""
"""Stands for the snapshots of a table while they are asked for: meanwhile nothing holds."""
MOST_KEPT = 400_000
"""Rows of one table that are kept in memory at most; more are looked up anew."""
LOOKED_UP: dict[str, tuple[str, ...]] = {
    "party": ("party_id",), "score": ("party_id",), "loan": ("loan_id", "party_id"),
    "bank_account": ("account_id",), "offer": ("project_id",),
}  # fmt: skip
"""Tables that are looked up row by row on most pages, and by what: kept in memory by an index."""


class Cut:
    """Makes the tables of a database in memory, as far as a sight goes.

    Parameters
    ----------
    store
        Where the rows are.
    sight
        Which of them are shown.

    Attributes
    ----------
    db, lock
        The database, which can read the lake and nothing else; whoever makes tables holds the lock.
    versions
        Tables of the books, and what is made of them.
    made
        The tables that are there as long as the lake stays as it is.
    read
        Snapshots of the lake by table, of all times that they were looked at.
    parts
        Number of rows and run of the snapshots of a table of the lake, in the order of its rows.
    streams
        Answers that are being given batch by batch: until they end, no memory is freed.
    """

    def __init__(self, store: Store, sight: Sight) -> None:
        self.db, self.lock = _database(store), Lock()
        self.versions = Versions(self.db)
        self._store, self.sight = store, sight
        self.made: set[str] = set()
        self.read: dict[str, set[str]] = {}
        self.parts: dict[str, list[tuple[int, str]]] = {}
        self.streams: set[object] = set()

    def lasts(self, name: str) -> bool:
        """Tell whether a table is as it is until the lake changes.

        What somebody sees a part of hangs on tables of the books, too: then all is made anew.
        """
        return self.sight.rows is not None or table(name).home == "lake"

    def holds(self) -> bool:
        """Tell whether what lasts of all that was made is still as it would be made now."""
        if self.sight.rows is not None or self.streams:
            return False
        now = self._store.snapshots()
        # Threads that read an earlier state may still add to it.
        return all(now.get(name, set()) == ids for name, ids in [*self.read.items()])

    def expose(self, name: str) -> None:
        """Make a table as it is seen, once."""
        if name in self.made:
            return
        self.made.add(name)
        try:
            self._expose(name)
        except BaseException:
            self.read.setdefault(name, set()).add(ASKED)  # the next state begins anew
            raise

    def _expose(self, name: str) -> None:
        heads = self._heads(name)
        if files := self._files(name, heads):
            self.parts[name] = [(h["rows"], h["run_id"]) for h in heads]
            self.db.execute(f'CREATE VIEW "{name}" AS {self.seen(name, files)}')
            if name in LOOKED_UP or (self.sight.rows is not None and name in OWNED):
                self._keep(name)
        else:
            self.hold(name, self._store.read(name), name)

    def _keep(self, name: str) -> None:
        """Keep what is seen of a table in memory if it is not too much."""
        few = f'SELECT * FROM "{name}" LIMIT {MOST_KEPT + 1}'  # noqa: S608 - a name of the schema
        self.db.execute(f"CREATE TABLE kept AS {few}")
        found = self.db.execute("SELECT count(*) FROM kept").fetchone()
        if found and found[0] <= MOST_KEPT:
            self.db.execute(f'DROP VIEW "{name}"')
            self.db.execute(f'ALTER TABLE kept RENAME TO "{name}"')
            for field in LOOKED_UP.get(name, ()):
                self.db.execute(f'CREATE INDEX "{name}_{field}" ON "{name}"({field})')
        else:
            self.db.execute("DROP TABLE kept")

    def hold(
        self, place: str, data: pa.Table, name: str | None = None,
        db: duckdb.DuckDBPyConnection | None = None,
    ) -> None:  # fmt: skip
        """Hold rows as a table; of those that are like rows of table ``name``, what is seen."""
        chosen, db = self.seen(name, "given") if name else "SELECT * FROM given", db or self.db
        # A table and not a registered object: those are unknown to the cursors of other threads.
        db.register("given", data)
        db.execute(f'CREATE OR REPLACE TABLE "{place}" AS {chosen}')
        db.unregister("given")

    def seen(self, name: str, source: str) -> str:
        """Return a SELECT of what is seen of the rows of a table, or of others like them."""
        spec = table(name)
        shown = self._where(name)
        where = f" WHERE {shown}" if shown else ""
        return f"SELECT *{self._masked(spec)} FROM {source}{where}"  # noqa: S608 - names of the schema

    # ── rows ─────────────────────────────────────────────────────────────────────────────────

    def _where(self, name: str) -> str:
        if self.sight.rows is None or name in PUBLIC:
            return ""
        sides = [f'"{f}" IN (SELECT id FROM {self._ids(a)})' for a, f in OWNED.get(name, ())]  # noqa: S608 - of the schema
        if name in OPEN:
            field, values = OPEN[name]
            sides.append(f'"{field}" IN ({_listed(values)})')
        return " OR ".join(sides) or "false"

    def _ids(self, anchor: Anchor) -> str:
        """Return the name of the table of the ids that are in sight; it is made at first use."""
        made = f"sight_{anchor}"
        if made not in self.made:
            self.made.add(made)
            found = self._parties() if anchor == "party" else self._through(anchor)
            self.db.execute(f"CREATE TABLE {made} AS SELECT DISTINCT id FROM ({found})")  # noqa: S608 - ours
        return made

    def _through(self, anchor: Anchor) -> str:
        if anchor == "subject":
            kinds: tuple[Anchor, ...] = ("party", "account", "loan")
            return " UNION ".join(f"SELECT id FROM {self._ids(k)}" for k in kinds)  # noqa: S608 - ours
        for name, _ in ANCHORS[anchor]:
            self.expose(name)
        return " UNION ".join(f'SELECT "{key}" AS id FROM "{n}"' for n, key in ANCHORS[anchor])  # noqa: S608 - ours

    def _parties(self) -> str:
        """Return a SELECT of the parties in sight: those of any entry."""
        found = [self._entry(regions, banks) for regions, banks in self.sight.rows or ()]
        return " UNION ".join(found) or "SELECT NULL::VARCHAR AS id WHERE false"

    def _entry(self, regions: tuple[str, ...], banks: tuple[str, ...]) -> str:
        """Return a SELECT of the parties of one entry, for which all that it names has to hold."""
        both = []
        if regions:
            starts = " OR ".join(f"starts_with(region_id, '{_quoted(r)}')" for r in regions)
            both.append(f"SELECT party_id AS id FROM {self._raw('party')} WHERE {starts}")  # noqa: S608 - quoted
        if banks:
            both.append(f"({self._clients(banks)})")
        return "(" + " INTERSECT ".join(both) + ")"

    def _clients(self, banks: tuple[str, ...]) -> str:
        """Return a SELECT of institutions and those who have to do with them as customers."""
        own, listed = ", ".join(f"('{_quoted(b)}')" for b in banks), _listed(banks)
        found = [f"SELECT id FROM (VALUES {own}) own(id)"]  # noqa: S608 - quoted
        for name, other, customer, bank in CUSTOMERS:
            source = self._raw(name)
            if other:
                source += f" JOIN {self._raw(other[0])} USING ({other[1]})"
            found.append(f"SELECT {customer} FROM {source} WHERE {bank} IN ({listed})")  # noqa: S608 - quoted
        return " UNION ".join(found)

    # ── personal data ────────────────────────────────────────────────────────────────────────

    def _masked(self, spec: Table) -> str:
        """Return what replaces the personal data of a table where they are masked."""
        fields = [f for f in spec.fields if f.personal] if self.sight.masked else []
        if not fields:
            return ""
        of = self._person(spec)
        masks = ((f.name, MASKS[f.personal].format(f'"{f.name}"')) for f in fields)
        shown = ", ".join(
            f'CASE WHEN {of} AND "{n}" IS NOT NULL THEN {mask} ELSE "{n}" END AS "{n}"'
            for n, mask in masks
        )
        return f" REPLACE ({shown})"

    def _person(self, spec: Table) -> str:
        if spec.person is None:
            return "true"
        name, values = spec.person
        if values:
            return f"coalesce(\"{name}\", '') IN ({_listed(values)})"
        if PERSONS not in self.made:
            self.made.add(PERSONS)
            source = self._raw("party")
            self.db.execute(
                f"CREATE TABLE {PERSONS} AS SELECT party_id AS id FROM {source}"  # noqa: S608 - ours
                " WHERE kind = 'person'"
            )
        return f'"{name}" IN (SELECT id FROM {PERSONS})'  # noqa: S608 - names of the schema

    # ── rows as they lie ─────────────────────────────────────────────────────────────────────

    def _raw(self, name: str) -> str:
        """Return where all rows of a table of the lake come from."""
        return self._files(name, self._heads(name)) or self._empty(name)

    def _heads(self, name: str) -> list[dict[str, Any]]:
        ids = self.read.setdefault(name, set())
        ids.add(ASKED)
        heads = self._store.heads(name)
        ids.update(h["snapshot_id"] for h in heads)
        ids.discard(ASKED)
        return heads

    def _files(self, name: str, heads: list[dict[str, Any]]) -> str:
        parts = [self._store.lake.files(h["path"]) for h in heads]
        files = ", ".join(f"'{_quoted(str(f))}'" for part in parts for f in part)
        if not files:
            return ""
        names = {*table(name).names}
        if not any(names - {*pq.read_schema(part[0]).names} for part in parts if part):
            return f"read_parquet([{files}], hive_partitioning=false)"
        # Written before the table got its latest columns, which may be absent.
        return (
            f"(SELECT * FROM read_parquet([{files}], hive_partitioning=false, union_by_name=true)"  # noqa: S608 - quoted
            f" UNION ALL BY NAME SELECT * FROM {self._empty(name)})"
        )

    def _empty(self, name: str) -> str:
        """Return a table with the columns of another one and no rows."""
        place = f"{name}_columns"
        if place not in self.made:
            self.made.add(place)
            self.hold(place, empty(name))
        return f'"{place}"'


def _database(store: Store) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect(":memory:")
    db.execute("SET TimeZone='UTC'")
    db.execute("SET parquet_metadata_cache=true")  # snapshots never change
    db.execute("SET autoinstall_known_extensions=false")
    db.execute("SET autoload_known_extensions=false")
    db.execute(f"SET allowed_directories=['{_quoted(str(store.lake.root))}']")
    db.execute("SET enable_external_access=false")
    db.execute("SET lock_configuration=true")
    return db


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{_quoted(w)}'" for w in words)


def _quoted(word: str) -> str:
    return word.replace("'", "''")
