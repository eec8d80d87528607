"""Any table, row by row: sorted, filtered, page by page, each key a link."""

from typing import Any

from liandong.console.query import PAGE_ROWS, Query, Where
from liandong.console.reading import Reading
from liandong.errors import UsageError
from liandong.schema.field import Field, Table
from liandong.schema.tables import table
from liandong.texts import both

PREFIX = "f."
"""Parameters with this prefix filter by a field: ``f.status=void``."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one page of a table.

    Raises
    ------
    NotFoundError
        If there is no such table.
    UsageError
        If a field to sort or filter by is not in it.
    """
    spec = table(query.text("name"))
    sort = query.choice("sort", spec.names)
    down = query.choice("down", ("0", "1"), "0") == "1"
    chosen = {n.removeprefix(PREFIX): query.text(n) for n in query.given if n.startswith(PREFIX)}
    where = _where(spec.fields, {n: v for n, v in chosen.items() if v})
    return {
        "name": spec.name,
        "sort": sort,
        "down": down,
        "chosen": chosen,
        "rows": reading.rows(
            'SELECT * FROM "{name}"{where}{order} LIMIT ? OFFSET ?',
            where, PAGE_ROWS, query.offset, name=spec.name, order=_order(spec, sort, down=down),
        ),
        "total": count_rows(reading, spec.name, where),
        "sources": {spec.name: reading.source(spec.name)},
    }  # fmt: skip


def _order(spec: Table, sort: str, *, down: bool) -> str:
    """Order by a field and the key; without a field rows stay in the order they were written."""
    if not sort:
        return ""
    keys = ", ".join(f'"{k}"' for k in spec.key)
    return f' ORDER BY "{sort}" {"DESC" if down else "ASC"} NULLS LAST, {keys}'


def _where(fields: tuple[Field, ...], chosen: dict[str, str]) -> Where:
    """Filter by equality with the value as text, whatever the type of the field."""
    known = {f.name for f in fields}
    where = Where()
    for name, value in chosen.items():
        if name not in known:
            remedy = both("advice.fields", names=", ".join(sorted(known)))
            raise UsageError(what=both("fault.no_field", name=name), remedy=remedy)
        where.add(f'"{name}"::VARCHAR = ?', value)
    return where


def count_rows(reading: Reading, name: str, where: Where) -> int:
    """Return the number of rows of a table that match."""
    asked = 'SELECT count(*) AS n FROM "{name}"{where}'
    return int(reading.one(asked, where, name=name)["n"])
