"""Where money that is followed first arrives, and what only passes through."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def hops(parent: Int) -> Int:
    """Return how many transfers each lot is away from the loan it is of.

    Parameters
    ----------
    parent
        Place of the lot that each one was taken from, an earlier one; -1 for what was paid out.

    Examples
    --------
    >>> hops(np.array([-1, 0, 1, 0]))
    array([0, 1, 2, 1])
    """
    found = np.zeros(len(parent), np.int64)
    for i in range(len(parent)):
        if parent[i] >= 0:
            found[i] = found[parent[i]] + 1
    return found


@njit(cache=True, nogil=True)
def first_arrivals(parent: Int, hit: Bool) -> Bool:
    """Tell which lots arrive at a goal that none of the money they are made of had reached before.

    Every fen is counted once: lots are parts of the lots they were taken from, so the amounts of
    these add up to what reached the goal at all.

    Parameters
    ----------
    parent
        As of :func:`hops`.
    hit
        Which lots are at a goal.

    Examples
    --------
    >>> first_arrivals(np.array([-1, 0, 1, 0]), np.array([False, True, True, False]))
    array([False,  True, False, False])
    """
    found, before = np.zeros(len(parent), np.bool_), np.zeros(len(parent), np.bool_)
    for i in range(len(parent)):
        if parent[i] >= 0:
            before[i] = before[parent[i]] or found[parent[i]]
        found[i] = hit[i] and not before[i]
    return found


@njit(cache=True, nogil=True)
def passed_through(begin: Int, at: Int, amount: Int, span: int) -> Int:
    """Return how much of what came in went out again within a span, by account.

    What goes out takes of what came in within the span before it, the oldest first.

    Parameters
    ----------
    begin
        Payments of account ``a`` are ``begin[a]:begin[a + 1]``, in order of time.
    at
        When.
    amount
        More than 0: came in; less: went out.
    span
        A payment that went out exactly so long after one that came in still takes of it.

    Examples
    --------
    >>> passed_through(np.array([0, 3]), np.array([0, 5, 9]), np.array([100, -60, -60]), 5)
    array([60])
    """
    accounts = len(begin) - 1
    found, left = np.zeros(accounts, np.int64), np.maximum(amount, 0)
    for a in range(accounts):
        head = begin[a]
        for i in range(begin[a], begin[a + 1]):
            need = -amount[i]
            while need > 0 and head < i:
                if left[head] == 0 or at[head] < at[i] - span:
                    head += 1
                    continue
                part = min(left[head], need)
                left[head] -= part
                need -= part
                found[a] += part
    return found
