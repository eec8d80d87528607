"""Economic interest: what is left of a company for each holder when all circles are divided out."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.trace.owners.register import Bool, Int, Register
from liandong.trace.owners.rules import WHOLE

if TYPE_CHECKING:
    from liandong.kernels.graphs.holdings import Holdings
    from liandong.kernels.graphs.ownership import Listed

Float = NDArray[np.float64]
_SAME = 1e-9
"""Ends closer than this are one share."""


class Interest(NamedTuple):
    """What holders have of targets, as parts of one, and the ties it runs over.

    Attributes
    ----------
    target, holder, low, high
        One row a pair: place of the target, number of the holder, and the two ends.
    tie_target, tie, carried
        One row a tie of a target: place, number of the tie, and at least what runs over it.
    left, locked, top, back
        By target, see :class:`liandong.kernels.graphs.ownership.Listed`; of the least shares.
    core, size
        By party: the first party of its circle, or -1, and how many are in it.
    """

    target: Int
    holder: Int
    low: Float
    high: Float
    tie_target: Int
    tie: Int
    carried: Float
    left: Float
    locked: Float
    top: Float
    back: Float
    core: Int
    size: Int


def interest(found: Register, targets: Int, least: int) -> Interest:
    """Solve for all targets, with the least and, where they differ, the greatest shares.

    More of any share never makes less of any interest, for an interest is the sum of what runs
    over all chains that meet the holder once. So the ends of the shares give the ends of the
    interests; and nobody can have more than what is left by what others have for certain.
    """
    # Compiled code takes a second to load: only this needs it.
    from liandong.kernels.graphs.holdings import holdings
    from liandong.kernels.graphs.ownership import listed

    own = ~found.rules
    ties = np.flatnonzero(own)
    ends = found.owner[own], found.company[own]
    count, floor = len(found.ids), least / WHOLE - _SAME
    great = holdings(*ends, found.high[own], count)
    most = listed(great, targets, floor)
    # With open ends nobody may be left out for having little for certain.
    lesser = great if found.exact else holdings(*ends, found.low[own], count)
    certain = most if found.exact else listed(lesser, targets, 0.0)
    low = _matched(most, certain, count)
    high = most.part if found.exact else _room(found, most, certain, low)
    tie_key = most.tie_target * len(ties) + great.order[most.tie]
    sure_key = certain.tie_target * len(ties) + lesser.order[certain.tie]
    return Interest(
        most.target, most.holder, low, np.maximum(low, high),
        most.tie_target, ties[great.order[most.tie]],
        _looked_up(tie_key, sure_key, certain.carried),
        certain.left, certain.locked, certain.top, certain.back, *_circles(great, count),
    )  # fmt: skip


def _matched(most: "Listed", certain: "Listed", count: int) -> Float:
    """Return what each of those listed has for certain."""
    key, known = (one.target * count + one.holder for one in (most, certain))
    return _looked_up(key, known, certain.part)


def _looked_up(wanted: Int, key: Int, value: Float) -> Float:
    """Return the value of each wanted key, 0 where there is none."""
    if not len(key):
        return np.zeros(len(wanted))
    order = np.argsort(key)
    at = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    return np.where(key[order][at] == wanted, value[order][at], 0.0)


def _room(found: Register, most: "Listed", certain: "Listed", low: Float) -> Float:
    """Return the greatest interests, as far as what others have for certain leaves room."""
    above = found.topped
    last = ~above[most.holder]
    room = 1.0 - (certain.top + certain.locked)[most.target] + low
    return np.where(last, np.minimum(most.part, room), most.part)


def _circles(h: "Holdings", count: int) -> tuple[Int, Int]:
    """Return the first party of the circle of each party (-1 without one) and its size."""
    first = np.full(len(h.begin) - 1, count)
    np.minimum.at(first, h.label, np.arange(count))
    size = np.diff(h.begin)[h.label]
    inside = h.kind[h.label] > 0
    return np.where(inside, first[h.label], -1), np.where(inside, size, 0)


def depths(target: Int, src: Int, dst: Int, start: Int, count: int) -> Int:
    """Return how many ties the upper end of each tie of a target is away from it.

    Parameters
    ----------
    target, src, dst
        One row a tie: place of the target, and numbers of both ends.
    start
        Number of each target.
    count
        Number of parties.
    """
    places, at = np.unique(
        np.concatenate([target * count + src, target * count + dst]), return_inverse=True
    )
    up, down = at[: len(src)], at[len(src) :]
    far = np.full(len(places), len(places) + 1)
    far[np.isin(places, np.arange(len(start)) * count + start)] = 0
    while True:
        closer = far.copy()
        np.minimum.at(closer, up, far[down] + 1)
        if np.array_equal(closer, far):
            break
        far = closer
    # A tie may matter through many others each of which is too small to be listed.
    known = far <= len(places)
    deepest = np.zeros(len(start), np.int64)
    np.maximum.at(deepest, places[known] // count, far[known])
    return np.where(known[down], far[down], deepest[target]) + 1


def ppm(low: Float, high: Float) -> tuple[Int, Int, Bool]:
    """Return both ends in ppm, outward, and whether they are one share, rounded to the nearest."""
    one = high - low < _SAME
    least = np.where(one, np.rint(low * WHOLE), np.floor(low * WHOLE + 1e-6))
    most = np.where(one, least, np.ceil(high * WHOLE - 1e-6))
    return least.astype(np.int64), np.minimum(most, WHOLE).astype(np.int64), one
