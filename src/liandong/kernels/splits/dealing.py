"""Units dealt out one by one along exact shares, so that nobody ever gives one back."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

NEVER = 2**62


@njit(cache=True, nogil=True)
def _due(
    party: int, missing: int, at: int, piece: int, starts: Int, rates: Int
) -> tuple[int, int, int]:
    """Return when the exact share of a party has grown by ``missing``: at + whole + part / per."""
    here = at
    for j in range(piece, len(starts)):
        rate = int(rates[j, party])
        end = int(starts[j + 1]) if j + 1 < len(starts) else NEVER
        if rate > 0 and (end == NEVER or (missing - 1) // rate < end - here):
            return here - at + missing // rate, missing % rate, rate
        if end != NEVER:
            missing -= (end - here) * rate
            here = end
    return NEVER, 0, 1


@njit(cache=True, nogil=True)
def _deal_one(ahead: Int, whole: int, at: int, piece: int, starts: Int, rates: Int) -> int:
    """Return who gets the next unit: who may have it, and is the first to be due a whole one."""
    chosen, soon, part, per = -1, 0, 0, 1
    for k in range(len(ahead)):
        if ahead[k] > 0:
            when, rest, rate = _due(k, whole - int(ahead[k]), at, piece, starts, rates)
            sooner = when < soon or (when == soon and rest * per < part * rate)
            if chosen < 0 or sooner:
                chosen, soon, part, per = k, when, rest, rate
    return chosen


@njit(cache=True, nogil=True)
def deal(ahead: Int, whole: int, starts: Int, rates: Int, steps: int) -> Int:
    """Deal out units along exact shares that grow piece by piece at steady rates.

    The quota method of Balinski and Young (Fair Representation, 1982), for shares that need not
    grow evenly: a unit may be given to a party whose exact share is above what it has, and goes to
    the one whose share reaches that unit first. This is the earliest deadline first among units
    that may be given, so that shares stay within one unit of exact ones whenever that can be done.

    Parameters
    ----------
    ahead
        Exact share less what the party has, at the start, in parts of ``whole``; shape (m,), each
        between -whole and whole, with the sum 0.
    whole
        Parts of a unit, up to about 10,000.
    starts
        Units dealt out at which each piece begins; the first is 0; shape (p,).
    rates
        Parts that each party's exact share grows by with a unit; shape (p, m), rows add up to
        ``whole``.
    steps
        Units to deal out. Within a piece dealing comes to repeat itself, so many cost no more.

    Returns
    -------
    numpy.ndarray
        Units that each party gets; shape (m,).

    Examples
    --------
    >>> deal(np.zeros(3, int), 14, np.array([0]), np.array([[6, 6, 2]]), 10)
    array([5, 4, 1])
    """
    m = len(ahead)
    gap, got = ahead.copy(), np.zeros(m, np.int64)
    known, had = gap.copy(), got.copy()
    piece, done, since, patience = 0, 0, 0, 1
    while done < steps:
        while piece + 1 < len(starts) and starts[piece + 1] <= done:
            piece += 1
            known, had, since, patience = gap.copy(), got.copy(), done, 1
        for k in range(m):
            gap[k] += rates[piece, k]
        done += 1
        now = piece + 1 if piece + 1 < len(starts) and starts[piece + 1] <= done else piece
        chosen = _deal_one(gap, whole, done, now, starts, rates)
        gap[chosen] -= whole
        got[chosen] += 1
        if (done - since) % whole == 0:
            # Near the end of a piece the next one matters for who is first: stop well before.
            end = int(starts[piece + 1]) if piece + 1 < len(starts) else NEVER
            times = (min(steps, end - 2 * whole) - done) // (done - since)
            if times > 0 and (gap == known).all():
                got += times * (got - had)
                done += times * (done - since)
            if done - since >= patience * whole:  # a longer cycle is waited for (Brent)
                known, had, since, patience = gap.copy(), got.copy(), done, 2 * patience
    return got


@njit(cache=True, nogil=True)
def quota_table(weight: Int) -> Int:
    """Return what each party has of 0, 1, …, W - 1 units by the quota method; W is the sum.

    Parameters
    ----------
    weight
        At least 0, with a sum above 0; shape (m,).

    Returns
    -------
    numpy.ndarray
        Shape (W, m).
    """
    m, whole = len(weight), weight.sum()
    starts, rates = np.zeros(1, np.int64), weight.reshape(1, m)
    out = np.zeros((whole, m), np.int64)
    gap = np.zeros(m, np.int64)
    for t in range(1, whole):
        gap += weight
        chosen = _deal_one(gap, whole, t, 0, starts, rates)
        gap[chosen] -= whole
        out[t] = out[t - 1]
        out[t, chosen] += 1
    return out
