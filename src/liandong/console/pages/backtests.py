"""Rules in hindsight: what each threshold would have brought, so that one can be chosen."""

from typing import Any

from liandong.console.practice import precision
from liandong.console.query import Query
from liandong.console.reading import Reading, Row

AT_MOST = 20.0
"""Alerts per 1,000 subjects and month up to which a threshold is shown first."""
_RULES = "SELECT DISTINCT ON (code) code, rule FROM warning ORDER BY code, warning.at DESC, rule"
"""The rule that each signal went by last."""
_SOURCE = "backtest_point WHERE name = ?"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the thresholds of one rule, the one that is looked at, and what has none."""
    reading.keep("warning_rule", _RULES)
    names = [r["name"] for r in reading.rows("SELECT DISTINCT name FROM backtest_point ORDER BY 1")]
    name = query.choice("name", names, names[0] if names else "")
    found = reading.rows("SELECT * FROM {source} ORDER BY study, point", name, source=_SOURCE)
    swept = list(dict.fromkeys(r["study"] for r in found if r["kind"] == "sweep"))
    study = query.choice("study", swept, swept[0] if swept else "")
    points = [r for r in found if r["kind"] == "sweep" and r["study"] == study]
    known = [str(r["point"]) for r in points]
    chosen = query.choice("point", known, str(_first(points)["point"]) if points else "")
    return {
        "names": names,
        "name": name,
        "studies": swept,
        "study": study,
        "points": points,
        "chosen": next((r for r in points if str(r["point"]) == chosen), None),
        "sets": [r for r in found if r["kind"] != "sweep"],
        "practice": {r["code"]: r for r in reversed(precision(reading))},
        "rules": {r["code"]: r["rule"] for r in reading.rows("SELECT * FROM warning_rule")},
        "sources": {t: reading.source(t) for t in ("backtest_point", "rule_precision")},
    }


def _first(points: list[Row]) -> Row:
    """Return the loosest threshold with not too many alerts, the strictest if all have."""
    return next((r for r in points if (r["burden"] or 0) <= AT_MOST), points[-1])
