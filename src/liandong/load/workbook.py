"""A sheet of an .xlsx workbook as columns of text: ISO/IEC 29500-1, as Excel and WPS write it.

Parts are read element by element and within bounds. Readers that unfold a sheet to the rectangle
of its cells can be made to ask for more memory than there is by a file of two cells.
"""

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from posixpath import basename, join, normpath
from string import digits
from typing import NamedTuple
from xml.parsers import expat

import pyarrow as pa

from liandong.load.base import unusable
from liandong.load.sheet import OLD_WORKBOOK, WORKBOOKS, Sheet, need_file, told

MOST_CELLS = 20_000_000
"""Rows by columns of a sheet that is read."""
MOST_COLUMNS = 16_384
"""That a sheet can have (XFD)."""
MOST_TEXT = 1 << 30
"""Characters in them."""
DIGITS = 15
"""So many digits of a number does a spreadsheet keep; of a longer one the last are lost."""
MOST_DAYS = 2_958_466
"""Where the year 9999 of a sheet ends."""
_BLOCK = 1 << 18
_TIMES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Formats known by number that show days or times, those of Chinese among them (18.8.30)."""
_ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_COLUMN = re.compile("[A-Z]{1,3}")
_WRONG = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, LookupError, ValueError, ArithmeticError,
    RuntimeError, EOFError, OSError, lzma.LZMAError,
)  # fmt: skip
Event = tuple[str, Mapping[str, str] | None, str]


class _Cell(NamedTuple):
    """What a sheet says of a cell: what is held, of which kind, and how it is shown."""

    held: str
    kind: str
    style: int


@dataclass(frozen=True)
class _Book:
    """What the sheets of a workbook share.

    Attributes
    ----------
    texts
        Which cells name by number.
    shown
        How numbers are shown, by style: ``time``, zeros that a code is filled with, or empty.
    first
        The day 0.
    """

    texts: list[str]
    shown: list[str]
    first: datetime


def read_workbook(path: Path, sheet: str = "") -> Sheet:
    """Read a sheet whose first row that is not blank names the columns.

    Cells become text as they stand there: days and times in ISO form, whole numbers without a
    point, others with the 15 digits that are kept, codes with the zeros that are shown. Rows with
    a cell that is an error, or a number too long to be kept, are refused.

    Parameters
    ----------
    path
        The file.
    sheet
        Name of the sheet; the first that is shown if empty.

    Raises
    ------
    DataError
        If the file is absent, none, empty or too large, has no such sheet, or names a column twice.
    """
    need_file(path)
    try:
        with path.open("rb") as begun:
            if begun.read(len(OLD_WORKBOOK)) == OLD_WORKBOOK:
                raise unusable(path, "workbook")
        with zipfile.ZipFile(path) as file:
            shared = _related(file)
            first, sheets = _sheets(file, shared)
            part = sheets.get(sheet) if sheet else next(iter(sheets.values()))
            if part is None:
                raise unusable(path, "no_sheet", name=sheet, names=", ".join(sheets))
            texts, styles = (shared.get(kind) for kind in ("sharedStrings", "styles"))
            book = _Book(
                list(_texts(file, texts)) if texts else [],
                list(_shown(file, styles)) if styles else [],
                first,
            )
            return _Table(path, book).read(_rows(file, part))
    except _WRONG as error:
        raise unusable(path, "not_workbook", why=str(error) or type(error).__name__) from error


def sheets_of(path: Path) -> list[str]:
    """Return the names of the sheets of a file, those that are shown first; none if it is none."""
    if path.suffix.lower() not in WORKBOOKS:
        return []
    try:
        with zipfile.ZipFile(path) as file:
            return list(_sheets(file, _related(file))[1])
    except _WRONG:
        return []


def unpacked(path: Path) -> int:
    """Return how many bytes the parts of a workbook have at most, 0 of what is none."""
    try:
        with zipfile.ZipFile(path) as file:
            return sum(part.file_size for part in file.infolist())
    except _WRONG:  # whoever reads it says what is wrong
        return 0


class _Table:
    """Rows of a sheet as they come together."""

    def __init__(self, path: Path, book: _Book) -> None:
        self._path, self._book = path, book
        self._faults: dict[tuple[str, str], list[tuple[int, str]]] = {}

    def read(self, rows: Iterator[tuple[int, dict[int, _Cell]]]) -> Sheet:
        """Return the sheet of rows, of which the first is the header."""
        _, head = next(rows, (0, {}))
        found = {at: self._text(cell)[0].strip() for at, cell in head.items()}
        names = [found.get(at, "") for at in range(max(found, default=-1) + 1)]
        if twice := sorted({n for n in names if n and names.count(n) > 1}):
            raise unusable(self._path, "twice", names=", ".join(twice))
        numbers: list[int] = []
        columns: list[list[str]] = [[] for _ in names]
        size = 0
        for number, cells in rows:
            values = self._values(number, cells, names)
            if values is None or not any(v.strip() for v in values):
                continue
            numbers.append(number)
            for column, value in zip(columns, values, strict=True):
                column.append(value)
            size += sum(map(len, values))
            if len(numbers) * len(names) > MOST_CELLS or size > MOST_TEXT:
                raise unusable(self._path, "sheet_size", most=f"{MOST_CELLS:,}")
        if not numbers and not self._faults:
            raise unusable(self._path, "empty")
        made = [pa.array(c, pa.string()) for c in columns]  # in chunks already, of long texts
        arrays = [a if isinstance(a, pa.ChunkedArray) else pa.chunked_array([a]) for a in made]
        data = pa.Table.from_arrays(arrays, names=names)
        return Sheet(self._path.name, data, pa.array(numbers, pa.int64()), self._refused())

    def _values(self, number: int, cells: dict[int, _Cell], names: list[str]) -> list[str] | None:
        """Return the texts of a row; None of one that is refused."""
        wide, wrong = max(cells) + 1, False
        if wide > len(names):
            self._fault(number, "*", f"{wide} ≠ {len(names)}", "wrong_width")
            return None
        values = [""] * len(names)
        for at, cell in cells.items():
            values[at], code = self._text(cell)
            if code:
                self._fault(number, names[at] or "*", values[at], code)
                wrong = True
        return None if wrong else values

    def _text(self, cell: _Cell) -> tuple[str, str]:
        """Return what a cell shows, and the code of what is wrong with it, if anything."""
        held, kind, style = cell
        if kind == "s":
            return self._book.texts[int(held)], ""
        if kind == "b":
            return str(held == "1").lower(), ""
        if kind == "e":
            return held, "cell_error"
        if kind != "n":
            return held, ""
        shown = self._book.shown[style] if style < len(self._book.shown) else ""
        value = float(held)
        if shown == "time":
            days = 0 <= value < MOST_DAYS
            return (_moment(value, self._book.first), "") if days else (held, "cell_error")
        if abs(value) >= 10**DIGITS:
            return held, "cell_digits"
        return _number(value).zfill(len(shown)), ""

    def _fault(self, number: int, name: str, value: str, code: str) -> None:
        self._faults.setdefault((name, code), []).append((number, value))

    def _refused(self) -> pa.Table | None:
        each = [
            told(self._path.name, [n for n, _ in found], name, [v for _, v in found], code)
            for (name, code), found in self._faults.items()
        ]
        return pa.concat_tables(each) if each else None


def _number(value: float) -> str:
    """Return a number as it is kept: 0.3 for the 0.30000000000000004 that a file may hold.

    Examples
    --------
    >>> [_number(n) for n in (0.1 + 0.2, 1e-7, 5.0, -0.0)]
    ['0.3', '0.0000001', '5', '0']
    """
    plain = f"{value or 0:.{DIGITS}g}"
    return f"{Decimal(plain):f}" if "e" in plain else plain


@lru_cache(10_000)
def _moment(days: float, first: datetime) -> str:
    """Return a day, a time or both in ISO form; the 29th of February 1900 is day 60 of a sheet."""
    seconds = round(days * 86_400)
    if 0 <= seconds < 86_400 and days:
        return str(timedelta(seconds=seconds)).rjust(8, "0")
    early = first.year == 1899 and seconds < 60 * 86_400
    at = first + timedelta(days=early, seconds=seconds)
    return at.isoformat(" ") if seconds % 86_400 else at.date().isoformat()


# ── parts ────────────────────────────────────────────────────────────────────────────────────────


def _events(file: zipfile.ZipFile, part: str) -> Iterator[Event]:
    """Yield each element of a part as it begins, with attributes, and as it ends, with its text.

    Names are without what stands for a namespace.
    """
    found: list[Event] = []
    text: list[str] = []

    def begun(name: str, attributes: dict[str, str]) -> None:
        text.clear()
        found.append((_bare(name), attributes, ""))

    def ended(name: str) -> None:
        found.append((_bare(name), None, "".join(text)))

    def declared(*_: object) -> None:
        raise ValueError("DOCTYPE")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = declared  # no entities, so none that unfold
    with file.open(part) as read:
        while block := read.read(_BLOCK):
            parser.Parse(block)
            yield from found
            found.clear()
    parser.Parse(b"", True)  # noqa: FBT003 - the end; it takes no name
    yield from found


@lru_cache(1000)
def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _related(file: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts of a workbook by id, and by kind where there is one of each."""
    found: dict[str, str] = {}
    for name, about, _ in _events(file, "xl/_rels/workbook.xml.rels"):
        if about and name == "Relationship":
            target = normpath(join("/xl", about["Target"])).lstrip("/")
            found[about["Id"]] = found[basename(about["Type"])] = target
    return found


def _sheets(file: zipfile.ZipFile, parts: Mapping[str, str]) -> tuple[datetime, dict[str, str]]:
    """Return the day 0, and the parts of the sheets by name, of those that are shown first."""
    found: list[tuple[bool, str, str]] = []
    first = datetime(1899, 12, 30)  # noqa: DTZ001 - days of a sheet are in no zone
    for name, about, _ in _events(file, "xl/workbook.xml"):
        if about and name == "workbookPr" and about.get("date1904") in {"1", "true"}:
            first = datetime(1904, 1, 1)  # noqa: DTZ001
        if about and name == "sheet":
            hidden = about.get("state", "visible") != "visible"
            related = next((v for n, v in about.items() if _bare(n) == "id"), "")
            found.append((hidden, about["name"], parts[related]))
    return first, {name: part for _, name, part in sorted(found, key=lambda s: s[0])}


def _texts(file: zipfile.ZipFile, part: str) -> Iterator[str]:
    """Yield the texts that cells name by number, without how Chinese is read out."""
    found, aloud = "", False
    for name, about, text in _events(file, part):
        if name == "rPh":
            aloud = about is not None
        elif name == "t" and about is None and not aloud:
            found += text
        elif name == "si" and about is None:
            yield found
            found = ""


def _shown(file: zipfile.ZipFile, part: str) -> Iterator[str]:
    """Yield how each style of cells shows numbers; see :class:`_Book`."""
    formats: dict[int, str] = {}
    inside = False
    for name, about, _ in _events(file, part):
        if name == "cellXfs":
            inside = about is not None
        elif about and name == "numFmt":
            formats[int(about["numFmtId"])] = _ASIDE.sub("", about["formatCode"]).lower()
        elif about and name == "xf" and inside:
            number = int(about.get("numFmtId", 0))
            code = formats.get(number, "")
            if number in _TIMES or (code != "general" and set(code) & set("ymdhs")):
                yield "time"
            else:
                yield code if len(code) > 1 and not code.strip("0") else ""


def _rows(file: zipfile.ZipFile, part: str) -> Iterator[tuple[int, dict[int, _Cell]]]:
    """Yield the rows that are not blank: number, and cells by column, both as the sheet counts."""
    number, at, kind, style, held = 0, -1, "n", 0, ""
    cells: dict[int, _Cell] = {}
    for name, about, text in _events(file, part):
        if name == "row":
            if about is not None:
                number, at = int(about.get("r", number + 1)), -1
            elif cells:
                yield number, cells
                cells = {}
        elif name == "c":
            if about is not None:
                at = _column(about["r"].rstrip(digits)) if "r" in about else at + 1
                if at >= MOST_COLUMNS:
                    raise ValueError(at)
                kind, style, held = about.get("t", "n"), int(about.get("s", 0)), ""
            elif held:
                cells[at] = _Cell(held, kind, style)
        elif about is None and name in {"v", "t"}:
            held += text


@lru_cache(1000)
def _column(letters: str) -> int:
    """Return the number of a column from 0.

    Examples
    --------
    >>> _column("A"), _column("Z"), _column("AA")
    (0, 25, 26)
    """
    if not _COLUMN.fullmatch(letters):
        raise ValueError(letters)
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - ord("A") + 1
    return at - 1
