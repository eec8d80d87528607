"""NATS JetStream: a stream as a source, a subject as a sink."""

import json
from contextlib import suppress
from typing import Any

from liandong.delivery import lines
from liandong.delivery.loop import Loop, once
from liandong.delivery.messages import Messages
from liandong.delivery.source import Batch, nothing
from liandong.step.extras import optional

AT_ONCE = 5_000
"""Messages that are asked for at once."""


def _client(module: str = "nats") -> Any:  # noqa: ANN401 - an optional package
    return optional(module, "nats-py", "streams")


class NatsSource:
    """Reads a stream. The number of the last message is in the books; the server keeps no state.

    Parameters
    ----------
    server, stream
        ``HOST:PORT``, and what is read of it.
    follow
        Wait for what is still to come; otherwise it ends when nothing is left.
    """

    def __init__(self, server: str, stream: str, *, follow: bool) -> None:
        self._stream, self._follow = stream, follow
        self._client, self._loop = _client(), Loop()
        try:
            self._nats = self._loop.call(self._client.connect(f"nats://{server}"))
        except OSError:
            self._loop.close()
            raise
        self._at = -1
        self._reader: Any = None

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place: the number of a message."""
        return self._loop.call(self._read(place, wait))

    def done(self, place: str | None) -> None:
        """Do nothing: the server need not know."""

    def close(self) -> None:
        """Close the connection."""
        self._loop.call(self._nats.close())
        self._loop.close()

    async def _read(self, place: str | None, wait: float) -> Batch:
        last = int(json.loads(place)["seq"]) if place else 0
        if self._reader is None or last != self._at:
            await self._begin(last)
        try:
            found = await self._reader.fetch(AT_ONCE, timeout=max(wait, 0.05))
        except TimeoutError:  # its own, or the plain one: the client raises either
            left = (await self._reader.consumer_info()).num_pending
            return nothing(place, ended=not self._follow and left == 0)
        given = [(f"{self._stream}@{m.metadata.sequence.stream}", m.data) for m in found]
        self._at = found[-1].metadata.sequence.stream
        events, bad = lines.messages(given, self._stream)
        return Batch(events, bad, json.dumps({"seq": self._at}), found[-1].metadata.num_pending)

    async def _begin(self, last: int) -> None:
        """Read on from the message after the last one."""
        if self._reader is not None:
            with suppress(self._client.errors.Error):
                await self._reader.unsubscribe()
        api = _client("nats.js.api")
        config = api.ConsumerConfig(
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=last + 1,
            ack_policy=api.AckPolicy.NONE,
        )
        js = self._nats.jetstream()
        info = await js.stream_info(self._stream)
        subject = info.config.subjects[0]
        self._reader = await js.pull_subscribe(subject, stream=self._stream, config=config)
        self._at = last


class NatsSink:
    """Publishes messages; the server drops what it has had by its ``Nats-Msg-Id``.

    Parameters
    ----------
    server, subject
        ``HOST:PORT``, and where to; a stream has to keep that subject.
    """

    def __init__(self, server: str, subject: str) -> None:
        self.name = f"nats://{server}/{subject}"
        self._server, self._subject, self._client = server, subject, _client()

    def send(self, messages: Messages) -> None:
        """Return when the server has acknowledged all of them."""
        once(self._send(messages))

    async def _send(self, messages: Messages) -> None:
        nats = await self._client.connect(f"nats://{self._server}", max_reconnect_attempts=1)
        try:
            js = nats.jetstream()
            for m in messages:
                headers = {"Nats-Msg-Id": m.id}
                await js.publish(self._subject, m.encoded, headers=headers)
        finally:
            await nats.close()
