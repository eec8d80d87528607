"""The card of one scorecard: what it is for, what it was learnt from, and how far to trust it."""

from itertools import pairwise
from typing import Any

from liandong.console.links import missing
from liandong.console.pages.cautions import cautions
from liandong.console.pages.models import KIND, card_of, rank, telling
from liandong.console.query import Query, wrong
from liandong.console.reading import Reading, Row
from liandong.texts import both

BLOCKS = (
    "samples", "roc", "band", "points", "ablation", "bins", "stability", "size", "region", "cohort",
    "leaks",
)  # fmt: skip
"""Lists that may be had as files."""

_SLICED = (
    "SELECT slice, measure, value, low, high, n, note FROM validation"
    " WHERE rule_id = ? AND as_of = ? AND sample = ? AND split_part(slice, '.', 1) = ?"
    " ORDER BY slice, measure"
)
FIGURES = (
    "bad_rate", "mean_pd", "auc", "gini", "ks", "brier", "hosmer_lemeshow_p", "spiegelhalter_p",
    "jeffreys_p",
)  # fmt: skip
"""Figures of all firms that are shown side by side."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return everything that is known of one scorecard.

    Raises
    ------
    NotFoundError
        If there is no such scorecard.
    UsageError
        If it was never validated on the sample that is asked for.
    """
    name = query.text("rule_id")
    rule = reading.first("SELECT * FROM rule WHERE rule_id = ? AND kind = ?", name, KIND)
    if rule is None:
        raise missing("rule", name, "/models")
    samples = _samples(reading, name)
    shown = _shown(samples, query)
    card, cells = card_of(rule), _cells(reading, name, samples)
    categories, drift = _categories(reading, name, samples), _drift(reading, name)
    found = {
        "rule": {k: rule[k] for k in ("rule_id", "valid_from", "valid_to", "run_id")},
        "card": card,
        "samples": samples,
        "shown": shown and {k: shown[k] for k in ("sample", "as_of", "key", "n")},
        "roc": _curves(reading, name, samples),
        **{kind: _sliced(reading, name, shown, kind)
           for kind in ("band", "size", "region", "cohort")},
        **_points(reading, name, samples, shown),
        "cells": cells,
        "bins": [b for found in card["characteristics"] for b in _bins(found, cells)],
        "categories": categories,
        "ablation": _ablation(categories),
        "drift": drift,
        "stability": drift["rows"] if drift else [],
        "leaks": _leaks(reading, rule["valid_from"]),
        "used": reading.rows(
            "SELECT as_of, count(*) AS firms FROM score WHERE rule_id = ? GROUP BY as_of"
            " ORDER BY as_of DESC",
            name,
        ),
        "sources": {t: reading.source(t)
                    for t in ("rule", "validation", "crossfit", "drift", "leak", "score")},
    }  # fmt: skip
    return {**found, "cautions": cautions(found)}


def _samples(reading: Reading, name: str) -> list[Row]:
    """Return the figures of all firms, one row for each sample and day, newest first."""
    rows: dict[str, Row] = {}
    for r in reading.rows(
        "SELECT as_of, sample, measure, value, low, high, n FROM validation WHERE rule_id = ?"
        " AND slice = 'all' ORDER BY as_of DESC, sample, measure",
        name,
    ):
        key = f"{r['sample']}.{r['as_of']}"
        row = rows.setdefault(key, {"key": key, "sample": r["sample"], "as_of": r["as_of"],
                                    "n": r["n"], "figures": {}})  # fmt: skip
        row["figures"][r["measure"]] = {k: r[k] for k in ("value", "low", "high")}
        row["n"] = r["n"] if r["measure"] == "bad_rate" else row["n"]
    found = sorted(rows.values(), key=lambda r: rank(r["sample"]))
    return sorted(found, key=lambda r: r["as_of"], reverse=True)


def _shown(samples: list[Row], query: Query) -> Row | None:
    """Return the sample that is asked for, or the most telling one with figures."""
    keys = {s["key"]: s for s in samples}
    wanted = query.text("sample")
    if wanted and wanted not in keys:
        raise wrong("sample", wanted, both("advice.known", known=", ".join(keys) or "-"))
    return keys[wanted] if wanted else telling([s for s in samples if "auc" in s["figures"]])


def _sliced(reading: Reading, name: str, shown: Row | None, kind: str) -> list[Row]:
    """Return the slices of one kind with their figures by measure."""
    if shown is None:
        return []
    found: dict[str, Row] = {}
    for r in reading.rows(_SLICED, name, shown["as_of"], shown["sample"], kind):
        row = found.setdefault(r["slice"], {"name": r["slice"].partition(".")[2], "n": r["n"],
                                            "note": r["note"], "figures": {}})  # fmt: skip
        row["figures"][r["measure"]] = {k: r[k] for k in ("value", "low", "high")}
        row["note"] = row["note"] or r["note"]
    rows = list(found.values())
    return sorted(rows, key=lambda r: int(r["name"])) if kind == "points" else rows


def _points(reading: Reading, name: str, samples: list[Row], shown: Row | None) -> Row:
    """Return the distribution of points; cards learnt for other folds have other points."""
    for s in ([shown] if shown else []) + samples:
        if found := _sliced(reading, name, s, "points"):
            return {"points": found, "points_sample": s["sample"]}
    return {"points": [], "points_sample": None}


def _curves(reading: Reading, name: str, samples: list[Row]) -> list[Row]:
    """Return the ROC curves of the newest day of each sample, as pairs (fpr, tpr)."""
    found: dict[str, Row] = {}
    for s in samples:
        points = _sliced(reading, name, s, "roc")
        if points and s["sample"] not in found:
            pairs = [[p["figures"][m]["value"] for m in ("fpr", "tpr")] for p in points]
            found[s["sample"]] = {"sample": s["sample"], "as_of": s["as_of"], "points": pairs}
    return list(found.values())


def _cells(reading: Reading, name: str, samples: list[Row]) -> dict[str, dict[int, Row]]:
    """Return firms and bad rates by measure and cell, of the firms it was learnt from if known."""
    learnt = [s for s in samples if s["sample"] in {"development", "unknown"}]
    found: dict[str, dict[int, Row]] = {}
    for r in _sliced(reading, name, learnt[0] if learnt else None, "cell"):
        measure, _, cell = r["name"].rpartition(".")
        found.setdefault(measure, {})[int(cell)] = {"n": r["n"], **r["figures"]["bad_rate"]}
    return found


def _categories(reading: Reading, name: str, samples: list[Row]) -> Row | None:
    """Return the AUC without each category of data and by it alone, of the most telling sample."""
    able = [s for s in samples if _sliced(reading, name, s, "without")]
    best = telling(able)
    if best is None:
        return None
    kinds = {kind: _sliced(reading, name, best, kind) for kind in ("without", "only")}
    return {"sample": best["sample"], "as_of": best["as_of"],
            "auc": best["figures"].get("auc"), **kinds}  # fmt: skip


def _ablation(categories: Row | None) -> list[Row]:
    """Return the AUC without each category and by it alone as rows, ``kind`` saying which."""
    return [
        {"kind": kind, "name": r["name"], "n": r["n"], **_bounds("auc", r["figures"]["auc"])}
        for kind in ("without", "only") for r in (categories or {}).get(kind, ())
    ]  # fmt: skip


def _bins(found: Row, cells: dict[str, dict[int, Row]]) -> list[Row]:
    """Return the bins of a characteristic: what falls in, its points, its firms and bad rate.

    A bin of numbers is above ``low`` and at most ``high``, one of words holds its ``levels``; then
    come special codes, and by ``state`` firms without a value and those that withhold it, which
    earns nothing.
    """
    spans: list[Row] = [{"levels": ", ".join(group)} for group in found.get("levels", [])]
    spans = spans or [
        {"low": a, "high": b} for a, b in pairwise([None, *found.get("edges", []), None])
    ]
    spans += [{"special": s} for s in found.get("specials", [])]
    spans += [{"state": "absent"}, {"state": "withheld"}]
    blank = {"low": None, "high": None, "levels": None, "special": None, "state": "known"}
    seen = cells.get(found["measure"], {})
    nobody = {"n": None, "value": None}
    return [
        {"measure": found["measure"], "bin": k + 1, **blank, **span, "points": points,
         "n": seen.get(k, nobody)["n"], "bad_rate": seen.get(k, nobody)["value"]}
        for k, (span, points) in enumerate(zip(spans, [*found["points"], 0], strict=True))
    ]  # fmt: skip


def _bounds(name: str, figure: Row) -> Row:
    return {name: figure["value"], **{f"{name}_{k}": figure[k] for k in ("low", "high")}}


def _drift(reading: Reading, name: str) -> Row | None:
    """Return the stability index of the newest day by measure, the largest first."""
    rows = reading.rows(
        "SELECT as_of, since, measure, sum(part) AS psi, any_value(p) AS p,"
        " sum(expected)::BIGINT AS expected, sum(actual)::BIGINT AS actual FROM drift"
        " WHERE rule_id = ? AND as_of = (SELECT max(as_of) FROM drift WHERE rule_id = ?)"
        " GROUP BY as_of, since, measure ORDER BY measure <> 'score', psi DESC, measure",
        name, name,
    )  # fmt: skip
    if not rows:
        return None
    return {"as_of": rows[0]["as_of"], "since": rows[0]["since"], "rows": rows}


def _leaks(reading: Reading, day: object) -> list[Row]:
    return reading.rows(
        "SELECT * FROM leak WHERE as_of = ? ORDER BY verdict = 'suspect' DESC, measure", day
    )
