"""What happens in the lanes of a key when an event comes in or drops out of them.

Everything is whole numbers that are added and taken away again, so nothing depends on how events
were cut into batches. Largest and smallest are fronts of monotone deques (of amounts that no later
one exceeds), whose links are both neighbours in one word, by exclusive or; the largest counterparty
is looked for anew when it loses something.
"""

import numpy as np

from liandong.kernels.memory.borrowing import inner
from liandong.kernels.streams.layout import (
    AFTER,
    AMOUNT,
    AT,
    BEFORE,
    BEGIN,
    BIT,
    COUNT,
    COUNTER,
    DISTINCT,
    END,
    END_BIT,
    END_OVER,
    EVENTS,
    FIRST,
    FLAG,
    FLAGS,
    KIND,
    KNOWN,
    LAST,
    LATEST,
    LINK,
    MASK_LOW,
    NEXT,
    OVER,
    PAIR,
    PAIR_BIT,
    PAIR_TAIL,
    PLACE,
    RING,
    ROUND,
    SHIFT,
    SLOT,
    SQUARES,
    SUM,
    TAIL,
    TAIL_AT,
    TOP,
    Int,
    Plan,
    State,
)  # fmt: skip
from liandong.kernels.streams.squares import add_square
from liandong.kernels.streams.widths import whole, word


@inner
def worth_of(wide: int, slot: int, c: int) -> int:
    """Return where the sum of a counter is that keeps its events in word ``c``."""
    return slot * wide + (c >> 1) + 2


@inner
def row_of(state: State, plan: Plan, begin: int, place: int) -> int:
    """Return where in the log the row of an event of a key begins, by its place."""
    words = state.key_words
    within = place & whole(words[np.uint64(begin + ROUND)])
    return (whole(words[np.uint64(begin + RING)]) + within) * plan.log_wide


@inner
def slide(state: State, plan: Plan, begin: int, at: int) -> None:
    """Let everything drop out of the lanes of a key that is out of them at ``at``.

    ``begin`` is where the key's row begins, in words.
    """
    words, log = state.key_words, state.log
    following = words[np.uint64(begin + NEXT)]
    for s in range(plan.tails.shape[0]):
        limit, place = at - plan.tails[s, OVER], np.uint64(begin + plan.tails[s, TAIL])
        x = words[place]
        row = row_of(state, plan, begin, x)
        if x == following or log[np.uint64(row + AT)] > limit:
            continue
        while x != following and log[np.uint64(row + AT)] <= limit:
            for n in range(plan.tails[s, BEGIN], plan.tails[s, END]):
                _move(state, plan, plan.lanes[n], begin, row, -1)
            x = word(x + 1)
            row = row_of(state, plan, begin, x)
        words[place] = x
    for e in range(plan.ends.shape[0]):
        end, limit = plan.ends[e], at - plan.ends[e, END_OVER]
        x = words[np.uint64(begin + end[PLACE])]
        row = row_of(state, plan, begin, x)
        if x != following and log[np.uint64(row + AT)] <= limit:
            _age(state, plan, end, begin, x, limit)


@inner
def join(state: State, plan: Plan, begin: int, x: int) -> None:
    """Let the newest event of a key, at place ``x``, come into its lanes."""
    row = row_of(state, plan, begin, x)
    for n in range(plan.lanes.shape[0]):
        _move(state, plan, plan.lanes[n], begin, row, 1)
    slot = whole(state.log_words[np.uint64(2 * row + SLOT)])
    for d in range(plan.pairs.shape[0] if slot else 0):
        _pair(state, plan, begin, x, 2 * slot * plan.counter_wide + LATEST + d, d)
    is_known = (state.log[np.uint64(row + AMOUNT)] >> MASK_LOW) & 1
    mask = state.log[np.uint64(row + plan.mask_at)]
    for e in range(plan.ends.shape[0]):
        if is_known & (mask >> plan.ends[e, END_BIT]):
            _renew(state, plan, plan.ends[e], begin, x)
        elif state.key_words[np.uint64(begin + plan.ends[e, PLACE])] == x:
            state.key_words[np.uint64(begin + plan.ends[e, PLACE])] = x + 1


@inner
def _move(state: State, plan: Plan, lane: Int, begin: int, row: int, sign: int) -> None:
    """Let an event come into a lane (1) or leave it (-1)."""
    keys, words, log = state.keys, state.key_words, state.log
    if not (log[np.uint64(row + plan.mask_at)] >> lane[BIT]) & 1:
        return
    if lane[COUNT]:
        words[np.uint64(begin + lane[COUNT])] += sign
    amount = log[np.uint64(row + AMOUNT)]
    if lane[SUM] and (amount >> MASK_LOW) & 1:
        words[np.uint64(begin + lane[KNOWN])] += sign
        keys[np.uint64((begin >> 1) + lane[SUM])] += sign * (amount >> SHIFT)
        if lane[SQUARES]:
            add_square(keys, (begin >> 1) + lane[SQUARES], amount >> SHIFT, sign)
    if lane[DISTINCT]:
        pair = plan.pairs[lane[PAIR]]
        again = (state.log_words[np.uint64(2 * row + pair[FLAGS])] >> pair[FLAG]) & 1
        if sign < 0:
            words[np.uint64(begin + lane[DISTINCT])] -= 1 - again
        elif again == 0 and not _came(state, plan, lane, begin, row):
            words[np.uint64(begin + lane[DISTINCT])] += 1
    if lane[TOP]:
        slot = whole(state.log_words[np.uint64(2 * row + SLOT)])
        if slot:
            place = np.uint64(2 * slot * plan.counter_wide + lane[COUNTER] + EVENTS)
            left = whole(state.counter_words[place]) + sign
            state.counter_words[place] = left
            by = sign * (amount >> SHIFT)
            _weigh(state, plan.counter_wide, lane, begin, slot, by, left, sign)


@inner
def _came(state: State, plan: Plan, lane: Int, begin: int, row: int) -> bool:
    """Tell whether the pair of the newest event has another one in a lane."""
    slot = whole(state.log_words[np.uint64(2 * row + SLOT)])
    place = np.uint64(2 * slot * plan.counter_wide + LATEST + lane[PAIR])
    tail = state.key_words[np.uint64(begin + lane[TAIL_AT])]
    live = np.uint32(state.key_words[np.uint64(begin + NEXT)] - tail)
    return bool(np.uint32(state.counter_words[place] - tail) < live)


@inner
def _pair(state: State, plan: Plan, begin: int, x: int, latest: int, d: int) -> None:
    """Let the newest event be the latest of its pair, and tell the one before."""
    pair, of, place = plan.pairs[d], state.counter_words, np.uint64(latest)
    row = row_of(state, plan, begin, x)
    if not (state.log[np.uint64(row + plan.mask_at)] >> pair[PAIR_BIT]) & 1:
        return
    before, tail = of[place], state.key_words[np.uint64(begin + pair[PAIR_TAIL])]
    if np.uint32(before - tail) < np.uint32(x - tail):
        row = row_of(state, plan, begin, before)
        state.log_words[np.uint64(2 * row + pair[FLAGS])] |= 1 << pair[FLAG]
    of[place] = x


@inner
def _renew(state: State, plan: Plan, end: Int, begin: int, x: int) -> None:
    """Let the amount of the newest event come to an end."""
    if end[KIND] < FIRST:
        _queue(state, plan, end, begin, x)
    elif end[KIND] == LAST:
        state.key_words[np.uint64(begin + end[PLACE])] = x


@inner
def _queue(state: State, plan: Plan, end: Int, begin: int, x: int) -> None:
    """Put an event behind those of a deque that are greater (or, of the smallest, less).

    A link is the distance to the next event of the deque and that to the one before, by exclusive
    or: 0 at the ends.
    """
    words, log, links = state.key_words, state.log, state.log_words
    link, sign, front_at = end[LINK], end[KIND], np.uint64(begin + end[PLACE])
    back_at = np.uint64(begin + end[PLACE] + 1)
    row, front, back = row_of(state, plan, begin, x), words[front_at], words[back_at]
    amount, far, is_empty = sign * (log[np.uint64(row + AMOUNT)] >> SHIFT), 0, front == x
    while not is_empty:
        last = row_of(state, plan, begin, back)
        links[np.uint64(2 * last + link)] ^= far
        if sign * (log[np.uint64(last + AMOUNT)] >> SHIFT) > amount:
            far = x - back
            links[np.uint64(2 * last + link)] ^= far
            break
        far, is_empty = whole(links[np.uint64(2 * last + link)]), back == front
        back = word(back - far)
    links[np.uint64(2 * row + link)] = 0 if is_empty else far
    if is_empty:
        words[front_at] = x
    words[back_at] = x


@inner
def _age(state: State, plan: Plan, end: Int, begin: int, x: int, limit: int) -> None:
    """Let an end forget what has dropped out; ``x`` has."""
    words, log, links = state.key_words, state.log, state.log_words
    place, following = np.uint64(begin + end[PLACE]), words[np.uint64(begin + NEXT)]
    if end[KIND] < FIRST:
        back, row = words[np.uint64(begin + end[PLACE] + 1)], row_of(state, plan, begin, x)
        while x != following and log[np.uint64(row + AT)] <= limit:
            far = whole(links[np.uint64(2 * row + end[LINK])])
            x = following if x == back else word(x + far)
            row = row_of(state, plan, begin, x)
            if x != following:
                links[np.uint64(2 * row + end[LINK])] ^= far
    elif end[KIND] == FIRST:
        while x != following and not _begins(state, plan, end, begin, x, limit):
            x = word(x + 1)
    else:
        x = following
    words[place] = x


@inner
def _begins(state: State, plan: Plan, end: Int, begin: int, x: int, limit: int) -> bool:
    """Tell whether an event is in a lane and has an amount."""
    log, row = state.log, row_of(state, plan, begin, x)
    bits = (log[np.uint64(row + plan.mask_at)] >> end[END_BIT]) & 1
    known = (log[np.uint64(row + AMOUNT)] >> MASK_LOW) & bits
    return bool(log[np.uint64(row + AT)] > limit and known == 1)


@inner
def _weigh(
    state: State, wide: int, lane: Int, begin: int, slot: int, by: int, left: int, sign: int
) -> None:
    """Add to what a counterparty is worth in a lane, where it has ``left`` events now.

    Of the key, ``words[top]`` is the counter worth most, if known, and ``words[top + 1]`` the first
    of the list of all.
    """
    words, counters, of = state.key_words, state.counters, state.counter_words
    c, top = lane[COUNTER], np.uint64(begin + lane[TOP])
    first, place = np.uint64(begin + lane[TOP] + 1), 2 * slot * wide + c
    worth = np.uint64(worth_of(wide, slot, c))
    if sign > 0 and left == 1:
        head = whole(words[first])
        counters[worth] = 0
        of[np.uint64(place + BEFORE)], of[np.uint64(place + AFTER)] = 0, head
        of[np.uint64(2 * head * wide + c + BEFORE)] = slot
        words[first] = slot
    counters[worth] += by
    if left == 0:
        before, after = of[np.uint64(place + BEFORE)], of[np.uint64(place + AFTER)]
        if before:
            of[np.uint64(2 * whole(before) * wide + c + AFTER)] = after
        else:
            words[first] = after
        of[np.uint64(2 * whole(after) * wide + c + BEFORE)] = before
    largest = whole(words[top])
    if slot == largest and (by < 0 or left == 0):
        words[top] = 0
    elif left and largest and counters[worth] > counters[np.uint64(worth_of(wide, largest, c))]:
        words[top] = slot


@inner
def largest(state: State, wide: int, begin: int, c: int, top: int) -> int:
    """Return the counter of a key that is worth most in a lane; 0 if there is none."""
    words, counters = state.key_words, state.counters
    found = whole(words[np.uint64(begin + top)])
    if found == 0:
        x = found = whole(words[np.uint64(begin + top + 1)])
        while x:
            best = counters[np.uint64(worth_of(wide, found, c))]
            if counters[np.uint64(worth_of(wide, x, c))] > best:
                found = x
            x = whole(state.counter_words[np.uint64(2 * x * wide + c + AFTER)])
        words[np.uint64(begin + top)] = found
    return found
