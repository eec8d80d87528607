"""Flags over amounts: digits, round figures, and amounts that come up too often."""

from typing import NamedTuple

import numpy as np

from liandong.govern.flags.lines import Bool, Column, Hits, Int, Lines
from liandong.kernels.flags import benford
from liandong.kernels.flags.grouping import grouped


class _Far(NamedTuple):
    """Lines with digits to judge, and which subjects are far from the law.

    Attributes
    ----------
    rows, who, digit
        Shape (lines,): row, number of its subject, and leading digits.
    found
        How far each subject is.
    far
        Shape (subjects,): whether that is too far, of enough numbers.
    """

    rows: Int
    who: Int
    digit: Int
    found: benford.Deviation
    far: Bool


def _far(lines: Lines, subject: Column, digits: int, mad: int, chi: int) -> _Far:
    """Hold the leading digits of each subject against the law."""
    rule = lines.rule
    rows = np.flatnonzero(lines.of(rule.digit_categories) & (lines.amount > 0))
    who = subject.code[rows]
    digit = benford.leading(lines.amount[rows], digits)
    found = benford.deviation(digit, who, len(subject.words), digits)
    far = found.numbers >= rule.digit_least
    far &= (found.mad * 1e6 > mad) & (found.chi > chi)
    return _Far(rows, who, digit, found, far)


def first_digit(lines: Lines) -> Hits:
    """Members of staff whose first digits are far from Benford's law."""
    rule = lines.rule
    rows, who, _, found, far = _far(lines, lines.staff, 1, rule.first_mad, rule.first_chi)
    inside = far[who]
    return lines.hits("flags.first_digit", "staff", rows[inside], None, found.mad[who[inside]])


def first_two(lines: Lines) -> Hits:
    """Units whose first two digits are far from the law: lines with those they have too many of."""
    rule = lines.rule
    rows, who, digit, found, far = _far(lines, lines.unit, 2, rule.two_mad, rule.two_chi)
    rank = np.argsort(np.argsort(-found.excess, axis=1, kind="stable"), axis=1)
    # What is too many is too many for chance, too: five standard deviations.
    most = (rank < rule.two_numbers) & (found.excess > 5 * np.sqrt(_variance(found.numbers)))
    inside = far[who] & most[who, digit - 10]
    group = who * 100 + digit
    return lines.hits(
        "flags.first_two", "unit", rows[inside], group[inside], found.mad[who[inside]]
    )


def _variance(count: np.ndarray) -> np.ndarray:
    p = benford.expected(2)
    return count[:, None] * p * (1 - p)


def round_amounts(lines: Lines) -> Hits:
    """Members of staff most of whose larger amounts are round."""
    rule, staff = lines.rule, lines.staff
    large = np.flatnonzero((lines.amount >= rule.round_to) & ~lines.of(rule.priced))
    even = large[lines.amount[large] % rule.round_to == 0]
    count, rounds = (np.bincount(staff.code[r], minlength=len(staff.words)) for r in (large, even))
    many = (rounds >= rule.round_least) & (rounds * 1_000_000 >= count * int(rule.round_share))
    share = rounds / np.maximum(count, 1)
    rows = even[many[staff.code[even]]]
    return lines.hits("flags.round", "staff", rows, None, share[staff.code[rows]])


def spike(lines: Lines) -> Hits:
    """Single amounts that a unit has far more often than those around them."""
    rule = lines.rule
    rows = np.flatnonzero(~lines.of(rule.priced) & (lines.amount > 0))
    unit, amount = lines.unit.code[rows], lines.amount[rows]
    same = grouped(unit, amount)
    first = same.order[same.start]
    its_unit, its_amount = unit[first], amount[first]
    often = np.flatnonzero(same.size >= rule.spike_least)
    who, at = its_unit[often], its_amount[often]
    wide = at * int(rule.spike_band) // 1_000_000
    around = np.empty(len(often), np.int64)
    bounds = np.searchsorted(its_unit, np.arange(len(lines.unit.words) + 1))
    total = np.append(0, np.cumsum(same.size))
    for k, (u, a, w) in enumerate(zip(who.tolist(), at.tolist(), wide.tolist(), strict=True)):
        own = its_amount[bounds[u] : bounds[u + 1]]
        low, high = bounds[u] + np.searchsorted(own, [a - w, a + w + 1])
        around[k] = total[high] - total[low]
    chosen = np.zeros(len(same.start), bool)
    chosen[often] = same.size[often] * 1_000_000 >= around * int(rule.spike_share)
    group = same.numbers(chosen)
    return lines.hits("flags.spike", "unit", rows[same.rows(chosen)], group, same.size[group])
