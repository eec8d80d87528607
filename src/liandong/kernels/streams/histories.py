"""Events of a log put in order of subject, so that the state of few is in use at a time.

Rows stay where they came; what is sorted is their numbers. All that a row holds lies together: to
fetch it from anywhere is to wait for one line of memory.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.streams.exact import MISSING
from liandong.kernels.streams.layout import KNOWN_BIT, NOTHING, TAKEN, Events, Int, Values

Numbers = NDArray[np.int32]
State = NDArray[np.uint8]

AT, SEEN, AMOUNT, ABOUT, WIDE = range(5)
"""A row: when it was, when it was known, how much; counterparty, a bit whether there is an amount,
and the choices that it is one of."""
HALF, KNOWN = 32, 31
MOST_CHOICES = 31
LOWEST = (1 << MOST_CHOICES) - 1
AHEAD = 24
"""Rows are sent for so far ahead."""
SCALE, MOST_MILLIONTHS = 1_000_000, 9.2e18
WHOLE, REAL, OTHER = range(3)
"""Where an input of a program is found: among whole numbers, real ones, or elsewhere."""


@njit(cache=True, nogil=True)
def follows(at: Int, seen: Int, newest: int, known: int) -> bool:
    """Tell whether each event is later than the one before, and known no sooner.

    ``newest`` and ``known`` are those of the last one before.
    """
    for i in range(len(at)):
        if at[i] <= newest or seen[i] < known:
            return False
        newest, known = at[i], seen[i]
    return True


@njit(cache=True, nogil=True)
def keep(
    events: Events, seen: Int, codes: Int, rows: Int, subject: Numbers, count: Int
) -> int:  # fmt: skip
    """Write the events that are taken into rows.

    Parameters
    ----------
    events
        Those of a part of a log; their keys are numbers of subjects.
    seen, codes
        When each was known, and what becomes of it.
    rows
        Shape (events, WIDE), filled from the beginning.
    subject
        Filled with the subjects of the rows.
    count
        Counted up: events of each subject.

    Returns
    -------
    int
        How many rows there are.
    """
    n = 0
    for i in range(len(codes)):
        if codes[i] != TAKEN:
            continue
        known = (events.mask[i] >> KNOWN_BIT) & 1
        rows[n, AT], rows[n, SEEN], rows[n, AMOUNT] = events.at[i], seen[i], events.amount[i]
        rows[n, ABOUT] = (events.other[i] << HALF) | (known << KNOWN) | (events.mask[i] & LOWEST)
        subject[n] = events.key[i]
        count[events.key[i]] += 1
        n += 1
    return n


@njit(cache=True, nogil=True)
def by_subject(subject: Numbers, ends: Int) -> Numbers:
    """Return the numbers of rows in order of subject, those of one as they stand.

    ``ends`` says where each subject ends.
    """
    place = np.zeros(len(ends), np.int64)
    place[1:] = ends[:-1]
    order = np.empty(len(subject), np.int32)
    for i in range(len(subject)):
        order[place[subject[i]]] = i
        place[subject[i]] += 1
    return order


@njit(cache=True, nogil=True)
def fetch(
    rows: Int, order: Numbers, ends: Int, low: int, first: int, events: Events, subject: Int,
    known: Int,
) -> int:  # fmt: skip
    """Fetch rows in order of subject from ``low`` on, as many as there is room for.

    Parameters
    ----------
    rows, order, ends
        As above.
    first
        The subject of the first.
    events
        Filled; keys are counted from 0 on.
    subject, known
        Filled: the subject of each, and when it was known.

    Returns
    -------
    int
        How many subjects they are of.
    """
    key, s, n = 0, first, len(subject)
    for i in range(n):
        if low + i + AHEAD < len(order):
            prefetch(rows, order[low + i + AHEAD])
        if low + i >= ends[s]:
            key += 1
            while low + i >= ends[s]:
                s += 1
        row = rows[order[low + i]]
        about = row[ABOUT]
        events.key[i], events.at[i], events.amount[i] = key, row[AT], row[AMOUNT]
        events.other[i], events.ordinal[i] = about >> HALF, i
        events.mask[i] = (((about >> KNOWN) & 1) << KNOWN_BIT) | (about & LOWEST)
        subject[i], known[i] = s, row[SEEN]
    return key + 1


@njit(cache=True, nogil=True)
def inputs(said: Values, places: Int, values: Int, states: State) -> None:
    """Turn what windows say into the inputs of a program: real numbers in millionths.

    Parameters
    ----------
    said
        Row by row.
    places
        Shape (inputs, 2): WHOLE or REAL and the column; those of OTHER are left as they are.
    values, states
        Shape (inputs, rows): filled; the state is 0 or MISSING.
    """
    for c in range(len(places)):
        column = places[c, 1]
        if places[c, 0] == WHOLE:
            for i in range(values.shape[1]):
                value = said.whole[i, column]
                gone = value == NOTHING
                values[c, i], states[c, i] = 0 if gone else value, MISSING if gone else 0
        elif places[c, 0] == REAL:
            for i in range(values.shape[1]):
                scaled = np.rint(said.real[i, column] * SCALE)
                there = abs(scaled) < MOST_MILLIONTHS  # false of what is not a number
                values[c, i] = np.int64(scaled) if there else 0
                states[c, i] = 0 if there else MISSING
