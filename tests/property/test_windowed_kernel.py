"""Taint in, highest out: against every possible way, and its promises."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.money import haircut
from liandong.kernels.money.windowed import trace

NONE = np.empty(0, np.int64)


def run(flows, opening, window, facility=()):
    columns = [np.array(c, np.int64) for c in zip(*flows, strict=True)] or [NONE] * 4
    start = [np.array(c, np.int64) for c in zip(*opening, strict=True)]
    return trace(*columns, *start, np.array(facility, np.int64), np.array(window, np.int64))


def taken(moved, flows):
    """Return how much of all traced origins each flow takes."""
    found = np.zeros(len(flows), np.int64)
    np.add.at(found, moved[:, 0], moved[:, 2])
    return found.tolist()


def best(events, there, clean):
    """Return what the payments among ``events`` take, by trying everything.

    Events are (traced, other) that comes in, or an amount that is paid.
    """
    outs = [k for k, e in enumerate(events) if not isinstance(e, tuple)]
    rank = sorted(outs, key=lambda k: (-events[k], k))
    possible = []
    for xs in product(*(range(events[k] + 1) for k in outs)):
        chosen, t, c = dict(zip(outs, xs, strict=True)), there, clean
        for k, e in enumerate(events):
            t, c = (t + e[0], c + e[1]) if isinstance(e, tuple) else (
                t - chosen[k], c - (e - chosen[k])
            )  # fmt: skip
            if t < 0 or c < 0:
                break
        else:
            possible.append(tuple(chosen[k] for k in rank))
    return dict(zip(rank, max(possible), strict=True)) if possible else {}


@st.composite
def one_account(draw):
    """Account 0 that is paid by loan 1, of account 1, and by account 2; and pays account 3."""
    there, clean = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    events, balance = [], there + clean
    for _ in range(draw(st.integers(1, 7))):
        if draw(st.booleans()) and balance:
            events.append(draw(st.integers(1, min(balance, 6))))
            balance -= events[-1]
        else:
            events.append(draw(st.sampled_from([(2, 0), (0, 2), (5, 0), (0, 5)])))
            balance += sum(events[-1])
    return events, there, clean


@settings(max_examples=200, deadline=None)
@given(one_account())
def test_the_largest_get_the_most_that_time_allows(case):
    events, there, clean = case
    flows = [(4, 0, there, -1), (5, 0, clean, -1)]
    flows += [
        (1 + (e[0] == 0), 0, sum(e), -1) if isinstance(e, tuple) else (0, 3, e, -1) for e in events
    ]
    opening = [(0, 0), (100, 1), (100, 0), (0, 0), (there, 1), (clean, 0)]
    moved, *_ = run(flows, opening, [0] * len(flows))
    got = taken(moved, flows)[2:]
    want = best(events, there, clean)
    assert {k: got[k] for k in want} == want


@st.composite
def logs(draw):
    n = draw(st.integers(2, 6))
    account, amount = (
        st.integers(0, n - 1),
        st.integers(0, draw(st.sampled_from([5, 1000, 10**15]))),
    )
    opening = draw(st.lists(st.tuples(amount, st.just(0)), min_size=n, max_size=n))
    opening += [(draw(amount), k) for k in range(1, 4)]
    flows, window = [], []
    for i in range(draw(st.integers(0, 40))):
        back = draw(st.integers(0, i - 1)) if i and draw(st.integers(0, 4)) == 0 else -1
        anybody = draw(st.integers(0, len(opening) - 1))
        pair = flows[back][1::-1] if back >= 0 else (anybody, draw(account))
        flows.append((*pair, draw(amount), back))
        window.append((window[-1] if window else 0) + draw(st.integers(0, 6)) // 6)
    facility = draw(st.just([]) | st.lists(amount, min_size=len(opening), max_size=len(opening)))
    return flows, opening, window, facility


@settings(max_examples=200, deadline=None)
@given(logs())
def test_no_fen_is_lost_and_nothing_is_taken_that_is_not_there(log):
    flows, opening, _, facility = log
    moved, held, balance, short, debts = run(*log)
    for origin in range(1, 4):
        start = sum(x for x, o in opening if o == origin)
        assert sum(r[2] for rows in (held, debts) for r in rows.tolist() if r[1] == origin) == start
    assert all(x <= f[2] for x, f in zip(taken(moved, flows), flows, strict=True))
    traced = np.zeros(len(opening), np.int64)
    np.add.at(traced, held[:, 0], held[:, 2])
    assert (traced <= np.maximum(balance, 0)).all()
    # What accounts hold and owe does not depend on the rule.
    plain = haircut.trace(
        *(np.array(c, np.int64) for c in (list(zip(*flows, strict=True)) or [[]] * 4)),
        *(np.array(c, np.int64) for c in zip(*opening, strict=True)), np.array(facility, np.int64),
    )  # fmt: skip
    assert balance.tolist() == plain[2].tolist()
    assert short.tolist() == plain[3].tolist()


@settings(max_examples=60, deadline=None)
@given(logs())
def test_windows_of_one_transfer_take_traced_money_first(log):
    flows = [(*f[:3], -1) for f in log[0]]
    moved, *_ = run(flows, log[1], range(len(flows)))
    traced = [x if o else 0 for x, o in log[1]]
    balance = [x for x, _ in log[1]]
    for (s, d, x, _), got in zip(flows, taken(moved, flows), strict=True):
        if s == d:
            continue
        assert got == min(x, traced[s])
        traced[s] -= got
        traced[d] += got
        balance[s] = max(balance[s] - x, 0)
        balance[d] += x


def paid(*flows, opening, window=None):
    moved, held, *_ = run([(*f, -1) for f in flows], opening, window or [0] * len(flows))
    return taken(moved, flows), {a: x for a, _, x in held.tolist()}


def test_the_known_answer():
    # 100 there, a loan of 300, 200 more; 250 to one and 150 to another.
    opening = [(100, 0), (0, 0), (0, 0), (300, 1), (200, 0)]
    _, held = paid((3, 0, 300), (4, 0, 200), (0, 1, 250), (0, 2, 150), opening=opening)
    assert held == {1: 250, 2: 50}


def test_through_a_chain_in_one_window():
    # The loan goes on at once to account 1, which first pays little and then much.
    opening = [(0, 0), (100, 0), (0, 0), (0, 0), (100, 1)]
    flows = [(4, 0, 100), (0, 1, 100), (1, 2, 60), (1, 3, 90)]
    took, held = paid(*flows, opening=opening)
    assert took == [100, 100, 10, 90]
    assert held == {2: 10, 3: 90}


def test_what_came_later_was_not_paid_before():
    # The large payment was made when there was no loan yet.
    opening = [(500, 0), (0, 0), (0, 0), (100, 1)]
    took, held = paid((0, 1, 400), (3, 0, 100), (0, 2, 50), opening=opening)
    assert took == [0, 100, 50]
    assert held == {0: 50, 2: 50}


def test_what_must_be_paid_of_the_loan_is_paid_even_if_little():
    # When the small payment was made there was nothing but the loan.
    opening = [(0, 0), (0, 0), (0, 0), (100, 1), (500, 0)]
    flows = [(3, 0, 100), (0, 1, 80), (4, 0, 500), (0, 2, 500)]
    assert paid(*flows, opening=opening)[1] == {1: 80, 2: 20}


def test_a_later_window_gets_what_is_left():
    opening = [(100, 0), (0, 0), (0, 0), (100, 1)]
    flows = [(3, 0, 100), (0, 1, 30), (0, 2, 60)]
    assert paid(*flows, opening=opening)[1] == {0: 10, 1: 30, 2: 60}
    assert paid(*flows, opening=opening, window=[0, 0, 1])[1] == {0: 10, 1: 30, 2: 60}
    flows = [(3, 0, 50), (0, 1, 30), (0, 2, 60)]
    opening[3] = (50, 1)
    assert paid(*flows, opening=opening)[1] == {2: 50}
    assert paid(*flows, opening=opening, window=[0, 0, 1])[1] == {1: 30, 2: 20}


def test_a_circle_ends():
    opening = [(1000, 0), (1000, 0), (7, 1)]
    flows = [(2, 0, 7), *[((k % 2), (k + 1) % 2, 100 + k) for k in range(200)]]
    _, held = paid(*flows, opening=opening)
    assert sum(held.values()) == 7
