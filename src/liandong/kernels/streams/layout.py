"""Where things lie in the rows that sliding windows keep.

A *lane* is one length of time over one choice of events: windows that look at the same events
share it. Lanes of one length share their *tail*, the oldest event of the key that is still in them.
What a lane keeps about a key lies in the key's row, what it keeps about an event in the event's row
of the log, what it keeps about a key's counterparty in a counter. Where in those rows is data:
other windows need no other code.

Rows are narrow and what belongs together lies together, since nothing costs as much as bringing a
line of memory near. The events of a key lie in a ring of 2**k rows of the log, found by *places*:
running numbers of the key's events, without their upper half, that stay the same when the ring
grows. Rows stand one after the other in flat arrays, each looked at as whole numbers of 64 bits and
as *words* of 32. Counter 0 is nobody's: it stands for *none*.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Words = NDArray[np.int32]
Float = NDArray[np.float64]

ABSENT = -1
"""In the place of a number of a key, a counterparty or a bucket: there is none."""
NOTHING = -(1 << 63)
"""In the place of a whole number: there is none."""

# A key's row, in words: the first row of its ring, the rows of that less one, the places of its
# oldest event and of the next one; mass of its amounts (whole). Lanes follow.
RING, ROUND, OLDEST, NEXT = range(4)
MASS = 2
KEY_HEAD = 6
# An event's row: time and amount (whole); running number and counter (words). Words of *flags* that
# say whether the same pair came again follow, links for deques, and wide masks.
AT, AMOUNT = 0, 1
ORDINAL, SLOT, LOG_HEAD = 4, 5, 6
# A counter: its pair (whole), the next one of its bucket and, for each choice of events that
# counterparties are counted of, the place of the latest event (words); lanes follow.
CODE = 0
CHAIN, LATEST = 2, 3
# What lanes that tell the largest keep in a counter: events, neighbours in the list of all (words)
# and, two words after that, their sum (whole).
EVENTS, BEFORE, AFTER = range(3)
RING_LEAST = 2
"""Rows of the smallest ring."""

# How far the pools are in use, and free counters; how many rows of the log were asked for in vain,
# or, below zero, for which key at rest: -1 less the key; when it was last swept, events in it, and
# the rows that their rings need; events since then.
(LOG_END, WANTED, LOG_LIVE, LOG_NEED, TAKEN_SINCE, COUNTER_FREE, COUNTER_END, COUNTER_LIVE,
 META) = range(9)  # fmt: skip

# A tail: how far back it is, the word where it is kept, and which lanes it is of.
OVER, TAIL, BEGIN, END, TAIL_WIDE = range(5)
# A lane: its bit of the mask; where it keeps the number of events, the number of
# amounts with their sum, their squares in two limbs, the number of counterparties, the largest of
# them with the list of all and the place in the counters. 0: it does not keep that. And which pair,
# and the word of its tail.
(BIT, COUNT, KNOWN, SUM, SQUARES, DISTINCT, TOP, COUNTER, PAIR, TAIL_AT, LANE_WIDE) = range(11)
# A pair: a choice of events that counterparties are counted of: the bit of the mask, the word of
# the flags in the log with its bit, and the word of the longest tail.
PAIR_BIT, FLAGS, FLAG, PAIR_TAIL, PAIR_WIDE = range(5)
# An end is one event of a lane: the largest (front of a deque), the smallest, the first, the last;
# none if it is the next one. How far back, which bit, what it is, the word where it is kept (the
# back of a deque follows), and the link in the log.
END_OVER, END_BIT, KIND, PLACE, LINK, END_WIDE = range(6)
LARGEST, SMALLEST, FIRST, LAST = 1, -1, 2, 3

FLAGS_WIDE = 32
"""Flags to a word."""
MASK_LOW = 11
"""Bits of a mask that find room beside an amount; with more choices it has a place of its own."""
LOWEST = (1 << MASK_LOW) - 1
"""Those bits."""
SHIFT = MASK_LOW + 1
"""Amounts are kept above the mask and a bit that says whether there is one."""
KNOWN_BIT = 62
"""Bit of the mask of an event that has an amount."""
MOST_CHOICES = 60
"""Choices of events, each a bit of the mask."""

# How a window is told: a word; a sum; an amount of an end; and real numbers.
WORD, TOTAL, AMOUNT_OF, MEAN, STD, VELOCITY, TOP_SHARE = range(7)
# A window: how it is told, the column, and up to four places: where numbers and sums are kept.
TOLD, COLUMN, P0, P1, P2, P3, WINDOW_WIDE = range(7)

# What becomes of an event; of LATER and NO_ROOM it is not yet known.
TAKEN, LATE, AHEAD, LEAP, AGAIN, LARGE, LATER, NO_ROOM = range(8)

MASS_MOST = 1 << 62
"""The amounts kept of one key, without their signs, stay below this: no sum can overflow.

With amounts of up to 10**15 their squares add up to less than 2**112, which two limbs hold.
"""


ASLEEP = -1
"""In the place of the mass of a key at rest: what is kept of it lies elsewhere."""


class State(NamedTuple):
    """All that is known after some event: rows of keys, log, counters, their buckets, pools.

    Rows are there as whole numbers and, the same memory, as words.
    """

    keys: Int
    key_words: Words
    log: Int
    log_words: Words
    counters: Int
    counter_words: Words
    buckets: Words
    meta: Int


class Plan(NamedTuple):
    """What to keep and what to tell.

    Attributes
    ----------
    tails, lanes, pairs, ends, windows
        Rows as above.
    ratio
        Length of the longer window over that of the shorter one, for velocities.
    longest
        Length of the longest window.
    reach
        Events so long before the newest of their key are needed no more.
    key_wide, log_wide, counter_wide
        Whole numbers in a row of a key, of the log, and of a counter; 0: no counters.
    mask_at
        Where in a row of the log its mask is.
    """

    tails: Int
    lanes: Int
    pairs: Int
    ends: Int
    windows: Int
    ratio: Float
    longest: int
    reach: int
    key_wide: int
    log_wide: int
    counter_wide: int
    mask_at: int


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


def cut(events: Events, rows: Int | slice) -> Events:
    """Return some of the events."""
    return Events(*(column[rows] for column in events))


def cut_values(values: Values, rows: Int | NDArray[np.bool_] | slice) -> Values:
    """Return some rows of values."""
    return Values(values.whole[rows], values.real[rows])
