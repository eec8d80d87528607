"""Known answers of weights of evidence, optimal bins, points, and the ROC curve."""

from datetime import date
from math import log

import numpy as np
import pytest

from liandong.assess import Scaling
from liandong.assess.binning.counts import candidates, count
from liandong.assess.measures.months import months_before
from liandong.kernels.scores.binning import Limits, best_bins, woe
from liandong.kernels.scores.roc import auc, hanley_mcneil


def optimal_bins(values, bad, trends, limits, prebins):
    """Cut a measure where it separates best."""
    here = ~np.isnan(values)
    edges = candidates(values[here], bad[here], np.empty(0, np.int64), prebins)
    return count(values, bad, edges).fit(trends, limits, prebins)


def ints(*values):
    return np.array(values, np.int64)


def best(good, bad, trend):
    return best_bins(good, bad, (trend,), Limits(5))[trend]


def test_two_bins():
    assert woe(ints(60, 40), ints(20, 80)) == pytest.approx([log(3), -log(2)])
    iv, ends = best(ints(60, 40), ints(20, 80), "ascending")
    assert iv == pytest.approx(0.4 * log(3) + 0.4 * log(2))
    assert iv == pytest.approx(0.71670, abs=5e-6)
    assert ends.tolist() == [0, 1]


def test_an_empty_cell_gets_half_a_row():
    assert woe(ints(0, 10), ints(5, 5))[0] == pytest.approx(log(0.5 / 10) - log(5.5 / 10))


def test_a_trend_that_cannot_be_kept_joins_all():
    iv, ends = best(ints(60, 40), ints(20, 80), "descending")
    assert (iv, ends.tolist()) == (0.0, [1])


def test_no_bin_is_allowed():
    assert best(ints(5, 5), ints(0, 0), "none")[0] == -np.inf


def test_cuts_are_short_decimals_between_the_values():
    values = np.array([1.0, 1.1, 1.2, 7.3, 7.9, 8.0])
    bins = optimal_bins(values, values > 5, ("ascending",), Limits(2), 64)
    # Pure bins are not allowed: one row of the other kind has to be on each side.
    assert len(bins.cuts) == 0
    bad = np.array([False, True, False, True, True, False])
    bins = optimal_bins(values, bad, ("ascending",), Limits(2), 64)
    assert bins.cuts.tolist() == [4.0]
    assert bins.counts.tolist() == [[2, 1, 0], [1, 2, 0]]


def test_scaling_of_points():
    scale = Scaling(pdo=20, odds=50, at=600)
    assert (round(scale.factor, 4), round(scale.offset, 4)) == (28.8539, 487.1229)
    assert scale.pd(ints(600)).tolist() == [round(1e6 / 51)]
    assert scale.pd(ints(620)).tolist() == [round(1e6 / 101)]


def test_auc_and_its_error():
    assert auc(np.array([1.0, 2, 3, 4]), np.array([False, False, True, True])) == 1.0
    assert auc(np.array([1.0, 1, 1, 1]), np.array([False, False, True, True])) == 0.5
    # The example of Hanley and McNeil (1982): 51 abnormal and 58 normal cases.
    assert hanley_mcneil(0.893, 51, 58) == pytest.approx(0.0325, abs=5e-5)


@pytest.mark.parametrize(
    ("day", "as_of", "months"),
    [
        ("2019-12-31", date(2019, 12, 31), 0),
        ("2019-12-01", date(2019, 12, 31), 0),
        ("2019-11-30", date(2019, 12, 31), 1),
        ("2019-10-31", date(2019, 11, 30), 1),
        ("2019-10-30", date(2019, 11, 30), 1),
        ("2024-02-28", date(2024, 12, 28), 10),
        ("2024-02-29", date(2024, 12, 28), 9),
        ("2024-12-29", date(2024, 12, 28), -1),
        ("2025-12-28", date(2024, 12, 28), -12),
        ("2025-12-29", date(2024, 12, 28), -13),
    ],
)
def test_months_back(day, as_of, months):
    since = (date.fromisoformat(day) - date(1970, 1, 1)).days
    assert months_before(ints(since), as_of).tolist() == [months]
