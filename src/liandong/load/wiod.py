"""A world input–output table of WIOD as matrices: what industries of all countries sell whom.

The folder holds ``inter.parquet`` (a column and a row for each industry of each country, country
by country), ``final.parquet`` (five uses a country), ``output.csv``, ``countries.csv`` and
``industries.csv``. Cells of 0 are no rows. Value added is what output leaves after all inputs.
Rows do not add up to output exactly where values were rounded: ``survey.upstreamness`` says by how
much.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liandong.load.base import Raw, hashes, need_folder, unusable
from liandong.load.cells import NOBODY, Block, Label, floats, raw
from liandong.load.sheet import Sheet, read_csv, read_parquet

FILES = ("inter.parquet", "final.parquet", "output.csv", "countries.csv", "industries.csv")
USES = ("c37", "c38", "c39", "c41", "c42")
"""Final uses by WIOD's codes: households, non-profit institutions, government, investment, stocks;
assumed from their order, since the matrices carry no heads."""


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of the files."""
    return hashes(need_folder(path, FILES))


def read(
    path: Path, period: str = "2011", vintage: str = "WIOD 2013", unit: str = "million USD"
) -> Iterator[Raw]:
    """Read a table.

    Parameters
    ----------
    path
        Folder with :data:`FILES`.
    period, vintage, unit
        What the files do not say.

    Yields
    ------
    Raw
        ``input_output``. Cells that are no number, or negative where nothing can be, are refused;
        value added that is negative is kept.

    Raises
    ------
    DataError
        If the shapes of the matrices and the lists of countries and industries do not fit.
    """
    inter, final, made, countries, industries = (
        read_parquet(p) if p.suffix == ".parquet" else read_csv(p) for p in need_folder(path, FILES)
    )
    land, trade = (s.data.column(0).to_pylist() for s in (countries, industries))
    sectors = [(c, i) for c in land for i in trade]
    uses = [(c, u) for c in land for u in USES]
    sales = _matrix(inter, len(sectors), len(sectors))
    demand, output = _matrix(final, len(sectors), len(uses)), _matrix(made, len(sectors), 1)
    for block in (
        _block("inter", inter, sectors, sectors, sales),
        _block("final", final, sectors, uses, demand),
        _block("output", made, sectors, [(NOBODY, "output")], output),
    ):
        yield raw(block, period, vintage, unit)
    # Where a cell or the output is missing, so is value added: it is not made up.
    added = np.nan_to_num(output[:, 0] - sales.sum(axis=0))[None, :]
    yield raw(_block("added", inter, [(NOBODY, "VA")], sectors, added), period, vintage, unit)


def _block(
    cell: str, sheet: Sheet, rows: list[Label], columns: list[Label], values: NDArray[np.float64]
) -> Block:
    heads = sheet.data.column_names
    return Block(cell, sheet.file, rows, columns, values, sheet.rows.to_pylist(), heads)


def _matrix(sheet: Sheet, rows: int, columns: int) -> NDArray[np.float64]:
    """Return the numbers of a sheet, nan where there is none."""
    shape = len(sheet.rows), len(sheet.data.column_names)
    if shape != (rows, columns):
        raise unusable(
            sheet.file, "layout", expected=f"{rows} × {columns}, {shape[0]} × {shape[1]}"
        )
    return np.column_stack([floats(c) for c in sheet.data.columns])
