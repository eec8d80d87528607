"""The compiled haircut against the plain one, and its promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.money import haircut, shares
from support import mixed

NONE = np.empty(0, np.int64)


def run(flows, opening, facility=()):
    columns = [np.array(c, np.int64) for c in zip(*flows, strict=True)] or [NONE] * 4
    start = [np.array(c, np.int64) for c in zip(*opening, strict=True)]
    return haircut.trace(*columns, *start, np.array(facility, np.int64))


def told(rows):
    """Return rows (where, origin, amount) by the first two, each once."""
    found = {(i, o): x for i, o, x in rows.tolist()}
    assert len(found) == len(rows)
    assert rows.tolist() == sorted(rows.tolist())
    return found


def traced(amounts):
    return {k: x for k, x in amounts.items() if k[1] and x}


@st.composite
def logs(draw, most=10**15, origins=4):
    n = draw(st.integers(2, 6))
    account, amount = st.integers(0, n - 1), st.integers(0, draw(st.sampled_from([5, 1000, most])))
    start = st.tuples(amount | st.just(-3), st.integers(0, origins))
    opening = draw(st.lists(start, min_size=n, max_size=n))
    opening += [(draw(amount), k) for k in range(1, origins + 1)]
    anybody = st.integers(0, len(opening) - 1)
    flows = []
    for i in range(draw(st.integers(0, 40))):
        back = draw(st.integers(0, i - 1)) if i and draw(st.integers(0, 4)) == 0 else -1
        pair = flows[back][1::-1] if back >= 0 else (draw(anybody), draw(account))
        flows.append((*pair, draw(amount), back))
    facility = draw(st.just([]) | st.lists(amount, min_size=len(opening), max_size=len(opening)))
    return flows, opening, facility


@settings(max_examples=300, deadline=None)
@given(logs(), st.sampled_from([1, 1 << 10]))
def test_the_kernel_equals_the_oracle_in_every_fen(log, room):
    was, haircut.FIRST_ROOM, shares.FIRST_ROOM = haircut.FIRST_ROOM, room, room + 1
    try:
        moved, held, balance, short, debts = run(*log)
    finally:
        haircut.FIRST_ROOM = shares.FIRST_ROOM = was
    want, bank = mixed.trace(*log)
    assert told(moved) == traced(want)
    there = {(a, o): x for a, money in bank.held.items() for o, x in money.items()}
    assert told(held) == traced(there)
    assert told(debts) == traced(bank.paid)
    accounts = range(len(log[1]))
    assert balance.tolist() == [bank.held[a].total() - bank.debt[a] for a in accounts]
    assert short.tolist() == [bank.short[a] for a in accounts]


@settings(max_examples=100, deadline=None)
@given(logs(origins=30))
def test_no_fen_of_any_origin_is_lost(log):
    _, held, *_, debts = run(*log)
    for origin in range(1, 31):
        start = sum(x for x, o in log[1] if o == origin and x > 0)
        assert sum(r[2] for rows in (held, debts) for r in rows.tolist() if r[1] == origin) == start


BIG = st.integers(0, 2**59) | st.integers(0, 2**45)


@settings(max_examples=500, deadline=None)
@given(st.lists(BIG, min_size=1, max_size=12), BIG, st.data())
def test_counting_out_is_exact_whatever_the_sizes(parts, clean, data):
    # All in one account, from which one payment is taken.
    whole = min(sum(parts) + clean, 2**62 - 1)
    parts = [p for p in parts if p] or [1]
    total = data.draw(st.integers(0, sum(parts) + clean) | st.just(min(whole, 2**50)))
    if 2 * (sum(parts) + clean) >= 2**62:
        return
    total = min(total, sum(parts) + clean)
    k = len(parts)
    opening = [(0, 0), (0, 0), (clean, 0)] + [(x, o + 1) for o, x in enumerate(parts)]
    flows = [(3 + o, 0, x, -1) for o, x in enumerate(parts)] + [(2, 0, clean, -1)]
    moved, *_ = run([*flows, (0, 1, total, -1)], opening)
    got = {o: x for i, o, x in moved.tolist() if i == k + 1}
    want = mixed.in_proportion(total, dict(enumerate([clean, *parts])))
    assert got == {o: x for o, x in want.items() if o}


@pytest.mark.parametrize("clean", [0, 10**6])
def test_a_long_log_of_many_loans(clean):
    random = np.random.default_rng(5)
    n, loans, accounts = 4_000, 60, 50
    src, dst = random.integers(0, accounts, (2, n))
    amount = random.integers(0, 10_000, n)
    first = np.sort(random.permutation(n)[:loans])
    src[first] = accounts + np.arange(loans)
    opening = [(clean, 0)] * accounts + [(int(x), 1 + k) for k, x in enumerate(amount[first])]
    flows = list(zip(src.tolist(), dst.tolist(), amount.tolist(), [-1] * n, strict=True))
    moved, held, *_ = run(flows, opening)
    want, bank = mixed.trace(flows, opening)
    assert told(moved) == traced(want)
    assert told(held) == traced({(a, o): x for a in bank.held for o, x in bank.held[a].items()})
    assert len(held) > 20 * accounts  # lists have grown long
