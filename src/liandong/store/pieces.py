"""The log of a watch: the events it took, in files that only grow, and go when nobody needs them.

Each append is an Arrow stream of its own behind its length. The books say how far the last file is
good; what is beyond was never committed, and is cut off when the log is opened.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import empty
from liandong.store.flushing import flush

_HEAD = 8
_SAID = b"said"
_REACH = "reach"
"""File that says how far back the log reaches."""
_SMALL, _LARGE = pa.ipc.IpcWriteOptions(compression="lz4"), pa.ipc.IpcWriteOptions()
_MANY = 1_024
"""Events that are no longer compressed: with so many at once the processor is short, not room."""


class Piece(NamedTuple):
    """A file of the log: its number, rows, newest event, and what was said when it began."""

    number: int
    rows: int
    newest: int
    said: str


class Pieces:
    """The files of one watch.

    Parameters
    ----------
    folder
        Where they lie; made with the first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pieces: list[Piece] = []
        self._file: tuple[int, pa.OSFile] | None = None

    @property
    def reach(self) -> int | None:
        """The newest event of all files deleted, in microseconds: what is newer is all there."""
        path = self.folder / _REACH
        return int(path.read_text("ascii")) if path.exists() else None

    def events(self) -> Iterator[pa.Table]:
        """Return the events of all files, oldest first, as far as they were written."""
        for piece in self._pieces:
            yield _events(self._path(piece.number))[0]

    @property
    def last(self) -> Piece | None:
        """The file that grows."""
        return self._pieces[-1] if self._pieces else None

    def read(self, number: int, size: int) -> tuple[Iterator[pa.Table], pa.Table]:
        """Return the events of all files but the last, oldest first, and those of the last.

        That one is good up to ``size``. Files are known once they have been gone through.
        """
        paths = []
        for path in sorted(self.folder.glob("*.log")):
            if int(path.stem) > number:
                path.unlink()  # begun, and never committed
                continue
            if int(path.stem) == number:
                os.truncate(path, size)
            paths.append(path)
        if not paths:
            return iter(()), empty("watch_event")
        last, events = _read(paths[-1])
        self._pieces = [last]
        return self._before(paths[:-1]), events

    def _before(self, paths: list[Path]) -> Iterator[pa.Table]:
        for path in paths:
            piece, events = _read(path)
            self._pieces.insert(-1, piece)
            yield events

    def append(self, events: pa.Table, said: str | None) -> tuple[int, int]:
        """Write events to the disk, and return the number of the file and its size.

        Parameters
        ----------
        said
            Begin another file with it; None: go on with the last one.
        """
        if said is not None:
            self._begin(said)
            events = events.replace_schema_metadata({_SAID: said.encode()})
        (file, sink), piece = self._open(), self._pieces[-1]
        options = _SMALL if len(events) < _MANY else _LARGE
        begin = sink.tell()
        sink.write(bytes(_HEAD))
        with pa.ipc.new_stream(sink, events.schema, options=options) as stream:
            stream.write_table(events)
        end = sink.tell()
        os.pwrite(file, (end - begin - _HEAD).to_bytes(_HEAD, "little"), begin)
        os.fdatasync(file)
        newest = max(piece.newest, _newest(events))
        self._pieces[-1] = piece._replace(rows=piece.rows + len(events), newest=newest)
        return piece.number, end

    def forget(self, until: int) -> None:
        """Delete files in which nothing is newer than ``until``, but for the last."""
        gone = [p for p in self._pieces[:-1] if p.newest < until]
        if gone:
            self._reaches(max(p.newest for p in gone))
        for piece in gone:
            self._path(piece.number).unlink(missing_ok=True)
            self._pieces.remove(piece)

    def _reaches(self, newest: int) -> None:
        """Write down what is missing from now on, before it is."""
        path = self.folder / _REACH
        known = max(newest, self.reach or _NEVER)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.write(str(known))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        flush(self.folder)

    def close(self) -> None:
        """Close the file that grows."""
        if self._file is not None:
            file, sink = self._file
            self._file = None
            os.close(file)
            sink.close()

    def _begin(self, said: str) -> None:
        self.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        number = self._pieces[-1].number + 1 if self._pieces else 1
        self._pieces.append(Piece(number, 0, _NEVER, said))
        self._path(number).touch()
        flush(self.folder)

    def _open(self) -> tuple[int, pa.OSFile]:
        """Open the file that grows: for all that is not appended, and for Arrow to append to."""
        if self._file is None:
            path = self._path(self._pieces[-1].number)
            self._file = os.open(path, os.O_WRONLY), pa.OSFile(str(path), "ab")
        return self._file

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08}.log"


_NEVER = -(1 << 62)


def _read(path: Path) -> tuple[Piece, pa.Table]:
    events, said = _events(path)
    return Piece(int(path.stem), len(events), _newest(events), said), events


def _events(path: Path) -> tuple[pa.Table, str]:
    """Return the events of a file, and what was said when it began."""
    whole, parts, at, said = path.read_bytes(), [], 0, ""
    while at < len(whole):
        size = int.from_bytes(whole[at : at + _HEAD], "little")
        part = pa.ipc.open_stream(whole[at + _HEAD : at + _HEAD + size]).read_all()
        said = said or (part.schema.metadata or {}).get(_SAID, b"").decode()
        parts.append(part.replace_schema_metadata())
        at += _HEAD + size
    return pa.concat_tables(parts), said


def _newest(events: pa.Table) -> int:
    found = pc.max(events["at"].cast(pa.int64())).as_py()
    return _NEVER if found is None else int(found)
