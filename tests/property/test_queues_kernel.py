"""The compiled lot engine against the plain one, and its promises."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liandong.kernels.money import lotfound, queues
from liandong.kernels.money.proportion import in_proportion
from support import lots

METHODS = tuple(queues.METHODS)
NONE = np.empty(0, np.int64)


def traced(flows, opening, facility=None, method="fifo", *, merge=False):
    """Run the kernel on plain lists."""
    src, dst, amount, undoes = [np.array(c, np.int64) for c in zip(*flows, strict=True)] or [
        NONE
    ] * 4
    start, origin = (np.array(c, np.int64) for c in zip(*opening, strict=True))
    most = np.array(facility or [0] * len(opening), np.int64)
    rule = queues.METHODS[method]._replace(merge=merge)
    ends = src.astype(np.int32), dst.astype(np.int32)
    return queues.trace(*ends, amount, undoes, start, origin, most, rule)


def pairs(rows):
    found = {(k, o): x for k, o, x in rows.tolist()}
    assert len(found) == len(rows)  # one row for a pair
    return found


def evidence(got):
    """Return lots as the oracle tells them."""
    rows = []
    for flow, origin, x, left, parent, paid, account in zip(
        *(c.tolist() for c in got.lots), strict=True
    ):
        where = account if paid == queues.NO_DEBT else (lots.PAID, account, paid)
        rows.append([flow, origin, x, None if parent < 0 else parent, where, left])
    return rows


@st.composite
def logs(draw, most=10**15):
    n = draw(st.integers(2, 6))
    account, amount = st.integers(0, n - 1), st.integers(0, draw(st.sampled_from([5, 1000, most])))
    opening = draw(st.lists(st.tuples(amount, st.integers(0, 3)), min_size=n, max_size=n))
    facility = draw(st.lists(st.one_of(st.just(0), amount), min_size=n, max_size=n))
    for a in range(n):
        if draw(st.integers(0, 4)) == 0:
            opening[a] = (-facility[a] // 2, 0)
    flows = []
    for i in range(draw(st.integers(0, 40))):
        back = draw(st.integers(0, i - 1)) if i and draw(st.integers(0, 4)) == 0 else -1
        pair = flows[back][1::-1] if back >= 0 else (draw(account), draw(account))
        flows.append((*pair, draw(amount), back))
    return flows, opening, facility


GIVEN_BACK_TWICE = (
    [(0, 0, 0, -1), (2, 0, 1, -1), (0, 2, 2, 1), (0, 0, 0, 0), (0, 0, 0, 0), (2, 0, 2, 2),
     (0, 2, 1, 5)],
    [(1, 1), (0, 0), (1, 2)], [0, 0, 0],
)  # fmt: skip
"""A refund of a refund, in which two loans have the same claim to the odd fen."""


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=80, deadline=None)
@given(log=logs(), room=st.sampled_from([1, 2, 1 << 16]), stretch=st.sampled_from([1, 5, 1 << 20]))
@example(GIVEN_BACK_TWICE, 1, 1)
def test_the_kernel_equals_the_oracle_in_every_fen(method, log, room, stretch):
    flows, opening, facility = log
    with patch.object(queues, "FIRST_ROOM", room), patch.object(lotfound, "STRETCH", stretch):
        got = traced(flows, opening, facility, method)  # growing and going on are tried as well
    moved, held, short, debts, rows = lots.trace(flows, opening, facility, method)
    assert pairs(got.moved) == moved
    assert pairs(got.held) == {k: x for k, x in held.items() if k[1]}
    assert pairs(got.debts) == debts
    assert evidence(got) == rows
    accounts = range(len(opening))
    assert got.balance.tolist() == [
        sum(x for (a, _), x in held.items() if a == k) for k in accounts
    ]
    assert got.short.tolist() == [short[k] for k in accounts]


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25, deadline=None)
@given(log=logs())
def test_no_fen_is_lost_and_parents_lead_to_the_start(method, log):
    flows, opening, facility = log
    got = traced(flows, opening, facility, method)
    for origin in {o for x, o in opening if o and x}:
        start = sum(x for x, o in opening if o == origin)
        assert (
            got.held[got.held[:, 1] == origin, 2].sum()
            + got.debts[got.debts[:, 1] == origin, 2].sum()
            == start
        )
        assert got.lots.left[got.lots.origin == origin].sum() == start
    parent, amount = got.lots.parent, got.lots.amount
    child = np.flatnonzero(parent >= 0)
    assert (parent[child] < child).all()
    assert ((parent >= 0) == (got.lots.flow >= 0)).all()
    spent = np.zeros(len(parent), np.int64)
    np.add.at(spent, parent[child], amount[child])
    assert (spent + got.lots.left == amount).all()


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25, deadline=None)
@given(log=logs())
def test_merging_neighbours_changes_no_sum(method, log):
    apart, merged = (traced(*log, method, merge=m) for m in (False, True))
    for name in ("moved", "held", "debts", "balance", "short"):
        one, other = getattr(apart, name), getattr(merged, name)
        assert sorted(one.tolist()) == sorted(other.tolist())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2**59), min_size=1, max_size=6), st.data())
def test_proportional_split_is_exact(parts, data):
    total = data.draw(st.integers(0, sum(parts)))
    share = in_proportion(total, np.array(parts, np.int64)).tolist()
    assert share == lots.largest_remainder(total, parts)
    assert sum(share) == total
    assert all(s <= p for s, p in zip(share, parts, strict=True))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("opening", [0, 10**6])
def test_a_long_log_of_many_loans(method, opening):
    random = np.random.default_rng(5)
    n, loans = 6_000, 100
    src, dst = random.integers(0, 200, (2, n))
    amount = random.integers(0, 10_000, n)
    first = random.permutation(n)[:loans]
    src[first] = 200 + np.arange(loans)
    start = [(opening, 0)] * 200 + [(x, 1 + k) for k, x in enumerate(amount[first].tolist())]
    flows = list(zip(src.tolist(), dst.tolist(), amount.tolist(), [-1] * n, strict=True))
    got = traced(flows, start, method=method)
    moved, held, *_, rows = lots.trace(flows, start, method=method)
    assert pairs(got.moved) == moved
    assert pairs(got.held) == {k: x for k, x in held.items() if k[1]}
    assert evidence(got) == rows
