"""Who stops after somebody stopped: stocks run out unless others supply in time.

A buyer needs inputs; each comes from suppliers in shares that add up to 1 (in ppm). From the day on
which a supplier stops, its share is missing. Others of the same trade take over what they can: at
most the replaceable part of it, at most their spare capacity, and day by day no more than a rate of
re-supply. What is still missing comes out of the stock, counted in days of the full need. On the
day on which a stock does not suffice its buyer stops, and is missing to its own buyers that day.

Firms that stop on one day do so in rounds, each after those that made it stop; all of a round and a
trade get the same part of what they ask for. So nothing depends on the order of firms.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
WHOLE = 1_000_000
SAFE = 1 << 43
"""A million times less than this fits into 64 bits."""


class Supply(NamedTuple):
    """Who needs what from whom.

    Attributes
    ----------
    first
        Shape (firms + 1,): ties of seller ``v`` are first[v] to first[v + 1].
    need, part, amount
        By tie: the need it serves, its part of it in ppm, and its yearly amount.
    buyer, trade, stock, replaceable
        By need: who stops without it, its trade, the stock in ppm of a day's need, and which part
        of it others could supply, ppm.
    own, spare
        Spare yearly capacity by firm, and of all in a trade.
    made_in
        Trade of each firm; one of its own for all that are not known.
    """

    first: Int
    need: Int
    part: Int
    amount: Int
    buyer: Int
    trade: Int
    stock: Int
    replaceable: Int
    own: Int
    spare: Int
    made_in: Int


class Room(NamedTuple):
    """Where a run keeps what it knows; left as it was found, for the next run.

    Attributes
    ----------
    day, why
        By firm: when it stopped or -1, and the need that ran out or -1.
    state
        By need: missing, replaced at most, replaced by now (ppm), stock, day of these figures, and
        day on which it runs out.
    line
        By tie: the next one that waits for the same day.
    stopped, touched
        Lists of firms and needs.
    """

    day: Int
    why: Int
    state: Int
    line: Int
    stopped: Int
    touched: Int


MISSING, MOST, NOW, STOCK, SINCE, DUE, STATES = range(7)


def room(supply: Supply) -> Room:
    """Return room for runs on this supply."""
    firms, needs = len(supply.first) - 1, len(supply.buyer)
    state = np.zeros((needs, STATES), np.int64)
    state[:, DUE] = -1
    return Room(
        np.full(firms, -1), np.full(firms, -1), state, np.empty(len(supply.need), np.int64),
        np.empty(firms, np.int64), np.empty(needs, np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _runs_out(s: Int, rate: int, until: int) -> int:
    """Return the day on which a stock does not suffice, ``until`` if it does before that."""
    stock, now, day = s[STOCK], s[NOW], s[SINCE]
    while now < s[MOST] and day < until:
        stock -= s[MISSING] - now
        if stock < 0:
            return int(day)
        now = min(now + rate, s[MOST])
        day += 1
    lacks = s[MISSING] - s[MOST]
    return until if lacks <= 0 else int(min(until, day + stock // lacks))


@njit(cache=True, nogil=True)
def _advance(s: Int, rate: int, day: int) -> None:
    """Bring the figures of a need to the beginning of a day."""
    while s[SINCE] < day and s[NOW] < s[MOST]:
        s[STOCK] -= s[MISSING] - s[NOW]
        s[NOW] = min(s[NOW] + rate, s[MOST])
        s[SINCE] += 1
    s[STOCK] -= (s[MISSING] - s[NOW]) * (day - s[SINCE])
    s[SINCE] = day


@njit(cache=True, nogil=True)
def _times(amount: int, share: int) -> int:
    """Return so many ppm of an amount, rounded down, within 64 bits."""
    return amount // WHOLE * share + amount % WHOLE * share // WHOLE


@njit(cache=True, nogil=True)
def _grant(supply: Supply, firms: Int, spare: Int, part: Int) -> None:
    """Say which part, ppm, of what buyers of these firms ask for others of the trade have to spare.

    ``part`` is by trade: 0 before, and -1 less the part afterwards. ``spare`` is less by what was
    taken.
    """
    for v in firms:
        trade = supply.made_in[v]
        spare[trade] = max(0, spare[trade] - supply.own[v])
        for t in range(supply.first[v], supply.first[v + 1]):
            part[trade] += _times(supply.amount[t], supply.replaceable[supply.need[t]])
    for v in firms:
        trade = supply.made_in[v]
        asked = part[trade]
        if asked >= 0:
            granted = WHOLE
            if asked > spare[trade]:
                wide = asked >= SAFE
                granted = (
                    spare[trade] // (asked // WHOLE) if wide else spare[trade] * WHOLE // asked
                )
            part[trade] = -1 - granted
            spare[trade] = max(0, spare[trade] - asked)


@njit(cache=True, nogil=True)
def spread(  # noqa: C901 - compiled: one queue of days
    supply: Supply, r: Room, start: int, rate: int, until: int
) -> tuple[int, int]:
    """Let one firm stop on day 0; return how many firms have stopped by the end, and needs touched.

    Time and room grow with the ties of those that stop and the days that re-supply takes.

    Parameters
    ----------
    supply, r
        See :class:`Supply` and :class:`Room`. Stopped firms are in ``r.stopped`` in order, with
        their days and needs; :func:`clear` makes the room fit for the next run.
    start
        The firm.
    rate
        Re-supply a day, ppm of the need.
    until
        Days looked at.
    """
    spare, part = supply.spare.copy(), np.zeros(len(supply.spare), np.int64)
    queue = np.full(until + 1, -1)
    r.stopped[0], r.day[start] = start, 0
    done, stopped, touched = 0, 1, 0
    for day in range(until):
        while True:
            new = r.stopped[done:stopped]
            _grant(supply, new, spare, part)
            for v in new:
                for t in range(supply.first[v], supply.first[v + 1]):
                    k = supply.need[t]
                    if r.day[supply.buyer[k]] >= 0:
                        continue
                    s = r.state[k]
                    if s[DUE] < 0:
                        r.touched[touched] = k
                        touched += 1
                        s[STOCK], s[SINCE] = supply.stock[k], day
                    _advance(s, rate, day)
                    could = supply.part[t] * supply.replaceable[k] // WHOLE
                    s[MISSING] += supply.part[t]
                    s[MOST] += could * (-1 - part[supply.made_in[v]]) // WHOLE
                    s[DUE] = _runs_out(s, rate, until)
                    r.line[t] = queue[s[DUE]]
                    queue[s[DUE]] = t
            for v in new:
                part[supply.made_in[v]] = 0
            done, t = stopped, queue[day]
            queue[day] = -1
            while t >= 0:
                k = supply.need[t]
                b = supply.buyer[k]
                if r.state[k, DUE] == day:
                    if r.day[b] < 0:
                        r.day[b], r.why[b] = day, k
                        r.stopped[stopped] = b
                        stopped += 1
                    elif r.day[b] == day:
                        r.why[b] = min(r.why[b], k)
                t = r.line[t]
            if stopped == done:
                break
    return stopped, touched


@njit(cache=True, nogil=True)
def clear(r: Room, stopped: int, touched: int) -> None:
    """Make the room of a run fit for the next one."""
    for v in r.stopped[:stopped]:
        r.day[v] = r.why[v] = -1
    for k in r.touched[:touched]:
        r.state[k] = 0
        r.state[k, DUE] = -1


@njit(cache=True, nogil=True)
def alone(supply: Supply, rate: int, until: int) -> tuple[Int, Int]:
    """Return when each tie's buyer stops if nobody but its seller did, and what others take over.

    Who stops nobody alone stops nobody in :func:`spread`.

    Returns
    -------
    day
        By tie; ``until`` where the buyer goes on.
    granted
        By firm: which part of what its buyers ask others for these have to spare, ppm.
    """
    spare, part = supply.spare.copy(), np.zeros(len(supply.spare), np.int64)
    day, granted = np.empty(len(supply.need), np.int64), np.zeros(len(supply.first) - 1, np.int64)
    firms, s = np.arange(len(granted)), np.zeros(STATES, np.int64)
    for v in firms:
        trade = supply.made_in[v]
        before = spare[trade]
        _grant(supply, firms[v : v + 1], spare, part)
        granted[v] = -1 - part[trade]
        spare[trade], part[trade] = before, 0
        for t in range(supply.first[v], supply.first[v + 1]):
            k = supply.need[t]
            could = supply.part[t] * supply.replaceable[k] // WHOLE
            s[MISSING], s[MOST], s[STOCK] = (
                supply.part[t],
                could * granted[v] // WHOLE,
                supply.stock[k],
            )
            day[t] = _runs_out(s, rate, until)
    return day, granted


@njit(cache=True, nogil=True)
def tally(
    supply: Supply, r: Room, starts: Int, daily: Int, rate: int, until: int
) -> tuple[Int, Int, Int]:
    """Let each of ``starts`` stop alone; return how many others stop, when first, and their loss.

    Parameters
    ----------
    supply, r, rate, until
        As for :func:`spread`.
    starts
        Firms.
    daily
        What a day without each firm loses.

    Returns
    -------
    others, first_day, loss
        By start; ``first_day`` is -1 where nobody else stops. The start itself loses nothing here.
    """
    others, first_day = np.zeros(len(starts), np.int64), np.full(len(starts), -1)
    loss = np.zeros(len(starts), np.int64)
    for i, start in enumerate(starts):
        stopped, touched = spread(supply, r, start, rate, until)
        others[i] = stopped - 1
        if stopped > 1:
            first_day[i] = r.day[r.stopped[1]]
        for v in r.stopped[1:stopped]:
            loss[i] += daily[v] * (until - r.day[v])
        clear(r, stopped, touched)
    return others, first_day, loss
