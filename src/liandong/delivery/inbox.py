"""What comes in by HTTP as a source: it lies in the spool, and is read from there."""

import json
import time
from pathlib import Path

from liandong.delivery.files import FileSource
from liandong.delivery.source import Batch
from liandong.store.spool import forget

GATHER = 0.035
"""Seconds in which what comes in gathers: taking a few at a time costs more than judging them."""


class InboxSource(FileSource):
    """Reads the lines of a spool, and deletes files that are in the books.

    Parameters
    ----------
    folder
        Where the service writes what it takes.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, follow=True)
        self._folder, self._next = folder, 0.0

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place, after a pause in which more of it could gather."""
        time.sleep(max(0.0, self._next - time.monotonic()))
        found = super().read(place, wait)
        self._next = time.monotonic() + GATHER
        return found

    def done(self, place: str | None) -> None:
        """Delete the files before the one that is read."""
        if place is not None:
            forget(self._folder, json.loads(place)["file"])
