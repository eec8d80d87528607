"""Sliding windows over the events of each key, exactly and in whole numbers.

A window of length W at an event of time t holds the events of its key in (t - W, t] up to that
event in the order of time and place. Adding on entry and subtracting on exit costs the same however
long a window is (Tangwongsan, Hirzel, Schneider: Sliding-Window Aggregation Algorithms, 2018).
Rows of the log that no window can need any more are used again when a ring is full.
"""

import numpy as np
from numba import njit

from liandong.kernels.memory.borrowing import borrowing, inner
from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.streams.bound import grid, line, real_grid, real_line, word_line
from liandong.kernels.streams.counters import Bytes, bucket_of, code_of, counter_of
from liandong.kernels.streams.lanes import join, largest, row_of, slide, worth_of
from liandong.kernels.streams.layout import (
    AMOUNT,
    AMOUNT_OF,
    ASLEEP,
    AT,
    COLUMN,
    COUNTER_END,
    COUNTER_FREE,
    FLAGS,
    FLAGS_WIDE,
    KNOWN_BIT,
    LARGE,
    LATER,
    LATEST,
    LOG_END,
    LOG_LIVE,
    LOG_NEED,
    LOWEST,
    MASK_LOW,
    MASS,
    MASS_MOST,
    MEAN,
    NEXT,
    NO_ROOM,
    NOTHING,
    OLDEST,
    ORDINAL,
    P0,
    P1,
    P2,
    P3,
    PLACE,
    RING,
    RING_LEAST,
    ROUND,
    SHIFT,
    SLOT,
    STD,
    TAIL,
    TAKEN,
    TAKEN_SINCE,
    TOLD,
    TOTAL,
    VELOCITY,
    WANTED,
    WORD,
    Events,
    Int,
    Plan,
    State,
    Values,
    Words,
)  # fmt: skip
from liandong.kernels.streams.squares import deviation
from liandong.kernels.streams.widths import whole, word

FAR, NEAR, CLOSE, NEXT_BUT = 24, 16, 8, 4
"""So many events ahead, rows are sent for: keys; log and buckets; counters; events of the pair."""
ROWS_ON = 2
"""Of the longest tail more than one event may drop out: so many rows on is another line."""
MOST_SENT = 16
"""Events of one key that are sent for at once, at most."""
LINE = 8
"""Whole numbers to a line of memory."""
MASSES = MASS_MOST - 1
"""The bits of a mass; the next one says that an event of the key was left for later."""


@borrowing
def fold(
    state: State, plan: Plan, events: Events, begin: int, since: int, values: Values, done: Int
) -> int:
    """Take events in order and tell the windows at each.

    Parameters
    ----------
    state, plan
        With free counters for all events, and rows for all their keys.
    events
        Those of a key in their order.
    begin
        The first to take.
    since
        Running numbers from here on are of these events. One as old as the newest event of its key
        and told before them may belong before it: it is left, and what follows of its key. Below
        zero: all are known to come after the newest of their keys.
    values
        Rows for all events; those of events that were not taken mean nothing.
    done
        What became of each is written here: TAKEN, LATER or LARGE.

    Returns
    -------
    int
        The first that was not taken for want of rows in the log; their number if there is none.
    """
    n, wide = len(events.key), plan.key_wide
    for k in range(begin, n):
        if k + FAR < n:
            row = events.key[k + FAR] * wide
            for i in range(0, wide, LINE):
                prefetch(state.keys, row + i)
        if k + NEAR < n:
            _approach(state, plan, events.key[k + NEAR], events.other[k + NEAR])
        if k + CLOSE < n:
            _near(state, plan, events.key[k + CLOSE], events.other[k + CLOSE])
        if k + NEXT_BUT < n:
            _next(state, plan, events.key[k + NEXT_BUT], events.other[k + NEXT_BUT])
        done[k] = _take(state, plan, events, k, since, values)
        if done[k] == NO_ROOM:
            return k
    return n


@borrowing
def one(table: Int, key: int, at: int, amount: int, other: int, mask: int, ordinal: int) -> int:
    """Take one event: what :func:`fold` does, in arrays that are bound.

    Parameters
    ----------
    table
        From :func:`.bound`: the state; the arrays of the plan in order, and its other numbers;
        room for the columns of one event; the values.
    key, at, amount, other, mask, ordinal
        As in :class:`.Events`.

    Returns
    -------
    int
        What became of it: TAKEN, LATER, LARGE, or NO_ROOM.
    """
    state = State(
        line(table, 0), word_line(table, 1), line(table, 2), word_line(table, 3), line(table, 4),
        word_line(table, 5), word_line(table, 6), line(table, 7),
    )  # fmt: skip
    more, event, meta = line(table, 14), grid(table, 15), state.meta
    tails, lanes, pairs, ends = grid(table, 8), grid(table, 9), grid(table, 10), grid(table, 11)
    plan = Plan(
        tails, lanes, pairs, ends, grid(table, 12), real_line(table, 13),
        more[0], more[1], more[2], more[3], more[4], more[5],
    )  # fmt: skip
    is_full = (meta[COUNTER_END] + 1) * plan.counter_wide > len(state.counters)
    if (key + 1) * plan.key_wide > len(state.keys) or (is_full and meta[COUNTER_FREE] == 0):
        return NO_ROOM
    events = Events(event[0], event[1], event[2], event[3], event[4], event[5])
    events.key[0], events.at[0], events.amount[0] = key, at, amount
    events.other[0], events.mask[0], events.ordinal[0] = other, mask, ordinal
    values = Values(grid(table, 16), real_grid(table, 17))
    return _take(state, plan, events, 0, ordinal, values)


@inner
def _approach(state: State, plan: Plan, key: int, other: int) -> None:
    """Send for the events that may drop out, for the newest, and for the bucket."""
    words, begin = state.key_words, 2 * key * plan.key_wide
    for s in range(plan.tails.shape[0]):
        place = words[np.uint64(begin + plan.tails[s, TAIL])]
        prefetch(state.log, row_of(state, plan, begin, place))
        if s + 1 == plan.tails.shape[0]:
            prefetch(state.log, row_of(state, plan, begin, place + ROWS_ON))
    for e in range(plan.ends.shape[0]):
        place = words[np.uint64(begin + plan.ends[e, PLACE])]
        prefetch(state.log, row_of(state, plan, begin, place))
    prefetch(state.log, row_of(state, plan, begin, words[np.uint64(begin + NEXT)] - 1))
    if other >= 0:
        prefetch(state.buckets, bucket_of(state.buckets, code_of(key, other)))


@inner
def _near(state: State, plan: Plan, key: int, other: int) -> None:
    """Send for the counter of a pair."""
    if other >= 0:
        slot = whole(state.buckets[np.uint64(bucket_of(state.buckets, code_of(key, other)))])
        prefetch(state.counters, slot * plan.counter_wide)


@inner
def _next(state: State, plan: Plan, key: int, other: int) -> None:
    """Send for the latest event of a pair, if its counter is the first of its bucket."""
    if other >= 0 and plan.pairs.shape[0] > 0:
        slot = whole(state.buckets[np.uint64(bucket_of(state.buckets, code_of(key, other)))])
        latest = state.counter_words[np.uint64(2 * slot * plan.counter_wide + LATEST)]
        prefetch(state.log, row_of(state, plan, 2 * key * plan.key_wide, latest))


@inner
def _take(state: State, plan: Plan, events: Events, k: int, since: int, values: Values) -> int:
    i = np.uint64(k)
    key, at, amount = events.key[i], events.at[i], events.amount[i]
    begin, mass = 2 * key * plan.key_wide, np.uint64(key * plan.key_wide + MASS)
    if since >= 0 and _is_later(state, plan, begin, at, since):
        return LATER
    slide(state, plan, begin, at)
    if not _is_ready(state, plan, begin, at):
        return NO_ROOM
    if (state.keys[mass] & MASSES) + abs(amount) >= MASS_MOST:
        forget(state, plan, begin, at - plan.reach)
        if (state.keys[mass] & MASSES) + abs(amount) >= MASS_MOST:
            return LARGE
    state.keys[mass] += abs(amount)
    state.meta[TAKEN_SINCE] += 1
    x = state.key_words[np.uint64(begin + NEXT)]
    enter(state, plan, events, k, row_of(state, plan, begin, x))
    join(state, plan, begin, x)
    state.key_words[np.uint64(begin + NEXT)] = x + 1
    tell(state, plan, begin, values, k)
    return TAKEN


@inner
def _is_later(state: State, plan: Plan, begin: int, at: int, since: int) -> bool:
    """Tell whether an event must wait until its place is found; then all of its key must."""
    mass, words = np.uint64((begin >> 1) + MASS), state.key_words
    if state.keys[mass] >= MASS_MOST:
        return True
    following = words[np.uint64(begin + NEXT)]
    row = row_of(state, plan, begin, following - 1)
    newest = state.log[np.uint64(row + AT)]
    if at > newest or following == words[np.uint64(begin + OLDEST)]:
        return False
    # Running numbers are kept without their upper half.
    behind = word(whole(state.log_words[np.uint64(2 * row + ORDINAL)]) - since)
    if at == newest and behind >= 0:
        return False
    state.keys[mass] |= MASS_MOST
    return True


@inner
def _is_ready(state: State, plan: Plan, begin: int, at: int) -> bool:
    """Tell whether there is a row for one more event of a key; if its ring is full, make one."""
    words = state.key_words
    most = whole(words[np.uint64(begin + ROUND)]) + 1
    following = words[np.uint64(begin + NEXT)]
    if word(following - words[np.uint64(begin + OLDEST)]) < most > 1:
        return True
    forget(state, plan, begin, at - plan.reach)
    if word(following - words[np.uint64(begin + OLDEST)]) < most > 1:
        return True
    return widen(state, plan, begin, max(2 * most, RING_LEAST))


@inner
def widen(state: State, plan: Plan, begin: int, rows: int) -> bool:
    """Give a key a ring of so many rows at the end of the log, if they are there.

    What is kept of a key at rest must be taken up first.
    """
    words, log, wide = state.key_words, state.log, plan.log_wide
    if state.keys[np.uint64((begin >> 1) + MASS)] == ASLEEP:
        state.meta[WANTED] = -1 - begin // (2 * plan.key_wide)
        return False
    ring = state.meta[LOG_END]
    if (ring + rows) * wide > len(log):
        state.meta[WANTED] = rows
        return False
    state.meta[LOG_END] = ring + rows
    x = words[np.uint64(begin + OLDEST)]
    while x != words[np.uint64(begin + NEXT)]:
        old, new = row_of(state, plan, begin, x), (ring + (x & (rows - 1))) * wide
        for i in range(wide):
            log[np.uint64(new + i)] = log[np.uint64(old + i)]
        x = word(x + 1)
    words[np.uint64(begin + RING)], words[np.uint64(begin + ROUND)] = ring, rows - 1
    return True


@inner
def enter(state: State, plan: Plan, events: Events, k: int, row: int) -> None:
    """Write an event into a row of the log; it is in no window yet."""
    log, words, i = state.log, state.log_words, np.uint64(k)
    key, other, mask, amount = events.key[i], events.other[i], events.mask[i], events.amount[i]
    known = (mask >> KNOWN_BIT) & 1
    lowest = mask & LOWEST if plan.mask_at == AMOUNT else 0
    log[np.uint64(row + plan.mask_at)] = mask
    log[np.uint64(row + AT)] = events.at[i]
    log[np.uint64(row + AMOUNT)] = (amount << SHIFT) | (known << MASK_LOW) | lowest
    words[np.uint64(2 * row + ORDINAL)] = events.ordinal[i]
    is_counted = other >= 0 and plan.counter_wide > 0
    before = state.key_words[np.uint64(2 * key * plan.key_wide + OLDEST)] - 1
    slot = counter_of(state, plan, key, other, before) if is_counted else 0
    words[np.uint64(2 * row + SLOT)] = slot
    # Of an event without a counterparty it always came again, so that it never counts.
    for d in range(0, plan.pairs.shape[0], FLAGS_WIDE):
        words[np.uint64(2 * row + plan.pairs[d, FLAGS])] = 0 if is_counted else -1


@inner
def forget(state: State, plan: Plan, begin: int, until: int) -> None:
    """Give back the rows of a key's events up to a time; no window holds them any more."""
    words, log = state.key_words, state.log
    mass, following = np.uint64((begin >> 1) + MASS), words[np.uint64(begin + NEXT)]
    x = words[np.uint64(begin + OLDEST)]
    row = row_of(state, plan, begin, x)
    while x != following and log[np.uint64(row + AT)] <= until:
        state.keys[mass] -= abs(log[np.uint64(row + AMOUNT)] >> SHIFT)
        x = word(x + 1)
        row = row_of(state, plan, begin, x)
    words[np.uint64(begin + OLDEST)] = x


@borrowing
def settle(state: State, plan: Plan, key: int, horizon: int) -> None:
    """Let a key forget what no event from ``horizon`` on can need."""
    begin = 2 * key * plan.key_wide
    row = row_of(state, plan, begin, state.key_words[begin + OLDEST])
    if state.log[row + AT] <= horizon - plan.longest:
        slide(state, plan, begin, horizon)
        forget(state, plan, begin, horizon - plan.longest)


@borrowing
def sweep(state: State, plan: Plan, horizon: int, used: Bytes) -> None:
    """Let all keys forget what no event from ``horizon`` on can need.

    ``used`` becomes 1 for each counter that an event of the log needs. How many events there are,
    and how many rows their rings need, is written down.
    """
    words, keys, meta = state.key_words, len(state.keys) // plan.key_wide, state.meta
    meta[LOG_LIVE], meta[LOG_NEED], meta[TAKEN_SINCE] = 0, 0, 0
    for key in range(keys):
        begin = 2 * key * plan.key_wide
        _ring(state, plan, key + NEAR, keys)
        x, following = words[np.uint64(begin + OLDEST)], words[np.uint64(begin + NEXT)]
        if x == following:
            continue
        settle(state, plan, key, horizon)
        x = words[np.uint64(begin + OLDEST)]
        meta[LOG_LIVE] += word(following - x)
        meta[LOG_NEED] += rows_needed(state, begin)
        while x != following:
            row = row_of(state, plan, begin, x)
            used[np.uint64(state.log_words[np.uint64(2 * row + SLOT)])] = 1
            x = word(x + 1)


@borrowing
def pack(state: State, plan: Plan, into: State) -> None:
    """Copy the rings of all keys to the beginning of another log; those too wide become narrow."""
    words, keys = state.key_words, len(state.keys) // plan.key_wide
    for key in range(keys):
        begin = 2 * key * plan.key_wide
        _ring(state, plan, key + NEAR, keys)
        if words[np.uint64(begin + ROUND)]:
            _repack(state, plan, begin, into)


@inner
def _ring(state: State, plan: Plan, key: int, keys: int) -> None:
    """Send for the events of a key, if it is one of the keys there are; the first ones of many."""
    if key >= keys:
        return
    words, begin = state.key_words, 2 * key * plan.key_wide
    x = words[np.uint64(begin + OLDEST)]
    live = whole(word(words[np.uint64(begin + NEXT)] - x))
    for i in range(0, min(live, MOST_SENT), 2):
        prefetch(state.log, row_of(state, plan, begin, x + i))


@inner
def rows_needed(state: State, begin: int) -> int:
    """Return how many rows a ring needs: as many as it has, unless few of them are in use."""
    words = state.key_words
    live = word(words[np.uint64(begin + NEXT)] - words[np.uint64(begin + OLDEST)])
    rows = whole(words[np.uint64(begin + ROUND)]) + 1
    while rows > RING_LEAST and 4 * live <= rows:
        rows >>= 1
    return rows if live else 0


@inner
def _repack(state: State, plan: Plan, begin: int, into: State) -> None:
    words, wide = state.key_words, plan.log_wide
    x, following = words[np.uint64(begin + OLDEST)], words[np.uint64(begin + NEXT)]
    rows = rows_needed(state, begin)
    ring = into.meta[LOG_END]
    while x != following:
        old, new = row_of(state, plan, begin, x), (ring + (x & (rows - 1))) * wide
        for i in range(wide):
            into.log[np.uint64(new + i)] = state.log[np.uint64(old + i)]
        x = word(x + 1)
    into.meta[LOG_END] += rows
    words[np.uint64(begin + RING)] = ring if rows else 0
    words[np.uint64(begin + ROUND)] = rows - 1 if rows else 0


@njit(cache=True, nogil=True)
def rows_of(state: State, plan: Plan, key: int) -> Int:
    """Return the rows of a key's events in the log, in order."""
    begin = 2 * key * plan.key_wide
    x, following = state.key_words[begin + OLDEST], state.key_words[begin + NEXT]
    rows = np.empty((whole(word(following - x)), plan.log_wide), np.int64)
    for i in range(len(rows)):
        row = row_of(state, plan, begin, x + i)
        rows[i] = state.log[row : row + plan.log_wide]
    return rows


@njit(cache=True, nogil=True)
def numbers(state: State, plan: Plan) -> Int:
    """Return the lower halves of the running numbers of all events in the log."""
    found, n, words = np.empty(state.meta[LOG_LIVE], np.int64), 0, state.key_words
    for key in range(len(state.keys) // plan.key_wide):
        begin = 2 * key * plan.key_wide
        x = words[begin + OLDEST]
        while x != words[begin + NEXT]:
            row = row_of(state, plan, begin, x)
            found[n], n = state.log_words[2 * row + ORDINAL], n + 1
            x = word(x + 1)
    return found


@borrowing
def write(state: State, plan: Plan, events: Events, rows: Int, words: Words) -> None:
    """Write events that are in no window yet into rows, looked at as words, too, elsewhere."""
    elsewhere = State(
        state.keys, state.key_words, rows, words, state.counters, state.counter_words,
        state.buckets, state.meta,
    )  # fmt: skip
    for k in range(len(events.key)):
        enter(elsewhere, plan, events, k, k * plan.log_wide)


@borrowing
def again(state: State, plan: Plan, key: int, rows: Int, slots: Words, values: Values) -> bool:
    """Let the events of a key happen once more, in the order of ``rows``, and tell them all.

    ``slots`` are the counters of the rows. Returns False, and does nothing, if there is no room for
    them in the log.
    """
    words, log, begin = state.key_words, state.log, 2 * key * plan.key_wide
    counters, wide = state.counter_words, 2 * plan.counter_wide
    x, most = words[begin + OLDEST], whole(words[begin + ROUND]) + 1
    words[begin + OLDEST] = words[begin + NEXT]
    while most < max(len(rows), RING_LEAST):
        most *= 2
    if most > words[begin + ROUND] + 1 and not widen(state, plan, begin, most):
        words[begin + OLDEST] = x
        return False
    first = words[begin + NEXT]
    for i in range(len(rows)):
        slot = whole(slots[i])
        for c in range(LATEST, wide):
            counters[slot * wide + c] = first - 1 if c < LATEST + len(plan.pairs) else 0
    blank(state, plan, begin, first)
    for i in range(len(rows)):
        x = word(first + i)
        row = row_of(state, plan, begin, x)
        for c in range(plan.log_wide):
            log[row + c] = rows[i, c]
        for d in range(len(plan.pairs) if slots[i] else 0):
            state.log_words[2 * row + plan.pairs[d, FLAGS]] = 0
        state.keys[(begin >> 1) + MASS] += abs(log[row + AMOUNT] >> SHIFT)
        slide(state, plan, begin, log[row + AT])
        join(state, plan, begin, x)
        words[begin + NEXT] = x + 1
        tell(state, plan, begin, values, i)
    return True


@inner
def blank(state: State, plan: Plan, begin: int, first: int) -> None:
    """Let a key have no events; the next one has place ``first``."""
    words = state.key_words
    for c in range(OLDEST, 2 * plan.key_wide):
        words[begin + c] = 0
    words[begin + OLDEST], words[begin + NEXT] = first, first
    for s in range(plan.tails.shape[0]):
        words[begin + plan.tails[s, TAIL]] = first
    for e in range(plan.ends.shape[0]):
        words[begin + plan.ends[e, PLACE]] = first


@inner
def tell(state: State, plan: Plan, begin: int, values: Values, k: int) -> None:
    """Write what the windows of a key say now into row ``k``."""
    words, log, exact, line_of = state.key_words, state.log, values.whole, np.uint64(k)
    following = words[np.uint64(begin + NEXT)]
    for w in range(plan.windows.shape[0]):
        window = plan.windows[w]
        told, column = window[TOLD], np.uint64(window[COLUMN])
        n = words[np.uint64(begin + window[P0])]
        if told == WORD:
            exact[line_of, column] = n
        elif told == TOTAL:
            total = state.keys[np.uint64((begin >> 1) + window[P1])]
            exact[line_of, column] = total if n > 0 else NOTHING
        elif told == AMOUNT_OF:
            amount = log[np.uint64(row_of(state, plan, begin, n) + AMOUNT)] >> SHIFT
            exact[line_of, column] = amount if n != following else NOTHING
        elif n == 0:
            values.real[line_of, column] = np.nan
        else:
            values.real[line_of, column] = _real(state, plan, begin, whole(n), w)


@inner
def _real(state: State, plan: Plan, begin: int, n: int, w: int) -> float:
    keys, window, row = state.keys, plan.windows[w], begin >> 1
    total: int = keys[np.uint64(row + window[P1])]
    if window[TOLD] == MEAN:
        return float(total) / float(n)
    if window[TOLD] == STD:
        squares = row + window[P2]
        return deviation(n, total, keys[np.uint64(squares)], keys[np.uint64(squares + 1)])
    if window[TOLD] == VELOCITY:
        usual = keys[np.uint64(row + window[P2])]
        return float(total) / (float(usual) / plan.ratio[w]) if usual > 0 else np.nan
    top = largest(state, plan.counter_wide, begin, window[P3], window[P2])
    if top == 0 or total <= 0:
        return np.nan
    worth: int = state.counters[np.uint64(worth_of(plan.counter_wide, top, window[P3]))]
    return float(worth) / float(total)
