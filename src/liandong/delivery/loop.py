"""A loop of asyncio on a thread of its own, for clients that want one, called from outside."""

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

LONGEST = 30
"""Seconds that a call to a server may take."""


class Loop:
    """Runs coroutines one by one; what goes wrong with them is an OSError."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="loop", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[object, object, T]) -> T:
        """Return what a coroutine returns."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST)
        except OSError:
            raise
        except Exception as error:  # each client has a tree of errors of its own
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """End the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def once(work: Coroutine[object, object, T]) -> T:
    """Return what a coroutine returns, run on a loop of its own."""
    loop = Loop()
    try:
        return loop.call(work)
    finally:
        loop.close()
