"""Graph features of transfers in one pass: a row depends on the transfers up to itself alone.

What an account did before (its last amount, its mean) is read before the transfer enters the
windows, everything else after, so counts and sums include it. Real numbers are quotients of whole
ones; where there is nothing to divide by they are -1, as are times since nothing and amounts of
nothing.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs import patterns
from liandong.kernels.graphs.flowstate import (
    AHEAD,
    IN,
    LAST,
    LAST_AT,
    LOG,
    LONG_AGO,
    LONGEST,
    MOST,
    NODE,
    NODES,
    NONE,
    OUT,
    PAID,
    PAIR_AT,
    PAIR_SUM,
    SEEN,
    SPAN,
    SQUARE,
    WAY,
    WINDOWS,
    enter,
    expect,
    grown,
    pair_for,
    reverse_of,
    room_at,
)

Int = NDArray[np.int64]
Float = NDArray[np.float64]

# Whole numbers of an end: a block for either way, age, gather-scatter, and 4 of before.
BLOCK = 3 * WINDOWS + 2
AGE, BEFORE, END_INTS = 2 * BLOCK, 2 * BLOCK + 2, 2 * BLOCK + 6
# Real numbers of an end: means and spread for either way, quotients out over in, 2 of before.
THROUGH, RATIO, END_REALS = 2 * (WINDOWS + 1), 2 * (WINDOWS + 1) + WINDOWS, 4 * WINDOWS + 1
# A transfer: two ends, the pair both ways, circles and whether they were cut, scatter-gather, and
# what the transfer is by itself.
COUPLES = 2 * END_INTS
COUPLE_INTS = WINDOWS + 2
CIRCLES = COUPLES + 2 * COUPLE_INTS
OWN = CIRCLES + patterns.MOST_LEGS + 1
INTS, REALS = OWN + 4, 2 * END_REALS + 2

SECOND, HOUR, DAY = 10**6, 3600 * 10**6, 86400 * 10**6
THURSDAY = 3
"""Weekday of the first day of 1970."""


class Transfers(NamedTuple):
    """Transfers in order of time: shape (rows,) each, accounts by number.

    Attributes
    ----------
    src, dst
        Payer and payee, each below 2^31.
    at
        Microseconds since 1970 (UTC), not falling.
    amount
        Not negative; all together below 2^62.
    """

    src: Int
    dst: Int
    at: Int
    amount: Int


def features(state: Int, transfers: Transfers) -> tuple[Int, Int, Float]:
    """Let transfers happen, and return what each looked like.

    Parameters
    ----------
    state
        Before the first of them; it must know all accounts. Its memory is used on.

    Returns
    -------
    state
        After the last of them.
    ints, reals
        Shapes (rows, 76) and (rows, 28), in the order of :data:`liandong.schema.tables.features`.
    """
    rows = len(transfers.src)
    ints, reals = np.empty((rows, INTS), np.int64), np.empty((rows, REALS))
    return fill(state, transfers, ints, reals), ints, reals


def fill(state: Int, transfers: Transfers, ints: Int, reals: Float) -> Int:
    """Do what :func:`features` does in memory that is given, and return the state."""
    path, at = patterns.room(), 0
    while True:
        at = _run(state, transfers, path, ints, reals, at)
        if at == len(transfers.src):
            return state
        state = grown(state)


def accounts(state: Int, numbers: Int, at: int) -> tuple[Int, Float]:
    """Return what accounts look like at a time that is not before the last transfer.

    Returns
    -------
    ints, reals
        Shapes (accounts, 28) and (accounts, 11), in the order of
        :data:`liandong.schema.tables.features`. The windows of ``state`` move up to the time.
    """
    ints, reals = np.empty((len(numbers), END_INTS), np.int64), np.empty((len(numbers), RATIO))
    _accounts(state, numbers, at, ints, reals)
    return ints, reals


@njit(cache=True, nogil=True)
def _accounts(state: Int, numbers: Int, at: int, ints: Int, reals: Float) -> None:
    room_at(state, at)
    for i in range(len(numbers)):
        node = state[NODES] + numbers[i] * NODE
        _before(state, node, at, ints, i, 0)
        _end(state, node, ints, reals, i, 0)
        ints[i, AGE] = _since(state[node + SEEN], at)


@njit(cache=True, nogil=True)
def _run(state: Int, transfers: Transfers, path: Int, ints: Int, reals: Float, begin: int) -> int:
    """Go on at row ``begin``; return the row for which room is lacking, or the number of rows."""
    src, dst, at, amount = transfers
    for i in range(begin, len(src)):
        soon = min(i + AHEAD, len(src) - 1)
        expect(state, src[soon], dst[soon])
        if not room_at(state, at[i]):
            return i
        ints[i, OWN], ints[i, OWN + 1] = amount[i], _zeros(amount[i])
        ints[i, OWN + 2], ints[i, OWN + 3] = at[i] // HOUR % 24, (at[i] // DAY + THURSDAY) % 7
        _ends(state, src[i], dst[i], at[i], amount[i], ints, reals, i)
        _patterns(state, path, ints, i)
    return len(src)


@njit(cache=True, nogil=True)
def _ends(
    state: Int, src: int, dst: int, at: int, amount: int, ints: Int, reals: Float, i: int
) -> None:
    """Let one transfer happen, and write what is to be known of its ends and of the pair."""
    payer, payee = state[NODES] + src * NODE, state[NODES] + dst * NODE
    _before(state, payer, at, ints, i, 0)
    _before(state, payee, at, ints, i, END_INTS)
    _ratios(state, payer, amount, reals, i, RATIO)
    _ratios(state, payee, amount, reals, i, END_REALS + RATIO)
    received = state[payer + WAY * IN + LAST_AT] >= at - state[SPAN]
    passed = state[payer + WAY * IN + LAST] if received else 0
    pair = pair_for(state, src, dst)
    back = reverse_of(state, pair)
    since, since_back = _pair_since(state, pair, at), _pair_since(state, back, at)
    count, total = state[pair + PAID + LONGEST], state[pair + PAIR_SUM]
    reals[i, REALS - 2] = _quotient(float(amount) * count, total)
    reals[i, REALS - 1] = _quotient(float(amount), passed)
    enter(state, src, dst, at, amount, pair)
    _couple(state, pair, since, ints, i, COUPLES)
    _couple(state, back, since_back, ints, i, COUPLES + COUPLE_INTS)
    _end(state, payer, ints, reals, i, 0)
    _end(state, payee, ints, reals, i, 1)
    ints[i, AGE] = _since(state[payer + SEEN], at)
    ints[i, END_INTS + AGE] = _since(state[payee + SEEN], at)


@njit(cache=True, nogil=True)
def _patterns(state: Int, path: Int, ints: Int, i: int) -> None:
    for j in range(CIRCLES, OWN):
        ints[i, j] = 0
    ints[i, OWN - 2] = patterns.circles(state, path, ints, i, CIRCLES)
    ints[i, OWN - 1] = patterns.scatter_gather(state, path)


@njit(cache=True, nogil=True)
def _before(state: Int, node: int, at: int, ints: Int, i: int, column: int) -> None:
    """Write the amounts of an account's last transfers and the time since, out and in."""
    for way in (OUT, IN):
        ints[i, column + BEFORE + 2 * way] = state[node + WAY * way + LAST]
        since = _since(state[node + WAY * way + LAST_AT], at)
        ints[i, column + BEFORE + 2 * way + 1] = since


@njit(cache=True, nogil=True)
def _since(last: int, at: int) -> int:
    return NONE if last == LONG_AGO else (at - last) // SECOND


@njit(cache=True, nogil=True)
def _pair_since(state: Int, pair: int, at: int) -> int:
    known = state[pair + PAID + LONGEST] > 0
    return _since(state[pair + PAIR_AT] if known else LONG_AGO, at)


@njit(cache=True, nogil=True)
def _ratios(state: Int, node: int, amount: int, reals: Float, i: int, column: int) -> None:
    """Write the amount over the means of the longest window before it, out and in."""
    for way in (OUT, IN):
        block = node + WAY * way + 3 * LONGEST
        reals[i, column + way] = _quotient(float(amount) * state[block], state[block + 2])


@njit(cache=True, nogil=True)
def _quotient(a: float, b: int) -> float:
    return a / b if b > 0 else -1.0


@njit(cache=True, nogil=True)
def _couple(state: Int, pair: int, since: int, ints: Int, i: int, column: int) -> None:
    for w in range(WINDOWS):
        ints[i, column + w] = state[pair + PAID + w]
    ints[i, column + WINDOWS] = state[pair + PAIR_SUM]
    ints[i, column + WINDOWS + 1] = since


@njit(cache=True, nogil=True)
def _end(state: Int, node: int, ints: Int, reals: Float, i: int, end: int) -> None:
    """Write what an account did in the windows, as the payer's or the payee's columns."""
    column, real = end * END_INTS, end * END_REALS
    for way in (OUT, IN):
        base, block, mean = node + WAY * way, column + BLOCK * way, real + (WINDOWS + 1) * way
        for w in range(WINDOWS):
            count, total = state[base + 3 * w], state[base + 3 * w + 2]
            ints[i, block + 3 * w], ints[i, block + 3 * w + 2] = count, total
            ints[i, block + 3 * w + 1] = state[base + 3 * w + 1]
            reals[i, mean + w] = _quotient(float(total), count)
        for kind in range(2):
            ints[i, block + 3 * WINDOWS + kind] = state[base + MOST + kind]
        n = state[base + 3 * LONGEST]
        reals[i, mean + WINDOWS] = _spread(n, state[base + LOG], state[base + SQUARE])
    ints[i, column + AGE + 1] = min(state[node + 1], state[node + WAY + 1])
    for w in range(WINDOWS):
        paid, got = state[node + 3 * w + 2], state[node + WAY + 3 * w + 2]
        reals[i, real + THROUGH + w] = _quotient(float(paid), got)


@njit(cache=True, nogil=True)
def _spread(n: int, total: int, squares: int) -> float:
    """Return the standard deviation of the logarithms of n amounts."""
    if n == 0:
        return -1.0
    mean = total / n
    return float(np.sqrt(max(squares / n - mean * mean, 0.0)) / 1024)


@njit(cache=True, nogil=True)
def _zeros(amount: int) -> int:
    """Return how many zeros an amount ends with; none if it is nothing."""
    n = 0
    while amount > 0 and amount % 10 == 0:
        amount //= 10
        n += 1
    return n
