"""Known answers of validation and provision, with plain twins and closed forms."""

from datetime import date
from math import comb, exp, log, sqrt
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess.portfolio.losses import (
    allowance,
    expected_loss,
    stage,
)
from liandong.assess.portfolio.low_default import prudent_rates
from liandong.assess.validation.validate import out_of_time
from liandong.errors import UsageError
from liandong.kernels.scores.roc import auc, delong, ks
from liandong.kernels.scores.validation import (
    bands,
    binomial,
    brier,
    hosmer_lemeshow,
    jeffreys,
    psi,
    spiegelhalter,
)
from liandong.kernels.statistics.capital import risk_weight
from liandong.kernels.statistics.distributions import (
    beta_cdf,
    chi2_sf,
    normal_cdf,
    normal_quantile,
)

CASES = st.lists(
    st.tuples(st.integers(1, 19).map(lambda k: k / 20), st.booleans()), min_size=4, max_size=60
).filter(lambda rows: 2 <= sum(b for _, b in rows) <= len(rows) - 2)


def arrays(rows):
    return np.array([p for p, _ in rows]), np.array([b for _, b in rows])


def test_psi():
    assert psi(np.array([50, 50]), np.array([60, 40])) == pytest.approx(0.0405465, abs=5e-8)
    assert psi(np.array([0, 3, 7]), np.array([0, 3, 7])) == 0
    assert np.isfinite(psi(np.array([0, 10]), np.array([10, 0])))


@given(st.floats(1e-300, 1 - 1e-16))
@settings(deadline=None)  # the first call compiles
def test_normal_has_the_library_as_twin(p):
    x = normal_quantile(np.array([p]))[0]
    assert x == pytest.approx(NormalDist().inv_cdf(p), rel=1e-9, abs=1e-12)
    assert normal_cdf(np.array([x]))[0] == pytest.approx(p, rel=1e-9)


def test_normal_at_the_ends():
    found = normal_quantile(np.array([0.0, 0.5, 1.0, -0.1, np.nan]))
    assert found[:3].tolist() == [-np.inf, pytest.approx(0, abs=1e-15), np.inf]
    assert np.isnan(found[3:]).all()


@pytest.mark.parametrize(
    ("df", "x"), [(1, 3.841458820694124), (2, 5.991464547107979), (3, 7.814727903251179),
                  (8, 15.507313055865453), (9, 16.918977604620448), (10, 18.307038053275146)]
)  # fmt: skip
def test_chi_square_tables(df, x):
    assert chi2_sf(x, df) == pytest.approx(0.05, abs=1e-12)


@given(st.integers(1, 30), st.integers(0, 30), st.floats(0.01, 0.99))
def test_binomial_is_the_plain_sum(n, bads, pd):
    bads = min(bads, n)
    plain = sum(comb(n, k) * pd**k * (1 - pd) ** (n - k) for k in range(bads, n + 1))
    assert binomial(bads, n, pd) == pytest.approx(plain, rel=1e-9)


def test_beta_closed_forms():
    assert beta_cdf(0.3, 1, 5) == pytest.approx(1 - 0.7**5)
    # Arcsine law: Jeffreys' prior itself.
    assert jeffreys(0, 0, 0.25) == pytest.approx(1 / 3)


@given(CASES)
def test_delong_and_ks_have_plain_twins(rows):
    risk, bad = arrays(rows)
    x, y = risk[bad], risk[~bad]
    wins = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    spread = wins.mean(1).var(ddof=1) / len(x) + wins.mean(0).var(ddof=1) / len(y)
    area, error = delong(risk, bad)
    assert area == pytest.approx(wins.mean()) == auc(risk, bad)
    assert error == pytest.approx(sqrt(spread), abs=1e-12)
    assert ks(risk, bad) == pytest.approx(max(abs((x <= t).mean() - (y <= t).mean()) for t in risk))


@given(CASES, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_brier_adds_up_and_order_changes_no_bit(rows, random):
    pd, bad = arrays(rows)
    parts = brier(pd, bad)
    assert parts.score == pytest.approx(parts.reliability - parts.resolution + parts.uncertainty)
    mixed = arrays(random.sample(rows, len(rows)))
    for figure in (brier, hosmer_lemeshow, spiegelhalter, delong, ks):
        assert figure(*mixed) == figure(pd, bad)


def test_calibration_tests_by_hand():
    pd, bad = np.repeat([0.1, 0.5], 10), np.repeat([True, False, True, False], [2, 8, 5, 5])
    found = hosmer_lemeshow(pd, bad)
    assert found.statistic == pytest.approx(1 / 0.9)
    assert found.p == pytest.approx(exp(-0.5 / 0.9))
    z = (2 - 1) * 0.8 / sqrt(10 * 0.64 * 0.09)
    assert spiegelhalter(pd, bad).statistic == pytest.approx(z)


def test_bands_and_lift():
    pd = np.arange(10) / 10
    table = bands(pd, pd >= 0.8, 5)
    assert table.n.tolist() == [2] * 5
    assert table.lift.tolist() == [0, 0, 0, 0, 5]
    assert table.captured.tolist() == [1] * 5
    assert table.expected.sum() == pytest.approx(pd.sum())
    assert bands(np.full(7, 0.5), np.ones(7, bool), 4).n.tolist() == [7]


def test_out_of_time_splits_by_day_and_leaves_the_undated_out():
    day = pa.chunked_array([[date(2004, 1, 1), date(2005, 1, 1), None]])
    learn, test = out_of_time(day, date(2005, 1, 1))
    assert learn.tolist() == [True, False, False]
    assert test.tolist() == [False, True, False]


def plain_weight(pd, lgd, lower):
    w, normal = (1 - exp(-50 * pd)) / (1 - exp(-50)), NormalDist()
    r = 0.12 * w + 0.24 * (1 - w) - lower
    shock = (normal.inv_cdf(pd) + sqrt(r) * normal.inv_cdf(0.999)) / sqrt(1 - r)
    b = (0.11852 - 0.05478 * log(pd)) ** 2
    return 12.5 * lgd * (normal.cdf(shock) - pd) / (1 - 1.5 * b)


def test_basel_risk_weights():
    weights = 100 * risk_weight(np.array([0.0025, 0.005, 0.01, 0.02, 0.05]), np.full(5, 0.45))
    assert weights.round(2).tolist() == [49.47, 69.61, 92.32, 114.85, 149.85]
    one = np.array([0.01]), np.array([0.45])
    assert risk_weight(*one, sales=5.0)[0] == risk_weight(*one, sales=1.0)[0]
    assert risk_weight(*one, sales=50.0)[0] == risk_weight(*one)[0]
    assert risk_weight(*one, sales=5.0)[0] == pytest.approx(plain_weight(0.01, 0.45, 0.04))
    assert risk_weight(np.array([1.0]), np.array([0.45]))[0] == 0


def test_stages_at_the_backstops():
    days = np.array([0, 29, 30, 89, 90, 0, 0])
    worse = np.array([0, 0, 0, 0, 0, 1, 1], bool)
    default = np.array([0, 0, 0, 0, 0, 0, 1], bool)
    assert stage(days, worse, default).tolist() == [1, 1, 2, 2, 3, 2, 3]


def test_expected_losses():
    pd, lgd, rate = np.full(3, 0.1), np.full(3, 0.5), np.full(3, 0.25)
    ead = np.array([[100.0, 50.0]] * 3)
    loss = expected_loss(pd, lgd, ead, rate)
    assert loss.year.tolist() == pytest.approx([4.0] * 3)
    assert loss.life.tolist() == pytest.approx([4.0 + 0.9 * 0.1 * 0.5 * 50 * 0.64] * 3)
    held = allowance(np.array([1, 2, 3]), loss, lgd, ead[:, 0])
    assert held.tolist() == pytest.approx([4.0, 5.44, 50.0])


def test_prudent_rates():
    assert prudent_rates([0], [100], 0.95)[0] == pytest.approx(1 - 0.05 ** (1 / 100))
    # Pluto and Tasche 2005: no defaults among 100, 400 and 300 firms, at 50 %: 0.09, 0.10, 0.23 %.
    found = [round(100 * p, 2) for p in prudent_rates([0, 0, 0], [100, 400, 300], 0.5)]
    assert found == [0.09, 0.10, 0.23]
    assert prudent_rates([2], [2], 0.9) == [1.0]
    assert log(1 - prudent_rates([0], [1], 0.5)[0]) == pytest.approx(log(0.5))
    with pytest.raises(UsageError):
        prudent_rates([3], [2], 0.9)
