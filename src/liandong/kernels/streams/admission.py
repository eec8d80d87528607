"""Which events are taken at all, by their times and amounts."""

import numpy as np
from numba import njit

from liandong.kernels.streams.layout import AHEAD, LARGE, LATE, LEAP, TAKEN, Int

BEFORE_ALL = -(1 << 62)
"""The clock before the first event."""

Bounds = tuple[int, int, int, int]
"""How late, how far ahead of being seen, how far beyond the clock, and how large, at most."""


@njit(cache=True, nogil=True)
def judge(
    at: int, seen: int, amount: int, clock: int, late: int, ahead: int, leap: int, most: int
) -> int:
    """Judge one event, by the newest time taken so far and bounds; times are microseconds."""
    if amount > most or amount < -most:
        return LARGE
    if at > seen + ahead:
        return AHEAD
    if clock == BEFORE_ALL:
        return TAKEN
    if at > clock + leap:
        return LEAP
    return LATE if at < clock - late else TAKEN


@njit(cache=True, nogil=True)
def admit(at: Int, seen: Int, amount: Int, clock: int, bounds: Bounds) -> tuple[Int, int]:
    """Judge events in the order in which they came in.

    Parameters
    ----------
    at, seen
        When they happened and when they were known, in microseconds.
    amount
        Their amounts.
    clock
        The newest time taken so far.
    bounds
        What is borne.

    Returns
    -------
    (Int, int)
        A code for each, and the clock after them; what is not taken does not move it.
    """
    codes = np.empty(len(at), np.int64)
    late, ahead, leap, most = bounds
    for k in range(len(at)):
        codes[k] = judge(at[k], seen[k], amount[k], clock, late, ahead, leap, most)
        if codes[k] == TAKEN:
            clock = max(clock, at[k])
    return codes, clock
