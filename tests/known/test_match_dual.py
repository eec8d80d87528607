"""Bounds and co-financing on instances whose linear optimum is known or solved by HiGHS."""

from dataclasses import replace

import numpy as np
import pytest

from liandong.match.core.cofinance import shared
from liandong.match.core.dual import exact, prices
from liandong.match.core.exact import relaxed
from liandong.match.core.problem import check, worth
from support.instances import inclusion

# Linear optima of seed 1, million yuan, to which simplex and interior point agree.
KNOWN = {2_000: 47.2421787878, 10_000: 237.36773245223}
QUANTISED = 3e-7
"""Amounts in whole fen and values in 10^-8; credits of sides are rounded up."""


@pytest.mark.parametrize("projects", KNOWN)
def test_bounds_meet_the_known_linear_optimum(projects):
    problem = inclusion.instance(projects, 1)
    problem.check()
    proved = exact(problem, prices(problem)).bound / 10**8
    assert -QUANTISED < proved / KNOWN[projects] - 1 < 1e-6


@pytest.mark.parametrize(("seed", "tight"), [(21, 1.6), (22, 1.1), (23, 3.0)])
def test_bounds_meet_the_solver(seed, tight):
    problem = inclusion.instance(2_000, seed, replace(inclusion.USUAL, tight=tight))
    share, _ = relaxed(problem)
    best = float((share * problem.most * (problem.value / 1e8)).sum())
    proved = exact(problem, prices(problem)).bound
    assert -QUANTISED < proved / best - 1 < 1e-6


@pytest.mark.parametrize(("seed", "tight"), [(31, 1.6), (32, 1.1)])
def test_co_financing_splits_few_and_misses_nearly_nothing(seed, tight):
    family = replace(inclusion.USUAL, tight=tight)
    problem = inclusion.instance(10_000, seed, family, split=True)
    at = prices(problem)
    arc, amount = shared(problem, at)
    check(problem, arc, amount, split=True)
    proved = exact(problem, at).bound
    assert proved - worth(problem, arc, amount).sum() <= 1e-5 * proved
    parts = np.unique(problem.project[arc[amount < problem.most[arc]]])
    assert len(parts) <= len(problem.capacity) + len(problem.sides)
