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
START, FIRST, END, LIMIT = 0, 1, 2, 3
"""Columns of a list: where its room begins, its oldest and behind its newest entry, end of room."""
SIZE, STAMP = 0, 1
ARRIVE, DEPART, BACK, MARK = 0, 1, 2, 3
NEVER = np.iinfo(np.int64).max
MOST_LEGS = 8
FAR = 2 * MOST_LEGS
"""More legs than any circle has."""
V, U = 0, 1
"""Numbers, among the accounts met in a search, of the payee and the payer it is about."""
FIRST_ROOM = 4


class Lists(NamedTuple):
    """One list an account.

    Attributes
    ----------
    of
        Shape (accounts, 4), where in ``entry`` the list of each account is.
    entry
        Shape (room, 3).
    used
        Shape (1,), how much of the room was ever given to a list.
    """

    of: Int
    entry: Int
    used: Int


class Window(NamedTuple):
    """Transfers that may still be legs: what accounts paid, and what they received."""

    outs: Lists
    ins: Lists


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


def new_lists(room: Int) -> Lists:
    """Return empty lists with the given room for each account."""
    of = np.zeros((len(room), 4), np.int64)
    of[:, LIMIT] = np.cumsum(room)
    of[:, START] = of[:, FIRST] = of[:, END] = of[:, LIMIT] - room
    return Lists(of, np.empty((int(room.sum()), 3), np.int64), np.array([room.sum()]))


def new_pad(accounts: int) -> Pad:
    """Return room for searches among so many accounts; memory is used as far as it is needed."""
    n = max(accounts, 2)
    return Pad(
        np.zeros(n, np.int64), np.empty(n, np.int64), np.empty((n, 4), np.int64),
        np.empty((n, MOST_LEGS), np.int64), np.empty((2, n), np.int64),
        np.zeros((MOST_LEGS, n), np.int64), np.zeros(2, np.int64),
    )  # fmt: skip


def spread(lists: Lists, accounts: int, oldest: int) -> Lists:
    """Return the same lists for so many accounts, with new room, without what is too old."""
    more = np.zeros((accounts - len(lists.of), 4), np.int64)
    old = Lists(np.concatenate([lists.of, more]), lists.entry, lists.used)
    _forget(old, oldest)
    held = old.of[:, END] - old.of[:, FIRST]
    room = np.where(held > 0, FIRST_ROOM + 2 * held, 0)
    new = new_lists(room)
    entry = np.empty((2 * len(new.entry) + 1024, 3), np.int64)
    new = Lists(new.of, entry, new.used)
    _move(old, new)
    return new


@njit(cache=True, nogil=True)
def _forget(lists: Lists, oldest: int) -> None:
    of, entry = lists.of, lists.entry
    for a in range(len(of)):
        of[a, FIRST] = _from(entry, of[a, FIRST], of[a, END], oldest)


@njit(cache=True, nogil=True)
def _move(old: Lists, new: Lists) -> None:
    for a in range(len(old.of)):
        start, end, to = old.of[a, FIRST], old.of[a, END], new.of[a, START]
        for k in range(end - start):
            new.entry[to + k] = old.entry[start + k]
        new.of[a, END] = to + end - start


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
        some with :func:`spread`, and go on), or after too many circles.

    Notes
    -----
    Legs at the same time never follow each other. Of transfers between the same two accounts a
    circle takes the latest that fits, from the last leg backwards: so there is one circle for each
    sequence of accounts and closing transfer.
    """
    src, dst, at = rows
    found, count = np.full((16, MOST_LEGS), -1), 0
    for i in range(len(src)):
        u, v, t = src[i], dst[i], at[i]
        if not (_roomy(window.outs, u, t - kept) and _roomy(window.ins, v, t - kept)):
            return found[:count], i
        if _meet(window, pad, (u, v, t), t - width, legs - 1):
            way = (u, t, t - width, number + i)
            found, count = _walk_back(window, pad, way, legs - 1, found, count)
        _append(window.outs, u, t, v, number + i)
        _append(window.ins, v, t, u, number + i)
        if count > most:
            return found[:count], i + 1
    return found[:count], len(src)


@njit(cache=True, nogil=True)
def take_back(window: Window, src: Int, dst: Int) -> None:
    """Take the newest transfers, with these payers and payees, away as if never added."""
    for i in range(len(src)):
        window.outs.of[src[i], END] -= 1
        window.ins.of[dst[i], END] -= 1


@njit(cache=True, nogil=True)
def _append(lists: Lists, a: int, at: int, other: int, row: int) -> None:
    k = lists.of[a, END]
    lists.entry[k, AT], lists.entry[k, OTHER], lists.entry[k, ROW] = at, other, row
    lists.of[a, END] = k + 1


@njit(cache=True, nogil=True)
def _roomy(lists: Lists, a: int, oldest: int) -> bool:
    """Make room for one more entry: drop old ones, or move to a larger place, if there is one."""
    of, entry = lists.of, lists.entry
    if of[a, END] < of[a, LIMIT]:
        return True
    start, end = of[a, START], of[a, END]
    first = _from(entry, of[a, FIRST], end, oldest)
    room, held = end - start, end - first
    if 2 * held > room or room == 0:
        room = max(2 * room, FIRST_ROOM)
        start = lists.used[0]
        if start + room > len(entry):
            return False
        lists.used[0] = start + room
    for k in range(held):
        for c in range(3):
            entry[start + k, c] = entry[first + k, c]
    of[a, START], of[a, FIRST] = start, start
    of[a, END], of[a, LIMIT] = start + held, start + room
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
    outs, ins = window.outs, window.ins
    end = _from(ins.entry, ins.of[u, FIRST], ins.of[u, END], t) - 1
    if end < ins.of[u, FIRST] or ins.entry[end, AT] < first:
        return False
    start = _from(outs.entry, outs.of[v, FIRST], outs.of[v, END], first)
    if start == outs.of[v, END] or outs.entry[start, AT] > ins.entry[end, AT]:
        return False
    low, high = outs.entry[start, AT], ins.entry[end, AT]
    middle = low + (high - low + 1) // 2
    pad.size[SIZE] = 0
    _number(pad, v)
    _number(pad, u)
    pad.near[V, ARRIVE] = first - 1
    pad.near[U, DEPART], pad.near[U, BACK] = t, 0
    _backward(ins, pad, middle, top)
    return _forward(outs, pad, middle, top) and _onward(outs, pad, middle, top)


@njit(cache=True, nogil=True)
def _backward(ins: Lists, pad: Pad, middle: int, top: int) -> None:
    """Find the latest departures towards u, of legs from the middle of the time on.

    Within a level what was found a moment ago is used: at times some legs more than there may be.
    """
    of, entry, near = ins.of, ins.entry, pad.near
    pad.front[0, 0], count = U, 1
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == V:
                continue
            first = of[pad.node[i], FIRST]
            k = _from(entry, first, of[pad.node[i], END], near[i, DEPART]) - 1
            while k >= first and entry[k, AT] >= middle:
                at, j = entry[k, AT], _number(pad, entry[k, OTHER])
                if at > near[j, DEPART]:
                    new = _list(near, then, j, level, new)
                    near[j, DEPART], near[j, BACK] = at, min(near[j, BACK], level + 1)
                k -= 1
        count = new


@njit(cache=True, nogil=True)
def _forward(outs: Lists, pad: Pad, middle: int, top: int) -> bool:
    """Find the earliest arrivals from v, of legs before the middle of the time.

    Return whether an account was reached from which u may be reached in the legs that are left.
    """
    of, entry, near = outs.of, outs.entry, pad.near
    pad.front[0, 0], count = V, 1
    met = near[V, BACK] <= top
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == U:
                continue
            end = of[pad.node[i], END]
            k = _from(entry, of[pad.node[i], FIRST], end, near[i, ARRIVE] + 1)
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
def _onward(outs: Lists, pad: Pad, middle: int, top: int) -> bool:
    """Find by legs the earliest arrivals from v at all accounts met; tell whether u has one.

    It goes on only where u may be reached in time in the legs left, or where that is not known:
    before the middle of the time.
    """
    of, entry, near, arrive, slot = outs.of, outs.entry, pad.near, pad.arrive, pad.slot
    size = pad.size[SIZE]
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
            end = of[pad.node[i], END]
            k = _from(entry, of[pad.node[i], FIRST], end, arrive[i, level] + 1)
            while k < end:
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
    of, entry = window.ins.of, window.ins.entry
    arrive, slot, node, seen, size = pad.arrive, pad.slot, pad.node, pad.seen, pad.size
    u, t, first, closing = way
    path, row = np.zeros(MOST_LEGS, np.int64), np.zeros(MOST_LEGS, np.int64)
    cursor, stamp = np.zeros(MOST_LEGS, np.int64), np.zeros(MOST_LEGS, np.int64)
    size[STAMP] += 1
    d, path[0], stamp[0] = 0, U, size[STAMP]
    cursor[0] = _from(entry, of[u, FIRST], of[u, END], t) - 1
    while d >= 0:
        k = cursor[d]
        if k < of[node[path[d]], FIRST] or entry[k, AT] < max(first, arrive[path[d], top - d]):
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
            cursor[d] = _from(entry, of[x, FIRST], of[x, END], at) - 1
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
