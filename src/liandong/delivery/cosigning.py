"""Asking witnesses over HTTP to sign a checkpoint: the client's side of C2SP tlog-witness 1.0."""

import urllib.request
from base64 import b64encode
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import NamedTuple
from urllib.error import HTTPError

from liandong.delivery.webhook import OPENER, TIMEOUT
from liandong.errors import LiandongError, UsageError
from liandong.govern.log.checkpoints import Checkpoint
from liandong.govern.log.notes import WITNESS, Key, Note
from liandong.store.tilelog import TileLog
from liandong.store.witness import request
from liandong.texts import both

MOST_BYTES = 1 << 16
"""Of an answer; nothing longer is read."""


class Asked(NamedTuple):
    """What a witness answered.

    Attributes
    ----------
    url
        Where it was asked.
    lines
        By which witnesses that are trusted signed the checkpoint.
    why
        Why there are none, as the witness or the network says it; empty if there are.
    """

    url: str
    lines: tuple[str, ...] = ()
    why: str = ""


def ask(log: TileLog, urls: Sequence[str], keys: Iterable[Key]) -> list[Asked]:
    """Ask witnesses to sign the checkpoint of a log, and keep what they sign with it.

    Parameters
    ----------
    urls
        Their submission prefixes, ``http://`` or ``https://``.
    keys
        Of the witnesses trusted; the signatures of others are passed over.

    Raises
    ------
    UsageError
        If the log was never sealed, or an address is none.
    """
    for url in urls:
        if not url.startswith(("http://", "https://")):
            what = both("fault.witness_url", url=url)
            raise UsageError(what=what, remedy=both("advice.witness_url"))
    note = log.note()
    if note is None:
        raise UsageError(what=both("fault.no_log"), remedy=both("advice.seal", size=0))
    trusted = [k for k in keys if k.kind == WITNESS]
    with ThreadPoolExecutor(max(1, len(urls))) as pool:
        found = list(pool.map(lambda url: _ask(log, note, url, trusted), urls))
    if any(a.lines for a in found):
        log.cosign([line for a in found for line in a.lines], note.text)
    return found


def _ask(log: TileLog, note: Note, url: str, trusted: list[Key]) -> Asked:
    size = Checkpoint.read(note.text).size
    try:
        status, said = _post(log, note, url, 0)
        if status == 409 and _grown(said, size):  # it has seen a part of the log already
            status, said = _post(log, note, url, int(said))
        if status != 200:
            return Asked(url, why=f"{status} {said.strip()}")
        lines = tuple(
            s for s in Note.read(f"{note.text}\n{said}").lines if _is_of(note, s, trusted)
        )
    except (OSError, HTTPException, ValueError) as error:
        return Asked(url, why=str(error))
    except LiandongError as error:
        return Asked(url, why=error.text())
    return Asked(url, lines, "" if lines else "no key of it is trusted")


def _grown(said: str, size: int) -> bool:
    """Tell whether a conflict names a size that the log goes on from."""
    number = said.removesuffix("\n")
    return number.isascii() and number.isdecimal() and 0 < int(number) <= size


def _is_of(note: Note, line: str, trusted: list[Key]) -> bool:
    return bool(Note(note.text, (line,)).signed_by(trusted))


def _post(log: TileLog, note: Note, url: str, old: int) -> tuple[int, str]:
    proof = [b64encode(h).decode() for h in log.consistency(old)]
    body, to = request(old, proof, note).encode(), f"{url.rstrip('/')}/add-checkpoint"
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    asked = urllib.request.Request(to, body, headers, method="POST")  # noqa: S310 - checked
    try:
        with OPENER.open(asked, timeout=TIMEOUT) as answer:
            return answer.status, answer.read(MOST_BYTES).decode()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.read(MOST_BYTES).decode("utf-8", "replace")
