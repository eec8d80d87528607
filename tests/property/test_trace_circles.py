"""Circles against every sequence of legs there is, and in any order in which transfers come in."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.cycles import closed, feed
from liandong.kernels.graphs.meeting import new_pad
from liandong.kernels.graphs.window import enlarged, filled, new_window
from liandong.testing.checks import digest
from liandong.trace import CircleWatch, circles
from liandong.types import Money, Rate
from support.flows import account_table, flow_table

HOUR = 3_600


def brute(src, dst, at, width, legs):
    """Return the accounts of all cycles by closing transfer, trying every sequence of legs."""
    after = defaultdict(list)
    for e, u in enumerate(src):
        after[u].append(e)
    found = set()

    def go(path):
        last = path[-1]
        for e in after[dst[last]]:
            late = at[e] <= at[last] or at[e] - at[path[0]] > width
            if late or len(path) == legs:
                continue
            passed = [src[p] for p in path]
            if dst[e] == passed[0] and src[e] not in passed:
                found.add((e, (*passed, src[e])))
            elif dst[e] not in passed and src[e] not in passed:
                go([*path, e])

    for e in range(len(src)):
        go([e])
    return found


@st.composite
def logs(draw):
    """Logs of up to twelve accounts in order of time, with ties and parallel transfers."""
    nodes, count = draw(st.integers(2, 12)), draw(st.integers(0, 45))
    ends = st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1))
    pairs = draw(st.lists(ends.filter(lambda p: p[0] != p[1]), min_size=count, max_size=count))
    at = np.cumsum(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)) or [0])
    src, dst = np.array(pairs, np.int64).reshape(-1, 2).T
    return nodes, src.copy(), dst.copy(), at[:count].astype(np.int64)


def fed(nodes, src, dst, at, width, legs, cuts=(), kept=0):
    """Feed a log in pieces into lists without room, and return what it closes."""
    window, pad, found = new_window(nodes, 1), new_pad(nodes), []
    for start, end in pairwise([0, *sorted(cuts), len(src)]):
        done = start
        while done < end:
            rows = (src[done:end], dst[done:end], at[done:end])
            some, more = feed(window, pad, rows, done, width, width + kept, legs, 10**9)
            found.append(some)
            done += more
            if done < end:
                window = enlarged(window, nodes, 2 * len(window.entry))
    return np.concatenate([*found, np.zeros((0, 8), np.int64)])


@settings(max_examples=150, deadline=None)
@given(logs(), st.integers(0, 40), st.integers(2, 8), st.data())
def test_circles_are_all_that_there_are(log, width, legs, data):
    nodes, src, dst, at = log
    cut = data.draw(st.lists(st.integers(0, len(src)), max_size=4))
    found = fed(nodes, src, dst, at, width, legs, cut)
    rows = [[int(e) for e in row if e >= 0] for row in found]
    named = [(row[-1], tuple(int(src[e]) for e in row)) for row in rows]
    assert len(set(named)) == len(named)
    assert set(named) == brute(src.tolist(), dst.tolist(), at.tolist(), width, legs)
    for row in rows:
        _is_tightest(row, src, dst, at)
    assert np.array_equal(found, fed(nodes, src, dst, at, width, legs))
    # In lists that hold later transfers too, searched from anywhere on.
    window, pad, some = filled(src, dst, at, nodes), new_pad(nodes), []
    for a, b in reversed([*pairwise([0, *sorted(cut), len(src)])]):
        some.append(closed(window, pad, (src[a:b], dst[a:b], at[a:b]), a, width, legs, 10**9))
    assert np.array_equal(found, np.concatenate(some[::-1]))


def _is_tightest(row, src, dst, at):
    """Each leg ends where the next begins, and no later transfer of the same two would fit."""
    for one, other in pairwise(row):
        assert dst[one] == src[other]
        same = (src == src[one]) & (dst == dst[one]) & (at < at[other])
        assert one == np.flatnonzero(same).max()


@st.composite
def arrivals(draw):
    """A log as lines, and an order of arrival in which none is late by more than two hours."""
    nodes = draw(st.integers(2, 6))
    count = draw(st.integers(0, 25))
    hours, lines = 0, []
    for _ in range(count):
        hours += draw(st.integers(0, 2))
        u, v = draw(st.integers(0, nodes - 1)), draw(st.integers(0, nodes - 1))
        lines.append((hours, f"A{u} A{v} {draw(st.integers(1, 9))} at={hours * HOUR}"))
    late = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    order = sorted(range(count), key=lambda i: (lines[i][0] + late[i], -i))
    return [line for _, line in lines], order


RULE = {"hours": 6, "legs": 5, "least": Money(1), "retained": Rate(0)}


@settings(max_examples=80, deadline=None)
@given(arrivals(), st.lists(st.integers(0, 25), max_size=4), st.integers(0, 25))
def test_late_transfers_replay_to_the_table_of_all_at_once(log, cuts, stop):
    lines, order = log
    flow = flow_table(*lines)
    whole = circles(flow, account_table(), **RULE)
    told, legs = {}, {}
    watch = CircleWatch({"bank_account": account_table()}, late_hours=2, **RULE)
    for start, end in pairwise([0, *sorted(min(c, len(order)) for c in cuts), len(order)]):
        if start <= stop < end:
            saved = watch.save()
            watch = CircleWatch.load(saved, {"bank_account": account_table()})
            assert watch.save() == saved
        got = watch.take(flow.take(np.array(order[start:end], np.int64)))
        _note(got, told, legs)
    assert told == {r["circle_id"]: r for r in whole["circle"].to_pylist()}
    assert legs == _by_circle(whole["circle_leg"].to_pylist())
    assert _one_by_one(flow, order) == told


def _note(got, told, legs):
    told.update({r["circle_id"]: r for r in got["circle"].to_pylist()})
    legs.update(_by_circle(got["circle_leg"].to_pylist()))


def _by_circle(rows):
    found = defaultdict(list)
    for r in rows:
        found[r["circle_id"]].append(r)
    return dict(found)


def _one_by_one(flow, order):
    watch, told = CircleWatch({"bank_account": account_table()}, late_hours=2, **RULE), {}
    names = ("flow_id", "src_account", "dst_account", "amount", "at", "seq")
    for r in flow.take(np.array(order, np.int64)).to_pylist():
        got = watch.see(*(r[n] for n in names))
        told.update({r["circle_id"]: r for r in got["circle"].to_pylist()} if got else {})
    return told


@settings(max_examples=30, deadline=None)
@given(arrivals(), st.randoms())
def test_the_order_of_rows_does_not_matter(log, random):
    lines, order = log
    flow = flow_table(*lines)
    random.shuffle(order)
    first, other = (
        circles(f, account_table(), **RULE) for f in (flow, flow.take(np.array(order, np.int64)))
    )
    assert all(digest(first[n]) == digest(other[n]) for n in first)
