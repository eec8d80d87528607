"""What a source is: events from a place on, in batches; what cannot be read is told."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from liandong.schema.arrow import arrow_schema

MOST = 1 << 13
"""Events of one batch, about: more would be read long before they are durable."""

EVENT = pa.schema([f.with_nullable(True) for f in arrow_schema("watch_event")])  # noqa: FBT003
"""Events as they come: ``seen_at`` may be absent, and is then the moment of reading."""

Refused = dict[str, Any]
"""A row of ``watch_refusal`` without watch, number and time."""


class Batch(NamedTuple):
    """What was read.

    Attributes
    ----------
    events
        Rows of :data:`EVENT`, in the order in which they came in.
    refused
        What is no event, and why.
    place
        Where to go on, as JSON; None: nothing has been read yet.
    behind
        How much there is still to read, as far as that is known, in the source's own unit.
    ended
        Nothing will come any more.
    """

    events: pa.Table
    refused: list[Refused]
    place: str | None
    behind: int = 0
    ended: bool = False

    @property
    def rows(self) -> int:
        """How many rows were read, good or not."""
        return len(self.events) + len(self.refused)


class Source(Protocol):
    """Where events come from. It commits nothing of its own accord."""

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place, and wait so many seconds for it at most."""

    def done(self, place: str | None) -> None:
        """Take note that everything up to a place is in the books."""

    def close(self) -> None:
        """Give back what it holds."""


def nothing(place: str | None, *, ended: bool = False) -> Batch:
    """Return a batch without rows."""
    return Batch(EVENT.empty_table(), [], place, 0, ended)


def refused(reason: str, place: str, detail: str, text: str, event: object = None) -> Refused:
    """Return what is known of something that is no event; long texts are cut."""
    name = _written(event) if isinstance(event, str) else None
    return {"reason": reason, "event_id": name, "place": place, "detail": _written(detail)[:LONG],
            "text": _written(text)[:LONG]}  # fmt: skip


def writable(text: str) -> bool:
    """Tell whether a text can stand in any books: it has no half of a character, and no zero.

    Examples
    --------
    >>> writable("e1"), writable(chr(0xD800)), writable(chr(0))
    (True, False, False)
    """
    if "\0" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _written(text: str) -> str:
    """Return a text as it can be written, with a mark where it could not."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Return checked rows as :data:`EVENT`."""
    return pa.Table.from_pylist(list(rows), schema=EVENT)


LONG = 500
"""Letters that are kept of what was refused."""
