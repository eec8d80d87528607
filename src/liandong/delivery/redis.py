"""A stream of Redis as a source."""

import json

from liandong.delivery import lines
from liandong.delivery.source import Batch, nothing
from liandong.step.extras import optional

AT_ONCE = 10_000
"""Entries that are asked for at once."""
FIELD = b"event"
"""Of an entry: its JSON."""


class RedisSource:
    """Reads a stream whose entries have an object of JSON in the field ``event``.

    The id of the last entry is in the books of the watch; no group is joined.

    Parameters
    ----------
    server, stream
        ``redis://HOST:PORT/DB``, and what is read of it.
    follow
        Wait for what is still to come; otherwise it ends when nothing is left.
    """

    def __init__(self, server: str, stream: str, *, follow: bool) -> None:
        client = optional("redis", "redis", "streams")
        self._redis = client.Redis.from_url(server)
        self._error, self._stream, self._follow = client.RedisError, stream, follow

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place: the id of an entry."""
        last = json.loads(place)["id"] if place else "0"
        try:
            block = max(int(wait * 1_000), 1)
            found = self._redis.xread({self._stream: last}, count=AT_ONCE, block=block)
        except self._error as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        if not found:
            return nothing(place, ended=not self._follow)
        [(_, entries)] = found.items() if isinstance(found, dict) else found
        entries = entries[0] if isinstance(found, dict) else entries  # by version of the protocol
        given = [(f"{self._stream}@{i.decode()}", e.get(FIELD, b"")) for i, e in entries]
        events, bad = lines.messages(given, self._stream)
        return Batch(events, bad, json.dumps({"id": entries[-1][0].decode()}))

    def done(self, place: str | None) -> None:
        """Do nothing: the server need not know."""

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()
