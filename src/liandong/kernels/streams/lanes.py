"""What happens in the lanes of a key when an event comes in or drops out of them.

Everything is whole numbers that are added and taken away again, so nothing depends on how events
were cut into batches. Largest and smallest are fronts of monotone deques (of amounts that no later
one exceeds); the largest counterparty is looked for anew when it loses something.
"""

from liandong.kernels.streams.compiled import inner
from liandong.kernels.streams.layout import (
    ABSENT,
    AMOUNT,
    AT,
    BIT,
    COUNTER,
    DISTINCT,
    EARLIEST,
    KNOWN,
    LARGEST,
    LARGEST_LINK,
    LATEST,
    MASK,
    NEXT,
    OVER,
    SLOT,
    SMALLEST,
    SMALLEST_LINK,
    SQUARES,
    SUM,
    TAIL,
    TOP,
    Int,
    State,
)  # fmt: skip
from liandong.kernels.streams.squares import add_square

# Columns of a counter after that of the lane: events, their sum, neighbours in the list of all.
EVENTS, WORTH, BEFORE, AFTER = range(4)


@inner
def slide(state: State, lanes: Int, key: int, at: int) -> None:
    """Let everything drop out of the lanes of a key that is out of them at ``at``."""
    row, log = state.keys[key], state.log
    for n in range(lanes.shape[0]):
        limit, tail = at - lanes[n, OVER], lanes[n, TAIL]
        x = row[tail]
        if x < 0 or log[x, AT] > limit:
            continue
        bit = lanes[n, BIT]
        while x >= 0 and log[x, AT] <= limit:
            if (log[x, MASK] >> bit) & 1:
                _leave(state, lanes, n, row, x)
            x = log[x, NEXT]
        row[tail] = x
        _age(log, lanes, n, row, limit)


@inner
def join(state: State, lanes: Int, key: int, x: int) -> None:
    """Let the newest event of a key come into its lanes."""
    row, log = state.keys[key], state.log
    for n in range(lanes.shape[0]):
        if row[lanes[n, TAIL]] < 0:
            row[lanes[n, TAIL]] = x
        if (log[x, MASK] >> lanes[n, BIT]) & 1:
            _come(state, lanes, n, row, x)


@inner
def _leave(state: State, lanes: Int, n: int, row: Int, x: int) -> None:
    log = state.log
    row[lanes[n, TAIL] + 1] -= 1
    known = (log[x, MASK] >> KNOWN) & 1
    if lanes[n, SUM] >= 0 and known:
        row[lanes[n, SUM]] -= 1
        row[lanes[n, SUM] + 1] -= log[x, AMOUNT]
        if lanes[n, SQUARES] >= 0:
            add_square(row, lanes[n, SQUARES], log[x, AMOUNT], -1)
    if lanes[n, COUNTER] >= 0 and log[x, SLOT] >= 0:
        slot, c = log[x, SLOT], lanes[n, COUNTER]
        state.counters[slot, c + EVENTS] -= 1
        if state.counters[slot, c + EVENTS] == 0:
            row[lanes[n, DISTINCT]] -= 1
        if lanes[n, TOP] >= 0:
            _lose(state.counters, slot, c, row, lanes[n, TOP], log[x, AMOUNT])


@inner
def _come(state: State, lanes: Int, n: int, row: Int, x: int) -> None:
    row[lanes[n, TAIL] + 1] += 1
    if (state.log[x, MASK] >> KNOWN) & 1:
        _amount(state.log, lanes, n, row, x)
    if lanes[n, COUNTER] >= 0 and state.log[x, SLOT] >= 0:
        slot, c = state.log[x, SLOT], lanes[n, COUNTER]
        state.counters[slot, c + EVENTS] += 1
        if state.counters[slot, c + EVENTS] == 1:
            row[lanes[n, DISTINCT]] += 1
        if lanes[n, TOP] >= 0:
            _gain(state.counters, slot, c, row, lanes[n, TOP], state.log[x, AMOUNT])


@inner
def _amount(log: Int, lanes: Int, n: int, row: Int, x: int) -> None:
    """Let the amount of the newest event come in."""
    amount = log[x, AMOUNT]
    if lanes[n, SUM] >= 0:
        row[lanes[n, SUM]] += 1
        row[lanes[n, SUM] + 1] += amount
        if lanes[n, SQUARES] >= 0:
            add_square(row, lanes[n, SQUARES], amount, 1)
    if lanes[n, LATEST] >= 0:
        row[lanes[n, LATEST]] = amount
    if lanes[n, EARLIEST] >= 0 and row[lanes[n, EARLIEST]] < 0:
        row[lanes[n, EARLIEST]] = x
    if lanes[n, LARGEST] >= 0:
        _queue(log, lanes[n, LARGEST_LINK], row, lanes[n, LARGEST], x, 1)
    if lanes[n, SMALLEST] >= 0:
        _queue(log, lanes[n, SMALLEST_LINK], row, lanes[n, SMALLEST], x, -1)


@inner
def _queue(log: Int, link: int, row: Int, front: int, x: int, sign: int) -> None:
    """Put an event behind those of a deque that are greater (with -1: less)."""
    amount, back = sign * log[x, AMOUNT], row[front + 1]
    while back >= 0 and sign * log[back, AMOUNT] <= amount:
        back = log[back, link + 1]
    log[x, link], log[x, link + 1] = ABSENT, back
    if back < 0:
        row[front] = x
    else:
        log[back, link] = x
    row[front + 1] = x


@inner
def _age(log: Int, lanes: Int, n: int, row: Int, limit: int) -> None:
    """Let deques and the earliest event forget what has dropped out."""
    if lanes[n, LARGEST] >= 0:
        _shorten(log, lanes[n, LARGEST_LINK], row, lanes[n, LARGEST], limit)
    if lanes[n, SMALLEST] >= 0:
        _shorten(log, lanes[n, SMALLEST_LINK], row, lanes[n, SMALLEST], limit)
    if lanes[n, EARLIEST] >= 0:
        x, bit = row[lanes[n, EARLIEST]], lanes[n, BIT]
        if x >= 0 and log[x, AT] <= limit:
            x = row[lanes[n, TAIL]]
            while x >= 0 and not ((log[x, MASK] >> bit) & (log[x, MASK] >> KNOWN) & 1):
                x = log[x, NEXT]
            row[lanes[n, EARLIEST]] = x


@inner
def _shorten(log: Int, link: int, row: Int, front: int, limit: int) -> None:
    x = row[front]
    if x < 0 or log[x, AT] > limit:
        return
    while x >= 0 and log[x, AT] <= limit:
        x = log[x, link]
    row[front] = x
    if x < 0:
        row[front + 1] = ABSENT
    else:
        log[x, link + 1] = ABSENT


@inner
def _gain(counters: Int, slot: int, c: int, row: Int, top: int, amount: int) -> None:
    """Add to what a counterparty is worth; ``row[top]`` is the largest, ``row[top + 1]`` a list."""
    if counters[slot, c + EVENTS] == 1:
        head = row[top + 1]
        counters[slot, c + WORTH] = 0
        counters[slot, c + BEFORE], counters[slot, c + AFTER] = ABSENT, head
        if head >= 0:
            counters[head, c + BEFORE] = slot
        row[top + 1] = slot
    counters[slot, c + WORTH] += amount
    largest = row[top]
    if slot == largest:
        if amount < 0:
            row[top] = ABSENT
    elif largest >= 0 and counters[slot, c + WORTH] > counters[largest, c + WORTH]:
        row[top] = slot


@inner
def _lose(counters: Int, slot: int, c: int, row: Int, top: int, amount: int) -> None:
    counters[slot, c + WORTH] -= amount
    gone = counters[slot, c + EVENTS] == 0
    if gone:
        before, after = counters[slot, c + BEFORE], counters[slot, c + AFTER]
        if before >= 0:
            counters[before, c + AFTER] = after
        else:
            row[top + 1] = after
        if after >= 0:
            counters[after, c + BEFORE] = before
    # It may no longer be the largest, or by losing what is negative it may be now.
    if gone or slot == row[top] or amount < 0:
        row[top] = ABSENT


@inner
def largest(counters: Int, c: int, row: Int, top: int) -> int:
    """Return the counter that is worth most, or ABSENT if there is none."""
    found: int = row[top]
    if found < 0:
        x = found = row[top + 1]
        while x >= 0:
            if counters[x, c + WORTH] > counters[found, c + WORTH]:
                found = x
            x = counters[x, c + AFTER]
        row[top] = found
    return found
