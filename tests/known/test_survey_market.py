"""Segmentation by prices: a plain twin, a planted border, and data that cannot be used."""

from itertools import combinations, pairwise
from math import log
from statistics import variance

import numpy as np
import pyarrow as pa
import pytest

from liandong import survey
from liandong.errors import DataError
from liandong.kernels.places import apart
from liandong.schema.arrow import build, empty
from liandong.world.prices import ACROSS, NOISE
from support.worlds import only, small_world, truths

NORTH = ("210000", "220000", "230000")
REGIONS = ("110000", "120000", "310000", *NORTH)


def price(rows, unit="yuan", vintage="v"):
    """Return ``price`` of rows (region, good, period, value)."""
    names = ("region_id", "good", "period", "value")
    return build("price", {
        **{n: [r[i] for r in rows] for i, n in enumerate(names)},
        "vintage": [vintage] * len(rows), "unit": [unit] * len(rows),
    })  # fmt: skip


def drawn(months=6, goods=5, seed=3, regions=REGIONS):
    rng = np.random.default_rng(seed)
    return [
        (r, f"g{g}", f"2024-{t + 1:02d}", float(rng.uniform(5, 20)))
        for r in regions for g in range(goods) for t in range(months)
    ]  # fmt: skip


def twin(rows):
    """Parsley and Wei with loops: pair and period to the variance over goods."""
    p = {(r, g, t): v for r, g, t, v in rows}
    regions, goods, months = (sorted({r[k] for r in rows}) for k in range(3))
    moved = {}
    for before, t in pairwise(months):
        for g in goods:
            size = {}
            for a, b in combinations(regions, 2):
                keys = [(a, g, t), (b, g, t), (a, g, before), (b, g, before)]
                if all(k in p for k in keys):
                    now, then = (log(p[keys[i]] / p[keys[i + 1]]) for i in (0, 2))
                    size[a, b] = abs(now - then)
            for pair, value in size.items():
                moved.setdefault((pair, t), []).append(value - sum(size.values()) / len(size))
    return {key: variance(values) for key, values in moved.items() if len(values) > 1}


def pairs_of(found):
    return {
        ((r["region_id"], r["other_id"]), r["period"]): r["value"]
        for r in found["segmentation"].to_pylist() if r["other_id"] != "*"
    }  # fmt: skip


@pytest.mark.parametrize("missing", [0, 17])
def test_a_plain_twin_says_the_same(missing):
    rows = [r for i, r in enumerate(drawn()) if not missing or i % missing]
    found = survey.segmentation(price(rows))
    known, held = twin(rows), pairs_of(found)
    assert {k for k, v in held.items() if v is not None} == known.keys()
    assert all(held[k] == pytest.approx(v, rel=1e-9) for k, v in known.items())
    whole = [r for r in found["segmentation"].to_pylist() if r["region_id"] == "*"]
    for r in whole:
        every = [v for (_, t), v in known.items() if t == r["period"]]
        assert r["value"] == pytest.approx(sum(every) / len(every))
        assert r["low"] <= r["value"] <= r["high"]
        assert r["pairs"] == 15


def test_neighbours_only():
    near = build("neighbour", {
        "region_id": ["210000", "110000"], "other_id": ["220000", "120000"], "weight": [1.0, 1.0]
    })  # fmt: skip
    found = survey.segmentation(price(drawn()), empty("region"), near, pairs="neighbours")
    assert {p for p, _ in pairs_of(found)} == {("110000", "120000"), ("210000", "220000")}
    on_land = pairs_of(survey.segmentation(price(drawn()), pairs="neighbours"))
    assert {p for p, _ in on_land} == {
        ("110000", "120000"), ("210000", "220000"), ("220000", "230000")
    }  # fmt: skip


def test_what_a_border_adds_is_the_square_of_what_its_sides_move_apart():
    steps = np.array([0.02, -0.03, 0.01])
    changes = np.zeros((3, 5, 4))
    changes[:, :2] = steps[:, None, None]  # two regions that move together, away from the others
    found = apart.border(changes, np.array([0, 1]), np.array([2, 3, 4]), 0.95)
    assert found.value == pytest.approx((steps**2).mean())
    assert found.p == 0.0
    assert np.isnan(apart.border(changes[:, :, :1], np.arange(2), np.arange(2, 5), 0.95).p)


def simulated(rng, across, goods=16, months=24, regions=31, behind=3):
    """Return changes of prices that are 1 % off by region, and ``across`` off behind a border."""
    noise = rng.uniform(0.005, 0.02, (regions, 1))  # each region has a noise of its own
    logs = noise * rng.standard_normal((months, regions, goods))
    logs[:, :behind] += rng.normal(0, across, (months, 1, goods))
    return np.diff(logs, axis=0)


@pytest.mark.parametrize(("across", "least", "most"), [(0.007, 38, 40), (0.0, 0, 6)])
def test_a_planted_border_is_found_and_none_where_there_is_none(across, least, most):
    """31 regions, 16 goods, 24 months: 0.7 % behind the border, 0.5 % to 2 % in each region."""
    rng = np.random.default_rng(11)
    sides = np.arange(3), np.arange(3, 31)
    hits = sum(apart.border(simulated(rng, across), *sides, 0.95).p < 0.05 for _ in range(40))
    assert least <= hits <= most


def test_the_border_of_a_world_is_found():
    world = small_world()
    facts = truths(world, "market_border")
    assert [f["subject"] for f in facts] == list(NORTH)
    assert {f["detail"]["sd_ppm"] for f in facts} == {round(1e6 * ACROSS)}
    (belt,) = {f["object"] for f in facts}
    found = survey.segmentation(world["price"], world["region"])
    verdicts = {(r["group_id"], r["other_id"]): r["verdict"]
                for r in found["border_test"].to_pylist()}  # fmt: skip
    assert {k for k, v in verdicts.items() if v == "border"} == {k for k in verdicts if belt in k}
    worst = only(found["segmentation_trend"], "other_id", "*").sort_by("rank").to_pylist()
    assert {r["region_id"] for r in worst if r["rank"] <= 3 and r["region_id"] != "*"} == set(NORTH)
    (whole,) = (r for r in worst if r["region_id"] == "*")
    assert whole["verdict"] == "falling"  # what prices are off by falls, as planted
    assert NOISE[1] < NOISE[0]


def test_named_sides_and_regions_without_prices():
    sides = {"north": (*NORTH, "150000"), "rest": ("110000", "120000", "310000")}
    (row,) = survey.segmentation(price(drawn()), sides=sides)["border_test"].to_pylist()
    assert (row["group_id"], row["other_id"], row["pairs"]) == ("north", "rest", 9)
    assert [r["code"] for r in row["reasons"]] == [
        "survey.pairs_across", "survey.no_prices(150000)"
    ]  # fmt: skip
    (few,) = survey.segmentation(price(drawn(goods=3)), sides=sides)["border_test"].to_pylist()
    assert (few["verdict"], few["q"]) == ("few", None)


def test_what_is_left_out_is_counted():
    rows = [r for r in drawn() if r[2] != "2024-03"]
    rows[0] = (*rows[0][:3], 0.0)
    rows[7] = (*rows[7][:3], -1.0)
    rows += [("999999", "g0", "2024-01", 4.0)]
    old = price(drawn(), vintage="u")
    found = survey.segmentation(pa.concat_tables([price(rows), old]))["segmentation"].to_pylist()
    whole = [r for r in found if r["region_id"] == "*"]
    assert [r["period"] for r in whole] == ["2024-02", "2024-05", "2024-06"]
    assert {r["vintage"] for r in found} == {"v"}
    told = {r["code"]: r["points"] for r in whole[0]["reasons"]}
    assert told == {
        "survey.mean_of_pairs": 15, "survey.left_out_vintage": len(old),
        "survey.left_out_region": 1, "survey.left_out_price": 2,
        "survey.period_before_missing(2024-04)": 0,
    }  # fmt: skip
    short = survey.segmentation(price(rows))["segmentation_trend"].to_pylist()
    assert {r["verdict"] for r in short} == {"short"}
    assert {r["reasons"][0]["code"] for r in short} == {"survey.periods_few"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda r, i: (*r[:2], "2024" if i == 3 else r[2], r[3]),
            "2024-01 is not written like 2024",
        ),
        (lambda r, i: (*r[:2], "May" if i == 3 else r[2], r[3]), "period May"),
    ],
)
def test_periods_that_cannot_be_put_in_order_are_refused(change, says):
    rows = [change(r, i) for i, r in enumerate(drawn())]
    with pytest.raises(DataError, match=says):
        survey.segmentation(price(rows))


def test_mixed_units_are_refused():
    rows = drawn()
    with pytest.raises(DataError, match="g0 comes in several units: kg, yuan"):
        survey.segmentation(pa.concat_tables([price(rows[1:]), price(rows[:1], unit="kg")]))
    assert len(survey.segmentation(empty("price"))["segmentation"]) == 0
