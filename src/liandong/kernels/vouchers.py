"""Lots of vouchers: split, passed on, ended; which lots an act takes, or why it cannot be.

A lot is never merged with another and never forgotten: the rows of all lots are the evidence. Lots
with something left stand in two linked lists, that of their voucher and that of their holder, in
the order in which they came.
"""

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
    room = max(FIRST_ROOM, 2 * len(acts))
    lots, links = np.zeros((room, LOT_COLUMNS), np.int64), np.full((2, 2, room), NONE)
    moves = np.zeros((room, 4), np.int64)
    # First and last live lot of each voucher and holder; issuer, due date and what is settled.
    ends = np.full((2, 2, max(vouchers, holders, 1)), NONE)
    known = np.full((3, max(vouchers, 1)), NONE)
    made = np.zeros((2, len(acts)), np.int64)
    found, held = fault.copy(), np.full(len(acts), NONE)
    at, used = 0, np.zeros(2, np.int64)
    while True:
        at = _run(acts, lots, links, moves, ends, known, made, found, held, used, at)
        if at == len(acts):
            return lots[: used[0]].copy(), moves[: used[1]].copy(), found, held
        lots, moves = (np.concatenate([a, np.zeros_like(a)]) for a in (lots, moves))
        links = np.concatenate([links, np.full_like(links, NONE)], axis=2)


@njit(cache=True, nogil=True)
def _run(
    acts: Int, lots: Int, links: Int, moves: Int, ends: Int, known: Int, made: Int, fault: Int,
    held: Int, used: Int, at: int,
) -> int:  # fmt: skip
    """Go on at act ``at``; return the act for which the room ran out, or the number of acts."""
    picked = np.zeros(len(lots), np.int64)
    for i in range(at, len(acts)):
        if fault[i] != OK:
            continue
        if acts[i, KIND] == ISSUE:
            if used[0] == len(lots):
                return i
            v = acts[i, VOUCHER]
            if known[1, v] != NONE:
                fault[i] = ISSUED_TWICE
                continue
            known[0, v], known[1, v], known[2, v] = acts[i, SOURCE], acts[i, DUE], 0
            made[0, i] = used[0]
            _make(acts, lots, links, ends, made, used, i, NONE, acts[i, AMOUNT])
            continue
        fault[i], count, held[i] = _pick(acts, lots, links, ends, known, made, fault, picked, i)
        if fault[i] != OK:
            continue
        if used[0] + count > len(lots) or used[1] + count > len(moves):
            return i
        made[0, i] = used[0]
        need = acts[i, AMOUNT]
        for k in range(count):
            need -= _take(acts, lots, links, moves, ends, known, made, used, i, picked[k], need)
    return len(acts)


@njit(cache=True, nogil=True)
def _pick(
    acts: Int, lots: Int, links: Int, ends: Int, known: Int, made: Int, fault: Int, picked: Int,
    i: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Write the lots that act ``i`` takes to ``picked``.

    Returns its fault, how many lots they are, and what there was if it was too little.
    """
    if acts[i, LOT_ACT] != NONE:
        return _pick_named(acts, lots, known, made, fault, picked, i)
    v, holder = acts[i, VOUCHER], _holder(acts, i)
    if v == NONE:
        return _pick_any(acts, lots, links, ends, known, picked, i, holder)
    why = _forbidden(acts, known, i, v)
    if why != OK:
        return why, 0, NONE
    count = have = 0
    lot = ends[0, 0, v]
    while lot != NONE and have < acts[i, AMOUNT]:
        if lots[lot, HOLDER] == holder:
            picked[count] = lot
            count += 1
            have += lots[lot, LEFT]
        lot = links[0, BEHIND, lot]
    if have >= acts[i, AMOUNT]:
        return OK, count, NONE
    again = acts[i, KIND] == SETTLE and have == 0 and known[2, v] > 0
    return SETTLED_TWICE if again else MORE_THAN_HELD, 0, have


@njit(cache=True, nogil=True)
def _pick_named(
    acts: Int, lots: Int, known: Int, made: Int, fault: Int, picked: Int, i: int
) -> tuple[int, int, int]:
    maker = acts[i, LOT_ACT]
    if maker < 0 or maker >= i or fault[maker] != OK or acts[i, LOT_NUMBER] > made[1, maker]:
        return NO_LOT, 0, NONE
    lot = made[0, maker] + acts[i, LOT_NUMBER] - 1
    v, left = lots[lot, OF], lots[lot, LEFT]
    if acts[i, VOUCHER] != NONE and acts[i, VOUCHER] != v:
        return OTHER_VOUCHER, 0, NONE
    if lots[lot, HOLDER] != _holder(acts, i):
        return NOT_HOLDER, 0, NONE
    why = _forbidden(acts, known, i, v)
    if why != OK:
        return why, 0, NONE
    if left < acts[i, AMOUNT]:
        again = acts[i, KIND] == SETTLE and left == 0 and lots[lot, SETTLED] > 0
        return SETTLED_TWICE if again else MORE_THAN_HELD, 0, left
    picked[0] = lot
    return OK, 1, NONE


@njit(cache=True, nogil=True)
def _pick_any(
    acts: Int, lots: Int, links: Int, ends: Int, known: Int, picked: Int, i: int, holder: int
) -> tuple[int, int, int]:
    """Take the oldest lots of a holder that may still be passed on; all must be due on one day."""
    count = have = over = 0
    due = acts[i, DUE]
    mixed = False
    lot = ends[1, 0, holder]
    while lot != NONE and have < acts[i, AMOUNT]:
        day = known[1, lots[lot, OF]]
        if acts[i, DUE] == NONE or acts[i, DUE] == day:
            if day < acts[i, DAY]:
                over += lots[lot, LEFT]
            else:
                mixed |= due not in (NONE, day)
                due = day
                picked[count] = lot
                count += 1
                have += lots[lot, LEFT]
        lot = links[1, BEHIND, lot]
    if have < acts[i, AMOUNT]:
        late = have + over >= acts[i, AMOUNT]
        return AFTER_MATURITY if late else MORE_THAN_HELD, 0, have
    return ACROSS_DUE if mixed else OK, count, NONE


@njit(cache=True, nogil=True)
def _holder(acts: Int, i: int) -> int:
    """Return whose lots an act takes: those of who is paid, or of who passes them on."""
    return int(acts[i, TARGET] if acts[i, KIND] >= SETTLE else acts[i, SOURCE])


@njit(cache=True, nogil=True)
def _forbidden(acts: Int, known: Int, i: int, v: int) -> int:
    """Return what the voucher alone says against an act."""
    if known[1, v] == NONE:
        return NO_VOUCHER
    if acts[i, DUE] not in (NONE, known[1, v]):
        return ACROSS_DUE
    if acts[i, KIND] < SETTLE:
        return AFTER_MATURITY if acts[i, DAY] > known[1, v] else OK
    return NOT_ISSUER if acts[i, SOURCE] not in (NONE, known[0, v]) else OK


@njit(cache=True, nogil=True)
def _take(
    acts: Int, lots: Int, links: Int, moves: Int, ends: Int, known: Int, made: Int, used: Int,
    i: int, lot: int, need: int,
) -> int:  # fmt: skip
    """Take up to ``need`` of a lot for act ``i``; return how much it was."""
    x = min(lots[lot, LEFT], need)
    kind, child = acts[i, KIND], NONE
    lots[lot, LEFT] -= x
    if lots[lot, LEFT] == 0:
        _unlink(links, ends, 0, lots[lot, OF], lot)
        _unlink(links, ends, 1, lots[lot, HOLDER], lot)
    if kind == SETTLE:
        lots[lot, SETTLED] += x
        known[2, lots[lot, OF]] += x
    elif kind == CANCEL:
        lots[lot, CANCELLED] += x
    else:
        lots[lot, PASSED] += x
        child = used[0]
        _make(acts, lots, links, ends, made, used, i, lot, x)
    moves[used[1], 0], moves[used[1], 1], moves[used[1], 2], moves[used[1], 3] = i, lot, child, x
    used[1] += 1
    return int(x)


@njit(cache=True, nogil=True)
def _make(
    acts: Int, lots: Int, links: Int, ends: Int, made: Int, used: Int, i: int, parent: int, x: int
) -> None:
    """Make a lot for whom act ``i`` gives to; it is the newest of its voucher and its holder."""
    n = used[0]
    used[0] += 1
    made[1, i] += 1
    lots[n, PARENT], lots[n, ACT], lots[n, NUMBER] = parent, i, made[1, i]
    lots[n, OF] = acts[i, VOUCHER] if parent == NONE else lots[parent, OF]
    lots[n, HOLDER], lots[n, FACE], lots[n, LEFT] = acts[i, TARGET], x, x
    if parent != NONE:
        lots[n, DEPTH] = lots[parent, DEPTH] + 1
        lots[n, FINANCED] = lots[parent, FINANCED] or acts[i, KIND] == DISCOUNT
    _append(links, ends, 0, lots[n, OF], n)
    _append(links, ends, 1, lots[n, HOLDER], n)


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
