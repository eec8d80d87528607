"""The lake: immutable, content-hashed Parquet snapshots in a Hive-style layout.

``<lake>/<table>/part=<part>/snapshot=<id>/00000.parquet``. A snapshot is written to a hidden
folder, flushed, and then renamed into place: it is there as a whole or not at all. Only the books
say which snapshots are current.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from liandong.errors import BoardError
from liandong.schema.arrow import arrow_schema, empty
from liandong.store.flushing import flush
from liandong.texts import both

FILE_ROWS = 500_000
"""Rows of one Parquet file; fixed, so that the same rows always make the same files."""
GROUP_ROWS = 1 << 15
"""Rows that are read at once at least: who looks for few of them passes the other groups over."""
_TEMPORARY = ".writing-"


@dataclass(frozen=True)
class Snapshot:
    """One immutable state of one part of a table; fields as in table ``snapshot``."""

    snapshot_id: str
    table_name: str
    part: str
    rows: int
    bytes: int
    sha256: str
    path: str


class Lake:
    """Snapshots below one folder.

    Parameters
    ----------
    root
        The folder; made when the first snapshot is written.
    workers
        Files written at a time.
    """

    def __init__(self, root: Path, workers: int = 1) -> None:
        self.root = root
        self.workers = workers

    def write(self, table: str, part: str, data: pa.Table) -> Snapshot:
        """Write ``data`` as a snapshot of ``part`` of ``table``; writing it twice is one snapshot.

        Raises
        ------
        OSError
            If the disk refuses; nothing is left behind.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f"{_TEMPORARY}{uuid.uuid4().hex}"
        temporary.mkdir()
        try:
            sha = self._write_files(temporary, data)
            name = snapshot_id(table, part, sha)
            folder = self.root / table / f"part={quote(part, safe='@')}"
            final = folder / f"snapshot={name}"
            size = sum(f.stat().st_size for f in temporary.iterdir())
            folder.mkdir(parents=True, exist_ok=True)
            self._put(temporary, final, sha)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        path = final.relative_to(self.root).as_posix()
        return Snapshot(name, table, part, len(data), size, sha, path)

    def _put(self, temporary: Path, final: Path, sha: str) -> None:
        """Move a new snapshot into place; one that is there but damaged makes room for it."""
        if final.exists():
            if self.hash_of(final.relative_to(self.root).as_posix()) == sha:
                return
            final.rename(temporary.with_name(f"{temporary.name}-damaged"))
        temporary.rename(final)
        for folder in (final.parent, final.parent.parent, self.root):
            flush(folder)

    def _write_files(self, folder: Path, data: pa.Table) -> str:
        starts = range(0, max(len(data), 1), FILE_ROWS)
        jobs = [
            (folder / f"{i:05d}.parquet", data.slice(s, FILE_ROWS)) for i, s in enumerate(starts)
        ]
        with ThreadPoolExecutor(self.workers) as pool:
            hashes = list(pool.map(lambda job: _write_file(*job), jobs))
        flush(folder)
        return _hash("".join(hashes).encode())

    def files(self, path: str) -> list[Path]:
        """Return the Parquet files of the snapshot at ``path``, in order.

        Raises
        ------
        BoardError
            If there are none: the lake has lost what the books name.
        """
        found = self._listed(path)
        if not found:
            what = both("fault.snapshot_gone", path=path)
            raise BoardError(board=self.root, what=what, remedy=both("advice.restore_lake"))
        return found

    def _listed(self, path: str) -> list[Path]:
        return sorted((self.root / path).glob("*.parquet"))

    def holds(self, path: str, size: int) -> bool:
        """Tell whether the snapshot at ``path`` is there with all its bytes."""
        return sum(f.stat().st_size for f in self._listed(path)) == size

    def read(self, table: str, paths: Iterable[str], only: pc.Expression | None = None) -> pa.Table:
        """Return the rows of the snapshots at ``paths``, in that order; ``only`` some of them."""
        schema = arrow_schema(table)
        found = [
            pq.read_table(f, partitioning=None, schema=schema, filters=only)
            for p in paths
            for f in self.files(p)
        ]
        return pa.concat_tables(found) if found else empty(table)

    def hash_of(self, path: str) -> str:
        """Hash the files at ``path`` again, to be held against the recorded hash."""
        return _hash("".join(_hash(f.read_bytes()) for f in self._listed(path)).encode())

    def sweep(self) -> None:
        """Remove what a process that died had begun to write; needs the writer's lock."""
        for leftover in self.root.glob(f"{_TEMPORARY}*"):
            shutil.rmtree(leftover, ignore_errors=True)


def snapshot_id(table: str, part: str, sha256: str) -> str:
    """Return the id of a snapshot: a hash of its place and its content."""
    return _hash(f"{table}|{part}|{sha256}".encode())[:20]


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _write_file(path: Path, data: pa.Table) -> str:
    pq.write_table(
        data, path, compression="zstd", compression_level=1, store_schema=False,
        row_group_size=GROUP_ROWS,
    )  # fmt: skip
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
