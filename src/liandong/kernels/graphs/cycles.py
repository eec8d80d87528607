"""Money that comes back: simple cycles of transfers at strictly increasing times.

For every new transfer u -> v at time t the ways from v to u that are older than t and not older
than the window are listed. First it is found out from which accounts v can be reached, and in how
many legs. The walk back from u then only takes steps from which v can be reached in the legs left:
the work follows what is found.

Only transfers between different accounts are fed in.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.meeting import MOST_LEGS, SIZE, STAMP, Pad, U, V, meet
from liandong.kernels.graphs.window import (
    AT,
    END,
    IN,
    LAST,
    OTHER,
    OUT,
    ROW,
    START,
    Window,
    add,
    roomy,
    since,
)

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def feed(
    window: Window, pad: Pad, rows: tuple[Int, Int, Int], number: int, width: int, kept: int,
    legs: int, most: int,
) -> tuple[Int, int]:  # fmt: skip
    """Add transfers one by one and list the circles that each of them closes.

    Parameters
    ----------
    window, pad
        Both are changed. All accounts have a list.
    rows
        Payers, payees and times, each of shape (transfers,). Payer and payee differ; times do not
        fall and are not before the newest in the window.
    number
        Of the first of them; the others count on from it.
    width
        A circle's last leg is at most so much later than its first.
    kept
        Entries older than a new one by more than this may be dropped to make room; at least
        ``width``.
    legs
        A circle has 2 to so many legs, at most ``MOST_LEGS``.
    most
        Ends with the transfer at which more circles than this were found.

    Returns
    -------
    found
        Shape (circles, MOST_LEGS): numbers of the legs in order of time, -1 behind the last.
    done
        How many transfers were added: fewer than given where a list found no room to grow (make
        some with :func:`enlarged`, and go on), or after too many circles.

    Notes
    -----
    Legs at the same time never follow each other. Of transfers between the same two accounts a
    circle takes the latest that fits, from the last leg backwards: so there is one circle for each
    sequence of accounts and closing transfer.
    """
    src, dst, at = rows
    found, count = np.full((16, MOST_LEGS), -1), 0
    for i in range(len(src)):
        edge = (src[i], dst[i], at[i])
        oldest = edge[2] - kept
        if not (roomy(window, edge[0], OUT, oldest) and roomy(window, edge[1], IN, oldest)):
            return found[:count], i
        found, count = _close(window, pad, edge, number + i, width, legs, found, count)
        add(window, edge, number + i)
        if count > most:
            return found[:count], i + 1
    return found[:count], len(src)


@njit(cache=True, nogil=True)
def closed(
    window: Window, pad: Pad, rows: tuple[Int, Int, Int], number: int, width: int, legs: int,
    most: int,
) -> Int:  # fmt: skip
    """List the circles that transfers close which are in the window with all before them.

    The circles and their order are those of :func:`feed`. The window is only read: threads may
    share it, each with a pad of its own.

    Parameters
    ----------
    window
        As :func:`filled` returns it.
    pad, rows, number, width, legs, most
        As for :func:`feed`.

    Returns
    -------
    numpy.ndarray
        Shape (circles, MOST_LEGS): numbers of the legs in order of time, -1 behind the last.
    """
    src, dst, at = rows
    found, count = np.full((16, MOST_LEGS), -1), 0
    for i in range(len(src)):
        edge = (src[i], dst[i], at[i])
        found, count = _close(window, pad, edge, number + i, width, legs, found, count)
        if count > most:
            break
    return found[:count]


@njit(cache=True, nogil=True)
def _close(
    window: Window, pad: Pad, edge: tuple[int, int, int], number: int, width: int, legs: int,
    found: Int, count: int,
) -> tuple[Int, int]:  # fmt: skip
    """List the circles that one transfer closes; return the list and how long it is."""
    u, v, t = edge
    of = window.of
    recent = of[u, IN + LAST] >= t - width and of[v, OUT + LAST] >= t - width
    if recent and meet(window, pad, edge, t - width, legs - 1):
        return _walk_back(window, pad, (u, t, t - width, number), legs - 1, found, count)
    return found, count


@njit(cache=True, nogil=True)
def _walk_back(
    window: Window, pad: Pad, way: tuple[int, int, int, int], top: int, found: Int, count: int
) -> tuple[Int, int]:
    """List the ways from v to u, walking back from u; return the list and how long it is."""
    of, entry = window.of, window.entry
    arrive, slot, node, seen, size = pad.arrive, pad.slot, pad.node, pad.seen, pad.size
    u, t, first, closing = way
    path, row = np.zeros(MOST_LEGS, np.int64), np.zeros(MOST_LEGS, np.int64)
    cursor, stamp = np.zeros(MOST_LEGS, np.int64), np.zeros(MOST_LEGS, np.int64)
    size[STAMP] += 1
    d, path[0], stamp[0] = 0, U, size[STAMP]
    cursor[0] = since(entry, of[u, IN + START], of[u, IN + END], t) - 1
    while d >= 0:
        k = cursor[d]
        if k < of[node[path[d]], IN + START] or entry[k, AT] < max(first, arrive[path[d], top - d]):
            d -= 1
            continue
        cursor[d] = k - 1
        at, x = entry[k, AT], entry[k, OTHER]
        i = slot[x]
        if i >= size[SIZE] or node[i] != x or seen[d, i] == stamp[d]:
            continue
        seen[d, i], row[d] = stamp[d], entry[k, ROW]
        if i == V:
            found = _with_room(found, count)
            for leg in range(d + 1):
                found[count, leg] = row[d - leg]
            found[count, d + 1] = closing
            count += 1
        elif arrive[i, top - d - 1] < at and not _among(path, d, i):
            d += 1
            size[STAMP] += 1
            path[d], stamp[d] = i, size[STAMP]
            cursor[d] = since(entry, of[x, IN + START], of[x, IN + END], at) - 1
    return found, count


@njit(cache=True, nogil=True)
def _among(path: Int, last: int, i: int) -> bool:
    found = False
    for k in range(last + 1):
        found |= path[k] == i
    return found


@njit(cache=True, nogil=True)
def _with_room(found: Int, count: int) -> Int:
    if count < len(found):
        return found
    more = np.full((2 * len(found), MOST_LEGS), -1)
    more[:count] = found
    return more
