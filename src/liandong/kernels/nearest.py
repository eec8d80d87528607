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


class Bands(NamedTuple):
    """What products ask for in numbers.

    Attributes
    ----------
    low, high
        Shape (bands, products), inclusive.
    rises, falls
        Shape (bands,), whether who asks can raise or lower the value.
    """

    low: Int
    high: Int
    rises: Bool
    falls: Bool


@njit(cache=True, nogil=True)
def nearest(
    values: Int, known: Bool, bands: Bands, codes: Int32, maps: Bits, map_at: Int, open_: Bool,
    product: Int32, missed: Int32, movable: Bool, size: Float,
) -> None:  # fmt: skip
    """Find the nearest product of each project.

    Products that changes alone would open go before others; then the fewer criteria are missed the
    better; then the smaller the changes are together, each relative to what is there now (to 1 at
    least; a set that is missed counts 1); then the earlier product.

    Parameters
    ----------
    values, known
        Shape (bands, n).
    bands
        What products ask for; a value that is not known is accepted where both bounds are open.
    codes
        Shape (sets, n).
    maps, map_at
        Maps of bits of the sets, and the row of code 0 of each set.
    open_
        Shape (sets,), whether who asks can change what is in no set of a product.
    product, missed, movable, size
        Shape (n,), written: the product, how many criteria are missed, whether changes alone would
        open it, and their relative size.
    """
    least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    count, n = values.shape
    for i in range(n):
        best, best_missed, best_stuck, best_size = -1, 0, False, 0.0
        for j in range(bands.low.shape[1]):
            misses, stuck, far = 0, False, 0.0
            for a in range(count):
                low, high = bands.low[a, j], bands.high[a, j]
                if not known[a, i]:
                    if low > least or high < most:
                        misses += 1
                        stuck = True
                    continue
                value = values[a, i]
                if low <= value <= high:
                    continue
                misses += 1
                if low > high:
                    stuck = True
                elif value < low:
                    stuck |= not bands.rises[a]
                    far += (low - value) / max(abs(value), 1)
                else:
                    stuck |= not bands.falls[a]
                    far += (value - high) / max(abs(value), 1)
            for s in range(codes.shape[0]):
                word = maps[map_at[s] + codes[s, i], j >> 6]
                if not (word >> np.uint64(j & 63)) & np.uint64(1):
                    misses += 1
                    stuck |= not open_[s]
                    far += 1.0
            better = best < 0 or stuck < best_stuck
            if best >= 0 and stuck == best_stuck:
                better = misses < best_missed or (misses == best_missed and far < best_size)
            if better:
                best, best_missed, best_stuck, best_size = j, misses, stuck, far
        product[i], missed[i], movable[i], size[i] = best, best_missed, not best_stuck, best_size
