"""Lots in queues for a log that grows: some transfers at a time, and back to an earlier state.

Unlike in a log that has ended, it is not known what a source will pay out in all. So a source holds
nothing, and what it pays is put there just before, as a lot without a parent.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.money.lotpass import ALL, run
from liandong.kernels.money.lotrows import (
    ORIGIN,
    STEP_ROOM,
    TOP,
    Flows,
    Memory,
    Method,
    link,
    new,
)

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

PAYER, PAYEE, SRC, DST, LENT = range(5)
"""Rows of narrow numbers of flows: accounts as the bank keeps them, nodes that give and receive,
and the origin whose source it pays out from (0: it is no such flow)."""
SUM, KEPT, UNDOES, AT, SEQ, NUMBER, PLACE = range(7)
"""Rows of wide ones: amount, what of it was not given back, the flow that it gives back or -1; and
what only the caller reads: time, the bank's number, how many came in before, and, by that, where
it is."""
COUNT, LATEST = 0, 1
"""Of an origin: how many flows moved it, and a note of :func:`told` that means nothing later."""
LOOSE_FIRST, MIXED, NEWEST_FIRST, MERGE = 1, 2, 4, 8


def code(method: Method) -> int:
    """Return a method as one number: it costs less to hand over."""
    return sum(bit for bit, on in zip((1, 2, 4, 8), method, strict=True) if on)


@njit(cache=True, nogil=True)
def enter(  # noqa: PLR0913, PLR0917 - named ones take longer to hand over
    narrow: Int32, wide: Int,
    accounts: Int, fen: Int, row: Int32, sums: Int, by: Int32, parent: Int32, returned: Int,
    used: Int, method: int, i: int,
    payer: int, payee: int, src: int, dst: int, lent: int,
    amount: int, undoes: int, at: int, seq: int, number: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Write flow ``i`` behind all others and let it happen; see :func:`carry`."""
    narrow[PAYER, i], narrow[PAYEE, i], narrow[SRC, i], narrow[DST, i] = payer, payee, src, dst
    narrow[LENT, i], wide[PLACE, number] = lent, i
    wide[SUM, i], wide[KEPT, i], wide[UNDOES, i] = amount, amount, undoes
    wide[AT, i], wide[SEQ, i], wide[NUMBER, i] = at, seq, number
    return carry(
        narrow, wide, accounts, fen, row, sums, by, parent, returned, used, method, i, i + 1, ALL
    )


@njit(cache=True, nogil=True)
def carry(  # noqa: PLR0913, PLR0917 - named ones take longer to hand over
    narrow: Int32, wide: Int,
    accounts: Int, fen: Int, row: Int32, sums: Int, by: Int32, parent: Int32, returned: Int,
    used: Int, method: int, at: int, end: int, rest: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Let flows happen from ``at``, of which ``rest`` is still to be moved, to before ``end``.

    Parameters
    ----------
    narrow, wide
        The flows, one a column; only what is before ``end`` is looked at.
    accounts, fen, row, sums, by, parent, returned, used
        The memory, one by one: plain arrays are handed over in less time than named ones.
    method
        See :func:`code`.

    Returns
    -------
    tuple
        ``at`` and ``rest`` for the next call where the room for rows ran out, and how many rows
        there are now.
    """
    src, dst, lent = narrow[SRC], narrow[DST], narrow[LENT]
    amount, undoes, kept = wide[SUM], wide[UNDOES], wide[KEPT]
    rule = Method(
        method & LOOSE_FIRST != 0, method & MIXED != 0, method & NEWEST_FIRST != 0,
        method & MERGE != 0,
    )  # fmt: skip
    memory = Memory(accounts, fen, row, sums, by, parent, returned, used)
    while at < end:
        if lent[at] > 0 and rest == ALL and amount[at] > 0:
            if used[TOP] + STEP_ROOM > len(row):
                break
            n = new(memory, at, lent[at], -1 - src[at], amount[at])
            link(memory, src[at], 0, n)
        stop = at + 1
        while stop < end and lent[stop] == 0:
            stop += 1
        flows = Flows(src[:stop], dst[:stop], amount[:stop], undoes[:stop], kept[:stop], undoes[:0])
        at, rest = run(flows, memory, rule, at, rest)
        if at < stop:
            break
    return at, rest, used[TOP]


@njit(cache=True, nogil=True)
def told(
    flow: Int32, row: Int32, parent: Int32, amount: Int, steps: Int, begin: int, end: int
) -> Int:
    """Return what flows moved by the lots in the rows from ``begin`` to before ``end``.

    Parameters
    ----------
    flow, row, parent, amount
        Columns of the memory.
    steps
        Shape (1 + origins, 2), see the columns above; the counts go on.

    Returns
    -------
    numpy.ndarray
        Shape (rows, 4): flow, origin, how much of it the flow moved, and how many flows had moved
        that origin before; one row for a pair, in order of flow.
    """
    found, count = np.empty((end - begin, 4), np.int64), 0
    for n in range(begin, end):
        origin = row[n, ORIGIN]
        if origin <= 0 or parent[n] < 0:
            continue
        k = steps[origin, LATEST]
        if k >= count or found[k, 0] != flow[n] or found[k, 1] != origin:
            k = steps[origin, LATEST] = count
            found[k, 0], found[k, 1], found[k, 2] = flow[n], origin, 0
            found[k, 3] = steps[origin, COUNT]
            steps[origin, COUNT] += 1
            count += 1
        found[k, 2] += amount[n]
    return found[:count]
