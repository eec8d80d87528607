"""Where money can have been: contact in the order of time, without amounts."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

AT_ONCE = 63
"""Origins that one pass follows: the bits of a whole number, but for its sign."""


def contacts(src: Int, dst: Int, amount: Int, opening: Int, origin: Int) -> Int:
    """Return whom money of each traced origin can have touched, and when it first did.

    Whoever was paid anything by somebody touched, later than that one was, is touched for good. How
    much there was does not matter, so what is touched can be worth far more than what there was.

    Parameters
    ----------
    src, dst
        Shape (flows,), payer and payee of each transfer, in order of time.
    amount
        Shape (flows,). A transfer of nothing or to oneself touches nobody.
    opening, origin
        Shape (accounts,), money at the start and its origin: 0 for none that is traced.

    Returns
    -------
    numpy.ndarray
        Shape (rows, 4): account, traced origin, the flow that touched first, and how many
        transfers the money had made by then; in order of origin and flow. Where an origin started
        is not told.

    Examples
    --------
    >>> src, dst, amount = np.array([[0, 1, 2], [1, 2, 3], [5, 9, 0]])
    >>> contacts(src, dst, amount, np.array([5, 0, 0, 0]), np.array([1, 0, 0, 0])).tolist()
    [[1, 1, 0, 1], [2, 1, 1, 2]]
    """
    found = [np.empty((0, 4), np.int64)]
    starts = np.flatnonzero((origin > 0) & (opening > 0))
    for first in range(1, int(origin.max(initial=0)) + 1, AT_ONCE):
        here = starts[(origin[starts] >= first) & (origin[starts] < first + AT_ONCE)]
        bits = np.zeros(len(origin), np.int64)
        np.bitwise_or.at(bits, here, np.int64(1) << (origin[here] - first))
        touched = bits.copy()
        room, at, rows = 1 << 16, 0, [np.empty((0, 3), np.int64)]
        while at < len(src):
            more = np.empty((room, 3), np.int64)
            at, used = _touch(src, dst, amount, touched, more, at)
            rows.append(more[:used])
            room *= 2
        found.append(_with_steps(np.concatenate(rows), src, bits, first))
    return np.concatenate(found)


@njit(cache=True, nogil=True)
def _touch(src: Int, dst: Int, amount: Int, touched: Int, rows: Int, at: int) -> tuple[int, int]:
    """Go on at flow ``at``; return where the room for rows ran out, and how many there are."""
    used = 0
    for i in range(at, len(src)):
        new = touched[src[i]] & ~touched[dst[i]]
        if new == 0 or amount[i] == 0:
            continue
        if len(rows) - used < AT_ONCE:
            return i, used
        for bit in range(AT_ONCE):
            if new >> bit & 1:
                rows[used, 0], rows[used, 1], rows[used, 2] = dst[i], bit, i
                used += 1
        touched[dst[i]] |= new
    return len(src), used


def _with_steps(rows: Int, src: Int, start: Int, first: int) -> Int:
    """Put rows in order of origin and flow, and count how many transfers led to each."""
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1]))]
    account, bit, flow = rows.T
    count = np.int64(len(start))
    key = bit * count + account
    by_key = np.argsort(key)
    payer = src[flow].astype(np.int64)
    began = start[payer] >> bit & 1 > 0
    before = np.searchsorted(key[by_key], bit * count + payer)
    before = by_key[np.minimum(before, len(rows) - 1)] if len(rows) else before
    steps = np.ones(len(rows), np.int64)
    _count(np.where(began, -1, before), steps)
    return np.column_stack([account, bit + first, flow, steps])


@njit(cache=True, nogil=True)
def _count(before: Int, steps: Int) -> None:
    for k in range(len(steps)):
        if before[k] >= 0:
            steps[k] = steps[before[k]] + 1


@njit(cache=True, nogil=True)
def arrivals(src: Int, dst: Int, at: Int, reached: Int) -> None:
    """Bring forward when accounts are first reached, by transfers sorted by time.

    Parameters
    ----------
    src, dst, at
        Shape (flows,), in order of ``at``.
    reached
        Shape (accounts,), the earliest known time, changed in place. An account passes on what
        reached it up to the same moment: repeat until nothing changes.
    """
    for i in range(len(src)):
        if reached[src[i]] <= at[i] < reached[dst[i]]:
            reached[dst[i]] = at[i]
