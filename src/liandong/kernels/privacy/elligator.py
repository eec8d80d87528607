"""From numbers to points of Curve25519: Elligator 2, the x coordinate alone (RFC 9380, 6.7.1).

Numbers modulo 2**255 - 19 are ten limbs of 26 and 25 bits by turns, as in the reference code of
Curve25519 (Bernstein 2006): products of limbs fit 64 bits. A tuple of limbs stays in registers.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Limbs = tuple[int, int, int, int, int, int, int, int, int, int]

CURVE = 486662
"""A of y^2 = x^3 + A x^2 + x."""


@njit(cache=True, nogil=True)
def mapped(numbers: Ints) -> Ints:
    """Return the x coordinates of the points that numbers are mapped to.

    Parameters
    ----------
    numbers
        Shape ``(n, 4)``: numbers below 2**255 - 19, the lowest 64 bits first.

    Returns
    -------
    ndarray of int64, shape (n, 4)
        The same way.
    """
    n = len(numbers)
    divisors, before = np.empty((n, 10), np.int64), np.empty((n, 10), np.int64)
    product = _small(1)
    for i in range(n):
        u = _read(numbers[i])
        square = _times(u, u)
        # Never nought: -1 is a square and 2 is none, so -1/2 is none.
        divisor = _plus(_small(1), _plus(square, square))
        _put(before[i], product)
        _put(divisors[i], divisor)
        product = _times(product, divisor)
    # One inverse for all.
    inverse = _inverse(product)
    found = np.empty((n, 4), np.int64)
    for i in range(n - 1, -1, -1):
        x = _times(_small(-CURVE), _times(inverse, _get(before[i])))
        inverse = _times(inverse, _get(divisors[i]))
        if not _square(_times(x, _plus(_small(1), _times(x, _plus(x, _small(CURVE)))))):
            x = _minus(_small(-CURVE), x)
        _write(x, found[i])
    return found


@njit(cache=True, nogil=True)
def _square(value: Limbs) -> bool:
    """Tell whether a number is a square: its power of (p - 1) / 2 is then one, or nought."""
    power = _times(_squared(_root(value), 2), _times(value, value))
    found = np.empty(4, np.int64)
    _write(power, found)
    return bool(0 <= found[0] <= 1 and not found[1:].any())


@njit(cache=True, nogil=True)
def _inverse(value: Limbs) -> Limbs:
    """Return the power of p - 2."""
    eighth = _squared(_root(value), 3)
    return _times(eighth, _times(value, _times(value, value)))


@njit(cache=True, nogil=True)
def _squared(value: Limbs, times: int) -> Limbs:
    for _ in range(times):
        value = _times(value, value)
    return value


@njit(cache=True, nogil=True)
def _root(z: Limbs) -> Limbs:
    """Return the power of (p - 5) / 8 = 2**252 - 3."""
    z2 = _times(z, z)
    z9 = _times(_squared(z2, 2), z)
    z11 = _times(z9, z2)
    a = _times(_times(z11, z11), z9)  # 2**5 - 1
    b = _times(_squared(a, 5), a)  # 2**10 - 1
    c = _times(_squared(b, 10), b)
    d = _times(_squared(c, 20), c)
    e = _times(_squared(d, 10), b)  # 2**50 - 1
    f = _times(_squared(e, 50), e)
    g = _times(_squared(f, 100), f)
    h = _times(_squared(g, 50), e)  # 2**250 - 1
    return _times(_squared(h, 2), z)


@njit(cache=True, nogil=True)
def _small(value: int) -> Limbs:
    return (value, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@njit(cache=True, nogil=True)
def _plus(f: Limbs, g: Limbs) -> Limbs:
    return (
        f[0] + g[0], f[1] + g[1], f[2] + g[2], f[3] + g[3], f[4] + g[4],
        f[5] + g[5], f[6] + g[6], f[7] + g[7], f[8] + g[8], f[9] + g[9],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _minus(f: Limbs, g: Limbs) -> Limbs:
    return (
        f[0] - g[0], f[1] - g[1], f[2] - g[2], f[3] - g[3], f[4] - g[4],
        f[5] - g[5], f[6] - g[6], f[7] - g[7], f[8] - g[8], f[9] - g[9],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _times(f: Limbs, g: Limbs) -> Limbs:
    f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 = f
    g0, g1, g2, g3, g4, g5, g6, g7, g8, g9 = g
    # fmt: off
    # Two limbs of 25 bits meet at half a bit each; what is beyond 255 bits comes back 19 times.
    d1, d3, d5, d7, d9 = 2 * f1, 2 * f3, 2 * f5, 2 * f7, 2 * f9
    t1, t2, t3, t4, t5 = 19 * g1, 19 * g2, 19 * g3, 19 * g4, 19 * g5
    t6, t7, t8, t9 = 19 * g6, 19 * g7, 19 * g8, 19 * g9
    h0 = f0*g0 + d1*t9 + f2*t8 + d3*t7 + f4*t6 + d5*t5 + f6*t4 + d7*t3 + f8*t2 + d9*t1
    h1 = f0*g1 + f1*g0 + f2*t9 + f3*t8 + f4*t7 + f5*t6 + f6*t5 + f7*t4 + f8*t3 + f9*t2
    h2 = f0*g2 + d1*g1 + f2*g0 + d3*t9 + f4*t8 + d5*t7 + f6*t6 + d7*t5 + f8*t4 + d9*t3
    h3 = f0*g3 + f1*g2 + f2*g1 + f3*g0 + f4*t9 + f5*t8 + f6*t7 + f7*t6 + f8*t5 + f9*t4
    h4 = f0*g4 + d1*g3 + f2*g2 + d3*g1 + f4*g0 + d5*t9 + f6*t8 + d7*t7 + f8*t6 + d9*t5
    h5 = f0*g5 + f1*g4 + f2*g3 + f3*g2 + f4*g1 + f5*g0 + f6*t9 + f7*t8 + f8*t7 + f9*t6
    h6 = f0*g6 + d1*g5 + f2*g4 + d3*g3 + f4*g2 + d5*g1 + f6*g0 + d7*t9 + f8*t8 + d9*t7
    h7 = f0*g7 + f1*g6 + f2*g5 + f3*g4 + f4*g3 + f5*g2 + f6*g1 + f7*g0 + f8*t9 + f9*t8
    h8 = f0*g8 + d1*g7 + f2*g6 + d3*g5 + f4*g4 + d5*g3 + f6*g2 + d7*g1 + f8*g0 + d9*t9
    h9 = f0*g9 + f1*g8 + f2*g7 + f3*g6 + f4*g5 + f5*g4 + f6*g3 + f7*g2 + f8*g1 + f9*g0
    # fmt: on
    return _carried((h0, h1, h2, h3, h4, h5, h6, h7, h8, h9))


@njit(cache=True, nogil=True)
def _carried(h: Limbs) -> Limbs:
    """Bring limbs back to 26 and 25 bits, half of that to either side of nought."""
    h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 = h
    h0, h1 = _nearest(h0, h1, 26)
    h4, h5 = _nearest(h4, h5, 26)
    h1, h2 = _nearest(h1, h2, 25)
    h5, h6 = _nearest(h5, h6, 25)
    h2, h3 = _nearest(h2, h3, 26)
    h6, h7 = _nearest(h6, h7, 26)
    h3, h4 = _nearest(h3, h4, 25)
    h7, h8 = _nearest(h7, h8, 25)
    h4, h5 = _nearest(h4, h5, 26)
    h8, h9 = _nearest(h8, h9, 26)
    h9, beyond = _nearest(h9, 0, 25)
    h0, h1 = _nearest(h0 + 19 * beyond, h1, 26)
    return (h0, h1, h2, h3, h4, h5, h6, h7, h8, h9)


@njit(cache=True, nogil=True)
def _nearest(low: int, high: int, bits: int) -> tuple[int, int]:
    carry = (low + (1 << (bits - 1))) >> bits
    return low - (carry << bits), high + carry


@njit(cache=True, nogil=True)
def _below(low: int, high: int, bits: int) -> tuple[int, int]:
    carry = low >> bits
    return low - (carry << bits), high + carry


@njit(cache=True, nogil=True)
def _read(words: Ints) -> Limbs:
    a, b, c, d = words
    wide, narrow, cut = (1 << 26) - 1, (1 << 25) - 1, (1 << 13) - 1
    return (
        a & wide, (a >> 26) & narrow, ((a >> 51) & cut) | ((b & cut) << 13),
        (b >> 13) & narrow, (b >> 38) & wide, c & narrow, (c >> 25) & wide,
        ((c >> 51) & cut) | ((d & (cut >> 1)) << 13), (d >> 12) & wide, (d >> 38) & narrow,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _write(value: Limbs, words: Ints) -> None:
    """Write a number as the one from 0 to p - 1 that it stands for."""
    h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 = _carried(value)
    # How often p goes into it: what adding 19 would carry beyond the top.
    q = (19 * h9 + (1 << 24)) >> 25
    q = (((h0 + q) >> 26) + h1) >> 25
    q = (((h2 + q) >> 26) + h3) >> 25
    q = (((h4 + q) >> 26) + h5) >> 25
    q = (((h6 + q) >> 26) + h7) >> 25
    q = (((h8 + q) >> 26) + h9) >> 25
    h0, h1 = _below(h0 + 19 * q, h1, 26)
    h1, h2 = _below(h1, h2, 25)
    h2, h3 = _below(h2, h3, 26)
    h3, h4 = _below(h3, h4, 25)
    h4, h5 = _below(h4, h5, 26)
    h5, h6 = _below(h5, h6, 25)
    h6, h7 = _below(h6, h7, 26)
    h7, h8 = _below(h7, h8, 25)
    h8, h9 = _below(h8, h9, 26)
    h9, _ = _below(h9, 0, 25)
    words[0] = h0 | (h1 << 26) | (h2 << 51)
    words[1] = (h2 >> 13) | (h3 << 13) | (h4 << 38)
    words[2] = h5 | (h6 << 25) | (h7 << 51)
    words[3] = (h7 >> 13) | (h8 << 12) | (h9 << 38)


@njit(cache=True, nogil=True)
def _put(row: Ints, value: Limbs) -> None:
    for k, limb in enumerate(value):
        row[k] = limb


@njit(cache=True, nogil=True)
def _get(row: Ints) -> Limbs:
    return (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9],
    )  # fmt: skip
