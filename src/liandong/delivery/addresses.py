"""Sources and sinks by the address that a user writes."""

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from liandong.board import Board
from liandong.config import settings_now
from liandong.delivery.files import FileSource
from liandong.delivery.inbox import InboxSource
from liandong.delivery.kafka import KafkaSink, KafkaSource
from liandong.delivery.mail import Mail
from liandong.delivery.nats import NatsSink, NatsSource
from liandong.delivery.outbox import Channel, Sink
from liandong.delivery.redis import RedisSource
from liandong.delivery.source import Source
from liandong.delivery.table import TableSource
from liandong.delivery.wanted import wanted_of
from liandong.delivery.webhook import Webhook


def source_at(address: str, inbox: Path | None, *, follow: bool) -> Source:
    """Return the source at an address.

    Parameters
    ----------
    address
        A file or a folder; ``http``; ``kafka://HOST:PORT/TOPIC``; ``nats://HOST:PORT/STREAM``;
        ``redis://HOST:PORT/DB/STREAM``; ``postgresql://…/DATABASE#TABLE``.
    inbox
        Folder of the spool that ``http`` reads.
    follow
        Wait for what is still to come; otherwise all ends with what is there.
    """
    if inbox is not None:
        return InboxSource(inbox)
    scheme = address.partition("://")[0] if "://" in address else ""
    if scheme == "kafka":
        return KafkaSource(*_topic(address), follow=follow)
    if scheme == "nats":
        return NatsSource(*_topic(address), follow=follow)
    if scheme in {"redis", "rediss"}:
        server, _, stream = address.rpartition("/")
        return RedisSource(server, stream, follow=follow)
    if scheme == "postgresql":
        server, _, name = address.rpartition("#")
        return TableSource(server, name, follow=follow)
    return FileSource(Path(address), follow=follow)


def sink_at(address: str, lang: str) -> Sink:
    """Return the sink at an address.

    Parameters
    ----------
    address
        ``https://…``, signed by the secret in ``LIANDONG_WEBHOOK_SECRET``; or
        ``mailto:WHO?via=HOST:PORT&from=SENDER``; ``kafka://HOST:PORT/TOPIC``;
        ``nats://HOST:PORT/SUBJECT``.
    lang
        Language of what people read.

    Raises
    ------
    UsageError
        If it is neither, or there is no secret.
    """
    if address.startswith("kafka://"):
        return KafkaSink(*_topic(address))
    if address.startswith("nats://"):
        return NatsSink(*_topic(address))
    if not address.startswith("mailto:"):
        return Webhook(address, settings_now().webhook_secret.encode())
    parts = urlsplit(address)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host, _, port = given.get("via", "localhost").partition(":")
    return Mail(host, int(port or 25), given.get("from", parts.path), parts.path, lang)


def channels_at(address: str, lang: str) -> list[Channel]:
    """Return the sink at an address, once for each of alerts and warnings that it is to be told.

    Parameters
    ----------
    address
        As :func:`sink_at` takes it; after a ``#`` what is wanted there, see
        :func:`liandong.delivery.wanted.wanted_of`.
    """
    plain, wanted = wanted_of(address)
    sink = sink_at(plain, lang)
    return [Channel(sink, wanted, told) for told in dict.fromkeys(wanted.send)]


def _topic(address: str) -> tuple[str, str]:
    """Return server and topic of an address."""
    parts = urlsplit(address)
    return parts.netloc, parts.path.lstrip("/")


def inbox_of(board: Board, watch: str) -> Path:
    """Return the folder of the spool of a watch that is fed over HTTP; made if missing."""
    folder = board.store.lake.root / "watch" / quote(watch, safe="") / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
