"""What every request asks of the books: they are asked again only when anything was written."""

import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, TypeVar, cast

import sqlalchemy as sa

Made = TypeVar("Made")
MOST = 10_000
"""Answers that are kept."""
MOMENT = 0.2
"""Seconds for which a moment lasts, at most: what streams do in one goes on."""
_Moment = tuple[object, float, dict[Hashable, Any]]
_moment: ContextVar[_Moment | None] = ContextVar("moment", default=None)


class Looks:
    """Answers of the books, kept until somebody commits.

    SQLite tells a connection for next to nothing whether others have committed since it asked
    last, in whatever process. So an answer is never older than the beginning of the request that
    it is given to. PostgreSQL tells nothing of the kind: it is asked each time.

    Parameters
    ----------
    engine
        Of the books.

    Attributes
    ----------
    quick
        Whether what is known already is told without waiting for anybody.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.quick = engine.dialect.name == "sqlite"
        self._place = engine.url.database or ""
        self._lock = Lock()
        self._own: sqlite3.Connection | None = None
        self._version: object = None
        self._known: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what ``make`` reads from the books, as it is now; ``key`` says what that is."""
        if not self.quick:
            return make()
        # What is read while others commit goes where nobody looks any more, or is newer still.
        known = self._present()
        if key not in known:
            known[key] = make()
        return cast("Made", known[key])

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Tell what holds now for all that is done within, which must write nothing."""
        if not self.quick:
            yield
            return
        before = _moment.set((self, time.monotonic() + MOMENT, self._present()))
        try:
            yield
        finally:
            _moment.reset(before)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._own is not None:
                self._own.close()
                self._own = None

    def _present(self) -> dict[Hashable, Any]:
        held = _moment.get()
        if held is not None and held[0] is self and time.monotonic() < held[1]:
            return held[2]
        with self._lock:
            if self._own is None:
                self._own, self._version = _connected(self._place), None
            version = self._own.execute("PRAGMA data_version").fetchone()
            if version != self._version or len(self._known) >= MOST:
                self._version, self._known = version, {}
            return self._known


def _connected(place: str) -> sqlite3.Connection:
    """Return a connection that only looks: what it writes itself it would not be told of."""
    found = sqlite3.connect(place, timeout=30, isolation_level=None, check_same_thread=False)
    found.execute("PRAGMA query_only=ON")
    return found
