"""Whole amounts shared out: known answers, plain twins, and what every split has to hold."""

from fractions import Fraction
from itertools import pairwise
from math import gcd
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liandong.kernels.splits.dealing import deal, quota_table
from liandong.kernels.splits.quota import MOST_WEIGHT, by_quota, by_webster
from liandong.kernels.splits.remainder import by_remainder

MANY = settings(max_examples=150, deadline=None)
AMOUNTS = st.integers(-(2**63) + 1, 2**63 - 1)


def weights(most, size=8):
    return st.lists(st.integers(0, most), min_size=2, max_size=size).filter(any)


def one(total, parts):
    return by_remainder(np.array([total]), np.array([parts]))[0].tolist()


def quota(total, parts):
    return by_quota(np.array([total]), np.array(parts)).share[0].tolist()


def plain_remainder(total, parts):
    """Largest remainder with fractions."""
    exact = [Fraction(abs(total) * p, sum(parts)) for p in parts]
    share = [x.numerator // x.denominator for x in exact]
    order = sorted(range(len(parts)), key=lambda i: (share[i] - exact[i], i))
    for i in order[: abs(total) - sum(share)]:
        share[i] += 1
    return [s if total >= 0 else -s for s in share]


def plain_quota(total, parts):
    """The quota method of Balinski and Young, a unit at a time."""
    share, whole = [0] * len(parts), sum(parts)
    for h in range(1, total + 1):
        may = [i for i, p in enumerate(parts) if share[i] * whole < h * p]
        share[max(may, key=lambda i: (Fraction(parts[i], share[i] + 1), -i))] += 1
    return share


def plain_webster(total, parts):
    """Webster's method, a unit at a time."""
    share = [0] * len(parts)
    for _ in range(total):
        share[max(range(len(parts)), key=lambda i: (Fraction(parts[i], 2 * share[i] + 1), -i))] += 1
    return share


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (5, [70, 30], [4, 1]),
        (77, [10, 20, 70], [8, 15, 54]),
        (10_001, [1, 1, 1], [3334, 3334, 3333]),
        (1, [1, 2, 3, 4, 5], [0, 0, 0, 0, 1]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [6, 6, 2], [4, 4, 2]),
        (11, [6, 6, 2], [5, 5, 1]),
    ],
)
def test_largest_remainder_gives_the_known_answers(total, parts, shares):
    assert one(total, parts) == shares


def test_the_quota_method_knows_no_alabama():
    assert quota(10, [6, 6, 2]) == [5, 4, 1]
    assert quota(11, [6, 6, 2]) == [5, 5, 1]
    assert quota(11, [600, 600, 200]) == [5, 5, 1]


@MANY
@given(AMOUNTS, weights(2**58))
def test_largest_remainder_is_its_plain_twin_for_any_amounts(total, parts):
    assert one(total, parts) == plain_remainder(total, parts)


@MANY
@given(st.integers(0, 400), weights(40, 5))
def test_quota_and_webster_are_their_plain_twins(total, parts):
    assert quota(total, parts) == plain_quota(total, parts)
    assert by_webster(np.array([total]), np.array(parts))[0].tolist() == plain_webster(total, parts)
    whole = sum(parts)
    dealt = deal(
        np.zeros(len(parts), np.int64), whole, np.zeros(1, np.int64), np.array([parts]), total
    )
    assert dealt.tolist() == plain_quota(total, parts)


@MANY
@given(AMOUNTS, weights(300) | weights(MOST_WEIGHT // 8))
def test_splits_lose_nothing_and_mirror_losses(total, parts):
    found = by_quota(np.array([total, -total]), np.array(parts))
    share = found.share[0].tolist()
    assert sum(share) == total
    assert share == [-s for s in found.share[1].tolist()]
    off = [abs(s - Fraction(total * p, sum(parts))) for s, p in zip(share, parts, strict=True)]
    assert found.outside[0] == any(x >= 1 for x in off)
    assert all(s * total >= 0 for s in share)


@MANY
@given(st.integers(-(10**18), 10**18), weights(300) | weights(MOST_WEIGHT // 8))
def test_a_unit_more_is_less_for_nobody(total, parts):
    steps = np.arange(total, total + 300)
    share = by_quota(steps, np.array(parts)).share
    assert (np.diff(share, axis=0) >= 0).all()


@MANY
@given(st.integers(0, 10**12), weights(300), st.randoms())
@example(37_132, [1, 70], Random(1))
@example(37_132, [70, 1], Random(1))
def test_order_decides_ties_alone(total, parts, random):
    order = list(range(len(parts)))
    random.shuffle(order)
    mixed = quota(total, [parts[i] for i in order])
    for mine, i in zip(mixed, order, strict=True):
        assert abs(mine - quota(total, parts)[i]) <= 1
    if len(set(parts)) == len(parts) and len(parts) == 2:
        back = dict(zip(order, mixed, strict=True))
        # The next unit goes to the larger of a / (its units + 1) and b / (its units + 1): with no
        # common divisor these are alike only for the last unit but one of a round.
        whole = sum(parts) // gcd(*parts)
        tie = 0 < total % whole == whole - 1
        alike = [back[i] for i in range(len(parts))] == quota(total, parts)
        assert alike == (not tie or order == [0, 1])


@st.composite
def pieces(draw):
    """Rates that change: weights out of 12, piece by piece."""
    n = draw(st.integers(2, 5))
    found = []
    for _ in range(draw(st.integers(1, 4))):
        cuts = sorted(draw(st.lists(st.integers(0, 12), min_size=n - 1, max_size=n - 1)))
        ends = [0, *cuts, 12]
        found.append([b - a for a, b in pairwise(ends)])
    lengths = draw(st.lists(st.integers(1, 90), min_size=len(found), max_size=len(found)))
    return found, lengths


@MANY
@given(pieces(), st.integers(0, 10**9))
def test_dealing_stays_within_a_unit_whatever_the_rates(case, far):
    rates, lengths = case
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    none, table = np.zeros(len(rates[0]), np.int64), np.array(rates, np.int64)
    last, exact = none, none.copy()
    for t in range(sum(lengths) + 30):
        got = deal(none, 12, starts, table, t)
        assert got.sum() == t
        assert (got >= last).all()
        assert (abs(got * 12 - exact) < 12).all()
        exact = exact + table[np.searchsorted(starts, t, "right") - 1]
        last = got
    away = deal(none, 12, starts, table, far)
    assert away.sum() == far


def test_many_units_are_dealt_like_few():
    parts = np.array([3333, 3333, 3334, 0])
    none, start = np.zeros(4, np.int64), np.zeros(1, np.int64)
    table = quota_table(parts)
    for t in (0, 9_999, 10_000, 25_001, 10**15 + 7):
        dealt = deal(none, 10_000, start, parts.reshape(1, -1), t)
        assert dealt.tolist() == (t // 10_000 * parts + table[t % 10_000]).tolist()


@pytest.mark.parametrize("parts", [[0, 0], [-1, 2], [2**31, 1]])
def test_weights_that_cannot_be_are_refused(parts):
    with pytest.raises(ValueError, match="weights"):
        by_quota(np.array([1]), np.array(parts))
