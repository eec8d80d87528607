"""Coordination, carbon, cooperation: closed forms, games of the books, drafts that settle."""

import json
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

from liandong import settle, survey
from liandong.errors import DataError, UsageError
from liandong.kernels.scores.coupling import entropy_weights, evenness
from liandong.schema.arrow import build
from liandong.settle.agreements.evaluating import evaluate
from liandong.settle.cooperation import nucleolus
from liandong.survey.coordination.cooperate import BASE, in_units
from liandong.world.exchanges import made_up_stats
from liandong.world.regions import region_stat_table
from support.worlds import small_world

FORMS = ("standard", "product", "modified")


def stat(*rows):
    names = ("region_id", "period", "measure", "value", "unit")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("region_stat", {**columns, "vintage": ["v"] * len(rows),
                                 "source": ["test"] * len(rows)})  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("u", [0.04, 0.5, 1.0])
def test_equal_subsystems_are_fully_coupled(form, u):
    assert evenness(np.full((1, 4), u), form)[0] == pytest.approx(1.0)
    rows = [("310000", "2023", m, u, "u") for m in "abc"]
    bounded = [{"subsystem": m, "measure": m, "low": 0.0, "high": 1.0} for m in "abc"]
    (row,) = survey.coupling(stat(*rows), indicators=bounded, scalings=("bounds",),
                             forms=(form,))["coupling"].to_pylist()  # fmt: skip
    for n in ("degree", "low", "high"):
        assert row[n] == pytest.approx(u**0.5)
    assert (row["coupling"], row["rank"]) == (pytest.approx(1.0), 1)


def test_a_form_that_cannot_reach_one_says_so():
    assert evenness(np.full((1, 5), 0.7), "raw")[0] == pytest.approx(1 / 5)
    rows = [("310000", "2023", m, 0.5, "u") for m in "ab"]
    bounded = [{"subsystem": m, "measure": m, "low": 0.0, "high": 1.0} for m in "ab"]
    (row,) = survey.coupling(stat(*rows), indicators=bounded, scalings=("bounds",),
                             forms=("standard", "raw"))["coupling"].to_pylist()  # fmt: skip
    assert (row["low"], row["high"]) == (pytest.approx(0.5), pytest.approx(0.5**0.5))
    assert {"code": "survey.raw_peaks", "points": 500_000} in row["reasons"]


def test_forms_by_hand():
    u = np.array([[0.2, 0.8], [0.0, 0.5], [0.3, 0.3]])
    assert evenness(u, "standard") == pytest.approx([0.8, 0, 1])
    assert evenness(u, "product") == pytest.approx([0.64, 0, 1])
    assert evenness(u, "modified") == pytest.approx([(0.4 * 0.25) ** 0.5, 0, 1])
    assert np.isnan(evenness(np.array([[np.nan, 0.5]]), "standard")[0])


def test_entropy_weighs_what_tells_regions_apart():
    apart = np.array([[0.1, 0.5], [0.9, 0.5], [0.5, 0.5]])
    assert entropy_weights(apart) == pytest.approx([1, 0])
    assert entropy_weights(np.full((3, 2), 0.5)) == pytest.approx([0.5, 0.5])
    assert entropy_weights(np.zeros((0, 2))) == pytest.approx([0.5, 0.5])


def test_the_band_of_a_world_holds_every_choice():
    drawn = made_up_stats(np.random.default_rng(1))
    figures = pa.concat_tables([region_stat_table(), drawn])
    found = survey.coupling(figures)
    rows = {(r["region_id"], r["period"]): r for r in found["coupling"].to_pylist()}
    for r in found["coupling_choice"].to_pylist():
        one = rows[r["region_id"], r["period"]]
        assert one["low"] <= r["degree"] <= one["high"]
        assert one["rank_low"] <= r["rank"] <= one["rank_high"]
    known = [r for r in rows.values() if r["degree"] is not None]
    assert all(r["low"] <= r["degree"] <= r["high"] for r in known)
    # Without fixed bounds: 2 scalings, 2 weights and 20 moved ones, 3 forms.
    assert {r["choices"] for r in known} == {2 * 22 * 3}
    (lost,) = (r for r in rows.values() if r["degree"] is None)
    assert (lost["region_id"], lost["reasons"]) == (
        "540000", [{"code": "survey.missing(logistics_cost)", "points": 0}]
    )  # fmt: skip
    alike = survey.coupling(figures, draws=0, scalings=("minmax",),
                            weightings=("equal",), forms=("standard",))["coupling"]  # fmt: skip
    assert all(r["low"] == r["degree"] == r["high"] for r in alike.to_pylist())


def test_a_rule_of_one_subsystem_is_refused():
    with pytest.raises(UsageError, match="two subsystems"):
        survey.CouplingRule.make(indicators=({"subsystem": "a", "measure": "x"},))


def carbon_rows(year, *, factor=500.0, unit="g CO2 a kWh", hours=200.0, gdp=2000.0):
    told = (("grid_carbon", factor, unit), ("electricity", hours, "100 million kWh"),
            ("gdp", gdp, "100 million yuan"))  # fmt: skip
    return [("310000", year, m, v, u) for m, v, u in told if v is not None]


def test_carbon_by_hand():
    found = survey.carbon(stat(*carbon_rows("2022"), *carbon_rows("2023", factor=None, gdp=0.0)))
    first, second = found["carbon"].to_pylist()
    # 500 g x 200 x 10^8 kWh = 10^13 g = 10 million t; of 2000 x 10^8 yuan: 0.5 t per 10,000 yuan.
    assert (first["emission"], first["intensity"], first["share"]) == (1000.0, 0.5, 1.0)
    assert (second["emission"], second["intensity"]) == (1000.0, None)
    assert [r["code"] for r in second["reasons"]] == [
        "survey.factor_of(2022)", "survey.not_positive(gdp)"
    ]  # fmt: skip
    (none,) = survey.carbon(stat(*carbon_rows("2023", factor=None)))["carbon"].to_pylist()
    assert (none["emission"], none["share"]) == (None, None)
    assert none["reasons"] == [{"code": "survey.missing(grid_carbon)", "points": 0}]
    with pytest.raises(DataError, match="is in kg and not in g CO2 a kWh"):
        survey.carbon(stat(*carbon_rows("2022", unit="kg")))


def worths(game, unit="CNY", **worth):
    return build("coalition_worth", {
        "game": [game] * len(worth), "members": [m.replace("_", "+") for m in worth],
        "worth": list(worth.values()), "unit": [unit] * len(worth),
    })  # fmt: skip


GLOVES = {"l": 0, "r": 0, "s": 0, "l_r": 100, "s_l": 100, "r_s": 0, "l_r_s": 100}


def shares(found, way):
    return {r["party_id"]: r["amount"] for r in found["cooperation"].to_pylist() if r["way"] == way}


def test_gloves_to_the_fen():
    found = survey.cooperate(worths("gloves", **GLOVES))
    assert shares(found, "shapley") == {"l": 67, "r": 17, "s": 16}  # 66 2/3, 16 2/3, 16 2/3
    assert shares(found, "nucleolus") == {"l": 100, "r": 0, "s": 0}
    drafts = {r["way"]: r for r in found["cooperation_draft"].to_pylist()}
    assert not drafts["shapley"]["core"]  # l and s bring about 100 and would have 83
    assert drafts["shapley"]["slack"] == -17
    assert drafts["nucleolus"]["core"]


def test_a_runway_is_shared_as_by_littlechild_and_owen():
    cost = {"a": -600, "b": -1200, "c": -1800, "a_b": -1200, "a_c": -1800, "b_c": -1800,
            "a_b_c": -1800}  # fmt: skip
    found = survey.cooperate(worths("runway", **cost))
    assert shares(found, "shapley") == {"a": -200, "b": -500, "c": -1100}
    assert [r["draft"] for r in found["cooperation_draft"].to_pylist()] == [None, None]


def test_largest_remainder_adds_up():
    assert in_units({"b": Fraction(1, 3), "a": Fraction(1, 3), "c": Fraction(1, 3)}) == {
        "b": 0, "a": 1, "c": 0
    }  # fmt: skip
    assert in_units({"a": Fraction(-1, 2), "b": Fraction(1, 2)}) == {"a": 0, "b": 0}


def test_the_nucleolus_of_large_worths_is_exact():
    home, host, both = 1_234_567_890_123, 987_654_321_001, 5_000_000_000_007
    worth = {frozenset("a"): home, frozenset("b"): host, frozenset("ab"): both}
    found = nucleolus(["a", "b"], worth.__getitem__)
    assert found["a"] == Fraction(both + home - host, 2)
    three = {"a": 0, "b": 0, "c": 0, "ab": both, "ac": both, "bc": both, "abc": 2 * both}
    even = nucleolus(["a", "b", "c"], lambda g: three["".join(sorted(g))])
    assert even == dict.fromkeys("abc", Fraction(2 * both, 3))


@pytest.mark.parametrize("way", ["shapley", "nucleolus"])
def test_settle_takes_up_a_draft_and_shares_the_same(way):
    found = survey.cooperate(small_world()["coalition_worth"])
    (draft,) = (r for r in found["cooperation_draft"].to_pylist() if r["way"] == way)
    parties = json.loads(draft["parties"])
    rule = settle.AgreementRule.make(
        agreements=({"name": "park", "text": draft["draft"], "parties": parties},)
    )
    (signed,) = rule.agreements
    paid = evaluate(signed.read(), {(BASE, "2026"): draft["worth"]}, [])
    assert {signed.parties[p.party]: p.amount for p in paid} == shares(found, way)
    assert sum(shares(found, way).values()) == draft["worth"]
    base = build("base_amount", {"base": [BASE], "party_id": ["park"], "period": ["2026"],
                                 "amount": [draft["worth"]], "unit": ["CNY"]})  # fmt: skip
    entries = settle.share(base, rule=rule)["share_entry"].to_pylist()
    credited = {}
    for e in entries:
        credited[e["credit"]] = credited.get(e["credit"], 0) + e["amount"]
    assert set(shares(found, way).values()) <= set(credited.values())


def test_what_cannot_be_shared_says_why():
    lacking = {k: v for k, v in GLOVES.items() if k not in {"r_s", "s"}}
    found = survey.cooperate(worths("gloves", **lacking))
    assert len(found["cooperation"]) == 0
    for r in found["cooperation_draft"].to_pylist():
        assert r["reasons"] == [
            {"code": "survey.coalitions_missing", "points": 2},
            {"code": "survey.coalition_missing(r+s)", "points": 0},
            {"code": "survey.coalition_missing(s)", "points": 0},
        ]
    worse = survey.cooperate(worths("apart", a=60, b=60, a_b=100))
    assert shares(worse, "shapley") == {"a": 50, "b": 50}
    assert shares(worse, "nucleolus") == {}
    many = survey.cooperate(worths("many", **{"_".join("abcdefghijklm"): 1}))
    assert {r["reasons"][0]["code"] for r in many["cooperation_draft"].to_pylist()} == {
        "survey.players"
    }


def test_a_game_that_is_told_twice_or_oddly_or_in_two_units_is_refused():
    with pytest.raises(DataError, match="of g is there twice"):
        survey.cooperate(worths("g", a=1, b=1, a_b=3, b_a=3))
    for members in ("a_a", "a_"):
        with pytest.raises(DataError, match="has an empty member, or one twice"):
            survey.cooperate(worths("g", **{members: 1}))
    with pytest.raises(DataError, match="several units: CNY, tce"):
        survey.cooperate(pa.concat_tables([worths("g", a=1, b=1), worths("g", "tce", a_b=3)]))
