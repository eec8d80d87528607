"""Kafka's protocol: a topic as a source and as a sink."""

import json
from typing import Any

from liandong.delivery import lines
from liandong.delivery.loop import Loop, once
from liandong.delivery.messages import Messages
from liandong.delivery.source import MOST, Batch, nothing
from liandong.step.extras import optional


def _client() -> Any:  # noqa: ANN401 - an optional package
    return optional("aiokafka", "aiokafka", "streams")


class KafkaSource:
    """Reads a topic. Offsets are in the books of the watch: no group is joined, nothing committed.

    Parameters
    ----------
    server, topic
        ``HOST:PORT``, and what is read of it.
    follow
        Wait for what is still to come; otherwise it ends where the topic ended when it began.
    """

    def __init__(self, server: str, topic: str, *, follow: bool) -> None:
        self._topic, self._follow = topic, follow
        self._client, self._loop = _client(), Loop()
        try:
            self._consumer = self._loop.call(self._start(server))
        except OSError:
            self._loop.close()
            raise
        self._at: dict[str, int] | None = None

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place: the next offset of each partition."""
        return self._loop.call(self._read(place, wait))

    def done(self, place: str | None) -> None:
        """Do nothing: the server need not know."""

    def close(self) -> None:
        """Close the connection."""
        self._loop.call(self._consumer.stop())
        self._loop.close()

    async def _start(self, server: str) -> Any:  # noqa: ANN401
        consumer = self._client.AIOKafkaConsumer(
            bootstrap_servers=server, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        found = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - there is no other way
        parts = found.partitions_for_topic(self._topic) or {0}
        consumer.assign([self._client.TopicPartition(self._topic, p) for p in sorted(parts)])
        self._ends = await consumer.end_offsets(consumer.assignment())
        return consumer

    async def _read(self, place: str | None, wait: float) -> Batch:
        at: dict[str, int] = json.loads(place) if place else {}
        if at != self._at:
            await self._seek(at)
        found = await self._consumer.getmany(timeout_ms=int(wait * 1_000), max_records=MOST)
        given = []
        for part, records in sorted(found.items()):
            given += [(f"{self._topic}/{part.partition}@{r.offset}", r.value) for r in records]
            at[str(part.partition)] = records[-1].offset + 1
        self._at = at
        if not given:
            return nothing(place, ended=not self._follow and self._over(at))
        events, bad = lines.messages(given, self._topic)
        return Batch(events, bad, json.dumps(at), self._behind(at))

    async def _seek(self, at: dict[str, int]) -> None:
        for part in self._consumer.assignment():
            if str(part.partition) in at:
                self._consumer.seek(part, at[str(part.partition)])
            else:
                await self._consumer.seek_to_beginning(part)

    def _over(self, at: dict[str, int]) -> bool:
        return all(at.get(str(p.partition), 0) >= end for p, end in self._ends.items())

    def _behind(self, at: dict[str, int]) -> int:
        marks = ((p, self._consumer.highwater(p)) for p in self._consumer.assignment())
        return sum(max((mark or 0) - at.get(str(p.partition), 0), 0) for p, mark in marks)


class KafkaSink:
    """Writes messages to a topic, those of a subject to one partition; the id is in a header.

    Parameters
    ----------
    server, topic
        ``HOST:PORT``, and where to.
    """

    def __init__(self, server: str, topic: str) -> None:
        self.name = f"kafka://{server}/{topic}"
        self._server, self._topic, self._client = server, topic, _client()

    def send(self, messages: Messages) -> None:
        """Return when the server has all of them."""
        once(self._send(messages))

    async def _send(self, messages: Messages) -> None:
        producer = self._client.AIOKafkaProducer(bootstrap_servers=self._server, acks="all")
        await producer.start()
        try:
            for m in messages:
                headers, key = [("id", m.id.encode())], m.about.encode()
                await producer.send_and_wait(self._topic, m.encoded, key=key, headers=headers)
        finally:
            await producer.stop()
