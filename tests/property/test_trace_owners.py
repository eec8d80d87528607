"""Ownership against exact fractions, inside its bands, and whatever the order of rows."""

from fractions import Fraction

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.holdings import holdings
from liandong.kernels.graphs.ownership import holders_of, look_through, room
from liandong.schema.arrow import build
from liandong.types import Rate
from support.owning import SINCE, WHOLE, exactly, found, looked_through

FIRMS = ("A", "B", "C", "D", "E")
HOLDERS = (*FIRMS, "P", "Q", "X")


@st.composite
def registers(draw, most: int = 999_999) -> dict[tuple[str, str], int]:
    """Shares of firms by (holder, firm): together at most ``most``, circles and all."""
    shares = {}
    for firm in draw(st.lists(st.sampled_from(FIRMS), unique=True, min_size=1)):
        left = most
        for holder in draw(st.lists(st.sampled_from(HOLDERS), unique=True, max_size=4)):
            share = draw(st.integers(1, max(1, left - 5)))
            if share < left:
                shares[holder, firm] = share
                left -= share
    return shares


def edges(shares: dict[tuple[str, str], tuple[int, int]]) -> pa.Table:
    keys = list(shares)
    return build("edge", {
        "src": [k[0] for k in keys], "dst": [k[1] for k in keys], "kind": ["owns"] * len(keys),
        "valid_from": [SINCE] * len(keys), "share_low": [shares[k][0] for k in keys],
        "share_high": [shares[k][1] for k in keys],
    })  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(registers())
def test_interests_are_those_of_exact_fractions(shares) -> None:
    got = found(edges({k: (s, s) for k, s in shares.items()}), "economic")
    wanted = {k: v for k, v in exactly(shares).items() if v * WHOLE >= 1}
    for key, value in wanted.items():
        low, high = got.pop(key)
        assert low == high
        assert abs(low - value * WHOLE) <= Fraction(1, 2) + Fraction(1, 10**5)
    assert all(v in {(1, 1), (0, 0)} for v in got.values())  # on the edge of being listed


@settings(max_examples=60, deadline=None)
@given(registers(), st.data())
def test_bands_contain_every_point_in_them(shares, data) -> None:
    bands = {}
    for key, share in shares.items():
        low = data.draw(st.integers(0, share))
        bands[key] = (low, data.draw(st.integers(share, WHOLE)))
    if not bands:
        return
    points = edges({k: (s, s) for k, s in shares.items()})
    for measure in ("economic", "control", "weakest"):
        wide = found(edges(bands), measure)
        for key, (value, _) in found(points, measure).items():
            low, high = wide[key]
            assert low <= value <= high, (measure, key)


@settings(max_examples=60, deadline=None)
@given(registers(most=WHOLE + 1))
def test_nothing_of_a_company_is_lost(shares) -> None:
    out = looked_through(edges({k: (s, s) for k, s in shares.items()}), least=Rate(10_000))
    for r in out["ownership_total"].to_pylist():
        parts = [r[n] for n in ("listed", "small", "unknown", "locked")]
        assert min(parts) >= 0
        assert sum(parts) + r["rounding"] == WHOLE
        assert abs(r["rounding"]) <= 10
        assert r["residual"] <= 1e-12


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(1, 300))
def test_large_and_small_circles_are_solved_alike(seed: int, firms: int, count: int) -> None:
    """Columns of the inverse, by a dense solver of floats."""
    rng = np.random.default_rng(seed)
    owner, firm = rng.integers(0, firms + 5, count), rng.integers(0, firms, count)
    share = rng.integers(1, WHOLE, count)
    total = np.bincount(firm, share, firms + 5)
    share = (share * 0.97 * WHOLE // np.maximum(total[firm], WHOLE)).astype(np.int64)
    w = np.zeros((firms + 5, firms + 5))
    np.add.at(w, (owner, firm), share / WHOLE)
    wanted = np.linalg.inv(np.eye(firms + 5) - w)
    for small, knot in ((64, 384), (1, 3), (1, 0)):
        h = holdings(owner, firm, share, firms + 5, small, knot)
        r = room(h)
        for target in range(min(firms, 5)):
            party, passed, left, locked = holders_of(h, target, r)
            got = np.zeros(firms + 5)
            got[party] = passed
            assert np.allclose(got, wanted[:, target], rtol=1e-10, atol=1e-12)
            assert left <= 1e-12
            assert locked == 0
        value = rng.random(firms + 5)
        x, off = look_through(h, value)
        assert off <= 1e-12
        assert np.allclose(x, wanted @ value)
