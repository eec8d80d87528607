"""Copies of a board that are consistent while it is in use, and boards made of them again.

A backup is a folder with ``files/``, where every content lies once under its SHA-256, and with
``backups/<time>.json``, which says what a board of that moment was made of. That list is renamed
into its place last, so that a backup which was not finished is none. Books in PostgreSQL are kept
as a file of SQLite, so that a backup does not tell where its books were.

The order is that in which a board refers to itself: the sealed log is of acts in the books, and
the books name files of the lake. So the log is copied first, then the books as they are at one
moment, then the lake, which only ever gains files: what is copied later has all that what was
copied before speaks of.
"""

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from liandong.errors import DataError, NotFoundError, StorageError
from liandong.store.actlog import log_beside, log_folder
from liandong.store.books import shown
from liandong.store.carrying import need_empty, to_postgresql, to_sqlite
from liandong.store.flushing import flush
from liandong.store.store import Store, lake_of, need_free
from liandong.store.tilelog import CHECKPOINT
from liandong.store.walking import below
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
        Of the board; others may read and write it meanwhile.
    to
        The folder; made if missing.
    tell
        Hears how far it is.

    Raises
    ------
    StorageError
        If it cannot be written; the backups that are there stay as they are.
    """
    vault = _Vault(to)
    try:
        made = vault.begin(datetime.now(UTC))
        _log(vault, made, log_folder(store))
        named = _books(vault, made, store)
        _lake(vault, made, store.lake.root, named, tell)
        vault.end(made)
    except (OSError, sqlite3.Error, sa.exc.DBAPIError) as error:
        raise StorageError(board=str(to), what=str(error)) from error
    return made


def _log(vault: "_Vault", made: Copied, folder: Path) -> None:
    """Copy the sealed log; again, if it was sealed meanwhile."""
    while folder.exists():
        before = _text(folder / CHECKPOINT)
        made.files.clear()  # the log comes first: there is nothing else
        try:
            for path in _lasting(folder):
                if path.suffix != ".new":  # is being written
                    vault.keep(made, path, _named("log", folder, path))
        except FileNotFoundError:  # it is being sealed
            continue
        if _text(folder / CHECKPOINT) == before:
            return


def _text(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text("utf-8")
    return ""


def _books(vault: "_Vault", made: Copied, store: Store) -> set[str]:
    """Copy the books as they are at one moment; return the folders of snapshots they name."""
    with TemporaryDirectory(prefix=".books-", dir=vault.folder) as folder:
        copy = Path(folder) / BOOKS
        if store.folder is None:
            to_sqlite(store.books.engine, copy.parent)
        else:
            with _open(store.folder / BOOKS) as here, _open(copy) as to:
                here.backup(to)
        with _open(copy) as to:
            to.execute("PRAGMA journal_mode=DELETE")
            named = {path for (path,) in to.execute("SELECT path FROM snapshot")}
        vault.keep(made, copy, BOOKS)
    return named


def _open(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(path))


def _lake(
    vault: "_Vault", made: Copied, lake: Path, named: set[str], tell: Tell | None
) -> None:  # fmt: skip
    """Copy the files of the lake; snapshots that the books do not name are left out."""
    found = [
        p for p in _lasting(lake)
        if p.suffix != ".parquet" or p.parent.relative_to(lake).as_posix() in named
    ]  # fmt: skip
    for i, path in enumerate(found):
        with suppress(FileNotFoundError):  # a watch has forgotten it since
            vault.keep(made, path, _named("lake", lake, path))
        if tell:
            tell("lake", i + 1, len(found))


def _named(top: str, root: Path, path: Path) -> str:
    return f"{top}/{path.relative_to(root).as_posix()}"


def _lasting(folder: Path) -> list[Path]:
    """Return the files below a folder, without those that somebody is writing, and locks."""
    return [
        p for p in sorted(below(folder))
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
        """Return what a backup has; DataError if its list is damaged, or leads out of a board."""
        listed = self.folder / "backups" / f"{name}.json"
        try:
            said = json.loads(listed.read_bytes())
            files = {path: tuple(about) for path, about in said["files"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(listed) from error
        if not all(map(_inside, files)):
            raise _damaged(listed)
        return Copied(name, files)

    def begin(self, at: datetime) -> Copied:
        for name in ("files", "backups"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if self.names():
            with suppress(DataError):  # then everything is read again
                self._known = self.list(self.names()[-1]).files
        return Copied(at.strftime("%Y-%m-%dT%H-%M-%S.%fZ"))

    def keep(self, made: Copied, path: Path, name: str) -> None:
        """Put a file into the backup; one that looks as it did last time is not read again."""
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
        # Not by the process alone: in containers each is the first one.
        fresh = self.folder / "files" / f".{os.getpid()}-{secrets.token_hex(8)}"
        with path.open("rb") as source, fresh.open("xb") as target:
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


def _damaged(path: Path, name: str = "") -> DataError:
    what = both("fault.backup_damaged", name=name or path.name)
    return DataError(file=path, what=what, remedy=both("advice.backup_damaged"))


def _inside(name: str) -> bool:
    """Tell whether a name of a list is one that a board can have, and leads nowhere else."""
    top, *rest = name.split("/")
    return name == BOOKS or (
        top in {"lake", "log"} and bool(rest) and not {"", ".", ".."} & {*rest}
    )


def _copy(source: Any, target: Any) -> str:  # noqa: ANN401 - open binary files
    digest = hashlib.sha256()
    while part := source.read(CHUNK):
        digest.update(part)
        target.write(part)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


def restore(
    source: Path, to: str | Path, name: str = "", lake: Path | None = None, tell: Tell | None = None
) -> Copied:
    """Make a board of a backup; every file is held against its hash. Nothing is overwritten.

    Parameters
    ----------
    source
        Folder that keeps backups, of boards of either kind.
    to
        Folder of the board, of which there must be none; or address of an empty database.
    name
        Which backup, or the beginning of its name; the newest without it.
    lake
        Where the lake of a board in PostgreSQL shall lie.
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
    StorageError
        If the disk or the database refuses; then there is none either.
    """
    vault = _Vault(source)
    found = [n for n in vault.names() if n.startswith(name)]
    if not found:
        remedy = both("advice.backups", known=", ".join(vault.names()) or "–")
        raise NotFoundError(kind=both("kind.backup"), name=name or source, remedy=remedy)
    kept = vault.list(found[-1])
    place, home = str(to), Path(to)
    try:
        if place.startswith("postgresql"):
            _to_postgresql(vault, kept, place, lake_of(place, lake), tell)
        else:
            need_free(home, place)
            _to_folders(vault, kept, (home, home / "lake", home / "log"), tell)
    except (OSError, sa.exc.DBAPIError) as error:
        raise StorageError(board=shown(place), what=str(error)) from error
    return kept


def _to_postgresql(
    vault: _Vault, kept: Copied, to: str, lake: Path, tell: Tell | None
) -> None:  # fmt: skip
    need_empty(to)
    log = log_beside(lake)
    for folder in (lake, log):
        need_free(folder, str(folder))
    lake.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".books-", dir=lake.parent) as books:
        _to_folders(vault, kept, (Path(books), lake, log), tell)
        to_postgresql(Path(books), to, lake)


def _to_folders(
    vault: _Vault, kept: Copied, folders: tuple[Path, Path, Path], tell: Tell | None
) -> None:  # fmt: skip
    """Bring the files of a backup to where books, lake and log shall lie."""
    books, lake, log = folders
    roots = {"lake": lake, "log": log}
    # The books come last: without them there is no board that looks whole and is not.
    names = sorted(kept.files, key=lambda n: n == BOOKS)
    for i, name in enumerate(names):
        top, _, rest = name.partition("/")
        _bring(vault, kept.files[name][0], roots[top] / rest if rest else books / name)
        if tell:
            tell("files", i + 1, len(names))


def _bring(vault: _Vault, sha: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    fresh = to.with_name(f".{to.name}")
    try:
        with vault.at(sha).open("rb") as source, fresh.open("wb") as target:
            now = _copy(source, target)
    except FileNotFoundError:
        now = ""
    if now != sha:
        fresh.unlink(missing_ok=True)
        raise _damaged(vault.at(sha), to.name)
    fresh.rename(to)
    flush(to.parent)
