"""Eligibility: the maps against plain readings, why not, and the nearest change."""

from bisect import bisect_right
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.allocation.bitmap import LEAST, MOST, build
from liandong.match import QuoteRule, Screening, quote
from liandong.match.eligibility.index import open_pairs
from liandong.step.local import run_step
from liandong.testing import check_step
from liandong.types import PPM
from support.lending import DAY
from support.terms import credentials, world

SEEDS = st.integers(0, 10**6)
RULE = QuoteRule(as_of=DAY, min_age_days=30)
WORDS = ("match.change", "match.no_change", "match.obligor")


# --- the kernel -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 150), st.integers(1, 3), st.integers(0, 3))
def test_maps_open_what_each_criterion_leaves_open(seed, products, threads, sets):
    r = np.random.default_rng(seed)
    low = np.where(r.random((3, products)) < 0.4, LEAST, r.integers(-5, 10, (3, products)))
    high = np.where(r.random((3, products)) < 0.4, MOST, r.integers(-5, 10, (3, products)))
    values, known = r.integers(-8, 13, (3, 40)), r.random((3, 40)) < 0.9
    allowed = [r.random((4, products)) < 0.7 for _ in range(sets)]
    codes = r.integers(0, 4, (sets, 40)).astype(np.int32)
    closed = r.random(40) < 0.2
    wanted = [
        [
            j for j in range(products)
            if not closed[i]
            and all(
                low[a, j] <= values[a, i] <= high[a, j] if known[a, i]
                else (low[a, j], high[a, j]) == (LEAST, MOST)
                for a in range(3)
            )
            and all(allowed[s][codes[s, i], j] for s in range(sets))
        ]
        for i in range(40)
    ]  # fmt: skip
    axes = build(low, high, allowed)
    found = open_pairs(values, known, codes, axes, threads, closed=closed)
    assert [
        found.product[a:b].tolist() for a, b in zip(found.start, found.start[1:], strict=False)
    ] == wanted


# --- a plain reading --------------------------------------------------------------------------


def floor_rate(pd, p):
    """Return the exact floor rate of a product, rounded up where the code rounds up."""
    cover = p["guarantee_cover"]
    loss = -(-pd * p["lgd"] * (PPM - cover) // PPM)
    weight = cover * 200_000 + (PPM - cover) * 750_000
    capital = -(-120_000 * 105_000 * weight // PPM**2)
    fixed = (p["funding_rate"] + p["operating_rate"] + (p["lender_fee_rate"] or 0)) * PPM
    return -(-(fixed + loss + capital) // (PPM - pd)) if pd < PPM else None


CREDENTIALS = {"E01": ("grade_1",), "E07": ("food",), "E10": ("grade_10", "food")}
"""What is in force of those in the support."""


class Plain:
    """What the tables say of each project, read row by row."""

    def __init__(self, t):
        self._asked = {}
        self.party = {r["party_id"]: r for r in t["party"].to_pylist()}
        self.score = {r["party_id"]: r for r in t["score"].to_pylist()}
        self.growth = {r["party_id"]: r["value"] for r in t["feature"].to_pylist()}
        self.project = {r["project_id"]: r for r in t["project"].to_pylist()}
        self.product = {r["product_id"]: r for r in t["product"].to_pylist()}
        self.criteria = t["criterion"].to_pylist()

    def values(self, project):
        e, p = self.project[project], self.party[project]
        s = self.score.get(project, {"pd": None, "points": None, "grade": None})
        growth = self.growth.get(project)
        return {
            "amount": e["need"], "term": e["term_months"], "revenue": p["annual_revenue"],
            "staff": p["staff"], "pd": s["pd"], "points": s["points"], "grade": s["grade"],
            "age": None if p["founded"] is None else (DAY - p["founded"]).days,
            "feature.growth": None if growth is None else round(growth * 10**6),
            "region": e["region_id"], "industry": e["industry"], "purpose": e["purpose"],
            "size": p["size_class"], "first_time": "no" if project == "E02" else "yes",
            "guaranteed": "yes" if project == "E05" else "no", "technology": None,
            "credential": CREDENTIALS.get(project),
        }  # fmt: skip

    def asked(self, product):
        """Return bands and sets of a product, its own terms included."""
        if product not in self._asked:
            self._asked[product] = self._ask(product)
        return self._asked[product]

    def _ask(self, product):
        p = self.product[product]
        step = p["step_amount"]
        least = -(-p["min_amount"] // step) * step
        cap = min(p["max_rate"], PPM if p["ceiling_rate"] is None else p["ceiling_rate"])
        most_pd = bisect_right(range(PPM), cap, key=lambda pd: floor_rate(pd, p)) - 1
        most_pd = most_pd if p["min_rate"] <= cap else -1
        bands = [
            ("amount", least, None), ("term", None, p["term_months"]), ("age", 30, None),
            ("revenue", -(-least * PPM // 300_000), None), ("pd", 0, most_pd),
        ]  # fmt: skip
        if p["max_amount"] // step * step < least:
            bands.append(("amount", None, -1))
        sets = {}
        for c in self.criteria:
            if c["product_id"] == product and c["member"] == "-":
                bands.append((c["measure"], c["low"], c["high"]))
            elif c["product_id"] == product:
                sets.setdefault(c["measure"], []).append(c["member"])
        return bands, sets

    def barred(self, project):
        v = self.values(project)
        code = v["industry"]
        banned = code is not None and (code.startswith("K701") or "K701".startswith(code))
        return banned or "股票" in (v["purpose"] or "")

    def missed(self, project, product):
        """Return the measures of the product that a project misses."""
        v, (bands, sets) = self.values(project), self.asked(product)
        out = {
            m for m, low, high in bands
            if v[m] is None or v[m] < (v[m] if low is None else low)
            or v[m] > (v[m] if high is None else high)
        }  # fmt: skip
        for measure, members in sets.items():
            value = v[measure.removeprefix("not_")]
            if measure.startswith("not_"):
                out |= {measure} if value is not None and covers(measure, value, members) else set()
            elif value is None or not covers(measure, value, members):
                out.add(measure)
        return out

    def opened(self, project, product):
        grade = self.values(project)["grade"]
        return not (self.barred(project) or grade == "D" or self.missed(project, product))


def covers(measure, value, members):
    if measure in ("region", "industry", "not_region"):
        return any(value.startswith(m) for m in members)
    if measure == "not_industry":
        return any(value.startswith(m) or m.startswith(value) for m in members)
    if measure.endswith("purpose"):
        return any(m in value for m in members)
    if measure == "credential":
        return bool({*value} & {*members})
    return value in members


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_pairs_and_reasons_are_those_of_a_plain_reading(seed):
    t = world(seed)
    plain, screening = Plain(t), Screening(t, RULE)
    pairs = screening.pairs()
    names = screening.who.project.to_pylist(), screening.terms.product.to_pylist()
    found = {(names[0][i], names[1][j]) for i, j in zip(pairs.project, pairs.product, strict=True)}
    for project in names[0]:
        for product in names[1]:
            opened = plain.opened(project, product)
            assert ((project, product) in found) == opened
            assert (screening.why_not(project, product) == []) == opened
    rows = run_step(quote, t, RULE, 1)["quote"].to_pylist()
    assert {(r["project_id"], r["product_id"]) for r in rows if r["eligible"]} == found
    shut = [r for r in rows if not r["eligible"]]
    assert sorted(r["project_id"] for r in shut) == sorted(set(names[0]) - {p for p, _ in found})
    for r in shut:
        told = [(x["code"], x["points"]) for x in r["reasons"]]
        against = [w for w in told if not w[0].startswith(WORDS)]
        assert against == screening.why_not(r["project_id"], r["product_id"])
        product, changes = screening.nearest(r["project_id"])
        assert product == r["product_id"]
        assert changes == [w for w in told if w[0].startswith(WORDS[:2])]


STUCK = {"region", "industry", "size", "purpose", "first_time", "technology"}
RISES = {"points", "age", "revenue", "staff"}


def distance(plain, project, product):
    """Return whether changes alone open a product, how many criteria are missed, and how far."""
    v, (bands, sets) = plain.values(project), plain.asked(product)
    low, high = {}, {}
    for m, a, b in bands:
        low[m] = max([x for x in (a, low.get(m)) if x is not None], default=None)
        high[m] = min([x for x in (b, high.get(m)) if x is not None], default=None)
    missed, stuck, far = plain.missed(project, product), False, Fraction(0)
    for m in missed:
        if m in ("grade", "guaranteed", "credential"):
            far += 1
        elif m in sets or m.startswith("not_") or m in STUCK or v[m] is None:
            stuck = True
            far += m in sets
        elif low[m] is not None and high[m] is not None and low[m] > high[m]:
            stuck = True
        elif low[m] is not None and v[m] < low[m]:
            stuck |= m == "pd"
            far += Fraction(low[m] - v[m], max(abs(v[m]), 1))
        else:
            stuck |= m in RISES
            far += Fraction(v[m] - high[m], max(abs(v[m]), 1))
    return stuck, len(missed), float(far)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_the_nearest_product_is_the_nearest_of_all(seed):
    t = world(seed)
    plain = Plain(t)
    for r in run_step(quote, t, RULE, 1)["quote"].to_pylist():
        if not r["eligible"]:
            key = {p: distance(plain, r["project_id"], p) for p in plain.product}
            best = min(k for k in key.values())
            found = key[r["product_id"]]
            assert found[:2] == best[:2]
            assert found[2] == pytest.approx(best[2], rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_what_would_have_to_change_opens_the_product(seed):
    t = world(seed)
    rows = [r for r in run_step(quote, t, RULE, 1)["quote"].to_pylist() if not r["eligible"]]
    for r in rows:
        told = {x["code"]: x["points"] for x in r["reasons"]}
        if "match.no_change" in told:
            continue
        changed = apply(t, r["project_id"], r["product_id"], told)
        assert Screening(changed, RULE).why_not(r["project_id"], r["product_id"]) == []


def apply(t, project, product, told):
    """Return the tables with the changes that reasons tell, for one project."""

    def edit(name, key, **fields):
        rows = t[name].to_pylist()
        for row in rows:
            if row[key] == project:
                row.update({f: make(row) for f, make in fields.items()})
        return pa.Table.from_pylist(rows, schema=t[name].schema)

    d = lambda code: told.get(f"match.change_{code}", 0)  # noqa: E731
    grades = [c["member"] for c in t["criterion"].to_pylist()
              if (c["product_id"], c["measure"]) == (product, "grade")]  # fmt: skip
    out = {
        **t,
        "project": edit(
            "project", "project_id",
            need=lambda r: r["need"] + 100 * (d("amount_up") - d("amount_down")),
            term_months=lambda r: r["term_months"] + d("term_up") - d("term_down"),
        ),
        "score": edit(
            "score", "party_id", points=lambda r: r["points"] + d("points_up"),
            pd=lambda r: r["pd"] - d("pd_down"),
            grade=lambda r: (grades or ["A"])[0] if "match.change_grade" in told else r["grade"],
        ),
        "party": edit(
            "party", "party_id", staff=lambda r: None if r["staff"] is None
            else r["staff"] + d("staff_up"),
            annual_revenue=lambda r: None if r["annual_revenue"] is None
            else r["annual_revenue"] + 100 * d("revenue_up"),
            founded=lambda r: None if r["founded"] is None
            else r["founded"] - timedelta(days=d("age_up")),
        ),
    }  # fmt: skip
    shift = d("feature_up(growth)") - d("feature_down(growth)")
    if shift:
        out["feature"] = edit(
            "feature", "party_id", value=lambda r: (round(r["value"] * 10**6) + shift) / 10**6
        )
    if "match.change_guarantor" in told:
        row = {**t["edge"].to_pylist()[0], "dst": project}
        out["edge"] = pa.Table.from_pylist([*t["edge"].to_pylist(), row], schema=t["edge"].schema)
    if "match.change_credential" in told:
        kind = next(c["member"] for c in t["criterion"].to_pylist()
                    if (c["product_id"], c["measure"]) == (product, "credential"))  # fmt: skip
        out["credential"] = credentials([(project, kind, None, False)])
    return out


WORSE = {"pd": 1, "points": -1, "age": -1, "revenue": -1, "staff": -1}
"""Which way is worse."""


@settings(max_examples=25, deadline=None)
@given(
    SEEDS, st.integers(0, 50_000), st.integers(0, 100), st.integers(0, 400), st.integers(0, 10**8)
)
def test_being_worse_opens_nothing_and_makes_nothing_cheaper(seed, pd, points, days, sales):
    t = world(seed)
    # Criteria that only ask for better, and none for a feature, which has no better end.
    sides = {"pd": "low", "points": "high", "age": "high", "revenue": "high", "staff": "high"}
    rows = [
        {
            **c,
            sides.get(c["measure"], "low"): c[sides.get(c["measure"], "low")]
            if c["measure"] not in sides
            else None,
        }
        for c in t["criterion"].to_pylist()
    ]
    rows = [c for c in rows if c["member"] != "-" or c["low"] is not None or c["high"] is not None]
    t["criterion"] = pa.Table.from_pylist(rows, schema=t["criterion"].schema)
    worse = {
        **t,
        "score": changed(t["score"], lambda r: {
            "pd": min(r["pd"] + pd, 10**6), "points": r["points"] - points}),
        "party": changed(t["party"], lambda r: {
            "founded": r["founded"] and r["founded"] + timedelta(days=days),
            "annual_revenue": r["annual_revenue"] and max(r["annual_revenue"] - sales, 0)}),
    }  # fmt: skip
    before, after = (by_pair(run_step(quote, x, RULE, 1)["quote"]) for x in (t, worse))
    assert after.keys() <= before.keys()
    for pair, row in after.items():
        assert row["rate"] >= before[pair]["rate"]
        assert row["floor_rate"] >= before[pair]["floor_rate"]
        assert row["limit"] <= before[pair]["limit"]


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(0, 10**9))
def test_asking_more_than_the_least_opens_nothing_and_costs_the_same(seed, more):
    t = world(seed)
    asks = {**t, "project": changed(t["project"], lambda r: {"need": r["need"] + more})}
    least = {r["product_id"]: r for r in t["product"].to_pylist()}
    lows = {}
    for c in t["criterion"].to_pylist():
        if c["measure"] == "amount" and c["low"] is not None:
            lows[c["product_id"]] = c["low"]
    before, after = (by_pair(run_step(quote, x, RULE, 1)["quote"]) for x in (t, asks))
    need = {r["project_id"]: r["need"] for r in t["project"].to_pylist()}
    for (project, product), row in after.items():
        p = least[product]
        step = p["step_amount"]
        enough = max(-(-p["min_amount"] // step) * step, lows.get(product, 0))
        if need[project] >= enough:
            assert before[project, product]["rate"] == row["rate"]
        else:
            assert (project, product) not in before


def changed(table, make):
    return pa.Table.from_pylist([{**r, **make(r)} for r in table.to_pylist()], schema=table.schema)


def by_pair(rows):
    return {(r["project_id"], r["product_id"]): r for r in rows.to_pylist() if r["eligible"]}


def test_parts_and_order_change_nothing():
    check_step(quote, world(5, firms=30), RULE)
