"""Why a firm has its score, and what would change it: what pages and letters show of it."""

import tomllib
from datetime import date
from typing import Any

from liandong.console.query import Where
from liandong.console.reading import Reading, Row
from liandong.types import Rate

PRINCIPAL = 4
"""Reasons of an adverse decision that are told at most; more would hide the first ones."""
FEWEST_AXES = 3
"""A radar of fewer categories than this is drawn by term instead."""


def newest_score(reading: Reading, party_id: str, on: date | None = None) -> Row | None:
    """Return the newest score up to a day with ``base``: the points before any reason."""
    where = Where().add("party_id = ?", party_id)
    if on:
        where.add("as_of <= ?", on)
    score = reading.first("SELECT * FROM score{where} ORDER BY as_of DESC LIMIT 1", where)
    if score is None:
        return None
    return {**score, "base": score["points"] - sum(r["points"] for r in score["reasons"])}


def explained(reading: Reading, score: Row | None) -> Row | None:
    """Return what explains a score; None without one, or before ``assess.explain`` has run.

    Returns
    -------
    dict
        ``aim``: the way to the next grade. ``terms``: rows of the explanation in the order of the
        points lost. ``categories``: points of each with the range of what they could be.
        ``axes``: the shares of a radar, of 1. ``card``: bins and points, by which the browser
        scores again. ``grades``: names with the bound of the probability of default in ppm, best
        first.
    """
    if score is None:
        return None
    key = [score[k] for k in ("party_id", "as_of", "rule_id")]
    where = Where().add("party_id = ? AND as_of = ? AND rule_id = ?", *key)
    aim = reading.first("SELECT * FROM aim{where}", where)
    if aim is None:
        return None
    terms = reading.rows(
        "SELECT * FROM explanation{where} ORDER BY rank NULLS LAST, below DESC, measure", where
    )
    categories = _categories(terms)
    return {
        "aim": aim,
        "terms": terms,
        "categories": categories,
        "axes": _axes(categories, "category") if len(categories) >= FEWEST_AXES
        else _axes(terms, "measure"),
        "card": _card(reading, score["rule_id"], {t["measure"]: t for t in terms}),
        "grades": _grades(reading, score["as_of"]),
    }  # fmt: skip


def _categories(terms: list[Row]) -> list[Row]:
    """Add up the terms of each category; one that nobody shares counts with its neutral points."""
    found: dict[str, Row] = {}
    for t in terms:
        blank = {"category": t["category"], "shared": False, "terms": 0, "points": 0, "least": 0,
                 "most": 0, "median": 0.0}  # fmt: skip
        c = found.setdefault(t["category"], blank)
        for name in ("points", "least", "most"):
            c[name] += t[name]
        c["median"] += t["median"] or 0.0
        c["shared"] |= t["state"] != "withheld"
        c["terms"] += 1
    return sorted(found.values(), key=lambda c: (c["least"] - c["most"], c["category"]))


def _axes(rows: list[Row], name: str) -> list[Row]:
    """Return where points and median lie between the least (0) and the most (1) there is."""

    def share(row: Row, points: float) -> float:
        room = row["most"] - row["least"]
        return round(min(max((points - row["least"]) / room, 0.0), 1.0), 4) if room else 1.0

    return [
        {"name": r[name], "kind": name, "share": share(r, r["points"]),
         "median": share(r, r["median"] or 0.0)}
        for r in rows
    ]  # fmt: skip


def _card(reading: Reading, rule_id: str, terms: dict[str, Row]) -> Row:
    """Return the scorecard with the cell of the firm in each measure, and that of the aim."""
    rule = _rule(reading, rule_id)
    measures = [_measure(c, terms[c["measure"]]) for c in rule["characteristics"]]
    pairs = [{"measures": p["measures"], "points": p["points"]} for p in rule.get("pairs", [])]
    return {
        "base": rule["base"],
        "scaling": rule["scaling"],
        "measures": measures,
        "pairs": pairs,
        "learnt": {n: rule[n] for n in ("rows", "bads", "auc", "auc_low", "auc_high")},
    }


def _measure(characteristic: Row, term: Row) -> Row:
    """Return one measure; cells are the bins in order, then absent, then silent values."""
    edges, points = characteristic.get("edges", []), characteristic["points"]
    ends = [None, *edges, None]
    bins = len(points) - 1
    here = {"known": term["bin"], "absent": bins, "withheld": bins + 1}[term["state"]]
    aim = here
    if term["aim_low"] is not None or term["aim_high"] is not None:
        aim = ends.index(term["aim_low"]) if term["aim_low"] is not None else 0
    return {
        "measure": term["measure"],
        "cells": [
            {"low": ends[i], "high": ends[i + 1], "points": points[i]} for i in range(bins)
        ],
        "absent": points[bins],
        "at": here,
        "aim": aim,
        "change": term["change"],
        "value": term["value"],
    }  # fmt: skip


def _grades(reading: Reading, as_of: object) -> list[Row]:
    """Return the master scale by which the scores of a day were explained."""
    made = {r.run_id: r.rule_id for r in reading.runs}
    for run in reading.source("aim", as_of):
        rule = _rule(reading, made.get(run) or "")
        scale = sorted((int(Rate.parse(bound)), g) for g, bound in rule.get("grades", {}).items())
        if scale:
            return [{"grade": g, "below": bound} for bound, g in scale]
    return []


def _rule(reading: Reading, rule_id: str) -> dict[str, Any]:
    row = reading.first("SELECT toml FROM rule WHERE rule_id = ?", rule_id)
    return tomllib.loads(row["toml"]) if row else {}
