"""Exchanged money: the compiled methods and valuations against plain ones, and their promises."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.money import haircut, lotfound, queues, windowed
from liandong.kernels.money.worth import of_lots, of_moves
from support import lots, mixed

NONE = np.empty(0, np.int64)
METHODS = tuple(queues.METHODS)


@st.composite
def logs(draw, most=10**14):
    """Logs in which some transfers are exchanged; the last three accounts hold what is lent."""
    n = draw(st.integers(2, 5))
    amount = st.integers(0, draw(st.sampled_from([5, 1000, most])))
    opening = [(draw(amount), 0) for _ in range(n)] + [(draw(amount), k) for k in (1, 2, 3)]
    facility = draw(st.lists(st.one_of(st.just(0), amount), min_size=n, max_size=n)) + [0] * 3
    for a in range(n):
        if draw(st.integers(0, 3)) == 0:
            opening[a] = (-facility[a], 0)
    flows, arrives = [], []
    for _ in range(draw(st.integers(1, 30))):
        x = draw(amount)
        rate = draw(st.sampled_from([(1, 1), (1, 1), (14, 100), (7, 1), (1, 10**4)]))
        back = (
            draw(st.integers(0, len(flows) - 1)) if flows and draw(st.integers(0, 4)) == 0 else -1
        )
        if back >= 0 and arrives[back] == flows[back][2]:
            src, dst = flows[back][1::-1]
            rate = (1, 1)
        else:
            back, src, dst = -1, draw(st.integers(0, n + 2)), draw(st.integers(0, n - 1))
        flows.append((src, dst, x, back))
        arrives.append(x * rate[0] // rate[1])
    return flows, opening, facility, arrives


def columns(log):
    """Return what kernels are fed with."""
    flows, opening, facility, arrives = log
    src, dst, amount, undoes = [np.array(c, np.int64) for c in zip(*flows, strict=True)] or [
        NONE
    ] * 4
    start, origin = (np.array(c, np.int64) for c in zip(*opening, strict=True))
    moneys = np.stack([amount, np.array(arrives, np.int64)])
    return src, dst, moneys, undoes, start, origin, np.array(facility, np.int64)


def in_queues(log, method):
    src, dst, *rest = columns(log)
    return queues.trace(src.astype(np.int32), dst.astype(np.int32), *rest, queues.METHODS[method])


def book(log, short):
    """Return the balances of all accounts, kept plainly."""
    flows, opening, _, arrives = log
    found = [x + y for (x, _), y in zip(opening, short.tolist(), strict=True)]
    for (src, dst, amount, _), got in zip(flows, arrives, strict=True):
        if src != dst:
            found[src] -= amount
            found[dst] += got
    return found


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=80, deadline=None)
@given(
    log=logs(), room=st.sampled_from([1, 2, 1 << 16]), stretch=st.sampled_from([1, 5, 1 << 20]),
    data=st.data(),
)  # fmt: skip
def test_lots_and_their_worth_equal_the_plain_ones(method, log, room, stretch, data):
    with patch.object(queues, "FIRST_ROOM", room), patch.object(lotfound, "STRETCH", stretch):
        got = in_queues(log, method)
    flows, opening, facility, arrives = log
    rows, taken = lots.exchanged(flows, opening, facility, method, arrives)
    mine = zip(*(c.tolist() for c in got.lots), strict=True)
    where = [
        [f, o, x, None if p < 0 else p, a if d == queues.NO_DEBT else (lots.PAID, a, d), left]
        for f, o, x, left, p, d, a in mine
    ]
    assert where == rows
    assert got.taken.tolist() == taken
    assert got.balance.tolist() == book(log, got.short)
    home = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    found = of_lots(got.lots.amount, got.taken, got.lots.parent, np.array(home, bool))
    assert [x.tolist() for x in found] == list(lots.worth(rows, taken, home))
    # Whatever accounts are at home, every fen that was lent is left or lost.
    _, left, lost = found
    for origin in (1, 2, 3):
        of = got.lots.origin == origin
        assert left[of].sum() + lost[of].sum() == sum(x for x, o in opening if o == origin)


def in_pools(moved, log, home):
    """Value moves plainly: pools (account, loan) of [there, worth, paid debts, their worth]."""
    flows, opening, *_ = log
    pools = {(a, o): [x, x, 0, 0] for a, (x, o) in enumerate(opening) if o and x > 0}
    told = []
    for i, o, taken, arrived, banked in moved:
        pool = pools[flows[i][0], o]
        share = pool[1] * taken // pool[0]
        pool[0], pool[1] = pool[0] - taken, pool[1] - share
        to = pools.setdefault((flows[i][1], o), [0, 0, 0, 0])
        comes = arrived if home(flows[i][1], o) or not arrived else share
        pays = banked - to[2]
        part = comes * pays // arrived if pays else 0
        to[:] = [to[0] + arrived - pays, to[1] + comes - part, banked, to[3] + part]
        told.append((share, share - comes))
    return told, pools


@settings(max_examples=200, deadline=None)
@given(logs(), st.sampled_from([1, 1 << 10]), st.sets(st.integers(0, 20)))
def test_haircut_and_its_worth_equal_the_plain_ones(log, room, homes):
    was, haircut.FIRST_ROOM = haircut.FIRST_ROOM, room
    try:
        moved, held, balance, short, debts = haircut.trace(*columns(log))
    finally:
        haircut.FIRST_ROOM = was
    flows, opening, facility, arrives = log
    came = {}
    want, bank = mixed.trace(flows, opening, facility, arrives, came)
    assert {(i, o): x for i, o, x, *_ in moved.tolist()} == {
        k: x for k, x in want.items() if k[1] and x
    }
    assert all(came[i, o] == (got, paid) for i, o, _, got, paid in moved.tolist())
    there = {(a, o): x for a, money in bank.held.items() for o, x in money.items() if o and x}
    assert {(a, o): x for a, o, x in held.tolist()} == there
    assert {(a, o): x for a, o, x in debts.tolist()} == {
        k: x for k, x in bank.paid.items() if k[1] and x
    }
    assert balance.tolist() == book(log, short)
    _valued(log, moved, held, debts, lambda a, o: 3 * a + o in homes)


def _valued(log, moved, held, debts, home):
    flows, opening, *_ = log
    told, pools = in_pools(moved.tolist(), log, home)
    names = {k: n for n, k in enumerate(pools)}
    flow = moved[:, 0].tolist()
    ends = [
        np.array([names[flows[i][e], o] for i, o in zip(flow, moved[:, 1].tolist(), strict=True)],
                 np.int64) for e in (0, 1)
    ]  # fmt: skip
    start = [opening[a][0] if opening[a][1] == o else 0 for a, o in pools]
    at_home = np.array([home(a, o) for a, o in pools], bool)
    sums = tuple(moved[:, k].copy() for k in (2, 3, 4))
    worth, lost, ended = of_moves(tuple(ends), sums, np.array(start, np.int64), at_home)
    assert list(zip(worth.tolist(), lost.tolist(), strict=True)) == told
    assert ended.T.tolist() == list(pools.values())
    for rows, k in ((held, 0), (debts, 2)):
        assert {(a, o): x for a, o, x in rows.tolist()} == {
            key: pool[k] for key, pool in pools.items() if pool[k]
        }
    for origin in (1, 2, 3):
        of = moved[:, 1] == origin
        left = sum(p[1] + p[3] for (_, o), p in pools.items() if o == origin)
        assert left + lost[of].sum() == sum(x for x, o in opening if o == origin)


@settings(max_examples=100, deadline=None)
@given(logs(), st.integers(1, 5))
def test_windows_keep_every_book(log, width):
    given_ = columns(log)
    window = np.arange(len(log[0])) // width
    moved, held, balance, short, debts = windowed.trace(*given_, window)
    assert balance.tolist() == book(log, short)
    _valued(log, moved, held, debts, lambda a, _: a % 2 == 0)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(log=logs())
def test_what_is_exchanged_one_to_one_changes_nothing(method, log):
    flows, opening, facility, _ = log
    flows = [(s, d, x, -1) for s, d, x, _ in flows]
    one = (flows, opening, facility, [x for _, _, x, _ in flows])
    src, dst, moneys, *rest = columns(one)
    ends = src.astype(np.int32), dst.astype(np.int32)
    plain = queues.trace(*ends, moneys[0], *rest, queues.METHODS[method])
    got = in_queues(one, method)
    assert [c.tolist() for c in got.lots] == [c.tolist() for c in plain.lots]
    assert got.taken.tolist() == got.lots.amount.tolist()
