"""Sources by the address that a user writes."""

from pathlib import Path
from urllib.parse import quote

from liandong.board import Board
from liandong.delivery.files import FileSource
from liandong.delivery.inbox import InboxSource
from liandong.delivery.source import Source
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


def inbox_of(board: Board, watch: str) -> Spool:
    """Return the spool of a watch that is fed over HTTP."""
    return Spool(board.store.lake.root / "watch" / quote(watch, safe="") / "inbox")
