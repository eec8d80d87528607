"""Checkpoints: which log, how long, and its head; and proofs that anybody can verify off-line.

C2SP tlog-checkpoint 1.0 and tlog-proof@v1.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from liandong.errors import UsageError
from liandong.govern.log.notes import LOG, WITNESS, Key, Note, decoded
from liandong.govern.log.tiles import HASH
from liandong.govern.log.tree import is_included, leaf
from liandong.texts import both

T = TypeVar("T")
FIRST_LINE = "c2sp.org/tlog-proof@v1"
SIBLINGS = 63
"""Hashes in a proof at most."""


@dataclass(frozen=True)
class Checkpoint:
    """What is signed of a log.

    Attributes
    ----------
    origin
        Which log it is: the name of its key.
    size
        How many entries it has.
    top
        The head of the tree over them.
    """

    origin: str
    size: int
    top: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the text of a note; lines after the third are passed over.

        Raises
        ------
        UsageError
            If it is no checkpoint.
        """
        origin, size, top = ([*text.split("\n"), "", "", ""])[:3]
        return cls(_said(origin, str), _said(size, whole), _said(top, hashed))

    def __str__(self) -> str:
        """Write the text of the note."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.top).decode()}\n"


@dataclass(frozen=True)
class Proof:
    """That an entry is in a log: where, the siblings from below, and a signed checkpoint.

    Attributes
    ----------
    index
        Position of the entry, from 0.
    siblings
        Hashes beside the way from the leaf up.
    note
        The checkpoint, signed.
    """

    index: int
    siblings: tuple[bytes, ...]
    note: Note

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a ``.tlog-proof``; nothing is verified yet.

        Raises
        ------
        UsageError
            If it is none.
        """
        proof, _, note = text.partition("\n\n")
        first, *lines = proof.split("\n")
        if lines and lines[0].startswith("extra "):
            del lines[0]
        if first != FIRST_LINE or not lines or not lines[0].startswith("index "):
            raise unfit()
        if len(lines) > SIBLINGS + 1:
            raise unfit()
        index = _said(lines[0].removeprefix("index "), whole)
        return cls(index, tuple(_said(line, hashed) for line in lines[1:]), Note.read(note))

    def __str__(self) -> str:
        """Write it as :meth:`read` reads it."""
        siblings = "".join(b64encode(h).decode() + "\n" for h in self.siblings)
        return f"{FIRST_LINE}\nindex {self.index}\n{siblings}\n{self.note}"

    def proves(self, entry: bytes, keys: Iterable[Key], witnesses: int = 0) -> Checkpoint:
        """Return the checkpoint by which an entry is in its log.

        Parameters
        ----------
        entry
            Its bytes.
        keys
            Of logs and witnesses that are trusted.
        witnesses
            How many of the witnesses must have signed.

        Raises
        ------
        UsageError
            If anything of it does not hold, and what.
        """
        found = Checkpoint.read(self.note.text)
        signed = self.note.signed_by(keys)
        if not any(k.kind == LOG and k.name == found.origin for k in signed):
            what = both("fault.proof_unsigned", origin=found.origin)
            raise UsageError(what=what, remedy=both("advice.proof_unsigned"))
        need_witnesses(signed, witnesses)
        if not is_included(self.index, found.size, leaf(entry), self.siblings, found.top):
            what = both("fault.proof", index=self.index)
            raise UsageError(what=what, remedy=both("advice.proof"))
        return found


def need_witnesses(signed: Iterable[Key], wanted: int) -> None:
    """Refuse a checkpoint that fewer witnesses signed than are wanted.

    Parameters
    ----------
    signed
        Keys trusted that signed it; two of one name are one witness.

    Raises
    ------
    UsageError
        If there are too few.
    """
    seen = len({k.name for k in signed if k.kind == WITNESS})
    if seen < wanted:
        what = both("fault.proof_witnesses", seen=seen, wanted=wanted)
        raise UsageError(what=what, remedy=both("advice.proof_witnesses"))


def unfit() -> UsageError:
    """Return the error of a text that is neither checkpoint nor proof."""
    return UsageError(what=both("fault.note"), remedy=both("advice.note"))


def whole(text: str) -> int:
    """Read a number without a sign and without leading zeros."""
    found = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1
    if str(found) != text:
        raise ValueError(text)
    return found


def hashed(text: str) -> bytes:
    """Read a hash in base 64."""
    found = decoded(text)
    if found is None or len(found) != HASH:
        raise ValueError(text)
    return found


def hashes(lines: Sequence[str]) -> list[bytes]:
    """Read a hash a line.

    Raises
    ------
    UsageError
        If a line is none.
    """
    return [_said(line, hashed) for line in lines]


def _said(text: str, read: Callable[[str], T]) -> T:
    try:
        if text:
            return read(text)
    except ValueError as error:
        raise unfit() from error
    raise unfit()
