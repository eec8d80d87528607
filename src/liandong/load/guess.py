"""What a file of somebody's own might be: which table, and which column is which field.

Names are compared with the names and both labels of fields, and what a column holds with the kind
of the field. A guess is shown to somebody who knows; nothing is loaded by it alone.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from liandong.load.base import unusable
from liandong.load.sheet import WORKBOOKS, Sheet
from liandong.load.workbook import unpacked
from liandong.schema.field import Field, Table
from liandong.schema.parse import UNITS, parse_column
from liandong.schema.tables import TABLES

SAMPLE = 100
"""Rows that are looked at."""
EXAMPLES = 3
"""Values of a column that are shown."""
LEAST = 60
"""Percent of likeness below which nothing is guessed."""
_UNIT = re.compile(r"[（(\[【]([^）)\]】]*)[）)\]】]")


@dataclass(frozen=True)
class Guess:
    """Which column a field might be.

    Attributes
    ----------
    column
        Its name; empty if none is like it.
    confidence
        Percent: 100 where the names are the same and the values fit.
    unit
        A unit that the name of the column says.
    """

    column: str = ""
    confidence: int = 0
    unit: str = ""


def likely_tables(names: Sequence[str]) -> list[tuple[str, int]]:
    """Return the tables that a file with these columns might be rows of, the likeliest first.

    Returns
    -------
    list
        Of (table, percent): the share of columns that have a field there, squared, times that of
        needed fields that have a column. All tables that can be loaded, also those of 0. A choice
        needs none, as all rows may have the same; one needed field is always taken to be there,
        for many a file of firms has no number of its own for them.
    """
    plain = [_plain(n) for n in names if n]
    found = [(t.name, _fit(t, plain)) for t in TABLES.values() if t.home == "lake" and not t.secret]
    return sorted(found, key=lambda f: -f[1])  # equals as the schema has them: facts come first


def _fit(spec: Table, plain: list[str]) -> int:
    words = [{_plain(w) for w in (f.name, f.zh, f.en)} for f in spec.fields]
    taken = [any(_near(p, w) for w in own for p in plain) for own in words]
    held = sum(any(_near(p, w) for own in words for w in own) for p in plain)
    needed = [t for t, f in zip(taken, spec.fields, strict=True) if not f.null and not f.choices]
    share = (held / max(1, len(plain))) ** 2 * (1 + sum(needed)) / (1 + len(needed))
    return int(100 * share)


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    least = 4 if short.isascii() else 2  # a Chinese character says more than a letter
    return len(short) >= least and short in long


def guess(sheet: Sheet, spec: Table) -> dict[str, Guess]:
    """Return for every field of ``spec`` the column that it might be; no column is given twice.

    The likeliest pairs are taken first.
    """
    data = sheet.data.slice(0, SAMPLE)
    pairs = [
        (_likeness(f, name, data[name]), i, f.name, name)
        for i, f in enumerate(spec.fields)
        for name in data.column_names
        if name
    ]
    found = {f.name: Guess() for f in spec.fields}
    used: set[str] = set()
    for percent, _, field, name in sorted(pairs, key=lambda p: (-p[0], p[1])):
        if percent >= LEAST and not found[field].column and name not in used:
            found[field] = Guess(name, percent, _unit(spec.field(field), name))
            used.add(name)
    return found


def _likeness(f: Field, name: str, values: pa.ChunkedArray) -> int:
    """Return how like a field a column is, percent: by its name, less for values that are odd."""
    column = _plain(name)
    likeness = max(_alike(column, _plain(w)) for w in (f.name, f.zh, f.en))
    if likeness * 100 < LEAST:
        return 0
    _, wrong = parse_column(values, f)
    odd = sum(1 for w in wrong.to_pylist() if w) if wrong is not None else 0
    return round(100 * likeness * (1 - odd / max(1, 2 * len(values))))


def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    near = 0.8 if _near(one, other) else 0.0
    return max(near, 0.9 * SequenceMatcher(None, one, other).ratio())


def _plain(name: str) -> str:
    """Return a name without case, blanks, marks, and what stands in brackets."""
    bare = _UNIT.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return re.sub(r"[\W_]+", "", bare) or bare


def _unit(f: Field, name: str) -> str:
    """Return the unit in brackets behind a name, if the field can have it.

    Examples
    --------
    >>> _unit(TABLES["invoice"].field("net"), "金额（万元）")
    '万元'
    """
    said = _UNIT.search(name)
    word = said[1].strip() if said else ""
    return word if word in UNITS.get(f.kind, {}) else ""


def need_modest(path: Path, most: int) -> None:
    """Refuse a Parquet file or a workbook that unpacks to far more than it is.

    Parameters
    ----------
    most
        Bytes of all columns, and rows, that are still read.

    Raises
    ------
    DataError
        If there is more, by what the file says of itself.
    """
    if path.suffix.lower() in WORKBOOKS and unpacked(path) > most:
        raise unusable(path.name, "unpacked")
    if path.suffix.lower() not in {".parquet", ".pq"}:
        return
    try:
        about = pq.read_metadata(path)
    except pa.ArrowInvalid:
        return  # it is none, as whoever reads it says
    size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    if max(size, about.num_rows) > most:
        raise unusable(path.name, "unpacked")


def examples(sheet: Sheet) -> Mapping[str, list[str]]:
    """Return the first few different values of each column, as text."""
    found = {}
    for name in sheet.data.column_names:
        values = (v for v in sheet.data[name].slice(0, SAMPLE).to_pylist() if v not in {None, ""})
        found[name] = list(dict.fromkeys(str(v)[:60] for v in values))[:EXAMPLES]
    return found
