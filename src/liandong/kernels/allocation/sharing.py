"""Sums shared out in whole units, within one unit of the exact shares at every moment."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def shared(totals: Int, weight: Int) -> Int:
    """Return what each party has of each total, so that nobody ever gives anything back.

    The units from 1 on are dealt out one by one, and a total is what has been dealt out by then:
    the parts add up to it, each is its exact share rounded down or up, and grows with the total.
    The k-th unit of a party falls due at ceil(k W / w) and not before floor((k - 1) W / w) + 1,
    where W is the sum of all weights; each unit goes to the party whose next one falls due first
    (Tijdeman 1980, the chairman assignment problem; Baruah, Cohen, Plaxton and Varvel 1996,
    proportionate progress). Dealing repeats itself after W units, so any total is a multiple and
    a rest.

    Parameters
    ----------
    totals
        At least 0, in any order; shape (n,).
    weight
        Of each party, above 0; shape (m,). A common divisor should be taken out: the work is
        proportional to their sum.

    Returns
    -------
    numpy.ndarray
        Shape (n, m).

    Examples
    --------
    >>> shared(np.array([1, 2, 3, 10]), np.array([2, 1]))
    array([[1, 0],
           [1, 1],
           [2, 1],
           [7, 3]])
    """
    period = weight.sum()
    rest = totals % period
    order = np.argsort(rest, kind="mergesort")
    had = np.zeros(len(weight), np.int64)
    out = np.empty((len(totals), len(weight)), np.int64)
    dealt = 0
    for i in order:
        while dealt < rest[i]:
            chosen, soonest = -1, np.int64(0)
            for k in range(len(weight)):
                if had[k] * period // weight[k] <= dealt:
                    due = ((had[k] + 1) * period + weight[k] - 1) // weight[k]
                    if chosen < 0 or due < soonest:
                        chosen, soonest = k, due
            had[chosen] += 1
            dealt += 1
        out[i] = totals[i] // period * weight + had
    return out
