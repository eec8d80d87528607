"""Copies of a board that are consistent while it is in use, and boards made of them again.

A backup is a folder with ``files/``, where every content lies once under its SHA-256, and with
``backups/<time>.json``, which says what a board of that moment was made of. That list is renamed
into its place last, so that a backup which was not finished is none.

The order is that in which a board refers to itself: the sealed log is of acts in the books, and
the books name files of the lake. So the log is copied first, then the books as they are at one
moment, then the lake, which only ever gains files: what is copied later has all that what was
copied before speaks of.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liandong.errors import DataError, NotFoundError, StorageError, UsageError
from liandong.store.actlog import log_folder
from liandong.store.flushing import flush
from liandong.store.store import Store, need_free
from liandong.store.tilelog import CHECKPOINT
from liandong.texts import both

BOOKS = "books.sqlite"
CHUNK = 1 << 20
Tell = Callable[[str, int, int], None]
"""Called with what is being copied, how much is done, and of how much."""


@dataclass
class Copied:
    """What a backup has, or what is being put into it.

    Attributes
    ----------
    name
        When it was made.
    files
        For each file of the board its SHA-256, size and time.
    new
        Bytes that were not in an earlier backup.
    """

    name: str
    files: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    new: int = 0


def back_up(store: Store, to: Path, tell: Tell | None = None) -> Copied:
    """Copy a board to a folder that keeps backups; what is there already is not copied again.

    Parameters
    ----------
    store
        Of a board in a folder; others may read and write it meanwhile.
    to
        The folder; made if missing.
    tell
        Hears how far it is.

    Raises
    ------
    UsageError
        If the books are in PostgreSQL, which has means of its own.
    StorageError
        If it cannot be written; the backups that are there stay as they are.
    """
    if store.folder is None:
        raise UsageError(what=both("fault.backup_postgres"), remedy=both("advice.backup_postgres"))
    vault = _Vault(to)
    try:
        made = vault.begin(datetime.now(UTC))
        _log(vault, made, store.folder, log_folder(store))
        named = _books(vault, made, store.folder)
        _lake(vault, made, store.folder, named, tell)
        vault.end(made)
    except OSError as error:
        raise StorageError(board=str(to), what=str(error)) from error
    return made


def _log(vault: "_Vault", made: Copied, board: Path, folder: Path) -> None:
    """Copy the sealed log; again, if it was sealed meanwhile."""
    while folder.exists():
        before = _text(folder / CHECKPOINT)
        for path in _below(folder):
            vault.keep(made, board, path)
        if _text(folder / CHECKPOINT) == before:
            return


def _text(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text("utf-8")
    return ""


def _books(vault: "_Vault", made: Copied, board: Path) -> set[str]:
    """Copy the books as they are at one moment; return the folders of snapshots they name."""
    copy = vault.folder / f".{made.name}.sqlite"
    try:
        with closing(sqlite3.connect(board / BOOKS)) as here, closing(sqlite3.connect(copy)) as to:
            here.backup(to)
            to.execute("PRAGMA journal_mode=DELETE")
            named = {path for (path,) in to.execute("SELECT path FROM snapshot")}
        vault.keep(made, vault.folder, copy, BOOKS)
    finally:
        copy.unlink(missing_ok=True)
    return named


def _lake(
    vault: "_Vault", made: Copied, board: Path, named: set[str], tell: Tell | None
) -> None:  # fmt: skip
    """Copy the files of the lake; snapshots that the books do not name are left out."""
    lake = board / "lake"
    found = [
        p for p in _below(lake)
        if p.suffix != ".parquet" or p.parent.relative_to(lake).as_posix() in named
    ]  # fmt: skip
    for i, path in enumerate(found):
        with suppress(FileNotFoundError):  # a watch has forgotten it since
            vault.keep(made, board, path)
        if tell:
            tell("lake", i + 1, len(found))


def _below(folder: Path) -> list[Path]:
    """Return the files below a folder, without those that somebody is writing, and locks."""
    return [
        p for p in sorted(folder.rglob("*"))
        if p.is_file() and p.suffix != ".lock"
        and not any(part.startswith(".") for part in p.relative_to(folder).parts)
    ]  # fmt: skip


class _Vault:
    """The folder with backups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[str, int, int]] = {}

    def names(self) -> list[str]:
        """Return the finished backups, oldest first."""
        return sorted(p.stem for p in (self.folder / "backups").glob("[!.]*.json"))

    def list(self, name: str) -> Copied:
        """Return what a backup has."""
        said: dict[str, Any] = json.loads((self.folder / "backups" / f"{name}.json").read_bytes())
        return Copied(name, {path: tuple(about) for path, about in said["files"].items()})

    def begin(self, at: datetime) -> Copied:
        for name in ("files", "backups"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if self.names():
            self._known = self.list(self.names()[-1]).files
        return Copied(at.strftime("%Y-%m-%dT%H-%M-%S.%fZ"))

    def keep(self, made: Copied, root: Path, path: Path, name: str | None = None) -> None:
        """Put a file into the backup; one that looks as it did last time is not read again."""
        name = name or path.relative_to(root).as_posix()
        now = path.stat()
        sha, *looked = self._known.get(name, ("", 0, 0))
        if looked != [now.st_size, now.st_mtime_ns] or not self.at(sha).exists():
            sha, new = self._copied(path)
            made.new += new
        made.files[name] = sha, now.st_size, now.st_mtime_ns

    def at(self, sha: str) -> Path:
        """Return where a content lies."""
        return self.folder / "files" / sha[:2] / sha

    def _copied(self, path: Path) -> tuple[str, int]:
        """Copy a file whose content is not there yet; return its hash, and the bytes copied."""
        fresh = self.folder / "files" / f".{os.getpid()}"
        with path.open("rb") as source, fresh.open("wb") as target:
            sha = _copy(source, target)
        final = self.at(sha)
        if final.exists():
            fresh.unlink()
            return sha, 0
        final.parent.mkdir(exist_ok=True)
        fresh.rename(final)
        flush(final.parent)
        return sha, final.stat().st_size

    def end(self, made: Copied) -> None:
        fresh = self.folder / "backups" / f".{made.name}.json"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"made": made.name, "files": made.files}, file, indent=0)
            file.flush()
            os.fsync(file.fileno())
        flush(self.folder / "files")
        fresh.rename(self.folder / "backups" / f"{made.name}.json")
        flush(self.folder / "backups")


def _copy(source: Any, target: Any) -> str:  # noqa: ANN401 - open binary files
    digest = hashlib.sha256()
    while part := source.read(CHUNK):
        digest.update(part)
        target.write(part)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


def restore(source: Path, to: Path, name: str = "", tell: Tell | None = None) -> Copied:
    """Make a board of a backup; every file is held against its hash. Nothing is overwritten.

    Parameters
    ----------
    source
        Folder that keeps backups.
    to
        Folder of the board; there must be none.
    name
        Which backup, or the beginning of its name; the newest without it.
    tell
        Hears how far it is.

    Raises
    ------
    NotFoundError
        If there is no such backup that was finished.
    BoardError
        If something is there already.
    DataError
        If a file of the backup is damaged or gone; then there is no board.
    """
    vault = _Vault(source)
    found = [n for n in vault.names() if n.startswith(name)]
    if not found:
        remedy = both("advice.backups", known=", ".join(vault.names()) or "–")
        raise NotFoundError(kind=both("kind.backup"), name=name or source, remedy=remedy)
    need_free(to, str(to))
    kept = vault.list(found[-1])
    # The books come last: without them there is no board that looks whole and is not.
    names = sorted(kept.files, key=lambda n: n == BOOKS)
    for i, path in enumerate(names):
        _bring(vault, kept.files[path][0], to / path)
        if tell:
            tell("files", i + 1, len(names))
    return kept


def _bring(vault: _Vault, sha: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    fresh = to.with_name(f".{to.name}")
    try:
        with vault.at(sha).open("rb") as source, fresh.open("wb") as target:
            now = _copy(source, target)
    except FileNotFoundError:
        now = ""
    except OSError as error:
        raise StorageError(board=str(to), what=str(error)) from error
    if now != sha:
        fresh.unlink(missing_ok=True)
        what = both("fault.backup_damaged", name=to.name)
        raise DataError(file=vault.at(sha), what=what, remedy=both("advice.backup_damaged"))
    fresh.rename(to)
    flush(to.parent)
