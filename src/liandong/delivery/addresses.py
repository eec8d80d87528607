"""Sources and sinks by the address that a user writes."""

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from liandong.board import Board
from liandong.config import settings_now
from liandong.delivery.files import FileSource
from liandong.delivery.inbox import InboxSource
from liandong.delivery.mail import Mail
from liandong.delivery.outbox import Sink
from liandong.delivery.source import Source
from liandong.delivery.webhook import Webhook
from liandong.store.spool import Spool


def source_at(address: str, spool: Spool | None, *, follow: bool) -> Source:
    """Return the source at an address.

    Parameters
    ----------
    address
        A file or a folder, or ``http``.
    spool
        What ``http`` reads.
    follow
        Of files: wait for what is still to be written.
    """
    if spool is not None:
        return InboxSource(spool)
    return FileSource(Path(address), follow=follow)


def sink_at(address: str, lang: str) -> Sink:
    """Return the sink at an address.

    Parameters
    ----------
    address
        ``https://…``, signed by the secret in ``LIANDONG_WEBHOOK_SECRET``; or
        ``mailto:WHO?via=HOST:PORT&from=SENDER``.
    lang
        Language of what people read.

    Raises
    ------
    UsageError
        If it is neither, or there is no secret.
    """
    if not address.startswith("mailto:"):
        return Webhook(address, settings_now().webhook_secret.encode())
    parts = urlsplit(address)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host, _, port = given.get("via", "localhost").partition(":")
    return Mail(host, int(port or 25), given.get("from", parts.path), parts.path, lang)


def inbox_of(board: Board, watch: str) -> Spool:
    """Return the spool of a watch that is fed over HTTP."""
    return Spool(board.store.lake.root / "watch" / quote(watch, safe="") / "inbox")
