"""Files as sources: one that grows, or a folder that fills."""

import json
import time
from pathlib import Path

from liandong.delivery.formats import KINDS, Reader, reader
from liandong.delivery.source import MOST, Batch, nothing
from liandong.errors import DataError
from liandong.texts import both

PAUSE = 0.01


class FileSource:
    """Reads events from a file, or from the files of a folder in the order of their names.

    Parameters
    ----------
    path
        A file or a folder of ``.ndjson``, ``.jsonl``, ``.csv`` (with heads, a row a line) and
        ``.parquet`` files with the fields of ``watch_event``.
    follow
        Wait for what is still to be written; otherwise all ends with the last file. Parquet files
        are whole when they are there.
    most
        Events of a batch, about.
    """

    def __init__(self, path: Path, *, follow: bool = False, most: int = MOST) -> None:
        self._path, self._follow, self._most = path, follow, most
        if not path.exists():
            what, remedy = both("fault.missing_file"), both("advice.missing_file")
            raise DataError(file=path, what=what, remedy=remedy)
        self._reader: Reader | None = None

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place."""
        until = time.monotonic() + wait
        while True:
            found = self._read(place)
            if found.rows or found.ended or found.place != place or time.monotonic() >= until:
                return found
            time.sleep(PAUSE)

    def done(self, place: str | None) -> None:
        """Do nothing: files stay as they are."""

    def close(self) -> None:
        """Let go of the file."""
        self._reader = None

    def _read(self, place: str | None) -> Batch:
        files = self._files()
        name, at = _place(place)
        here = [i for i, f in enumerate(files) if f.name >= name]
        if not here:
            return nothing(place, ended=not self._follow)
        file = files[here[0]]
        at = at if file.name == name else 0
        last = file is files[-1]
        part = self._of(file).read(at, self._most, whole=not (last and self._follow))
        later = sum(f.stat().st_size for f in files[here[0] + 1 :])
        if part.after > at:
            there = json.dumps({"file": file.name, "at": part.after})
            return Batch(part.events, part.refused, there, part.behind + later)
        if not last:
            return nothing(json.dumps({"file": files[here[0] + 1].name, "at": 0}))
        return nothing(place, ended=not self._follow)

    def _files(self) -> list[Path]:
        if self._path.is_file():
            return [self._path]
        return sorted(f for f in self._path.iterdir() if f.suffix in KINDS)

    def _of(self, file: Path) -> Reader:
        if self._reader is None or self._reader.path != file:
            self._reader = reader(file, self._path.stem)
        return self._reader


def _place(place: str | None) -> tuple[str, int]:
    if place is None:
        return "", 0
    found = json.loads(place)
    return str(found["file"]), int(found["at"])
