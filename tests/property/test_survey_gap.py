"""Theil and Gini against plain sums; the gap step on any order, parts, vintages and nulls."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.inequality import gini, theil_l, theil_t
from liandong.schema.arrow import build, empty
from liandong.step.local import run_step
from liandong.survey import GapRule, gap

POSITIVE = st.floats(0.001, 1e9)
REGIONS = st.lists(st.tuples(POSITIVE, POSITIVE, st.integers(0, 3)), min_size=1, max_size=12)


def near(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def plain_theil(income, people):
    """Sum of s ln(s/p) term by term."""
    x, n = math.fsum(income), math.fsum(people)
    return math.fsum(a / x * math.log(a / x / (b / n)) for a, b in zip(income, people, strict=True))


@settings(max_examples=150, deadline=None)
@given(REGIONS)
def test_theil_and_gini_equal_their_definitions(rows):
    income, people, group = (np.array(c) for c in zip(*rows, strict=True))
    t, low = theil_t(income, people, group, 4), theil_l(income, people, group, 4)
    assert near(t.total, plain_theil(income, people))
    assert near(low.total, plain_theil(people, income))
    for k in set(group.tolist()):
        own = group == k
        within = plain_theil(income[own], people[own])
        assert near(t.within[k], within * income[own].sum() / income.sum())
    assert near(t.between + t.within.sum(), t.total)
    assert near(low.between + low.within.sum(), low.total)
    mean = income.sum() / people.sum()
    pairs = sum(
        p * q * abs(a / p - b / q)
        for a, p in zip(income, people, strict=True)
        for b, q in zip(income, people, strict=True)
    )
    assert near(gini(income, people), pairs / (2 * mean * people.sum() ** 2))


@settings(max_examples=50, deadline=None)
@given(REGIONS, st.floats(0.01, 100))
def test_scale_and_splitting_a_region_change_nothing(rows, factor):
    income, people, group = (np.array(c) for c in zip(*rows, strict=True))
    scaled = theil_t(income * factor, people, group, 4)
    assert near(scaled.total, theil_t(income, people, group, 4).total)
    halves = gini(np.repeat(income / 2, 2), np.repeat(people / 2, 2))
    assert near(halves, gini(income, people))


def region_table(belts):
    return build("region", {
        "region_id": list(belts), "name": list(belts), "belt": list(belts.values()),
        "level": ["province"] * len(belts),
    })  # fmt: skip


def stat_table(rows):
    """Rows are (region, period, measure, vintage, value)."""
    names = ("region_id", "period", "measure", "vintage", "value")
    return build("region_stat", {
        **{n: [r[i] for r in rows] for i, n in enumerate(names)},
        "unit": ["-"] * len(rows), "source": ["-"] * len(rows),
    })  # fmt: skip


BELTS = {"110000": "east", "140000": "central", "150000": "west", "710000": None}
STATS = st.lists(
    st.tuples(
        st.sampled_from([*BELTS, "999999"]),
        st.sampled_from(["2022", "2023"]),
        st.sampled_from(["gdp", "population"]),
        st.sampled_from(["old", "new"]),
        st.floats(-5, 1e6),
    ),
    unique_by=lambda r: r[:4],
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(STATS, st.randoms())
def test_order_and_parts_change_no_bit(rows, random):
    tables = {"region_stat": stat_table(rows), "region": region_table(BELTS)}
    first = run_step(gap, tables, GapRule(), 1)
    random.shuffle(rows)
    shuffled = {
        "region_stat": stat_table(rows),
        "region": region_table(dict(reversed(BELTS.items()))),
    }
    for parts in (1, 2, 7):
        assert run_step(gap, shuffled, GapRule(), parts).items() == first.items()


def measured(rows, **rule):
    table = gap(stat_table(rows), region_table(BELTS), **rule)["gap"]
    return {(r["period"], r["vintage"], r["index"], r["part"]): r for r in table.to_pylist()}


def test_vintages_stand_alone_and_a_lone_denominator_serves_all():
    gdp = [(r, "2023", "gdp", v, x) for v, x in (("old", 2.0), ("new", 3.0)) for r in BELTS]
    people = [(r, "2023", "population", "census", 1.0) for r in BELTS]
    found = measured([*gdp, *people])
    assert {k[1] for k in found} == {"old", "new"}
    assert found["2023", "new", "gini", "total"]["regions"] == 4
    assert found["2023", "new", "theil_t", "within:none"]["regions"] == 1
    kept_apart = measured([*gdp, *people, ("110000", "2022", "population", "old", 1.0)])
    assert kept_apart == {}


def test_a_region_with_nothing_leaves_l_undefined_only():
    rows = [("110000", "2023", "gdp", "v", 0.0), ("140000", "2023", "gdp", "v", 2.0)]
    rows += [(r, "2023", "population", "v", 1.0) for r in ("110000", "140000")]
    found = measured(rows)
    assert found["2023", "v", "theil_l", "total"]["value"] is None
    assert near(found["2023", "v", "theil_t", "total"]["value"], math.log(2))


def test_empty_tables_and_regions_of_another_level():
    assert len(gap(empty("region_stat"), empty("region"))["gap"]) == 0
    rows = [("110000", "2023", m, "v", 1.0) for m in ("gdp", "population")]
    assert len(measured(rows)) == 9
    assert measured(rows, level="city") == {}
