"""Sums of squares in two limbs of 64 bits, and the spread that they tell."""

import numpy as np

from liandong.kernels.memory.borrowing import inner
from liandong.kernels.streams.layout import Int
from liandong.kernels.streams.widths import upper

ONE = np.uint64(1)
ZERO = np.uint64(0)
LIMB = 18446744073709551616.0
EXACT = float(1 << 62)


@inner
def add_square(row: Int, at: int, amount: int, sign: int) -> None:
    """Add the square of an amount to the limbs ``row[at:at + 2]``; with sign -1 take it away."""
    size = np.uint64(abs(amount))
    high, low = upper(size, size), size * size
    i, j = np.uint64(at), np.uint64(at + 1)
    h, l = np.uint64(row[i]), np.uint64(row[j])  # noqa: E741 - a limb
    if sign < 0:
        row[i] = np.int64(h - high - (ONE if l < low else ZERO))
        row[j] = np.int64(l - low)
    else:
        total = l + low
        row[i] = np.int64(h + high + (ONE if total < low else ZERO))
        row[j] = np.int64(total)


@inner
def deviation(n: int, total: int, high: int, low: int) -> float:
    """Return the sample standard deviation of ``n`` whole numbers; NaN of fewer than two.

    ``total`` is their sum; ``high`` and ``low`` are the limbs of the sum of their squares. The
    squares are first taken from a whole number m near the mean, which is exact; only then is
    anything rounded. With M the sum of those squares and r = total - n * m, the variance is
    (M - r * r / n) / (n - 1).
    """
    if n < 2:
        return np.nan
    middle = np.int64(float(total) / float(n))
    rest = total - middle * n
    # M = squares - middle * (total + rest), in two limbs.
    other = total + rest
    a, b = np.uint64(abs(middle)), np.uint64(abs(other))
    h, l = upper(a, b), a * b  # noqa: E741 - a limb
    squares, lows = np.uint64(high), np.uint64(low)
    if (middle < 0) == (other < 0):
        h, l = squares - h - (ONE if lows < l else ZERO), lows - l  # noqa: E741
    else:
        l = l + lows  # noqa: E741
        h = squares + h + (ONE if l < lows else ZERO)
    if h == ZERO and float(l) * float(n) < EXACT:
        exact = n * np.int64(l) - rest * rest
        spread: float = np.sqrt(float(exact) / (float(n) * float(n - 1)))
        return spread
    whole = float(h) * LIMB + float(l)
    wide: float = np.sqrt((whole - float(rest) * float(rest) / float(n)) / float(n - 1))
    return wide
