"""Where things lie in the rows that sliding windows keep.

A *lane* is one length of time over one choice of events: windows that look at the same events
share it. What a lane keeps about a key lies in the key's row, what it keeps about an event in the
event's row of the log, what it keeps about a key's counterparty in a counter. Which columns those
are is data: other windows need no other code.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

ABSENT = -1
"""In the place of a row or a column: there is none."""
NOTHING = -(1 << 63)
"""In the place of a whole number: there is none."""

# Columns of a key's row; those of the lanes follow.
OLDEST, NEWEST, MASS, MARK, KEY_HEAD = range(5)
# Columns of an event's row; two links for each deque follow.
AT, AMOUNT, NEXT, ORDINAL, SLOT, MASK, LOG_HEAD = range(7)
# Columns of a counter's row; those of the lanes follow.
CODE, REFS, CHAIN, COUNTER_HEAD = range(4)
# How far the pools are in use, and their free rows.
LOG_FREE, LOG_END, LOG_LIVE, COUNTER_FREE, COUNTER_END, COUNTER_LIVE, META = range(7)

# What a lane knows of itself: its length, its bit in the mask of an event, and where it keeps
# things (ABSENT if it does not keep them): tail and count; number and sum of amounts; their squares
# in two limbs; the earliest event with an amount; the latest amount; front and back of the deques
# of the largest and the smallest with their links in the log; number of counterparties with the
# place in the counters; the largest counterparty and the list of all.
(OVER, BIT, TAIL, SUM, SQUARES, LATEST, LARGEST, LARGEST_LINK, SMALLEST, SMALLEST_LINK, EARLIEST,
 DISTINCT, COUNTER, TOP, LANE) = range(15)  # fmt: skip

KNOWN = 62
"""Bit of the mask of an event that has an amount."""
MOST_CHOICES = 60
"""Choices of events, each a bit of the mask."""

# Functions of a window, and what a row about a window says.
# Those that are told alike stand together: from a lane's own numbers; from one of its events, in
# the order in which a lane names them; real numbers.
COUNT, DIFFERENT, SUM_OF, LAST, MOST, LEAST, FIRST, MEAN, STD, VELOCITY, TOP_SHARE = range(11)
FUNCTION, OF_LANE, AGAINST, COLUMN, WINDOW = range(5)

# What becomes of an event; LATER is not yet known.
TAKEN, LATE, AHEAD, LEAP, AGAIN, LARGE, LATER = range(7)

MASS_MOST = 1 << 62
"""The amounts kept of one key, without their signs, stay below this: no sum can overflow.

With amounts of up to 10**15 their squares add up to less than 2**112, which two limbs hold.
"""


class State(NamedTuple):
    """All that is known after some event: rows of keys, log, counters, their buckets, pools."""

    keys: Int
    log: Int
    counters: Int
    buckets: Int
    meta: Int


class Plan(NamedTuple):
    """What to keep and what to tell.

    Attributes
    ----------
    lanes, windows
        Rows as above.
    ratio
        Length of the longer window over that of the shorter one, for velocities.
    blank
        The row of a key without events.
    longest
        Length of the longest window.
    reach
        Events so long before the newest of their key are needed no more.
    """

    lanes: Int
    windows: Int
    ratio: Float
    blank: Int
    longest: int
    reach: int


class Events(NamedTuple):
    """Events in order: key, time, amount, counterparty (ABSENT: none), mask, running number."""

    key: Int
    at: Int
    amount: Int
    other: Int
    mask: Int
    ordinal: Int


class Values(NamedTuple):
    """What windows say, event by event: whole numbers (or NOTHING), and real ones (or NaN)."""

    whole: Int
    real: Float
