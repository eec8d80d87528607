"""One writer at a time: a file lock beside SQLite, an advisory lock in PostgreSQL."""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import sqlalchemy as sa

from liandong.errors import BoardLockedError

PATIENCE_SECONDS = 0.5
"""How long a writer waits for another one before it says who that is."""
_ADVISORY = 0x4C44_424F  # "LDBO"


def _me() -> str:
    return f"pid {os.getpid()} on {socket.gethostname()}"


def _soon(take: Callable[[], bool]) -> bool:
    """Try for a moment: another writer may be just about to finish."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not take():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _flock(handle: TextIO) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def file_lock(path: Path, board: str) -> Iterator[None]:
    """Hold the lock file at ``path``; it goes with the process, however that ends.

    Raises
    ------
    BoardLockedError
        If another process holds it; the message names that process.
    """
    with path.open("a+") as handle:
        if not _soon(lambda: _flock(handle)):
            handle.seek(0)
            raise BoardLockedError(board=board, holder=handle.read() or "?")
        handle.seek(0)
        handle.truncate()
        handle.write(_me())
        handle.flush()
        yield


def file_holder(path: Path) -> str | None:
    """Return who holds the lock file at ``path``; None: nobody."""
    try:
        with path.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return path.read_text("utf-8") or "?"
    except OSError:  # nobody has ever written, or it is not for this user
        return None
    return None


@contextmanager
def advisory_lock(engine: sa.Engine, board: str, key: int = _ADVISORY) -> Iterator[None]:
    """Hold an advisory lock of PostgreSQL, by default the board's, on a connection of its own.

    Raises
    ------
    BoardLockedError
        If another session holds it; the message names that session.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(sa.text("SELECT set_config('application_name', :me, false)"), {"me": _me()})
        take = sa.text("SELECT pg_try_advisory_lock(:k)")
        if not _soon(lambda: bool(c.execute(take, {"k": key}).scalar())):
            raise BoardLockedError(board=board, holder=_holder(c, key) or "?")
        try:
            yield
        finally:
            c.execute(sa.text("SELECT pg_advisory_unlock(:k)"), {"k": key})


def advisory_holder(engine: sa.Engine) -> str | None:
    """Return who holds the advisory lock of a board; None: nobody."""
    with engine.begin() as c:
        return _holder(c, _ADVISORY)


def _holder(c: sa.Connection, key: int) -> str | None:
    query = sa.text(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objid = :k"
        " AND a.datname = current_database()"
    )
    found: str | None = c.execute(query, {"k": key}).scalar()
    return found
