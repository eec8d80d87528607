"""The product that a project misses by least, and by what it misses it."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bits = NDArray[np.uint64]
Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

LEAST, MOST = -(2**63), 2**63 - 1


class Asked(NamedTuple):
    """What products ask for.

    Attributes
    ----------
    low, high
        Shape (bands, products), inclusive. A value that is not known is accepted where both are
        open: the least and the most number there is.
    rises, falls
        Shape (bands,), whether who asks can raise or lower the value.
    maps, map_at
        Maps of bits of the sets, see :mod:`liandong.kernels.allocation.bitmap`, and the row of code
        0 of each.
    open
        Shape (sets,), whether who asks can change what is in no set of a product.
    """

    low: Int
    high: Int
    rises: Bool
    falls: Bool
    maps: Bits
    map_at: Int
    open: Bool


class Asking(NamedTuple):
    """Projects: ``values`` and ``known`` of shape (bands, n), ``codes`` of shape (sets, n)."""

    values: Int
    known: Bool
    codes: Int32


class Nearest(NamedTuple):
    """The nearest product of each project, shape (n,).

    Attributes
    ----------
    product
        Its number.
    missed
        How many criteria of the product the project misses.
    movable
        Whether changes in the power of who asks would open it.
    size
        How large these are together, each relative to what is there now.
    """

    product: Int32
    missed: Int32
    movable: Bool
    size: Float

    @classmethod
    def room(cls, n: int) -> "Nearest":
        """Return room for the answers of ``n`` projects."""
        return cls(
            np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.bool_),
            np.empty(n, np.float64),
        )  # fmt: skip


@njit(cache=True, nogil=True)
def nearest(who: Asking, asked: Asked, out: Nearest) -> None:
    """Find the nearest product of each project.

    Products that changes alone would open go before others; then the fewer criteria are missed the
    better; then the smaller the changes are together, each relative to what is there now (to 1 at
    least; a set that is missed counts 1); then the earlier product.

    Parameters
    ----------
    who
        The projects.
    asked
        What products ask for.
    out
        Written.
    """
    for i in range(len(out.product)):
        best, rank, least = -1, 0, 0.0
        for j in range(asked.low.shape[1]):
            missed, stuck, far = _distance(who, asked, i, j)
            # Those that are stuck come after all others, whatever they miss.
            place = missed + (len(asked.rises) + len(asked.open) + 1) * stuck
            if best < 0 or place < rank or (place == rank and far < least):
                best, rank, least = j, place, far
                out.missed[i], out.movable[i], out.size[i] = missed, not stuck, far
        out.product[i] = best


@njit(cache=True, nogil=True)
def _distance(who: Asking, asked: Asked, i: int, j: int) -> tuple[int, bool, float]:
    """Return how many criteria a project misses, whether it is stuck, and how far it is."""
    missed, stuck, far = 0, False, 0.0
    for a in range(len(asked.rises)):
        low, high, value = asked.low[a, j], asked.high[a, j], who.values[a, i]
        if not who.known[a, i]:
            closed = low > LEAST or high < MOST
            missed += closed
            stuck |= closed
        elif low > high:  # nothing would do, and there is no distance to nothing
            missed += 1
            stuck = True
        elif not low <= value <= high:
            missed += 1
            stuck |= not (asked.rises[a] if value < low else asked.falls[a])
            gap = float(low) - value if value < low else value - float(high)
            far += gap / max(abs(value), 1)
    for s in range(len(asked.open)):
        word = asked.maps[asked.map_at[s] + who.codes[s, i], j >> 6]
        if not (word >> np.uint64(j & 63)) & np.uint64(1):
            missed += 1
            stuck |= not asked.open[s]
            far += 1.0
    return missed, stuck, far
