"""Sliding windows over the events of each key, exactly and in whole numbers.

A window of length W at an event of time t holds the events of its key in (t - W, t] up to that
event in the order of time and place. Adding on entry and subtracting on exit costs the same however
long a window is (Tangwongsan, Hirzel, Schneider: Sliding-Window Aggregation Algorithms, 2018).
The rows of the log that no window can need any more are used again.
"""

import numpy as np
from numba import njit

from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.streams.bound import grid, line, real_grid, real_line
from liandong.kernels.streams.compiled import hot, inner
from liandong.kernels.streams.counters import bucket_of, code_of, counter_of, let_go
from liandong.kernels.streams.lanes import WORTH, join, largest, slide
from liandong.kernels.streams.layout import (
    ABSENT,
    AGAINST,
    AMOUNT,
    AT,
    COLUMN,
    COUNT,
    COUNTER,
    COUNTER_END,
    COUNTER_FREE,
    COUNTER_HEAD,
    DIFFERENT,
    DISTINCT,
    FIRST,
    FUNCTION,
    KEY_HEAD,
    LARGE,
    LARGEST,
    LAST,
    LATER,
    LATEST,
    LOG_END,
    LOG_FREE,
    LOG_LIVE,
    MARK,
    MASK,
    MASS,
    MASS_MOST,
    MEAN,
    MOST,
    NEWEST,
    NEXT,
    NOTHING,
    OF_LANE,
    OLDEST,
    ORDINAL,
    OVER,
    SLOT,
    SMALLEST,
    SQUARES,
    STD,
    SUM,
    SUM_OF,
    TAIL,
    TAKEN,
    TOP,
    VELOCITY,
    Events,
    Int,
    Plan,
    State,
    Values,
)  # fmt: skip
from liandong.kernels.streams.squares import deviation

FAR, NEAR, CLOSE = 24, 16, 8
"""So many events ahead, rows are sent for: of keys, of the log and buckets, of counters."""
LAST_OF_SUMS, LAST_OF_EVENTS = LAST, FIRST
LINE = 8
"""Whole numbers to a line of memory."""


@hot
def fold(state: State, plan: Plan, events: Events, since: int, values: Values, done: Int) -> None:
    """Take events in order and tell the windows at each.

    Parameters
    ----------
    state, plan
        With free rows for all events, and rows for all their keys.
    events
        Those of a key in their order.
    since
        Running numbers from here on are of these events. One as old as the newest event of its key
        and told before them may belong before it: it is left, and what follows of its key.
    values
        Rows for all events; those of events that were not taken mean nothing.

    Returns
    -------
    Int
        What became of each: TAKEN, LATER or LARGE.
    """
    n = len(events.key)
    lines = state.keys.reshape(-1, LINE)
    for k in range(n):
        if k + FAR < n:
            wide = state.keys.shape[1] // LINE
            for i in range(wide):
                prefetch(lines, events.key[k + FAR] * wide + i)
        if k + NEAR < n:
            _approach(state, plan, events.key[k + NEAR], events.other[k + NEAR])
        if k + CLOSE < n:
            _near(state, plan, events.key[k + CLOSE], events.other[k + CLOSE], events.at[k + CLOSE])
        done[k] = _take(state, plan, events, k, since, values)


@hot
def one(table: Int, key: int, at: int, amount: int, other: int, mask: int, ordinal: int) -> int:
    """Take one event: what :func:`fold` does, in arrays that are bound.

    Parameters
    ----------
    table
        From :func:`.bound`: the state; lanes, windows, ratio, blank of the plan, and its longest
        and reach; room for the columns of one event; the values.
    key, at, amount, other, mask, ordinal
        As in :class:`.Events`.

    Returns
    -------
    int
        What became of it: TAKEN, LATER or LARGE; ABSENT if there is no room for it.
    """
    state = State(grid(table, 0), grid(table, 1), grid(table, 2), grid(table, 3), line(table, 4))
    meta, counted = state.meta, state.counters.shape[1] > COUNTER_HEAD
    if key >= state.keys.shape[0]:
        return ABSENT
    if meta[LOG_FREE] < 0 and meta[LOG_END] == state.log.shape[0]:
        return ABSENT
    if counted and meta[COUNTER_FREE] < 0 and meta[COUNTER_END] == state.counters.shape[0]:
        return ABSENT
    spans, event = line(table, 9), grid(table, 10)
    lanes, windows = grid(table, 5), grid(table, 6)
    plan = Plan(lanes, windows, real_line(table, 7), line(table, 8), spans[0], spans[1])
    events = Events(event[0], event[1], event[2], event[3], event[4], event[5])
    events.key[0], events.at[0], events.amount[0] = key, at, amount
    events.other[0], events.mask[0], events.ordinal[0] = other, mask, ordinal
    values = Values(grid(table, 11), real_grid(table, 12))
    return _take(state, plan, events, 0, ordinal, values)


@inner
def _approach(state: State, plan: Plan, key: int, other: int) -> None:
    """Send for the events that may drop out, for the newest, and for the bucket."""
    keys, log, lanes = state.keys, state.log, plan.lanes
    for n in range(lanes.shape[0]):
        x = keys[key, lanes[n, TAIL]]
        if x >= 0:
            prefetch(log, x)
        if lanes[n, LARGEST] >= 0 and keys[key, lanes[n, LARGEST]] >= 0:
            prefetch(log, keys[key, lanes[n, LARGEST]])
        if lanes[n, SMALLEST] >= 0 and keys[key, lanes[n, SMALLEST]] >= 0:
            prefetch(log, keys[key, lanes[n, SMALLEST]])
    if keys[key, NEWEST] >= 0:
        prefetch(log, keys[key, NEWEST])
    if other >= 0:
        prefetch(state.buckets, bucket_of(state.buckets, code_of(key, other)))


@inner
def _near(state: State, plan: Plan, key: int, other: int, at: int) -> None:
    """Send for what comes behind those that drop out, and for counters."""
    keys, log, lanes = state.keys, state.log, plan.lanes
    for n in range(lanes.shape[0]):
        x = keys[key, lanes[n, TAIL]]
        if x >= 0 and log[x, AT] <= at - lanes[n, OVER]:
            if log[x, NEXT] >= 0:
                prefetch(log, log[x, NEXT])
            if lanes[n, COUNTER] >= 0 and log[x, SLOT] >= 0:
                prefetch(state.counters, log[x, SLOT])
    if other >= 0:
        slot = state.buckets[bucket_of(state.buckets, code_of(key, other)), 0]
        if slot >= 0:
            prefetch(state.counters, slot)


@inner
def _take(state: State, plan: Plan, events: Events, k: int, since: int, values: Values) -> int:
    key, at = events.key[k], events.at[k]
    keys, log = state.keys, state.log
    newest = keys[key, NEWEST]
    if keys[key, MARK] == since:
        return LATER
    if newest >= 0 and (
        at < log[newest, AT] or (at == log[newest, AT] and log[newest, ORDINAL] < since)
    ):
        keys[key, MARK] = since
        return LATER
    if keys[key, MASS] + abs(events.amount[k]) >= MASS_MOST:
        return LARGE
    slide(state, plan.lanes, key, at)
    forget(state, key, at - plan.reach)
    x = enter(state, events, k)
    _link(state, plan, key, x)
    tell(state, plan, key, values, k)
    return TAKEN


@inner
def enter(state: State, events: Events, k: int) -> int:
    """Write an event into the log, and return its row; it is in no window yet."""
    log, meta = state.log, state.meta
    x: int = meta[LOG_FREE]
    if x >= 0:
        meta[LOG_FREE] = log[x, NEXT]
    else:
        x = meta[LOG_END]
        meta[LOG_END] = x + 1
    meta[LOG_LIVE] += 1
    key, other = events.key[k], events.other[k]
    log[x, AT], log[x, AMOUNT], log[x, NEXT] = events.at[k], events.amount[k], ABSENT
    log[x, ORDINAL], log[x, MASK] = events.ordinal[k], events.mask[k]
    counted = other >= 0 and state.counters.shape[1] > COUNTER_HEAD
    log[x, SLOT] = counter_of(state, key, other) if counted else ABSENT
    state.keys[key, MASS] += abs(events.amount[k])
    return x


@inner
def _link(state: State, plan: Plan, key: int, x: int) -> None:
    """Let an event be the newest of its key."""
    keys, log = state.keys, state.log
    if keys[key, NEWEST] >= 0:
        log[keys[key, NEWEST], NEXT] = x
    else:
        keys[key, OLDEST] = x
    keys[key, NEWEST] = x
    join(state, plan.lanes, key, x)


@inner
def forget(state: State, key: int, until: int) -> None:
    """Give back the rows of a key's events up to a time; no window holds them any more."""
    keys, log, meta = state.keys, state.log, state.meta
    x = keys[key, OLDEST]
    if x < 0 or log[x, AT] > until:
        return
    while x >= 0 and log[x, AT] <= until:
        after = log[x, NEXT]
        keys[key, MASS] -= abs(log[x, AMOUNT])
        if log[x, SLOT] >= 0:
            let_go(state, log[x, SLOT])
        log[x, NEXT] = meta[LOG_FREE]
        meta[LOG_FREE] = x
        meta[LOG_LIVE] -= 1
        x = after
    keys[key, OLDEST] = x
    if x < 0:
        keys[key, NEWEST] = ABSENT


@hot
def settle(state: State, plan: Plan, key: int, horizon: int) -> None:
    """Let a key forget what no event from ``horizon`` on can need."""
    x = state.keys[key, OLDEST]
    if x >= 0 and state.log[x, AT] <= horizon - plan.longest:
        slide(state, plan.lanes, key, horizon)
        forget(state, key, horizon - plan.longest)


@hot
def sweep(state: State, plan: Plan, horizon: int) -> None:
    """Let all keys forget what no event from ``horizon`` on can need."""
    for key in range(state.keys.shape[0]):
        settle(state, plan, key, horizon)


@njit(cache=True, nogil=True)
def rows_of(state: State, key: int) -> Int:
    """Return the rows of a key's events in the log, in order."""
    n, x = 0, state.keys[key, OLDEST]
    while x >= 0:
        n, x = n + 1, state.log[x, NEXT]
    rows, x = np.empty(n, np.int64), state.keys[key, OLDEST]
    for i in range(n):
        rows[i], x = x, state.log[x, NEXT]
    return rows


@njit(cache=True, nogil=True)
def numbers(state: State) -> Int:
    """Return the running numbers of all events in the log, key by key."""
    found, n = np.empty(state.meta[LOG_LIVE], np.int64), 0
    for key in range(state.keys.shape[0]):
        x = state.keys[key, OLDEST]
        while x >= 0:
            found[n], n, x = state.log[x, ORDINAL], n + 1, state.log[x, NEXT]
    return found


@hot
def again(state: State, plan: Plan, key: int, rows: Int, values: Values) -> None:
    """Let the events of a key happen once more, in the order of ``rows``, and tell them all."""
    keys, log, counters = state.keys, state.log, state.counters
    for i in range(len(rows)):
        slot = log[rows[i], SLOT]
        for c in range(COUNTER_HEAD, counters.shape[1] if slot >= 0 else 0):
            counters[slot, c] = 0
    for c in range(KEY_HEAD, keys.shape[1]):
        keys[key, c] = plan.blank[c]
    keys[key, OLDEST], keys[key, NEWEST] = ABSENT, ABSENT
    for i in range(len(rows)):
        x = rows[i]
        log[x, NEXT] = ABSENT
        slide(state, plan.lanes, key, log[x, AT])
        _link(state, plan, key, x)
        tell(state, plan, key, values, i)


@inner
def tell(state: State, plan: Plan, key: int, values: Values, k: int) -> None:
    """Write what the windows of a key say now into row ``k``."""
    keys, lanes, windows, whole = state.keys, plan.lanes, plan.windows, values.whole
    for w in range(windows.shape[0]):
        function, lane, column = windows[w, FUNCTION], windows[w, OF_LANE], windows[w, COLUMN]
        if function == COUNT:
            whole[k, column] = keys[key, lanes[lane, TAIL] + 1]
        elif function == DIFFERENT:
            whole[k, column] = keys[key, lanes[lane, DISTINCT]]
        elif function <= LAST_OF_SUMS:
            total = lanes[lane, SUM]
            known = keys[key, total] > 0
            place = total + 1 if function == SUM_OF else lanes[lane, LATEST]
            whole[k, column] = keys[key, place] if known else NOTHING
        elif function <= LAST_OF_EVENTS:
            x = keys[key, lanes[lane, LARGEST + 2 * (function - MOST)]]
            whole[k, column] = state.log[x, AMOUNT] if x >= 0 else NOTHING
        else:
            values.real[k, column] = _real(state, plan, key, function, lane, w)


@inner
def _real(state: State, plan: Plan, key: int, function: int, lane: int, w: int) -> float:
    keys, lanes = state.keys, plan.lanes
    n: int = keys[key, lanes[lane, SUM]]
    total: int = keys[key, lanes[lane, SUM] + 1]
    if n == 0:
        return np.nan
    if function == MEAN:
        return float(total) / float(n)
    if function == STD:
        squares = lanes[lane, SQUARES]
        return deviation(n, total, keys[key, squares], keys[key, squares + 1])
    if function == VELOCITY:
        usual = keys[key, lanes[plan.windows[w, AGAINST], SUM] + 1]
        return float(total) / (float(usual) / plan.ratio[w]) if usual > 0 else np.nan
    top = largest(state.counters, lanes[lane, COUNTER], keys[key], lanes[lane, TOP])
    if top < 0 or total <= 0:
        return np.nan
    worth: int = state.counters[top, lanes[lane, COUNTER] + WORTH]
    return float(worth) / float(total)
