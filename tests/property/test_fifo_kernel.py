"""The compiled lot engine against the plain one, and its promises."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liandong.kernels import fifo
from support import lots

NONE = np.empty(0, np.int64)


def run(flows, opening):
    """Run the kernel on plain lists and return what the oracle returns, with the balances."""
    columns = [np.array(c, np.int64) for c in zip(*flows, strict=True)] or [NONE] * 4
    start = [np.array(c, np.int64) for c in zip(*opening, strict=True)]
    moved, held, balance, short = fifo.trace(*columns, *start)
    return (
        {(i, o): x for i, o, x in moved.tolist()},
        {(a, o): x for a, o, x in held.tolist()},
        balance.tolist(),
        short.tolist(),
        (len(moved), len(held)),
    )


@st.composite
def logs(draw, most=10**15):
    n = draw(st.integers(2, 6))
    account, amount = st.integers(0, n - 1), st.integers(0, draw(st.sampled_from([5, 1000, most])))
    opening = draw(st.lists(st.tuples(amount, st.integers(0, 3)), min_size=n, max_size=n))
    flows = []
    for i in range(draw(st.integers(0, 40))):
        back = draw(st.integers(0, i - 1)) if i and draw(st.integers(0, 4)) == 0 else -1
        pair = flows[back][1::-1] if back >= 0 else (draw(account), draw(account))
        flows.append((*pair, draw(amount), back))
    return flows, opening


GIVEN_BACK_TWICE = (
    [(0, 0, 0, -1), (2, 0, 1, -1), (0, 2, 2, 1), (0, 0, 0, 0), (0, 0, 0, 0), (2, 0, 2, 2),
     (0, 2, 1, 5)],
    [(1, 1), (0, 0), (1, 2)],
)  # fmt: skip
"""A refund of a refund, in which two loans have the same claim to the odd fen."""


@settings(max_examples=200, deadline=None)
@given(logs(), st.sampled_from([1, 2, 1 << 16]))
@example(GIVEN_BACK_TWICE, 1)
def test_the_kernel_equals_the_oracle_in_every_fen(log, room):
    flows, opening = log
    was, fifo.FIRST_ROOM = fifo.FIRST_ROOM, room  # so that growing is tried as well
    try:
        moved, held, balance, short, rows = run(flows, opening)
    finally:
        fifo.FIRST_ROOM = was
    want_moved, want_held, want_short = lots.trace(flows, opening)
    assert moved == want_moved
    assert held == {k: x for k, x in want_held.items() if k[1]}
    assert rows == (len(moved), len(held))  # one row for a pair
    accounts = range(len(opening))
    assert balance == [sum(x for (a, _), x in want_held.items() if a == k) for k in accounts]
    assert short == [want_short[k] for k in accounts]


@settings(max_examples=100, deadline=None)
@given(logs())
def test_no_fen_of_any_origin_is_lost(log):
    flows, opening = log
    _, held, *_ = run(flows, opening)
    for origin in {o for _, o in opening if o}:
        start = sum(x for x, o in opening if o == origin)
        assert sum(x for (_, o), x in held.items() if o == origin) == start


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 2**59), min_size=1, max_size=6), st.data())
def test_proportional_split_is_exact(parts, data):
    total = data.draw(st.integers(0, sum(parts)))
    share = fifo.in_proportion(total, np.array(parts, np.int64)).tolist()
    assert share == lots.largest_remainder(total, parts)
    assert sum(share) == total
    assert all(s <= p for s, p in zip(share, parts, strict=True))


@pytest.mark.parametrize("tainted", [False, True])
def test_a_long_log_of_many_loans(tainted):
    random = np.random.default_rng(5)
    n, loans = 30_000, 200
    src, dst = random.integers(0, 500, (2, n))
    amount = random.integers(0, 10_000, n)
    first = random.permutation(n)[:loans]
    src[first] = 500 + np.arange(loans)
    opening = np.concatenate([np.full(500, 0 if tainted else 10**6), amount[first]])
    origin = np.concatenate([np.zeros(500, np.int64), 1 + np.arange(loans)])
    flows = list(zip(src.tolist(), dst.tolist(), amount.tolist(), [-1] * n, strict=True))
    moved, held, *_ = run(flows, list(zip(opening.tolist(), origin.tolist(), strict=True)))
    want_moved, want_held, _ = lots.trace(
        flows, list(zip(opening.tolist(), origin.tolist(), strict=True))
    )
    assert moved == want_moved
    assert held == {k: x for k, x in want_held.items() if k[1]}
