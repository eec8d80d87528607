"""Scorecards: what each was learnt from, and how far it can be trusted."""

import tomllib
from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading, Row

UNFLATTERED = ("out_of_time", "out_of_sample", "out_of_fold", "backtest", "unknown", "development")
"""Samples whose figures are shown first, the most telling one first."""
KIND = "Scorecard"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return all scorecards, the newest first, with their most telling figures."""
    del query  # the list is always whole
    return {
        "rows": [summary(reading, r) for r in _rules(reading)],
        "sources": {t: reading.source(t) for t in ("rule", "validation", "score")},
    }


def _rules(reading: Reading) -> list[Row]:
    return reading.rows(
        "SELECT rule_id, run_id, toml, valid_from, valid_to FROM rule WHERE kind = ?"
        " ORDER BY valid_from DESC NULLS LAST, rule_id",
        KIND,
    )


def card_of(rule: Row) -> Row:
    """Return the content of a scorecard; parts that older ones lack are empty."""
    blank = {"characteristics": [], "pairs": [], "rows": 0, "bads": 0, "base": 0, "scaling": {}}
    return {**blank, "prior": None, **tomllib.loads(rule["toml"])}


def summary(reading: Reading, rule: Row) -> Row:
    """Return the row of one scorecard."""
    card = card_of(rule)
    areas = reading.rows(
        "SELECT sample, as_of, value, low, high, n FROM validation WHERE rule_id = ?"
        " AND slice = 'all' AND measure = 'auc' ORDER BY as_of DESC",
        rule["rule_id"],
    )
    best = min(areas, key=lambda r: rank(r["sample"]), default=None)
    used = reading.one("SELECT count(*) AS n FROM score WHERE rule_id = ?", rule["rule_id"])
    return {
        "rule_id": rule["rule_id"],
        "run_id": rule["run_id"],
        "valid_from": rule["valid_from"],
        "valid_to": rule["valid_to"],
        "characteristics": len(card["characteristics"]),
        "learnt_rows": card["rows"],
        "learnt_bads": card["bads"],
        "sample": best and best["sample"],
        "auc": best and best["value"],
        "auc_low": best and best["low"],
        "auc_high": best and best["high"],
        "scored": used["n"],
    }


def rank(sample: str) -> int:
    """Return the place of a sample among all, the most telling first."""
    return UNFLATTERED.index(sample) if sample in UNFLATTERED else len(UNFLATTERED)


def telling(found: list[Row]) -> Row | None:
    """Return the row of the most telling sample, the latest day of it; None without any."""
    newest = sorted(found, key=lambda r: r["as_of"], reverse=True)
    return min(newest, key=lambda r: rank(r["sample"]), default=None)
