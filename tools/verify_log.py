"""Verify a .tlog-proof without liandong: Python's standard library and `cryptography` are enough.

    python verify_log.py act-17.tlog-proof act-17.json --key 'bank.example/acts+…'
    python verify_log.py credential.json --key 'bank.example/acts+…'

It holds if the log's key, and so many witnesses as are asked for, signed a checkpoint into whose
tree the bytes of the entry lead. A credential has entry and proof in it, and must be what the entry
is committed to; whether it is in force, or was revoked, is for who reads it. Written from the
specifications alone: C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof@v1,
RFC 6962, RFC 9162 (2.1.3.2) and RFC 8785. Keys must come by another way than the proof.

It ends with 0 if it holds, 1 if it does not, 2 if it was called wrongly.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = 1, 4
"""Kinds of keys."""
Key = tuple[str, bytes, int, bytes]
"""Name, id, kind, and the public key (Ed25519)."""
SIGNATURE = re.compile("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)")


class NotProvedError(Exception):
    """Why it does not hold."""


def need(holds: object, why: str) -> None:
    """Go on only if something holds."""
    if not holds:
        raise NotProvedError(why)


def decoded(text: str, what: str) -> bytes:
    """Read base 64, of which there is one way to write each value."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    need(raw and base64.b64encode(raw).decode() == text, f"{what} is not in base 64")
    return raw


def number(text: str, what: str) -> int:
    """Read a whole number of one way to write it."""
    need(re.fullmatch("0|[1-9][0-9]{0,18}", text), f"{what} is no number")
    return int(text)


def lines_of(text: str, what: str) -> list[str]:
    """Split a text that ends with a newline."""
    need(text.endswith("\n"), f"{what} is cut off")
    return text[:-1].split("\n")


def read_key(vkey: str) -> Key:
    """Read name+id+key, and hold the id against the key."""
    name, said, key = [*vkey.strip().split("+", 2), "", ""][:3]
    raw = decoded(key, "the key")
    kind, public = raw[0], raw[1:]
    fits = name and kind in {LOG, WITNESS} and len(public) == 32
    need(fits, "this is no key of a log or witness")
    own = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(own.hex() == said, f"the id of the key {name} is not that of its bytes")
    return name, own, kind, public


def signers(text: str, lines: list[str], keys: list[Key]) -> set[Key]:
    """Return those of the keys that signed a text; one whose signature does not hold ends it."""
    found: set[Key] = set()
    for line in lines:
        parts = SIGNATURE.fullmatch(line)
        if parts is None:
            raise NotProvedError("a line of the note is no signature")
        raw = decoded(parts[2], "a signature")
        need(len(raw) >= 5, "a signature is cut off")
        for key in keys:
            if key[:2] == (parts[1], raw[:4]):
                need(signs(key, text, raw[4:]), f"the signature of {key[0]} does not hold")
                found.add(key)
    return found


def signs(key: Key, text: str, signature: bytes) -> bool:
    """Tell whether a signature is one of a key: a witness signs the time (POSIX seconds), too."""
    _, _, kind, public = key
    said = text.encode()
    if kind == WITNESS:
        at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        said = f"cosignature/v1\ntime {at}\n".encode() + said
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said)
    except InvalidSignature:
        return False
    return len(signature) == 64


def top_of(index: int, size: int, entry: bytes, beside: list[bytes]) -> bytes:
    """Return the head of the tree to which an entry and the hashes beside its way lead."""
    need(index < size, "the entry is not in the checkpoint yet")
    here, place, last = hashlib.sha256(b"\0" + entry).digest(), index, size - 1
    for other in beside:
        need(last, "the proof is too long")
        if place % 2 or place == last:
            here = hashlib.sha256(b"\1" + other + here).digest()
            while place and not place % 2:
                place, last = place // 2, last // 2
        else:
            here = hashlib.sha256(b"\1" + here + other).digest()
        place, last = place // 2, last // 2
    need(not last, "the proof is too short")
    return here


def verify(proof: str, entry: bytes, keys: list[str], witnesses: int = 0) -> tuple[str, int, int]:
    """Return origin, index and size by which bytes are in a log; NotProvedError otherwise.

    Parameters
    ----------
    proof
        Text of the .tlog-proof.
    entry
        Bytes that the proof is of.
    keys
        Of the log and of witnesses, as name+id+key.
    witnesses
        How many of the witnesses have to have signed.
    """
    trusted = [read_key(k) for k in keys]
    head, gap, note = proof.partition("\n\n")
    first, *lines = head.split("\n")
    need(gap and first == "c2sp.org/tlog-proof@v1", "this is no proof of the kind tlog-proof@v1")
    if lines and lines[0].startswith("extra "):
        decoded(lines.pop(0)[6:], "what is extra")
    need(lines and lines[0].startswith("index "), "the proof names no entry")
    index = number(lines[0][6:], "the index")
    need(len(lines) <= 64, "the proof is too long")
    beside = [decoded(line, "a hash") for line in lines[1:]]
    need(all(len(h) == 32 for h in beside), "a hash has not 32 bytes")

    text, gap, rest = note.rpartition("\n\n")
    need(gap, "the checkpoint is not signed")
    text += "\n"
    origin, length, head = [*lines_of(text, "the checkpoint"), "", "", ""][:3]
    size, top = number(length, "the size"), decoded(head, "the head")
    signed = signers(text, lines_of(rest, "the signatures"), trusted)
    need(any((k[0], k[2]) == (origin, LOG) for k in signed), f"no key given is that of {origin}")
    seen = {k[0] for k in signed if k[2] == WITNESS}
    need(len(seen) >= witnesses, f"{len(seen)} witnesses signed, {witnesses} are needed")
    need(top_of(index, size, entry, beside) == top, "the entry does not lead to the signed head")
    return origin, index, size


def canonical(value: object) -> str:
    """Write texts, whole numbers, lists and objects as RFC 8785 does."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(k)}:{canonical(value[k])}" for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    need(isinstance(value, (str, int)), "it has what no credential has")
    return json.dumps(value, ensure_ascii=False)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of what has each name once."""
    found = dict(pairs)
    need(len(found) == len(pairs), "a name is there twice")
    return found


def opened(text: str) -> tuple[str, bytes, str]:
    """Return proof, entry and issuer of a credential that is what its entry is committed to."""
    try:
        said = json.loads(text, object_pairs_hook=once)
        held = said.pop("proof")
        entry, salt = held["entry"].encode(), bytes.fromhex(held["salt"])
        act, subject = json.loads(entry), said["credentialSubject"].get("creditCode", "")
        body = canonical({"body": said, "subject": subject}).encode()
        action = "credential.issue" if subject else "credential.status"
        fits = (act["action"], act["content"]) == (action, hashlib.sha256(salt + body).hexdigest())
        proof, issuer = held["tlogProof"], said["issuer"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotProvedError("this is no credential") from error
    need(fits, "the credential is not what the log is committed to")
    return proof, entry, issuer


def main() -> None:
    """Verify what the command line names."""
    words = argparse.ArgumentParser(description="Verify that an entry is in a log.")
    words.add_argument("proof", type=Path, help="the .tlog-proof, or a credential")
    words.add_argument("entry", type=Path, nargs="?", help="the entry, its very bytes")
    words.add_argument("--key", action="append", required=True, help="name+id+key")
    words.add_argument("--witnesses", type=int, default=0, help="so many must have signed")
    given = words.parse_args()
    try:
        proof, issuer = given.proof.read_bytes().decode(), None
        if given.entry is None:
            proof, entry, issuer = opened(proof)
        else:
            entry = given.entry.read_bytes().removesuffix(b"\n")
        found = verify(proof, entry, given.key, given.witnesses)
        need(issuer in {None, f"https://{found[0]}"}, "the issuer is not the log it is in")
    except (NotProvedError, UnicodeDecodeError, OSError) as error:
        sys.exit(f"not proved: {error}")
    origin, index, size = found
    sys.stdout.write(f"proved: entry {index + 1} of {size} in {origin}\n")


if __name__ == "__main__":
    main()
