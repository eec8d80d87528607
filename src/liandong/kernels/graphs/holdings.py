"""Who owns whom, put in the order in which ownership runs, with circles made ready to solve."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.knots import CIRCLE, SINGLE, WHOLE, solve_knot
from liandong.kernels.graphs.strong import grouped, knot_first, strong_components

Int = NDArray[np.int64]
Float = NDArray[np.float64]

SMALL, KNOT = 64, 384
"""All members of a small circle are its knot; of others as many as it takes to open all circles,
and at most so many. What the knot does is known from an inverse."""


class Holdings(NamedTuple):
    """Who owns whom, in the order in which ownership runs.

    Attributes
    ----------
    first, owner, share
        Owners of party ``v`` are ``owner[first[v]:first[v + 1]]``, with shares as parts of one.
    order
        Row of each of these shares in what was given.
    label
        Component of each party; owners are in the same or in a lesser one.
    begin, member, place
        Members of component ``c`` are ``member[begin[c]:begin[c + 1]]``, and the place of each.
    kind, knot
        What each component is, and how many of its members, the first, are solved by an inverse.
    corner, inverse
        Where the inverse of each knot begins, and all of them, by start and member passed.
    inner, inner_to, inner_share
        Shares inside circles by position in ``member``: their owners by place.
    outer, outer_to, outer_share
        Shares by position in ``member`` that lead to another component: their owners.
    last
        Whether nobody is above each of these owners.
    """

    first: Int
    owner: Int
    share: Float
    order: Int
    label: Int
    begin: Int
    member: Int
    place: Int
    kind: Int
    knot: Int
    corner: Int
    inverse: Float
    inner: Int
    inner_to: Int
    inner_share: Float
    outer: Int
    outer_to: Int
    outer_share: Float
    last: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def holdings(
    owner: Int, company: Int, share: Int, count: int, small: int = SMALL, most: int = KNOT
) -> Holdings:
    """Put shares in order, find the circles, and invert their knots.

    Parameters
    ----------
    owner, company, share
        One row a share: two of 0..count-1, and the share in ppm, not negative. Shares of the same
        pair add up.
    count
        Number of parties.
    small, most
        All members of a circle of so many are its knot; in others so many at most.
    """
    first, order = grouped(company, count)
    up, ppm = owner[order], share[order]
    label, left = strong_components(first, up)
    parts = label.max() + 1 if count else 0
    begin, at = grouped(label[left[::-1]], parts)
    member = left[::-1][at]
    kind, knot = np.zeros(parts, np.int64), np.zeros(parts, np.int64)
    corner, room, place = np.zeros(parts, np.int64), 0, np.zeros(count, np.int64)
    for v in range(count):
        for e in range(first[v], first[v + 1]):
            if up[e] == v and ppm[e] > 0:
                kind[label[v]] = CIRCLE
    for c in range(parts):
        members = member[begin[c] : begin[c + 1]]
        if len(members) > 1 or kind[c] == CIRCLE:
            kind[c], corner[c], knot[c] = CIRCLE, room, len(members)
            if len(members) > small:
                knot[c] = knot_first(first, up, label, place, members, most)
            room += knot[c] ** 2
            for k, v in enumerate(members):
                place[v] = k
    inner, inner_to, inner_share = _inside(first, up, ppm, label, kind, member, place)
    inverse = np.zeros(room)
    for c in range(parts):
        if kind[c] == CIRCLE:
            size = knot[c]
            solved = inverse[corner[c] : corner[c] + size * size].reshape(size, size)
            rows = inner[begin[c] : begin[c + 1] + 1]
            kind[c] = solve_knot(rows, inner_to, inner_share, solved)
    return Holdings(
        first, up, ppm / WHOLE, order, label, begin, member, place, kind, knot, corner, inverse,
        inner, inner_to, inner_share / WHOLE, *_outside(first, up, ppm, label, kind, member),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _inside(
    first: Int, up: Int, ppm: Int, label: Int, kind: Int, member: Int, place: Int
) -> tuple[Int, Int, Int]:
    """Return the shares inside circles in the order of members."""
    inner = np.zeros(len(member) + 1, np.int64)
    to, share = np.empty(len(up), np.int64), np.empty(len(up), np.int64)
    n = 0
    for p, v in enumerate(member):
        if kind[label[v]] != SINGLE:
            for e in range(first[v], first[v + 1]):
                if label[up[e]] == label[v]:
                    to[n], share[n] = place[up[e]], ppm[e]
                    n += 1
        inner[p + 1] = n
    return inner, to[:n].copy(), share[:n].copy()


@njit(cache=True, nogil=True)
def _outside(
    first: Int, up: Int, ppm: Int, label: Int, kind: Int, member: Int
) -> tuple[Int, Int, Float, NDArray[np.bool_]]:
    """Return the shares that lead to another component in the order of members."""
    outer, top = np.zeros(len(member) + 1, np.int64), first[1:] == first[:-1]
    to, share, last = np.empty(len(up), np.int64), np.empty(len(up)), np.empty(len(up), np.bool_)
    n = 0
    for p, v in enumerate(member):
        # Of a party in no circle all owners are outside: no need to look them up.
        alone = kind[label[v]] == SINGLE
        for e in range(first[v], first[v + 1]):
            if up[e] != v and (alone or label[up[e]] != label[v]):
                to[n], share[n], last[n] = up[e], ppm[e] / WHOLE, top[up[e]]
                n += 1
        outer[p + 1] = n
    return outer, to[:n].copy(), share[:n].copy(), last[:n].copy()
