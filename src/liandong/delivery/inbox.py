"""What comes in by HTTP as a source: it lies in the spool, and is read from there."""

import json
from pathlib import Path

from liandong.delivery.files import FileSource
from liandong.store.spool import forget


class InboxSource(FileSource):
    """Reads the lines of a spool, and deletes files that are in the books.

    Parameters
    ----------
    folder
        Where the service writes what it takes.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, follow=True)
        self._folder = folder

    def done(self, place: str | None) -> None:
        """Delete the files before the one that is read."""
        if place is not None:
            forget(self._folder, json.loads(place)["file"])
