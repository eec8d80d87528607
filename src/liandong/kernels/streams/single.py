"""One event at a time: all that is done with it is done in one call, in arrays that are bound.

A table of tables says where they are: whoever owns arrays keeps a table of his own up to date, and
nothing has to be bound again when some of them grow.
"""

import numpy as np

from liandong.kernels.memory.borrowing import borrowing, inner
from liandong.kernels.streams.admission import BEFORE_ALL
from liandong.kernels.streams.admission import judge as admitted
from liandong.kernels.streams.bound import (
    byte_grid,
    byte_line,
    grid,
    line,
    real_grid,
    word_grid,
)  # fmt: skip
from liandong.kernels.streams.exact import MISSING, nearest_millionths
from liandong.kernels.streams.judging import run_one
from liandong.kernels.streams.layout import ABSENT, KNOWN_BIT, NO_ROOM, NOTHING, TAKEN, Int
from liandong.kernels.streams.naming import BYTES, NAMES, number_one
from liandong.kernels.streams.windows import one

# Tables of the table: pools as :func:`.one` takes them; slots, bytes and meta of the names of
# subjects and of counterparties; the page; the event; rules.
POOLS, SUBJECTS, OTHERS, PAGE, EVENT, RULES = range(6)
# What is given of an event, in whole numbers: when it happened and when it was known (each in days,
# seconds and microseconds since 1970); its amount, whether it has one; its sequence, bits of its
# mask, and number of its sort; how many bytes its id, subject and counterparty (ABSENT: none) have.
(DAY, SECOND, MICRO, SEEN_DAY, SEEN_SECOND, SEEN_MICRO, AMOUNT, KNOWN, SEQ, BITS, SORT, ID, SUBJECT,
 OTHER, GIVEN) = range(15)  # fmt: skip
# A page: running number of its first event, how many there are, the newest time; what it keeps of
# each in whole numbers (an amount is NOTHING where there is none), and in bytes.
FIRST, ROWS, NEWEST, META = range(4)
SEQS, TIMES, SEEN, AMOUNTS, SORTS, HAS_OTHER, WHOLE = range(7)
TEXTS = 3
"""Ids, subjects and counterparties."""
# Where the value of an input of rules is: in a column of whole or of real numbers that windows say,
# in the event, or where it has to be already.
OF_WHOLE, OF_REAL, OF_EVENT, GIVEN_BESIDE = range(4)

_DAY, _SECOND = 86_400, 1_000_000
_VALUES = 16
"""In the table of the pools: what windows say, whole and real."""


@borrowing
def see(table: Int, clock: int) -> int:
    """Take one event.

    Parameters
    ----------
    table
        Where all tables but that of rules are, in which the event is given.
    clock
        The newest time taken so far.

    Returns
    -------
    int
        The clock after it. If the event was not taken, that is NOTHING and what became of it, which
        is less than any clock. After NO_ROOM nothing has happened yet that would matter.
    """
    return _see(table, clock)


@borrowing
def see_and_judge(table: Int, clock: int) -> int:
    """Take one event as :func:`see` does, and judge what windows say at it by rules.

    Parameters
    ----------
    table
        As there, and of rules: what :func:`.run_one` takes, and where the values of columns are.
    """
    found = _see(table, clock)
    if found >= BEFORE_ALL:
        _judge(table)
    return found


@borrowing
def judge_seen(table: Int) -> None:
    """Judge what windows say at the last event by rules, as :func:`see_and_judge` does."""
    _judge(table)


@inner
def _see(table: Int, clock: int) -> int:
    event = grid(table, EVENT)
    given, bounds = line(event, 0), line(event, 2)
    at, seen = _micros(given, DAY), _micros(given, SEEN_DAY)
    late, ahead, leap, most = bounds[0], bounds[1], bounds[2], bounds[3]
    code = admitted(at, seen, given[AMOUNT], clock, late, ahead, leap, most)
    if code == TAKEN:
        code = _take(table, given, byte_line(event, 1), at, seen)
    return max(clock, at) if code == TAKEN else NOTHING + code


@inner
def _micros(given: Int, first: int) -> int:
    """Return a moment in microseconds."""
    days, seconds, micros = given[first], given[first + 1], given[first + 2]
    found: int = (days * _DAY + seconds) * _SECOND + micros
    return found


@inner
def _take(table: Int, given: Int, text: np.ndarray, at: int, seen: int) -> int:
    subjects, others, page = grid(table, SUBJECTS), grid(table, OTHERS), grid(table, PAGE)
    begin = given[ID]
    end = begin + given[SUBJECT]
    last = end + max(given[OTHER], 0)
    is_full = _is_full(subjects, end - begin) or _is_full(others, last - end)
    if is_full or _is_page_full(page, begin, end - begin, last - end):
        return NO_ROOM
    key = number_one(text, begin, end, byte_line(subjects, 1), grid(subjects, 0), line(subjects, 2))
    other = ABSENT
    if given[OTHER] >= 0:
        other = number_one(text, end, last, byte_line(others, 1), grid(others, 0), line(others, 2))
    mask = given[BITS] | (given[KNOWN] << KNOWN_BIT)
    meta = line(page, 0)
    number = meta[FIRST] + meta[ROWS]
    done = one(grid(table, POOLS), key, at, given[AMOUNT], other, mask, number)
    if done != NO_ROOM:
        _write(page, given, text, at, seen)
    return done


@inner
def _is_full(names: Int, size: int) -> bool:
    """Tell whether there is no room for one more name of so many bytes."""
    meta = line(names, 2)
    few: bool = 2 * (meta[NAMES] + 1) > len(grid(names, 0))
    return few or bool(meta[BYTES] + size > len(byte_line(names, 1)))


@inner
def _is_page_full(page: Int, mine: int, subject: int, other: int) -> bool:
    ends, rows = word_grid(page, 2), line(page, 0)[ROWS]
    most = max(ends[0, rows] + mine, ends[1, rows] + subject, ends[2, rows] + other)
    return bool(rows == grid(page, 1).shape[1] or most > byte_grid(page, 3).shape[1])


@inner
def _write(page: Int, given: Int, text: np.ndarray, at: int, seen: int) -> None:
    """Keep an event on the page."""
    meta, whole, ends, texts = line(page, 0), grid(page, 1), word_grid(page, 2), byte_grid(page, 3)
    row = meta[ROWS]
    whole[SEQS, row], whole[TIMES, row], whole[SEEN, row] = given[SEQ], at, seen
    whole[AMOUNTS, row] = given[AMOUNT] if given[KNOWN] else NOTHING
    whole[SORTS, row], whole[HAS_OTHER, row] = given[SORT], given[OTHER] >= 0
    first = 0
    for t in range(TEXTS):
        into, size = ends[t, row], max(given[ID + t], 0)
        for i in range(size):
            texts[t, into + i] = text[first + i]
        ends[t, row + 1] = into + size
        first += size
    meta[ROWS], meta[NEWEST] = row + 1, max(meta[NEWEST], at)


@inner
def _judge(table: Int) -> None:
    pools, rules, given = grid(table, POOLS), grid(table, RULES), line(grid(table, EVENT), 0)
    whole, real = grid(pools, _VALUES), real_grid(pools, _VALUES + 1)
    values, truths, sources = line(rules, 1), byte_line(rules, 2), grid(rules, 4)
    for i in range(len(sources)):
        kind, column = sources[i, 0], sources[i, 1]
        value, state = 0, 0
        if kind == OF_WHOLE:
            value = whole[0, column]
            state = MISSING if value == NOTHING else 0
        elif kind == OF_REAL:
            value, state = nearest_millionths(real[0, column])
        elif kind == OF_EVENT:
            value = given[column]
            state = MISSING if column == AMOUNT and not given[KNOWN] else 0
        if kind != GIVEN_BESIDE:
            values[i], truths[i] = 0 if state else value, state
    run_one(grid(rules, 0), values, truths, byte_line(rules, 3))
