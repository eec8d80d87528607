"""National input–output tables of China's NBS as CSV: industries by final uses, and value added.

A row is an industry (``Code``, ``Description``, ``DescriptionInChinese``); columns are the
industries that buy by the same codes, then final uses (``FU…``, ``EX``), imports (``IM``,
subtracted), the discrepancy (``ERR``) and output (``GO``). Below stand value added (``VA…``) and
totals. Totals are not loaded: where one differs from the sum of its parts, a note says so.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.load.base import Raw, hashes, unusable
from liandong.load.cells import NOBODY, Block, Label, floats, raw
from liandong.load.sheet import Sheet, read_csv, told

REGION = "100000"
NAMES = ("Code", "Description", "DescriptionInChinese")
TOTALS = {"TIU": r"\d+", "TFU": r"FU\d+|EX", "TII": r"\d+", "TVA": r"VA\d+"}
"""Totals that are checked, and what they are the sum of."""
SLACK = 1e-6
"""Of the largest cell of a total: by so much it may differ from its parts for rounding."""


class _Printed(NamedTuple):
    """The sheet by codes: of rows, of columns, and the numbers."""

    sheet: Sheet
    codes: list[str]
    heads: list[str]
    values: NDArray[np.float64]

    def rows(self, pattern: str) -> list[int]:
        return [i for i, code in enumerate(self.codes) if re.fullmatch(pattern, code)]

    def columns(self, pattern: str) -> list[int]:
        return [j for j, head in enumerate(self.heads) if re.fullmatch(pattern, head)]


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of the file, or of the files ``china_*.csv`` of the folder."""
    return hashes(_files(path))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("china_*.csv"))
    if not found:
        raise unusable(path, "missing_part", names="china_*.csv")
    return found


def read(
    path: Path, period: str = "", vintage: str = "", unit: str = "10,000 CNY"
) -> Iterator[Raw]:
    """Read a table, or all of a folder.

    Parameters
    ----------
    path
        A file as described above, or a folder of files ``china_YEAR_SECTORS.csv``.
    period, vintage
        By default the year in the name of the file, and its number of sectors.
    unit
        Of all cells.

    Yields
    ------
    Raw
        ``input_output`` and ``sector_name``. Cells that are no number, or negative where nothing
        can be, are refused.

    Raises
    ------
    DataError
        If a file has no industries, no final uses or no output.
    """
    for file in _files(path):
        sheet = read_csv(file)
        sheet.need([*NAMES, "GO"])
        codes = [word.strip() for word in sheet.data["Code"].to_pylist()]
        heads = [n for n in sheet.data.column_names if n not in NAMES]
        values = np.column_stack([floats(sheet.data[n]) for n in heads])
        printed = _Printed(sheet, codes, heads, values)
        sold = printed.rows(r"\d+")
        year = re.search(r"(?<!\d)(\d{4})(?!\d)", file.stem)
        when = period or (year[1] if year else file.stem)
        yield from _blocks(printed, when, vintage or str(len(sold)), unit)


def _blocks(p: _Printed, period: str, vintage: str, unit: str) -> Iterator[Raw]:
    industries = [c for c in p.codes if c in p.heads and c.isdigit()]
    if not industries or not p.columns(r"FU\d+"):
        raise unusable(p.sheet.file, "layout", expected="001, 002, …, FU101, …, GO")
    notes = _totals(p)
    for cell, rows, columns in (
        ("inter", r"\d+", r"\d+"), ("final", r"\d+", r"FU\d+|EX"), ("imported", r"\d+", "IM"),
        ("error", r"\d+", "ERR"), ("output", r"\d+", "GO"), ("added", r"VA\d+", r"\d+"),
    ):  # fmt: skip
        found = raw(_block(p, cell, p.rows(rows), p.columns(columns)), period, vintage, unit)
        yield replace(found, notes=notes if cell == "inter" else None)
    named = pa.array([c in industries for c in p.codes])
    data = pa.table({
        "industry": p.sheet.data["Code"], "vintage": pa.repeat(vintage, len(named)),
        "name": p.sheet.data["DescriptionInChinese"], "name_en": p.sheet.data["Description"],
    })  # fmt: skip
    yield Raw("sector_name", data.filter(named), p.sheet.file, p.sheet.rows.filter(named))


def _block(p: _Printed, cell: str, rows: list[int], columns: list[int]) -> Block:
    seller = NOBODY if cell == "added" else REGION

    def labels(names: list[str], at: list[int], region: str) -> list[Label]:
        return [(region, names[k]) for k in at]

    numbers = p.sheet.rows.to_pylist()
    return Block(
        cell, p.sheet.file, labels(p.codes, rows, seller), labels(p.heads, columns, REGION),
        p.values[np.ix_(rows, columns)], [numbers[i] for i in rows], [p.heads[j] for j in columns],
    )  # fmt: skip


def _totals(p: _Printed) -> pa.Table | None:
    """Return ``load_error`` rows of totals that are not the sum of their parts."""
    found = []
    for name, parts in TOTALS.items():
        for along, at in ((p.values, p.columns(name)), (p.values.T, p.rows(name))):
            inside = p.columns(parts) if along is p.values else p.rows(parts)
            for k in at:
                differs = np.abs(along[:, inside].sum(axis=1) - along[:, k])
                rows = np.flatnonzero(differs > SLACK * np.nanmax(np.abs(along[:, k])))
                found += [(along is p.values, name, int(i), differs[i]) for i in rows]
    numbers, notes = p.sheet.rows.to_pylist(), []
    for by_row, name, i, differs in found:
        row = numbers[i] if by_row else numbers[p.codes.index(name)]
        field = name if by_row else p.heads[i]
        notes.append(told(p.sheet.file, [row], field, [f"{differs:.6g}"], "total_differs"))
    return pa.concat_tables(notes) if notes else None
