"""The numbers under a picture: which columns its rows have, and which table they come from."""

from collections.abc import Mapping
from typing import Any

from liandong.console.cells import RIGHT, Column, column, columns
from liandong.schema.tables import TABLES
from liandong.texts import catalogue

MOST = 40
"""Rows that are shown under a picture; all are in its files."""
_SKIPPED = frozenset({"json", "hash", "reasons"})


def home(rows: list[dict[str, Any]], sources: Mapping[str, list[str]]) -> str:
    """Return the table among those of a page that knows most names of the rows; empty if none."""
    known = {n: len(rows[0].keys() & set(TABLES[n].names)) for n in sources} if rows else {}
    best = max(known, key=lambda n: known[n], default="")
    return best if known.get(best, 0) > 1 else ""


def flat(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows whose figures by measure stand beside the other fields, without their bounds."""
    return [
        {**r, **{m: f and f["value"] for m, f in (r.get("figures") or {}).items()}} for r in rows
    ]


def shown(rows: list[dict[str, Any]], sources: Mapping[str, list[str]]) -> list[Column]:
    """Return the columns whose heads are known: of the tables of a page, or of the catalogue."""
    first = home(rows, sources)
    tables = [TABLES[n] for n in sorted(sources, key=lambda n: n != first)]
    found = (_column(name, rows, tables) for name in (rows[0] if rows else {}))
    return [c for c in found if c]


def placed(measure: str, kind: str) -> list[Column]:
    """Return the columns of the numbers of a map: the region, and what it is coloured by."""
    return [*columns("region.name"), _valued(measure, kind)]


def followed(measure: str, kind: str) -> list[Column]:
    """Return the columns of a measure over time: the region, the period, and the value."""
    spans = columns("region_stat.region_id region_stat.period region_stat.vintage")
    return [*spans, _valued(measure, kind)]


def _valued(measure: str, kind: str) -> Column:
    label = {"zh": measure, "en": measure}  # said in the language of the page already
    return Column("", "value", kind, label, "value")


def _column(name: str, rows: list[dict[str, Any]], tables: list[Any]) -> Column | None:
    values = [r[name] for r in rows if r.get(name) is not None]
    if not values or isinstance(values[0], list | dict):
        return None
    number = isinstance(values[0], int | float)
    for field, table in ((t.field(name), t) for t in tables if name in t.names):
        if field.kind not in _SKIPPED and (number or field.kind not in RIGHT):
            return column(table, field)
    label = catalogue().get(f"console.col_{name}") or catalogue().get(f"measure.{name}")
    kind = "float" if isinstance(values[0], float) else "int" if isinstance(values[0], int) else ""
    return Column("", name, kind, label, name) if label else None
