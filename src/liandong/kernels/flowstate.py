"""Transfers of sliding windows: what accounts and pairs of accounts paid, up to date at any time.

Transfers are numbered as they come; a ring holds those of the longest window. Each window has a
pointer to its oldest transfer: as time goes on the pointer moves, and takes what it passes out of
the counts. A transfer belongs to a window if its number is not below the pointer, so links to
older ones need no undoing. Pairs of payer and payee are rows found by a hash table of chains; the
rows of pairs that have left the longest window are used again. The largest and the smallest amount
of an account are heads of monotone queues that are threaded through the ring.

All numbers are whole: nothing drifts, and the same transfers give the same state however they are
cut into batches.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

NONE = -1
WINDOWS = 3

# Places of the clock: number of the next transfer, oldest of each window, first pair row that was
# never used, first of the rows that are free again.
NUMBER, FIRST, USED, FREE = 0, 1, 1 + WINDOWS, 2 + WINDOWS
# Columns of a transfer. PREV is the transfer before it of the same payer (OUT) or payee (IN).
SRC, DST, AT, AMOUNT, PAIR, NEXT_OUT, PREV = 0, 1, 2, 3, 4, 5, 6
QUEUE, RING_COLUMNS = 8, 16
# Columns of an account: for either way (OUT, IN) a block of count, fan and sum by window, then:
LOG, SQUARE, LAST, LAST_AT, TAIL, OLDEST, HEAD, SEEN = 9, 10, 11, 12, 13, 14, 15, 17
OUT, IN, WAY = 0, 1, 24
# Columns of a pair of payer and payee. REVERSE is the row of payee and payer, 0 if there is none.
KEY, CHAIN, REVERSE, PAIR_COUNT, PAIR_SUM, PAIR_AT = 0, 1, 2, 3, 6, 7

FIRST_ROOM = 1 << 10
LONG_AGO = -(1 << 62)


class State(NamedTuple):
    """What is known of the transfers so far.

    Attributes
    ----------
    clock
        See the places above.
    spans
        Shape (3,), how far the windows reach back, from short to long, in the unit of time.
    ring, nodes, pairs
        Rows of transfers, of accounts, and of pairs; see the columns above.
    heads
        First pair row of each chain of the hash table, 0 for none.
    """

    clock: Int
    spans: Int
    ring: Int
    nodes: Int
    pairs: Int
    heads: Int


def start(spans: Int, accounts: int = 0, room: int = FIRST_ROOM) -> State:
    """Return the state before any transfer.

    Parameters
    ----------
    spans
        Shape (3,), reach of the windows, from short to long; a transfer that is just as old as a
        window is long is inside.
    accounts
        How many accounts there are; see :func:`with_accounts`.
    room
        Transfers and pairs to make room for, rounded up to a power of two; it grows.
    """
    room = 1 << max(int(room) - 1, 1).bit_length()
    clock = np.array([0, 0, 0, 0, 1, 0], np.int64)
    state = State(
        clock, spans.astype(np.int64), np.zeros((room, RING_COLUMNS), np.int64),
        np.zeros((0, 2 * WAY), np.int64), np.zeros((room, 8), np.int64),
        np.zeros(room, np.int64),
    )  # fmt: skip
    return with_accounts(state, accounts)


def with_accounts(state: State, accounts: int) -> State:
    """Return a state with room for that many accounts; those that are new have done nothing."""
    new = accounts - len(state.nodes)
    if new <= 0:
        return state
    nodes = np.zeros((max(new, len(state.nodes) // 2), 2 * WAY), np.int64)
    for column in (LAST, TAIL, OLDEST, HEAD, HEAD + 1):
        nodes[:, [column, WAY + column]] = NONE
    nodes[:, [LAST_AT, WAY + LAST_AT, SEEN]] = LONG_AGO
    return state._replace(nodes=np.concatenate([state.nodes, nodes]))


def grown(state: State) -> State:
    """Return a state with twice the room, for whatever ran out."""
    clock = state.clock
    if clock[NUMBER] - clock[FIRST + WINDOWS - 1] == len(state.ring):
        live = np.arange(clock[FIRST + WINDOWS - 1], clock[NUMBER])
        ring = np.zeros((2 * len(state.ring), RING_COLUMNS), np.int64)
        ring[live % len(ring)] = state.ring[live % len(state.ring)]
        state = state._replace(ring=ring)
    if not _has_row(state):
        pairs = np.concatenate([state.pairs, np.zeros_like(state.pairs)])
        state = state._replace(pairs=pairs, heads=np.zeros(len(pairs), np.int64))
        _chain(state)
    return state


def copied(state: State) -> State:
    """Return a state of its own memory."""
    return State(*(a.copy() for a in state))


@njit(cache=True, nogil=True)
def _has_row(state: State) -> bool:
    return state.clock[FREE] != 0 or state.clock[USED] < len(state.pairs)


@njit(cache=True, nogil=True)
def _chain(state: State) -> None:
    """Put all rows of pairs that are in use into their chains anew."""
    for p in range(1, state.clock[USED]):
        if state.pairs[p, PAIR_COUNT + WINDOWS - 1] > 0:
            c = _place(state, state.pairs[p, KEY])
            state.pairs[p, CHAIN] = state.heads[c]
            state.heads[c] = p


@njit(cache=True, nogil=True)
def _place(state: State, key: int) -> int:
    """Return the chain of a key, by Fibonacci hashing (Knuth, vol. 3, 6.4)."""
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    return np.int64(mixed & np.uint64(len(state.heads) - 1))


@njit(cache=True, nogil=True)
def pair_of(state: State, src: int, dst: int) -> int:
    """Return the row of a pair that has transfers in the longest window, or 0."""
    key = (src << 32) | dst
    p = state.heads[_place(state, key)]
    while p != 0 and state.pairs[p, KEY] != key:
        p = state.pairs[p, CHAIN]
    return p


@njit(cache=True, nogil=True)
def room_at(state: State, at: int) -> bool:
    """Move the windows up to the time ``at``; tell whether there is room for one more transfer."""
    clock, ring = state.clock, state.ring
    mask = len(ring) - 1
    for w in range(WINDOWS):
        q, bound = clock[FIRST + w], at - state.spans[w]
        while q < clock[NUMBER] and ring[q & mask, AT] < bound:
            _leave(state, ring[q & mask], q, w)
            q += 1
        clock[FIRST + w] = q
    full = clock[NUMBER] - clock[FIRST + WINDOWS - 1] == len(ring)
    return not full and _has_row(state)


@njit(cache=True, nogil=True)
def _leave(state: State, edge: Int, q: int, w: int) -> None:
    """Take transfer ``q`` out of a window."""
    payer, payee, pair = state.nodes[edge[SRC]], state.nodes[edge[DST]], state.pairs[edge[PAIR]]
    pair[PAIR_COUNT + w] -= 1
    last = pair[PAIR_COUNT + w] == 0
    for way, node in ((OUT, payer), (IN, payee)):
        at = way * WAY + 3 * w
        node[at] -= 1
        node[at + 1] -= last
        node[at + 2] -= edge[AMOUNT]
    if w == 0:
        payer[OLDEST] = NONE if q == payer[TAIL] else edge[NEXT_OUT]
    if w == WINDOWS - 1:
        pair[PAIR_SUM] -= edge[AMOUNT]
        _leave_logs_and_queues(edge, payer, q, OUT)
        _leave_logs_and_queues(edge, payee, q, IN)
        if last:
            _forget(state, edge[PAIR])


@njit(cache=True, nogil=True)
def _leave_logs_and_queues(edge: Int, node: Int, q: int, way: int) -> None:
    log, base = log2(edge[AMOUNT]), way * WAY
    node[base + LOG] -= log
    node[base + SQUARE] -= log * log
    for kind in range(2):
        if node[base + HEAD + kind] == q:
            last = q == node[base + TAIL]
            node[base + HEAD + kind] = NONE if last else edge[QUEUE + 4 * way + 2 * kind + 1]


@njit(cache=True, nogil=True)
def _forget(state: State, p: int) -> None:
    """Take a pair out of its chain, and keep its row to be used again."""
    pairs, c = state.pairs, _place(state, state.pairs[p, KEY])
    if state.heads[c] == p:
        state.heads[c] = pairs[p, CHAIN]
    else:
        before = state.heads[c]
        while pairs[before, CHAIN] != p:
            before = pairs[before, CHAIN]
        pairs[before, CHAIN] = pairs[p, CHAIN]
    pairs[pairs[p, REVERSE], REVERSE] = 0
    pairs[p, CHAIN] = state.clock[FREE]
    state.clock[FREE] = p


@njit(cache=True, nogil=True)
def pair_for(state: State, src: int, dst: int) -> int:
    """Return the row of a pair, a new one if it has none; there must be room (`room_at`)."""
    p = pair_of(state, src, dst)
    if p != 0:
        return p
    pairs, clock, key = state.pairs, state.clock, (src << 32) | dst
    if clock[FREE] != 0:
        p = clock[FREE]
        clock[FREE] = pairs[p, CHAIN]
    else:
        p = clock[USED]
        clock[USED] += 1
    c = _place(state, key)
    back = p if src == dst else pair_of(state, dst, src)
    pairs[p] = 0
    pairs[p, KEY], pairs[p, CHAIN], pairs[p, REVERSE] = key, state.heads[c], back
    if back != 0:
        pairs[back, REVERSE] = p
    state.heads[c] = p
    return p


@njit(cache=True, nogil=True)
def enter(state: State, src: int, dst: int, at: int, amount: int, p: int) -> None:
    """Add a transfer of pair ``p`` at the end, in all windows."""
    clock, e = state.clock, state.clock[NUMBER]
    edge, pair = state.ring[e & (len(state.ring) - 1)], state.pairs[p]
    edge[SRC], edge[DST], edge[AT], edge[AMOUNT], edge[PAIR] = src, dst, at, amount, p
    payer, payee = state.nodes[src], state.nodes[dst]
    for w in range(WINDOWS):
        new = pair[PAIR_COUNT + w] == 0
        pair[PAIR_COUNT + w] += 1
        for way, node in ((OUT, payer), (IN, payee)):
            block = way * WAY + 3 * w
            node[block] += 1
            node[block + 1] += new
            node[block + 2] += amount
    pair[PAIR_SUM] += amount
    pair[PAIR_AT] = at
    if payer[OLDEST] == NONE:
        payer[OLDEST] = e
    if payer[TAIL] >= clock[FIRST + WINDOWS - 1]:
        state.ring[payer[TAIL] & (len(state.ring) - 1), NEXT_OUT] = e
    _queue(state, edge, payer, e, OUT)
    _queue(state, edge, payee, e, IN)
    for node in (payer, payee):
        if node[SEEN] == LONG_AGO:
            node[SEEN] = at
    clock[NUMBER] += 1


@njit(cache=True, nogil=True)
def _queue(state: State, edge: Int, node: Int, e: int, way: int) -> None:
    """Thread a transfer into the queues of an account, where it stands for all it outdoes."""
    ring, oldest, base = state.ring, state.clock[FIRST + WINDOWS - 1], way * WAY
    mask, tail, amount = len(ring) - 1, node[base + TAIL], edge[AMOUNT]
    for kind in range(2):
        k, link = tail, QUEUE + 4 * way + 2 * kind
        sign = 1 - 2 * kind
        while k >= oldest and sign * ring[k & mask, AMOUNT] <= sign * amount:
            k = ring[k & mask, link]
        edge[link] = k if k >= oldest else NONE
        if k >= oldest:
            ring[k & mask, link + 1] = e
        else:
            node[base + HEAD + kind] = e
    log = log2(amount)
    node[base + LOG] += log
    node[base + SQUARE] += log * log
    edge[PREV + way] = tail
    node[base + TAIL] = e
    node[base + LAST], node[base + LAST_AT] = amount, edge[AT]


@njit(cache=True, nogil=True)
def log2(amount: int) -> int:
    """Return log2 of 1 + ``amount`` in 1024ths: whole, and straight between powers of two."""
    x, k = amount + 1, 0
    step = 32
    while step > 0:
        if x >> (k + step) > 0:
            k += step
        step >>= 1
    return (k << 10) + (((x - (1 << k)) << 10) >> k if k < 52 else 0)
