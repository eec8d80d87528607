"""Counters of a key's counterparties: found by hash, given back when no event needs them."""

import numpy as np

from liandong.kernels.streams.compiled import hot, inner
from liandong.kernels.streams.layout import (
    ABSENT,
    CHAIN,
    CODE,
    COUNTER_END,
    COUNTER_FREE,
    COUNTER_HEAD,
    COUNTER_LIVE,
    REFS,
    Int,
    State,
)  # fmt: skip

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
TOP_BITS = np.uint64(32)


@inner
def bucket_of(buckets: Int, code: int) -> int:
    """Return the bucket of a code; there are 2**k of them."""
    bucket: int = np.int64((np.uint64(code) * GOLDEN) >> TOP_BITS) & (buckets.shape[0] - 1)
    return bucket


@inner
def code_of(key: int, other: int) -> int:
    """Return the code of a key and its counterparty; both have at most 31 bits."""
    return (key << 32) | other


@inner
def counter_of(state: State, key: int, other: int) -> int:
    """Return the counter of a pair for one more event: the one there is, or a new one."""
    counters, buckets, meta = state.counters, state.buckets, state.meta
    code = code_of(key, other)
    b = bucket_of(buckets, code)
    slot: int = buckets[b, 0]
    while slot >= 0:
        if counters[slot, CODE] == code:
            counters[slot, REFS] += 1
            return slot
        slot = counters[slot, CHAIN]
    slot = meta[COUNTER_FREE]
    if slot >= 0:
        meta[COUNTER_FREE] = counters[slot, CHAIN]
    else:
        slot = meta[COUNTER_END]
        meta[COUNTER_END] = slot + 1
    meta[COUNTER_LIVE] += 1
    counters[slot, CODE], counters[slot, REFS] = code, 1
    for c in range(COUNTER_HEAD, counters.shape[1]):
        counters[slot, c] = 0
    counters[slot, CHAIN] = buckets[b, 0]
    buckets[b, 0] = slot
    return slot


@inner
def let_go(state: State, slot: int) -> None:
    """Let an event go that used a counter; the last one gives it back."""
    counters, buckets, meta = state.counters, state.buckets, state.meta
    counters[slot, REFS] -= 1
    if counters[slot, REFS] > 0:
        return
    b = bucket_of(buckets, counters[slot, CODE])
    before, x = ABSENT, buckets[b, 0]
    while x != slot:
        before, x = x, counters[x, CHAIN]
    if before < 0:
        buckets[b, 0] = counters[slot, CHAIN]
    else:
        counters[before, CHAIN] = counters[slot, CHAIN]
    counters[slot, CHAIN] = meta[COUNTER_FREE]
    meta[COUNTER_FREE] = slot
    meta[COUNTER_LIVE] -= 1


@hot
def rehash(counters: Int, buckets: Int, end: int) -> None:
    """Put the counters in use among the first ``end`` into other buckets."""
    buckets[:] = ABSENT
    for slot in range(end):
        if counters[slot, REFS] > 0:
            b = bucket_of(buckets, counters[slot, CODE])
            counters[slot, CHAIN] = buckets[b, 0]
            buckets[b, 0] = slot
