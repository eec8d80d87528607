"""Several regions side by side: every figure they have, over time, with what differs marked."""

import re
from typing import Any

from liandong.console.query import Query, Where, wrong
from liandong.console.reading import Reading, Row
from liandong.console.regional import atlas, dates
from liandong.texts import both

BLOCKS = ("figures", "points")
"""Lists that can be had as files."""
MOST = 5
"""Regions beside each other at most."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the figures of the regions that are asked for, and of which there is no such.

    ``figures`` are the newest of each measure and region, with the ``difference`` to the first
    region as a share of it (none unless both are above 0), and whether the row is of another
    period or vintage (``other_time``, ``other_vintage``) than that of the first region. ``points``
    are all periods.

    Raises
    ------
    UsageError
        If more regions than :data:`MOST` are asked for, or a code is none.
    """
    asked = _codes(query)
    known = {
        r["region_id"]: r
        for r in reading.rows("SELECT * FROM region WHERE list_contains(?, region_id)", asked)
    }
    places = [known[a] for a in asked if a in known]
    measures = atlas.measures(reading) if places else []
    points = _points(reading, [p["region_id"] for p in places])
    return {
        "regions": places,
        "unknown": [
            {"region_id": a, "now": dates.today(reading, a)} for a in asked if a not in known
        ],
        "most": MOST,
        "measures": [m for m in measures if m["measure"] in points],
        "course": points,
        "points": [r for rows in points.values() for r in rows],
        "figures": [
            f for m in measures if m["measure"] in points for f in _figures(m, points, places)
        ],
        "every": reading.rows(
            "SELECT region_id, name, name_en FROM region WHERE level <> 'nation' ORDER BY region_id"
            " LIMIT 4000"
        ),
        "sources": {t: reading.source(t) for t in sorted({atlas.table(m) for m in measures})},
    }


def _codes(query: Query) -> list[str]:
    given = query.text("regions")
    asked = list(dict.fromkeys(c for c in re.split(r"[\s,，、;]+", given) if c))
    for code in asked:
        if not re.fullmatch(r"\d{6}", code, re.ASCII):
            raise wrong("regions", code, both("advice.adcode"))
    if len(asked) > MOST:
        raise wrong("regions", given, both("advice.most_regions", most=MOST))
    return asked


def _points(reading: Reading, places: list[str]) -> dict[str, list[Row]]:
    """Return all points of the regions by measure, each in the newest vintage of its region."""
    if not places:
        return {}
    found: dict[str, list[Row]] = {}
    for row in atlas.course_of(reading, Where().add("list_contains(?, region_id)", places)):
        found.setdefault(row["measure"], []).append(row)
    return found


def _figures(measure: Row, points: dict[str, list[Row]], places: list[Row]) -> list[Row]:
    """Return the newest row of each region, held against that of the first one that has any."""
    newest = {r["region_id"]: r for r in points[measure["measure"]]}  # the last period stays
    rows = [newest[p["region_id"]] for p in places if p["region_id"] in newest]
    first = rows[0]
    return [
        {**row, "kind": measure["kind"],
         "difference": row["value"] / first["value"] - 1
         if row is not first and min(row["value"], first["value"]) > 0 else None,
         "other_time": row["period"] != first["period"],
         "other_vintage": row["vintage"] != first["vintage"]}
        for row in rows
    ]  # fmt: skip
