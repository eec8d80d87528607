"""What the matching desk asks the board: limits, who gets it, scenarios, who gains and loses."""

import json
from datetime import date
from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.types import Money, Rate

CUTS = {
    "region": "substr(d.region_id, 1, 2) || '0000'",
    "industry": "substr(d.industry, 1, 1)",
    "grade": "d.grade",
    "size": "d.size_class",
    "first_time": "CASE d.first_time WHEN true THEN 'yes' WHEN false THEN 'no' END",
    "micro": "CASE d.micro WHEN true THEN 'yes' WHEN false THEN 'no' END",
}
"""What applicants may be grouped by."""
CHANGES = ("gained", "lost", "more", "less", "moved")
SORTS = {
    "effect": "abs(s.amount - s.before) DESC, s.project_id",
    "gain": "s.amount - s.before DESC, s.project_id",
    "loss": "s.amount - s.before, s.project_id",
    "need": "d.need DESC NULLS LAST, s.project_id",
    "project": "s.project_id",
}
"""Orders of who gains and loses."""
_PROJECTS = """
SELECT o.as_of, o.project_id, o.party_id, o.grade, o.amount, o.value, q.micro, q.first_time,
  coalesce(q.region_id, j.region_id, p.region_id) AS region_id,
  coalesce(q.industry, j.industry, p.industry) AS industry,
  p.size_class, p.name, p.name_en, j.need, j.term_months
FROM (SELECT as_of, project_id, min(party_id) AS party_id, min(grade) AS grade,
    sum(amount)::BIGINT AS amount, sum(value)::BIGINT AS value FROM offer GROUP BY ALL) o
  LEFT JOIN (SELECT as_of, project_id, bool_or(micro) AS micro, bool_or(first_time) AS first_time,
    min(region_id) AS region_id, min(industry) AS industry FROM quote GROUP BY ALL) q
    USING (as_of, project_id)
  LEFT JOIN project j USING (project_id) LEFT JOIN party p ON p.party_id = o.party_id
"""
"""Every project once, with what it asked for, what it got and whose it is."""
_EACH = """
(SELECT project_id, min(change) AS change, sum(amount)::BIGINT AS amount,
  sum(before)::BIGINT AS before, max(rate) AS rate,
  arg_max(product_id, amount) FILTER (amount > 0) AS product_id,
  arg_max(product_id, before) FILTER (before > 0) AS product_before,
  arg_max(reasons, amount) AS reasons
  FROM {source} WHERE as_of = ? AND name = ? GROUP BY project_id) s
JOIN desk_project d ON d.project_id = s.project_id AND d.as_of = ?
"""
"""Every project of a scenario once."""
_PARTS = " UNION ALL ".join(
    f"(SELECT '{by}' AS by, {cut} AS part, count(*) AS projects,"  # noqa: S608 - constants
    " count(*) FILTER (d.amount > 0) AS offered, coalesce(sum(d.need), 0) AS need,"
    " coalesce(sum(d.amount), 0) AS amount,"
    " (1e6 * count(*) FILTER (d.amount > 0) / count(*))::BIGINT AS served,"
    " coalesce((1e6 * sum(d.amount) / nullif(sum(sum(d.amount)) OVER (), 0))::BIGINT, 0) AS share"
    " FROM d GROUP BY part ORDER BY amount DESC, part NULLS LAST)"
    for by, cut in CUTS.items()
)


def projects(reading: Reading) -> None:
    """Make every project of this state ready to be asked about as ``desk_project``."""
    reading.keep("desk_project", _PROJECTS)


def allocation(reading: Reading, day: date | None) -> Row | None:
    """Return what was given out; ``gap`` is what the bound leaves open, in ppm."""
    return reading.first(
        "SELECT *, CASE WHEN bound > 0 THEN (1e6 * (bound - value) / bound)::BIGINT END AS gap,"
        " CASE WHEN used > 0 THEN (1e6 * micro_used / used)::BIGINT END AS micro_share"
        " FROM allocation WHERE as_of = ?",
        day,
    )


def limits(reading: Reading, day: date | None, real: Row) -> list[Row]:
    """Return every limit: what binds first comes first.

    ``share`` is the bound as a part of all that is given out, where it is one; ``reached`` is how
    much of the bound is used. Both in ppm.
    """
    named = reading.rows(
        "SELECT l.*, p.name, p.name_en,"
        " CASE WHEN l.bound > 0 THEN (1e6 * l.used / l.bound)::BIGINT END AS reached"
        " FROM allocation_limit l LEFT JOIN product p USING (product_id)"
        " WHERE l.as_of = ? ORDER BY list_position(['budget', 'floor', 'cap', 'capacity'], l.kind),"
        " l.price DESC, l.limit_id",
        day,
    )
    return [{**r, "share": _share(r["limit_id"], real)} for r in named]


def _share(limit_id: str, real: Row) -> int | None:
    if limit_id == "micro" and "micro_share" in real:
        return int(Rate.parse(real["micro_share"]))
    limit: Row = next((x for x in real.get("limits", []) if x["name"] == limit_id), {})
    share = limit.get("least_share", limit.get("most_share"))
    return None if share is None else int(Rate.parse(share))


def who(reading: Reading, f: Filter, day: date | None) -> list[Row]:
    """Return who asked and who got, by every cut: ``by``, ``part`` and sums; shares in ppm."""
    where = f.party(Where().add("d.as_of = ?", day), "d")
    found = reading.rows("WITH d AS (SELECT * FROM desk_project d{where}) {parts}", where,
                         parts=_PARTS)  # fmt: skip
    alone = {by for by in CUTS if all(r["part"] is None for r in found if r["by"] == by)}
    return [r for r in found if r["by"] not in alone]  # nobody knows: nothing to tell apart


def fairness(reading: Reading, day: date | None) -> list[Row]:
    """Return how fair the allocation is: as a whole first, then group by group."""
    return reading.rows(
        "SELECT *, split_part(\"group\", ':', 1) AS by, nullif(split_part(\"group\", ':', 2), '?')"
        " AS part FROM fairness WHERE as_of = ?"
        ' ORDER BY "group" <> \'all\', measure, count DESC, "group"',
        day,
    )


def scenarios(reading: Reading, day: date | None, actual: Row | None, real: Row) -> list[Row]:
    """Return the allocation (with an empty name) and all scenarios of the day, side by side."""
    found = reading.rows("SELECT * FROM scenario WHERE as_of = ? ORDER BY name", day)
    prices = reading.rows(
        "SELECT name, limit_id, price FROM scenario_limit WHERE as_of = ?"
        " AND limit_id IN ('budget', 'micro') UNION ALL SELECT '', limit_id, price"
        " FROM allocation_limit WHERE as_of = ? AND limit_id IN ('budget', 'micro')",
        day, day,
    )  # fmt: skip
    priced = {(r["name"], r["limit_id"]): r["price"] for r in prices}
    blank = dict.fromkeys(("gained", "lost", "changed", "more", "less"), 0)
    first = [] if actual is None else [{**actual, **blank, "name": "", "terms": json.dumps(real)}]
    return [summary(r, real, priced) for r in (*first, *found)]


def summary(row: Row, real: Row, priced: dict[tuple[str, str], float]) -> Row:
    """Return the line of a scenario: its figures, prices, and where its rule is another one."""
    terms = json.loads(row["terms"])
    kept = ("name", "projects", "offered", "budget", "used", "micro_used", "value", "bound",
            "gained", "lost", "changed", "more", "less")  # fmt: skip
    used, above = row["used"], row["bound"]
    return {
        **{n: row[n] for n in kept},
        "micro_share": 1_000_000 * row["micro_used"] // used if used else None,
        "gap": 1_000_000 * (above - row["value"]) // above if above else None,
        "price_budget": priced.get((row["name"], "budget")),
        "price_micro": priced.get((row["name"], "micro")),
        "terms": terms,
        "other": other(row["terms"], real),
    }


def other(terms: str, real: Row) -> Row:
    """Return where the rule of a scenario differs from the real one."""
    return {n: v for n, v in json.loads(terms).items() if v and v != real.get(n) and n != "as_of"}


def nearest(found: list[Row], wanted: Row) -> Row | None:
    """Return the scenario whose rule is nearest to the one wanted; nothing is interpolated."""
    return min(found, key=lambda r: _distance(r["terms"], wanted), default=None)


def _distance(terms: Row, wanted: Row) -> float:
    budget, other = int(Money.parse(wanted["budget"])), int(Money.parse(terms["budget"]))
    micro, floor = (int(Rate.parse(t["micro_share"])) for t in (wanted, terms))
    rest = {*wanted, *terms} - {"budget", "micro_share", "as_of"}
    apart: float = abs(budget - other) / max(budget, 1) + abs(micro - floor) / 1_000_000
    return apart + len([n for n in rest if (wanted.get(n) or None) != (terms.get(n) or None)])


NO_CHANGES: Row = {
    "by": "region", "grade": "", "change": "", "sorts": list(SORTS), "counts": {},
    "sums": [], "changes": [], "total": 0,
}  # fmt: skip
"""What :func:`changes` finds where there is nothing to compare."""


def changes(reading: Reading, f: Filter, query: Query, day: date, source: Row) -> dict[str, Any]:
    """Return who gains and who loses: sums by a cut, counts, and one page of projects.

    Parameters
    ----------
    source
        ``table`` and ``name`` of the scenario.
    """
    marks = (day, source["name"], day)
    where = f.party(Where().add("s.change <> 'same'"), "d")
    cut, grade = query.choice("by", CUTS, "region"), query.text("grade")
    if grade:
        where.add("d.grade = ?", grade)
    parts = {"each": _EACH, "source": source["table"]}
    counts = reading.rows(
        "SELECT s.change, count(*) AS count FROM {each}{where} GROUP BY 1",
        *marks, where, **parts,
    )  # fmt: skip
    sums = reading.rows(
        "SELECT {cut} AS part, count(*) FILTER (s.change = 'gained') AS gained, count(*)"
        " FILTER (s.change = 'lost') AS lost, sum(greatest(s.amount - s.before, 0)) AS more,"
        " sum(greatest(s.before - s.amount, 0)) AS less, sum(s.amount - s.before) AS net"
        " FROM {each}{where} GROUP BY 1 ORDER BY abs(net) DESC, 1 NULLS LAST",
        *marks, where, cut=CUTS[cut], **parts,
    )  # fmt: skip
    change = query.choice("change", CHANGES)
    if change:
        where.add("s.change = ?", change)
    total = sum(r["count"] for r in counts if r["change"] == (change or r["change"]))
    rows = reading.rows(
        "SELECT s.project_id, d.party_id, d.name, d.name_en, d.region_id, d.industry, d.grade,"
        " d.size_class, d.need, s.change, s.before, s.amount, s.amount - s.before AS effect,"
        " s.product_before, s.product_id, s.rate, [r FOR r IN s.reasons IF r.code <> 'match.value'"
        " AND NOT starts_with(r.code, 'match.price_')] AS verdict"
        " FROM {each}{where} ORDER BY {order} LIMIT ? OFFSET ?",
        *marks, where, query.most, query.offset,
        order=SORTS[query.choice("sort", SORTS, "effect")], **parts,
    )  # fmt: skip
    return {
        "by": cut, "grade": grade, "change": change, "sorts": list(SORTS),
        "counts": {r["change"]: r["count"] for r in counts},
        "sums": sums, "changes": rows, "total": total,
    }  # fmt: skip
