"""What is known of money before any rule: what pays debts, and what waits to be given back."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def debts(src: Int, dst: Int, amount: Int, opening: Int, facility: Int) -> Int:
    """Return how much of each transfer pays a debt of its payee.

    Parameters
    ----------
    src, dst, amount
        As for :func:`~liandong.kernels.graphs.temporal.balances`.
    opening, facility
        Shape (accounts,), money at the start, below nothing if it is a debt; and how far in debt an
        account may be. What it pays beyond that comes from outside.
    """
    now, paid = opening.copy(), np.zeros(len(src), np.int64)
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if s != d:
            now[s] = max(now[s] - amount[i], -facility[s])
            paid[i] = min(max(-now[d], 0), amount[i])
            now[d] += amount[i]
    return paid


@njit(cache=True, nogil=True)
def waiting(
    src: Int, dst: Int, amount: Int, undoes: Int, paid: Int, accounts: int
) -> NDArray[np.bool_]:
    """Tell which transfers give back money that has waited for it with the payee.

    That is so if the payee has paid nothing else since he got it, and no debt with it: then all of
    it is still there, whatever the rule.

    Parameters
    ----------
    src, dst, amount
        As for :func:`~liandong.kernels.graphs.temporal.balances`.
    undoes
        Shape (flows,), the earlier transfer that each gives back, or -1.
    paid
        What :func:`debts` returned.
    accounts
        How many there are.
    """
    waits, left = np.zeros(len(src), np.bool_), amount.copy()
    last = np.full(accounts, -1)
    for i in range(len(src)):
        s, o = src[i], undoes[i]
        if s == dst[i] or amount[i] == 0:
            continue
        whole = o >= 0 and dst[o] == s and paid[o] == 0
        if whole and amount[i] <= left[o] and last[s] < o:
            left[o] -= amount[i]
            waits[i] = True
        else:
            last[s] = i
    return waits
