"""What a rule would have brought: episodes of its hits, set against what became of the subjects.

Rows are in order of subject, then of the time at which they were known; times are microseconds.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.streams.judging import TRUE
from liandong.kernels.streams.layout import ABSENT, Int

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

GRAVE = 128
"""What a grave rule is worth: more than all others together."""


@njit(cache=True, nogil=True)
def turns(key: Int, place: Int, keys: int) -> Int:
    """Give events, in order of being known, turns so that none is valued by what came later.

    If all events of a turn are taken together, turn after turn, those of a key are in their order;
    one that belongs before others of its key that were known earlier is the only one of its key in
    its turn, so that whatever it changes was known when it was.

    Parameters
    ----------
    key, place
        Subject (0 … keys - 1) of each event, and its place in the order of time.
    keys
        How many subjects there are.

    Returns
    -------
    Int
        The turn of each event, counted for each key from 0 on.
    """
    newest = np.full(keys, np.iinfo(np.int64).min)
    turn, used, closed = (
        np.zeros(keys, np.int64),
        np.zeros(keys, np.bool_),
        np.zeros(keys, np.bool_),
    )
    found = np.empty(len(key), np.int64)
    for i in range(len(key)):
        k = key[i]
        late = place[i] < newest[k]
        if closed[k] or (late and used[k]):
            turn[k] += 1
        used[k], closed[k] = True, late
        newest[k] = max(newest[k], place[i])
        found[i] = turn[k]
    return found


@njit(cache=True, nogil=True)
def oldest_to_come(key: Int, at: Int, keys: int) -> Int:
    """Return for each event the oldest time among it and those of its key after it."""
    oldest, found = np.full(keys, np.iinfo(np.int64).max), np.empty(len(key), np.int64)
    for i in range(len(key) - 1, -1, -1):
        oldest[key[i]] = found[i] = min(oldest[key[i]], at[i])
    return found


@njit(cache=True, nogil=True)
def grade(verdicts: Bytes, grades: Bytes) -> bool:
    """Count the verdicts that are true, row by row.

    Parameters
    ----------
    verdicts
        Shape (rules, rows), at most 255 rules, from the loosest to the strictest.
    grades
        One a row: filled with how many rules hold.

    Returns
    -------
    bool
        Whether wherever a rule holds all looser ones do.
    """
    nested = True
    grades[:] = 0
    for k in range(len(verdicts)):
        found = verdicts[k]
        for i in range(len(grades)):
            if found[i] == TRUE:
                nested &= grades[i] == k
                grades[i] += np.uint8(1)
    return nested


@njit(cache=True, nogil=True)
def gravity(verdicts: Bytes, worth: Bytes, grades: Bytes) -> None:
    """Add up which rules hold, row by row, and keep the gravest kind apart.

    Parameters
    ----------
    verdicts
        Shape (rules, rows).
    worth
        One a rule: 0 for one that does not count, 1, or ``GRAVE`` for one that outweighs them.
    grades
        One a row: filled with how many rules that count hold, at most ``GRAVE - 1``, and ``GRAVE``
        more if a grave one is among them.
    """
    grades[:] = 0
    for k in range(len(verdicts)):
        if not worth[k]:
            continue
        found, grave = verdicts[k], worth[k] & np.uint8(GRAVE)
        for i in range(len(grades)):
            if found[i] == TRUE:
                count = (grades[i] & np.uint8(GRAVE - 1)) + np.uint8(1)
                most = min(count, np.uint8(GRAVE - 1))
                grades[i] = (grades[i] & np.uint8(GRAVE)) | grave | most


@njit(cache=True, nogil=True)
def together(subject: Int, subjects: int) -> Int:
    """Return rows in order of subject, those of one subject in the order they stand in."""
    place = np.zeros(subjects + 1, np.int64)
    for i in range(len(subject)):
        place[subject[i] + 1] += 1
    place = np.cumsum(place)
    order = np.empty(len(subject), np.int64)
    for i in range(len(subject)):
        order[place[subject[i]]] = i
        place[subject[i]] += 1
    return order


@njit(cache=True, nogil=True)
def begins(hits: Int, subject: Int, known: Int, cool: int) -> Bools:
    """Tell which hits begin an episode.

    Hits of one subject closer than ``cool`` to the hit before belong to one episode. This is all
    that a sweep needs to know of episodes: it has no levels, no snooze and no closing.

    Parameters
    ----------
    hits
        Rows of the hits, ascending.
    subject, known
        Of all rows.
    cool
        Microseconds.

    Examples
    --------
    >>> rows = np.arange(4)
    >>> begins(rows, np.array([0, 0, 0, 1]), np.array([0, 9, 19, 20]), 10).tolist()
    [True, False, True, True]
    """
    begun = np.ones(len(hits), np.bool_)
    for n in range(1, len(hits)):
        i, j = hits[n - 1], hits[n]
        begun[n] = subject[i] != subject[j] or known[j] - known[i] >= cool
    return begun


@njit(cache=True, nogil=True)
def flips(starts: Int, subject: Int, known: Int, held: Bools, first: Bools, within: int) -> int:
    """Count episodes whose rule did not hold at some row later than their first, within a time.

    Parameters
    ----------
    starts
        Rows at which episodes begin.
    subject, known, held, first
        Of all rows: whether the rule holds, and whether the event was judged for the first time;
        later judgements of old events say nothing about now.
    within
        Microseconds.
    """
    count = 0
    for n in range(len(starts)):
        i = starts[n]
        j = i + 1
        while j < len(known) and subject[j] == subject[i] and known[j] <= known[i] + within:
            if known[j] > known[i] and first[j] and not held[j]:
                count += 1
                break
            j += 1
    return count


@njit(cache=True, nogil=True)
def first_after(key: Int, time: Int, keys: Int, times: Int) -> Int:
    """Return the first row of each key after a time, ABSENT if there is none.

    Parameters
    ----------
    key, time
        What is asked for; its own time does not count.
    keys, times
        Where to look, in order of key and time.

    Examples
    --------
    >>> keys, times = np.array([3, 3, 5]), np.array([10, 20, 10])
    >>> first_after(np.array([3, 3, 5]), np.array([9, 10, 10]), keys, times).tolist()
    [0, 1, -1]
    """
    found = np.full(len(key), ABSENT, np.int64)
    for n in range(len(key)):
        low, high = 0, len(keys)
        while low < high:
            middle = (low + high) // 2
            after = keys[middle] > key[n] or (keys[middle] == key[n] and times[middle] > time[n])
            low, high = (low, middle) if after else (middle + 1, high)
        if low < len(keys) and keys[low] == key[n]:
            found[n] = low
    return found


@njit(cache=True, nogil=True)
def within_budget(week: Int, budget: int) -> Bools:
    """Tell which are among the first of their week, given in order of week and then of worth."""
    chosen = np.zeros(len(week), np.bool_)
    used = 0
    for n in range(len(week)):
        used = used + 1 if n and week[n] == week[n - 1] else 1
        chosen[n] = used <= budget
    return chosen
