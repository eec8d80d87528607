"""Ranges of shadow prices against re-solves of the relaxation by HiGHS, limit by limit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.match import allocate
from liandong.match.allocation.ranges import ranges
from liandong.match.core.exact import relaxed
from liandong.match.core.problem import UNIT
from liandong.types import PPM, Money
from support.lending import WAN, products, quotes
from support.pools import problem_of

NEAR = 12
"""1 / UNIT: prices and reduced values are rounded to whole ones of these."""


def worth(problem):
    """Return the value of the relaxation in fen, or None if nothing is possible."""
    found = relaxed(problem)
    return None if found is None else float((found[0] * problem.most * problem.value / UNIT).sum())


def moved(problem, k, at):
    """Return the problem with limit ``k``, products first, moved to ``at``."""
    m = len(problem.capacity)
    if k < m:
        capacity = problem.capacity.copy()
        capacity[k] = at
        return replace(problem, capacity=capacity)
    sides = list(problem.sides)
    sides[k - m] = replace(sides[k - m], least=at * PPM)
    return replace(problem, sides=tuple(sides))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_the_price_is_the_slope_within_the_range_and_not_beyond(seed):
    problem = problem_of(seed)
    _, prices = relaxed(problem)
    found, m, now = ranges(problem, prices, tolerance=NEAR), len(problem.capacity), worth(problem)
    slope = np.append(prices.product, -prices.side) / UNIT
    places = [*problem.capacity.tolist(), *(s.least // PPM for s in problem.sides)]
    assert found.tolerance == NEAR
    for k, (r, at) in enumerate(zip((*found.product, *found.side), places, strict=True)):
        line = lambda x, k=k, at=at: now + slope[k] * (x - at)  # noqa: E731
        for end, way in ((r.low, -1), (r.high, 1)):
            far = at + way * 10**9 if end is None else end
            far = max(far, 0) if k < m else far
            reached = worth(moved(problem, k, far))
            assert reached == pytest.approx(line(far), abs=300), (k, r, at)
            beyond = far + way * 2 * WAN
            if end is None or (k < m and beyond < 0) or (k >= m and beyond > 0 > places[k]):
                continue
            reached = worth(moved(problem, k, beyond))
            assert reached is None or reached < line(beyond) - 1, (k, r, at, way)


def test_a_price_that_holds_to_one_side_only_gives_a_direction():
    # Both get all they may: one yuan less costs something, one more brings nothing.
    quote = quotes(E={"value_rate": 10_000}, F={"value_rate": 9_000})
    got = allocate(quote, products(P={}), as_of="2023-12-31", budget=Money(200 * WAN))
    budget = got["allocation_limit"].to_pylist()[0]
    assert budget["limit_id"] == "budget"
    assert budget["directional"] or budget["price"] == 0
    # Half of the second: the price holds while some of it, and not all, is paid for.
    got = allocate(quote, products(P={}), as_of="2023-12-31", budget=Money(150 * WAN))
    budget = got["allocation_limit"].to_pylist()[0]
    assert (budget["price"], budget["directional"]) == (0.009, False)
    assert (budget["valid_from"], budget["valid_to"]) == (100 * WAN, 200 * WAN)


def test_limits_that_are_shares_are_told_as_money():
    quote = quotes(
        BIG={"micro": False, "value_rate": 20_000, "limit": 100 * WAN},
        E={"value_rate": 1_000, "limit": 70 * WAN},
    )
    got = allocate(quote, products(P={}), as_of="2023-12-31", budget=Money(80 * WAN))
    limits = {r["limit_id"]: r for r in got["allocation_limit"].to_pylist()}
    micro = limits["micro"]
    assert micro["bound"] == micro["used"] == 56 * WAN
    # At 80 in all the floor may be as low as 0 or as high as all that E can take.
    assert (micro["valid_from"], micro["valid_to"]) == (0, 70 * WAN)
    assert micro["price"] == pytest.approx(0.019)


def test_prices_that_are_not_right_are_given_no_range():
    problem = problem_of(1)
    _, prices = relaxed(problem)
    wrong = prices._replace(product=prices.product + UNIT // 100)
    found = ranges(problem, wrong, tolerance=NEAR)
    assert all(r.low is r.high is None and r.directional for r in (*found.product, *found.side))
    # Nearly right ones are given a range within which they are nearly right.
    near = prices._replace(product=prices.product + 50)
    assert NEAR < ranges(problem, near, tolerance=NEAR).tolerance <= 200
