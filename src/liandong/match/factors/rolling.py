"""Dispatch hour by hour: prices are solved anew on what is known, and one hour is decided."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.dispatch import (
    DAY,
    NOBODY,
    Hubs,
    Jobs,
    Rest,
    Schedule,
    congestion,
    place,
)

Int = NDArray[np.int64]

PASSES, SQUEAKS = 3, 4
"""How often jobs choose again; how often those left out are let choose first."""


@dataclass(frozen=True)
class Pace:
    """How prices move.

    Attributes
    ----------
    rounds
        Steps every hour.
    first
        Size of the first step as a share of the mean cost of an hour.
    ahead
        Hours for which arrivals are expected.
    haste
        What an hour of waiting counts for, as a share of the mean cost of an hour: nobody knows
        who will come.
    """

    rounds: int = 40
    first: float = 0.5
    ahead: int = DAY
    haste: float = 0.01


def roll(jobs: Jobs, hubs: Hubs, pace: Pace) -> Schedule:
    """Return what is run if each hour is decided when it comes, on the jobs known by then.

    Parameters
    ----------
    jobs, hubs
        All jobs; those that come later are not looked at before.
    pace
        How prices move.
    """
    count, hours = len(jobs.volume), hubs.unit.shape[1]
    hub, ran = np.full(count, NOBODY), np.zeros((count, hours), np.int64)
    price, kept = np.zeros_like(hubs.unit), np.zeros_like(hubs.unit)
    left = jobs.volume.copy()
    for now in range(hours):
        known = np.flatnonzero((jobs.first <= now) & (jobs.last > now) & (left > 0))
        rest = Rest(left, hub, now)
        price = _priced(jobs, hubs, known, rest, price, pace)
        kept[:, now] = price[:, now]
        if len(known):
            wait = np.maximum(np.arange(hours) - now, 0) * int(pace.haste * hubs.unit.mean())
            at, take = _decided(jobs, hubs, known, rest, hubs.unit + price + wait)
            ran[known, now] = take
            left[known] -= take
            hub[known] = np.where(take > 0, at, hub[known])
    return Schedule(hub, ran, kept)


def _priced(jobs: Jobs, hubs: Hubs, known: Int, rest: Rest, price: Int, pace: Pace) -> Int:
    """Return prices of this hour and later: of the known jobs and of those expected."""
    again, volume = _expected(jobs, rest.since, hubs.unit.shape[1], pace.ahead)
    pool = Jobs._make(map(np.concatenate, zip(taken(jobs, known), again, strict=True)))
    left = np.concatenate([rest.left[known], volume])
    pinned = np.concatenate([rest.pinned[known], np.full(len(volume), NOBODY)])
    todo = Rest(left, pinned, rest.since)
    step = max(int(pace.first * hubs.unit.mean()), 1)
    return congestion(pool, hubs, np.arange(len(left)), todo, price, pace.rounds, step)


def taken(jobs: Jobs, who: Int) -> Jobs:
    """Return some jobs."""
    return Jobs._make(field[who] for field in jobs)


def _expected(jobs: Jobs, now: int, hours: int, ahead: int) -> tuple[Jobs, Int]:
    """Return the jobs of the day before, or of what there was of it, put off to come again."""
    back = min(DAY, now + 1)
    seen = np.flatnonzero((jobs.first <= now) & (jobs.first > now - back))
    turns = np.arange(1, -(-ahead // back) + 1)
    who, by = np.repeat(seen, len(turns)), np.tile(turns * back, len(seen))
    soon = (jobs.first[who] + by <= now + ahead) & (jobs.first[who] + by < hours)
    who, by = who[soon], by[soon]
    span = jobs.last[who] - jobs.first[who]
    first, last = jobs.first[who] + by, np.minimum(jobs.last[who] + by, hours)
    # Those that would go on beyond the last hour count with the part before it.
    rest = jobs.volume[who] * (last - first) // np.maximum(span, 1)
    return taken(jobs, who)._replace(first=first, last=last), rest


def _decided(jobs: Jobs, hubs: Hubs, known: Int, rest: Rest, cost: Int) -> tuple[Int, Int]:
    """Return where each known job is planned, and what of it runs in this hour."""
    # Those with least time to spare choose first.
    spare = (jobs.last[known] - rest.since) * jobs.width[known] - rest.left[known]
    who = known[np.lexsort((known, spare))]
    best: tuple[Int, Int, int] | None = None
    order = who
    for _ in range(SQUEAKS):
        room = hubs.capacity.copy()
        at, take, value = place(jobs, order, rest, cost, cost, room, PASSES)
        if best is None or value < best[2]:
            best, chosen = (at, take, value), order
        out = rest.left[order] > take.sum(axis=1)
        if not out.any():
            break
        order = np.concatenate([order[out], order[~out]])
    if best is None:
        return known[:0], known[:0]
    back = np.argsort(chosen)
    return best[0][back], best[1][back, rest.since]


def first_come(jobs: Jobs, hubs: Hubs) -> Schedule:
    """Return what is run if each job is served when it comes, in the earliest hours it can have."""
    count, hours = len(jobs.volume), hubs.unit.shape[1]
    order = np.broadcast_to(np.arange(hours), hubs.unit.shape).copy()
    who = np.lexsort((np.arange(count), jobs.first))
    hub, ran = np.full(count, NOBODY), np.zeros((count, hours), np.int64)
    room, rest = hubs.capacity.copy(), Rest(jobs.volume, np.full(count, NOBODY), 0)
    at, take, _ = place(jobs, who, rest, order, hubs.unit, room, 1)
    hub[who], ran[who] = at, take
    hub[ran.sum(axis=1) == 0] = NOBODY
    return Schedule(hub, ran, np.zeros_like(hubs.unit))
