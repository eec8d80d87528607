"""Money of many origins mixed in accounts: how much of each is there, and what a payment takes.

An account is one row: its balance, and how much of it is of which traced origin. Nearly all
accounts hold money of no traced origin, or of one: that stands in the row itself. Those that mix
several have a sorted list of (origin, amount) in a pool that all share, in blocks of 4, 8, 16, ...
entries; a block that is left is used again by the next list of its size.

Origin 0 is money that is not traced; 1, 2, ... are the traced origins.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.memory.lines import zeros
from liandong.kernels.money.proportion import in_proportion

Int = NDArray[np.int64]

# Columns of an account. LIST is 0 where at most one origin is traced: ORIGIN, with TAINT fen of it.
# Otherwise LIST is the first entry of its block and the size of that, COUNT how many are used, and
# TAINT the sum of them.
BALANCE, ORIGIN, TAINT, LIST = 0, 1, 2, 3
COUNT = ORIGIN
WHO, AMOUNT = 0, 1  # of an entry
SIZE_BITS = 6
USED = (1 << SIZE_BITS) - 1  # where ``free`` tells the first entry that was never used
FIRST_ROOM = 1 << 16

# Below these a quotient fits the 53 bits of a float but for one: the exact one is next to it.
FLOAT_AMOUNT, FLOAT_WHOLE = 1 << 50, 1 << 61
FEW = 4


class Shares(NamedTuple):
    """What is in all accounts.

    Attributes
    ----------
    rows
        Shape (accounts, 4).
    pool
        Shape (room, 2): entries.
    free
        Shape (64,): the first free block of each size, 0 for none. Entry 0 is never used.
    """

    rows: Int
    pool: Int
    free: Int


class Desk(NamedTuple):
    """Where a payment is counted out: each of shape (origins + 1, 2), the last (origins + 1,)."""

    gift: Int
    other: Int
    rest: Int


def shares(opening: Int, origin: Int, more: int) -> Shares:
    """Return accounts that hold ``opening`` of ``origin``, and ``more`` empty ones behind them."""
    rows = zeros(len(opening) + more, 4)
    rows[: len(opening), BALANCE] = opening
    traced = (origin > 0) & (opening > 0)
    rows[: len(opening), ORIGIN] = np.where(traced, origin, 0)
    rows[: len(opening), TAINT] = np.where(traced, opening, 0)
    free = np.zeros(1 << SIZE_BITS, np.int64)
    free[USED] = 1
    return Shares(rows, np.zeros((FIRST_ROOM, 2), np.int64), free)


def desk(origins: int) -> Desk:
    """Return the room in which payments of up to ``origins`` traced origins are counted out."""
    gift, other = np.zeros((2, origins + 1, 2), np.int64)
    return Desk(gift, other, np.zeros(origins + 1, np.int64))


def doubled(rows: Int, more: int) -> Int:
    """Double the room, and make it ``more`` at least."""
    return np.concatenate([rows, np.zeros((len(rows) + more, *rows.shape[1:]), np.int64)])


@njit(cache=True, nogil=True)
def split(parts: Int, whole: int, amount: int, table: Desk) -> None:
    """Count out ``amount`` of ``whole`` in proportion, by largest remainder, as ``table.gift``.

    What the parts do not make up of the whole is money of origin 0, which comes last. An amount
    above the whole is what that is exchanged for.
    """
    gift, rest, count = table.gift, table.rest, len(parts)
    copy(parts, gift)
    if amount == whole:
        return
    if amount >= FLOAT_AMOUNT or whole >= FLOAT_WHOLE:
        _split_large(gift, count, whole, amount)
        return
    ratio, left, clean = amount / whole, amount, whole
    for k in range(count):
        part = gift[k, AMOUNT]
        gift[k, AMOUNT], rest[k] = _quotient(part, amount, whole, ratio)
        left -= gift[k, AMOUNT]
        clean -= part
    share, rest[count] = _quotient(clean, amount, whole, ratio)
    _award(gift, rest, count, left - share)


@njit(cache=True, nogil=True)
def copy(source: Int, to: Int) -> None:
    """Copy entries; a loop, since to compile an assignment of slices takes seconds."""
    for k in range(len(source)):
        to[k, WHO], to[k, AMOUNT] = source[k, WHO], source[k, AMOUNT]


@njit(cache=True, nogil=True)
def _split_large(gift: Int, count: int, whole: int, amount: int) -> None:
    parts = np.empty(count + 1, np.int64)
    parts[count] = whole
    for k in range(count):
        parts[k] = gift[k, AMOUNT]
        parts[count] -= parts[k]
    share = in_proportion(amount, parts)
    for k in range(count):
        gift[k, AMOUNT] = share[k]


@njit(cache=True, nogil=True)
def _quotient(part: int, amount: int, whole: int, ratio: float) -> tuple[int, int]:
    """Return quotient and remainder of part * amount / whole, exactly, given a near ``ratio``.

    The product may wrap around, and so does what is subtracted: their difference is small.
    """
    share = int(part * ratio)
    rest = part * amount - share * whole
    while rest < 0:
        share, rest = share - 1, rest + whole
    while rest >= whole:
        share, rest = share + 1, rest - whole
    return share, rest


@njit(cache=True, nogil=True)
def _award(gift: Int, rest: Int, count: int, left: int) -> None:
    """Give the fen ``left`` over to those with the largest rest, one each, ties to the first."""
    if left > FEW:
        least = _largest(rest, count + 1, left)
        for k in range(count + 1):
            if rest[k] > least:
                left -= 1
                if k < count:
                    gift[k, AMOUNT] += 1
                rest[k] = -1
    for _ in range(left):
        most = 0
        for k in range(1, count + 1):
            if rest[k] > rest[most]:
                most = k
        if most < count:
            gift[most, AMOUNT] += 1
        rest[most] = -1


@njit(cache=True, nogil=True)
def _largest(values: Int, count: int, n: int) -> int:
    """Return the n-th largest of the first ``count`` values (Hoare's way to find it)."""
    v = np.empty(count, np.int64)
    for k in range(count):
        v[k] = values[k]
    low, high, want = 0, count - 1, n - 1
    while low < high:
        pivot, i, j = v[want], low, high
        while i <= j:
            while v[i] > pivot:
                i += 1
            while v[j] < pivot:
                j -= 1
            if i <= j:
                v[i], v[j] = v[j], v[i]
                i, j = i + 1, j - 1
        if j < want:
            low = i
        if i > want:
            high = j
    return int(v[want])


@njit(cache=True, nogil=True)
def less(parts: Int, gift: Int) -> tuple[int, int, int]:
    """Take a gift from its parts and drop what is nothing from both.

    Returns how many parts are left, how many gifts there are, and the sum of these.
    """
    kept = given = total = 0
    for k in range(len(parts)):
        who, x = gift[k, WHO], gift[k, AMOUNT]
        y = parts[k, AMOUNT] - x
        if y > 0:
            parts[kept, WHO], parts[kept, AMOUNT] = who, y
            kept += 1
        if x > 0:
            gift[given, WHO], gift[given, AMOUNT] = who, x
            given += 1
            total += x
    return kept, given, total


@njit(cache=True, nogil=True)
def draw(held: Shares, table: Desk, a: int, amount: int) -> int:
    """Take an amount out of account ``a``, every origin in proportion to the balance.

    Returns how many origins ``table.gift`` then tells.
    """
    whole = held.rows[a, BALANCE]
    held.rows[a, BALANCE] -= amount
    return _draw(held, table, a, whole, amount)


@njit(cache=True, nogil=True)
def draw_traced(held: Shares, table: Desk, a: int, amount: int, traced: int) -> int:
    """Take an amount out of account ``a``, ``traced`` of it traced, its origins in proportion."""
    held.rows[a, BALANCE] -= amount
    return 0 if traced == 0 else _draw(held, table, a, held.rows[a, TAINT], traced)


@njit(cache=True, nogil=True)
def _draw(held: Shares, table: Desk, a: int, whole: int, amount: int) -> int:
    rows, pool, free = held
    if rows[a, TAINT] == 0:
        return 0
    if rows[a, LIST] == 0:
        table.other[0, WHO], table.other[0, AMOUNT] = rows[a, ORIGIN], rows[a, TAINT]
        split(table.other[:1], whole, amount, table)
        rows[a, TAINT] -= table.gift[0, AMOUNT]
        return 1 if table.gift[0, AMOUNT] > 0 else 0
    first = rows[a, LIST] >> SIZE_BITS
    parts = pool[first : first + rows[a, COUNT]]
    split(parts, whole, amount, table)
    kept, given, total = less(parts, table.gift)
    rows[a, TAINT] -= total
    _shrink(rows, pool, free, a, kept)
    return given


@njit(cache=True, nogil=True)
def draw_origin(held: Shares, a: int, who: int, most: int) -> int:
    """Take money of one origin out of account ``a``; return how much of it there was."""
    rows, pool, free = held
    if who == 0:
        got = min(most, rows[a, BALANCE] - rows[a, TAINT])
    elif rows[a, LIST] == 0:
        got = min(most, rows[a, TAINT]) if rows[a, ORIGIN] == who else 0
        rows[a, TAINT] -= got
    else:
        count, first = rows[a, COUNT], rows[a, LIST] >> SIZE_BITS
        at = _find(pool, first, first + count, who)
        if at == first + count or pool[at, WHO] != who:
            return 0
        got = min(most, pool[at, AMOUNT])
        pool[at, AMOUNT] -= got
        rows[a, TAINT] -= got
        if pool[at, AMOUNT] == 0:
            copy(pool[at + 1 : first + count], pool[at:])
            _shrink(rows, pool, free, a, count - 1)
    rows[a, BALANCE] -= got
    return int(got)


@njit(cache=True, nogil=True)
def holds(held: Shares, a: int, who: int) -> int:
    """Return how much of one traced origin is in account ``a``."""
    rows, pool, _ = held
    if rows[a, LIST] == 0:
        return int(rows[a, TAINT]) if rows[a, ORIGIN] == who else 0
    first = rows[a, LIST] >> SIZE_BITS
    at = _find(pool, first, first + rows[a, COUNT], who)
    there = at < first + rows[a, COUNT] and pool[at, WHO] == who
    return int(pool[at, AMOUNT]) if there else 0


@njit(cache=True, nogil=True)
def add(held: Shares, gift: Int, given: int, a: int) -> None:
    """Put ``given`` traced origins to account ``a``, without its balance; the gift is used up."""
    rows, pool, free = held
    for k in range(given):
        rows[a, TAINT] += gift[k, AMOUNT]
    if rows[a, LIST] == 0:
        if given == 1 and (rows[a, TAINT] == gift[0, AMOUNT] or rows[a, ORIGIN] == gift[0, WHO]):
            rows[a, ORIGIN] = gift[0, WHO]
            return
        _list(rows, pool, free, gift, given, a)
    count, first = rows[a, COUNT], rows[a, LIST] >> SIZE_BITS
    at, end, new = first, first + count, 0
    for k in range(given):
        at = _find(pool, at, end, gift[k, WHO])
        if at < end and pool[at, WHO] == gift[k, WHO]:
            pool[at, AMOUNT] += gift[k, AMOUNT]
        else:
            gift[new, WHO], gift[new, AMOUNT] = gift[k, WHO], gift[k, AMOUNT]
            new += 1
    if new > 0:
        first = _widen(rows, pool, free, a, count + new)
        _merge(pool, first, count, gift, new)
        rows[a, COUNT] = count + new


@njit(cache=True, nogil=True)
def _list(rows: Int, pool: Int, free: Int, gift: Int, given: int, a: int) -> None:
    """Give account ``a`` a list of what stands in its row, to which ``gift`` was counted."""
    mine, who = rows[a, TAINT], rows[a, ORIGIN]
    for k in range(given):
        mine -= gift[k, AMOUNT]
    rows[a, COUNT] = 0
    first = _widen(rows, pool, free, a, given + 1)
    if mine > 0:
        pool[first, WHO], pool[first, AMOUNT] = who, mine
        rows[a, COUNT] = 1


@njit(cache=True, nogil=True)
def _find(pool: Int, low: int, high: int, who: int) -> int:
    """Return the first entry of ``low .. high`` whose origin is not below ``who``."""
    while low < high:
        middle = (low + high) >> 1
        if pool[middle, WHO] < who:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _merge(pool: Int, first: int, count: int, gift: Int, new: int) -> None:
    """Sort new origins into a list that has the room for them, from its end."""
    at, k, j = first + count + new - 1, first + count - 1, new - 1
    while j >= 0:
        if k >= first and pool[k, WHO] > gift[j, WHO]:
            pool[at, WHO], pool[at, AMOUNT] = pool[k, WHO], pool[k, AMOUNT]
            k -= 1
        else:
            pool[at, WHO], pool[at, AMOUNT] = gift[j, WHO], gift[j, AMOUNT]
            j -= 1
        at -= 1


@njit(cache=True, nogil=True)
def _widen(rows: Int, pool: Int, free: Int, a: int, need: int) -> int:
    """Return the first entry of the list of account ``a``, moved if it has no room for ``need``."""
    size, first = rows[a, LIST] & USED, rows[a, LIST] >> SIZE_BITS
    if first > 0 and need <= 1 << size:
        return int(first)
    wide = 2
    while need > 1 << wide:
        wide += 1
    to = free[wide]
    if to > 0:
        free[wide] = pool[to, WHO]
    else:
        to = free[USED]
        free[USED] += 1 << wide
    if first > 0:
        copy(pool[first : first + rows[a, COUNT]], pool[to:])
        _leave(pool, free, first, size)
    rows[a, LIST] = to << SIZE_BITS | wide
    return int(to)


@njit(cache=True, nogil=True)
def _leave(pool: Int, free: Int, first: int, size: int) -> None:
    pool[first, WHO] = free[size]
    free[size] = first


@njit(cache=True, nogil=True)
def _shrink(rows: Int, pool: Int, free: Int, a: int, count: int) -> None:
    """Note that a list has ``count`` origins left; one or none stand in the row again."""
    rows[a, COUNT] = count
    if count <= 1:
        size, first = rows[a, LIST] & USED, rows[a, LIST] >> SIZE_BITS
        rows[a, LIST] = 0
        rows[a, ORIGIN] = pool[first, WHO] if count == 1 else 0
        _leave(pool, free, first, size)


@njit(cache=True, nogil=True)
def clear(held: Shares, a: int) -> None:
    """Empty account ``a``."""
    if held.rows[a, LIST] != 0:
        _shrink(held.rows, held.pool, held.free, a, 0)
    held.rows[a, BALANCE] = held.rows[a, TAINT] = 0


@njit(cache=True, nogil=True)
def entries(held: Shares, low: int, high: int) -> Int:
    """Return what is in accounts ``low .. high``: rows (account from 0, origin, amount)."""
    rows, pool, _ = held
    n = 0
    for a in range(low, high):
        if rows[a, TAINT] > 0:
            n += rows[a, COUNT] if rows[a, LIST] != 0 else 1
    found = np.empty((n, 3), np.int64)
    n = 0
    for a in range(low, high):
        if rows[a, LIST] != 0:
            first = rows[a, LIST] >> SIZE_BITS
            for k in range(first, first + rows[a, COUNT]):
                found[n, 0], found[n, 1], found[n, 2] = a - low, pool[k, WHO], pool[k, AMOUNT]
                n += 1
        elif rows[a, TAINT] > 0:
            found[n, 0], found[n, 1], found[n, 2] = a - low, rows[a, ORIGIN], rows[a, TAINT]
            n += 1
    return found
