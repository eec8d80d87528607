"""One file as a sheet of columns, CSV as text, Parquet typed; each row keeps its number."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from liandong.errors import UsageError
from liandong.load.base import Raw, unusable
from liandong.schema.checked import origin_of, refused
from liandong.schema.parse import as_text
from liandong.schema.validate import NOTHING
from liandong.texts import both

_BOM = b"\xef\xbb\xbf"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""How a file of the older Excel begins, and one with a password."""
_WORKBOOK = (b"PK\x03\x04", OLD_WORKBOOK)
_DELIMITERS = ",;\t"
WORKBOOKS = (".xlsx", ".xlsm")
_BLOCK = 1 << 26
_TOP = 1 << 16

Column: TypeAlias = "pa.ChunkedArray | pa.Array | str | int"


@dataclass(frozen=True)
class Sheet:
    """The rows of one file.

    Attributes
    ----------
    file
        Its name.
    data
        Columns by the names of the header.
    rows
        Number of each row in the file; the header of a CSV file is row 1.
    faults
        ``load_error`` rows for lines that could not be split.
    """

    file: str
    data: pa.Table
    rows: pa.Array
    faults: pa.Table | None = None

    def need(self, names: Iterable[str]) -> None:
        """Raise a DataError that says which of ``names`` are missing and what is there."""
        absent = [n for n in names if n not in self.data.column_names]
        if absent:
            present = ", ".join(self.data.column_names)
            raise unusable(self.file, "columns", names=", ".join(absent), present=present)

    def raw(
        self,
        table: str,
        columns: Mapping[str, Column],
        *,
        keep: pa.ChunkedArray | None = None,
        units: Mapping[str, str] = NOTHING,
        labels: Mapping[str, str] = NOTHING,
    ) -> Raw:
        """Return rows of ``table`` made of this sheet.

        Parameters
        ----------
        columns
            By field; text or a number stands for a whole column.
        keep
            Mask of the rows to take; all by default.
        units, labels
            See :class:`liandong.load.base.Raw`.
        """
        rows = len(self.rows)
        data = pa.table({n: _full(c, rows) for n, c in columns.items()})
        numbers = self.rows
        if keep is not None:
            kept = pc.fill_null(keep, fill_value=False).combine_chunks()
            data, numbers = data.filter(kept), numbers.filter(kept)
        return Raw(table, data, self.file, numbers, units, labels, self.faults)


def _full(column: Column, rows: int) -> pa.ChunkedArray | pa.Array:
    whole = isinstance(column, pa.ChunkedArray | pa.Array)
    return column if whole else pa.repeat(pa.scalar(column), rows)


def read_sheet(path: Path, encoding: str = "", delimiter: str = "", sheet: str = "") -> Sheet:
    """Read a Parquet file or an .xlsx workbook (by their suffixes), or a CSV file.

    Parameters
    ----------
    path
        The file.
    encoding
        Of a CSV file; found out among UTF-8 with and without BOM and GB18030 if empty. A file of
        very few Chinese characters may pass for both: UTF-8 is taken then.
    delimiter
        Of a CSV file; found out among comma, semicolon and tab if empty.
    sheet
        Of a workbook; the first that is shown if empty.

    Raises
    ------
    DataError
        If the file is absent, empty, in another encoding or format, or names a column twice.
    """
    if path.suffix.lower() in {".parquet", ".pq"}:
        return read_parquet(path)
    if path.suffix.lower() in WORKBOOKS:
        from liandong.load.workbook import read_workbook  # which makes a sheet, as this does

        return read_workbook(path, sheet)
    return read_csv(path, encoding, delimiter)


def read_parquet(path: Path, columns: list[str] | None = None) -> Sheet:
    """Read a Parquet file, or only some of its columns; see :func:`read_sheet`."""
    need_file(path)
    try:
        with pq.ParquetFile(path) as file:
            present = file.schema_arrow.names
            absent = sorted(set(columns or []) - set(present))
            if absent:
                names, there = ", ".join(absent), ", ".join(present)
                raise unusable(path.name, "columns", names=names, present=there)
            data = file.read(columns)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise unusable(path, "not_parquet", why=str(error).split(".")[0]) from error
    if not len(data):
        raise unusable(path, "empty")
    rows = pa.array(np.arange(1, len(data) + 1))
    return Sheet(path.name, data, rows)


def read_csv(
    path: Path, encoding: str = "", delimiter: str = "", *, repeated: bool = False
) -> Sheet:
    """Read a CSV file with a header as text; rows that are blank throughout are left out.

    With ``repeated`` the header may name a column again: the second ``x`` is ``x.1``, and so on.
    """
    body = decode(path, encoding)
    top = list(io.StringIO(body[:_TOP]))
    skipped = sum(1 for _ in takewhile(lambda line: not line.strip(), top))
    delimiter = delimiter or _delimiter(top[skipped])
    header = next(csv.reader(top[skipped:], delimiter=delimiter))
    names = [name.strip() for name in header]
    if repeated:
        names = [_again(names[:i], name) for i, name in enumerate(names)]
    twice = sorted({n for n in names if n and names.count(n) > 1})
    if twice:
        raise unusable(path, "twice", names=", ".join(twice))
    data, odd = _split(path, body, header, delimiter, skipped)
    data = data.rename_columns(names)
    first = skipped + 2
    numbers = np.arange(first, first + len(data) + len(odd))
    numbers = np.setdiff1d(numbers, [r.number for r in odd], assume_unique=True)
    filled = ~_blank_rows(data)
    if not filled.any() and not odd:
        raise unusable(path, "empty")
    return Sheet(
        path.name, data.filter(pa.array(filled)), pa.array(numbers[filled]), _faults(path, odd)
    )


def _again(before: list[str], name: str) -> str:
    times = before.count(name)
    return f"{name}.{times}" if times else name


def _split(
    path: Path, body: str, header: list[str], delimiter: str, skipped: int
) -> tuple[pa.Table, list[pa_csv.InvalidRow]]:
    odd: list[pa_csv.InvalidRow] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        odd.append(row)
        return "skip"

    raw = body.encode()
    try:
        data = pa_csv.read_csv(
            pa.BufferReader(raw),
            # One thread: only then are set-aside rows numbered.
            pa_csv.ReadOptions(
                use_threads=False, block_size=min(len(raw) + 1, _BLOCK), skip_rows=skipped
            ),
            pa_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string())),
        )
    except pa.ArrowInvalid as error:
        if "\n" not in body.strip():  # a header without rows
            raise unusable(path, "empty") from error
        raise unusable(path, "not_csv", why=str(error)) from error
    return data, odd


def _blank_rows(data: pa.Table) -> np.ndarray:
    blank = np.ones(len(data), dtype=bool)
    for column in data.columns:
        empty = pc.equal(pc.utf8_trim_whitespace(column), "")
        blank &= pc.fill_null(empty, fill_value=True).to_numpy()
    return blank


def told(file: str, rows: list[int], field: str, values: list[str], code: str) -> pa.Table:
    """Return ``load_error`` rows about the rows ``rows`` of a file; see :func:`refused`."""
    origin = origin_of(file, pa.array(rows, pa.int64()))
    every = pa.chunked_array([pa.array([True] * len(rows), pa.bool_())])
    return refused(origin, every, [pa.chunked_array([pa.array(values, pa.string())])], field, code)


def _faults(path: Path, odd: list[pa_csv.InvalidRow]) -> pa.Table | None:
    if not odd:
        return None
    widths = [f"{r.actual_columns} ≠ {r.expected_columns}" for r in odd]
    return told(path.name, [r.number for r in odd], "*", widths, "wrong_width")


def need_file(path: Path) -> None:
    """Raise a DataError if there is no such file."""
    if not path.exists():
        raise unusable(path, "missing_file")
    if path.is_dir():
        raise unusable(path, "not_a_file")


def decode(path: Path, encoding: str = "") -> str:
    """Return the text of a file without its byte order mark.

    Raises
    ------
    DataError
        If it is absent, empty, a workbook, or in another encoding: at which byte.
    UsageError
        If no encoding is called ``encoding``.
    """
    need_file(path)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise unusable(path, "unreadable", why=error.strerror) from error
    if not body.removeprefix(_BOM).strip():
        raise unusable(path, "empty")
    # What web systems hand out as .xls is often a page.
    page = path.suffix.lower() == ".xls" and body.removeprefix(_BOM).lstrip().startswith(b"<")
    if page or body.startswith(_WORKBOOK):
        raise unusable(path, "workbook")
    try:
        if encoding:
            return body.decode(encoding).removeprefix("\ufeff")
        return body.removeprefix(_BOM).decode("utf-8")
    except LookupError as error:
        what = both("fault.unknown_encoding", name=encoding)
        remedy = both("advice.known", known="utf-8, utf-8-sig, gb18030")
        raise UsageError(what=what, remedy=remedy) from error
    except UnicodeDecodeError as error:
        if encoding:
            raise unusable(path, "given_encoding", encoding=encoding, byte=error.start) from error
        return _decode_gb(path, body, error.start + len(_BOM) * body.startswith(_BOM))


def _decode_gb(path: Path, body: bytes, utf8: int) -> str:
    try:
        return body.decode("gb18030")
    except UnicodeDecodeError as error:
        raise unusable(path, "encoding", utf8=utf8, gb=error.start) from error


def _delimiter(header: str) -> str:
    """Return the delimiter that the header holds most of, outside quotes."""
    plain = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=plain.count)


def translate(
    column: pa.ChunkedArray, values: Mapping[str, str], default: str = ""
) -> pa.ChunkedArray:
    """Return ``column`` as text with some values replaced, and blanks by ``default`` if given.

    Parameters
    ----------
    values
        New text by old text, compared without blanks around it; other text stays.
    """
    told = pc.utf8_trim_whitespace(as_text(column))
    new = each_distinct(told, lambda word: values.get(word, word) or default or None)
    return pc.fill_null(new, default) if default else new


def each_distinct(column: pa.ChunkedArray, change: Callable[[str], str | None]) -> pa.ChunkedArray:
    """Return ``column`` with ``change`` applied once to each distinct text."""
    coded = pc.dictionary_encode(column.combine_chunks())
    new = pa.array([change(word) for word in coded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([new.take(coded.indices)])
