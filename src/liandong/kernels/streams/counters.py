"""Counters of a key's counterparties: found by hash, given back when no event needs them."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing, inner
from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.streams.layout import (
    CHAIN,
    CODE,
    COUNTER_END,
    COUNTER_FREE,
    COUNTER_LIVE,
    LATEST,
    Plan,
    State,
    Words,
)  # fmt: skip
from liandong.kernels.streams.widths import whole

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
TOP_BITS = np.uint64(32)
AHEAD = 16
"""Buckets ahead of which counters are sent for."""

Bytes = NDArray[np.uint8]


@inner
def bucket_of(buckets: Words, code: int) -> int:
    """Return the bucket of a code; there are 2**k of them."""
    bucket: int = whole((np.uint64(code) * GOLDEN) >> TOP_BITS) & (len(buckets) - 1)
    return bucket


@inner
def code_of(key: int, other: int) -> int:
    """Return the code of a key and its counterparty; both have at most 31 bits."""
    return (key << 32) | other


@inner
def counter_of(state: State, plan: Plan, key: int, other: int, before: int) -> int:
    """Return the counter of a pair: the one there is, or a new one; ``before`` is no event."""
    counters, words, buckets = state.counters, state.counter_words, state.buckets
    code, wide = code_of(key, other), plan.counter_wide
    b = np.uint64(bucket_of(buckets, code))
    slot = whole(buckets[b])
    while slot > 0:
        if counters[np.uint64(slot * wide + CODE)] == code:
            return slot
        slot = whole(words[np.uint64(2 * slot * wide + CHAIN)])
    meta = state.meta
    slot = whole(meta[COUNTER_FREE])
    if slot > 0:
        meta[COUNTER_FREE] = words[np.uint64(2 * slot * wide + CHAIN)]
    else:
        slot = whole(meta[COUNTER_END])
        meta[COUNTER_END] = slot + 1
    meta[COUNTER_LIVE] += 1
    for c in range(slot * wide, slot * wide + wide):
        counters[np.uint64(c)] = 0
    counters[np.uint64(slot * wide + CODE)] = code
    for d in range(plan.pairs.shape[0]):
        words[np.uint64(2 * slot * wide + LATEST + d)] = before
    words[np.uint64(2 * slot * wide + CHAIN)] = buckets[b]
    buckets[b] = slot
    return slot


@borrowing
def reclaim(state: State, wide: int, used: Bytes) -> None:
    """Give back the counters that are not used, and put the others into their buckets anew."""
    counters, words = state.counters, state.counter_words
    buckets, meta = state.buckets, state.meta
    for b in range(len(buckets)):
        buckets[b] = 0
    free, live = 0, 0
    for slot in range(meta[COUNTER_END] - 1, 0, -1):
        place = np.uint64(2 * slot * wide + CHAIN)
        if used[slot]:
            b = bucket_of(buckets, counters[slot * wide + CODE])
            words[place] = buckets[b]
            buckets[b] = slot
            live += 1
        else:
            words[place] = free
            free = slot
    meta[COUNTER_FREE], meta[COUNTER_LIVE] = free, live


@borrowing
def rehash(state: State, wide: int, before: Words) -> None:
    """Put the counters of some buckets into other ones, which are empty."""
    counters, words, buckets = state.counters, state.counter_words, state.buckets
    for old in range(len(before)):
        if old + AHEAD < len(before):
            prefetch(counters, whole(before[np.uint64(old + AHEAD)]) * wide)
        slot = whole(before[old])
        while slot > 0:
            place = np.uint64(2 * slot * wide + CHAIN)
            after = whole(words[place])
            b = np.uint64(bucket_of(buckets, counters[np.uint64(slot * wide + CODE)]))
            words[place], buckets[b] = buckets[b], slot
            slot = after
