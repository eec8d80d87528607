"""The alert wall: episodes by level, newest first, each with its evidence."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import PAGE_ROWS, Query, Where
from liandong.console.reading import Reading, Row

LEVELS = ("red", "orange", "yellow")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return counts by level and one page of alerts."""
    f = Filter.of(query)
    level = query.choice("level", LEVELS)
    where = _where(f)
    if level:
        where.add("a.level = ?", level)
    total = reading.one("SELECT count(*) AS n FROM alert a{where}", where)["n"]
    return {
        "level": level,
        "levels": by_level(reading, f),
        "rows": _page(reading, where, PAGE_ROWS, query.offset),
        "total": total,
        "sources": {t: reading.source(t) for t in ("alert",)},
    }


def by_level(reading: Reading, f: Filter) -> Row:
    """Return the number of alerts of each level."""
    where = _where(f)
    found = reading.rows(
        "SELECT level, count(*) AS n FROM alert a{where} GROUP BY level",
        where,
    )
    return dict.fromkeys(LEVELS, 0) | {r["level"]: r["n"] for r in found}


def latest(reading: Reading, f: Filter, limit: int) -> list[Row]:
    """Return the newest alerts, the gravest first within a day."""
    return _page(reading, _where(f), limit, 0)


def _where(f: Filter) -> Where:
    where = f.whose(Where(), "a.party_id")
    return where.add("a.as_of <= ?", f.on) if f.on else where


def _page(reading: Reading, where: Where, limit: int, offset: int) -> list[Row]:
    return reading.rows(
        "SELECT a.*, p.name, p.name_en, p.region_id, p.industry"
        " FROM alert a LEFT JOIN party p USING (party_id){where} ORDER BY a.as_of DESC,"
        " list_position(['red', 'orange', 'yellow'], a.level), a.alert_id LIMIT ? OFFSET ?",
        where, limit, offset,
    )  # fmt: skip
