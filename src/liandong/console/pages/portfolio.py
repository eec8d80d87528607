"""The portfolio: exposure, losses and capital, where they lie, and whom credit reaches."""

from datetime import date
from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

SMALL = 1_000_000_000
"""Yearly revenue in fen up to which a firm is small here: 10 million yuan."""
MARK = 700_000
"""Share of credit that should go to small firms, ppm."""
STAGES = ("1", "2", "3")
CUTS = {
    "region": "substr(v.region_id, 1, 2) || '0000'",
    "industry": "substr(v.industry, 1, 1)",
    "size": "v.size_class",
}
"""What concentration may be asked by."""
SORTS = {
    "provision": "v.provision DESC, v.loan_id",
    "exposure": "v.ead DESC, v.loan_id",
    "overdue": "v.days_past_due DESC NULLS LAST, v.loan_id",
}
"""Orders of the loans that can be asked for."""
AT = (250_000, 500_000, 750_000)
"""Shares of approval at which policies are compared in numbers."""

_VERDICT = (
    "[r FOR r IN v.reasons IF NOT regexp_matches(r.code,"
    " '^provision.(pd_score|lgd_|small_firm|later_score|no_earlier_score)')]"
)
"""Reasons of the stage alone; the page of the row shows them all."""
_LENT = (
    "SELECT v.* EXCLUDE (reasons), p.region_id, p.industry, p.size_class, p.annual_revenue"
    " FROM provision v LEFT JOIN party p ON p.party_id = v.party_id"
)
"""What all that is added up here comes from."""
_SOURCE = "portfolio v"
_GRADED = (
    "SELECT b.grade AS old, n.grade AS new, p.region_id, p.industry, count(*) AS count FROM"
    " (SELECT * FROM score WHERE as_of = DATE '{before}') b JOIN"
    " (SELECT * FROM score WHERE as_of = DATE '{now}') n USING (party_id)"
    " JOIN party p USING (party_id) GROUP BY ALL"
)
"""How many firms went from grade to grade between two days, by where they are."""
_SUMS = (
    "count(*) AS loans, coalesce(sum(v.ead), 0) AS ead, coalesce(sum(v.provision), 0) AS provision,"
    " coalesce(sum(v.ecl_year), 0) AS ecl_year, coalesce(sum(v.ecl_life), 0) AS ecl_life,"
    " coalesce(sum(v.capital), 0) AS capital,"
    " (1e6 * sum(v.provision) / nullif(sum(v.ead), 0))::BIGINT AS coverage,"
    " (sum(v.pd::DOUBLE * v.ead) FILTER (v.stage < 3)"
    " / nullif(sum(v.ead) FILTER (v.stage < 3), 0))::BIGINT AS mean_pd"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return sums, parts, migrations, curves of policies, and one page of loans."""
    f = Filter.of(query)
    reading.keep("portfolio", _LENT)
    day = f.latest(reading, "portfolio")
    where = f.party(Where().add("v.as_of = ?", day), "v")
    cut = query.choice("by", CUTS, "region")
    stages, inclusion = _by(reading, where, "v.stage", "stage"), _inclusion(reading, f)
    return {
        "as_of": day,
        "total": reading.one("SELECT {sums} FROM {source}{where}", where, sums=_SUMS,
                             source=_SOURCE),
        "scenarios": _scenarios(reading, where),
        "small": _small(reading, where),
        "stages": stages,
        "grades": _by(reading, where, "v.grade", "grade"),
        "by": cut,
        "cuts": list(CUTS),
        "concentration": _shares(_by(reading, where, CUTS[cut], "part")),
        "moves": _moves(reading, f, day),
        "grade_moves": _grade_moves(reading, f),
        "inclusion": inclusion,
        "curves": inclusion["curves"],
        **_loans(reading, day, where, query),
        "sources": {
            "provision": reading.source("provision", day), "loan": reading.source("loan"),
            **{t: reading.source(t) for t in ("score", "inclusion", "party")},
        },
    }  # fmt: skip


def _by(reading: Reading, where: Where, what: str, name: str) -> list[Row]:
    return reading.rows(
        "SELECT {what} AS {name}, {sums} FROM {source}{where} GROUP BY 1 ORDER BY 1 NULLS LAST",
        where, what=what, name=name, sums=_SUMS, source=_SOURCE,
    )  # fmt: skip


def _scenarios(reading: Reading, where: Where) -> Row:
    """Return the provision if one of the scenarios came for sure."""
    return reading.one(
        "SELECT coalesce(sum(v.base), 0) AS base, coalesce(sum(v.down), 0) AS down,"
        " coalesce(sum(v.up), 0) AS up FROM {source}{where}",
        where, source=_SOURCE,
    )  # fmt: skip


def _small(reading: Reading, where: Where) -> Row:
    """Return the share of small firms in the portfolio, of loans and of exposure, in ppm."""
    return reading.one(
        "SELECT (1e6 * count(*) FILTER (v.annual_revenue <= ?) / nullif(count(*), 0))::BIGINT"
        " AS number, (1e6 * sum(v.ead) FILTER (v.annual_revenue <= ?) / nullif(sum(v.ead), 0))"
        "::BIGINT AS amount FROM {source}{where}",
        SMALL, SMALL, where, source=_SOURCE,
    )  # fmt: skip


def _shares(rows: list[Row]) -> list[Row]:
    """Add each part's share of the exposure, the largest first."""
    whole = sum(r["ead"] for r in rows) or 1
    shared = [{**r, "share": 1_000_000 * r["ead"] // whole} for r in rows]
    return sorted(shared, key=lambda r: (-r["ead"], str(r["part"])))


def _moves(reading: Reading, f: Filter, day: date | None) -> Row | None:
    """Return how loans went from stage to stage since the assessment before."""
    before = reading.one("SELECT max(as_of) AS day FROM portfolio WHERE as_of < ?", day)["day"]
    if before is None:
        return None
    rows = reading.rows(
        "SELECT coalesce(b.stage::VARCHAR, 'new') AS old, coalesce(n.stage::VARCHAR, 'ended')"
        " AS new, count(*) AS count FROM (SELECT * FROM portfolio WHERE as_of = ?) b"
        " FULL JOIN (SELECT * FROM portfolio WHERE as_of = ?) n USING (loan_id)"
        " JOIN party p ON p.party_id = coalesce(n.party_id, b.party_id){where} GROUP BY ALL",
        before, day, f.party(Where(), "p"),
    )  # fmt: skip
    return {"before": before, "now": day, **_matrix(rows, [*STAGES, "new"], [*STAGES, "ended"])}


def _grade_moves(reading: Reading, f: Filter) -> Row | None:
    """Return how firms went from grade to grade between the last two scores."""
    now = f.latest(reading, "score")
    before = reading.one("SELECT max(as_of) AS day FROM score WHERE as_of < ?", now)["day"]
    if before is None:
        return None
    name = f"grade_moves_{now:%Y%m%d}"
    reading.keep(name, _GRADED.format(before=before, now=now))
    rows = reading.rows(
        "SELECT old, new, sum(count) AS count FROM {name} p{where} GROUP BY ALL",
        f.party(Where(), "p"), name=name,
    )  # fmt: skip
    names = sorted({r[k] for r in rows for k in ("old", "new")})
    return {"before": before, "now": now, **_matrix(rows, names, names)}


def _matrix(rows: list[Row], down: list[str], across: list[str]) -> Row:
    """Lay counts out as a matrix: what was goes down, what is goes across."""
    found = {(r["old"], r["new"]): r["count"] for r in rows}
    cells = [[found.get((a, b), 0) for b in across] for a in down]
    return {"down": down, "across": across, "cells": cells}


def _inclusion(reading: Reading, f: Filter) -> Row:
    """Return what was lent to whom, and the curves of the policies, of the newest day of each."""
    lent = _newest(reading, f, "policy = 'lent'")
    curves = _newest(reading, f, "policy = 'scorecard'")
    return {
        "mark": MARK,
        "lent_on": lent,
        "lent": reading.rows(
            "SELECT slice, measure, value, low, high, n FROM inclusion WHERE as_of = ?"
            " AND policy = 'lent' AND slice IN ('small', 'first_time')"
            " ORDER BY slice DESC, measure DESC",
            lent,
        ),
        "curves_on": curves,
        "curves": reading.rows(
            "SELECT policy, slice, approved, measure, value, low, high, n FROM inclusion"
            " WHERE as_of = ? AND (slice = 'all' AND measure IN ('bad_rate', 'loss_rate')"
            " OR slice IN ('small', 'first_time') AND measure = 'reached')"
            " AND policy <> 'lent' ORDER BY policy DESC, slice, measure, approved",
            curves,
        ),
        "gains": reading.rows(
            "SELECT approved, measure, slice, value, low, high, n FROM inclusion WHERE as_of = ?"
            " AND starts_with(measure, 'over_') AND list_contains(?, approved)"
            " ORDER BY measure, slice, approved",
            curves, list(AT),
        ),
    }  # fmt: skip


def _newest(reading: Reading, f: Filter, kind: str) -> date | None:
    where = Where().add(kind)
    if f.on:
        where.add("as_of <= ?", f.on)
    day: date | None = reading.one("SELECT max(as_of) AS day FROM inclusion{where}", where)["day"]
    return day


def _loans(reading: Reading, day: date | None, where: Where, query: Query) -> Row:
    """Return one page of loans, all or those of one stage."""
    stage, order = query.choice("stage", STAGES), SORTS[query.choice("sort", SORTS, "provision")]
    if stage:
        where.add("v.stage = ?", int(stage))
    here = reading.rows(
        "SELECT v.loan_id FROM {source}{where} ORDER BY {order} LIMIT ? OFFSET ?",
        where, query.most, query.offset, source=_SOURCE, order=order,
    )  # fmt: skip
    chosen = Where().add("v.as_of = ?", day).one_of("v.loan_id", [r["loan_id"] for r in here])
    return {
        "stage": stage,
        "sorts": list(SORTS),
        "rows": reading.rows(
            "SELECT v.*, {verdict} AS verdict, p.name, p.name_en"
            " FROM provision v LEFT JOIN party p USING (party_id){where} ORDER BY {order}",
            chosen, verdict=_VERDICT, order=order,
        ),
        "count": reading.one("SELECT count(*) AS n FROM {source}{where}", where, source=_SOURCE)[
            "n"
        ],
    }  # fmt: skip
