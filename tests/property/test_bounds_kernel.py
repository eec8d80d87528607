"""Bounds of temporal flows against all ways to part money, and against linear programs."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs import bounding, temporal
from support.splits import counted, solved


def found(flows, opening, supply, places):
    """Run the kernel on plain lists; return [(least, most)] by place, and what limits them."""
    src, dst, amount = (np.array(c, np.int64) for c in (zip(*flows) if flows else [[]] * 3))  # noqa: B905 - of one length
    money = np.array(opening, np.int64)
    start = np.flatnonzero(supply)
    held = temporal.balances(src, dst, amount, money)
    part = np.array(supply, np.int64)[start]
    net = temporal.network((src, dst, amount), held, start, part, len(money))
    ends = np.append(0, np.cumsum([len(p) for p in places]))
    nodes = np.array([a for p in places for a in p], np.int64)
    least, most, limits = bounding.bounds(net, part, nodes, ends)
    return list(zip(least.tolist(), most.tolist(), strict=True)), limits, net


@st.composite
def logs(draw, accounts, flows, most):
    """Transfers, and money at the start of which a part, or all of one account, is followed."""
    n = draw(st.integers(2, accounts))
    account, amount = st.integers(0, n - 1), st.integers(0, most)
    log = draw(st.lists(st.tuples(account, account, amount), min_size=1, max_size=flows))
    opening = draw(st.lists(amount, min_size=n, max_size=n))
    starts = draw(st.lists(account, min_size=1, max_size=2, unique=True))
    supply = [draw(st.integers(0, x)) if a in starts else 0 for a, x in enumerate(opening)]
    return log, opening, supply


GREEDY_FAILS = (
    [(0, 1, 100), (0, 2, 100), (1, 3, 10), (2, 3, 100)], [200, 0, 0, 0], [100, 0, 0, 0],
)  # fmt: skip
"""Passing on all that can be passed on at once leaves 10 at the end; 100 can be there."""


def test_passing_on_at_once_is_not_the_most():
    (bounds,), _, _ = found(*GREEDY_FAILS, [[3]])
    assert bounds == (10, 100)


@settings(max_examples=300, deadline=None)
@given(logs(4, 8, 5))
@example(([(1, 0, 1)], [1, 0], [1, 0]))
def test_bounds_are_the_ends_of_all_ways_to_part_money(log):
    where = [*([a] for a in range(len(log[1]))), [0, 1]]
    assert found(*log, where)[0] == [counted(*log, p) for p in where]


@settings(max_examples=60, deadline=None)
@given(logs(12, 80, 10**6))
def test_bounds_are_those_of_a_linear_program(log):
    where = [[a] for a in range(len(log[1]))]
    assert found(*log, where)[0] == [solved(*log, p) for p in where]
