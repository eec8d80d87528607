"""What is known of each project and of who asks for it."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.match.eligibility.measures import FEATURE, MILLIONTHS, UNKNOWN, in_force
from liandong.match.eligibility.negative import banned
from liandong.match.eligibility.rules import QuoteRule
from liandong.step import Tables
from liandong.texts import both

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

SMALL = ("micro", "small")
LARGEST = 2.0**60
"""Millionths of a feature beyond this are taken as this."""


class Known(NamedTuple):
    """Numbers, and where they are known."""

    value: Int
    known: Bool


class Applicants(NamedTuple):
    """Projects in order of their ids, one entry each.

    ``need`` and ``revenue`` (a year) are fen, ``term`` months, ``pd`` ppm, ``age`` days; UNKNOWN
    where not known. ``numbers`` holds the measures of bands, ``traits`` those of sets. Texts,
    ``micro`` and ``first_time`` are null where not known; ``obligor`` is who pays where that is
    somebody else, ``lead`` the project with which a project is pooled, and ``banned`` the entry of
    the negative list that hits it.
    """

    project: pa.Array
    party: pa.Array
    obligor: pa.Array
    lead: pa.Array
    banned: pa.Array
    registered: Bool
    need: Int
    term: Int
    purpose: pa.Array
    region: pa.Array
    industry: pa.Array
    pd: Int
    grade: pa.Array
    revenue: Int
    micro: pa.Array
    first_time: pa.Array
    technology: pa.Array
    staff: Int
    numbers: dict[str, Known]
    traits: dict[str, pa.Array]

    def take(self, rows: Int) -> "Applicants":
        """Return some of the projects, in this order."""
        at = pa.array(rows)
        numbers = {m: Known(k.value[rows], k.known[rows]) for m, k in self.numbers.items()}
        traits = {m: t.take(at) for m, t in self.traits.items()}
        plain = {n: getattr(self, n) for n in self._fields if n not in ("numbers", "traits")}
        some = {n: c[rows] if isinstance(c, np.ndarray) else c.take(at) for n, c in plain.items()}
        return self._replace(**some, numbers=numbers, traits=traits)


def applicants(tables: Tables, rule: QuoteRule, measures: Iterable[str] = ()) -> Applicants:
    """Put together what is known of every project on the day of the rule.

    Parameters
    ----------
    tables
        Those that a quote reads.
    rule
        Names the day, and the features for sales and technology.
    measures
        Further measures of bands, ``feature.NAME`` each.

    Raises
    ------
    DataError
        If the need or the term of a project is not above 0.
    """
    projects = tables["project"].sort_by("project_id").combine_chunks()
    asking = projects["party_id"].combine_chunks()
    need, lead = _pooled(projects, tables["application"], rule.as_of)
    term = projects["term_months"].to_numpy()
    _must_ask(projects, (need > 0) & (term > 0))
    paying = pc.coalesce(projects["obligor_id"], asking).combine_chunks()
    party = _of(asking, tables["party"])
    score = _of(paying, _worst(tables["score"], rule.as_of))
    features = _Features(tables["feature"], asking, rule.as_of)
    revenue = _revenue(features, party, rule)
    region = pc.coalesce(projects["region_id"], party["region_id"]).combine_chunks()
    industry = pc.coalesce(projects["industry"], party["industry"]).combine_chunks()
    first_time = _first_time(asking, tables["loan"], rule.as_of)
    skilled = features.of(rule.technology_measure)
    technology = pc.if_else(pa.array(skilled.known), pa.array(skilled.value > 0), None)
    pd, points = _whole(score["pd"]), score["points"].combine_chunks()
    age, staff = _age(party, rule.as_of), _whole(party["staff"])
    numbers = {
        "amount": _known(need), "term": _known(term), "points": _told(points), "pd": _known(pd),
        "age": _known(age), "revenue": _known(revenue), "staff": _known(staff),
        **{m: features.of(m.removeprefix(FEATURE)) for m in measures},
    }  # fmt: skip
    grade, purpose = score["grade"].combine_chunks(), projects["purpose"].combine_chunks()
    size = party["size_class"].combine_chunks()
    by_revenue = pa.array(revenue <= rule.micro_revenue, mask=revenue == UNKNOWN)
    small = pc.is_in(size, value_set=pa.array(SMALL))
    traits = {
        "region": region, "industry": industry, "size": size, "grade": grade, "purpose": purpose,
        "first_time": _yes_no(first_time), "technology": _yes_no(technology),
        "guaranteed": _yes_no(_guaranteed(asking, tables["edge"], rule.as_of)),
        "credential": _credentials(asking, tables["credential"], rule.as_of),
    }  # fmt: skip
    return Applicants(
        project=projects["project_id"].combine_chunks(),
        party=asking,
        obligor=pc.if_else(pc.not_equal(paying, asking), paying, None),
        lead=lead,
        banned=banned(industry, purpose, rule),
        registered=party["party_id"].is_valid().to_numpy(),
        need=need,
        term=term,
        purpose=purpose,
        region=region,
        industry=industry,
        pd=pd,
        grade=grade,
        revenue=revenue,
        micro=pc.if_else(pc.is_valid(size), small, by_revenue),
        first_time=first_time,
        technology=technology,
        staff=staff,
        numbers=numbers,
        traits=traits,
    )


def _must_ask(projects: pa.Table, ok: Bool) -> None:
    if not ok.all():
        name = projects["project_id"][int(ok.argmin())].as_py()
        what = both("fault.project_asks_nothing", project=name)
        raise DataError(file="project", what=what, remedy=both("advice.mend_project"))


def _pooled(projects: pa.Table, application: pa.Table, day: date) -> tuple[Int, pa.Array]:
    """Return what each project asks for, pooled where it leads others, and which one leads it."""
    today = application.filter(pc.equal(application["as_of"], pa.scalar(day)))
    rows = pc.index_in(projects["project_id"], value_set=today["project_id"].combine_chunks())
    mine = today.take(rows)
    leads = pc.equal(mine["lead_id"], projects["project_id"])
    need = pc.if_else(pc.fill_null(leads, fill_value=False), mine["need"], projects["need"])
    led = pc.if_else(pc.fill_null(leads, fill_value=True), None, mine["lead_id"])
    return np.asarray(need.to_numpy()), led.combine_chunks()


def _of(asking: pa.Array, table: pa.Table) -> pa.Table:
    """Return the row of each applicant, of nulls where there is none."""
    return table.take(pc.index_in(asking, value_set=table["party_id"].combine_chunks()))


def _whole(column: pa.ChunkedArray) -> Int:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), UNKNOWN).to_numpy())


def _known(value: Int) -> Known:
    return Known(value, value != UNKNOWN)


def _told(column: pa.Array) -> Known:
    known = column.is_valid().to_numpy(zero_copy_only=False)
    return Known(pc.fill_null(column, 0).to_numpy(), known)


def _age(party: pa.Table, day: date) -> Int:
    """Return days since each firm was founded; 0 for one that is yet to be."""
    born = party["founded"].cast(pa.int32()).cast(pa.int64())
    days = pc.subtract((day - date(1970, 1, 1)).days, born)
    past = pc.max_element_wise(days, 0, skip_nulls=False)
    return np.asarray(pc.fill_null(past, UNKNOWN).to_numpy())


def _worst(score: pa.Table, day: date) -> pa.Table:
    """Return one score a party: of several on the day that of the highest risk, to be prudent."""
    rows = score.filter(pc.equal(score["as_of"], pa.scalar(day)))
    coded = rows["party_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    if len(coded) and np.bincount(coded).max() == 1:
        return rows
    rows = rows.sort_by([("party_id", "ascending"), ("pd", "descending"), ("rule_id", "ascending")])
    coded = rows["party_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return rows.take(np.flatnonzero(np.diff(coded, prepend=-1)))


class _Features:
    """Features of the applicants on a day."""

    def __init__(self, feature: pa.Table, asking: pa.Array, day: date) -> None:
        self._rows = feature.filter(pc.equal(feature["as_of"], pa.scalar(day)))
        self._asking = asking

    def value(self, measure: str) -> NDArray[np.float64]:
        """Return the feature of each applicant, NaN where it is not known."""
        rows = self._rows.filter(pc.equal(self._rows["measure"], measure))
        found = _of(self._asking, rows)["value"].to_numpy()
        return np.where(np.isfinite(found), found, np.nan)

    def of(self, measure: str) -> Known:
        """Return the feature in millionths of its unit."""
        value = self.value(measure)
        known = np.isfinite(value)
        scaled = np.clip(np.where(known, value, 0.0) * MILLIONTHS, -LARGEST, LARGEST)
        return Known(np.rint(scaled).astype(np.int64), known)


def _revenue(features: _Features, party: pa.Table, rule: QuoteRule) -> Int:
    """Return yearly sales in fen: by the feature where there is one, else as the party says."""
    told = _whole(party["annual_revenue"])
    yuan = features.value(rule.revenue_measure)
    fen = np.rint(np.clip(np.nan_to_num(yuan) * 100, 0, LARGEST)).astype(np.int64)
    return np.where(np.isfinite(yuan), fen, np.maximum(told, UNKNOWN))


def _first_time(asking: pa.Array, loan: pa.Table, day: date) -> pa.Array:
    """Tell who had no loan before the day; null for all where no loans are on record."""
    if not len(loan):
        return pa.nulls(len(asking), pa.bool_())
    before = loan.filter(pc.less(loan["start"], pa.scalar(day)))["party_id"].combine_chunks()
    return pc.invert(pc.is_in(asking, value_set=before))


def _guaranteed(asking: pa.Array, edge: pa.Table, day: date) -> pa.Array:
    """Tell for whom somebody guarantees on the day."""
    held = pc.and_(pc.equal(edge["kind"], "guarantees"), in_force(edge, day))
    return pc.is_in(asking, value_set=edge.filter(held)["dst"].combine_chunks())


def _credentials(asking: pa.Array, credential: pa.Table, day: date) -> pa.Array:
    """Return the kinds of credentials of each that are in force, between blanks; null: none."""
    held = pc.and_not(in_force(credential, day), credential["revoked"])
    kinds: dict[str, set[str]] = {}
    for row in credential.filter(held).select(["party_id", "kind"]).to_pylist():
        kinds.setdefault(row["party_id"], set()).add(row["kind"])
    words = pa.array([f" {' '.join(sorted(k))} " for k in kinds.values()], pa.string())
    return words.take(pc.index_in(asking, value_set=pa.array([*kinds], pa.string())))


def _yes_no(flag: pa.Array) -> pa.Array:
    return pc.if_else(flag, "yes", "no")
