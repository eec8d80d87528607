"""Files that people hand in to have them loaded: kept for a day, each seen by its owner alone.

They lie beside the lake and not in it: queries can read what lies there. The same person's file of
the same name has the same place, so that loading it again replaces what it brought before.
"""

import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from liandong.errors import NotFoundError, StorageError, UsageError
from liandong.store.store import Store
from liandong.texts import both
from liandong.types import stable_id

KEPT = 24 * 3600
"""Seconds that a file is kept."""
LONGEST = 80
"""Characters of a name at most."""
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".parquet", ".pq")


class Uploads:
    """The files that somebody handed in to a board.

    Parameters
    ----------
    store, actor
        Of which board, and of whom.
    """

    def __init__(self, store: Store, actor: str) -> None:
        root = store.lake.root
        self._board, self._root = store.location, root.with_name(f"{root.name}.uploads")
        self._own = self._root / stable_id("uploads", actor)

    @contextmanager
    def writing(self, name: str) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield the id of a new file, and where to write it; it is there when all is written.

        Raises
        ------
        UsageError
            If nothing can be loaded from a file of such a name.
        StorageError
            If the disk refuses.
        """
        plain = plain_name(name)
        if not plain.lower().endswith(SUFFIXES):
            what = both("fault.upload_kind", name=name[:LONGEST])
            raise UsageError(what=what, remedy=both("advice.upload_kind"))
        upload_id = stable_id("upload", plain)
        place = self._own / upload_id
        try:
            self._sweep()
            place.mkdir(parents=True, exist_ok=True)
            begun = place.with_suffix(f".{time.monotonic_ns()}.begun")
            try:
                with begun.open("wb") as file:
                    yield upload_id, file
                begun.replace(place / plain)
            finally:
                begun.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(board=self._board, what=str(error)) from error

    def path(self, upload_id: str) -> Path:
        """Return where a file lies; NotFoundError if there is none, or no longer."""
        known = re.fullmatch(r"[0-9a-f]+", upload_id)
        found = sorted((self._own / upload_id).glob("*")) if known else []
        if not found:
            remedy = both("advice.upload_again")
            raise NotFoundError(kind=both("kind.upload"), name=upload_id, remedy=remedy)
        return found[0]

    def _sweep(self) -> None:
        """Remove what is too old."""
        for place in self._root.glob("*/*"):
            with suppress(FileNotFoundError):  # another one sweeps, too
                if place.stat().st_mtime < time.time() - KEPT:
                    if place.is_dir():
                        shutil.rmtree(place, ignore_errors=True)
                    else:
                        place.unlink()


def plain_name(name: str) -> str:
    r"""Return the last part of a name, without what file systems or people could take amiss.

    Examples
    --------
    >>> plain_name("../../etc/发票 2024.csv"), plain_name("C:\\x\\a:b.csv"), plain_name("..")
    ('发票_2024.csv', 'a_b.csv', 'file')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = re.sub(r"[^\w.\-]+", "_", last).strip("._-")
    return plain[-LONGEST:].lstrip("._-") or "file"
