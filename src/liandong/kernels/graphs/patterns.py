"""Small searches around one transfer in the shortest window: circles it closes, and fans it joins.

They look at the latest transfers first and stop at a fixed number of steps, so that one hub cannot
hold up a stream; the answer then says that the search was cut.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.flowstate import (
    AT,
    DST,
    FIRST,
    IN,
    NODE,
    NODES,
    NONE,
    NUMBER,
    OLDEST,
    PREV,
    SRC,
    TAIL,
    WAY,
    transfer_at,
)

Int = NDArray[np.int64]

MOST_LEGS = 5
STEPS = 256
"""Transfers that one search for circles looks at."""
PAYERS = 8
"""Latest payments to an account that the search for fans looks at."""

# Columns of a place on the path: account, transfer to look at next, time to stay below, and how
# many payers were seen; then those payers.
WHO, NEXT, BELOW, COUNT, PAYER = 0, 1, 2, 3, 4


def room() -> Int:
    """Return memory for searches: one row for each place on a path."""
    return np.zeros((MOST_LEGS, PAYER + STEPS + 1), np.int64)


@njit(cache=True, nogil=True)
def circles(state: Int, path: Int, found: Int, row: int, column: int) -> bool:
    """Count the circles that the latest transfer closes.

    Parameters
    ----------
    path
        Of :func:`room`.
    found, row, column
        Circles of 2, 3, 4 and 5 legs are added to ``found[row, column:]``. Legs are strictly later
        one than the other and lie in the shortest window, no account comes twice, and circles
        through the same accounts in the same order count once (parallel transfers collapse).

    Returns
    -------
    bool
        Whether the search was cut, so that there may be more.
    """
    closing = transfer_at(state, state[NUMBER] - 1)
    payer, payee = state[closing + SRC], state[closing + DST]
    oldest = state[state[NODES] + payee * NODE + OLDEST]
    if payer == payee or oldest == NONE:
        return False
    earliest = state[transfer_at(state, oldest) + AT]
    depth, steps = 0, 0
    _stand(state, path, 0, payer, state[closing + AT])
    while depth >= 0:
        q = path[depth, NEXT]
        edge = transfer_at(state, q)
        if q < state[FIRST] or state[edge + AT] < earliest:
            depth -= 1
            continue
        if steps == STEPS:
            return True
        steps += 1
        path[depth, NEXT] = state[edge + PREV + IN]
        x, at = state[edge + SRC], state[edge + AT]
        # The latest transfer of a payer comes first: what runs through an earlier one runs
        # through it as well.
        if at >= path[depth, BELOW] or not _first_time(path, depth, x):
            continue
        if x == payee:
            found[row, column + depth] += 1
        elif depth < MOST_LEGS - 2 and at > earliest and not _on(path, depth, x):
            depth += 1
            _stand(state, path, depth, x, at)
    return False


@njit(cache=True, nogil=True)
def _stand(state: Int, path: Int, depth: int, account: int, below: int) -> None:
    path[depth, WHO], path[depth, BELOW], path[depth, COUNT] = account, below, 0
    path[depth, NEXT] = state[state[NODES] + account * NODE + WAY * IN + TAIL]


@njit(cache=True, nogil=True)
def _first_time(path: Int, row: int, x: int) -> bool:
    """Note a payer, and tell whether it is new at this place."""
    n = path[row, COUNT]
    if _among(path, row, x):
        return False
    path[row, PAYER + n] = x
    path[row, COUNT] = n + 1
    return True


@njit(cache=True, nogil=True)
def _among(path: Int, row: int, x: int) -> bool:
    found = False
    for i in range(path[row, COUNT]):
        found |= path[row, PAYER + i] == x
    return found


@njit(cache=True, nogil=True)
def _on(path: Int, depth: int, x: int) -> bool:
    found = False
    for i in range(depth + 1):
        found |= path[i, WHO] == x
    return found


@njit(cache=True, nogil=True)
def scatter_gather(state: Int, path: Int) -> int:
    """Count the accounts that do with the payee and a common source what the payer does.

    Those are other accounts that paid the payee in the shortest window, and were paid in it by
    somebody who also paid the payer. Of each account the latest :data:`PAYERS` payments count.
    """
    closing = transfer_at(state, state[NUMBER] - 1)
    payer, payee = state[closing + SRC], state[closing + DST]
    if payer == payee:
        return 0
    _note_payers(state, path, 0, payee, payer)
    if path[0, COUNT] == 0:
        return 0
    _note_payers(state, path, 1, payer, payee)
    found = 0
    for i in range(path[0, COUNT] if path[1, COUNT] > 0 else 0):
        found += _shares_source(state, path, path[0, PAYER + i])
    return found


@njit(cache=True, nogil=True)
def _note_payers(state: Int, path: Int, row: int, account: int, but: int) -> None:
    """Note the distinct latest payers of an account, without itself and one other."""
    path[row, COUNT] = 0
    q = state[state[NODES] + account * NODE + WAY * IN + TAIL]
    for _ in range(PAYERS):
        if q < state[FIRST]:
            break
        edge = transfer_at(state, q)
        x = state[edge + SRC]
        if x not in (account, but):
            _first_time(path, row, x)
        q = state[edge + PREV + IN]


@njit(cache=True, nogil=True)
def _shares_source(state: Int, path: Int, account: int) -> bool:
    q = state[state[NODES] + account * NODE + WAY * IN + TAIL]
    for _ in range(PAYERS):
        if q < state[FIRST]:
            break
        edge = transfer_at(state, q)
        if _among(path, 1, state[edge + SRC]):
            return True
        q = state[edge + PREV + IN]
    return False
