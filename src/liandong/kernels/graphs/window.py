"""Lists of transfers by account: what it paid and what it received, each in order of time.

Lists have room to grow; a transfer is added to two of them, and can be taken away again.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

AT, OTHER, ROW = 0, 1, 2
"""Columns of an entry of a list: time, the account at the other end, number of the transfer."""
START, END, LIMIT, LAST = 0, 1, 2, 3
"""Of a list: its first entry, behind its newest, end of its room, and the time of its newest."""
OUT, IN = 0, 4
"""Where the columns of an account's list of what it paid, and received, begin."""
NEVER = np.iinfo(np.int64).max
FIRST_ROOM = 4


class Window(NamedTuple):
    """Transfers that may still be legs: what accounts paid, and what they received.

    Attributes
    ----------
    of
        Shape (accounts, 8), where in ``entry`` the two lists of each account are.
    entry
        Shape (room, 3).
    used
        Shape (1,), how much of the room was ever given to a list.
    """

    of: Int
    entry: Int
    used: Int


def new_window(accounts: int, room: int) -> Window:
    """Return empty lists of so many accounts, with room for so many entries, two a transfer."""
    of = np.zeros((accounts, 8), np.int64)
    of[:, [OUT + LAST, IN + LAST]] = -NEVER
    return Window(of, np.empty((room, 3), np.int64), np.zeros(1, np.int64))


def filled(src: Int, dst: Int, at: Int, accounts: int) -> Window:
    """Return the lists of accounts with all of these transfers in, numbered in their order of time.

    Such lists have no room for more.
    """
    window = new_window(accounts, 2 * len(src))
    sizes = np.stack([np.bincount(end, minlength=accounts) for end in (src, dst)], axis=1).ravel()
    limit = np.cumsum(sizes)
    for k, side in enumerate((OUT, IN)):
        window.of[:, side + LIMIT] = limit[k::2]
        window.of[:, side + START] = window.of[:, side + END] = (limit - sizes)[k::2]
    window.used[0] = 2 * len(src)
    _fill(window, (src, dst, at))
    return window


@njit(cache=True, nogil=True)
def _fill(window: Window, rows: tuple[Int, Int, Int]) -> None:
    src, dst, at = rows
    for i in range(len(src)):
        add(window, (src[i], dst[i], at[i]), i)


def enlarged(window: Window, accounts: int, room: int) -> Window:
    """Return the same lists among more accounts and in more room: not less than there is."""
    of, entry, used = window
    more = new_window(accounts, room)
    more.of[: len(of)], more.entry[: used[0]], more.used[0] = of, entry[: used[0]], used[0]
    return more


@njit(cache=True, nogil=True)
def add(window: Window, edge: tuple[int, int, int], row: int) -> None:
    """Add a transfer (payer, payee, time) with this number to two lists, which have room."""
    u, v, t = edge
    append(window, u, OUT, t, v, row)
    append(window, v, IN, t, u, row)


@njit(cache=True, nogil=True)
def append(window: Window, a: int, side: int, at: int, other: int, row: int) -> None:
    """Add an entry to the list of what an account paid or received, which has room."""
    of, entry, _ = window
    k = of[a, side + END]
    entry[k, AT], entry[k, OTHER], entry[k, ROW] = at, other, row
    of[a, side + END], of[a, side + LAST] = k + 1, at


@njit(cache=True, nogil=True)
def take_back(window: Window, src: Int, dst: Int) -> None:
    """Take the newest transfers, with these payers and payees, away as if never added."""
    of, entry, _ = window
    for i in range(len(src)):
        for a, side in ((src[i], OUT), (dst[i], IN)):
            end = of[a, side + END] - 1
            of[a, side + END] = end
            there = end > of[a, side + START]
            of[a, side + LAST] = entry[end - 1, AT] if there else -NEVER


@njit(cache=True, nogil=True)
def roomy(window: Window, a: int, side: int, oldest: int) -> bool:
    """Make room for one more entry: drop old ones, or move to a larger place, if there is one."""
    of, entry, used = window
    start, end, limit = of[a, side + START], of[a, side + END], of[a, side + LIMIT]
    if end < limit:
        return True
    first, room = since(entry, start, end, oldest), limit - start
    if 2 * (end - first) >= room:
        room = max(2 * room, FIRST_ROOM)
        start = used[0]
        if start + room > len(entry):
            return False
        used[0] = start + room
    for k in range(end - first):
        for c in range(3):
            entry[start + k, c] = entry[first + k, c]
    of[a, side + START], of[a, side + END] = start, start + end - first
    of[a, side + LIMIT] = start + room
    return True


@njit(cache=True, nogil=True)
def since(entry: Int, start: int, end: int, at: int) -> int:
    """Return the first entry from ``start`` on that is not before ``at``."""
    while start < end:
        middle = (start + end) >> 1
        if entry[middle, AT] < at:
            start = middle + 1
        else:
            end = middle
    return start
