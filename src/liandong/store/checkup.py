"""A board looked over: where it lies, how quick its disk is, and whether its books are in order."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

import sqlalchemy as sa

from liandong.errors import BoardError, BoardVersionError, LiandongError, MissingExtraError
from liandong.store.acts import ACT
from liandong.store.audit import audit
from liandong.store.authority import CHANGE, named
from liandong.store.migrate import REVISIONS, revision_at
from liandong.store.people import People
from liandong.store.standing import disk, place, standing
from liandong.store.store import Store
from liandong.store.walking import below
from liandong.texts import both, text

How = Literal["ok", "warn", "fail"]
NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "ceph",
    "glusterfs",
    "lustre",
)
"""Kinds of file systems that lie on other machines."""
SLOW_MS = 20
"""Of a flush: longer than any disk of our time takes."""
FLUSHES = 10
POSTGRES = {
    "fsync": ("on", "fail"), "full_page_writes": ("on", "fail"),
    "synchronous_commit": ("on", "fail"), "server_encoding": ("UTF8", "fail"),
    "TimeZone": ("UTC", "ok"),
}  # fmt: skip
"""Settings of the server that decide whether what was committed lasts: what is right, how grave."""


@dataclass(frozen=True)
class Finding:
    """What was found.

    Attributes
    ----------
    what
        Which check; its name is ``finding.<what>``, its remedy ``advice.<what>``.
    how
        ``ok``, ``warn`` or ``fail``.
    found
        In words of each language.
    about
        Values in the text of the remedy.
    """

    what: str
    how: How
    found: dict[str, str]
    about: dict[str, str] = field(default_factory=dict)

    def remedy(self, lang: str) -> str:
        """Return what to do; nothing if all is well."""
        return "" if self.how == "ok" else text(f"advice.{self.what}", lang, **self.about)


def checkup(
    location: str, lake: Path | None = None, floor: int = 0, *, deep: bool = False
) -> Iterator[Finding]:
    """Look a board over.

    Parameters
    ----------
    location
        Folder or ``postgresql://`` URL.
    lake
        Where the lake of a board in PostgreSQL is said to lie.
    floor
        Megabytes that must be free where its files lie.
    deep
        Whether to hold everything against its hash and its act, which takes long.
    """
    home = None if location.startswith("postgresql") else Path(location)
    if home is not None and home.is_dir():  # first: it may be why the board cannot be opened
        yield from _place(home, floor, "fail")
    try:
        # To open a board brings it up to date, which is not for whoever only looks.
        found = revision_at(location)
        if found in REVISIONS[:-1]:
            said = both("fault.revision", found=found, known=REVISIONS[-1])
            yield Finding("standing", "warn", said)
            return
        store = Store(location, lake, create=False)
    except LiandongError as error:
        yield _unopened(error)
        return
    with closing(store):
        yield from _standing(store)
        yield from _keeper(store)
        yield _parts(store)
        yield _writer(store)
        yield from _clock(store)
        if home is None:
            yield from _place(place(store), floor, "warn")
            yield from _postgres(store)
        if deep:
            yield _deep(store)


def _unopened(error: LiandongError) -> Finding:
    """Say what keeps a board from being opened, with the remedy for that."""
    said = {lang: error.text(lang) for lang in ("zh", "en")}
    if isinstance(error, BoardVersionError):
        return Finding("newer", "fail", said)
    if isinstance(error, MissingExtraError):
        return Finding("driver", "fail", said)
    if isinstance(error, BoardError):
        return Finding("unreachable", "fail", said)
    return Finding("board", "fail", said)


def _standing(store: Store) -> Iterator[Finding]:
    faults = list(standing(store, 0))
    for said in faults:
        yield Finding("standing", "fail", said)
    if not faults:
        said = both("found.standing", revision=REVISIONS[-1], acts=store.state())
        yield Finding("standing", "ok", said)


def _parts(store: Store) -> Finding:
    """Look whether all that the books name is there; whether it is unchanged takes long."""
    named = store.books.rows("snapshot")
    gone = [s["path"] for s in named if not _held(store, s["path"], s["bytes"])]
    if gone:
        return Finding("parts", "fail", both("found.parts_gone", count=len(gone), path=gone[0]))
    return Finding("parts", "ok", both("found.parts", count=len(named)))


def _held(store: Store, path: str, size: int) -> bool:
    try:
        return store.lake.holds(path, size)
    except OSError:  # it may be there, but this user cannot look
        return False


def _deep(store: Store) -> Finding:
    try:
        faults = len(audit(store))
    except OSError as error:
        return Finding("check", "fail", both("fault.not_reached", why=error))
    said = both("found.check_off", faults=faults) if faults else both("found.check")
    return Finding("check", "fail" if faults else "ok", said)


def _keeper(store: Store) -> Iterator[Finding]:
    """Look whether somebody of those who log in may change the list of powers."""
    if People(store, "").any():
        with store.books.engine.begin() as c:
            how: How = "ok" if named(c, CHANGE) else "warn"
        yield Finding("keeper", how, both("found.keeper" if how == "ok" else "found.keeper_none"))


def _writer(store: Store) -> Finding:
    who = store.who_writes()
    if who is None:
        return Finding("writer", "ok", both("found.idle"))
    return Finding("writer", "warn", both("found.writer", who=who))


def _is_open(root: Path) -> bool:
    """Tell whether other users may do anything here: a folder above may keep them out."""
    ways_in = (p.stat().st_mode & 0o001 for p in root.resolve().parents)
    return bool(root.stat().st_mode & 0o007) and all(ways_in)


def _place(root: Path, floor: int, far: How) -> Iterator[Finding]:
    """Look over the folder of a board, or of its lake; ``far``: how bad another machine is."""
    about = {"path": str(root)}
    shut = next(_shut(root), None)
    if shut is not None:
        yield Finding("owner", "fail", both("found.owner", path=shut), about)
    others = _is_open(root)
    said = both("found.permissions_open" if others else "found.permissions", **about)
    yield Finding("permissions", "warn" if others else "ok", said, about)
    low = next(disk(root, floor), None)
    free = both("found.disk", free=f"{shutil.disk_usage(root).free >> 20:,}")
    yield Finding("disk_floor", "fail" if low else "ok", low or free)
    if shut is None:
        yield _flushing(root)
    kind = kind_of_disk(root, Path("/proc/self/mountinfo").read_text("utf-8"))
    yield Finding(
        "network_disk", far if kind in NETWORK else "ok", both("found.disk_kind", kind=kind)
    )


def _shut(root: Path) -> Iterator[Path]:
    """Give what this user cannot use: folders, books and locks are written, all else is read."""
    for path in chain((root,), below(root)):
        folder = os.path.isdir(path)  # noqa: PTH112 - that of Path raises where one may not look
        written = folder or path.name.startswith("books.sqlite") or path.suffix == ".lock"
        need = os.R_OK | (os.W_OK if written else 0) | (os.X_OK if folder else 0)
        if not os.access(path, need) and os.path.lexists(path):
            yield path


def _flushing(root: Path) -> Finding:
    try:
        ms = _flush_ms(root)
    except OSError as error:
        said = both("found.disk_refuses", why=error.strerror or error)
        return Finding("disk_floor", "fail", said)
    return Finding(
        "flushing", "warn" if ms > SLOW_MS else "ok", both("found.flushing", ms=f"{ms:.1f}")
    )


def _flush_ms(folder: Path) -> float:
    """Return how long it takes until a few bytes are on the disk, in the middle of some tries."""
    took = []
    with TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(FLUSHES):
            began = time.perf_counter()
            file.write(b"." * 4096)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return sorted(took)[FLUSHES // 2] * 1000


def kind_of_disk(path: Path, mounts: str) -> str:
    r"""Return the kind of file system that a path lies on.

    Parameters
    ----------
    path
        Which.
    mounts
        Text of ``/proc/self/mountinfo``.

    Examples
    --------
    >>> mounts = "1 0 8:1 / / rw - ext4 d rw\n2 1 0:9 / /mnt/far rw - nfs4 far:/ rw"
    >>> kind_of_disk(Path("/mnt/far/lake"), mounts), kind_of_disk(Path("/mnt"), mounts)
    ('nfs4', 'ext4')
    """
    found = {}
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        found[Path(left.split()[4].replace("\\040", " "))] = right.split()[0]
    here = path.absolute()
    return next((found[p] for p in (here, *here.parents) if p in found), "?")


def _clock(store: Store) -> Iterator[Finding]:
    with store.books.engine.begin() as c:
        last = c.execute(sa.select(sa.func.max(ACT.c.at))).scalar()
    now = datetime.now(UTC)
    if last and last > now:
        yield Finding("clock", "fail", both("found.clock_back", at=last.isoformat()))
        return
    said = both("found.clock", now=f"{now:%Y-%m-%d %H:%M:%S} UTC", zone="/".join(time.tzname))
    yield Finding("clock", "ok", said)


def _postgres(store: Store) -> Iterator[Finding]:
    asked = sa.text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
    with store.books.engine.begin() as c:
        rows = c.execute(asked, {"names": [*POSTGRES]}).all()
        found = {str(name): str(value) for name, value in rows}
    for name, (wanted, grave) in POSTGRES.items():
        value = found.get(name, "?")
        # More than what is wanted of commits: a standby has them, too.
        good = value == wanted or (name, value) == ("synchronous_commit", "remote_apply")
        about = {"wanted": f"{name} = {wanted}"}
        how: How = "ok" if good or grave == "ok" else "fail"
        yield Finding("postgres", how, both("found.postgres", name=name, value=value), about)
