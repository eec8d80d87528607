"""Regions through time, gaps, convergence, mobility and dependence on boards' tables."""

import math
from datetime import date

import numpy as np
import pytest

from liandong import survey
from liandong.errors import NotFoundError
from liandong.load import load
from liandong.schema.arrow import build, empty
from liandong.schema.divisions import neighbours
from liandong.world.exchanges import SPEED, history_stats
from support.data import dataset
from support.regions import heads, region, region_stat, us_states

BELTS = ("east", "central", "west", "northeast")


def codes(row):
    return [r["code"] for r in row.get("reasons", row.get("remarks")) or ()]


def change(*rows):
    names = ("old_id", "new_id", "changed_on", "share", "kind")
    return build("region_change", {n: [r[i] for r in rows] for i, n in enumerate(names)})


def rows_of(found, **where):
    return [r for r in found.to_pylist() if all(r[k] == v for k, v in where.items())]


def one(found, **where):
    rows = rows_of(found, **where)
    assert len(rows) == 1, rows
    return rows[0]


@pytest.fixture(scope="module")
def china():
    return load("nbs", dataset("china_regions") / "nbs_province_long.csv").tables["region_stat"]


def test_china_by_dagum_and_why_it_says_more_than_theil(china):
    found = survey.gap(china)
    gap, case = found["gap"], {"period": "2024", "vintage": "revised"}
    parts = [one(gap, index="dagum", part=p, **case)
             for p in ("within", "net_between", "transvariation")]  # fmt: skip
    whole = one(gap, index="gini", part="total", **case)
    assert sum(p["value"] for p in parts) == pytest.approx(whole["value"], abs=1e-12)
    assert sum(p["share"] for p in parts) == pytest.approx(1, abs=1e-12)
    assert whole["low"] < whole["value"] < whole["high"]
    assert sum(r["share"] for r in rows_of(found["gap_pair"], **case)) == pytest.approx(1)
    between = one(gap, index="theil_t", part="between", **case)
    assert 0.001 <= between["p"] <= 0.01
    assert between["share"] < 0.5 < parts[1]["share"]
    assert codes(between) == ["gap.share_dagum"]
    # Figures of 2015 to 2017 stand in two vintages, and in no number together.
    vintages = {r["vintage"] for r in rows_of(gap, period="2016")}
    assert vintages == {"old / revised", "revised"}


def test_nested_levels_of_counties_add_up():
    random = np.random.default_rng(3)
    counties = [f"{p}{c:04d}" for p in (11, 31, 42, 62) for c in (101, 102, 103)]
    places = region(
        ("110000", "province", "east"), ("310000", "province", "east"),
        ("420000", "province", "central"), ("620000", "province", "west"),
        *((c, "county", None) for c in counties),
    )  # fmt: skip
    stat = heads({(c, "2020"): float(random.lognormal()) for c in counties})
    for index in ("theil_t", "theil_l"):
        gap = survey.gap(stat, places, level="county", groups="belt")["gap"]
        levels = [one(gap, index=index, part=f"level.{n}")["value"]
                  for n in ("belt", "province", "county")]  # fmt: skip
        assert sum(levels) == pytest.approx(one(gap, index=index, part="total")["value"])
        assert levels[0] == pytest.approx(one(gap, index=index, part="between")["value"])
        assert min(levels) > 0
    grouped = survey.gap(stat, places, level="county", groups="province")["gap"]
    assert len(rows_of(grouped, index="theil_t", part="within.420000")) == 1
    same = [one(g, index="theil_t", part="level.belt")["value"] for g in (gap, grouped)]
    assert same[0] == same[1]  # whatever the groups are, the levels are those of the nation


def test_what_is_odd_is_named_and_never_filled():
    stat = heads({
        ("110000", "2019"): 1.0, ("310000", "2019"): 2.0, ("620000", "2019"): 3.0,
        ("110000", "2020"): 0.0, ("310000", "2020"): 2.0,
        ("110000", "2021"): -1.0, ("310000", "2021"): 2.0, ("620000", "2021"): 3.0,
    })  # fmt: skip
    gap = survey.gap(stat)["gap"]
    zero = one(gap, period="2020", index="theil_l", part="total")
    assert zero["value"] is None
    assert codes(zero) == ["gap.zero"]
    gini = one(gap, period="2020", index="gini", part="total")
    assert gini["regions"] == 2
    assert codes(gini) == ["gap.left_out(620000)", "gap.others"]
    negative = rows_of(gap, period="2021", part="total")
    undefined = [r for r in negative if r["index"] in {"gini", "theil_t", "theil_l"}]
    assert all(r["value"] is None and "gap.negative(110000)" in codes(r) for r in undefined)
    assert all(r["value"] is None for r in negative if r["index"] in {"cv", "sd_log"})


def test_measures_that_part_say_why():
    # The top closes up, the bottom falls behind: T and L move in opposite directions.
    provinces = ("110000", "310000", "420000", "620000", "510000")
    before, after = (10.0, 10, 12, 12, 40), (6.0, 10, 14, 14, 36)
    stat = heads({(p, y): v for y, values in (("2019", before), ("2020", after))
                  for p, v in zip(provinces, values, strict=True)})  # fmt: skip
    gap = survey.gap(stat)["gap"]
    moved = {n: one(gap, period="2020", index=n, part="total") for n in ("theil_t", "theil_l")}
    then = {n: one(gap, period="2019", index=n, part="total") for n in moved}
    assert moved["theil_t"]["value"] < then["theil_t"]["value"]
    assert moved["theil_l"]["value"] > then["theil_l"]["value"]
    assert "gap.apart_down(theil_l)" in codes(moved["theil_t"])
    assert "gap.apart_up(theil_t)" in codes(moved["theil_l"])


JINAN = region(("370100", "city", "east"), ("370200", "city", "east"), ("340100", "city", None),
               ("340200", "city", None), ("340500", "city", None))  # fmt: skip


def test_laiwu_is_a_part_of_jinan():
    stat = region_stat(
        ("370100", "2018", "gdp", "v", 7857.0, "u"), ("371200", "2018", "gdp", "v", 1005.0, "u"),
        ("370100", "2019", "gdp", "v", 9443.0, "u"), ("370200", "2018", "gdp", "v", 12001.0, "u"),
        ("371200", "2018", "cpi", "v", 102.0, "u"),
    )  # fmt: skip
    found = survey.align(stat, JINAN)
    joined = one(found["aligned_stat"], region_id="370100", period="2018")
    assert joined["value"] == 8862
    assert joined["apportioned"] == round(1_005e6 / 8862)
    assert codes(joined) == ["align.came(371200)"]
    assert one(found["aligned_stat"], region_id="370100", period="2019")["apportioned"] == 0
    fault = one(found["align_fault"], measure="cpi")
    assert codes(fault) == ["align.no_sum"]
    assert fault["row"] == 4
    # Told for the division of before, nothing changes; then the old code has to be known.
    old = survey.align(stat, JINAN, on=date(2018, 12, 31))
    assert one(old["aligned_stat"], region_id="370100", period="2018")["value"] == 7857
    assert codes(one(old["align_fault"], measure="gdp")) == ["align.unknown(371200)"]


def test_a_split_needs_shares_and_all_its_parts():
    cities = ("340100", "340200", "340500")
    stat = region_stat(
        *((c, "2010", "gdp", "v", 100.0, "u") for c in cities),
        ("341400", "2010", "gdp", "v", 60.0, "u"),
        *((c, "2012", "gdp", "v", 150.0, "u") for c in cities),
        ("999999", "2012", "gdp", "v", 1.0, "u"),
    )  # fmt: skip
    found = survey.align(stat, JINAN)
    faults = {r["region_id"]: codes(r) for r in rows_of(found["align_fault"], period="2010")}
    assert faults["341400"] == ["align.no_shares(341400)"]
    # Without their part of Chaohu the three would be too small: they are not told either.
    assert {c: faults[c] for c in cities} == {c: ["align.no_shares(341400)"] for c in cities}
    assert codes(one(found["align_fault"], period="2012")) == ["align.unknown(999999)"]
    parts = zip(cities, (500_000, 300_000, 200_000), strict=True)
    shares = change(*(("341400", c, date(2011, 8, 22), s, "split") for c, s in parts))
    told = survey.align(stat, JINAN, shares)["aligned_stat"]
    parts = [one(told, region_id=c, period="2010")["value"] for c in cities]
    assert parts == [130.0, 118.0, 112.0]
    short = change(("341400", cities[0], date(2011, 8, 22), 999_999, "split"))
    assert len(rows_of(survey.align(stat, JINAN, short)["align_fault"], region_id="341400")) == 1


def test_a_region_lives_on_with_less_and_codes_change_twice():
    places = region(*((r, "county", None) for r in ("110101", "110102", "110103")))
    moved = change(
        ("110101", "110101", date(2015, 1, 1), 750_000, "split"),
        ("110101", "110102", date(2015, 1, 1), 250_000, "split"),
        ("110199", "110198", date(2005, 1, 1), 1_000_000, "rename"),
        ("110198", "110103", date(2016, 1, 1), 1_000_000, "rename"),
        ("110104", "110102", date(2010, 1, 1), 1_000_000, "merge"),
    )  # fmt: skip
    stat = region_stat(
        ("110101", "2014", "gdp", "v", 80.0, "u"), ("110101", "2015", "gdp", "v", 70.0, "u"),
        ("110102", "2014", "gdp", "v", 10.0, "u"), ("110102", "2015", "gdp", "v", 33.0, "u"),
        ("110199", "2004", "gdp", "v", 5.0, "u"), ("110199", "2004", "cpi", "v", 101.0, "u"),
        ("110104", "2009", "gdp", "v", 7.0, "u"),
    )  # fmt: skip
    found = survey.align(stat, places, moved)
    told = {(r["region_id"], r["period"], r["measure"]): r["value"]
            for r in found["aligned_stat"].to_pylist()}  # fmt: skip
    assert told["110101", "2014", "gdp"] == 60
    assert told["110102", "2014", "gdp"] == 30
    assert told["110101", "2015", "gdp"] == 70
    assert told["110103", "2004", "cpi"] == 101
    # In 2009 the region had parts of its own and of another one, of which nothing is told.
    assert codes(one(found["align_fault"], period="2009")) == [
        "align.incomplete(110101)", "align.incomplete(110102)",
    ]  # fmt: skip


def test_figures_of_changed_regions_count_in_the_gap():
    stat = region_stat(*(
        (r, "2018", m, "v", v, m) for r, v in (("370100", 3.0), ("371200", 1.0), ("370200", 5.0))
        for m in ("gdp", "population")
    ))  # fmt: skip
    gini = one(survey.gap(stat, JINAN, level="city")["gap"], index="gini", part="total")
    assert gini["regions"] == 2
    assert gini["remarks"] == [{"code": "gap.apportioned", "points": 111_100}]


def test_planted_convergence_is_found_with_its_speed():
    random, speed, years = np.random.default_rng(1), 0.04, range(2000, 2021)
    goal = dict(zip(BELTS, (11.0, 10.0, 9.5, 10.5), strict=True))
    places, values = [], {}
    for k in range(40):
        belt = BELTS[k % 4]
        code, start = f"{11 + k:02d}0000", goal[belt] + random.normal(0, 0.5)
        places.append((code, "province", belt))
        for y in years:
            level = goal[belt] + (start - goal[belt]) * math.exp(-speed * (y - 2000)) + 0.02 * y
            values[code, str(y)] = math.exp(level)
    del values["110000", "2007"]
    values["120000", "2003"] = 0.0
    found = survey.convergence(heads(values), region(*places))["convergence"]
    conditional = one(found, kind="conditional")
    assert conditional["speed"] == pytest.approx(speed, abs=1e-12)
    assert conditional["half_life"] == pytest.approx(math.log(2) / speed)
    assert conditional["regions"] == 38
    assert codes(conditional) == [
        "convergence.growth_nearer", "panel.misses(110000)", "panel.not_positive(120000)",
    ]  # fmt: skip
    # Belts with goals of their own keep apart: across them the poor catch up more slowly.
    absolute = one(found, kind="absolute")
    assert absolute["estimate"] > conditional["estimate"]
    sigma = one(found, kind="sigma")
    assert sigma["estimate"] < 0
    assert sigma["p"] < 1e-6


def test_provinces_of_the_world_draw_nearer_at_the_planted_speed():
    past = history_stats(np.random.default_rng(5))
    found = one(survey.convergence(past)["convergence"], kind="absolute")
    assert (found["first"], found["last"], found["regions"]) == ("2004", "2021", 31)
    assert abs(found["speed"] - SPEED) < 3 * found["speed_se"] < SPEED / 5
    assert found["p"] < 1e-6


def test_us_states_move_as_published_through_the_step():
    income, (here, there) = us_states()
    ids = [f"{k + 11}0000" for k in range(48)]
    stat = heads({(r, str(y)): float(income[i, j]) for i, r in enumerate(ids)
                  for j, y in enumerate(range(1929, 2010))})  # fmt: skip
    near = build("neighbour", {
        "region_id": [ids[i] for i in here], "other_id": [ids[i] for i in there],
        "weight": [1.0] * len(here),
    })  # fmt: skip
    places = region(*((r, "province", None) for r in ids))
    found = survey.mobility(stat, places, empty("region_change"), near, draws=99)
    q, lr = (one(found["mobility_test"], test=t) for t in ("q", "lr"))
    assert (round(q["value"], 3), round(lr["value"], 3), q["dof"]) == (200.624, 170.659, 60)
    stay = one(found["mobility"], given=0, origin=1, target=1)["probability"]
    assert stay == pytest.approx(0.91011236, abs=5e-9)
    assert one(found["mobility_class"], given=0, origin=1)["steady"] == pytest.approx(0.20774716)
    assert sum(r["count"] for r in rows_of(found["mobility"], given=3)) > 0


def test_years_that_are_not_evenly_spaced_are_named():
    years = ("2001", "2005", "2006", "2007", "2007Q1")
    stat = heads({(r, y): float(k + j + 1) for k, r in enumerate(("110000", "120000", "130000"))
                  for j, y in enumerate(years)})  # fmt: skip
    test = one(survey.mobility(stat)["mobility_test"], test="q")
    assert (test["first"], test["last"]) == ("2005", "2007")
    assert test["reasons"][1:3] == [
        {"code": "panel.not_yearly", "points": 1}, {"code": "panel.year_out", "points": 2001},
    ]  # fmt: skip


def test_chinas_rich_provinces_lie_together(china):
    found = survey.dependence(china)["spatial_dependence"]
    whole = one(found, region_id="100000", period="2024", vintage="revised")
    assert whole["value"] > 0.3 > whole["expected"]
    assert whole["p"] < 0.05
    assert codes(whole)[0] == "space.alike"
    shanghai = one(found, region_id="310000", period="2024", vintage="revised")
    assert shanghai["quadrant"] == "hh"
    mean = [r["value"] for r in rows_of(found, period="2024", vintage="revised")
            if r["region_id"] != "100000"]  # fmt: skip
    assert np.mean(mean) == pytest.approx(whole["value"])


def test_who_has_no_neighbour_is_named():
    stat = heads({(r, "2020"): v for r, v in (
        ("110000", 5.0), ("120000", 4.0), ("130000", 1.0), ("710000", 3.0))})  # fmt: skip
    whole = one(survey.dependence(stat)["spatial_dependence"], region_id="100000")
    assert codes(whole)[1:] == ["space.lonely(710000)"]
    far = heads({("110000", "2020"): 1.0, ("460000", "2020"): 2.0, ("650000", "2020"): 2.0})
    nobody = one(survey.dependence(far)["spatial_dependence"], region_id="100000")
    assert nobody["value"] is None
    assert codes(nobody) == ["space.undefined", "space.nobody"]


def test_borders_on_land():
    pairs = set(neighbours())
    assert all((b, a) in pairs for a, b in pairs)
    assert [b for a, b in sorted(pairs) if a == "460000"] == ["440000"]  # by custom
    assert not any("710000" in p for p in pairs)
    lines = (dataset("china_regions") / "W_adj.csv").read_text().splitlines()[1:]
    ids = sorted({a for a, _ in pairs} - {"810000", "820000"})
    given = {(a, b) for a, line in zip(ids, lines, strict=True)
             for b, w in zip(ids, line.split(",")[1:], strict=True) if float(w)}  # fmt: skip
    # The matrix in circulation lets Qinghai touch Ningxia, which Gansu keeps apart.
    wrong = {("630000", "640000"), ("640000", "630000")}
    hainan = {p for p in pairs if "460000" in p}
    hongkong = {p for p in pairs if {"810000", "820000"} & set(p)}
    assert given - wrong == pairs - hainan - hongkong


def test_what_nobody_loaded_is_named():
    stat = heads({("110000", "2024"): 2.0, ("310000", "2024"): 3.0})
    others = empty("region"), empty("region_change")
    with pytest.raises(NotFoundError, match="gdp"):
        survey.gap(stat, *others, numerator="income")
    with pytest.raises(NotFoundError, match="vintage named 'nix'"):
        survey.logistics(stat, empty("region"), vintage="nix")
    assert not len(survey.gap(empty("region_stat"), *others)["gap"])


def test_figures_too_large_to_square_have_a_spread():
    stat = heads({("110000", "2024"): 1e200, ("310000", "2024"): 3e200})
    row = one(survey.gap(stat, empty("region"), empty("region_change"))["gap"], index="cv")
    assert math.isclose(row["value"], math.sqrt(2) / 2)
