"""Keys at rest: what is kept of them lies elsewhere until they have another event.

Of a key at rest there is no event, no ring and no counter. Its mass says that it is, so that the
first event of it finds no row: then all that lies elsewhere has to be taken up again first.
"""

from typing import NamedTuple

from liandong.kernels.memory.borrowing import borrowing
from liandong.kernels.streams.lanes import row_of
from liandong.kernels.streams.layout import (
    ABSENT,
    AMOUNT,
    ASLEEP,
    AT,
    CODE,
    KNOWN_BIT,
    LOWEST,
    MASK_LOW,
    MASS,
    MASS_MOST,
    NEXT,
    OLDEST,
    ORDINAL,
    RING,
    ROUND,
    SHIFT,
    SLOT,
    Events,
    Int,
    Plan,
    State,
    Values,
    Words,
)  # fmt: skip
from liandong.kernels.streams.widths import whole, word
from liandong.kernels.streams.windows import again, blank, rows_needed, write

NEVER = (1 << 63) - 1
"""In the place of the newest time of a key that cannot rest."""
_OTHER = (1 << 32) - 1


@borrowing
def quiet(state: State, plan: Plan, newest: Int, rows: Int) -> None:
    """Write the time of each key's newest event, and how many rows its ring needs.

    The time is NEVER if there is no event, or if one was left for later.
    """
    words = state.key_words
    for key in range(len(newest)):
        begin = 2 * key * plan.key_wide
        following = words[begin + NEXT]
        newest[key], rows[key] = NEVER, 0
        if following != words[begin + OLDEST] and state.keys[(begin >> 1) + MASS] < MASS_MOST:
            newest[key] = state.log[row_of(state, plan, begin, word(following - 1)) + AT]
            rows[key] = rows_needed(state, begin)


@borrowing
def count(state: State, plan: Plan, keys: Int, sizes: Int) -> None:
    """Write how many events there are of each key."""
    for k in range(len(keys)):
        begin = 2 * keys[k] * plan.key_wide
        sizes[k] = word(state.key_words[begin + NEXT] - state.key_words[begin + OLDEST])


@borrowing
def read(state: State, plan: Plan, keys: Int, into: Events) -> None:
    """Write the events of keys, key after key, as they were given."""
    words, wide, n = state.key_words, plan.counter_wide, 0
    for k in range(len(keys)):
        begin = 2 * keys[k] * plan.key_wide
        x = words[begin + OLDEST]
        while x != words[begin + NEXT]:
            row = row_of(state, plan, begin, x)
            amount, slot = state.log[row + AMOUNT], whole(state.log_words[2 * row + SLOT])
            mask = state.log[row + plan.mask_at]
            if plan.mask_at == AMOUNT:
                mask = (amount & LOWEST) | ((amount >> MASK_LOW & 1) << KNOWN_BIT)
            into.key[n], into.at[n], into.mask[n] = keys[k], state.log[row + AT], mask
            into.amount[n] = amount >> SHIFT
            into.other[n] = state.counters[slot * wide + CODE] & _OTHER if slot else ABSENT
            into.ordinal[n] = state.log_words[2 * row + ORDINAL]
            n, x = n + 1, word(x + 1)


@borrowing
def lay_down(state: State, plan: Plan, keys: Int) -> None:
    """Let keys have no events and no rings, and rest."""
    words = state.key_words
    for k in range(len(keys)):
        begin = 2 * keys[k] * plan.key_wide
        blank(state, plan, begin, words[begin + NEXT])
        words[begin + RING], words[begin + ROUND] = 0, 0
        state.keys[(begin >> 1) + MASS] = ASLEEP


@borrowing
def rouse(state: State, plan: Plan, keys: Int) -> None:
    """Let keys rest no more; they have no events."""
    for k in range(len(keys)):
        state.keys[keys[k] * plan.key_wide + MASS] = 0


class Scratch(NamedTuple):
    """Room for the rows of one key: also one after the other, and as words; and of no further use.

    ``slots`` takes their counters, ``values`` what windows say of them.
    """

    rows: Int
    flat: Int
    words: Words
    slots: Words
    values: Values


@borrowing
def repeat(
    state: State, plan: Plan, begin: int, sizes: Int, events: Events, scratch: Scratch
) -> int:
    """Let the events of keys happen that rest no more, key after key, each key's in order.

    Parameters
    ----------
    state, plan
        With free counters for all events.
    begin
        The key to begin with, counted from 0.
    sizes
        How many events there are of each key.
    events
        Those of all keys.
    scratch
        With room for the key with most events.

    Returns
    -------
    int
        The first key for which there is no room in the log; below zero if there is none.
    """
    first, rows, slots = 0, scratch.rows, scratch.slots
    for k in range(len(sizes)):
        end = first + sizes[k]
        if k >= begin:
            own = Events(
                events.key[first:end], events.at[first:end], events.amount[first:end],
                events.other[first:end], events.mask[first:end], events.ordinal[first:end],
            )  # fmt: skip
            write(state, plan, own, scratch.flat, scratch.words)
            for i in range(end - first):
                slots[i] = scratch.words[2 * i * plan.log_wide + SLOT]
            mine = rows[: end - first]
            if not again(state, plan, own.key[0], mine, slots, scratch.values):
                return k
        first = end
    return -1
