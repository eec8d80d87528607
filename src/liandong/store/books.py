"""The books: transactional tables in SQLite or PostgreSQL, through the same SQLAlchemy Core."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from liandong.caller import Scope
from liandong.errors import BoardError, ConflictError, MissingExtraError, RefusedError
from liandong.schema.arrow import arrow_schema, build, empty
from liandong.schema.sql import METADATA
from liandong.schema.tables import table
from liandong.store.answers import mark
from liandong.store.uses import keep_refusal
from liandong.texts import both

FRESH = 1.0
"""Seconds for which a connection that was given back is taken to be alive."""
KEYS_A_QUERY = 400
"""Well below the parameter limits of both databases."""
GROWING = {
    "account": "", "entry": "book_time", "consent": "", "power_act": "act", "case_act": "act",
    "snapshot": "",
}  # fmt: skip
"""Tables whose rows are added and never changed, so that their number tells whether any is new.

With the column, if there is one, of which each new row has more than all before it.
"""


def url_of(location: str) -> sa.URL:
    """Return the address of the books of a board: of its file, or of its database.

    ``?password_file=PATH`` in the address of a database names a file with its password alone: a
    secret that a container is given is seldom a file of its own user, as ``.pgpass`` must be.

    Raises
    ------
    MissingExtraError
        If the driver for it is not installed.
    BoardError
        If the file of the password cannot be read, or is empty.
    """
    if not location.startswith("postgresql"):
        return sa.URL.create("sqlite", database=str(Path(location) / "books.sqlite"))
    try:
        import psycopg  # noqa: F401 - only to say at once what is missing
    except ImportError as error:
        raise MissingExtraError(package="psycopg", extra="postgres") from error
    url = sa.make_url(location).set(drivername="postgresql+psycopg")
    named = url.query.get("password_file")
    if named is None:
        return url
    return url.difference_update_query(["password_file"]).set(password=_password(named, location))


def _password(named: str | tuple[str, ...], location: str) -> str:
    """Return what is in the one file that is named."""
    why, found = "", ""
    try:
        found = Path("".join(named)).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = f": {error}"
    if found:
        return found
    raise BoardError(
        board=shown(location),
        what=both("fault.password_file", why=why),
        remedy=both("advice.password_file"),
    )


def connect(url: sa.URL) -> sa.Engine:
    """Return an engine with the pragmas and transactions the books rely on."""
    if url.get_backend_name() != "sqlite":
        return _asking(sa.create_engine(url, hide_parameters=True))
    engine = sa.create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes its lock at once: upgrading a read transaction later could deadlock.
        mode = "IMMEDIATE" if connection.get_execution_options().get("writing") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def visit(location: str) -> Iterator[sa.Engine]:
    """Give an engine for the books of a board, and its connections back afterwards."""
    engine = connect(url_of(location))
    try:
        yield engine
    finally:
        engine.dispose()


def shown(location: str) -> str:
    """Return where a board is as messages and logs show it: never with the password."""
    if not location.startswith("postgresql"):
        return location
    return sa.make_url(location).render_as_string()


@contextmanager
def reaching(location: str) -> Iterator[None]:
    """Have a BoardError say that the books of a board cannot be reached."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise BoardError(
            board=shown(location),
            what=both("fault.not_reached", why=str(error.orig).strip()),
            remedy=both("advice.check_address"),
        ) from error


def _asking(engine: sa.Engine) -> sa.Engine:
    """Have connections asked whether they are alive, unless they were in use a moment ago."""

    @sa.event.listens_for(engine, "checkin")
    def _left(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["left"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: sa.pool.ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401 - a DBAPI connection
        if time.monotonic() - record.info.get("left", 0) > FRESH:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise sa.exc.DisconnectionError from error  # another one is taken instead

    return engine


class Books:
    """Transactional rows.

    Parameters
    ----------
    engine
        Made by :func:`connect`; the tables exist already.
    scope
        Actions that what is written here may be of; None for all, see :func:`.caller.covers`.
    login
        Whether whoever works with them has logged in to the service: he has no command line.
    """

    def __init__(self, engine: sa.Engine, scope: Scope = None, *, login: bool = False) -> None:
        self.engine = engine
        self.scope, self.login = scope, login
        self._known: dict[str, pa.Table] = {}

    def within(self, scope: Scope, *, login: bool) -> Self:
        """Return the same books for whoever may do only what a scope has; None: anything.

        What is known of tables that grow is shared: a caller that comes anew finds it.
        """
        found = copy(self)
        found.scope, found.login = scope, login
        return found

    def connections(self) -> dict[str, int]:
        """Return how many connections of the pool are in use, and how many are kept ready."""
        pool = self.engine.pool
        if not isinstance(pool, sa.QueuePool):
            return {}
        return {"used": pool.checkedout(), "ready": pool.checkedin()}

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One transaction that only reads, in which it is known whether who reads has logged in."""
        with self.engine.begin() as c:
            yield c.execution_options(login=self.login)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction that may write; it is committed whole or not at all.

        If the list of powers refuses it, the refusal is written in another one.
        """
        try:
            with self._begun() as c:
                yield c
                mark(c)
        except RefusedError as error:
            if error.lacking is not None:
                with self._begun() as c:
                    keep_refusal(c, error, datetime.now(UTC))
            raise

    @contextmanager
    def _begun(self) -> Iterator[sa.Connection]:
        # What was admitted is noted by whoever decides on it, see acts.within.
        options: dict[str, Any] = {"writing": True, "scope": self.scope, "admitted": []}
        with ExitStack() as after:  # what is entered here ends when all is committed
            c = after.enter_context(self.engine.connect())
            c = c.execution_options(**options, login=self.login, after=after)
            with c.begin():
                yield c

    def rows(self, name: str, /, **equal: object) -> list[dict[str, Any]]:
        """Return rows of a book table in key order, filtered by equality."""
        t = METADATA.tables[name]
        query = sa.select(t).order_by(*t.primary_key.columns)
        for column, value in equal.items():
            query = query.where(t.c[column] == value)
        with self.engine.begin() as c:
            return [dict(r) for r in c.execute(query).mappings()]

    def read(self, name: str) -> pa.Table:
        """Return a book table as Arrow, in key order.

        Of tables that grow all their life, what was read before is not read again.
        """
        if name == "act":
            return self._acts()
        known = self._known.get(name)
        if known is not None and len(known) == self._count(name):
            return known
        if name not in GROWING:
            return self._read(name)
        self._known[name] = found = self._newer(name, empty(name) if known is None else known)
        return found

    def _acts(self) -> pa.Table:
        """Return all acts: those that were known, unless one of them was erased, and new ones."""
        known = self._known.get("act", empty("act"))
        new = self._read("act", METADATA.tables["act"].c.seq > len(known))
        if pc.any(pc.equal(new["action"], "act.erase")).as_py():
            known, new = empty("act"), self._read("act")
        self._known["act"] = found = pa.concat_tables([known, new])
        return found

    def _newer(self, name: str, known: pa.Table) -> pa.Table:
        """Return all rows of a table that grows, of which only those not known yet are read."""
        grows = GROWING[name]
        last = pc.max(known[grows]).as_py() if grows and len(known) else None
        if last is None:
            return self._read(name)
        new = self._read(name, METADATA.tables[name].c[grows] > last)
        key = [(c.name, "ascending") for c in METADATA.tables[name].primary_key]
        return pa.concat_tables([known, new]).sort_by(key)

    def _read(self, name: str, *only: sa.ColumnElement[bool]) -> pa.Table:
        t, fields = METADATA.tables[name], [*arrow_schema(name)]
        # SQLite keeps times as text: they are read all at once.
        is_text = self.engine.dialect.name == "sqlite"
        texts = {f.name for f in fields if is_text and pa.types.is_temporal(f.type)}
        columns = [sa.column(f.name) if f.name in texts else t.c[f.name] for f in fields]
        query = sa.select(*columns).select_from(t).where(*only).order_by(*t.primary_key.columns)
        with self.engine.begin() as c:
            rows = c.execute(query).all()
        found = {f.name: [*map(itemgetter(i), rows)] for i, f in enumerate(fields)}
        return build(name, found | {n: pa.array(found[n], pa.string()) for n in texts})

    def _count(self, name: str) -> int:
        count = sa.select(sa.func.count()).select_from(METADATA.tables[name])
        with self.engine.begin() as c:
            return int(c.execute(count).scalar_one())

    def append(
        self, c: sa.Connection, name: str, rows: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Add rows; one that is there already with the same content is left alone.

        Returns
        -------
        list
            The rows that are new.

        Raises
        ------
        ConflictError
            If a key exists with other content.
        """
        key = table(name).key
        there = self._existing(c, name, key, rows)
        new = [r for r in rows if _is_new(name, key, r, there)]
        if new:
            c.execute(sa.insert(METADATA.tables[name]), new)
        return new

    def _existing(
        self, c: sa.Connection, name: str, key: tuple[str, ...], rows: list[dict[str, Any]]
    ) -> dict[tuple[Any, ...], dict[str, Any]]:
        t = METADATA.tables[name]
        found = {}
        for i in range(0, len(rows), KEYS_A_QUERY):
            wanted = [tuple(r[k] for k in key) for r in rows[i : i + KEYS_A_QUERY]]
            query = sa.select(t).where(sa.tuple_(*(t.c[k] for k in key)).in_(wanted))
            for row in c.execute(query).mappings():
                found[tuple(row[k] for k in key)] = dict(row)
        return found


def rows_id(name: str, rows: list[dict[str, Any]]) -> str | None:
    """Return a hash of book rows, whatever their order; None if there are none."""
    if not rows:
        return None
    spec = table(name)
    ordered = sorted(rows, key=lambda r: tuple(str(r[k]) for k in spec.key))
    columns: dict[str, Any] = {n: [r[n] for r in ordered] for n in spec.names}
    late = [f.name for f in spec.fields if f.later and not any(columns[f.name])]
    return content_id(build(name, columns).drop_columns(late))


def content_id(data: pa.Table) -> str:
    """Return a hash of the content of a table, the same for the same rows in the same order."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, data.schema) as stream:
        stream.write_table(data.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()[:20]


def _is_new(
    name: str, key: tuple[str, ...], row: dict[str, Any], there: dict[tuple[Any, ...], Any]
) -> bool:
    old = there.get(tuple(row[k] for k in key))
    if old is None:
        return True
    for field, value in row.items():
        # Who wrote it first stays; doing the same work again is no conflict.
        if field != "run_id" and old[field] != value:
            raise ConflictError(table=name, key="/".join(str(row[k]) for k in key), field=field)
    return False
