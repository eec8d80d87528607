"""Cross-fitted forecasts: one of every firm, by a scorecard that has not seen it."""

from datetime import date

import numpy as np
import pytest

from liandong.assess import Scorecard, fit
from liandong.kernels.scores.roc import auc
from liandong.schema.arrow import build
from liandong.testing import check_step
from liandong.types import Rate

DAY = date(2023, 12, 31)
N = 240
RANDOM = np.random.default_rng(21)
IDS = [f"F{k:03d}" for k in range(N)]
BAD = RANDOM.random(N) < 0.25


def given(columns):
    """Return features and outcomes: columns x0, x1, ... of all firms."""
    wide = np.asarray(columns).T
    names = [f"x{j}" for j in range(wide.shape[1])]
    feature = build("feature", {
        "party_id": np.repeat(IDS, len(names)).tolist(), "as_of": [DAY] * wide.size,
        "measure": names * N, "value": wide.ravel().tolist(),
    })  # fmt: skip
    signal = build("signal", {
        "party_id": IDS, "source": ["bank"] * N, "measure": ["default"] * N, "period": ["2024"] * N,
        "value": BAD.astype(float).tolist(),
    })  # fmt: skip
    return {"feature": feature, "signal": signal}


def fitted(tables, **rule):
    made = fit(*tables.values(), **{"as_of": DAY, "repeats": 1, **rule})
    card = Scorecard.from_toml(made["rule"]["toml"][0].as_py())
    return card, made["crossfit"].to_pylist()


def test_every_firm_has_one_forecast_and_its_outcome():
    card, rows = fitted(given([BAD + RANDOM.normal(size=N)]))
    assert [r["party_id"] for r in rows] == IDS
    assert [r["bad"] for r in rows] == BAD.tolist()
    assert {(r["rule_id"], r["as_of"]) for r in rows} == {(card.id, DAY)}


def test_noise_learnt_by_heart_is_not_foretold():
    noise = np.random.default_rng(5).normal(size=(12, N))
    card, rows = fitted(given(noise))
    points = card.parts(np.column_stack([noise[int(m[1:])] for m in card.measures])).sum(axis=1)
    assert auc(-points.astype(float), BAD) > 0.7  # by heart
    unseen = auc(np.array([r["pd"] for r in rows], float), BAD)
    assert abs(unseen - 0.5) < 0.1


def log_odds(share):
    return np.log(share / (1 - share))


def test_a_prior_shifts_all_odds_alike():
    tables = given([BAD + RANDOM.normal(size=N)])
    kept, rare = (
        log_odds(np.array([r["pd"] for r in fitted(tables, **more)[1]]) / 1e6)
        for more in ({}, {"prior": Rate(20_000)})
    )
    shift = log_odds(0.02) - log_odds(BAD.mean())
    assert rare - kept == pytest.approx(np.full(N, shift), abs=2e-3)  # pd is whole ppm


def test_fitting_holds_the_conventions():
    tables = given([BAD + RANDOM.normal(size=N), RANDOM.normal(size=N)])
    tables |= {n: build(n, {c: [] for c in cs}) for n, cs in {
        "event": ("event_id", "party_id", "kind", "at"),
        "loan": ("loan_id", "party_id", "lender_id", "account_id", "amount", "rate", "start",
                 "term_months", "status"),
    }.items()}  # fmt: skip
    check_step(fit, tables, fit.rule(as_of=DAY, repeats=1))
