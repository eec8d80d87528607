"""Kernels of chains against plain Python that does it the slow way."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.cutting import both_ways, cuts
from liandong.kernels.graphs.dominating import ROOT, UNREACHED, beneath, dominators
from liandong.kernels.graphs.downstream import downstream
from liandong.kernels.graphs.rippling import Supply, clear, room, spread, tally
from liandong.kernels.graphs.strong import grouped, strong_components
from liandong.kernels.statistics.inputoutput import linkages

N = 8
PAIRS = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda t: t[0] != t[1]),
    max_size=20, unique_by=frozenset,
)  # fmt: skip
ARROWS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=22)


def arrays(pairs):
    return (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))


def rows_of(arrows):
    src, dst = arrays(arrows)
    first, place = grouped(src, N)
    return first, dst[place]


def reached(pairs, starts, without=-1):
    seen = {v for v in starts if v != without}
    while more := {b for a, b in pairs if a in seen and b != without} - seen:
        seen |= more
    return seen


def pieces(pairs, among, without=-1):
    both, left, found = [*pairs, *((b, a) for a, b in pairs)], set(among) - {without}, []
    while left:
        found.append(reached(both, {min(left)}, without))
        left -= found[-1]
    return found


@settings(max_examples=300, deadline=None)
@given(PAIRS)
def test_who_and_which_tie_holds_a_network_together(pairs):
    cut_off, bridge = cuts(*both_ways(*arrays(pairs), N))
    for v in range(N):
        own = next(c for c in pieces(pairs, range(N)) if v in c)
        rest = pieces(pairs, own, v)
        assert cut_off[v] == len(own) - 1 - max(map(len, rest), default=0)
    whole = len(pieces(pairs, range(N)))
    for i in range(len(pairs)):
        others = pairs[:i] + pairs[i + 1 :]
        assert bridge[i] == (len(pieces(others, range(N))) > whole)


@settings(max_examples=400, deadline=None)
@given(ARROWS, st.sets(st.integers(0, N - 1), max_size=3))
def test_dominators_are_on_every_way(arrows, sources):
    first, to = rows_of(arrows)
    above, order = dominators(first, to, np.isin(np.arange(N), list(sources)))
    there = reached(arrows, sources)
    over = {v: {d for d in there if v not in reached(arrows, sources, d)} for v in there}
    assert sorted(order) == sorted(there)
    for v in range(N):
        strict = over.get(v, set()) - {v}
        # Dominators of one node dominate each other in a line: the last has most above it.
        last = max(strict, key=lambda d: len(over[d]), default=ROOT)
        assert above[v] == (last if v in there else UNREACHED)
    weight = np.arange(1, N + 1)
    expected = [sum(weight[v] for v in there if d in over[v] - {v}) for d in range(N)]
    assert beneath(above, order, weight).tolist() == expected


@settings(max_examples=200, deadline=None)
@given(ARROWS)
def test_layers_are_longest_ways_and_reach_has_a_bound(arrows):
    first, to = rows_of(arrows)
    label, _ = strong_components(first, to)
    layer, most = downstream(first, to, label, np.arange(1, N + 1))
    for v in range(N):
        below = [layer[w] for a, w in arrows if a == v and label[w] != label[v]]
        mates = [layer[w] for w in range(N) if label[w] == label[v]]
        assert layer[v] >= 1 + max(below, default=0)
        assert len(set(mates)) == 1
        assert most[v] >= sum(w + 1 for w in reached(arrows, {v}) - {v})
    longest = max((layer[v] for v in range(N)), default=1)
    assert longest <= len(set(label.tolist()))


def plain_ripple(ties, needs, firms, start, rate, until):
    """Day by day, every need looked at each day."""
    stopped, spare = {}, defaultdict(int)
    for own, trade in firms:
        spare[trade] += own
    state = [{"missing": 0, "most": 0, "now": 0, "stock": n["stock"]} for n in needs]

    def lacking():
        pairs = zip(needs, state, strict=True)
        return {n["buyer"] for n, s in pairs if s["stock"] < s["missing"] - s["now"]} - set(stopped)

    for day in range(until):
        new = lacking() if day else {start}
        while new:
            stopped |= dict.fromkeys(new, day)
            part = {}
            for v in new:
                spare[firms[v][1]] = max(0, spare[firms[v][1]] - firms[v][0])
            for trade in {firms[v][1] for v in new}:
                asked = sum(
                    t["amount"] * needs[t["need"]]["replaceable"] // 10**6
                    for t in ties if t["seller"] in new and firms[t["seller"]][1] == trade
                )  # fmt: skip
                enough = asked <= spare[trade]
                part[trade] = 10**6 if enough else spare[trade] * 10**6 // asked
                spare[trade] = max(0, spare[trade] - asked)
            for t in ties:
                if t["seller"] in new:
                    s, n = state[t["need"]], needs[t["need"]]
                    s["missing"] += t["part"]
                    could = t["part"] * n["replaceable"] // 10**6
                    s["most"] += could * part[firms[t["seller"]][1]] // 10**6
            new = lacking()
        for s in state:
            s["stock"] -= s["missing"] - s["now"]
            s["now"] = min(s["now"] + rate, s["most"])
    return stopped


FIRMS, TRADES = 7, 3


@st.composite
def supplies(draw):
    small = st.integers(0, 10**6)
    firms = [(draw(st.integers(0, 9 * 10**6)), draw(st.integers(0, TRADES - 1)))
             for _ in range(FIRMS)]  # fmt: skip
    ties, needs = [], []
    for buyer in range(FIRMS):
        for trade in range(TRADES):
            sellers = [v for v in range(FIRMS) if firms[v][1] == trade and v != buyer]
            sellers = draw(st.lists(st.sampled_from(sellers), unique=True)) if sellers else []
            if not sellers:
                continue
            parts = [draw(st.integers(1, 9)) for _ in sellers]
            for v, p in zip(sellers, parts, strict=True):
                ties.append({"seller": v, "need": len(needs), "part": p * 10**6 // sum(parts),
                             "amount": p * draw(st.integers(0, 3 * 10**6))})  # fmt: skip
            needs.append({"buyer": buyer, "trade": trade, "replaceable": draw(small),
                          "stock": draw(st.integers(0, 12)) * 10**6 // 2})  # fmt: skip
    return firms, sorted(ties, key=lambda t: t["seller"]), needs


def supply_of(firms, ties, needs):
    def column(rows, name):
        return np.array([r[name] for r in rows], np.int64)

    own, trade = arrays(firms)
    first, _ = grouped(column(ties, "seller"), FIRMS)
    return Supply(
        first, *(column(ties, n) for n in ("need", "part", "amount")),
        *(column(needs, n) for n in ("buyer", "trade", "stock", "replaceable")),
        own, np.bincount(trade, own, TRADES).astype(np.int64), trade,
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(supplies(), st.integers(0, 10**6))
def test_ripples_are_those_of_a_plain_walk_through_the_days(drawn, rate):
    firms, ties, needs = drawn
    supply, until = supply_of(firms, ties, needs), 20
    r, daily = room(supply), np.arange(1, FIRMS + 1)
    others, first_day, loss = tally(supply, r, np.arange(FIRMS), daily, rate, until)
    for start in range(FIRMS):
        stopped, touched = spread(supply, r, start, rate, until)
        days = {int(v): int(r.day[v]) for v in r.stopped[:stopped]}
        clear(r, stopped, touched)
        assert days == plain_ripple(ties, needs, firms, start, rate, until)
        del days[start]
        assert others[start] == len(days)
        assert first_day[start] == min(days.values(), default=-1)
        assert loss[start] == sum((until - d) * int(daily[v]) for v, d in days.items())
    assert (r.day == -1).all()
    assert (r.state[:, :-1] == 0).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_linkages_of_closed_tables(n, seed):
    rng = np.random.default_rng(seed)
    sales = rng.random((n, n)) * (rng.random((n, n)) < 0.6)
    final = rng.random(n) + 0.1
    output = sales.sum(axis=1) + final
    output += np.maximum(0, sales.sum(axis=0) - output)  # nobody needs more than he makes
    found = linkages(sales, output)
    assert found.upstreamness == pytest.approx(found.ghosh)
    assert found.downstreamness == pytest.approx(found.leontief)
    left = output - sales.sum(axis=1)
    for k in range(n):
        rest = np.arange(n) != k
        smaller = np.linalg.solve(np.eye(n - 1) - (sales / output)[np.ix_(rest, rest)], left[rest])
        assert found.extraction[k] == pytest.approx(output.sum() - smaller.sum())
    # As a series: 1 + d + d² + …
    shares, stage, total = sales / output[:, None], np.ones(n), np.zeros(n)
    for _ in range(3000):
        total, stage = total + stage, shares @ stage
    if stage.max() < 1e-12:
        assert found.upstreamness == pytest.approx(total)
