"""What the page of regions shows of the gap: its course and parts, who draws near, who moves."""

from itertools import groupby
from typing import Any

from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.tiles import CLASSES

INDICES = ("theil_t", "theil_l", "gini", "sd_log", "cv")
BLOCKS = ("course", "parts", "pairs", "converging", "growing", "moves", "tests", "near", "faults")
TABLES = ("gap", "gap_pair", "convergence", "mobility", "mobility_test", "spatial_dependence",
          "align_fault")  # fmt: skip
FAULTS = 50
"""Figures without a place that the page lists."""


def disparity(reading: Reading, query: Query, measure: str | None) -> dict[str, Any]:
    """Return all about the gap of one measure, in one vintage where vintages must not mix.

    Returns
    -------
    dict
        ``vintages`` and the ``chosen`` index, vintage and period; ``course`` (all vintages),
        ``parts`` (Dagum's), ``pairs``, ``converging``, ``growing``, ``moves``, ``tests``, ``near``,
        ``faults`` and ``remarks``.
    """
    found = reading.rows(
        "SELECT vintage, max(period) AS period, count(DISTINCT period) AS periods FROM gap"
        " WHERE measure = ? GROUP BY vintage ORDER BY max(period) DESC, count(*) DESC, vintage",
        measure,
    )
    vintages = [r["vintage"] for r in found]
    vintage = query.choice("vintage", vintages, vintages[0]) if vintages else None
    period = next((r["period"] for r in found if r["vintage"] == vintage), None)
    index = query.choice("index", INDICES, INDICES[0])
    mine = Where().add("measure = ?", measure).add("vintage = ?", vintage)
    here = Where().add("measure = ?", measure).add("vintage = ?", vintage).add("period = ?", period)
    return {
        "chosen": {"measure": measure, "vintage": vintage, "period": period, "index": index},
        "vintages": vintages,
        "course": reading.rows(
            "SELECT vintage, period, index, value, low, high, regions, remarks FROM gap"
            " WHERE measure = ? AND index = ? AND part = 'total' ORDER BY vintage, period",
            measure, index,
        ),
        "parts": reading.rows(
            "SELECT period, index, part, value, share, low, high FROM gap{where}"
            " AND index = 'dagum' ORDER BY period, list_position("
            "['within', 'net_between', 'transvariation'], part)", mine,
        ),
        "pairs": reading.rows("SELECT * FROM gap_pair{where} ORDER BY one, other", here),
        "remarks": reading.rows(
            "SELECT measure, period, vintage, index, part, remarks FROM gap{where}"
            " AND len(remarks) > 0 ORDER BY index, part", here,
        ),
        "converging": reading.rows("SELECT * FROM convergence{where} ORDER BY kind", mine),
        "growing": reading.rows(
            "SELECT * FROM convergence_region{where} ORDER BY region_id", mine),
        "moves": reading.rows(
            "SELECT * FROM mobility{where} ORDER BY given, origin, target", mine),
        "states": reading.rows(
            "SELECT * FROM mobility_class{where} ORDER BY given, origin", mine),
        "tests": reading.rows("SELECT * FROM mobility_test{where} ORDER BY test", mine),
        "near": reading.rows(
            "SELECT * FROM spatial_dependence{where} ORDER BY region_id", here),
        "faults": reading.rows(
            "SELECT * FROM align_fault ORDER BY row LIMIT ?", query.upto(FAULTS)),
    }  # fmt: skip


def matrix(pairs: list[Row]) -> dict[str, Any]:
    """Return the coefficients between groups as a square with shades, both ways alike."""
    names = sorted({r["one"] for r in pairs} | {r["other"] for r in pairs})
    cells = {(a, b): r for r in pairs for a, b in ((r["one"], r["other"]), (r["other"], r["one"]))}
    most = max((r["gini"] or 0 for r in pairs), default=0) or 1
    return {
        "names": names,
        "rows": [[_shaded(cells.get((a, b)), "gini", most) for b in names] for a in names],
    }


def matrices(moves: list[Row], states: list[Row]) -> list[dict[str, Any]]:
    """Return the tables of moves by the class of the neighbours, the one of all moves first."""
    steady = {(r["given"], r["origin"]): r for r in states}
    made = []
    for given, of in groupby(moves, lambda r: r["given"]):
        rows = [list(row) for _, row in groupby(of, lambda r: r["origin"])]
        made.append({
            "given": given,
            "rows": [{
                "cells": [_shaded(r, "probability", 1.0) for r in row],
                "state": steady[given, row[0]["origin"]],
            } for row in rows],
        })  # fmt: skip
    return made


def _shaded(row: Row | None, name: str, most: float) -> Row:
    value = row[name] if row else None
    shade = 0 if value is None else min(CLASSES, 1 + int(CLASSES * value / most))
    return {**(row or {}), "shown": value, "shade": shade}
