"""Pooling, against plain search: splitting gains nothing, and only one controller's are merged."""

from collections import defaultdict
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.components import components
from liandong.match import PoolRule, pool
from liandong.schema.arrow import empty
from liandong.testing import check_step
from support.lending import DAY, parties, projects
from support.ties import edges

FIRMS = [f"E{i}" for i in range(7)]
TIE = st.tuples(
    st.sampled_from([*FIRMS, "X", "Y"]),
    st.sampled_from(FIRMS),
    st.sampled_from(["owns", "controls", "directs", "same_address", "guarantees"]),
    st.sampled_from([None, 200_000, 300_000, 501_000, 900_000]),
)
TIES = st.lists(TIE, max_size=14, unique_by=lambda t: t[:3])
ASKED = st.dictionaries(
    st.sampled_from([f"R{i}" for i in range(9)]),
    st.fixed_dictionaries({
        "party_id": st.sampled_from(FIRMS),
        "need": st.integers(1, 10**9),
        "asked_on": st.none() | st.integers(0, 300).map(lambda d: DAY - timedelta(d)),
    }),
    min_size=1,
)  # fmt: skip


def applied(asked, ties):
    got = pool(projects(**asked), empty("party"), edges(*ties), as_of=DAY)["application"]
    return {r["project_id"]: r for r in got.to_pylist()}


def groups(ties):
    """Say the same plainly: merge whatever a tie or the stakes of a group together decide."""
    group = {p: {p} for p in [*FIRMS, "X", "Y"]}

    def merge(a, b):
        if group[a] is group[b]:
            return False
        both = group[a] | group[b]
        group.update(dict.fromkeys(both, both))
        return True

    for a, b, kind, _ in ties:
        if kind in {"controls", "directs"}:
            merge(a, b)
    changed = True
    while changed:
        held = defaultdict(int)
        for a, b, kind, share in ties:
            if kind == "owns":
                held[min(group[a]), b] += share or 0
        changed = sum(s > 500_000 and merge(a, b) for (a, b), s in held.items()) > 0
    return {p: min(g) for p, g in group.items()}


@settings(max_examples=150, deadline=None)
@given(ASKED, TIES)
def test_exactly_the_applications_of_one_controller_within_the_window_are_merged(asked, ties):
    found, group = applied(asked, ties), groups(ties)
    runs = defaultdict(list)
    for p, r in asked.items():
        runs[group[r["party_id"]]].append((r["asked_on"], p))
    for members in runs.values():
        last = max((d for d, _ in members if d), default=DAY)
        members.sort(key=lambda m: (m[0] or last, m[0] is None, m[1]))
        pools, before = [], None
        for day, p in members:
            if before is None or ((day or last) - before).days > 90:
                pools.append([])
            pools[-1].append(p)
            before = day or last
        for one in pools:
            assert {found[p]["lead_id"] for p in one} == {one[0]}
            assert {found[p]["need"] for p in one} == {sum(asked[p]["need"] for p in one)}
            assert {found[p]["members"] for p in one} == {len(one)}


@settings(max_examples=80, deadline=None)
@given(ASKED, TIES, st.lists(st.integers(1, 10**6), min_size=2, max_size=6), st.data())
def test_splitting_an_application_among_shells_gains_nothing(asked, ties, parts, data):
    today = {p: {**r, "asked_on": DAY} for p, r in asked.items()}
    whole = {**today, "S": {"party_id": "E0", "need": sum(parts), "asked_on": DAY}}
    shells = [
        (
            data.draw(st.sampled_from(["E0", *(f"S{j}" for j in range(i))])),
            f"S{i}",
            data.draw(st.sampled_from(["owns", "controls", "directs"])),
            510_000,
        )
        for i in range(len(parts))
    ]
    late = [DAY - timedelta(data.draw(st.integers(0, 90))) for _ in parts]
    split = today | {
        f"S{i}": {"party_id": f"S{i}", "need": n, "asked_on": d}
        for i, (n, d) in enumerate(zip(parts, [DAY, *late[1:]], strict=True))
    }
    one, many = applied(whole, ties), applied(split, [*ties, *shells])
    assert {many[f"S{i}"]["need"] for i in range(len(parts))} == {one["S"]["need"]}
    assert len({many[f"S{i}"]["lead_id"] for i in range(len(parts))}) == 1
    others = [p for p in asked if one[p]["lead_id"] != one["S"]["lead_id"]]
    assert [many[p]["lead_id"] for p in others] == [one[p]["lead_id"] for p in others]


@settings(max_examples=8, deadline=None)
@given(ASKED, TIES)
def test_parts_and_order_change_nothing(asked, ties):
    tables = {
        "project": projects(**asked),
        "party": parties(Y={"kind": "fund"}),
        "edge": edges(*ties),
    }
    check_step(pool, tables, PoolRule(as_of=DAY))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
def test_components_are_those_of_a_plain_search(pairs):
    one, other = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    found = components(one, other, 13)
    for start in range(13):
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            near = {b for p in pairs for a, b in (p, p[::-1]) if a == here} - seen
            seen |= near
            todo += near
        assert found[start] == min(seen)
