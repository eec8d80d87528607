"""Lots of vouchers: split, passed on, ended; which lots an act takes, or why it cannot be.

A lot is never merged with another and never forgotten: the rows of all lots are the evidence. Lots
with something left stand in two linked lists, that of their voucher and that of their holder, in
the order in which they came.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

# Columns of an act. LOT_ACT is the act that made the lot named (NONE: no lot is named, UNKNOWN: it
# is nowhere) and LOT_NUMBER which of its lots, from 1. DUE and VOUCHER are NONE where not named.
KIND, VOUCHER, LOT_ACT, LOT_NUMBER, SOURCE, TARGET, AMOUNT, DUE, DAY = range(9)
ISSUE, SPLIT, TRANSFER, DISCOUNT, SETTLE, CANCEL = range(6)
NONE, UNKNOWN = -1, -2
# Columns of a lot.
PARENT, ACT, NUMBER, OF, HOLDER, FACE, LEFT, PASSED, SETTLED, CANCELLED, FINANCED, DEPTH = range(12)
LOT_COLUMNS = 12
# Why an act cannot be; what is less than ISSUED_TWICE is seen without its history.
OK = 0
ISSUED_TWICE, NO_VOUCHER, NO_LOT, OTHER_VOUCHER, NOT_HOLDER = 9, 10, 11, 12, 13
NOT_ISSUER, MORE_THAN_HELD, AFTER_MATURITY, ACROSS_DUE, SETTLED_TWICE = 14, 15, 16, 17, 18
BEFORE, BEHIND = 0, 1
FIRST_ROOM = 1 << 12


class Book(NamedTuple):
    """The book while acts are done.

    Attributes
    ----------
    acts, fault, held
        As :func:`run` gets and returns them.
    lots, moves, used
        Rows of lots and moves, and how many of each there are.
    links, ends
        By list (of vouchers 0, of holders 1): the lots before and behind each lot, and the first
        and last lot of each owner.
    known
        By voucher: its issuer, due day (NONE before it is issued), and what was settled of it.
    made
        By act: the first lot it made, and how many.
    picked
        Lots that the present act takes.
    """

    acts: Int
    fault: Int
    held: Int
    lots: Int
    moves: Int
    used: Int
    links: Int
    ends: Int
    known: Int
    made: Int
    picked: Int


def run(acts: Int, vouchers: int, holders: int, fault: Int) -> tuple[Int, Int, Int, Int]:
    """Do acts in their order; one that cannot be changes nothing.

    Parameters
    ----------
    acts
        Shape (acts, 9), in order of time: see the columns above. Amounts are above 0 where
        ``fault`` is 0. An act that names no lot takes the oldest of its voucher that the holder
        has; one that names no voucher either, the oldest of all that are not due and, where it
        names a due date, are due then.
    vouchers, holders
        How many there are.
    fault
        Shape (acts,), what is known to be wrong beforehand: 0 for nothing.

    Returns
    -------
    lots
        Shape (lots, 12), see the columns above; parents come before their children.
    moves
        Shape (moves, 4): act, lot taken from, lot made of it (-1 where it ended), amount.
    fault
        Shape (acts,): 0 for what was done.
    held
        Shape (acts,): what the act could have taken, at an act with too little; else -1.
    """
    room, owners = max(FIRST_ROOM, 2 * len(acts)), max(vouchers, holders, 1)
    book = Book(
        acts=acts, fault=fault.copy(), held=np.full(len(acts), NONE),
        lots=np.zeros((room, LOT_COLUMNS), np.int64), moves=np.zeros((room, 4), np.int64),
        used=np.zeros(2, np.int64), links=np.full((2, 2, room), NONE),
        ends=np.full((2, 2, owners), NONE), known=np.full((3, owners), NONE),
        made=np.zeros((2, len(acts)), np.int64), picked=np.zeros(room, np.int64),
    )  # fmt: skip
    at = 0
    while True:
        at = _run(book, at)
        if at == len(acts):
            lots, moves = book.lots[: book.used[0]], book.moves[: book.used[1]]
            return lots.copy(), moves.copy(), book.fault, book.held
        book = _doubled(book)


def _doubled(book: Book) -> Book:
    lots, moves, picked = (
        np.concatenate([a, np.zeros_like(a)]) for a in (book.lots, book.moves, book.picked)
    )
    links = np.concatenate([book.links, np.full_like(book.links, NONE)], axis=2)
    return book._replace(lots=lots, moves=moves, picked=picked, links=links)


@njit(cache=True, nogil=True)
def _run(book: Book, at: int) -> int:
    """Go on at act ``at``; return the act for which the room ran out, or the number of acts."""
    acts, fault, known, used = book.acts, book.fault, book.known, book.used
    for i in range(at, len(acts)):
        if fault[i] != OK:
            continue
        if acts[i, KIND] == ISSUE:
            v = acts[i, VOUCHER]
            if known[1, v] != NONE:
                fault[i] = ISSUED_TWICE
                continue
            if used[0] == len(book.lots):
                return i
            known[0, v], known[1, v], known[2, v] = acts[i, SOURCE], acts[i, DUE], 0
            book.made[0, i] = used[0]
            _make(book, i, NONE, acts[i, AMOUNT])
            continue
        fault[i], count, book.held[i] = _pick(book, i)
        if fault[i] != OK:
            continue
        if used[0] + count > len(book.lots) or used[1] + count > len(book.moves):
            return i
        book.made[0, i] = used[0]
        need = acts[i, AMOUNT]
        for k in range(count):
            need -= _take(book, i, book.picked[k], need)
    return len(acts)


@njit(cache=True, nogil=True)
def _pick(book: Book, i: int) -> tuple[int, int, int]:
    """Write down the lots that act ``i`` takes.

    Returns its fault, how many lots they are, and what there was if it was too little.
    """
    acts, lots = book.acts, book.lots
    if acts[i, LOT_ACT] != NONE:
        return _pick_named(book, i)
    v, holder = acts[i, VOUCHER], _holder(acts, i)
    if v == NONE:
        return _pick_any(book, i, holder)
    why = _forbidden(book, i, v)
    if why != OK:
        return why, 0, NONE
    count = have = 0
    lot = book.ends[0, 0, v]
    while lot != NONE and have < acts[i, AMOUNT]:
        if lots[lot, HOLDER] == holder:
            book.picked[count] = lot
            count += 1
            have += lots[lot, LEFT]
        lot = book.links[0, BEHIND, lot]
    if have >= acts[i, AMOUNT]:
        return OK, count, NONE
    again = acts[i, KIND] == SETTLE and have == 0 and book.known[2, v] > 0
    return SETTLED_TWICE if again else MORE_THAN_HELD, 0, have


@njit(cache=True, nogil=True)
def _pick_named(book: Book, i: int) -> tuple[int, int, int]:
    acts, lots = book.acts, book.lots
    maker, number = acts[i, LOT_ACT], acts[i, LOT_NUMBER]
    if maker < 0 or maker >= i or book.fault[maker] != OK or number > book.made[1, maker]:
        return NO_LOT, 0, NONE
    lot = book.made[0, maker] + number - 1
    v, left = lots[lot, OF], lots[lot, LEFT]
    if acts[i, VOUCHER] not in (NONE, v):
        return OTHER_VOUCHER, 0, NONE
    if lots[lot, HOLDER] != _holder(acts, i):
        return NOT_HOLDER, 0, NONE
    why = _forbidden(book, i, v)
    if why != OK:
        return why, 0, NONE
    if left < acts[i, AMOUNT]:
        again = acts[i, KIND] == SETTLE and left == 0 and lots[lot, SETTLED] > 0
        return SETTLED_TWICE if again else MORE_THAN_HELD, 0, left
    book.picked[0] = lot
    return OK, 1, NONE


@njit(cache=True, nogil=True)
def _pick_any(book: Book, i: int, holder: int) -> tuple[int, int, int]:
    """Take the oldest lots of a holder that may still be passed on; all must be due on one day."""
    acts, lots = book.acts, book.lots
    count = have = over = 0
    due, mixed = acts[i, DUE], False
    lot = book.ends[1, 0, holder]
    while lot != NONE and have < acts[i, AMOUNT]:
        day = book.known[1, lots[lot, OF]]
        if acts[i, DUE] in (NONE, day):
            if day < acts[i, DAY]:
                over += lots[lot, LEFT]
            else:
                mixed |= due not in (NONE, day)
                due = day
                book.picked[count] = lot
                count += 1
                have += lots[lot, LEFT]
        lot = book.links[1, BEHIND, lot]
    if have < acts[i, AMOUNT]:
        late = have + over >= acts[i, AMOUNT]
        return AFTER_MATURITY if late else MORE_THAN_HELD, 0, have
    return ACROSS_DUE if mixed else OK, count, NONE


@njit(cache=True, nogil=True)
def _holder(acts: Int, i: int) -> int:
    """Return whose lots an act takes: those of who is paid, or of who passes them on."""
    return int(acts[i, TARGET] if acts[i, KIND] >= SETTLE else acts[i, SOURCE])


@njit(cache=True, nogil=True)
def _forbidden(book: Book, i: int, v: int) -> int:
    """Return what the voucher alone says against an act."""
    acts, issuer, due = book.acts, book.known[0, v], book.known[1, v]
    if due == NONE:
        return NO_VOUCHER
    if acts[i, DUE] not in (NONE, due):
        return ACROSS_DUE
    if acts[i, KIND] < SETTLE:
        return AFTER_MATURITY if acts[i, DAY] > due else OK
    return NOT_ISSUER if acts[i, SOURCE] not in (NONE, issuer) else OK


@njit(cache=True, nogil=True)
def _take(book: Book, i: int, lot: int, need: int) -> int:
    """Take up to ``need`` of a lot for act ``i``; return how much it was."""
    lots, moves, used = book.lots, book.moves, book.used
    x, kind, child = min(lots[lot, LEFT], need), book.acts[i, KIND], NONE
    lots[lot, LEFT] -= x
    if lots[lot, LEFT] == 0:
        _unlink(book.links, book.ends, 0, lots[lot, OF], lot)
        _unlink(book.links, book.ends, 1, lots[lot, HOLDER], lot)
    if kind == SETTLE:
        lots[lot, SETTLED] += x
        book.known[2, lots[lot, OF]] += x
    elif kind == CANCEL:
        lots[lot, CANCELLED] += x
    else:
        lots[lot, PASSED] += x
        child = used[0]
        _make(book, i, lot, x)
    moves[used[1], 0], moves[used[1], 1], moves[used[1], 2], moves[used[1], 3] = i, lot, child, x
    used[1] += 1
    return int(x)


@njit(cache=True, nogil=True)
def _make(book: Book, i: int, parent: int, x: int) -> None:
    """Make a lot for whom act ``i`` gives to; it is the newest of its voucher and its holder."""
    acts, lots, n = book.acts, book.lots, book.used[0]
    book.used[0] += 1
    book.made[1, i] += 1
    lots[n, PARENT], lots[n, ACT], lots[n, NUMBER] = parent, i, book.made[1, i]
    lots[n, OF] = acts[i, VOUCHER] if parent == NONE else lots[parent, OF]
    lots[n, HOLDER], lots[n, FACE], lots[n, LEFT] = acts[i, TARGET], x, x
    if parent != NONE:
        lots[n, DEPTH] = lots[parent, DEPTH] + 1
        lots[n, FINANCED] = lots[parent, FINANCED] or acts[i, KIND] == DISCOUNT
    _append(book.links, book.ends, 0, lots[n, OF], n)
    _append(book.links, book.ends, 1, lots[n, HOLDER], n)


@njit(cache=True, nogil=True)
def _append(links: Int, ends: Int, kind: int, owner: int, lot: int) -> None:
    last = ends[kind, 1, owner]
    links[kind, BEFORE, lot], links[kind, BEHIND, lot] = last, NONE
    if last == NONE:
        ends[kind, 0, owner] = lot
    else:
        links[kind, BEHIND, last] = lot
    ends[kind, 1, owner] = lot


@njit(cache=True, nogil=True)
def _unlink(links: Int, ends: Int, kind: int, owner: int, lot: int) -> None:
    before, behind = links[kind, BEFORE, lot], links[kind, BEHIND, lot]
    if before == NONE:
        ends[kind, 0, owner] = behind
    else:
        links[kind, BEHIND, before] = behind
    if behind == NONE:
        ends[kind, 1, owner] = before
    else:
        links[kind, BEFORE, behind] = before
