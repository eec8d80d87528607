"""Validation of scores on a board of its own: outcomes after the day alone, samples, slices."""

from datetime import date

import numpy as np
import pytest

from liandong import assess
from liandong.assess import Characteristic, Scorecard
from liandong.kernels.scores.roc import auc
from liandong.schema.arrow import build, empty
from liandong.step import output
from liandong.testing import check_step
from liandong.types import Rate

DAY = date(2020, 6, 30)


def tables(period="2021-01", bad=(0, 0, 1, 1)):
    ids = [f"F{k}" for k in range(4)]
    score = output(
        "score", party_id=ids, as_of=[DAY] * 4, rule_id=["card"] * 4,
        pd=[10_000, 300_000, 200_000, 400_000], points=[600, 500, 520, 480],
        grade=["A", "B", "B", "B"], reasons=[[]] * 4,
    )["score"]  # fmt: skip
    signal = output(
        "signal", party_id=ids, source=["bank"] * 4, measure=["default"] * 4,
        period=[period] * 4, value=[float(b) for b in bad], unit=["flag"] * 4,
        seen_at=[None] * 4,
    )["signal"]  # fmt: skip
    none = {name: empty(name) for name in assess.validate.reads}
    return {**none, "score": score, "signal": signal}


def validated(given, sample=None, **rule):
    """Return the rows by slice and measure, of one sample or of the only one there is."""
    ordered = [given[n] for n in assess.validate.reads]
    found = assess.validate(*ordered, **{"as_of": DAY, **rule})["validation"].to_pylist()
    assert sample or len({r["sample"] for r in found}) <= 1
    return {(r["slice"], r["measure"]): r for r in found if sample in {None, r["sample"]}}


def test_figures_by_hand():
    found = validated(tables())
    assert found["all", "auc"]["value"] == 0.75
    assert found["all", "gini"]["value"] == 0.5
    assert found["all", "ks"]["value"] == 0.5
    assert found["all", "bad_rate"]["value"] == 0.5
    assert found["all", "mean_pd"]["value"] == pytest.approx(0.2275)
    assert found["all", "auc"]["low"] < 0.75 < found["all", "auc"]["high"] <= 1
    assert found["grade.A", "bad_rate"]["n"] == 1
    assert ("grade.A", "auc") not in found
    assert ("grade.B", "auc") not in found
    assert ("grade.B", "auc") in validated(tables(), least=1)
    assert {r["sample"] for r in found.values()} == {"unknown"}
    assert found["all", "auc"]["note"] == "small"


def test_bands_curve_and_histogram_by_hand():
    found = validated(tables())
    assert found["band.00", "mean_pd"]["value"] == 0.01
    assert [found[f"band.0{k}", "bad_rate"]["value"] for k in range(4)] == [0, 1, 0, 1]
    assert found["band.03", "lift"]["value"] == 2
    assert [found[f"band.0{k}", "captured"]["value"] for k in range(4)] == [1, 1, 0.5, 0.5]
    curve = [
        (found[f"roc.00{k}", "fpr"]["value"], found[f"roc.00{k}", "tpr"]["value"]) for k in range(5)
    ]
    assert curve == [(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1)]
    assert (found["points.480", "bads"]["value"], found["points.600", "goods"]["value"]) == (1, 1)


@pytest.mark.parametrize(
    "given",
    [tables(period="2020-05"), tables(period="2020-06"), tables(bad=(0, 0, 0, 0))],
    ids=["before", "the same month", "no default"],
)
def test_without_outcomes_after_the_day_nothing_is_written(given):
    assert validated(given) == {}


def test_nothing_given_nothing_found():
    assert validated({name: empty(name) for name in assess.validate.reads}) == {}


# A board of 400 firms with two characteristics of two categories.
N = 400
RANDOM = np.random.default_rng(11)
IDS = [f"F{k:03d}" for k in range(N)]
SALES, POWER = RANDOM.normal(size=(2, N)).round(2)
BAD = RANDOM.random(N) < 1 / (1 + np.exp(1.5 + 1.2 * SALES + 0.6 * POWER))
CARD = Scorecard(
    valid_from=DAY, base=550, rows=N, bads=int(BAD.sum()), auc=0.7, auc_low=0.6, auc_high=0.8,
    characteristics=[
        Characteristic(measure="sales_growth", trend="descending", edges=[-0.5, 0.5],
                       woe=[-1, 0, 1, 0], points=[-30, 0, 30, 0], iv=0.4, coefficient=1.0),
        Characteristic(measure="power_growth", trend="descending", edges=[0.0],
                       woe=[-0.4, 0.4, 0], points=[-10, 10, 0], iv=0.1, coefficient=1.0),
    ],
)  # fmt: skip


def board(learnt=(), learnt_on=DAY, day=DAY):
    """Return a scored board; ``learnt`` are the firms in the scorecard's own sample."""
    feature = build("feature", {
        "party_id": IDS * 2, "as_of": [day] * 2 * N,
        "measure": ["sales_growth"] * N + ["power_growth"] * N,
        "value": [*SALES.tolist(), *POWER.tolist()],
    })  # fmt: skip
    rule = build("rule", {"rule_id": [CARD.id], "kind": ["Scorecard"], "toml": [CARD.to_toml()],
                          "valid_from": [DAY]})  # fmt: skip
    score = assess.score(feature, rule, as_of=day)["score"]
    year = day.year + 1
    signal = build("signal", {
        "party_id": IDS, "source": ["bank"] * N, "measure": ["default"] * N,
        "period": [f"{year}-01"] * N, "value": BAD.astype(float).tolist(),
        "seen_at": [date(year, 1, 15)] * N,
    })  # fmt: skip
    party = build("party", {
        "party_id": IDS, "kind": ["firm"] * N, "name": IDS,
        "region_id": ["310000" if k % 4 else "110000" for k in range(N)],
        "size_class": ["micro" if k % 10 else "large" for k in range(N)],
    })  # fmt: skip
    crossfit = build("crossfit", {
        "rule_id": [CARD.id] * len(learnt), "party_id": list(learnt),
        "as_of": [learnt_on] * len(learnt), "bad": [bool(BAD[IDS.index(i)]) for i in learnt],
        "pd": [200_000 + 700 * IDS.index(i) for i in learnt],
    })  # fmt: skip
    loan = build("loan", {
        "loan_id": IDS, "party_id": IDS, "lender_id": ["B"] * N, "account_id": IDS,
        "amount": [100] * N, "rate": [40_000] * N, "term_months": [36] * N,
        "start": [date(2019, 1 + 3 * (k % 4), 1) for k in range(N)], "status": ["current"] * N,
    })  # fmt: skip
    return {"score": score, "signal": signal, "event": empty("event"), "loan": loan,
            "party": party, "feature": feature, "rule": rule, "crossfit": crossfit}  # fmt: skip


def samples(given, day=DAY):
    rows = assess.validate(*given.values(), as_of=day)["validation"].to_pylist()
    return {
        (r["sample"], r["n"]) for r in rows if (r["slice"], r["measure"]) == ("all", "bad_rate")
    }


def test_firms_it_was_learnt_from_are_never_mixed_with_others():
    half = IDS[::2]
    assert samples(board()) == {("unknown", N)}
    assert samples(board(half)) == {("development", 200), ("out_of_sample", 200),
                                    ("out_of_fold", 200)}  # fmt: skip
    after = date(2021, 6, 30)
    assert samples(board(half, day=after), after) == {("seen_again", 200), ("out_of_time", 200)}


def test_out_of_fold_figures_are_those_of_the_cross_fitted_forecasts():
    half = IDS[::2]
    found = validated(board(half), sample="out_of_fold")
    forecasts = np.array([200_000 + 700 * k for k in range(0, N, 2)], float)
    assert found["all", "auc"]["value"] == pytest.approx(auc(forecasts, BAD[::2]))
    assert found["all", "mean_pd"]["value"] == pytest.approx(forecasts.mean() / 1e6)
    assert not [k for k in found if k[0].startswith(("points", "cell", "without"))]


def test_cells_count_every_firm_once():
    found = validated(board())
    for c in CARD.characteristics:
        cells = [r for (s, _), r in found.items() if s.startswith(f"cell.{c.measure}.")]
        assert sum(r["n"] for r in cells) == N
        assert sum(r["n"] * r["value"] for r in cells) == pytest.approx(BAD.sum())
    low = SALES <= -0.5
    assert found["cell.sales_growth.00", "bad_rate"]["value"] == pytest.approx(BAD[low].mean())


def test_without_a_category_its_points_are_gone():
    found = validated(board())
    sales = np.select([SALES <= -0.5, SALES <= 0.5], [-30.0, 0.0], 30.0)
    power = np.where(POWER <= 0, -10.0, 10.0)
    alone, other = auc(-sales, BAD), auc(-power, BAD)
    assert found["all", "auc"]["value"] == pytest.approx(auc(-sales - power, BAD))
    assert found["without.utility", "auc"]["value"] == pytest.approx(alone)
    assert found["only.invoice", "auc"]["value"] == pytest.approx(alone)
    assert found["only.utility", "auc"]["value"] == pytest.approx(other)
    loss = found["all", "auc"]["value"] - other
    assert found["without.invoice", "auc_loss"]["value"] == pytest.approx(loss)


def test_groups_are_compared_with_the_largest():
    given = board()
    found = validated(given, cut=Rate(150_000))
    pd = given["score"]["pd"].to_numpy()
    yes, large = pd <= 150_000, np.arange(N) % 10 == 0
    rates = yes[large].mean(), yes[~large].mean()
    assert found["size.large", "approval_rate"]["value"] == pytest.approx(rates[0])
    assert found["size.large", "impact_ratio"]["value"] == pytest.approx(rates[0] / rates[1])
    assert found["size.micro", "impact_ratio"]["value"] == 1
    assert found["size.micro", "impact_ratio"]["low"] is None
    chance = yes[large & ~BAD].mean() - yes[~large & ~BAD].mean()
    difference = found["size.large", "opportunity_difference"]
    assert difference["value"] == pytest.approx(chance)
    assert difference["low"] < chance < difference["high"]
    forecast = BAD[large].mean() / (pd[large].mean() / 1e6)
    assert found["size.large", "calibration_ratio"]["value"] == pytest.approx(forecast)


def test_cohorts_are_quarters_of_the_latest_loan():
    found = validated(board())
    for k, quarter in enumerate(("2019Q1", "2019Q2", "2019Q3", "2019Q4")):
        row = found[f"cohort.{quarter}", "bad_rate"]
        assert (row["n"], row["value"]) == (100, pytest.approx(BAD[k::4].mean()))


def test_small_slices_say_so():
    given = board()
    few = given["party"].to_pylist()
    few[0]["region_id"] = "540000"
    given["party"] = build("party", {n: [r[n] for r in few] for n in few[0]})
    found = validated(given)
    assert found["region.540000", "bad_rate"]["note"] == "small"
    assert found["region.310000", "auc"]["note"] is None


def test_validation_holds_the_conventions():
    check_step(assess.validate, board(IDS[::2]), assess.ValidateRule(as_of=DAY))
