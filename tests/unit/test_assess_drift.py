"""Drift and backtests: what is compared with what, and what is not known yet."""

from datetime import date

import numpy as np
import pytest

from liandong.assess import (
    BacktestRule,
    Characteristic,
    DriftRule,
    Scorecard,
    backtest,
    drift,
    fit,
)
from liandong.errors import DataError, UsageError
from liandong.kernels.scores.validation import psi
from liandong.schema.arrow import build, empty
from liandong.testing import check_step

THEN, NOW = date(2020, 12, 31), date(2021, 12, 31)
RANDOM = np.random.default_rng(4)
N = 300
IDS = [f"F{k:03d}" for k in range(N)]
RISK = RANDOM.normal(size=(2, N))
"""Of the same firms on both days: each day its own luck."""
BAD = RISK + RANDOM.normal(size=(2, N)) > 1.2


def features(**columns):
    """Return features by measure: the values of all firms on both days, NaN where absent."""
    rows = [
        (i, day, name, None if np.isnan(v) else float(v))
        for name, both in columns.items()
        for day, values in zip((THEN, NOW), both, strict=True)
        for i, v in zip(IDS, values, strict=True)
    ]
    names = ("party_id", "as_of", "measure", "value")
    return build("feature", {n: [r[k] for r in rows] for k, n in enumerate(names)})


def cards(*found):
    return build("rule", {
        "rule_id": [c.id for c in found], "kind": ["Scorecard"] * len(found),
        "toml": [c.to_toml() for c in found], "valid_from": [c.valid_from for c in found],
    })  # fmt: skip


def card(day=THEN, **more):
    c = Characteristic(
        measure="sales_growth", trend="descending", edges=[-0.5, 0.5], woe=[-1, 0, 1, 0],
        points=[-30, 0, 30, 0], iv=0.4, coefficient=1.0,
    )  # fmt: skip
    return Scorecard(valid_from=day, base=550, characteristics=[c], rows=9, bads=3, auc=0.7,
                     auc_low=0.6, auc_high=0.8, **more)  # fmt: skip


def learnt(c, ids):
    return build("crossfit", {"rule_id": [c.id] * len(ids), "party_id": ids,
                              "as_of": [c.valid_from] * len(ids), "bad": [False] * len(ids),
                              "pd": [0] * len(ids)})  # fmt: skip


def drifted(*tables, day=NOW):
    rows = drift(*tables, as_of=day)["drift"].to_pylist()
    found = {}
    for r in rows:
        found.setdefault(r["measure"], []).append(r)
    return found


def by_hand(values):
    return [int((values <= -0.5).sum()), int(((values > -0.5) & (values <= 0.5)).sum()),
            int((values > 0.5).sum()), int(np.isnan(values).sum()), 0]  # fmt: skip


def test_bins_then_and_now_are_counted_by_hand():
    now = np.where(np.arange(N) < 40, np.nan, RISK[1] + 0.3)
    c = card()
    found = drifted(features(sales_growth=(RISK[0], now)), cards(c), empty("crossfit"))
    cells = found["sales_growth"]
    assert [r["expected"] for r in cells] == by_hand(RISK[0])
    assert [r["actual"] for r in cells] == by_hand(now)
    index = psi(np.array(by_hand(RISK[0])), np.array(by_hand(now)))
    assert sum(r["part"] for r in cells) == pytest.approx(index)
    assert {r["since"] for r in cells} == {THEN}
    assert cells[0]["p"] < 1e-6


def test_only_the_firms_it_was_learnt_from_are_the_mark():
    c, half = card(), IDS[::2]
    found = drifted(features(sales_growth=RISK), cards(c), learnt(c, half))
    assert [r["expected"] for r in found["sales_growth"]] == by_hand(RISK[0][::2])
    assert sum(r["expected"] for r in found["score"]) == len(half)
    assert sum(r["actual"] for r in found["score"]) == N


def test_the_same_firms_on_the_same_day_have_not_moved():
    found = drifted(features(sales_growth=RISK), cards(card()), empty("crossfit"), day=THEN)
    assert all(r["part"] == 0 and r["p"] == 1 for cells in found.values() for r in cells)


def test_bands_of_points_are_those_of_then():
    found = drifted(features(sales_growth=RISK), cards(card()), empty("crossfit"))["score"]
    counted = by_hand(RISK[0])
    assert [r["expected"] for r in found] == counted[:3]  # three different scores, three bands


def test_scorecards_that_do_not_hold_or_have_no_past_are_left_out():
    given = features(sales_growth=RISK)
    past, ended = card(date(2019, 1, 1)), card(valid_to=date(2021, 1, 1))
    assert drifted(given, cards(past, ended, card(NOW)), empty("crossfit"))["score"][0]["p"] == 1
    with pytest.raises(DataError):
        drift(given, cards(card()), empty("crossfit"), as_of=date(2018, 1, 1))


def test_drift_holds_the_conventions():
    c = card()
    given = {"feature": features(sales_growth=RISK), "rule": cards(c), "crossfit": learnt(c, IDS)}
    check_step(drift, given, DriftRule(as_of=NOW))


def reports(seen=(date(2021, 6, 1), date(2022, 6, 1)), bad=BAD):
    """Return a bank's reports of both cohorts; other halves of the firms in each."""
    rows = []
    for k, day in enumerate(seen):
        rows += [(IDS[i], day, float(bad[k][i])) for i in range(N) if i % 3 != k]
    return build("signal", {
        "party_id": [r[0] for r in rows], "source": ["bank"] * len(rows),
        "measure": ["default"] * len(rows), "seen_at": [r[1] for r in rows],
        "period": [f"{seen[k].year}-06" if seen[k] else "2022-06" for k in (0, 1)
                   for i in range(N) if i % 3 != k],
        "value": [r[2] for r in rows],
    })  # fmt: skip


def backtested(signal, **rule):
    feature = features(power_growth=-RISK)
    rows = backtest(
        feature, signal, empty("event"), empty("loan"), empty("party"), cards(card(NOW)),
        **{"as_of": THEN, "judged": NOW, **rule},
    )["validation"].to_pylist()  # fmt: skip
    return {(r["sample"], r["measure"]): r for r in rows if r["slice"] == "all"}


def test_a_backtest_judges_firms_it_has_not_seen_apart():
    found = backtested(reports())
    assert found["backtest", "learnt_rows"]["value"] == 200
    assert found["backtest", "learnt_bads"]["value"] == BAD[0][np.arange(N) % 3 != 0].sum()
    # Of the firms judged (i % 3 != 1), those with i % 3 == 2 were learnt from.
    assert found["backtest", "bad_rate"]["n"] == 100
    assert found["backtest", "bad_rate"]["value"] == pytest.approx(BAD[1][::3].mean())
    assert found["backtest_again", "bad_rate"]["n"] == 100
    assert found["backtest", "auc"]["low"] > 0.6
    assert {r["as_of"] for r in found.values()} == {NOW}


def test_it_is_the_scorecard_that_fit_would_have_learnt_then():
    signal = reports().slice(0, 200)  # what was known on the day it is judged on
    made = fit(features(power_growth=-RISK), signal, as_of=THEN, repeats=1, folds=2)["rule"]
    then = Scorecard.from_toml(made["toml"][0].as_py())
    points = then.base + then.parts(-RISK[1][::3, None]).sum(axis=1)
    mean = then.scaling.pd(points).mean() / 1e6
    assert backtested(reports())["backtest", "mean_pd"]["value"] == pytest.approx(mean)


def test_outcomes_after_the_day_teach_nothing():
    late = reports(seen=(date(2022, 2, 1), date(2022, 6, 1)))
    found = backtested(late, horizon_months=24)
    assert found["backtest", "learnt_rows"]["value"] == 0
    assert ("backtest", "auc") not in found


def test_reports_without_a_day_teach_nothing():
    found = backtested(reports(seen=(None, date(2022, 6, 1))))
    assert found["backtest", "learnt_rows"]["value"] == 0


def test_too_little_to_learn_from_is_told():
    none = np.stack([np.zeros(N, bool), BAD[1]])
    found = backtested(reports(bad=none))
    assert {m for _, m in found} == {"learnt_rows", "learnt_bads"}
    assert found["backtest", "learnt_bads"]["value"] == 0


def test_a_backtest_looks_forward():
    with pytest.raises(UsageError, match="judged"):
        BacktestRule.make(as_of=NOW, judged=THEN)


def test_backtests_hold_the_conventions():
    given = {"feature": features(power_growth=-RISK), "signal": reports(), "rule": cards(card(NOW))}
    given |= {n: empty(n) for n in ("event", "loan", "party")}
    check_step(backtest, given, BacktestRule(as_of=THEN, judged=NOW))
