"""What comes in by HTTP as a source: it lies in the spool, and is read from there."""

import json

from liandong.delivery.files import FileSource
from liandong.store.spool import Spool


class InboxSource(FileSource):
    """Reads the lines of a spool, and deletes files that are in the books.

    Parameters
    ----------
    spool
        Where the service writes what it takes.
    """

    def __init__(self, spool: Spool) -> None:
        super().__init__(spool.folder, follow=True)
        self._spool = spool

    def done(self, place: str | None) -> None:
        """Delete the files before the one that is read."""
        if place is not None:
            self._spool.forget(json.loads(place)["file"])
