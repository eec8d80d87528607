"""What every loader shares: raw rows, the result of a load, hashes, and unusable input."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from liandong.errors import DataError
from liandong.schema.checked import Checked, gather
from liandong.schema.validate import NOTHING
from liandong.texts import both


@dataclass(frozen=True)
class Raw:
    """Rows of one table as a source gives them, not checked yet.

    Attributes
    ----------
    table
        Name of the table.
    data
        Columns by field name, as text or typed.
    file
        Name of the file they came from.
    first_row
        Number of the first row in the file, or of each row.
    units
        Units of money and rates by field, see :data:`liandong.schema.parse.UNITS`.
    columns
        What the file calls a field, where it does so otherwise.
    faults
        ``load_error`` rows for rows that were refused before this.
    notes
        ``load_error`` rows about the file as such.
    """

    table: str
    data: pa.Table
    file: str
    first_row: int | pa.Array = 1
    units: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    columns: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    faults: pa.Table | None = None
    notes: pa.Table | None = None


@dataclass(frozen=True)
class Loaded:
    """What a load found.

    Attributes
    ----------
    checked
        By table: good rows, where they stood, and errors.
    files
        SHA-256 of every file that was read, by name.
    copies
        Rows left out by :meth:`without` because they were there already.
    """

    checked: Mapping[str, Checked]
    files: Mapping[str, str]
    copies: int = 0

    @property
    def tables(self) -> dict[str, pa.Table]:
        """The good rows by table."""
        return {name: c.good for name, c in self.checked.items()}

    @property
    def errors(self) -> pa.Table:
        """All refused rows (``load_error``), by file and row."""
        return gather([c.errors for c in self.checked.values()])

    @property
    def refused(self) -> dict[str, int]:
        """How many rows were refused, by table."""
        return {name: c.bad_rows for name, c in self.checked.items()}

    def without(self, known: Mapping[str, pa.Table]) -> "Loaded":
        """Refuse rows whose key another source has brought already with other content.

        Parameters
        ----------
        known
            Rows that are there already, by table. Exact copies of them are left out and counted.
        """
        found = {
            name: c.without_known(known[name]) if name in known else (c, 0)
            for name, c in self.checked.items()
        }
        copies = self.copies + sum(n for _, n in found.values())
        return replace(self, checked={name: c for name, (c, _) in found.items()}, copies=copies)


def unusable(file: str | Path, code: str, **params: object) -> DataError:
    """Return the error that says why ``file`` cannot be used, in both languages.

    Parameters
    ----------
    code
        Of the texts ``fault.<code>``, filled in, and ``advice.<code>``.
    **params
        What the first text names.
    """
    what, remedy = both(f"fault.{code}", **params), both(f"advice.{code}")
    return DataError(file=str(file), what=what, remedy=remedy)


def need_folder(path: Path, names: Iterable[str]) -> list[Path]:
    """Return the files ``names`` of the folder ``path``.

    Raises
    ------
    DataError
        If the folder or one of the files is not there.
    """
    if not path.is_dir():
        raise unusable(path, "missing_folder")
    absent = [n for n in names if not (path / n).is_file()]
    if absent:
        raise unusable(path, "missing_part", names=", ".join(absent))
    return [path / n for n in names]


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by its name.

    Raises
    ------
    DataError
        If a file is absent, is a folder, or cannot be read.
    """
    found = {}
    for path in paths:
        if not path.exists():
            raise unusable(path, "missing_file")
        if path.is_dir():
            raise unusable(path, "not_a_file")
        try:
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise unusable(path, "unreadable", why=error.strerror) from error
    return found
