"""Money that comes back: simple cycles of transfers at strictly increasing times.

Each account has a list of what it paid and one of what it received, in order of time, with room to
grow; a transfer is added to two lists, and can be taken away again.

For every new transfer u -> v at time t the ways from v to u that are older than t and not older
than the window are listed. Before any way is walked, the time between the first payment of v and
the last receipt of u is cut in the middle: latest departures towards u are spread leg by leg
through the later half, earliest arrivals from v through the earlier one. Where the two do not meet
there is no way. Where they do, arrivals go on through the later half to what can still reach u in
the legs left. The walk back from u then only takes steps from which v can be reached in the legs
left: the work follows what is found.

Only transfers between different accounts are fed in.
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
SIZE, STAMP = 0, 1
ARRIVE, DEPART, BACK, MARK = 0, 1, 2, 3
NEVER = np.iinfo(np.int64).max
MOST_LEGS = 8
FAR = 2 * MOST_LEGS
"""More legs than any circle has."""
V, U = 0, 1
"""Numbers, among the accounts met in a search, of the payee and the payer it is about."""
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


class Pad(NamedTuple):
    """Room for one search; what it holds means nothing afterwards.

    Attributes
    ----------
    slot, node
        By account its number in this search, and by number the account.
    near
        Shape (accounts, 4): by number, earliest arrival from v in the earlier half of the time,
        latest departure towards u in the later one and its fewest legs, and when the account was
        last put on a list.
    arrive
        Shape (accounts, MOST_LEGS): by number, earliest arrival from v in at most so many legs.
    front
        Shape (2, accounts): accounts to go on from, now and next.
    seen
        Shape (MOST_LEGS, accounts), by step of the walk back which accounts were tried.
    size
        How many accounts were met, and the last stamp.
    """

    slot: Int
    node: Int
    near: Int
    arrive: Int
    front: Int
    seen: Int
    size: Int


def new_window(accounts: int, room: int) -> Window:
    """Return empty lists of so many accounts, with room for so many entries, two a transfer."""
    of = np.zeros((accounts, 8), np.int64)
    of[:, [OUT + LAST, IN + LAST]] = -NEVER
    return Window(of, np.empty((room, 3), np.int64), np.zeros(1, np.int64))


def filled(src: Int, dst: Int, at: Int, accounts: int) -> Window:
    """Return the lists of accounts with all of these transfers in, numbered in their order of time.

    Such lists are only read by :func:`closed`.
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
        _add(window, (src[i], dst[i], at[i]), i)


def enlarged(window: Window, accounts: int, room: int) -> Window:
    """Return the same lists among more accounts and in more room: not less than there is."""
    of, entry, used = window
    more = new_window(accounts, room)
    more.of[: len(of)], more.entry[: used[0]], more.used[0] = of, entry[: used[0]], used[0]
    return more


def new_pad(accounts: int) -> Pad:
    """Return room for searches among so many accounts; memory is used as far as it is needed."""
    n = max(accounts, 2)
    return Pad(
        np.zeros(n, np.int64), np.empty(n, np.int64), np.empty((n, 4), np.int64),
        np.empty((n, MOST_LEGS), np.int64), np.empty((2, n), np.int64),
        np.zeros((MOST_LEGS, n), np.int64), np.zeros(2, np.int64),
    )  # fmt: skip


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
        if not (_roomy(window, edge[0], OUT, oldest) and _roomy(window, edge[1], IN, oldest)):
            return found[:count], i
        found, count = _close(window, pad, edge, number + i, width, legs, found, count)
        _add(window, edge, number + i)
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
    if recent and _meet(window, pad, edge, t - width, legs - 1):
        return _walk_back(window, pad, (u, t, t - width, number), legs - 1, found, count)
    return found, count


@njit(cache=True, nogil=True)
def _add(window: Window, edge: tuple[int, int, int], row: int) -> None:
    u, v, t = edge
    _append(window, u, OUT, t, v, row)
    _append(window, v, IN, t, u, row)


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
def _append(window: Window, a: int, side: int, at: int, other: int, row: int) -> None:
    of, entry, _ = window
    k = of[a, side + END]
    entry[k, AT], entry[k, OTHER], entry[k, ROW] = at, other, row
    of[a, side + END], of[a, side + LAST] = k + 1, at


@njit(cache=True, nogil=True)
def _roomy(window: Window, a: int, side: int, oldest: int) -> bool:
    """Make room for one more entry: drop old ones, or move to a larger place, if there is one."""
    of, entry, used = window
    start, end, limit = of[a, side + START], of[a, side + END], of[a, side + LIMIT]
    if end < limit:
        return True
    first, room = _from(entry, start, end, oldest), limit - start
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
def _from(entry: Int, start: int, end: int, at: int) -> int:
    """Return the first entry from ``start`` on that is not before ``at``."""
    while start < end:
        middle = (start + end) >> 1
        if entry[middle, AT] < at:
            start = middle + 1
        else:
            end = middle
    return start


@njit(cache=True, nogil=True)
def _number(pad: Pad, x: int) -> int:
    """Return the number of an account in this search, a new one if it has none."""
    slot, node, size = pad.slot, pad.node, pad.size
    i = slot[x]
    if i < size[SIZE] and node[i] == x:
        return int(i)
    i = size[SIZE]
    size[SIZE] = i + 1
    slot[x], node[i] = i, x
    near = pad.near[i]
    near[ARRIVE], near[DEPART], near[BACK], near[MARK] = NEVER, -NEVER, FAR, -1
    return int(i)


@njit(cache=True, nogil=True)
def _meet(window: Window, pad: Pad, edge: tuple[int, int, int], first: int, top: int) -> bool:
    """Spread arrivals and departures; tell whether a way of at most ``top`` legs is there."""
    u, v, t = edge
    of, entry, _ = window
    end = _from(entry, of[u, IN + START], of[u, IN + END], t) - 1
    if end < of[u, IN + START] or entry[end, AT] < first:
        return False
    start = _from(entry, of[v, OUT + START], of[v, OUT + END], first)
    if start == of[v, OUT + END] or entry[start, AT] > entry[end, AT]:
        return False
    low, high = entry[start, AT], entry[end, AT]
    middle = low + (high - low + 1) // 2
    pad.size[SIZE] = 0
    _number(pad, v)
    _number(pad, u)
    pad.near[V, ARRIVE] = first - 1
    pad.near[U, DEPART], pad.near[U, BACK] = t, 0
    _backward(window, pad, middle, top)
    return _forward(window, pad, middle, top) and _onward(window, pad, middle, top)


@njit(cache=True, nogil=True)
def _backward(window: Window, pad: Pad, middle: int, top: int) -> None:
    """Find the latest departures towards u, of legs from the middle of the time on.

    Within a level what was found a moment ago is used: at times some legs more than there may be.
    """
    of, entry, near = window.of, window.entry, pad.near
    pad.front[0, 0], count = U, 1
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == V:
                continue
            first = of[pad.node[i], IN + START]
            k = _from(entry, first, of[pad.node[i], IN + END], near[i, DEPART]) - 1
            while k >= first and entry[k, AT] >= middle:
                at, j = entry[k, AT], _number(pad, entry[k, OTHER])
                if at > near[j, DEPART]:
                    new = _list(near, then, j, level, new)
                    near[j, DEPART], near[j, BACK] = at, min(near[j, BACK], level + 1)
                k -= 1
        count = new


@njit(cache=True, nogil=True)
def _forward(window: Window, pad: Pad, middle: int, top: int) -> bool:
    """Find the earliest arrivals from v, of legs before the middle of the time.

    Return whether an account was reached from which u may be reached in the legs that are left.
    """
    of, entry, near = window.of, window.entry, pad.near
    pad.front[0, 0], count = V, 1
    met = near[V, BACK] <= top
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == U:
                continue
            end = of[pad.node[i], OUT + END]
            k = _from(entry, of[pad.node[i], OUT + START], end, near[i, ARRIVE] + 1)
            while k < end and entry[k, AT] < middle:
                at, j = entry[k, AT], _number(pad, entry[k, OTHER])
                if at < near[j, ARRIVE]:
                    new = _list(near, then, j, MOST_LEGS + level, new)
                    near[j, ARRIVE] = at
                    met = met or near[j, BACK] + level < top
                k += 1
        count = new
    return bool(met)


@njit(cache=True, nogil=True)
def _onward(window: Window, pad: Pad, middle: int, top: int) -> bool:
    """Find by legs the earliest arrivals from v at all accounts met; tell whether u has one.

    It goes on only where u may be reached in time in the legs left, or where that is not known:
    before the middle of the time.
    """
    of, entry, near, arrive, slot = window.of, window.entry, pad.near, pad.arrive, pad.slot
    size, last = pad.size[SIZE], near[U, DEPART]
    arrive[:size] = NEVER
    arrive[V] = near[V, ARRIVE]
    pad.front[0, 0], count = V, 1
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == U:
                continue
            end = of[pad.node[i], OUT + END]
            k = _from(entry, of[pad.node[i], OUT + START], end, arrive[i, level] + 1)
            while k < end and entry[k, AT] < last:
                at, x = entry[k, AT], entry[k, OTHER]
                j = slot[x]
                k += 1
                if j >= size or pad.node[j] != x or at >= arrive[j, level + 1]:
                    continue
                if at < middle or (at < near[j, DEPART] and near[j, BACK] + level < top):
                    new = _list(near, then, j, 2 * MOST_LEGS + level, new)
                    for legs in range(level + 1, MOST_LEGS):
                        arrive[j, legs] = at
        count = new
    return bool(arrive[U, top] < near[U, DEPART])


@njit(cache=True, nogil=True)
def _list(near: Int, then: Int, j: int, stamp: int, count: int) -> int:
    """Put an account on the list of those to go on from, unless it is there already."""
    if near[j, MARK] == stamp:
        return count
    near[j, MARK], then[count] = stamp, j
    return count + 1


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
    cursor[0] = _from(entry, of[u, IN + START], of[u, IN + END], t) - 1
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
            cursor[d] = _from(entry, of[x, IN + START], of[x, IN + END], at) - 1
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
