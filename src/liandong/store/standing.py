"""How a board stands, by checks that cost little: whether it can serve now."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from liandong.errors import LiandongError
from liandong.store.actlog import log_folder
from liandong.store.acts import ACT, whole
from liandong.store.migrate import REVISIONS, revision
from liandong.store.tilelog import TileLog
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store

Fault = dict[str, str]
"""What is wrong, in words of each language."""


def standing(store: "Store", floor: int) -> Iterator[Fault]:
    """Give what keeps a board from being served.

    Parameters
    ----------
    store
        Of the board.
    floor
        Megabytes that must be free where its files lie.
    """
    try:
        found = revision(store.books.engine)
        if found != REVISIONS[-1]:
            yield both("fault.revision", found=found or "–", known=REVISIONS[-1])
            return
        yield from _log(store)
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
        yield both("fault.not_reached", why=str(getattr(error, "orig", error)).strip())
        return
    yield from disk(place(store), floor)


def disk(root: Path, floor: int) -> Iterator[Fault]:
    """Give what is wrong with the disk where the files of a board lie."""
    try:
        free = shutil.disk_usage(root).free >> 20
    except OSError as error:
        yield both("fault.disk_gone", path=root, why=error.strerror or error)
        return
    if free < floor:
        yield both("fault.disk_full", path=root, free=free, floor=floor)


def place(store: "Store") -> Path:
    """Return the folder where the files of a board lie; that above it before there are any."""
    root = store.folder or store.lake.root
    return root if root.exists() else root.parent


def _log(store: "Store") -> Iterator[Fault]:
    """Look at the last act alone, and at how many the sealed log has: all of it would take long."""
    newest = sa.select(ACT).order_by(ACT.c.seq.desc()).limit(1)
    with store.books.engine.begin() as c:
        last = [dict(r) for r in c.execute(newest).mappings()]
    acts = last[0]["seq"] if last else 0
    try:
        sealed = TileLog(log_folder(store)).checkpoint().size
    except (LiandongError, UnicodeDecodeError, OSError) as error:
        yield both("fault.checkpoint_unreadable", why=error)
        return
    if sealed > acts:
        yield both("fault.log_acts_lost", size=sealed, acts=acts)
    if last and not whole(last[0]):
        yield both("fault.act_leaf", seq=acts)
