"""First in, first out: the money of many origins followed through transfers in one pass.

An account is a queue of lots (amount, origin), oldest first. All lots are rows of one array: the
oldest lot of an account is the account's own row, those behind it are a linked list of further
rows. An account whose money is all of one origin (nearly all of them are) is one row. Neighbouring
lots of one origin are one lot.

Origin 0 is money that is not traced; 1, 2, ... are the traced origins.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

# Columns of a lot. NEXT is the row behind it and LAST, in an account's own row, that of its newest
# lot; both are 0 where the own row is the only one. Row 0 is no lot: there NEXT is the first free
# row and LAST the first row that was never used.
AMOUNT, ORIGIN, NEXT, LAST = 0, 1, 2, 3
# Columns of a note: how much of an origin a flow moved, and how much of that was given back later.
# Row 0 is no note: there FLOW is the first row that was never used.
FLOW, LOAN, MOVED, RETURNED = 0, 1, 2, 3
ALL = -1
FIRST_ROOM = 1 << 16


class Flows(NamedTuple):
    """The transfers as :func:`trace` gets them, and what of each has not been given back."""

    src: Int
    dst: Int
    amount: Int
    undoes: Int
    kept: Int


def trace(
    src: Int, dst: Int, amount: Int, undoes: Int, opening: Int, origin: Int
) -> tuple[Int, Int, Int, Int]:
    """Send transfers through accounts, taking each from the oldest money of its payer.

    Parameters
    ----------
    src, dst
        Shape (flows,), payer and payee of each transfer, in order of time.
    amount
        Shape (flows,), not negative. A transfer of nothing or to oneself does nothing.
    undoes
        Shape (flows,), the earlier transfer between the same two accounts, the other way round,
        that this one gives back; or -1. May be empty if no transfer gives one back.
    opening, origin
        Shape (accounts,), money at the start (not negative) and its origin.

    Returns
    -------
    moved
        Shape (rows, 3): flow, traced origin, how much of it the flow moved; one row for a pair.
    held
        Shape (rows, 3): account, traced origin, how much of it is there at the end.
    balance
        Shape (accounts,), money of all origins at the end.
    short
        Shape (accounts,), what an account paid out beyond what it held; the payee gets it as
        money of origin 0.

    Notes
    -----
    The sum of all amounts, opening ones too, must be below 2^62: then nothing can overflow.

    A transfer that gives one back returns the origins of the original in proportion (largest
    remainder, ties to what was moved first, origin 0 last), as far as the payee still holds them,
    to the front of the payer's queue. What is beyond that is an ordinary transfer.
    """
    flows = Flows(src, dst, amount, undoes, amount.copy() if len(undoes) else amount)
    lots, notes = _start(opening, origin), np.zeros((FIRST_ROOM, 4), np.int64)
    notes[0, FLOW] = 1
    latest = np.zeros(1 + origin.max(initial=0), np.int64)
    short = np.zeros(len(opening), np.int64)
    at, rest = 0, ALL
    while True:
        at, rest = _run(flows, (lots, notes, latest, short), at, rest)
        if at == len(src):
            break
        lots, notes = _doubled(lots, len(latest)), _doubled(notes, len(latest))
    held, balance = _count(lots, len(opening), len(latest))
    return notes[1 : notes[0, FLOW], :3].copy(), held, balance, short


def _start(opening: Int, origin: Int) -> Int:
    used = 1 + len(opening)
    lots = np.zeros((used + FIRST_ROOM, 4), np.int64)
    lots[1:used, AMOUNT], lots[1:used, ORIGIN] = opening, origin
    lots[0, LAST] = used
    return lots


def _doubled(rows: Int, more: int) -> Int:
    """Double the room, and make it enough for any one transfer given back."""
    return np.concatenate([rows, np.zeros((len(rows) + more, 4), np.int64)])


@njit(cache=True, nogil=True)
def _run(flows: Flows, memory: tuple[Int, Int, Int, Int], at: int, rest: int) -> tuple[int, int]:
    """Go on at flow ``at``, of which ``rest`` is still to be moved.

    Returns the same two for the next call where the room for lots or notes ran out.
    """
    src, dst, amount, undoes, kept = flows
    lots, notes, latest, short = memory
    for i in range(at, len(src)):
        s, d, need = src[i], dst[i], amount[i]
        if s == d:
            continue
        if i == at and rest != ALL:
            need = rest
        elif len(undoes) and undoes[i] >= 0:
            if min(len(lots) - lots[0, LAST], len(notes) - notes[0, FLOW]) < len(latest):
                return i, ALL
            need -= _give_back(lots, notes, latest, kept, (i, s, d, need), undoes[i])
        while need > 0:
            if lots[0, LAST] == len(lots) or notes[0, FLOW] == len(notes):
                return i, need
            x, o = _take(lots, 1 + s, need)
            if x == 0:
                x, o = need, 0
                short[s] += x
            need -= x
            _push(lots, 1 + d, x, o)
            if o > 0:
                _write(notes, latest, i, o, x)
    return len(src), ALL


@njit(cache=True, nogil=True)
def _push(lots: Int, a: int, x: int, o: int) -> None:
    """Add money as the newest of account ``a``."""
    last = lots[a, LAST]
    if last == 0 and (lots[a, ORIGIN] == o or lots[a, AMOUNT] == 0):
        lots[a, AMOUNT] += x
        lots[a, ORIGIN] = o
    elif last != 0 and lots[last, ORIGIN] == o:
        lots[last, AMOUNT] += x
    else:
        lots[a, LAST] = _new(lots, x, o, 0)
        lots[last if last != 0 else a, NEXT] = lots[a, LAST]


@njit(cache=True, nogil=True)
def _push_front(lots: Int, a: int, x: int, o: int) -> None:
    """Add money as the oldest of account ``a``."""
    if lots[a, AMOUNT] > 0 and lots[a, ORIGIN] != o:
        n = _new(lots, lots[a, AMOUNT], lots[a, ORIGIN], lots[a, NEXT])
        lots[a, AMOUNT], lots[a, NEXT] = 0, n
        if lots[a, LAST] == 0:
            lots[a, LAST] = n
    lots[a, AMOUNT] += x
    lots[a, ORIGIN] = o


@njit(cache=True, nogil=True)
def _take(lots: Int, a: int, most: int) -> tuple[int, int]:
    """Take from the oldest lot of account ``a``; nothing if the account is empty."""
    x, o, n = min(lots[a, AMOUNT], most), lots[a, ORIGIN], lots[a, NEXT]
    lots[a, AMOUNT] -= x
    if lots[a, AMOUNT] == 0 and n != 0:
        lots[a, AMOUNT], lots[a, ORIGIN], lots[a, NEXT] = (
            lots[n, AMOUNT],
            lots[n, ORIGIN],
            lots[n, NEXT],
        )
        if lots[a, NEXT] == 0:
            lots[a, LAST] = 0
        _free(lots, n)
    return x, o


@njit(cache=True, nogil=True)
def _take_origin(lots: Int, a: int, o: int, most: int) -> int:
    """Take money of one origin out of account ``a``, oldest first; return how much there was."""
    got = 0
    while got < most and lots[a, AMOUNT] > 0 and lots[a, ORIGIN] == o:
        got += _take(lots, a, most - got)[0]
    before, n = a, lots[a, NEXT]
    while got < most and n != 0:
        behind = lots[n, NEXT]
        x = min(lots[n, AMOUNT], most - got) if lots[n, ORIGIN] == o else 0
        lots[n, AMOUNT] -= x
        got += x
        if lots[n, AMOUNT] > 0:
            before = n
        else:
            lots[before, NEXT] = behind
            if behind == 0:
                lots[a, LAST] = before if before != a else 0
            _free(lots, n)
        n = behind
    return got


@njit(cache=True, nogil=True)
def _new(lots: Int, x: int, o: int, behind: int) -> int:
    """Make a lot and return its row."""
    n = lots[0, NEXT]
    if n == 0:
        n = lots[0, LAST]
        lots[0, LAST] += 1
    else:
        lots[0, NEXT] = lots[n, NEXT]
    lots[n, AMOUNT], lots[n, ORIGIN], lots[n, NEXT] = x, o, behind
    return int(n)


@njit(cache=True, nogil=True)
def _free(lots: Int, n: int) -> None:
    lots[n, NEXT] = lots[0, NEXT]
    lots[0, NEXT] = n


@njit(cache=True, nogil=True)
def _write(notes: Int, latest: Int, i: int, o: int, x: int) -> None:
    """Write down that flow ``i`` moved ``x`` of origin ``o``: one note for a pair."""
    n = latest[o]
    if n == 0 or notes[n, FLOW] != i:
        n = latest[o] = notes[0, FLOW]
        notes[0, FLOW] += 1
        notes[n, FLOW], notes[n, LOAN] = i, o
    notes[n, MOVED] += x


@njit(cache=True, nogil=True)
def _give_back(
    lots: Int, notes: Int, latest: Int, kept: Int, flow: tuple[int, int, int, int], original: int
) -> int:
    """Return money of an earlier flow to the front of its payer's queue; tell how much."""
    i, s, d, need = flow
    first, parts = _parts(notes, kept[original], original)
    shares = in_proportion(min(need, kept[original]), parts)
    origins = np.zeros(len(parts), np.int64)  # the last part is money that is not traced
    for k in range(len(parts) - 1):
        origins[k] = notes[first + k, LOAN]
    for k in range(len(parts)):
        shares[k] = _take_origin(lots, 1 + s, origins[k], shares[k])
        if shares[k] > 0 and origins[k] > 0:
            notes[first + k, RETURNED] += shares[k]
            # Noted in the order of the original, so that giving this back again ties as it did.
            _write(notes, latest, i, origins[k], shares[k])
    for k in range(len(parts) - 1, -1, -1):  # what is pushed last will be the oldest
        if shares[k] > 0:
            _push_front(lots, 1 + d, shares[k], origins[k])
    given = shares.sum()
    kept[original] -= given
    return int(given)


@njit(cache=True, nogil=True)
def _parts(notes: Int, left: int, flow: int) -> tuple[int, Int]:
    """Return a flow's first note, and what by origin (0 last) was moved and not given back."""
    used = notes[0, FLOW]
    first = 1 + np.searchsorted(notes[1:used, FLOW], flow)
    end = first
    while end < used and notes[end, FLOW] == flow:
        end += 1
    parts = np.full(end - first + 1, left)
    parts[:-1] = notes[first:end, MOVED] - notes[first:end, RETURNED]
    parts[-1] -= parts[:-1].sum()
    return int(first), parts


@njit(cache=True, nogil=True)
def in_proportion(total: int, parts: Int) -> Int:
    """Split ``total`` in proportion to ``parts`` by largest remainder, ties to the earlier part.

    Parameters
    ----------
    total
        At least 0 and at most the sum of ``parts``.
    parts
        Whole numbers of at least 0, with a sum below 2^62.

    Returns
    -------
    numpy.ndarray
        Shares with the sum ``total``, none above its part.
    """
    whole = parts.sum()
    share, rest = np.zeros(len(parts), np.int64), np.zeros(len(parts), np.int64)
    if whole == 0:
        return share
    for k in range(len(parts)):
        share[k], rest[k] = _times_over(total, parts[k], whole)
    for _ in range(total - share.sum()):
        most = np.argmax(rest)
        share[most] += 1
        rest[most] = -1
    return share


@njit(cache=True, nogil=True)
def _times_over(a: int, b: int, c: int) -> tuple[int, int]:
    """Return quotient and remainder of a * b / c for b <= c < 2^62: the product needs 124 bits."""
    quotient = rest = 0
    for bit in range(62, -1, -1):
        quotient, rest = 2 * quotient, 2 * rest
        if rest >= c:
            quotient, rest = quotient + 1, rest - c
        if (a >> bit) & 1:
            rest += b
            if rest >= c:
                quotient, rest = quotient + 1, rest - c
    return quotient, rest


@njit(cache=True, nogil=True)
def _count(lots: Int, accounts: int, origins: int) -> tuple[Int, Int]:
    """Return what is in every account: traced origins as (account, origin, amount), and all."""
    balance = np.zeros(accounts, np.int64)
    latest = np.zeros(origins, np.int64)
    held = np.zeros((lots[0, LAST], 4), np.int64)
    held[0, FLOW] = 1
    for a in range(accounts):
        n = a + 1
        while n != 0:
            balance[a] += lots[n, AMOUNT]
            if lots[n, ORIGIN] > 0 and lots[n, AMOUNT] > 0:
                _write(held, latest, a, lots[n, ORIGIN], lots[n, AMOUNT])
            n = lots[n, NEXT]
    return held[1 : held[0, FLOW], :3].copy(), balance
