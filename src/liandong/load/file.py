"""A user's own CSV, Excel or Parquet file as rows of one table, by a mapping or by names."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from liandong.load.base import Raw, hashes
from liandong.load.mapping import Column, match, read_mapping
from liandong.load.sheet import Sheet, read_sheet, told, translate
from liandong.schema.parse import USUAL_UNIT
from liandong.schema.tables import table as table_of

MappingSource = str | Path | Mapping[str, Any] | None


def fingerprint(path: Path, mapping: MappingSource = None, **_: object) -> dict[str, str]:
    """Return the hashes of the file and its mapping."""
    return hashes([path]) | mapping_hash(mapping)


def mapping_hash(mapping: MappingSource) -> dict[str, str]:
    """Return the hash of the mapping if it is a file; a dict is part of the options."""
    return hashes([Path(mapping)]) if isinstance(mapping, str | Path) else {}


def read(
    path: Path,
    table: str,
    mapping: MappingSource = None,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
) -> Iterator[Raw]:
    """Read a file into rows of ``table``.

    Parameters
    ----------
    path
        CSV with a header; .xlsx or Parquet by their suffixes.
    table
        Name of the table.
    mapping
        A mapping file (see :func:`liandong.load.template`) or its content; fields that it does not
        name are matched by field name or label.
    encoding, delimiter, sheet
        Found out if empty; see :func:`liandong.load.sheet.read_sheet`.
    """
    yield from map_rows(read_sheet(path, encoding, delimiter, sheet), table, mapping)


def map_rows(sheet: Sheet, table: str, source: MappingSource) -> Iterator[Raw]:
    """Return the rows of ``sheet`` as rows of ``table``.

    Money is in yuan and rates are shares unless the mapping says otherwise, also where the file
    holds whole numbers. Columns that no field takes are reported in row 1 of the error table.
    """
    spec, mapping = table_of(table), read_mapping(source, table)
    columns = match(spec, mapping, sheet.data.column_names, sheet.file)
    units = {
        f.name: (columns[f.name].unit if f.name in columns else "") or USUAL_UNIT[f.kind]
        for f in spec.fields
        if f.kind in USUAL_UNIT
    }
    labels = {n: c.column for n, c in columns.items() if c.column}
    filled = {n: _fill(sheet, c) for n, c in columns.items()} | mapping.constants
    raw = sheet.raw(table, filled, units=units, labels=labels)
    unused = [n for n in sheet.data.column_names if n and n not in labels.values()]
    if unused:
        note = told(sheet.file, [1], "*", [", ".join(unused)], "unused_columns")
        raw = replace(raw, notes=note)
    yield raw


def _fill(sheet: Sheet, column: Column) -> pa.ChunkedArray | str:
    if not column.column:
        return column.default
    data = sheet.data[column.column]
    if column.values or column.default:
        return translate(data, column.values, column.default)
    return data
