"""Rows that share something: their order by several keys, groups, and windows within groups."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
_ROOM = 2**62


class Groups(NamedTuple):
    """Rows in the order of their keys.

    Attributes
    ----------
    order
        Shape (rows,), the rows, those of one group together.
    group
        Shape (rows,), the number of the group of each row of ``order``.
    start, size
        Shape (groups,), where in ``order`` a group begins, and how many rows it has.
    """

    order: Int
    group: Int
    start: Int
    size: Int

    def rows(self, chosen: NDArray[np.bool_]) -> Int:
        """Return the rows of the groups that are ``chosen``."""
        return self.order[chosen[self.group]]

    def numbers(self, chosen: NDArray[np.bool_]) -> Int:
        """Return the number of the group of each of these rows."""
        return self.group[chosen[self.group]]

    def sums(self, values: Int) -> Int:
        """Return the sum of ``values`` (one a row) over each group."""
        return np.add.reduceat(values[self.order], self.start) if len(self.start) else self.start


def grouped(*keys: Int) -> Groups:
    """Group rows by whole-number keys.

    Parameters
    ----------
    *keys
        Each of shape (rows,).

    Returns
    -------
    Groups
        Ordered by the keys; the order of rows that are alike in all of them is any.
    """
    code = packed(*keys)
    if code is None:
        order = np.lexsort(keys[::-1])
        new = np.zeros(len(order), bool)
        for k in keys:
            new[1:] |= np.diff(k[order]) != 0
    else:
        order = np.argsort(code)
        new = np.append(False, np.diff(code[order]) != 0)[: len(order)]
    new[:1] = True
    start = np.flatnonzero(new)
    size = np.diff(np.append(start, len(order)))
    return Groups(order, np.cumsum(new) - 1, start, size)


def packed(*keys: Int) -> Int | None:
    """Return one number a row that is alike where all keys are, in their order; None: no room."""
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    low = [int(k.min()) for k in keys]
    wide = [int(k.max()) - a + 1 for k, a in zip(keys, low, strict=True)]
    room = 1
    for w in wide:
        room *= w
    if room > _ROOM:
        return None
    code = np.zeros(len(keys[0]), np.int64)
    for k, a, w in zip(keys, low, wide, strict=True):
        code *= w
        code += k - a
    return code


class Windows(NamedTuple):
    """For each row of sorted rows: what lies in a window that ends with it.

    Attributes
    ----------
    first
        Shape (rows,), where the window begins.
    sums
        Shape (rows,), the sum over it.
    """

    first: Int
    sums: Int


def windows(group: Int, at: Int, values: Int, wide: int) -> Windows:
    """Sum ``values`` over the rows of a group less than ``wide`` before each of its rows.

    Parameters
    ----------
    group, at
        Shape (rows,), sorted by group and then by ``at``. Rows of one ``at`` that come later in
        the order are not in the window of an earlier one.
    """
    if not len(group):
        return Windows(np.zeros(0, np.int64), np.zeros(0, np.int64))
    since = at - int(at.min())
    span = int(since.max()) + wide + 1
    place = group * span + since + wide
    first = np.searchsorted(place, place - wide, side="right")
    total = np.append(0, np.cumsum(values))
    return Windows(first, total[1:] - total[first])


def covered(first: Int, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which rows lie in one of the ``chosen`` windows, from ``first`` to the row itself."""
    change = np.zeros(len(first) + 1, np.int64)
    np.add.at(change, first[chosen], 1)
    np.add.at(change, np.flatnonzero(chosen) + 1, -1)
    return np.cumsum(change[:-1]) > 0
