"""Tables that a process lays down on the disk while it runs, and that are gone with it."""

import tempfile
from pathlib import Path
from typing import IO
from weakref import finalize

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from liandong.errors import StorageError

GROUP = 1 << 13
"""Rows that are read at once at least."""


class Lain:
    """A table on the shelf, in a file that has no name; it goes with this object.

    Attributes
    ----------
    file
        Where it lies.
    size
        Bytes of it.
    """

    def __init__(self, file: IO[bytes], table: pa.Table) -> None:
        pq.write_table(table, file, row_group_size=GROUP, compression="lz4")
        file.flush()
        self.size = file.tell()
        finalize(self, file.close)
        self.file = file
        self._rows = pq.ParquetFile(file)

    def read(self, rows: NDArray[np.int64]) -> pa.Table:
        """Return some rows, given in order."""
        groups, place = np.unique(rows // GROUP, return_inverse=True)
        return self._rows.read_row_groups(groups.tolist()).take(place * GROUP + rows % GROUP)


class Shelf:
    """A folder for such files: Parquet, without names, so that not even a crash leaves one.

    Parameters
    ----------
    folder
        Where they lie; made if missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, table: pa.Table) -> Lain:
        """Lay a table down.

        Raises
        ------
        StorageError
            If it cannot be written; the table is as it was.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return Lain(tempfile.TemporaryFile(dir=self._folder), table)
        except OSError as error:
            raise StorageError(board=str(self._folder), what=str(error)) from error
