"""Features against brute force, and the same bits whatever comes in one batch."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs import flowstate
from liandong.kernels.graphs.graphstream import Transfers, accounts, features
from liandong.schema.tables.features import ACCOUNT_INTS, ACCOUNT_REALS, INTS, REALS
from liandong.trace.features.wide import spans
from support.flowfeatures import DAY, account, described

NAMES = [c.name for c in (*INTS, *REALS)]
START = 1_577_836_800_000_000
GAPS = st.sampled_from([0, 0, 1, 10**6, 3600 * 10**6, DAY // 3, DAY, DAY + 1, 6 * DAY, 31 * DAY])


@st.composite
def logs(draw, most=40, names=6):
    """Rows (src, dst, at, amount) in order, dense enough for circles, with ties and self-pays."""
    n, at, rows = draw(st.integers(1, most)), START, []
    account = st.integers(0, draw(st.integers(1, names)) - 1)
    slow = draw(st.booleans())
    for _ in range(n):
        at += draw(GAPS) if slow else draw(st.integers(0, 3)) * 10**6
        amount = draw(st.sampled_from([0, 1, 100, 100, 250_000, 12_345_678]))
        rows.append((draw(account), draw(account), at, amount))
    return rows


def columns(rows):
    return Transfers(*(np.array(c, np.int64) for c in zip(*rows, strict=True)))


def began(room=1 << 6):
    return flowstate.start(spans(), 6, room)


def in_batches(rows, sizes, room):
    state, ints, reals, at = began(room), [], [], 0
    while at < len(rows):
        size = sizes[len(ints) % len(sizes)]
        state, i, r = features(state, columns(rows[at : at + size]))
        ints.append(i)
        reals.append(r)
        at += size
    return state, np.concatenate(ints), np.concatenate(reals)


@settings(max_examples=60, deadline=None)
@given(logs())
def test_each_row_is_what_brute_force_says(rows):
    state, ints, reals = features(began(), columns(rows))
    for e in range(len(rows)):
        want = described(rows, e)
        got = dict(zip(NAMES, [*ints[e].tolist(), *reals[e].tolist()], strict=True))
        assert got.pop("circles_cut") == 0
        assert got.keys() == want.keys()
        assert not {k: (v, want[k]) for k, v in got.items() if not _same(v, want[k])}
    names = sorted({r[0] for r in rows} | {r[1] for r in rows})
    ints, reals = accounts(state, np.array(names), rows[-1][2])
    for i, name in enumerate(names):
        want = account(rows, name)
        values = [*ints[i].tolist(), *reals[i].tolist()]
        for c, v in zip((*ACCOUNT_INTS, *ACCOUNT_REALS), values, strict=True):
            assert _same(v, want[c.name]), c.name


def _same(got, want):
    """Tell whether a number is right: a whole one to the last digit."""
    return got == want if isinstance(got, int) else abs(got - want) <= 1e-6 * max(abs(got), 1)


@settings(max_examples=40, deadline=None)
@given(logs(most=120), st.lists(st.integers(1, 50), min_size=1, max_size=4), st.booleans())
def test_batches_and_room_change_no_bit(rows, sizes, cramped):
    _, ints, reals = features(began(1 << 10), columns(rows))
    _, some_ints, some_reals = in_batches(rows, sizes, 2 if cramped else 1 << 7)
    assert np.array_equal(ints, some_ints)
    assert reals.tobytes() == some_reals.tobytes()


@settings(max_examples=25, deadline=None)
@given(logs(most=60), st.data())
def test_a_row_does_not_depend_on_later_ones(rows, data):
    cut = data.draw(st.integers(1, len(rows)))
    _, ints, reals = features(began(), columns(rows))
    _, some_ints, some_reals = features(began(), columns(rows[:cut]))
    assert np.array_equal(ints[:cut], some_ints)
    assert reals[:cut].tobytes() == some_reals.tobytes()


@settings(max_examples=25, deadline=None)
@given(logs(most=80))
def test_counts_fall_back_to_nothing_when_time_goes_on(rows):
    state, _, _ = features(began(2), columns(rows))
    ints, reals = accounts(state, np.arange(6), rows[-1][2] + 40 * DAY)
    of = {c.name: ints[:, k] for k, c in enumerate(ACCOUNT_INTS)}
    still = [n for n in of if any(w in n for w in ("count", "fan", "sum", "gather"))]
    assert not any(of[n].any() for n in still)
    assert (of["out_max_30d"] == -1).all()
    assert (of["in_min_30d"] == -1).all()
    assert (reals == -1).all()
    # All rows of pairs are free again, none is lost.
    used, free, row = int(state[flowstate.USED]), 0, int(state[flowstate.FREE])
    while row:
        free, row = free + 1, int(state[state[flowstate.PAIRS] + row * flowstate.COUPLE + 1])
    assert free == used - 1
