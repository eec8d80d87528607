"""Master scales: drawn from data, judged on other firms, used by scores; bounds of few defaults."""

from datetime import date
from math import comb
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import MasterScale, ScaleRule, ScoreRule, prudent_rates, scale, score
from liandong.assess.card.scorecard import Scorecard
from liandong.errors import DataError, UsageError
from liandong.kernels.scores.lowdefault import correlated_bound
from liandong.kernels.scores.validation import jeffreys_interval
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.types import Rate

DAY = date(2023, 12, 31)
RANDOM = np.random.default_rng(7)
N = 4000
PD = 1000 * RANDOM.choice([10, 11, 80, 84, 350, 360], N)
BAD = RANDOM.random(N) < PD / 1e6


def tables(pd=PD, bad=BAD, cards=("card",)):
    ids = [f"F{i:04d}" for i in range(len(pd))]
    n = len(ids) * len(cards)
    scores = build("score", {
        "party_id": ids * len(cards), "as_of": [DAY] * n,
        "rule_id": [c for c in cards for _ in ids],
        "pd": pd.tolist() * len(cards), "points": [500] * n, "grade": ["A"] * n,
        "reasons": [[{"code": "score.bin(x)", "points": 1}]] * n,
    })  # fmt: skip
    signal = build("signal", {
        "party_id": ids, "source": ["bank"] * len(ids), "measure": ["default"] * len(ids),
        "period": ["2024"] * len(ids), "value": bad.astype(float).tolist(),
    })  # fmt: skip
    return {"score": scores, "signal": signal, "event": empty("event"), "loan": empty("loan")}


def grades(given, **rule):
    found = scale(*given.values(), as_of=DAY, **rule)
    (row,) = found["rule"].to_pylist()
    drawn = MasterScale.from_toml(row["toml"])
    assert (row["rule_id"], row["kind"], row["valid_from"]) == (drawn.id, "MasterScale", DAY)
    rows = sorted(found["grade"].to_pylist(), key=lambda r: r["low"])
    assert [r["grade"] for r in rows] == drawn.names
    assert {r["rule_id"] for r in rows} == {drawn.id}
    return drawn, rows


def test_the_planted_grades_are_found():
    drawn, rows = grades(tables())
    assert len(rows) == 3
    assert drawn.bounds[1] in range(11_001, 80_001)
    assert drawn.bounds[2] in range(84_001, 350_001)
    assert all(r["apart_p"] < 0.05 for r in rows[1:])
    assert all(r["inside_p"] > 0.01 for r in rows)
    assert rows[0]["apart_p"] is None


def test_figures_of_a_grade():
    """All firms judge a scale that is given; counts, interval and mean are theirs."""
    given = {"good": Rate(100_000), "poor": Rate(1_000_000)}
    drawn, (good, poor) = grades(tables(), grades=given)
    inside = PD < 100_000
    n, bads = int(inside.sum()), int(BAD[inside].sum())
    assert (good["firms"], good["bads"], poor["firms"]) == (n, bads, N - n)
    low, high = jeffreys_interval(bads, n)
    shares = [bads / n, low, high, PD[inside].mean() / 1e6]
    names = ("bad_rate", "bad_low", "bad_high", "mean_pd")
    assert [good[k] for k in names] == [round(1e6 * s) for s in shares]
    bounds = prudent_rates([bads, int(BAD.sum()) - bads], [n, N - n], 0.9, 0.12)
    assert [good["prudent"], poor["prudent"]] == [round(1e6 * b) for b in bounds]
    # The geometric mean of the bounds, the best grade's from the floor of 0.03 % on.
    assert drawn.middles.tolist() == [round((300 * 100_000) ** 0.5), round(1e11**0.5)]
    assert good["inside_p"] < 0.01  # 1 % and 8 % in one grade
    assert drawn.grade(np.array([0, 99_999, 100_000, 1_000_000])).to_pylist() == [
        "good", "good", "poor", "poor",
    ]  # fmt: skip


def test_a_scale_is_judged_on_firms_it_was_not_drawn_from():
    _, rows = grades(tables())
    assert sum(r["firms"] for r in rows) == pytest.approx(N / 2, abs=1)
    assert sum(r["bads"] for r in rows) == pytest.approx(BAD.sum() / 2, abs=1)


def test_forecasts_that_tell_nothing_seldom_make_grades():
    """The best of many cuts looks better than it is: other firms tell."""
    noise = [np.random.default_rng(k).permutation(BAD) for k in range(20)]
    drawn = [MasterScale.built(PD + np.arange(N), bad) for bad in noise]
    assert sum(len(d.names) > 1 for d in drawn) <= 6
    flat, (only,) = grades(tables(bad=noise[0]), count=1)
    assert flat.grades == {"A": Rate(1_000_000)}
    assert only["apart_p"] is None


def test_the_order_of_equal_forecasts_does_not_look_like_a_difference():
    _, rows = grades(tables(np.full(N, 50_000), BAD), grades={"A": Rate(1_000_000)})
    assert rows[0]["inside_p"] is None
    _, rows = grades(tables(np.where(PD < 80_000, 1, 2), np.roll(BAD, 1)), count=1)
    assert rows[0]["inside_p"] > 0.001


def test_few_defaults_draw_by_forecasts_alone():
    few = np.arange(N) < 3
    drawn, rows = grades(tables(bad=few), count=4)
    other, _ = grades(tables(bad=few[::-1]), count=4)
    assert drawn == other
    assert sum(r["firms"] for r in rows) == N
    assert 1 < len(rows) <= 4
    prudent = [r["prudent"] for r in rows]
    assert prudent == sorted(prudent)
    assert all(r["prudent"] > r["bad_rate"] for r in rows)


@given(
    pd=st.lists(st.integers(0, 10**6), min_size=1, max_size=60).map(np.array),
    count=st.integers(1, 26),
    least=st.integers(0, 10**6),
)
def test_grades_of_forecasts_hold_enough_firms(pd, count, least):
    drawn = MasterScale.spread(pd, count, least)
    held = np.bincount(drawn.place(pd), minlength=len(drawn.names))
    assert len(drawn.names) <= count
    assert len(held) == len(drawn.names)
    assert len(held) == 1 or held.min() >= len(pd) * least / 1e6
    assert (np.diff(drawn.bounds) > 0).all()
    assert ((drawn.middles > 0) & (drawn.middles <= drawn.bounds[1:])).all()


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_bad_rates_rise_and_grades_are_no_smaller_than_asked(seed):
    random = np.random.default_rng(seed)
    pd = random.integers(0, 10**6, 300)
    bad = random.random(300) < pd / 1e6
    drawn = MasterScale.built(pd, bad, count=5, least=100_000, max_p=0.2)
    place = drawn.place(pd)
    n = np.bincount(place, minlength=len(drawn.names))
    rates = np.bincount(place, bad, len(drawn.names)) / n
    assert (np.diff(rates) > 0).all()
    assert n.min() >= 30
    assert len(n) <= 5


def test_firms_the_card_was_learnt_from_have_forecasts_of_models_without_them():
    fair = build("crossfit", {
        "rule_id": ["card", "other"], "party_id": ["F0000", "F0001"], "as_of": [DAY] * 2,
        "bad": BAD[:2].tolist(), "pd": [999_999, 999_999],
    })  # fmt: skip
    given = {"A": Rate(900_000), "Z": Rate(1_000_000)}
    _, rows = grades({**tables(), "crossfit": fair}, grades=given)
    assert [r["firms"] for r in rows] == [N - 1, 1]


def test_the_step_holds_the_conventions():
    check_step(scale, tables(PD[:300], BAD[:300]), ScaleRule(as_of=DAY))


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(DataError, match="known outcome"):
        grades({**tables(), "signal": empty("signal")})
    with pytest.raises(UsageError, match="card1, card2"):
        grades(tables(cards=("card1", "card2")))
    assert len(grades(tables(cards=("card1", "card2")), scorecard="card1")[1]) == 3
    for wrong in ({}, {"A": Rate(5)}):
        with pytest.raises(UsageError, match="grades"):
            grades(tables(), grades=wrong)


def test_scores_take_a_named_scale():
    card = Scorecard(base=600, characteristics=(), rows=9, bads=1, auc=0.5, auc_low=0, auc_high=1)
    drawn = MasterScale.make(grades={"fine": Rate(500_000), "poor": Rate(1_000_000)})
    rules = build("rule", {
        "rule_id": [card.id, drawn.id], "kind": [card.kind(), drawn.kind()],
        "toml": [card.to_toml(), drawn.to_toml()], "valid_from": [None, None],
    })  # fmt: skip
    feature = build("feature", {
        "party_id": ["F"], "as_of": [DAY], "measure": ["margin"], "value": [1.0],
    })  # fmt: skip
    (row,) = score(feature, rules, as_of=DAY, scale=drawn.id)["score"].to_pylist()
    assert row["grade"] == "fine"
    assert score(feature, rules, as_of=DAY)["score"]["grade"].to_pylist() == ["A"]
    with pytest.raises(UsageError, match="no master scale"):
        score(feature, rules, as_of=DAY, scale="other")
    assert ScoreRule(as_of=DAY).names == ["A", "B", "C", "D"]


# Pluto and Tasche (2005, arXiv cond-mat/0411699v3): 100, 400 and 300 firms, no defaults,
# correlation 12 %; in percent.
PUBLISHED = [
    (0.50, [0.15, 0.17, 0.37]),
    (0.75, [0.40, 0.45, 0.92]),
    (0.90, [0.86, 0.96, 1.89]),
    (0.95, [1.31, 1.45, 2.78]),
    (0.999, [5.29, 5.77, 9.84]),
]


@pytest.mark.parametrize(("confidence", "percent"), PUBLISHED)
def test_correlated_bounds_are_the_published_ones(confidence, percent):
    found = prudent_rates([0, 0, 0], [100, 400, 300], confidence, 0.12)
    assert [100 * p for p in found] == pytest.approx(percent, abs=0.0055)


def test_a_large_portfolio():
    """9,810 firms, 35 defaults, correlation 15 %: 3.34 % at 95 % (Windridge's calculator)."""
    assert correlated_bound(0.95, 35, 9810, 0.15) == pytest.approx(0.0334, abs=5e-5)


@pytest.mark.parametrize("correlation", [0.01, 0.12, 0.5, 0.9])
def test_correlated_bounds_have_a_plain_quadrature_as_twin(correlation):
    """Gauss and Legendre over the state of the economy, the binomial sum term by term."""
    k, n, normal = 2, 30, NormalDist()
    bound = correlated_bound(0.9, k, n, correlation)
    node, weight = np.polynomial.legendre.leggauss(400)
    total = 0.0
    for y, w in zip(9 * node, 9 * weight, strict=True):
        z = (normal.inv_cdf(bound) - correlation**0.5 * y) / (1 - correlation) ** 0.5
        p = normal.cdf(z)
        total += (
            w * normal.pdf(y) * sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))
        )
    assert total == pytest.approx(0.1, abs=1e-6)


def test_no_correlation_is_the_limit():
    near = prudent_rates([1, 2], [50, 60], 0.9, 1e-7)
    assert near == pytest.approx(prudent_rates([1, 2], [50, 60], 0.9), rel=1e-4)
    assert prudent_rates([0, 2], [5, 2], 0.9, 0.12)[1] == 1
    for wrong in (-0.1, 1.0):
        with pytest.raises(UsageError, match="correlation"):
            prudent_rates([0], [5], 0.9, wrong)
