"""Transfers of sliding windows: what accounts and pairs of accounts paid, up to date at any time.

Transfers are numbered as they come; a ring holds those of the longest window. Each window has a
pointer to its oldest transfer: as time goes on the pointer moves, and takes what it passes out of
the counts. A transfer belongs to a window if its number is not below the pointer, so links to
older ones need no undoing. Pairs of payer and payee are rows found by a hash table of chains; the
rows of pairs that have left the longest window are used again. The largest and the smallest amount
of an account are heads of monotone queues that are threaded through the ring.

All numbers are whole: nothing drifts, and the same transfers give the same state however they are
cut into batches. The state is one block of memory, addressed by hand: passing several arrays, or
rows of them, costs compiled code more (they are counted) than all the work on them.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.memory.prefetch import prefetch

Int = NDArray[np.int64]

NONE = -1
LONG_AGO = -(1 << 62)
WINDOWS = 3
LONGEST = WINDOWS - 1

# The head of the memory: number of the next transfer, oldest transfer of each window, reach of each
# window, first pair row never used, first of those that are free again, how many rows there are of
# transfers, accounts and pairs, and where they and the heads of chains begin.
NUMBER, FIRST, SPAN, USED, FREE = 0, 1, 4, 7, 8
TRANSFERS, ACCOUNTS, ROWS, RING, NODES, PAIRS, CHAINS, HEADER = 9, 10, 11, 12, 13, 14, 15, 16
# A transfer. PREV is the transfer before it of the same payer (OUT) or payee (IN); QUEUE begins
# the links to the one before and behind in the queues of (OUT, IN) by (largest, smallest).
SRC, DST, AT, AMOUNT, PAIR, NEXT_OUT, PREV, QUEUE, EDGE = 0, 1, 2, 3, 4, 5, 6, 8, 16
# An account: for either way (OUT, IN) count, fan and sum by window, then these; HEAD is the
# transfer of the (largest, smallest) amount, and MOST that amount.
OUT, IN, WAY = 0, 1, 24
LOG, SQUARE, LAST, LAST_AT, TAIL, OLDEST, HEAD, MOST, SEEN = 9, 10, 11, 12, 13, 14, 15, 17, 19
NODE = 48
# A pair of payer and payee. REVERSE is the row of payee and payer, 0 if there is none; PAID begins
# the counts by window.
KEY, CHAIN, REVERSE, PAID, PAIR_SUM, PAIR_AT, COUPLE = 0, 1, 2, 3, 6, 7, 8

FIRST_ROOM = 1 << 16
GROWTH = 4

AHEAD = 4  # what a transfer needs is sent for so many transfers before
LINE = 8  # numbers that come from memory together


def start(spans: Int, accounts: int = 0, room: int = FIRST_ROOM) -> Int:
    """Return the state before any transfer.

    Parameters
    ----------
    spans
        Shape (3,), reach of the windows, from short to long, in the unit of time; a transfer that
        is just as old as a window is long is inside.
    accounts
        How many accounts there are; see :func:`with_accounts`.
    room
        Transfers and pairs to make room for, rounded up to a power of two; it grows.
    """
    room = 1 << max(int(room) - 1, 1).bit_length()
    head = np.zeros(HEADER, np.int64)
    head[SPAN : SPAN + WINDOWS], head[USED] = spans, 1
    head[RING:] = HEADER
    return _moved(head, room, accounts, room)


def with_accounts(state: Int, accounts: int) -> Int:
    """Return a state with room for that many accounts; those that are new have done nothing."""
    have = int(state[ACCOUNTS])
    if accounts <= have:
        return state
    return _moved(state, int(state[TRANSFERS]), max(accounts, 2 * have), int(state[ROWS]))


def grown(state: Int) -> Int:
    """Return a state with more room, for whatever ran out."""
    full = state[NUMBER] - state[FIRST + LONGEST] == state[TRANSFERS]
    transfers, rows = int(state[TRANSFERS]), int(state[ROWS])
    return _moved(
        state, transfers * GROWTH if full else transfers, int(state[ACCOUNTS]),
        rows if _has_row(state) else rows * GROWTH,
    )  # fmt: skip


def _moved(old: Int, transfers: int, accounts: int, rows: int) -> Int:
    """Return a state of these sizes; memory that nothing is written to is not taken up yet."""
    sizes = [transfers * EDGE, accounts * NODE, rows * COUPLE, rows]
    new = np.zeros(HEADER + sum(sizes), np.int64)
    new[:HEADER] = old[:HEADER]
    new[TRANSFERS], new[ACCOUNTS], new[ROWS] = transfers, accounts, rows
    new[RING : CHAINS + 1] = HEADER + np.cumsum([0, *sizes[:-1]])
    live = np.arange(old[FIRST + LONGEST], old[NUMBER])
    to, of = _parts(new), _parts(old)
    to[0][live % transfers] = of[0][live % max(len(of[0]), 1)]
    known = len(of[1])
    to[1][:known] = of[1]
    for column in (LAST, TAIL, OLDEST, HEAD, HEAD + 1, MOST, MOST + 1):
        to[1][known:, [column, WAY + column]] = NONE
    to[1][known:, [LAST_AT, WAY + LAST_AT, SEEN]] = LONG_AGO
    used = min(int(old[USED]), len(of[2]))
    to[2][:used] = of[2][:used]
    _chain(new)
    return new


def _parts(state: Int) -> tuple[Int, Int, Int]:
    """Return the rows of transfers, accounts and pairs, in place."""
    ring, nodes, pairs = np.split(state, state[RING : CHAINS + 1])[1:-1]
    return ring.reshape(-1, EDGE), nodes.reshape(-1, NODE), pairs.reshape(-1, COUPLE)


@njit(cache=True, nogil=True)
def transfer_at(state: Int, number: int) -> int:
    """Return where a transfer of the longest window begins."""
    return int(state[RING] + (number & (state[TRANSFERS] - 1)) * EDGE)


@njit(cache=True, nogil=True)
def _pair_at(state: Int, p: int) -> int:
    return int(state[PAIRS] + p * COUPLE)


@njit(cache=True, nogil=True)
def _has_row(state: Int) -> bool:
    return bool(state[FREE] != 0 or state[USED] < state[ROWS])


@njit(cache=True, nogil=True)
def _chain(state: Int) -> None:
    for p in range(1, state[USED]):
        pair = _pair_at(state, p)
        if state[pair + PAID + LONGEST] > 0:
            c = _place(state, state[pair + KEY])
            state[pair + CHAIN] = state[c]
            state[c] = p


@njit(cache=True, nogil=True)
def _place(state: Int, key: int) -> int:
    """Return where the chain of a key begins, by Fibonacci hashing (Knuth, vol. 3, 6.4)."""
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    return int(state[CHAINS] + np.int64(mixed & np.uint64(state[ROWS] - 1)))


@njit(cache=True, nogil=True)
def _pair_of(state: Int, src: int, dst: int) -> int:
    """Return the row of a pair that has transfers in the longest window, or 0."""
    key = (src << 32) | dst
    p = state[_place(state, key)]
    while p != 0 and state[_pair_at(state, p) + KEY] != key:
        p = state[_pair_at(state, p) + CHAIN]
    return int(p)


@njit(cache=True, nogil=True)
def expect(state: Int, src: int, dst: int) -> None:
    """Send for the accounts of a transfer that will soon happen."""
    lines = state[: len(state) // LINE * LINE].reshape(-1, LINE)
    for account in (src, dst):
        first = (state[NODES] + account * NODE) // LINE
        for line in range(first, first + NODE // LINE):
            prefetch(lines, line)


@njit(cache=True, nogil=True)
def room_at(state: Int, at: int) -> bool:
    """Move the windows up to the time ``at``; tell whether there is room for one more transfer."""
    for w in range(WINDOWS):
        q, bound = state[FIRST + w], at - state[SPAN + w]
        while q < state[NUMBER] and state[transfer_at(state, q) + AT] < bound:
            _leave(state, q, w)
            q += 1
        state[FIRST + w] = q
    full = state[NUMBER] - state[FIRST + LONGEST] == state[TRANSFERS]
    return not full and _has_row(state)


@njit(cache=True, nogil=True)
def _leave(state: Int, q: int, w: int) -> None:
    """Take transfer ``q`` out of a window."""
    edge = transfer_at(state, q)
    amount, pair = state[edge + AMOUNT], _pair_at(state, state[edge + PAIR])
    state[pair + PAID + w] -= 1
    last = state[pair + PAID + w] == 0
    for way in (OUT, IN):
        node = state[NODES] + state[edge + SRC + way] * NODE + way * WAY
        state[node + 3 * w] -= 1
        state[node + 3 * w + 1] -= last
        state[node + 3 * w + 2] -= amount
        if way == OUT and w == 0:
            state[node + OLDEST] = NONE if q == state[node + TAIL] else state[edge + NEXT_OUT]
        if w == LONGEST:
            _leave_queues(state, q, node, edge + QUEUE + 4 * way)
    if w == LONGEST:
        state[pair + PAIR_SUM] -= amount
        if last:
            _forget(state, state[edge + PAIR])


@njit(cache=True, nogil=True)
def _leave_queues(state: Int, q: int, node: int, links: int) -> None:
    log = log2(state[transfer_at(state, q) + AMOUNT])
    state[node + LOG] -= log
    state[node + SQUARE] -= log * log
    for kind in range(2):
        if state[node + HEAD + kind] == q:
            last = q == state[node + TAIL]
            _lead(state, node, kind, NONE if last else state[links + 2 * kind + 1])


@njit(cache=True, nogil=True)
def _lead(state: Int, node: int, kind: int, e: int) -> None:
    """Let transfer ``e``, or none, be the head of a queue of an account."""
    state[node + HEAD + kind] = e
    state[node + MOST + kind] = NONE if e == NONE else state[transfer_at(state, e) + AMOUNT]


@njit(cache=True, nogil=True)
def _forget(state: Int, p: int) -> None:
    """Take a pair out of its chain, and keep its row to be used again."""
    pair = _pair_at(state, p)
    link = _place(state, state[pair + KEY])
    while state[link] != p:
        link = _pair_at(state, state[link]) + CHAIN
    state[link] = state[pair + CHAIN]
    state[_pair_at(state, state[pair + REVERSE]) + REVERSE] = 0
    state[pair + CHAIN] = state[FREE]
    state[FREE] = p


@njit(cache=True, nogil=True)
def pair_for(state: Int, src: int, dst: int) -> int:
    """Return where a pair begins, a new one if need be; there must be room (:func:`room_at`)."""
    p = _pair_of(state, src, dst)
    if p == 0:
        p = state[FREE]
        if p != 0:
            state[FREE] = state[_pair_at(state, p) + CHAIN]
        else:
            p = state[USED]
            state[USED] += 1
        _begin(state, p, src, dst)
    return _pair_at(state, p)


@njit(cache=True, nogil=True)
def _begin(state: Int, p: int, src: int, dst: int) -> None:
    back, pair = p, _pair_at(state, p)
    if src != dst:
        back = _pair_of(state, dst, src)
    key = (src << 32) | dst
    c = _place(state, key)
    for j in range(COUPLE):
        state[pair + j] = 0
    state[pair + KEY], state[pair + CHAIN], state[pair + REVERSE] = key, state[c], back
    state[c] = p
    if back != 0:
        state[_pair_at(state, back) + REVERSE] = p


@njit(cache=True, nogil=True)
def reverse_of(state: Int, pair: int) -> int:
    """Return where the pair the other way round begins; one without transfers if there is none."""
    return _pair_at(state, state[pair + REVERSE])


@njit(cache=True, nogil=True)
def enter(state: Int, src: int, dst: int, at: int, amount: int, pair: int) -> None:
    """Add a transfer of a pair at the end, in all windows."""
    e = state[NUMBER]
    edge = transfer_at(state, e)
    state[edge + SRC], state[edge + DST], state[edge + AT] = src, dst, at
    state[edge + AMOUNT] = amount
    state[edge + PAIR] = (pair - state[PAIRS]) // COUPLE
    payer, payee = state[NODES] + src * NODE, state[NODES] + dst * NODE
    for w in range(WINDOWS):
        new = state[pair + PAID + w] == 0
        state[pair + PAID + w] += 1
        for node in (payer + 3 * w, payee + WAY + 3 * w):
            state[node] += 1
            state[node + 1] += new
            state[node + 2] += amount
    state[pair + PAIR_SUM] += amount
    state[pair + PAIR_AT] = at
    if state[payer + OLDEST] == NONE:
        state[payer + OLDEST] = e
    if state[payer + TAIL] >= state[FIRST + LONGEST]:
        state[transfer_at(state, state[payer + TAIL]) + NEXT_OUT] = e
    for node in (payer, payee):
        if state[node + SEEN] == LONG_AGO:
            state[node + SEEN] = at
    log = log2(amount)
    for way in (OUT, IN):
        node = payer if way == OUT else payee + WAY
        state[edge + PREV + way] = state[node + TAIL]
        for kind in range(2):
            _queue(state, e, node, kind, QUEUE + 4 * way + 2 * kind)
        state[node + LOG] += log
        state[node + SQUARE] += log * log
        state[node + TAIL], state[node + LAST], state[node + LAST_AT] = e, amount, at
    state[NUMBER] += 1


@njit(cache=True, nogil=True)
def _queue(state: Int, e: int, node: int, kind: int, link: int) -> None:
    """Thread a transfer into a queue of an account, where it stands for all that it outdoes."""
    edge, oldest, sign = transfer_at(state, e), state[FIRST + LONGEST], 1 - 2 * kind
    k, amount = state[node + TAIL], sign * state[edge + AMOUNT]
    outdone = state[node + LAST]  # of the tail: no need to look there
    while k >= oldest and sign * outdone <= amount:
        k = state[transfer_at(state, k) + link]
        if k >= oldest:
            outdone = state[transfer_at(state, k) + AMOUNT]
    if k >= oldest:
        state[edge + link] = k
        state[transfer_at(state, k) + link + 1] = e
    else:
        state[edge + link] = NONE
        _lead(state, node, kind, e)


@njit(cache=True, nogil=True)
def log2(amount: int) -> int:
    """Return log2 of 1 + ``amount`` in 1024ths: whole, and straight between powers of two.

    Examples
    --------
    >>> log2(0), log2(1), log2(2), log2(1023)
    (0, 1024, 1536, 10240)
    """
    x, k, step = amount + 1, 0, 32
    while step > 0:
        if x >> (k + step) > 0:
            k += step
        step >>= 1
    rest = x - (1 << k)
    return (k << 10) + (rest >> (k - 10) if k >= 10 else rest << (10 - k))
