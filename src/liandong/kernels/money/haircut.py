"""Haircut: every payment takes of each origin in proportion to what the payer holds of it.

One pass through the transfers in their order, for all origins at once. An account that holds no
traced money costs one number; the others have sparse lists, see
:mod:`liandong.kernels.money.shares`.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.money.proportion import in_proportion
from liandong.kernels.money.shares import (
    AMOUNT,
    BALANCE,
    FIRST_ROOM,
    TAINT,
    USED,
    WHO,
    Desk,
    Shares,
    add,
    clear,
    copy,
    desk,
    doubled,
    draw,
    draw_origin,
    draw_traced,
    entries,
    holds,
    less,
    shares,
    split,
)

Int = NDArray[np.int64]
NOTHING = np.empty(0, np.int64)

# Columns of a note: how much of an origin a flow moved, and how much of that was given back later.
# Row 0 is no note: there FLOW is the first row that was never used. Where money is exchanged there
# are two more: how much arrived, and how much of the origin had paid debts of the payee by then.
FLOW, LOAN, MOVED, RETURNED, ARRIVED, BANK = 0, 1, 2, 3, 4, 5
WIDE = [FLOW, LOAN, MOVED, ARRIVED, BANK]
AHEAD = 16  # accounts are sent for so many flows before they are needed
ALIKE = -1  # no wish how much of a payment is traced: all origins in proportion


class Flows(NamedTuple):
    """The transfers as :func:`trace` gets them.

    Attributes
    ----------
    kept
        What of each transfer has not been given back.
    plan
        How much traced money each is to take, as far as possible; if empty, in proportion.
    arrives
        What the payee gets, in his currency; if empty, the amount.
    """

    src: Int
    dst: Int
    amount: Int
    undoes: Int
    kept: Int
    plan: Int
    arrives: Int


class Limits(NamedTuple):
    """By account: how far it may be in debt (empty: nobody may), how far it is, and its shortage.

    What taint has paid of the debt of account ``a`` is held by ``a`` accounts behind the last.
    """

    facility: Int
    debt: Int
    short: Int


def trace(
    src: Int, dst: Int, amount: Int, undoes: Int, opening: Int, origin: Int, facility: Int = NOTHING
) -> tuple[Int, Int, Int, Int, Int]:
    """Send transfers through accounts, taking every origin in proportion.

    Parameters
    ----------
    src, dst
        Shape (flows,), payer and payee of each transfer, in order of time.
    amount
        Shape (flows,), not negative. A transfer of nothing or to oneself does nothing. Where money
        is exchanged, shape (2, flows): what leaves the payer and what reaches the payee, each in
        his own currency. A transfer in which they differ gives none back and is not given back.
    undoes
        Shape (flows,), the earlier transfer between the same two accounts, the other way round,
        that this one gives back; or -1. May be empty if no transfer gives one back.
    opening, origin
        Shape (accounts,), money at the start and its origin. Below zero it is a debt.
    facility
        Shape (accounts,), how far below zero an account may be; may be empty if none may.

    Returns
    -------
    moved
        Shape (rows, 3): flow, traced origin, how much of it the flow moved; one row for a pair,
        in order of flow and origin. Where money is exchanged, shape (rows, 5): also how much of
        that arrived, and how much of the origin had paid debts of the payee by then.
    held
        Shape (rows, 3): account, traced origin, how much of it is there at the end.
    balance
        Shape (accounts,), money of all origins at the end; below zero where it is a debt.
    short
        Shape (accounts,), what an account paid out beyond what it held and what its facility
        allows; the payee gets it as money of origin 0.
    debts
        Shape (rows, 3): account, traced origin, how much of it has paid debts of the account to
        its bank. It is not in ``held``: the two together are all that was there at the start.

    Notes
    -----
    Of a balance b with t of an origin, a payment of x takes t x / b, rounded by largest remainder;
    ties go to the lower origin, and money that is not traced comes last. All of it is computed in
    whole numbers. The sum of all amounts, opening ones too, must be below 2^62.

    Within a facility, what is paid beyond the balance is a debt to the bank and reaches the payee
    as money of origin 0. What comes in first pays the debt, every origin in proportion.

    A transfer that gives one back returns the origins of the original in proportion, as far as the
    payee still holds them. What is beyond that is an ordinary transfer.

    What is exchanged arrives in the proportion in which it left, by largest remainder as above.

    Examples
    --------
    >>> src, dst, amount = np.array([[3, 0, 0], [0, 1, 2], [300, 200, 100]])
    >>> opening, origin = np.array([[300, 0, 0, 300], [0, 0, 0, 1]])
    >>> trace(src, dst, amount, NOTHING, opening, origin)[1].tolist()
    [[0, 1, 150], [1, 1, 100], [2, 1, 50]]
    """
    return follow(src, dst, amount, undoes, opening, origin, facility, NOTHING)


def follow(
    src: Int,
    dst: Int,
    amount: Int,
    undoes: Int,
    opening: Int,
    origin: Int,
    facility: Int,
    plan: Int,
) -> tuple[Int, Int, Int, Int, Int]:
    """Send transfers through accounts as :func:`trace` does, or by a plan.

    Parameters
    ----------
    src, dst, amount, undoes, opening, origin, facility
        As :func:`trace` gets them.
    plan
        Shape (flows,), traced money that each transfer is to take. It takes as much as lies
        between what it must (where other money does not suffice) and what it can, all origins in
        proportion. What is beyond a transfer given back takes the least. If empty, every
        transfer takes in proportion to the balance.

    Returns
    -------
    tuple
        As :func:`trace` returns it.
    """
    accounts, origins = len(opening), int(origin.max(initial=0))
    amount, arrives = amount if amount.ndim > 1 else (amount, NOTHING)
    kept = amount.copy() if len(undoes) else amount
    flows = Flows(src, dst, amount, undoes, kept, plan, arrives)
    in_debt = bool(facility.any() or (opening < 0).any())
    # Behind the accounts: what paid the debt of each, and room for the notes of one transfer.
    held = shares(np.maximum(opening, 0), origin, (accounts if in_debt else 0) + 1)
    debt = np.maximum(-opening, 0) if in_debt else NOTHING
    limits = Limits(facility if in_debt else NOTHING, debt, np.zeros(accounts, np.int64))
    notes = np.zeros((FIRST_ROOM + origins, 6 if len(arrives) else 4), np.int64)
    notes[0, FLOW] = 1
    at, table = 0, desk(origins)
    while True:
        at = _run(flows, held, limits, notes, table, at)
        if at == len(src):
            break
        held = held._replace(pool=doubled(held.pool, 16 * (origins + 4)))
        notes = doubled(notes, origins + 1)
    balance = held.rows[:accounts, BALANCE].copy()
    if in_debt:
        balance -= debt
    paid = entries(held, accounts, 2 * accounts if in_debt else accounts)
    told = notes[1 : notes[0, FLOW]]
    moved = told[:, WIDE] if len(arrives) else told[:, :RETURNED].copy()
    return moved, entries(held, 0, accounts), balance, limits.short, paid


@njit(cache=True, nogil=True)
def _run(flows: Flows, held: Shares, limits: Limits, notes: Int, table: Desk, at: int) -> int:
    """Go on at flow ``at``; return where the room for lists or notes ran out, or the end."""
    src, dst, amount, undoes, _, plan, arrives = flows
    rows, debt, origins = held.rows, limits.debt, len(table.rest)
    may_go_back, may_owe, planned = len(undoes) > 0, len(debt) > 0, len(plan) > 0
    exchanges = len(arrives) > 0
    for i in range(at, len(src)):
        soon = min(i + AHEAD, len(src) - 1)
        prefetch(rows, src[soon])
        prefetch(rows, dst[soon])
        s, d, need = np.uint32(src[i]), np.uint32(dst[i]), amount[i]
        if s == d or need == 0:
            continue
        back = may_go_back and undoes[i] >= 0
        payer, payee = int(s), int(d)
        if rows[s, TAINT] == 0 and not back:
            if need <= rows[s, BALANCE]:
                rows[s, BALANCE] -= need
            else:
                rows[s, BALANCE] -= _own(rows, limits, payer, need)
            got = arrives[i] if exchanges else need
            if may_owe and debt[d] > 0:
                _receive(held, limits, table, payee, got, 0)
            else:
                rows[d, BALANCE] += got
            continue
        if len(notes) - notes[0, FLOW] < origins:
            return i
        if len(held.pool) - held.free[USED] < 8 * (origins + 4):
            return i
        if back:
            _back(flows, held, limits, notes, table, i)
            continue
        own = _own(rows, limits, payer, need)
        given = _leaving(held, table, payer, own, plan[i] if planned else ALIKE)
        _write(notes, table.gift, given, i)
        if exchanges:
            _exchange(held, limits, notes, table, payee, (need, arrives[i]), given)
        else:
            _receive(held, limits, table, payee, need, given)
    return len(src)


@njit(cache=True, nogil=True)
def _exchange(
    held: Shares,
    limits: Limits,
    notes: Int,
    table: Desk,
    d: int,
    sums: tuple[int, int],
    given: int,
) -> None:
    """Let account ``d`` have what is given, exchanged if need be, and complete the notes of it."""
    need, got = sums
    first = notes[0, FLOW] - given
    copy(table.gift[:given], table.other)
    split(table.other[:given], need, got, table)
    arrived = 0
    for k in range(given):
        notes[first + k, ARRIVED] = table.gift[k, AMOUNT]
        if table.gift[k, AMOUNT] > 0:
            copy(table.gift[k : k + 1], table.gift[arrived:])
            arrived += 1
    _receive(held, limits, table, d, got, arrived)
    _note_debts(held, limits, notes, first, d)


@njit(cache=True, nogil=True)
def _note_debts(held: Shares, limits: Limits, notes: Int, first: int, d: int) -> None:
    if len(limits.debt) > 0:
        for n in range(first, notes[0, FLOW]):
            notes[n, BANK] = holds(held, len(limits.short) + d, notes[n, LOAN])


@njit(cache=True, nogil=True)
def _own(rows: Int, limits: Limits, s: int, need: int) -> int:
    """Return how much of what an account pays it has; note the rest as a debt or as short."""
    own = rows[s, BALANCE]
    if need <= own:
        return need
    beyond = need - own
    if len(limits.facility) > 0:
        lent = min(beyond, max(limits.facility[s] - limits.debt[s], 0))
        limits.debt[s] += lent
        beyond -= lent
    limits.short[s] += beyond
    return int(own)


@njit(cache=True, nogil=True)
def _leaving(held: Shares, table: Desk, s: int, own: int, wish: int) -> int:
    """Take ``own`` fen out of account ``s``; return how many origins that is."""
    if wish == ALIKE:
        return int(draw(held, table, s, own))
    return int(draw_traced(held, table, s, own, within(held.rows, s, own, wish)))


@njit(cache=True, nogil=True)
def within(rows: Int, s: int, own: int, wish: int) -> int:
    """Return the traced money nearest to ``wish`` that account ``s`` can pay ``own`` with."""
    traced = rows[s, TAINT]
    return int(max(min(wish, own, traced), own - (rows[s, BALANCE] - traced)))


@njit(cache=True, nogil=True)
def _receive(held: Shares, limits: Limits, table: Desk, d: int, amount: int, given: int) -> None:
    """Let account ``d`` have an amount with ``given`` traced origins, once its debt is paid."""
    if len(limits.debt) > 0 and limits.debt[d] > 0:
        pays = min(amount, limits.debt[d])
        limits.debt[d] -= pays
        bank = len(limits.short) + d
        if given > 0:
            parts = table.other[:given]
            copy(table.gift[:given], parts)
            split(parts, amount, pays, table)
            given, paid, _ = less(parts, table.gift)
            add(held, table.gift, paid, bank)
            copy(parts[:given], table.gift)
        held.rows[bank, BALANCE] += pays
        amount -= pays
    held.rows[d, BALANCE] += amount
    if given > 0:
        add(held, table.gift, given, d)


@njit(cache=True, nogil=True)
def _write(notes: Int, gift: Int, given: int, i: int) -> None:
    n = notes[0, FLOW]
    for k in range(given):
        notes[n + k, FLOW], notes[n + k, LOAN] = i, gift[k, WHO]
        notes[n + k, MOVED] = gift[k, AMOUNT]
    notes[0, FLOW] = n + given


@njit(cache=True, nogil=True)
def _back(flows: Flows, held: Shares, limits: Limits, notes: Int, table: Desk, i: int) -> None:
    """Give back an earlier flow, and let what is beyond it be an ordinary transfer."""
    s, d, need = flows.src[i], flows.dst[i], flows.amount[i]
    got, given = _taken_back(flows, held, notes, table, i)
    _pass_on(held, limits, table, d, got, given)
    if got < need:
        own = _own(held.rows, limits, s, need - got)
        given = _leaving(held, table, s, own, 0 if len(flows.plan) > 0 else ALIKE)
        _pass_on(held, limits, table, d, need - got, given)
    both = len(held.rows) - 1
    moved = entries(held, both, both + 1)
    copy(moved[:, 1:], table.gift)
    first = notes[0, FLOW]
    _write(notes, table.gift, len(moved), i)
    if len(flows.arrives) > 0:
        for n in range(first, notes[0, FLOW]):
            notes[n, ARRIVED] = notes[n, MOVED]
        _note_debts(held, limits, notes, first, d)
    clear(held, both)


@njit(cache=True, nogil=True)
def _pass_on(held: Shares, limits: Limits, table: Desk, d: int, amount: int, given: int) -> None:
    """Let account ``d`` have an amount, and add up in the last account what is moved."""
    copy(table.gift[:given], table.other)
    add(held, table.other, given, len(held.rows) - 1)
    _receive(held, limits, table, d, amount, given)


@njit(cache=True, nogil=True)
def _taken_back(flows: Flows, held: Shares, notes: Int, table: Desk, i: int) -> tuple[int, int]:
    """Take what is given back of the original of flow ``i`` out of the payer's account.

    Returns how much that is, and how many traced origins ``table.gift`` tells.
    """
    s, need, original = flows.src[i], flows.amount[i], flows.undoes[i]
    kept, used = flows.kept[original], notes[0, FLOW]
    first = 1 + np.searchsorted(notes[1:used, FLOW], original)
    end = first
    while end < used and notes[end, FLOW] == original:
        end += 1
    count = end - first
    parts = np.empty(count + 1, np.int64)
    parts[count] = kept
    for k in range(count):
        parts[k] = notes[first + k, MOVED] - notes[first + k, RETURNED]
        parts[count] -= parts[k]
    wanted = in_proportion(min(need, kept), parts)
    got, given = draw_origin(held, s, 0, wanted[count]), 0
    for k in range(count):
        x = draw_origin(held, s, notes[first + k, LOAN], wanted[k])
        if x > 0:
            notes[first + k, RETURNED] += x
            table.gift[given, WHO], table.gift[given, AMOUNT] = notes[first + k, LOAN], x
            given += 1
            got += x
    flows.kept[original] -= got
    return got, given
