"""Theil and Gini against published and hand-worked answers."""

import csv
import math

import numpy as np
import pytest

from liandong.kernels.inequality import gini, theil_l, theil_t
from liandong.schema.arrow import build
from liandong.schema.provinces import PROVINCES
from liandong.survey import gap
from support.data import dataset

# GDP / year-end population of 31 provinces: Theil T, Theil L, weighted Gini.
CHINA = {
    "2015": (0.067589, 0.063705, 0.202243),
    "2019": (0.066450, 0.061989, 0.198755),
    "2023": (0.065836, 0.061643, 0.198564),
    "2024": (0.066121, 0.061799, 0.198686),
}


def alone(values):
    """Return the arguments of a Theil index without weights, all in one group."""
    x = np.array(values, float)
    return x, np.ones(len(x)), np.zeros(len(x), np.int64), 1


def rows_of(folder, name):
    with (dataset(folder) / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_two_groups_of_which_one_has_all():
    x, one = np.array([0, 0, 0, 10, 10, 10.0]), np.ones(6)
    found = theil_t(x, one, np.array([0, 0, 0, 1, 1, 1]), 2)
    assert found.total == found.between == pytest.approx(math.log(2), abs=1e-15)
    assert found.within.tolist() == [0, 0]
    low = theil_l(x, one, np.array([0, 0, 0, 1, 1, 1]), 2)
    assert math.isnan(low.total)
    assert math.isnan(low.between)
    assert math.isnan(low.within[0])
    assert low.within[1] == 0


def test_small_published_examples():
    assert gini(np.array([20, 50, 20, 10.0]), np.ones(4)) == pytest.approx(0.3, abs=1e-15)
    assert theil_l(*alone([10, 10, 10, 20, 50])).total == pytest.approx(0.2326302, abs=5e-8)
    equal = alone([7, 7, 7])
    assert theil_t(*equal).total == theil_l(*equal).total == 0
    assert gini(*equal[:2]) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("values", [[], [0, 0], [1, -1, 3], [5, math.nan]])
def test_undefined_is_said_and_not_filled(values):
    assert math.isnan(theil_t(*alone(values)).total)
    assert math.isnan(theil_l(*alone(values)).total)
    assert math.isnan(gini(*alone(values)[:2]))


def test_states_of_the_us():
    rows = rows_of("regional_inequality", "pysal/us_income/usjoin.csv")
    for year, theil, coefficient in (
        ("1929", 0.0625135047, 0.2010413139),
        ("2009", 0.0100095334, 0.0788264815),
    ):
        x = alone([float(r[year]) for r in rows])
        assert theil_t(*x).total == pytest.approx(theil, abs=5e-11)
        assert gini(*x[:2]) == pytest.approx(coefficient, abs=5e-11)


def test_states_of_mexico_between_regions():
    rows = rows_of("regional_inequality", "pysal/mexico/mexico.csv")
    group = np.unique([r["hanson98"] for r in rows], return_inverse=True)[1]
    totals = (0.20894344, 0.15222451, 0.10472941, 0.10194725, 0.09560113, 0.10511256, 0.10660832)
    betweens = (0.0345889, 0.02816853, 0.05260921, 0.05931219, 0.03205257, 0.02963731, 0.03635872)
    for year, total, between in zip(range(1940, 2001, 10), totals, betweens, strict=True):
        x = np.array([float(r[f"pcgdp{year}"]) for r in rows])
        found = theil_t(x, np.ones(len(x)), group, group.max() + 1)
        assert (found.total, found.between) == pytest.approx((total, between), abs=5e-9)
        assert found.between + found.within.sum() == pytest.approx(found.total, abs=1e-15)
    first = np.array([float(r["pcgdp1940"]) for r in rows])
    assert gini(first, np.ones(len(first))) == pytest.approx(0.35372371173452849, abs=1e-15)


def test_provinces_of_china_through_the_step():
    measures = {"地区生产总值": "gdp", "年末常住人口": "population"}
    code = {p.zh: p.adcode for p in PROVINCES}
    rows = [
        (code[r["region"]], r["period"], measures[r["indicator"]], float(r["value"]))
        for r in rows_of("china_regions", "nbs_province_long.csv")
        if r["indicator"] in measures
    ]
    names = ("region_id", "period", "measure", "value")
    stat = build("region_stat", {
        **{n: [r[i] for r in rows] for i, n in enumerate(names)},
        **{n: ["-"] * len(rows) for n in ("vintage", "unit", "source")},
    })  # fmt: skip
    region = build("region", {
        "region_id": [p.adcode for p in PROVINCES], "name": [p.zh for p in PROVINCES],
        "level": ["province"] * len(PROVINCES), "belt": [p.belt for p in PROVINCES],
    })  # fmt: skip
    found = {(r["period"], r["index"], r["part"]): r for r in gap(stat, region)["gap"].to_pylist()}
    for year, want in CHINA.items():
        got = [found[year, index, "total"]["value"] for index in ("theil_t", "theil_l", "gini")]
        assert got == pytest.approx(want, abs=5e-7)
        assert found[year, "gini", "total"]["regions"] == 31
    latest = {k[2]: r["value"] for k, r in found.items() if k[:2] == ("2024", "theil_t")}
    assert latest["total"] == pytest.approx(latest["between"] + latest["within"], abs=1e-15)
    parts = [v for k, v in latest.items() if k.startswith("within:")]
    assert sum(parts) == pytest.approx(latest["within"], abs=1e-15)
    gdp = {r[0]: r[3] for r in rows if r[1:3] == ("2024", "gdp")}
    people = {r[0]: r[3] for r in rows if r[1:3] == ("2024", "population")}
    a_head = np.array([gdp[r] / people[r] for r in gdp])
    assert gini(a_head, np.ones(31)) == pytest.approx(0.219541, abs=5e-7)
    assert sum(gdp.values()) == pytest.approx(1_337_605.8, abs=0.05)
