"""Any table, row by row: sorted, filtered, page by page, each key a link."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from liandong.console.booking import places_of
from liandong.console.query import Query, Where, wrong
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
    chosen = chosen_of(query)
    where = filtered(spec, chosen)
    return {
        "name": spec.name,
        "sort": sort,
        "down": down,
        "chosen": chosen,
        "rows": reading.rows(
            'SELECT * FROM "{name}"{where}{order} LIMIT ? OFFSET ?',
            where, query.most, query.offset, name=spec.name, order=_order(spec, sort, down=down),
        ),
        "places": places_of(reading, spec),
        "total": count_rows(reading, spec.name, where),
        "sources": {spec.name: reading.source(spec.name)},
    }  # fmt: skip


def _order(spec: Table, sort: str, *, down: bool) -> str:
    """Order by a field and the key; without a field rows stay in the order they were written."""
    if not sort:
        return ""
    keys = ", ".join(f'"{k}"' for k in spec.key)
    return f' ORDER BY "{sort}" {"DESC" if down else "ASC"} NULLS LAST, {keys}'


def chosen_of(query: Query) -> dict[str, str]:
    """Return what an address filters by: values by field, with the way to compare after a dot."""
    given = {n.removeprefix(PREFIX): query.text(n) for n in query.given if n.startswith(PREFIX)}
    return {n: v for n, v in given.items() if v}


def filtered(spec: Table, chosen: dict[str, str]) -> Where:
    """Return the condition of :func:`chosen_of`.

    A field alone: equality with the value as text, whatever its type; ``.from`` and ``.to``:
    bounds, inclusive; ``.prefix``: what its text begins with.

    Raises
    ------
    UsageError
        If there is no such field, or a bound is no value of it.
    """
    where = Where()
    for name, value in chosen.items():
        field, _, way = name.partition(".")
        compare = {"": '"{f}"::VARCHAR = ?', "prefix": 'starts_with("{f}"::VARCHAR, ?)',
                   "from": '"{f}" >= ?', "to": '"{f}" <= ?'}.get(way)  # fmt: skip
        if field not in spec.names or compare is None:
            remedy = both("advice.fields", names=", ".join(sorted(spec.names)))
            raise UsageError(what=both("fault.no_field", name=name), remedy=remedy)
        bound = way in {"from", "to"}
        where.add(compare.format(f=field), read(spec.field(field), value) if bound else value)
    return where


def read(f: Field, value: str) -> object:
    """Return a value that was written as the data twin writes it; UsageError if it is none."""
    try:
        return _READ.get(f.kind, str)(value)
    except (ValueError, OverflowError) as error:
        raise wrong(f.name, value, both("advice.see_dictionary")) from error


def _truth(value: str) -> bool:
    if value not in {"true", "false"}:
        raise ValueError(value)
    return value == "true"


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_READ: dict[str, Callable[[str], object]] = {
    "money": int, "rate": int, "int": int, "float": float, "bool": _truth,
    "date": date.fromisoformat, "time": _moment,
}  # fmt: skip


def count_rows(reading: Reading, name: str, where: Where) -> int:
    """Return the number of rows of a table that match."""
    asked = 'SELECT count(*) AS n FROM "{name}"{where}'
    return int(reading.one(asked, where, name=name)["n"])
