"""Integrated ownership: what holders have in companies through others, circles divided out.

Ownership runs upward: from a company to its owners, from those to theirs. Of one whole of a
company, each owner takes its share, and what it took is again its owners'. What arrives at a holder
for the first time is its integrated ownership; what would come back to it through a circle is its
own already (Brioschi, Buzzacchi and Colombo 1989; Baldone, Brioschi and Paleari 1997; Chapelle and
Szafarz 2005: the inverse with its diagonal divided out). Circles are solved one by one, the rest in
one pass.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.holdings import Holdings
from liandong.kernels.graphs.knots import CIRCLE, LOCKED, SINGLE, UNBOUNDED

Int = NDArray[np.int64]
Float = NDArray[np.float64]

SWEEPS = 5_000
TOLERANCE = 1e-13
"""What sweeps over the others may leave of what came in."""
FAINT = 1e-17
"""What is passed on to one owner and is less than this is not followed, and counted as left."""


@njit(cache=True, nogil=True)
def _pass(v: int, mass: Float, passed: Float) -> None:
    """Let what came to a party in no circle pass by it."""
    passed[v], mass[v] = mass[v], 0.0


@njit(cache=True, nogil=True)
def _settle(h: Holdings, c: int, mass: Float, passed: Float) -> tuple[float, float]:
    """Let what came into component ``c`` pass by its members; return what is left, and locked.

    ``mass`` of the members becomes zero; ``passed`` becomes how often each was passed by, or what
    came in if nothing of it leaves or it has no bound.
    """
    begin, end, kind = h.begin[c], h.begin[c + 1], h.kind[c]
    if kind == CIRCLE:
        return _sweep(h, c, mass, passed), 0.0
    came = 0.0
    for k in range(begin, end):
        came += mass[h.member[k]]
        mass[h.member[k]] = 0.0
    for k in range(begin, end):
        passed[h.member[k]] = came
    return 0.0, came if kind == LOCKED else 0.0


@njit(cache=True, nogil=True)
def _sweep(h: Holdings, c: int, mass: Float, passed: Float) -> float:
    """Push what came in from member to member until hardly anything is left; return what is.

    First along the order of members into the knot, then all that the knot does at once, then
    along the order again. Once is enough if the knot opens all circles.
    """
    begin, size, knot = h.begin[c], h.begin[c + 1] - h.begin[c], h.knot[c]
    here, done, later = np.empty(size), np.zeros(size), np.zeros(size)
    for k in range(size):
        here[k] = mass[h.member[begin + k]]
        mass[h.member[begin + k]] = 0.0
    solved = h.inverse[h.corner[c] : h.corner[c] + knot * knot].reshape(knot, knot)
    came, add = here.sum(), np.empty(knot)
    for _ in range(SWEEPS):
        _along(h, begin, knot, here, later, done, knot)
        add[:] = 0.0
        for j in range(knot):
            if here[j] > 0:
                add += here[j] * solved[j]
                here[j] = 0.0
        for j in range(knot):
            done[j] += add[j]
            for e in range(h.inner[begin + j], h.inner[begin + j + 1]):
                if h.inner_to[e] >= knot:
                    here[h.inner_to[e]] += add[j] * h.inner_share[e]
        _along(h, begin, knot, here, later, done, 0)
        here, later = later, here
        if here.sum() <= came * TOLERANCE:
            break
    for k in range(size):
        passed[h.member[begin + k]] = done[k]
    return float(here.sum())


@njit(cache=True, nogil=True)
def _along(
    h: Holdings, begin: int, knot: int, here: Float, later: Float, done: Float, into: int
) -> None:  # fmt: skip
    """Push what is with members outside the knot along their order; what runs back waits.

    Members of the knot below ``into`` take what arrives: all, or none the second time, when the
    inverse has counted that already.
    """
    for k in range(knot, len(here)):
        now = here[k]
        if now == 0.0:
            continue
        here[k] = 0.0
        done[k] += now
        for e in range(h.inner[begin + k], h.inner[begin + k + 1]):
            to = h.inner_to[e]
            if to > k:
                here[to] += now * h.inner_share[e]
            elif to >= knot:
                later[to] += now * h.inner_share[e]
            elif to < into:
                here[to] += now * h.inner_share[e]


@njit(cache=True, nogil=True)
def look_through(h: Holdings, value: Float) -> tuple[Float, float]:
    """Return what each party has with all that it owns, and how far that is from being exact.

    Solves ``x = value + W x``: one pass over the components, companies before their owners.

    Parameters
    ----------
    h
        Who owns whom.
    value
        Shape (parties,), not negative: what each has by itself.

    Returns
    -------
    with_all
        Shape (parties,). Members of a circle that nobody outside owns have what came in.
    residual
        Greatest difference of the two sides over the greatest entry, circles of no owner aside.
    """
    mass, passed = value.copy(), np.zeros(len(value))
    for c in range(len(h.begin) - 2, -1, -1):
        if h.kind[c] == SINGLE:
            _pass(h.member[h.begin[c]], mass, passed)
        else:
            _settle(h, c, mass, passed)
        for k in range(h.begin[c], h.begin[c + 1]):
            now = passed[h.member[k]]
            for e in range(h.outer[k], h.outer[k + 1]):
                mass[h.outer_to[e]] += now * h.outer_share[e]
    again = value.copy()
    for v in range(len(value)):
        for e in range(h.first[v], h.first[v + 1]):
            again[h.owner[e]] += passed[v] * h.share[e]
    off, most = 0.0, 0.0
    for v in range(len(value)):
        if h.kind[h.label[v]] <= CIRCLE:
            off, most = max(off, abs(again[v] - passed[v])), max(most, passed[v])
    return passed, off / most if most > 0 else 0.0


class Room(NamedTuple):
    """Where one target after another is worked out; empty in between.

    Attributes
    ----------
    mass, passed
        By party, all zero.
    waiting
        Components still to be settled, as a heap with the greatest first.
    listed
        Whether a component waits.
    """

    mass: Float
    passed: Float
    waiting: Int
    listed: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def room(h: Holdings) -> Room:
    """Return room for :func:`holders_of`; each thread needs its own."""
    n, parts = len(h.first) - 1, len(h.begin) - 1
    return Room(np.zeros(n), np.zeros(n), np.empty(parts, np.int64), np.zeros(parts, np.bool_))


@njit(cache=True, nogil=True)
def _wait(r: Room, held: int, c: int) -> int:
    """Put a component into the heap of ``held`` if it is not there; return how many are."""
    if r.listed[c]:
        return held
    r.listed[c] = True
    k = held
    while k > 0 and r.waiting[(k - 1) // 2] < c:
        r.waiting[k] = r.waiting[(k - 1) // 2]
        k = (k - 1) // 2
    r.waiting[k] = c
    return held + 1


@njit(cache=True, nogil=True)
def _next(r: Room, held: int) -> int:
    """Take the greatest component out of the heap of ``held``."""
    found, last = int(r.waiting[0]), r.waiting[held - 1]
    k, held = 0, held - 1
    while 2 * k + 1 < held:
        child = 2 * k + 1
        if child + 1 < held and r.waiting[child + 1] > r.waiting[child]:
            child += 1
        if r.waiting[child] <= last:
            break
        r.waiting[k] = r.waiting[child]
        k = child
    r.waiting[k] = last
    r.listed[found] = False
    return found


@njit(cache=True, nogil=True)
def _through(h: Holdings, c: int, mass: Float, passed: Float) -> tuple[float, float]:
    """Let what came into a component pass by, without end if there is no bound to it."""
    if h.kind[c] == SINGLE:
        _pass(h.member[h.begin[c]], mass, passed)
        return 0.0, 0.0
    came = 0.0
    for k in range(h.begin[c], h.begin[c + 1]):
        came += mass[h.member[k]]
    if h.kind[c] != UNBOUNDED and came < np.inf:
        return _settle(h, c, mass, passed)
    for k in range(h.begin[c], h.begin[c + 1]):
        passed[h.member[k]], mass[h.member[k]] = np.inf, 0.0
    return 0.0, 0.0


@njit(cache=True, nogil=True)
def holders_of(h: Holdings, target: int, r: Room) -> tuple[Int, Float, float, float]:
    """Return all parties that ownership of ``target`` passes by, and how often.

    Parameters
    ----------
    h
        Who owns whom.
    target
        The company.
    r
        Room to work in.

    Returns
    -------
    party
        The target and everybody above it.
    passed
        Shape (parties,): the column of the target in the inverse of ``I - W``; in a circle without
        owners, what came into it; in one without a bound and above it, infinity.
    left, locked
        What sweeps left of the whole, and what went into circles that nobody outside owns.
    """
    found = np.empty(64, np.int64)
    count, held, left, locked = 0, 0, 0.0, 0.0
    r.mass[target] = 1.0
    held = _wait(r, held, h.label[target])
    while held:
        c = _next(r, held)
        held -= 1
        lost, stuck = _through(h, c, r.mass, r.passed)
        left, locked = left + lost, locked + stuck
        for k in range(h.begin[c], h.begin[c + 1]):
            v = h.member[k]
            if r.passed[v] == 0.0:
                continue
            # Room for the member and all of its owners.
            need = count + 1 + h.outer[k + 1] - h.outer[k]
            if need > len(found):
                found = np.concatenate((found, np.empty(need, np.int64)))
            found[count] = v
            count += 1
            for e in range(h.outer[k], h.outer[k + 1]):
                part = r.passed[v] * h.outer_share[e]
                to = h.outer_to[e]
                if part < FAINT:
                    left += part
                elif not h.last[e]:
                    r.mass[to] += part
                    held = _wait(r, held, h.label[to])
                else:  # nobody is above it: it need not wait for others
                    if r.passed[to] == 0.0:
                        found[count] = to
                        count += 1
                    r.passed[to] += part
    party = found[:count]
    passed = r.passed[party]
    r.passed[party] = 0.0
    return party, passed, left, locked


@njit(cache=True, nogil=True)
def returns(h: Holdings, v: int, r: Room) -> float:
    """Return how often ownership of ``v`` passes by ``v`` itself: 1 in no circle.

    In a circle that nobody outside owns, or without a bound, this is 1: all of what comes arrives.
    """
    c = h.label[v]
    if h.kind[c] != CIRCLE:
        return 1.0
    r.mass[v] = 1.0
    _settle(h, c, r.mass, r.passed)
    found = float(r.passed[v])
    for k in range(h.begin[c], h.begin[c + 1]):
        r.passed[h.member[k]] = 0.0
    return found


class Listed(NamedTuple):
    """Holders of many targets.

    Attributes
    ----------
    target, holder, part
        One row a holder: integrated ownership of the target as a part of one.
    tie_target, tie, carried
        One row a share that the ownership of a target runs over: its number in the order of
        ``Holdings``, and how much of the target runs over it.
    left, locked, top, back
        By target: what the solution left, what circles without owners hold, what those hold whom
        nobody is above, and its share in itself.
    """

    target: Int
    holder: Int
    part: Float
    tie_target: Int
    tie: Int
    carried: Float
    left: Float
    locked: Float
    top: Float
    back: Float


@njit(cache=True, nogil=True)
def _stays(h: Holdings, v: int) -> float:
    """Return which part of what comes to ``v`` stays there for good: nobody else is above it."""
    rest = 1.0
    for e in range(h.first[v], h.first[v + 1]):
        if h.owner[e] != v:
            return 0.0
        rest -= h.share[e]
    return rest


@njit(cache=True, nogil=True)
def listed(h: Holdings, targets: Int, least: float) -> Listed:  # noqa: C901 - compiled: one pass
    """Return all holders of each target with at least ``least`` of it, and the shares used.

    Parameters
    ----------
    h
        Who owns whom.
    targets
        Companies.
    least
        Part of one.

    Returns
    -------
    Listed
        Targets are numbered as in ``targets``. A holder's part counts what arrives at it for the
        first time.
    """
    r = room(h)
    back_of = np.zeros(len(h.first) - 1)
    rows, ties = np.empty((1024, 2), np.int64), np.empty((1024, 2), np.int64)
    parts, over = np.empty(1024), np.empty(1024)
    n, m = 0, 0
    left, locked, top, back = np.zeros((4, len(targets)))
    for t in range(len(targets)):
        party, passed, left[t], locked[t] = holders_of(h, targets[t], r)
        for k in range(len(party)):
            v = party[k]
            part = passed[k]
            stays = _stays(h, v)
            if v != targets[t] and stays > 0.0:  # what is without bound may stay with nobody
                top[t] += part * stays
            if h.kind[h.label[v]] == CIRCLE and (part >= least or v == targets[t]):
                if back_of[v] == 0.0:
                    back_of[v] = returns(h, v, r)
                part /= back_of[v]
            if v == targets[t]:
                back[t] = 1.0 - 1.0 / max(back_of[v], 1.0)
                if h.kind[h.label[v]] == LOCKED:
                    back[t] = 1.0
            elif part >= least:
                if n == len(rows):
                    rows, parts = np.concatenate((rows, rows)), np.concatenate((parts, parts))
                rows[n] = t, v
                parts[n] = min(part, 1.0)
                n += 1
            for e in range(h.first[v], h.first[v + 1]):
                carried = passed[k] * h.share[e]
                if carried >= least:
                    if m == len(ties):
                        ties, over = np.concatenate((ties, ties)), np.concatenate((over, over))
                    ties[m] = t, e
                    over[m] = carried
                    m += 1
    return Listed(
        rows[:n, 0].copy(), rows[:n, 1].copy(), parts[:n].copy(),
        ties[:m, 0].copy(), ties[:m, 1].copy(), over[:m].copy(), left, locked, top, back,
    )  # fmt: skip
