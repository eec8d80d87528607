"""What exchanged money is worth in the currency it was lent in, to the last fen.

A sum keeps its worth through any exchange. What is taken of it takes worth in proportion; of all
that is taken, one after the other, by cumulative floor: the parts add up to the whole. Where it
arrives in the currency it was lent in, it is worth what it is there, and the difference is lost in
exchange (gained, if below nothing). What is exchanged for nothing is lost.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.money.proportion import times_over

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bools = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def of_lots(amount: Int, taken: Int, parent: Int32, home: Bools) -> tuple[Int, Int, Int]:
    """Tell what lots are worth.

    Parameters
    ----------
    amount
        Shape (lots,), in the currency of the account; each lot after its parent.
    taken
        Shape (lots,), what was taken of the parent for it, in the currency of that.
    parent
        Shape (lots,), -1 for a lot that was there from the start, in the currency it was lent in.
    home
        Shape (lots,), whether the account is in the currency that the lot was lent in.

    Returns
    -------
    worth, left
        Shape (lots,), when it arrived, and what is not taken of it at the end.
    lost
        Shape (lots,), how much more it was worth before it arrived.
    """
    worth, left, lost, used = np.zeros((4, len(amount)), np.int64)
    for k in range(len(amount)):
        share, p = amount[k], parent[k]
        if p >= 0:
            used[p] += taken[k]
            rest = worth[p] - times_over(worth[p], used[p], amount[p])
            share = left[p] - rest
            left[p] = rest
        worth[k] = amount[k] if home[k] or amount[k] == 0 else share
        lost[k] = share - worth[k]
        left[k] = worth[k]
    return worth, left, lost


@njit(cache=True, nogil=True)
def of_moves(
    ends: tuple[Int, Int], sums: tuple[Int, Int, Int], start: Int, home: Bools
) -> tuple[Int, Int, Int]:
    """Tell what is moved between pools, in each of which one loan's money in one account is mixed.

    Parameters
    ----------
    ends
        Shape (moves,) each: the pools that give and receive, in order of time.
    sums
        Shape (moves,) each: what leaves the one and what reaches the other, in the currencies of
        their accounts, and how much had paid debts of the other's account by then.
    start
        Shape (pools,), what is there from the start, in the currency it was lent in.
    home
        Shape (pools,), whether the account is in the currency that the money was lent in.

    Returns
    -------
    moved, lost
        Shape (moves,): what each takes along, and how much less that is worth where it arrives.
    pools
        Shape (4, pools): what is in each at the end, and what paid debts; each of them in the
        currency of the account, and what it is worth.
    """
    giver, taker = ends
    taken, arrived, debts = sums
    moved, lost = np.zeros((2, len(taken)), np.int64)
    pools = np.zeros((4, len(start)), np.int64)
    there, worth, paid, paid_worth = pools
    there[:], worth[:] = start, start
    for r in range(len(taken)):
        s, d = giver[r], taker[r]
        share = times_over(worth[s], taken[r], there[s])
        there[s] -= taken[r]
        worth[s] -= share
        comes = arrived[r] if home[d] or arrived[r] == 0 else share
        moved[r], lost[r] = share, share - comes
        pays = debts[r] - paid[d]
        part = times_over(comes, pays, arrived[r]) if pays > 0 else 0
        there[d] += arrived[r] - pays
        worth[d] += comes - part
        paid[d] += pays
        paid_worth[d] += part
    return moved, lost, pools
