"""Episodes of warnings, and every version of them that was ever known.

The warnings of one group (one rule about one subject) are gone through in the order in which they
became known. A warning begins an episode or joins the running one; an episode is open as long as
its last warning holds, then it cools, then it is closed. Each moment at which an episode looks
different, because of what became known or because time went by, gives one version.

Somebody who has gone through a group up to some moment need not keep its warnings: the last episode
as it stood, the seed, is enough for what is known later of later times.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

NONE = -1
"""Level of a warning that says: judged, and nothing to warn of."""
VOID = -2
"""Level of one that takes back what was said of its moment: as if nothing had been said of it."""
GRAVEST = 2
NEVER = -(1 << 62)

HOLD, COOL, LEAST, REPEATS = range(4)
"""Columns of a pace: two spans in microseconds, the least level that begins an episode, and how
many warnings make it one level graver (0: never)."""

OPEN, COOLING, CLOSED, WITHDRAWN = range(4)
"""States of an episode."""

OPENED, ESCALATED, WARNED, COOLED, ENDED, AMENDED, TAKEN_BACK = range(7)
"""What made a version."""

BEGUN, LAST, WARNINGS, WORST, PEAK, QUIET, SINCE, STATE = range(8)
"""Columns of an episode: its first and last warning, how many, the row of the first of the gravest
and their level, when it begins to cool, since when it is known, and its state."""
KNOWN, CHANGE, LEVEL, INSTEAD, OVER = range(8, 13)
"""Further columns of a version: the moment, what made it, the level with repeats, when the episode
began that took the place of one withdrawn, and when it is over if nothing comes."""
WIDTH = 13

SEED = KNOWN
"""Columns of a seed: those of an episode."""


@njit(cache=True, nogil=True)
def versions(start: Int, at: Int, known: Int, level: Int, pace: Int, clock: int) -> Int:
    """Return all versions of all episodes, group by group, in the order in which they were known.

    Parameters
    ----------
    start
        The first row of each group and the number of rows, shape (groups + 1,).
    at, known, level
        Of each warning: when it holds, when it was known (not before), and a level up to
        ``GRAVEST``, ``NONE`` or ``VOID``. In each group ordered by ``known``; one of the same
        ``at`` takes the place of an earlier one.
    pace
        Shape (groups, 4).
    clock
        Up to this moment and with it things are known and time has gone by.

    Returns
    -------
    numpy.ndarray
        Shape (versions, ``WIDTH``).
    """
    return onward(start, at, known, level, pace, clock, np.full((len(start) - 1, SEED), NEVER))


@njit(cache=True, nogil=True)
def onward(start: Int, at: Int, known: Int, level: Int, pace: Int, clock: int, seed: Int) -> Int:
    """Return the versions that come after a seed of each group.

    Parameters
    ----------
    start, at, known, level, pace, clock
        As :func:`versions` takes them. All warnings after a seed are later than those it was made
        of, in time and in knowledge; the first row of a group with a seed is its gravest warning,
        and nothing else.
    seed
        The last episode as it stood, shape (groups, ``SEED``), its ``WORST`` not looked at; where
        ``BEGUN`` is ``NEVER`` there is none.
    """
    most = 0
    for g in range(len(start) - 1):
        most = max(most, start[g + 1] - start[g])
    order = np.empty(most, np.int64)
    now, old = np.empty((most, WIDTH), np.int64), np.empty((most, WIDTH), np.int64)
    out, end = np.empty((2 * len(at) + 8, WIDTH), np.int64), 0
    for g in range(len(start) - 1):
        held, episodes = 0, _sown(now, seed[g], start[g])
        i, stop = start[g] + episodes, start[g + 1]
        while i < stop and known[i] <= clock:
            moment, low = known[i], at[i]
            newest = at[order[held - 1]] if held else NEVER
            while i < stop and known[i] == moment:
                held, low = _put(order, held, at, i), min(low, at[i])
                i += 1
            kept = _settled(now, episodes, pace[g, COOL], low)
            out = _with_room(out, end, 2 + episodes + held)
            end = _lapse(now, episodes, pace[g], moment - (kept < episodes), out, end)
            old[: episodes - kept] = now[kept:episodes]
            before = old[: episodes - kept]
            begin = min(low, before[0, BEGUN]) if len(before) else low
            sown = kept or _sown(now, seed[g], start[g])
            episodes = _fold(now, sown, order[:held], at, level, pace[g], begin)
            after = now[kept:episodes]
            end = _told(before, after, pace[g], moment, newest, low, out, end)
        out = _with_room(out, end, 2)
        end = _lapse(now, episodes, pace[g], clock, out, end)
    return out[:end]


@njit(cache=True, nogil=True)
def _sown(now: Int, seed: Int, worst: int) -> int:
    """Begin with the episode of a seed, whose gravest warning is a row; return how many it is."""
    if seed[BEGUN] == NEVER:
        return 0
    now[0, :SEED] = seed
    now[0, WORST] = worst
    return 1


@njit(cache=True, nogil=True)
def _with_room(out: Int, end: int, rows: int) -> Int:
    if end + rows <= len(out):
        return out
    larger = np.empty((2 * len(out) + rows, WIDTH), np.int64)
    larger[:end] = out[:end]
    return larger


@njit(cache=True, nogil=True)
def _place(order: Int, at: Int, moment: int) -> int:
    """Return how many of the warnings in order of time are before a moment."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if at[order[middle]] < moment:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _put(order: Int, held: int, at: Int, row: int) -> int:
    """Put a warning among the others in order of time; return how many there are."""
    place = _place(order[:held], at, at[row])
    if place < held and at[order[place]] == at[row]:
        order[place] = row
        return held
    for i in range(held, place, -1):
        order[i] = order[i - 1]
    order[place] = row
    return held + 1


@njit(cache=True, nogil=True)
def _settled(now: Int, episodes: int, cool: int, low: int) -> int:
    """Return how many episodes are over by a moment: nothing from then on can touch them.

    One that does not cool may have been ended by what was said of this very moment.
    """
    kept = episodes
    while kept and now[kept - 1, QUIET] + max(cool, 1) > low:
        kept -= 1
    return kept


@njit(cache=True, nogil=True)
def _state(quiet: int, cool: int, moment: int) -> int:
    if moment < quiet:
        return OPEN
    return COOLING if moment < quiet + cool else CLOSED


@njit(cache=True, nogil=True)
def _fold(
    now: Int, episodes: int, order: Int, at: Int, level: Int, pace: Int, begin: int
) -> int:  # fmt: skip
    """Join the warnings from a moment on to episodes; return how many there are then."""
    for i in range(_place(order, at, begin), len(order)):
        row = order[i]
        moment, grade = at[row], level[row]
        last = now[episodes - 1]
        running = episodes > 0 and moment < last[QUIET] + pace[COOL]
        if grade == VOID:
            continue
        if grade == NONE:
            if running:
                last[QUIET] = min(last[QUIET], moment)
        elif running:
            last[LAST], last[QUIET] = moment, moment + pace[HOLD]
            last[WARNINGS] += 1
            if grade > last[PEAK]:
                last[PEAK], last[WORST] = grade, row
        elif grade >= pace[LEAST]:
            new = now[episodes]
            new[BEGUN], new[LAST], new[WARNINGS], new[WORST] = moment, moment, 1, row
            new[PEAK], new[QUIET] = grade, moment + pace[HOLD]
            episodes += 1
    return episodes


@njit(cache=True, nogil=True)
def _write(out: Int, end: int, episode: Int, pace: Int, moment: int, change: int) -> int:
    """Write one version."""
    out[end, :KNOWN] = episode[:KNOWN]
    out[end, KNOWN], out[end, CHANGE], out[end, INSTEAD] = moment, change, NEVER
    out[end, LEVEL], out[end, OVER] = _level(episode, pace), episode[QUIET] + pace[COOL]
    return end + 1


@njit(cache=True, nogil=True)
def _level(episode: Int, pace: Int) -> int:
    graver = int(0 < pace[REPEATS] <= episode[WARNINGS])
    return min(int(episode[PEAK]) + graver, GRAVEST)


@njit(cache=True, nogil=True)
def _lapse(now: Int, episodes: int, pace: Int, upto: int, out: Int, end: int) -> int:
    """Write what time makes of the last episode up to a moment: only that one is not over."""
    if not episodes:
        return end
    last = now[episodes - 1]
    quiet, over = last[QUIET], last[QUIET] + pace[COOL]
    if last[STATE] == OPEN and quiet <= upto and quiet < over:
        last[STATE] = COOLING
        end = _write(out, end, last, pace, quiet, COOLED)
    if last[STATE] != CLOSED and over <= upto:
        last[STATE] = CLOSED
        end = _write(out, end, last, pace, over, ENDED)
    return end


@njit(cache=True, nogil=True)
def _told(
    old: Int, new: Int, pace: Int, moment: int, newest: int, low: int, out: Int, end: int
) -> int:  # fmt: skip
    """Write the versions that a moment brings: episodes that are new, different or gone.

    Both are in order of their beginning. What became known reaches back to ``low``; ``newest`` is
    the newest that was known before: the past is amended if that lies after it.
    """
    n = 0
    for i in range(len(new)):
        episode = new[i]
        while n < len(old) and old[n, BEGUN] < episode[BEGUN]:
            end = _take_back(old[n], new, i, pace, moment, out, end)
            n += 1
        episode[STATE] = _state(episode[QUIET], pace[COOL], moment)
        if n == len(old) or old[n, BEGUN] > episode[BEGUN]:
            episode[SINCE] = moment
            end = _write(out, end, episode, pace, moment, OPENED)
            continue
        episode[SINCE] = old[n, SINCE]
        if _differs(old[n], episode):
            change = AMENDED if low <= newest else _change(old[n], episode, pace)
            end = _write(out, end, episode, pace, moment, change)
        n += 1
    for m in range(n, len(old)):
        end = _take_back(old[m], new, len(new), pace, moment, out, end)
    return end


@njit(cache=True, nogil=True)
def _take_back(
    old: Int, new: Int, before: int, pace: Int, moment: int, out: Int, end: int
) -> int:  # fmt: skip
    """Write that an episode never was, and the one, among those begun before, that covers it."""
    end = _write(out, end, old, pace, moment, TAKEN_BACK)
    out[end - 1, STATE] = WITHDRAWN
    out[end - 1, QUIET] = out[end - 1, OVER] = NEVER  # what never was is not over either
    if before and old[BEGUN] < new[before - 1, QUIET] + pace[COOL]:
        out[end - 1, INSTEAD] = new[before - 1, BEGUN]
    return end


@njit(cache=True, nogil=True)
def _differs(old: Int, new: Int) -> bool:
    """Tell whether an episode looks different: when it begins to cool is seen only afterwards."""
    for column in (LAST, WARNINGS, WORST, STATE):
        if old[column] != new[column]:
            return True
    return bool(new[STATE] != OPEN and old[QUIET] != new[QUIET])


@njit(cache=True, nogil=True)
def _change(old: Int, new: Int, pace: Int) -> int:
    if _level(new, pace) > _level(old, pace):
        return ESCALATED
    if new[WARNINGS] != old[WARNINGS]:
        return WARNED
    return COOLED if new[STATE] == COOLING else ENDED


@njit(cache=True, nogil=True)
def together(subject: Int, begun: Int, over: Int) -> Int:
    """Return the group of each episode: those of one subject whose times overlap or touch.

    Parameters
    ----------
    subject, begun, over
        In order of subject and beginning; ``over`` is the largest number while it goes on.
    """
    group, number, until = np.empty(len(subject), np.int64), -1, 0
    for i in range(len(subject)):
        if i == 0 or subject[i] != subject[i - 1] or begun[i] > until:
            number, until = number + 1, over[i]
        group[i], until = number, max(until, over[i])
    return group
