"""A log in a folder: what is appended is on the disk at once, and sealed by a signed checkpoint.

Sealed entries lie as :mod:`liandong.govern.log.tiles` says: files that are written once, so that
the folder can be served, copied and checked as it is. What is not sealed yet lies in one file that
grows; a crash may cut off its last entry, which nobody was told of. The checkpoint is renamed into
its place last: a crash leaves the log as it was before or as it is after.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from liandong.errors import BoardError, NotFoundError, RefusedError
from liandong.govern.log.checkpoints import Checkpoint, Proof
from liandong.govern.log.notes import Note, Signer
from liandong.govern.log.tiles import (
    WIDE,
    Tile,
    cut,
    grown,
    packed,
    reading,
    tile_of,
    tiles,
    unpacked,
)  # fmt: skip
from liandong.govern.log.tree import EMPTY, At, consistency, head, inclusion, leaf
from liandong.store.flushing import flush
from liandong.store.locks import file_lock
from liandong.texts import both

CHECKPOINT = "checkpoint"


class TileLog:
    """A log as files; one process at a time may write.

    Parameters
    ----------
    folder
        Where it lies; made when first written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self) -> Note | None:
        """Return the checkpoint as it was signed; None of a log that was never sealed."""
        try:
            return Note.read((self.folder / CHECKPOINT).read_text("utf-8"))
        except FileNotFoundError:
            return None

    def begun(self) -> bool:
        """Tell whether anything was ever sealed, even if its checkpoint is gone."""
        return any((self.folder / name).exists() for name in (CHECKPOINT, "tile"))

    def checkpoint(self) -> Checkpoint:
        """Return what was signed last; of a log that was never sealed, that it is empty."""
        note = self.note()
        return Checkpoint("", 0, EMPTY) if note is None else Checkpoint.read(note.text)

    def at(self, size: int) -> At:
        """Return what says the hashes of the tree over the first ``size`` entries."""
        return reading(size, self.hashes)

    def hashes(self, tile: Tile) -> list[bytes]:
        """Return the hashes of a tile."""
        return cut(self._bytes(tile.path, Tile(tile.level, tile.number, WIDE).path))[: tile.width]

    def entries(self, tile: Tile) -> list[bytes]:
        """Return the entries of a bundle."""
        full = Tile(0, tile.number, WIDE).bundle
        return unpacked(self._bytes(tile.bundle, full))[: tile.width]

    def entry(self, index: int) -> bytes:
        """Return a sealed entry.

        Raises
        ------
        NotFoundError
            If there is none of this number.
        """
        size = self.checkpoint().size
        if not 0 <= index < size:
            raise self._absent(index, size)
        return self.entries(tile_of(0, index // WIDE, size))[index % WIDE]

    def proof(self, index: int) -> Proof:
        """Return the proof that an entry is in the log.

        Raises
        ------
        NotFoundError
            If no sealed entry has this number.
        """
        note = self.note()
        size = Checkpoint.read(note.text).size if note else 0
        if note is None or not 0 <= index < size:
            raise self._absent(index, size)
        return Proof(index, tuple(inclusion(index, size, self.at(size))), note)

    def consistency(self, old: int) -> list[bytes]:
        """Return the proof that the log of now goes on from the log as it was ``old`` long."""
        size = self.checkpoint().size
        return consistency(old, size, self.at(size))

    def cosign(self, lines: Sequence[str], of: str | None = None) -> Note:
        """Put the signatures of witnesses to the checkpoint.

        Parameters
        ----------
        of
            The text that they signed; they are left out if it is not that of the checkpoint now.

        Raises
        ------
        BoardLockedError
            If another process writes there.
        """
        with file_lock(self.folder / "writer.lock", str(self.folder)):
            note = self.note()
            if note is None:
                raise self._absent(0, 0)
            if of in {None, note.text}:
                note = note.with_lines(lines)
                write(self.folder / CHECKPOINT, str(note).encode())
            return note

    def _absent(self, index: int, size: int) -> NotFoundError:
        remedy = both("advice.seal", size=size)
        return NotFoundError(kind=both("kind.log_entry"), name=index + 1, remedy=remedy)

    def _bytes(self, path: str, full: str) -> bytes:
        """Return the bytes of a file, or of the whole tile that has taken the place of a part."""
        for name in dict.fromkeys((path, full)):
            try:
                return (self.folder / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
        what = both("fault.log_file", path=path)
        raise BoardError(board=self.folder, what=what, remedy=both("advice.log_file"))


class LogWriter(TileLog):
    """Appends to a log and seals it; holds its lock until it is closed.

    Attributes
    ----------
    waiting
        Entries that are not sealed yet.

    Raises
    ------
    BoardLockedError
        If another process writes there.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            held.enter_context(file_lock(folder / "writer.lock", str(folder)))
            self._held = held.pop_all()
        self._sealed = self.checkpoint().size
        self.waiting = list(self._open())
        self._touched = set[Path]()

    def __len__(self) -> int:
        return self._sealed + len(self.waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        where: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def append(self, entries: Sequence[bytes]) -> int:
        """Write entries to the disk; return the number of the first one.

        Raises
        ------
        UsageError
            If one is too long: nothing is written.
        """
        first, view = len(self), memoryview(packed(entries))
        while view:
            view = view[os.write(self._file, view) :]
        os.fdatasync(self._file)
        self.waiting += entries
        return first

    def seal(self, signer: Signer) -> Note:
        """Put what was appended into tiles and sign how long the log is.

        Raises
        ------
        RefusedError
            If the files do not make the tree of the last checkpoint any more, or that is of
            another log: nothing is signed that does not go on from it.
        """
        last = self.checkpoint()
        self._must_go_on(last, signer)
        if self.waiting:
            self._write(last.size)
        size = len(self)
        text = str(Checkpoint(signer.name, size, head(size, self.at(size))))
        note = Note(text, (signer.sign(text),))
        write(self.folder / CHECKPOINT, str(note).encode())
        self._begin_anew(size)
        return note

    def close(self) -> None:
        """Give the log back."""
        os.close(self._file)
        self._held.close()

    def _must_go_on(self, last: Checkpoint, signer: Signer) -> None:
        code = None
        if last.size and last.origin != signer.name:
            code = "refusal.other_log"
        elif head(last.size, self.at(last.size)) != last.top:
            code = "refusal.log_changed"
        if code:
            reason = both(code, origin=last.origin, size=last.size)
            raise RefusedError(actor=signer.name, action="log.seal", reason=reason)

    def _write(self, old: int) -> None:
        """Write the bundles and tiles that what waits makes."""
        size = len(self)
        edge = Tile(0, old // WIDE, old % WIDE)
        row = [*(self.entries(edge) if edge.width else []), *self.waiting]
        for tile in tiles(size, old):
            if tile.level == 0:
                low = (tile.number - edge.number) * WIDE
                self._put(tile.bundle, packed(row[low : low + tile.width]))
        for tile, hashes in grown([leaf(e) for e in self.waiting], old, self.hashes).items():
            self._put(tile.path, b"".join(hashes))
        for folder in sorted(self._touched):
            flush(folder)
        self._touched.clear()

    def _put(self, path: str, data: bytes) -> None:
        there = self.folder / path
        self._touched |= {p for p in there.parents if p.is_relative_to(self.folder)}
        _whole(there, data)
        if not Path(path).parent.name.endswith(".p"):  # it takes the place of its parts
            shutil.rmtree(self.folder / f"{path}.p", ignore_errors=True)

    def _open(self) -> Iterator[bytes]:
        """Open the file that grows, and yield what waits in it."""
        for path in self.folder.glob("waiting-*"):
            if path.name != f"waiting-{self._sealed}":
                path.unlink()  # of a log that was sealed since
        path = self.folder / f"waiting-{self._sealed}"
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)
        data, place = path.read_bytes(), 0
        while place + 2 <= len(data):
            end = place + 2 + int.from_bytes(data[place : place + 2])
            if end > len(data):
                break
            yield data[place + 2 : end]
            place = end
        os.truncate(self._file, place)
        os.lseek(self._file, place, os.SEEK_SET)
        flush(self.folder)

    def _begin_anew(self, size: int) -> None:
        os.close(self._file)
        if size != self._sealed:
            (self.folder / f"waiting-{self._sealed}").unlink()
        self._sealed = size
        self.waiting = list(self._open())


def write(path: Path, data: bytes) -> None:
    """Write a file that is there whole, or not at all; then it is on the disk."""
    _whole(path, data)
    flush(path.parent)


def _whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
