"""A witness: it signs the checkpoint of somebody else's log if that goes on from the last one.

C2SP tlog-witness 1.0. Whoever shows two people two histories of one log would need a witness that
signs both.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from liandong.errors import LiandongError
from liandong.govern.log.checkpoints import SIBLINGS, Checkpoint, hashes, unfit, whole
from liandong.govern.log.notes import Key, Note, Signer
from liandong.govern.log.tree import EMPTY, is_consistent
from liandong.store.locks import file_lock
from liandong.store.tilelog import write


class Answer(NamedTuple):
    """What the protocol answers: status of HTTP, and its body."""

    status: int
    body: str


class Witness:
    """Remembers the last checkpoint of each log it knows.

    Parameters
    ----------
    folder
        Where it remembers; made if missing.
    signer
        Its own key, of the kind WITNESS.
    logs
        Keys of the logs it signs for.

    Attributes
    ----------
    name
        That of its key.
    """

    def __init__(self, folder: Path, signer: Signer, logs: Iterable[Key]) -> None:
        self.name = signer.name
        self._folder, self._signer, self._logs = folder, signer, tuple(logs)
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, request: str) -> Answer:
        """Answer a request ``add-checkpoint``: a line that signs, or why there is none."""
        try:
            old, proof, note = _read(request)
            checkpoint = Checkpoint.read(note.text)
        except (LiandongError, ValueError):
            return Answer(400, "malformed request\n")
        known = [k for k in self._logs if k.name == checkpoint.origin]
        if not known:
            return Answer(404, "unknown log\n")
        try:
            signed = note.signed_by(known)
        except LiandongError:
            signed = []
        if not signed:
            return Answer(403, "no signature of that log\n")
        if old > checkpoint.size:
            return Answer(400, "the old size is larger than the new one\n")
        with file_lock(self._folder / "witness.lock", str(self._folder)):
            return self._judge(old, proof, checkpoint, note)

    def last(self, origin: str) -> Checkpoint:
        """Return the last checkpoint that it signed of a log."""
        try:
            return Checkpoint.read(Note.read(self._path(origin).read_text("utf-8")).text)
        except FileNotFoundError:
            return Checkpoint(origin, 0, EMPTY)

    def _judge(self, old: int, proof: list[bytes], checkpoint: Checkpoint, note: Note) -> Answer:
        last = self.last(checkpoint.origin)
        if old != last.size or (old == checkpoint.size and last.top != checkpoint.top):
            return Answer(409, f"{last.size}\n")
        if not is_consistent(last.size, checkpoint.size, last.top, checkpoint.top, proof):
            return Answer(422, "it does not go on from the last checkpoint\n")
        write(self._path(checkpoint.origin), str(note).encode())
        return Answer(200, self._signer.sign(note.text))

    def _path(self, origin: str) -> Path:
        return self._folder / hashlib.sha256(origin.encode()).hexdigest()


def request(old: int, proof: Iterable[str], note: Note) -> str:
    """Write a request ``add-checkpoint``; ``proof`` has a hash in base 64 a line."""
    lines = "".join(f"{line}\n" for line in proof)
    return f"old {old}\n{lines}\n{note}"


def _read(text: str) -> tuple[int, list[bytes], Note]:
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not first.startswith("old ") or len(lines) > SIBLINGS:
        raise unfit()
    return whole(first.removeprefix("old ")), hashes(lines), Note.read(note)
