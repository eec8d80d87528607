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

from liandong.kernels import patterns
from liandong.kernels.flowstate import (
    AMOUNT,
    FIRST,
    HEAD,
    IN,
    LAST,
    LAST_AT,
    LOG,
    LONG_AGO,
    NONE,
    OUT,
    PAIR_AT,
    PAIR_COUNT,
    PAIR_SUM,
    REVERSE,
    SEEN,
    SQUARE,
    WAY,
    WINDOWS,
    State,
    enter,
    grown,
    pair_for,
    room_at,
)

Int = NDArray[np.int64]
Float = NDArray[np.float64]

# Whole numbers of an end: a block of 11 for either way, age, gather-scatter, and 4 of before.
BLOCK, AGE, BEFORE, END_INTS = WINDOWS * 3 + 2, 2 * (WINDOWS * 3 + 2), 24, 28
# Real numbers of an end: means and spread for either way, quotients out over in, 2 of before.
THROUGH, RATIO, END_REALS = 2 * (WINDOWS + 1), 11, 13
PAIRS = 2 * END_INTS
CIRCLES = PAIRS + 2 * (WINDOWS + 2)
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
        Payer and payee.
    at
        Microseconds since 1970 (UTC), not falling.
    amount
        Not negative.
    """

    src: Int
    dst: Int
    at: Int
    amount: Int


def features(state: State, transfers: Transfers) -> tuple[State, Int, Float]:
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


def fill(state: State, transfers: Transfers, ints: Int, reals: Float) -> State:
    """Do what :func:`features` does in memory that is given."""
    memory, at = patterns.room(), 0
    while True:
        at = _run(state, transfers, memory, (ints, reals), at)
        if at == len(transfers.src):
            return state
        state = grown(state)


def accounts(state: State, numbers: Int, at: int) -> tuple[Int, Float]:
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
def _accounts(state: State, numbers: Int, at: int, ints: Int, reals: Float) -> None:
    room_at(state, at)
    for i in range(len(numbers)):
        node = state.nodes[numbers[i]]
        _last(node, at, ints[i])
        _end(state, node, at, ints[i], reals[i])


@njit(cache=True, nogil=True)
def _run(
    state: State, transfers: Transfers, memory: tuple[Int, Int, Int], out: tuple[Int, Float],
    begin: int,
) -> int:  # fmt: skip
    """Go on at row ``begin``; return the row for which room is lacking, or the number of rows."""
    src, dst, at, amount = transfers
    for i in range(begin, len(src)):
        if not room_at(state, at[i]):
            return i
        _row(state, (src[i], dst[i], at[i], amount[i]), memory, out[0][i], out[1][i])
    return len(src)


@njit(cache=True, nogil=True)
def _row(
    state: State, transfer: tuple[int, int, int, int], memory: tuple[Int, Int, Int], ints: Int,
    reals: Float,
) -> None:  # fmt: skip
    src, dst, at, amount = transfer
    payer, payee = state.nodes[src], state.nodes[dst]
    passed = payer[WAY * IN + LAST]
    recent = payer[WAY * IN + LAST_AT] >= at - state.spans[0]
    _last(payer, at, ints[:END_INTS])
    _last(payee, at, ints[END_INTS:PAIRS])
    _ratios(payer, amount, reals[:END_REALS])
    _ratios(payee, amount, reals[END_REALS:])
    p = pair_for(state, src, dst)
    pair, last = state.pairs[p], WINDOWS - 1
    reals[2 * END_REALS] = _quotient(amount * pair[PAIR_COUNT + last], pair[PAIR_SUM])
    reals[2 * END_REALS + 1] = _quotient(amount, passed) if recent else -1.0
    _pair(pair, at, ints[PAIRS:])
    enter(state, src, dst, at, amount, p)
    _counts(pair, ints[PAIRS:])
    back = state.pairs[pair[REVERSE]]
    _counts(back, ints[PAIRS + WINDOWS + 2 :])
    if src != dst:
        _pair(back, at, ints[PAIRS + WINDOWS + 2 :])
    else:
        ints[CIRCLES - 1] = ints[PAIRS + WINDOWS + 1]
    _end(state, payer, at, ints[:END_INTS], reals[:END_REALS])
    _end(state, payee, at, ints[END_INTS:PAIRS], reals[END_REALS:])
    ints[CIRCLES:OWN] = 0
    ints[OWN - 2] = patterns.circles(state, memory, ints[CIRCLES:OWN])
    ints[OWN - 1] = patterns.scatter_gather(state, memory)
    ints[OWN], ints[OWN + 1] = amount, _zeros(amount)
    ints[OWN + 2], ints[OWN + 3] = at // HOUR % 24, (at // DAY + THURSDAY) % 7


@njit(cache=True, nogil=True)
def _last(node: Int, at: int, ints: Int) -> None:
    """Write the amounts of an account's last transfers and the time since, out and in."""
    for way in (OUT, IN):
        ints[BEFORE + 2 * way] = node[WAY * way + LAST]
        ints[BEFORE + 2 * way + 1] = _since(node[WAY * way + LAST_AT], at)


@njit(cache=True, nogil=True)
def _since(last: int, at: int) -> int:
    return NONE if last == LONG_AGO else (at - last) // SECOND


@njit(cache=True, nogil=True)
def _ratios(node: Int, amount: int, reals: Float) -> None:
    """Write the amount over the means of the longest window before it, out and in."""
    for way in (OUT, IN):
        block = WAY * way + 3 * (WINDOWS - 1)
        reals[RATIO + way] = _quotient(amount * node[block], node[block + 2])


@njit(cache=True, nogil=True)
def _quotient(a: int, b: int) -> float:
    return a / b if b > 0 else -1.0


@njit(cache=True, nogil=True)
def _pair(pair: Int, at: int, ints: Int) -> None:
    known = pair[PAIR_COUNT + WINDOWS - 1] > 0
    ints[WINDOWS + 1] = _since(pair[PAIR_AT] if known else LONG_AGO, at)


@njit(cache=True, nogil=True)
def _counts(pair: Int, ints: Int) -> None:
    for w in range(WINDOWS):
        ints[w] = pair[PAIR_COUNT + w]
    ints[WINDOWS] = pair[PAIR_SUM]


@njit(cache=True, nogil=True)
def _end(state: State, node: Int, at: int, ints: Int, reals: Float) -> None:
    """Write what an account did in the windows."""
    for way in (OUT, IN):
        base, block, mean = WAY * way, BLOCK * way, (WINDOWS + 1) * way
        for j in range(3 * WINDOWS):
            ints[block + j] = node[base + j]
        for w in range(WINDOWS):
            reals[mean + w] = _quotient(node[base + 3 * w + 2], node[base + 3 * w])
        ints[block + 9] = _extreme(state, node[base + HEAD])
        ints[block + 10] = _extreme(state, node[base + HEAD + 1])
        n = node[base + 3 * (WINDOWS - 1)]
        reals[mean + WINDOWS] = _spread(n, node[base + LOG], node[base + SQUARE])
    ints[AGE] = _since(node[SEEN], at)
    ints[AGE + 1] = min(node[WAY * OUT + 1], node[WAY * IN + 1])
    for w in range(WINDOWS):
        reals[THROUGH + w] = _quotient(node[3 * w + 2], node[WAY + 3 * w + 2])


@njit(cache=True, nogil=True)
def _extreme(state: State, q: int) -> int:
    if q < state.clock[FIRST + WINDOWS - 1]:
        return NONE
    return state.ring[q & (len(state.ring) - 1), AMOUNT]


@njit(cache=True, nogil=True)
def _spread(n: int, total: int, squares: int) -> float:
    """Return the standard deviation of the logarithms of n amounts."""
    if n == 0:
        return -1.0
    mean = total / n
    return np.sqrt(max(squares / n - mean * mean, 0.0)) / 1024


@njit(cache=True, nogil=True)
def _zeros(amount: int) -> int:
    """Return how many zeros an amount ends with; none if it is nothing."""
    n = 0
    while amount > 0 and amount % 10 == 0:
        amount //= 10
        n += 1
    return n
