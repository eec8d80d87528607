"""Small searches around one transfer in the shortest window: circles it closes, and fans it joins.

They look at the latest transfers first and stop at a fixed number of steps, so that one hub cannot
hold up a stream; the answer then says that the search was cut.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.flowstate import (
    AT,
    DST,
    FIRST,
    IN,
    NONE,
    NUMBER,
    OLDEST,
    PREV,
    SRC,
    TAIL,
    WAY,
    State,
)

Int = NDArray[np.int64]

MOST_LEGS = 5
STEPS = 256
"""Transfers that one search for circles looks at."""
PAYERS = 8
"""Latest payers of an account that the search for fans looks at."""


def room() -> tuple[Int, Int, Int]:
    """Return memory for searches: the path, and what was seen at each leg."""
    path = np.zeros((MOST_LEGS + 1, 4), np.int64)
    return path, np.zeros((MOST_LEGS + 1, STEPS + 1), np.int64), np.zeros((2, PAYERS), np.int64)


@njit(cache=True, nogil=True)
def circles(state: State, memory: tuple[Int, Int, Int], found: Int) -> bool:
    """Count the circles that the latest transfer closes.

    Parameters
    ----------
    memory
        Of :func:`room`.
    found
        Shape (4,): circles of 2, 3, 4 and 5 legs are added. Legs are strictly later one than the
        other and lie in the shortest window, no account comes twice, and circles through the same
        accounts in the same order count once (parallel transfers collapse).

    Returns
    -------
    bool
        Whether the search was cut, so that there may be more.
    """
    ring, nodes, first = state.ring, state.nodes, state.clock[FIRST]
    mask = len(ring) - 1
    closing = ring[(state.clock[NUMBER] - 1) & mask]
    payer, payee = closing[SRC], closing[DST]
    if payer == payee or nodes[payee, OLDEST] == NONE or nodes[payer, WAY * IN] == 0:
        return False
    earliest = ring[nodes[payee, OLDEST] & mask, AT]
    path, seen, _ = memory
    # Columns of the path: account, transfer to look at, time to stay below, accounts seen.
    path[0, 0], path[0, 1], path[0, 2], path[0, 3] = (
        payer, nodes[payer, WAY * IN + TAIL], closing[AT], 0,
    )  # fmt: skip
    depth, steps = 0, 0
    while depth >= 0:
        q = path[depth, 1]
        if q < first or ring[q & mask, AT] < earliest:
            depth -= 1
            continue
        if steps == STEPS:
            return True
        steps += 1
        edge = ring[q & mask]
        path[depth, 1] = edge[PREV + IN]
        x, at = edge[SRC], edge[AT]
        if at >= path[depth, 2] or _among(x, seen[depth], path[depth, 3]):
            continue
        # A circle through an older transfer of the same payer also runs through this one.
        seen[depth, path[depth, 3]] = x
        path[depth, 3] += 1
        if x == payee:
            found[depth] += 1
        elif depth < MOST_LEGS - 2 and at > earliest and not _on(x, path, depth):
            depth += 1
            path[depth, 0], path[depth, 1], path[depth, 2], path[depth, 3] = (
                x, nodes[x, WAY * IN + TAIL], at, 0,
            )  # fmt: skip
    return False


@njit(cache=True, nogil=True)
def _among(x: int, values: Int, n: int) -> bool:
    for i in range(n):
        if values[i] == x:
            return True
    return False


@njit(cache=True, nogil=True)
def _on(x: int, path: Int, depth: int) -> bool:
    for i in range(depth + 1):
        if path[i, 0] == x:
            return True
    return False


@njit(cache=True, nogil=True)
def scatter_gather(state: State, memory: tuple[Int, Int, Int]) -> int:
    """Count the accounts that do with the payee and a common source what the payer does.

    Those are other accounts that paid the payee in the shortest window, and were paid in it by
    somebody who also paid the payer. Of each account the latest :data:`PAYERS` payments count.
    """
    ring, fans = state.ring, memory[2]
    closing = ring[(state.clock[NUMBER] - 1) & (len(ring) - 1)]
    payer, payee = closing[SRC], closing[DST]
    if payer == payee:
        return 0
    middles = _payers(state, payee, payer, fans[0])
    if middles == 0:
        return 0
    sources = _payers(state, payer, payee, fans[1])
    found = 0
    for i in range(middles if sources > 0 else 0):
        found += _paid_by(state, fans[0, i], fans[1], sources)
    return found


@njit(cache=True, nogil=True)
def _payers(state: State, account: int, but: int, found: Int) -> int:
    """Write the distinct latest payers of an account, without itself and one other."""
    ring, n = state.ring, 0
    mask, q = len(ring) - 1, state.nodes[account, WAY * IN + TAIL]
    for _ in range(PAYERS):
        if q < state.clock[FIRST]:
            break
        x = ring[q & mask, SRC]
        if x not in (account, but) and not _among(x, found, n):
            found[n] = x
            n += 1
        q = ring[q & mask, PREV + IN]
    return n


@njit(cache=True, nogil=True)
def _paid_by(state: State, account: int, sources: Int, n: int) -> bool:
    ring, q = state.ring, state.nodes[account, WAY * IN + TAIL]
    mask = len(ring) - 1
    for _ in range(PAYERS):
        if q < state.clock[FIRST]:
            break
        if _among(ring[q & mask, SRC], sources, n):
            return True
        q = ring[q & mask, PREV + IN]
    return False
