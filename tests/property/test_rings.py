"""The search for rings of trade against all rows of invoices there are."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.rings import rings

INVOICE = st.tuples(
    st.integers(0, 5), st.integers(0, 5), st.integers(0, 12), st.sampled_from([95, 97, 100, 103])
)


def every_ring(rows, days, legs, spread):
    """Return rings as tuples of invoices, the first row first, by looking at all of them."""
    found = set()
    for n in range(legs[0], legs[1] + 1):
        for picked in permutations(range(len(rows)), n):
            if picked[0] != min(picked):
                continue
            path = [rows[i] for i in picked]
            if any(a[1] != b[0] for a, b in zip(path, path[1:] + path[:1], strict=True)):
                continue
            amounts, on = [r[3] for r in path], [r[2] for r in path]
            alike = (max(amounts) - min(amounts)) * 10**6 <= spread * max(amounts)
            if len({r[0] for r in path}) == n and max(on) - min(on) <= days and alike:
                found.add(picked)
    return found


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(INVOICE, max_size=9), st.integers(0, 12), st.sampled_from([(2, 4), (3, 5), (3, 3)]),
    st.sampled_from([0, 30_000, 60_000, 500_000]),
)  # fmt: skip
def test_it_finds_every_ring_once(rows, days, legs, spread) -> None:
    rows = sorted(rows, key=lambda r: r[2])
    columns = [np.array([r[k] for r in rows], np.int64) for k in range(4)]
    got = [tuple(int(i) for i in r if i >= 0) for r in rings(*columns, days, legs, spread)]
    assert len(got) == len(set(got))
    assert set(got) == every_ring(rows, days, legs, spread)


def test_more_rings_than_there_is_room_for() -> None:
    # Twenty invoices each way round three parties: 8,000 rings.
    seller = np.repeat(np.arange(3), 20)
    zero = np.zeros(60, np.int64)
    got = rings(seller, (seller + 1) % 3, zero, zero + 10**15, 0, (3, 4), 0)
    assert len({tuple(r) for r in got.tolist()}) == 8_000
