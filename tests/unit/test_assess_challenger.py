"""The challenger: the same bytes, the expected directions, honest verdicts, and what is refused."""

import pickle
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong import assess
from liandong.assess import BoostedClassifier, challenge, compare, verdict
from liandong.errors import DataError, MissingExtraError, UsageError
from liandong.kernels.scores.calibration import probability
from liandong.kernels.scores.roc import auc
from liandong.loop import CUMCM, loop
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.types import Money, Rate
from support.need import missing

DAY = date(2023, 12, 31)
RANDOM = np.random.default_rng(5)
N = 240
RISK = RANDOM.normal(size=(N, 2))
BAD = RISK.sum(axis=1) + RANDOM.normal(size=N) > 1


@pytest.fixture
def lightgbm():
    try:
        return assess.card.challenger.lightgbm()
    except MissingExtraError:
        return missing("LightGBM", "pip install 'liandong[challenger]'")


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setattr("liandong.step.extras.find_spec", lambda _: None)
    monkeypatch.setattr("liandong.loop.find_spec", lambda _: None)


def columns():
    return {
        "sales_growth": -RISK[:, 0], "supplier_hhi": RISK[:, 1],
        "margin": np.where(np.arange(N) % 5, RANDOM.normal(size=N), np.nan),
        "kind": pa.array(np.where(RISK[:, 0] > 0.5, "x", "y").tolist()),
    }  # fmt: skip


def test_the_same_rows_give_the_same_bytes(lightgbm):
    table = pa.table(columns())
    first, second = (BoostedClassifier(trees=30).fit(table, BAD) for _ in range(2))
    assert first.model_ == second.model_
    assert first.trees_ > 3
    again = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own bytes
    assert (again.predict_proba(table) == first.predict_proba(table)).all()
    assert BoostedClassifier(trees=30, seed=2).fit(table, BAD).model_ != first.model_


def test_it_follows_the_conventions(lightgbm):
    x = RISK.copy()
    model = BoostedClassifier(trees=20, directions={"x0": 1}).set_params(leaves=5)
    assert model.get_params()["leaves"] == 5
    assert model.fit(x, BAD) is model
    told = model.predict_proba(x)
    assert told.shape == (N, 2)
    assert told.sum(axis=1) == pytest.approx(np.ones(N))
    assert (model.predict(x) == (told[:, 1] > 0.5)).all()
    assert probability(model.decision_function(x)) == pytest.approx(told[:, 1], abs=2e-6)
    assert model.classes_.tolist() == [0, 1]
    assert model.directions_ == {"x0": 1, "x1": 0}
    assert auc(told[:, 1], BAD) > 0.8
    with pytest.raises(UsageError, match="no_such"):
        model.set_params(no_such=1)


def test_directions_come_from_the_catalogue(lightgbm):
    model = BoostedClassifier(trees=5, folds=0).fit(pa.table(columns()), BAD)
    assert model.directions_ == {"sales_growth": -1, "supplier_hhi": 1, "margin": 0, "kind": 0}
    assert model.trees_ == 5


@given(seed=st.integers(0, 10**6), way=st.sampled_from([-1, 1]), leaves=st.integers(2, 31))
@settings(max_examples=15, deadline=None)
def test_raising_a_monotone_measure_never_moves_the_risk_the_wrong_way(seed, way, leaves):
    try:
        assess.card.challenger.lightgbm()
    except MissingExtraError:
        missing("LightGBM", "pip install 'liandong[challenger]'")
    random = np.random.default_rng(seed)
    x = np.where(random.random((300, 3)) < 0.1, np.nan, np.round(random.normal(size=(300, 3)), 1))
    # The truth bends both ways and depends on another column: the trees would love to follow.
    odds = np.nan_to_num(np.sin(3 * x[:, 0]) * (1 + x[:, 1]) - way * x[:, 0])
    bad = random.random(300) < probability(odds)
    bad[:2] = (True, False)
    model = BoostedClassifier(directions={"x0": way}, leaves=leaves, min_rows=5, folds=0, trees=60)
    model.fit(x, bad)
    rows = random.normal(size=(20, 3)).round(1)
    grid = np.linspace(-4, 4, 81)
    for row in rows:
        line = np.tile(row, (81, 1))
        line[:, 0] = grid
        assert (way * np.diff(model.predict_proba(line)[:, 1]) >= 0).all()


def test_without_a_direction_it_follows_the_data(lightgbm):
    x = RANDOM.normal(size=(2000, 1))
    bad = np.abs(x[:, 0]) + 0.5 * RANDOM.normal(size=2000) > 1
    free = BoostedClassifier().fit(x, bad).predict_proba(x)[:, 1]
    bound = BoostedClassifier(directions={"x0": 1}).fit(x, bad).predict_proba(x)[:, 1]
    assert auc(free, bad) > 0.85
    assert auc(bound, bad) < 0.7


def test_noise_grows_fewer_trees(lightgbm):
    noise = BoostedClassifier().fit(RANDOM.normal(size=(N, 5)), BAD)
    assert noise.trees_ < BoostedClassifier().fit(RISK, BAD).trees_


def test_a_known_default_rate_moves_all(lightgbm):
    plain, moved = (BoostedClassifier(prior=p).fit(RISK, BAD) for p in (None, Rate(50_000)))
    assert moved.sample_rate_ == BAD.mean()
    low, high = (m.predict_proba(RISK)[:, 1] for m in (moved, plain))
    assert (low < high).all()
    assert low.mean() < 0.1
    assert (np.argsort(low, kind="stable") == np.argsort(high, kind="stable")).all()


def test_weights_stand_for_rows(lightgbm):
    weight = RANDOM.integers(1, 4, N)
    options = {"folds": 0, "trees": 1, "min_rows": 1, "leaves": 2}
    once = BoostedClassifier(**options).fit(RISK, BAD, weight).predict_proba(RISK)
    rows = np.repeat(np.arange(N), weight)
    often = BoostedClassifier(**options).fit(RISK[rows], BAD[rows]).predict_proba(RISK)
    assert once == pytest.approx(often, abs=1e-6)
    with pytest.raises(DataError, match="not zero are of one class"):
        BoostedClassifier().fit(RISK, BAD, (~BAD).astype(int))


def test_levels_that_are_new_and_columns_that_are_gone(lightgbm):
    table = pa.table(columns())
    model = BoostedClassifier(trees=10, folds=0).fit(table, BAD)
    new = table.set_column(3, "kind", pa.array(["z"] * N))
    gone = table.set_column(3, "kind", pa.nulls(N, pa.string()))
    assert (model.predict_proba(new) == model.predict_proba(gone)).all()
    with pytest.raises(DataError, match="margin"):
        model.predict_proba(table.drop_columns(["margin"]))


@pytest.mark.parametrize(
    ("x", "y", "options", "says"),
    [
        (np.full((4, 1), np.inf), [0, 1, 0, 1], {}, "infinite"),
        (np.ones((4, 1)), [0, 0, 0, 0], {}, "one class, 0"),
        (np.ones((4, 1)), [0, 1, 2, 0], {}, "3"),
        (np.ones((4, 1)), [0, 1, 0, 1], {"directions": {"x0": 2}}, "the direction 2 of x0"),
        (np.ones((4, 1)), [0, 1, 0, 1], {"directions": {"other": 1}}, "the direction 1 of other"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(lightgbm, x, y, options, says):
    with pytest.raises(DataError, match=says):
        BoostedClassifier(**options).fit(x, y)


def test_constant_and_absent_columns_tell_nothing(lightgbm):
    x = np.column_stack([np.ones(N), np.full(N, np.nan)])
    assert BoostedClassifier().fit(x, BAD).predict_proba(x)[:, 1] == pytest.approx(
        np.full(N, BAD.mean()), abs=1e-3
    )


def test_without_the_package_it_says_what_to_install(without):
    with pytest.raises(MissingExtraError, match=r"liandong\[challenger\]"):
        BoostedClassifier().fit(RISK, BAD)
    with pytest.raises(MissingExtraError):
        challenge(*given_tables().values(), as_of=DAY)


class Stand:
    """A board on which nothing runs."""

    def acting(self, _):
        return self

    def run(self, *_):
        return None

    def table(self, _):
        return ()


def test_the_loop_goes_without_the_package(without):
    names = [name for name, _ in loop(Stand(), CUMCM, Money(1))]
    assert "assess.scale" in names
    assert "assess.challenge" not in names


def test_the_loop_challenges_with_it(lightgbm):
    names = [name for name, _ in loop(Stand(), CUMCM, Money(1))]
    assert "assess.challenge" in names


def given_tables():
    ids = [f"F{i:03d}" for i in range(N)]
    values = {"sales_growth": -RISK[:, 0], "supplier_hhi": RISK[:, 1]}
    feature = build("feature", {
        "party_id": ids * 2, "as_of": [DAY] * 2 * N,
        "measure": [n for n in values for _ in ids],
        "value": np.concatenate(list(values.values())).tolist(),
    })  # fmt: skip
    signal = build("signal", {
        "party_id": ids, "source": ["bank"] * N, "measure": ["default"] * N,
        "period": ["2024"] * N, "value": BAD.astype(float).tolist(),
    })  # fmt: skip
    tables = {"feature": feature, "signal": signal}
    return {**tables, "event": empty("event"), "loan": empty("loan")}


def test_the_step_holds_the_conventions(lightgbm):
    rule = assess.ChallengeRule(as_of=DAY, trees=15, folds=2)
    check_step(challenge, given_tables(), rule)
    rows = challenge(*given_tables().values(), rule=rule)["challenge"]
    found = {(r["model"], r["measure"]): r for r in rows.to_pylist()}
    area, difference = found["champion", "auc"], found["difference", "auc"]
    assert 0.7 < area["low"] < area["value"] < area["high"] < 1
    gain = found["challenger", "auc"]["value"] - area["value"]
    assert difference["value"] == pytest.approx(gain)
    assert {r["n"] for r in (area, difference)} == {N}
    assert found["swapped_in", "share"]["value"] == found["swapped_out", "share"]["value"]
    covers = difference["low"] <= 0 <= difference["high"]
    assert (verdict(rows)["en"].startswith("no difference shown")) == covers


def test_no_firm_is_judged_by_models_that_saw_it(lightgbm):
    """Outcomes that nothing tells: whoever peeped would find something all the same."""
    noise = np.random.default_rng(1).permutation(BAD)
    sample = assess.card.learn.Sample(dict(zip(["x", "y"], RISK.T, strict=True)), noise)
    rule = assess.ChallengeRule(as_of=DAY, min_rows=2, leaves=31)
    for told in assess.card.compare.cross_fitted(sample, rule):
        assert abs(auc(told, noise) - 0.5) < 0.12


def figures(champion, challenger, bad, **options):
    found = compare(np.array(champion), np.array(challenger), np.array(bad), **options)
    return {(f.model, f.measure): f for f in found}


def test_swaps_by_hand():
    """Of 10 firms 5 are approved: one good for two bad ones, so a fifth less of them defaults."""
    bad = np.array([0, 0, 0, 1, 1, 0, 0, 1, 1, 1]) > 0
    champion = np.arange(10) / 20
    challenger = np.array([0.01, 0.02, 0.03, 0.3, 0.31, 0.04, 0.05, 0.4, 0.5, 0.6])
    found = figures(champion, challenger, bad, approval=0.5, lgd=0.4)
    assert (found["swapped_in", "bad_rate"].value, found["swapped_in", "bad_rate"].n) == (0, 2)
    assert (found["swapped_out", "bad_rate"].value, found["swapped_out", "share"].value) == (1, 0.2)
    assert found["champion", "approved_bad_rate"].value == pytest.approx(0.4)
    assert found["challenger", "approved_bad_rate"].value == 0
    assert found["difference", "approved_bad_rate"].value == pytest.approx(-0.4)
    worth = found["difference", "worth"]
    assert (worth.value, worth.n) == (pytest.approx(0.4 * 0.4), 5)
    assert worth.low < worth.value < worth.high
    assert found["difference", "swap_p"].value == pytest.approx(0.5)  # 0 of 2: 2 * 1/4


def rows_of(found):
    rows = list(found.values())
    return build("challenge", {
        "rule_id": ["r"] * len(rows), "as_of": [DAY] * len(rows),
        "model": [f.model for f in rows], "measure": [f.measure for f in rows],
        "value": pa.array([f.value for f in rows], from_pandas=True),
        "low": pa.array([f.low for f in rows], from_pandas=True),
        "high": pa.array([f.high for f in rows], from_pandas=True), "n": [f.n for f in rows],
    })  # fmt: skip


def test_a_verdict_needs_an_interval_without_nothing():
    truth = RANDOM.normal(size=2000) - 1
    bad = RANDOM.random(2000) < probability(truth)
    good, poor = probability(truth), probability(truth + 2 * RANDOM.normal(size=2000))
    like = probability(truth + 0.01 * RANDOM.normal(size=2000))
    for first, second, value, zh, en in (
        (poor, good, 1, "挑战者更好", "the challenger is better"),
        (good, poor, -1, "冠军更好", "the champion is better"),
        (good, like, 0, "未见差异", "no difference shown"),
        (good, good, 0, "未见差异", "no difference shown"),
    ):
        found = figures(first, second, bad)
        assert found["difference", "verdict"].value == value
        said = verdict(rows_of(found))
        assert said["zh"].startswith(zh)
        assert said["en"].startswith(en)
    assert found["difference", "auc_p"].value == 1
    assert found["difference", "worth"].value == 0
    assert np.isnan(found["swapped_in", "bad_rate"].value)
