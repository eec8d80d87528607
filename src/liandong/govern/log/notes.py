"""Signed notes: a text and who signed it, in the form that tools of transparency logs read.

C2SP signed-note 1.0 and tlog-cosignature 1.0. Two kinds of keys: that of a log signs the text; that
of a witness signs text and time, and so says that it saw no other history of the log until then.
"""

import hashlib
import re
import time
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from liandong.errors import UsageError
from liandong.texts import both

LOG, WITNESS = 0x01, 0x04
"""Kinds of keys, as the specification numbers them."""
KINDS = (LOG, WITNESS)
MOST = 1_000_000
"""Characters of a note at most."""
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/=]+)")
_PRIVATE = ("PRIVATE", "KEY")


@dataclass(frozen=True)
class Key:
    """A key that verifies.

    Attributes
    ----------
    name
        Of whose signatures: an address without a scheme, such as ``bank.example/acts``.
    kind
        LOG or WITNESS.
    public
        Ed25519, 32 bytes.
    """

    name: str
    kind: int
    public: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``name+id+key``.

        Raises
        ------
        UsageError
            If it is no such key, or its id does not belong to it.
        """
        name, said, rest = ([*text.strip().split("+", 2), "", ""])[:3]
        raw = decoded(rest) or b""
        kind, public = (raw[0], raw[1:]) if raw else (0, b"")
        found = cls(name, kind, public)
        if not _NAME.fullmatch(name) or kind not in KINDS or len(public) != 32:
            raise UsageError(what=both("fault.key", key=text), remedy=both("advice.key"))
        if found.id.hex() != said:
            raise UsageError(what=both("fault.key_id", key=text), remedy=both("advice.key"))
        return found

    @property
    def id(self) -> bytes:
        """Four bytes that, with the name, say which key it is."""
        about = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(about).digest()[:4]

    def __str__(self) -> str:
        """Write it as :meth:`read` reads it."""
        kept = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{kept}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Tell whether a signature of this key over a text is one."""
        said = text.encode()
        if self.kind == WITNESS:
            said, signature = _timed(text, int.from_bytes(signature[:8])), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, said)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A key that signs; keep what :meth:`write` returns in a file nobody else can read."""

    name: str
    kind: int
    seed: bytes

    @classmethod
    def new(cls, name: str, kind: int = LOG) -> Self:
        """Make a key.

        Raises
        ------
        UsageError
            If the name has spaces or a plus sign, or is empty.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(what=both("fault.key_name", name=name), remedy=both("advice.key_name"))
        return cls(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what :meth:`write` returned.

        Raises
        ------
        UsageError
            If it is no such key. The text is not told: it is a secret.
        """
        parts = text.strip().split("+", 4)
        raw = decoded(parts[-1]) or b""
        if len(parts) == 5 and tuple(parts[:2]) == _PRIVATE and len(raw) == 33:
            found = cls(parts[2], raw[0], raw[1:])
            if raw[0] in KINDS and found.key.id.hex() == parts[3]:
                return found
        raise UsageError(what=both("fault.signer"), remedy=both("advice.signer"))

    def write(self) -> str:
        """Return the key as text: a secret."""
        kept = b64encode(bytes([self.kind]) + self.seed).decode()
        return "+".join((*_PRIVATE, self.name, self.key.id.hex(), kept))

    @property
    def key(self) -> Key:
        """What verifies."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return Key(self.name, self.kind, public)

    def sign(self, text: str, at: int | None = None) -> str:
        """Return the line by which this key signs a text; a witness says when (POSIX seconds)."""
        private, said, before = Ed25519PrivateKey.from_private_bytes(self.seed), text.encode(), b""
        if self.kind == WITNESS:
            at = int(time.time()) if at is None else at
            said, before = _timed(text, at), at.to_bytes(8)
        signature = b64encode(self.key.id + before + private.sign(said)).decode()
        return f"\u2014 {self.name} {signature}\n"


@dataclass(frozen=True)
class Note:
    """A text, and lines of who signed it."""

    text: str
    lines: tuple[str, ...]

    @classmethod
    def read(cls, note: str) -> Self:
        """Read a note; nothing is verified yet.

        Raises
        ------
        UsageError
            If it is none.
        """
        text, gap, rest = note.rpartition("\n\n")
        lines = rest.splitlines(keepends=True)
        odd = any(c < " " and c != "\n" for c in note) or len(note) > MOST
        fits = gap and lines and rest.endswith("\n") and not odd
        if not fits or not all(_LINE.fullmatch(line[:-1]) for line in lines):
            raise UsageError(what=both("fault.note"), remedy=both("advice.note"))
        return cls(text + "\n", tuple(lines))

    def __str__(self) -> str:
        """Write it as :meth:`read` reads it."""
        return f"{self.text}\n{''.join(self.lines)}"

    def signed_by(self, keys: Iterable[Key]) -> list[Key]:
        """Return which of some keys signed it; other signatures are passed over.

        Raises
        ------
        UsageError
            If a line is of one of the keys and does not hold: the note was tampered with.
        """
        known = {(k.name, k.id): k for k in keys}
        found = []
        for line in self.lines:
            name, raw = line[2:-1].split(" ")
            said = decoded(raw) or b""
            key = known.get((name, said[:4]))
            if key is None:
                continue
            if not key.holds(self.text, said[4:]):
                what = both("fault.signature", name=name)
                raise UsageError(what=what, remedy=both("advice.signature"))
            found.append(key)
        return found

    def with_lines(self, lines: Iterable[str]) -> "Note":
        """Return the same with more signatures."""
        return Note(self.text, tuple(dict.fromkeys((*self.lines, *lines))))


def _timed(text: str, at: int) -> bytes:
    """Return what a witness signs."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def decoded(text: str) -> bytes | None:
    """Return what a text in base 64 stands for; None if it is not the one text that does."""
    try:
        found = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return None
    return found if b64encode(found).decode() == text else None
