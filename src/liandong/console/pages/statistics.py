"""Case statistics: the months of a series, types and levels side by side, and regions compared."""

from typing import Any

from liandong.console.filters import Filter, region_prefix
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables.statistics import (
    ALL_KINDS,
    ALL_LEVELS,
    FIGURES,
    KINDS,
    LEVELS,
    SOURCES,
)

WHOLE = "100000"
BLOCKS = ("months", "parts", "regions")
_SERIES = ("source", "figure", "region_id", "kind", "level")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one series month by month, what it is a part of, and the comparison of regions."""
    found = reading.rows("SELECT DISTINCT source, region_id, kind, level FROM case_series")
    where = Filter.of(query).region
    chosen = {
        "source": query.choice("source", SOURCES, _first(found, "source", SOURCES)),
        "figure": query.choice("figure", FIGURES, FIGURES[0]),
        "region_id": where if where.isdigit() else WHOLE,
        "kind": query.choice("kind", KINDS, ALL_KINDS),
        "level": query.choice("level", LEVELS, ALL_LEVELS),
    }
    return {
        "chosen": chosen,
        "known": {n: [v for v in every if v in {r[n] for r in found}]
                  for n, every in (("source", SOURCES), ("kind", KINDS), ("level", LEVELS))},
        "series": reading.first("SELECT * FROM case_series{where}", _equal(chosen)),
        "months": _months(reading, chosen),
        "parts": _parts(reading, chosen),
        **_regions(reading, query, chosen, where),
        "sources": {t: reading.source(t) for t in
                    ("case_report", "case_tally", "case_month", "case_series", "case_region")},
    }  # fmt: skip


def _first(found: list[Row], name: str, every: tuple[str, ...]) -> str:
    return next((v for v in every if any(r[name] == v for r in found)), every[0])


def _equal(chosen: Row, *names: str, alias: str = "") -> Where:
    where = Where()
    for name in names or _SERIES:
        where.add(f"{alias}{name} = ?", chosen[name])
    return where


def _months(reading: Reading, chosen: Row) -> list[Row]:
    """Return the months of a series, oldest first, with what the other source says of each."""
    return reading.rows(
        "SELECT m.* EXCLUDE (source, figure, region_id, kind, level), o.value AS other"
        " FROM case_month m LEFT JOIN case_month o ON o.source <> m.source"
        " AND o.figure = m.figure AND o.region_id = m.region_id AND o.kind = m.kind"
        " AND o.level = m.level AND o.month = m.month{where} ORDER BY m.month",
        _equal(chosen, alias="m."),
    )  # fmt: skip


def _parts(reading: Reading, chosen: Row) -> list[Row]:
    """Return types and levels of the region: all three figures of the last month and year."""
    where = Where().add("s.region_id = ?", chosen["region_id"]).add("s.source = ?",
                                                                    chosen["source"])  # fmt: skip
    rows = reading.rows(
        "SELECT s.figure, s.kind, s.level, s.year, s.year_on_year, s.outliers, m.month, m.value"
        " FROM case_series s JOIN case_month m USING (source, figure, region_id, kind, level)"
        "{where} AND m.month = s.last",
        where,
    )  # fmt: skip
    found: dict[tuple[str, str], Row] = {}
    for r in rows:
        own = found.setdefault((r["kind"], r["level"]), {"kind": r["kind"], "level": r["level"]})
        own["month"] = r["month"]
        own |= {f"{r['figure']}_{n}": r[n] for n in ("value", "year", "year_on_year")}
    order = sorted(found, key=lambda p: (LEVELS.index(p[1]), KINDS.index(p[0])))
    return [found[p] for p in order]


def _regions(reading: Reading, query: Query, chosen: Row, where: str) -> Row:
    """Return the regions by their ratio to the whole, as they were compared in one way."""
    ways = reading.rows(
        "SELECT DISTINCT figure, base FROM case_region WHERE source = ? ORDER BY ALL",
        chosen["source"],
    )  # fmt: skip
    names = [f"{w['figure']}.{w['base']}" for w in ways]
    way = query.choice("way", names, next(iter(names), ""))
    figure, _, base = way.partition(".")
    rows = reading.rows(
        "SELECT * FROM case_region WHERE source = ? AND figure = ? AND base = ?"
        " ORDER BY ratio DESC NULLS LAST, region_id",
        chosen["source"], figure, base,
    )  # fmt: skip
    near = region_prefix(where)
    return {
        "ways": names,
        "way": way,
        "regions": [{**r, "here": bool(near) and r["region_id"].startswith(near)} for r in rows],
        "far": sum(r["verdict"] in {"above", "below"} for r in rows),
    }
