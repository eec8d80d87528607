"""What came in over the network, as files of lines: on the disk before anybody is thanked."""

import os
from contextlib import ExitStack
from pathlib import Path

from liandong.store.flushing import flush
from liandong.store.locks import file_lock

FILE_BYTES = 1 << 26
"""Bytes after which another file is begun."""


class Spool:
    """Files that only grow, one after the other.

    A line that a crash has cut in two stands at the end of its file, since each start begins
    another one: whoever reads it finds that it is no event. It was never acknowledged. Who reads
    leaves a file for good when there is a later one, so only one process at a time may write.

    Parameters
    ----------
    folder
        Where they lie; made if missing.

    Raises
    ------
    BoardLockedError
        If another process writes there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            held.enter_context(file_lock(folder / "writer.lock", str(folder)))
            self._held = held.pop_all()
        self.folder = folder
        self.written = 0
        self._file, self._size = -1, 0
        self._begin()

    def append(self, lines: bytes) -> None:
        """Write whole lines to the disk."""
        if self._size >= FILE_BYTES:
            os.close(self._file)
            self._begin()
        view = memoryview(lines)
        while view:
            view = view[os.write(self._file, view) :]
        os.fdatasync(self._file)
        self._size += len(lines)
        self.written += len(lines)

    def close(self) -> None:
        """Close the file that grows."""
        os.close(self._file)
        self._held.close()

    def _begin(self) -> None:
        last = max((int(p.stem) for p in self.folder.glob("*.ndjson")), default=0)
        path = self.folder / f"{last + 1:08}.ndjson"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        self._size = 0
        flush(self.folder)


def forget(folder: Path, until: str) -> None:
    """Delete the files of a spool before the one of this name."""
    for path in folder.glob("*.ndjson"):
        if path.name < until:
            path.unlink()
