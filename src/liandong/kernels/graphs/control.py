"""Control through others: majorities added up along cascades, chains as strong as their links."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.strong import grouped

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def cascade(
    first: Int, company: Int, share: Int, head: int, enough: int, held: Int,
    inside: NDArray[np.bool_],
) -> tuple[Int, int]:  # fmt: skip
    """Return whom ``head`` and all that it controls hold shares of, the controlled ones first.

    Control of a company begins where the shares that the head and what it controls hold of it
    together reach ``enough``; and so on. What is added to a group only makes it hold more, so the
    order of adding does not matter.

    Parameters
    ----------
    first, company, share
        ``v`` holds ``share[e]`` of ``company[e]`` for ``e`` from ``first[v]`` to ``first[v + 1]``.
    enough
        Sum of shares that is control.
    held, inside
        Room, one a party, all zero and false: on return ``held`` has what is held of each found
        one. The caller clears it.

    Returns
    -------
    found
        Parties in the order of being found, controlled ones by order of control; the head first.
    controlled
        How many of them, the first, are the head and what it controls.
    """
    chain, seen = np.empty(16, np.int64), np.empty(16, np.int64)
    chain[0], tail, n, at = head, 1, 0, 0
    inside[head] = True
    while at < tail:
        v = chain[at]
        at += 1
        for e in range(first[v], first[v + 1]):
            to = company[e]
            if share[e] == 0:
                continue
            if held[to] == 0:
                if n == len(seen):
                    seen = np.concatenate((seen, seen))
                seen[n] = to
                n += 1
            held[to] += share[e]
            if held[to] >= enough and not inside[to]:
                inside[to] = True
                if tail == len(chain):
                    chain = np.concatenate((chain, chain))
                chain[tail] = to
                tail += 1
    found = np.empty(tail + n, np.int64)
    found[:tail] = chain[:tail]
    count = tail
    for k in range(n):
        if not inside[seen[k]]:
            found[count] = seen[k]
            count += 1
    inside[chain[:tail]] = False
    return found[:count].copy(), tail


@njit(cache=True, nogil=True)
def blocs(
    first: Int, company: Int, share: Int, heads: Int, enough: int, least: int
) -> tuple[Int, Int, Int, NDArray[np.bool_]]:
    """Return what each head holds of whom together with all that it controls.

    Returns
    -------
    head, party, held, controlled
        One row a pair in which ``held`` is at least ``least``; the head itself is left out. See
        :func:`cascade`.
    """
    count = len(first) - 1
    held, inside = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    rows, n = np.empty((1024, 4), np.int64), 0
    for h in heads:
        found, tail = cascade(first, company, share, h, enough, held, inside)
        for k in range(1, len(found)):
            v = found[k]
            if v != h and (held[v] >= least or k < tail):
                if n == len(rows):
                    rows = np.concatenate((rows, rows))
                rows[n] = h, v, held[v], int(k < tail)
                n += 1
        held[found] = 0
    return rows[:n, 0].copy(), rows[:n, 1].copy(), rows[:n, 2].copy(), rows[:n, 3] > 0


@njit(cache=True, nogil=True)
def _above(first: Int, owner: Int, share: Int, target: int, least: int, number: Int) -> Int:
    """Return the target and all above it by shares of at least ``least``, and number them."""
    found, n, at = np.empty(16, np.int64), 1, 0
    found[0], number[target] = target, 0
    while at < n:
        v = found[at]
        at += 1
        for e in range(first[v], first[v + 1]):
            if share[e] >= least and number[owner[e]] < 0:
                if n == len(found):
                    found = np.concatenate((found, found))
                number[owner[e]] = n
                found[n] = owner[e]
                n += 1
    return found[:n].copy()


@njit(cache=True, nogil=True)
def _links(
    first: Int, owner: Int, share: Int, least: int, found: Int, number: Int
) -> tuple[Int, Int, Int]:
    """Return the links between those found: their numbers, and both ends by place."""
    link, tail, head = np.empty(16, np.int64), np.empty(16, np.int64), np.empty(16, np.int64)
    n = 0
    for k, v in enumerate(found):
        for e in range(first[v], first[v + 1]):
            if share[e] >= least and owner[e] != v:
                if n == len(link):
                    link = np.concatenate((link, link))
                    tail, head = np.concatenate((tail, tail)), np.concatenate((head, head))
                link[n], tail[n], head[n] = e, k, number[owner[e]]
                n += 1
    return link[:n].copy(), tail[:n].copy(), head[:n].copy()


@njit(cache=True, nogil=True)
def _way(begin: Int, turn: Int, to: Int, room: Int, goal: int) -> Int:
    """Return the arcs with room of a shortest way from 0 to ``goal``, the last first; or none."""
    by, back = np.full(len(begin) - 1, -1), np.full(len(begin) - 1, -1)
    queue, n, at = np.zeros(len(begin) - 1, np.int64), 1, 0
    while at < n and by[goal] < 0:
        v = queue[at]
        at += 1
        for e in range(begin[v], begin[v + 1]):
            arc = turn[e]
            if room[arc] > 0 and to[arc] != 0 and by[to[arc]] < 0:
                by[to[arc]], back[to[arc]] = arc, v
                queue[n] = to[arc]
                n += 1
    way, n, v = np.empty(len(begin), np.int64), 0, goal
    while v != 0 and by[v] >= 0:
        way[n] = by[v]
        n += 1
        v = back[v]
    return way[:n].copy()


@njit(cache=True, nogil=True)
def _most(tail: Int, head: Int, share: Int, places: int, goal: int) -> tuple[Int, Int]:
    """Return where each chain between 0 and ``goal`` begins, with the links of all, top down."""
    links = len(tail)
    to = np.concatenate((head, tail))
    room = np.concatenate((share, np.zeros(links, np.int64)))
    begin, turn = grouped(np.concatenate((tail, head)), places)
    while True:
        way = _way(begin, turn, to, room, goal)
        if not len(way):
            break
        least = room[way].min()
        for arc in way:
            room[arc] -= least
            room[arc + links if arc < links else arc - links] += least
    flow = np.zeros(2 * links, np.int64)
    flow[:links] = share - room[:links]
    out, n = np.empty((16, 3), np.int64), 0
    chain = 0
    while True:
        way = _way(begin, turn, to, flow, goal)
        if not len(way):
            break
        least = flow[way].min()
        for arc in way:
            flow[arc] -= least
            if n == len(out):
                out = np.concatenate((out, out))
            out[n] = chain, arc, least
            n += 1
        chain += 1
    return out[:n, 0].copy(), out[:n, 1:].copy()


@njit(cache=True, nogil=True)
def chains(
    first: Int, owner: Int, share: Int, targets: Int, holders: Int, least: int
) -> tuple[Int, Int, Int, Int]:
    """Return chains of shares between holders and targets that have no part of a share in common.

    A chain is as strong as its weakest link (La Porta, Lopez-de-Silanes and Shleifer 1999;
    Claessens, Djankov and Lang 2000); chains that use the same link share it out. All together
    they carry the most that can be carried (Ford and Fulkerson 1956; shortest chains first,
    Edmonds and Karp 1972), which is why more of a share never makes control less.

    Parameters
    ----------
    first, owner, share
        Owners of party ``v`` are ``owner[first[v]:first[v + 1]]`` with their shares in ppm.
    targets, holders
        Pairs; pairs of the same target stand together.
    least
        Shares of less are no links.

    Returns
    -------
    pair, chain, link, strength
        One row a link: number of the pair and of the chain in it, number of the share, from the
        holder down; and what the chain carries.
    """
    number = np.full(len(first) - 1, -1)
    rows, n, now = np.empty((256, 4), np.int64), 0, -1
    found = link = tail = head = np.empty(0, np.int64)
    for p in range(len(targets)):
        if targets[p] != now:
            number[found] = -1
            now = targets[p]
            found = _above(first, owner, share, now, least, number)
            link, tail, head = _links(first, owner, share, least, found, number)
        if number[holders[p]] < 1:
            continue
        chain, used = _most(tail, head, share[link], len(found), number[holders[p]])
        while n + len(chain) > len(rows):
            rows = np.concatenate((rows, rows))
        for k in range(len(chain)):
            rows[n] = p, chain[k], link[used[k, 0]], used[k, 1]
            n += 1
    return rows[:n, 0].copy(), rows[:n, 1].copy(), rows[:n, 2].copy(), rows[:n, 3].copy()
