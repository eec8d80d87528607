"""Assigning money to projects: the relaxation, then whole steps for those that are close calls."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandong.match.pool import Pool, Prices, bound, check, worth
from liandong.match.pricing import PPM
from liandong.match.solver import integral, relaxed

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

WHOLE = 400
"""A pool of no more arcs than this is solved as a whole."""
TOP = 3
"""Arcs of a close call that are kept: those of highest surplus."""
ALMOST = 1e-7
"""Shares of the relaxation this close to 0 or 1 are 0 or 1."""


@dataclass(frozen=True)
class Assignment:
    """An assignment and what proves how good it is.

    Attributes
    ----------
    amount
        On each arc, fen.
    prices
        Of scarce things, from the relaxation.
    bound
        No assignment is worth more, fen.
    """

    amount: Int
    prices: Prices
    bound: int


def assign(pool: Pool, close: int, gap: int, nodes: int) -> Assignment:
    """Return an assignment of nearly the highest value, with a bound that says how nearly.

    The relaxation decides most projects outright. Those that it splits, and the closest calls
    among the others, are decided by an integer program; if what is fixed leaves no room for it,
    more of them are.

    Parameters
    ----------
    pool
        Arcs and limits; projects are numbered in the order in which equals are served.
    close
        Closest calls that are decided together.
    gap
        Share of the bound, ppm, within which the search may stop.
    nodes
        Most nodes of one search.
    """
    if not len(pool):
        nothing = np.zeros(0, np.int64)
        return Assignment(nothing, Prices(0, np.zeros(len(pool.capacity), np.int64), 0), 0)
    share, prices = relaxed(pool)
    proved = bound(pool, prices)
    slack = proved * gap // PPM
    if len(pool) <= WHOLE:
        amount, tighter = integral(pool, slack, nodes) or (np.zeros(len(pool), np.int64), proved)
        proved = min(proved, max(tighter, int(worth(pool, amount).sum())))
    else:
        amount = _rounded(pool, share, prices, close, slack, nodes)
    amount = fair(pool, amount)
    check(pool, amount)
    return Assignment(amount, prices, proved)


def _rounded(pool: Pool, share: Float, prices: Prices, close: int, slack: int, nodes: int) -> Int:
    """Fix what the relaxation decides clearly, and solve for the rest."""
    rank = ranked(pool, prices.surplus(pool))
    calls = _calls(pool, share, prices, rank)
    split = np.unique(pool.project[(share > ALMOST) & (share < 1 - ALMOST)])
    free = len(split) + close
    while True:
        among = np.isin(pool.project, calls[:free])
        fixed = np.where((share >= 1 - ALMOST) & ~among, pool.most, 0)
        arcs = among & ((rank < TOP) | (share > ALMOST))
        found = integral(pool.after(fixed, arcs), slack, nodes)
        if found is not None:
            fixed[arcs] = found[0]
            return fixed
        if free >= len(calls):
            return np.zeros(len(pool), np.int64)
        free *= 2


def ranked(pool: Pool, surplus: Int) -> Int:
    """Return the place of each arc among those of its project, by falling surplus, from 0."""
    order = np.lexsort((pool.product, -surplus, pool.project))
    project = pool.project[order]
    first = np.append(True, project[1:] != project[:-1])
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - start
    return rank


def _calls(pool: Pool, share: Float, prices: Prices, rank: Int) -> Int:
    """Return the projects, closest calls first: those split, then by what a change would cost."""
    surplus = prices.surplus(pool)
    count = int(pool.project.max()) + 1
    best, second = np.zeros(count), np.zeros(count)
    most = np.zeros(count)
    top = rank == 0
    best[pool.project[top]], most[pool.project[top]] = surplus[top], pool.most[top]
    second[pool.project[rank == 1]] = surplus[rank == 1]
    cost = np.abs(best - np.where(best > 0, np.maximum(second, 0), 0)) * most
    cost[pool.project[(share > ALMOST) & (share < 1 - ALMOST)]] = -1.0
    projects = np.unique(pool.project)
    return projects[np.argsort(cost[projects], kind="stable")]


def fair(pool: Pool, amount: Int) -> Int:
    """Serve equals in their order: of projects that differ in nothing, the first gets most.

    Projects with the same products, limits and values are interchangeable; what they got together
    is dealt out again by their numbers, so that no hidden order of the solver decides.
    """
    order = np.lexsort((pool.product, pool.project))
    starts = np.flatnonzero(np.diff(pool.project[order], prepend=-1))
    groups: dict[bytes, list[Int]] = {}
    columns = np.column_stack(
        [pool.product, pool.least, pool.most, pool.step, pool.value, pool.favoured]
    )
    for arcs in np.split(order, starts[1:]):
        groups.setdefault(columns[arcs].tobytes(), []).append(arcs)
    dealt = amount.copy()
    for same in groups.values():
        if len(same) > 1:
            got = sorted((amount[arcs].tolist() for arcs in same), reverse=True)
            for arcs, mine in zip(same, got, strict=True):
                dealt[arcs] = mine
    return dealt
