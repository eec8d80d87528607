"""Posting double entries one after the other: limits, reservations, linked groups, and why not.

The rules are those of TigerBeetle (docs.tigerbeetle.com, "Transfer"), with two differences: a
repeated entry does not break its group, so that a group can be sent again; and a reservation that
timed out is ended by an entry like any other.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

POSTED, PENDING, POST, VOID = range(4)
"""Phases: moves at once; reserves; moves what is reserved; frees it."""
DEBIT, CREDIT, PENDING_DEBIT, PENDING_CREDIT = range(4)
"""Counters of an account."""
FREE, DEBITS_CAPPED, CREDITS_CAPPED = range(3)
"""Which side of an account may not exceed what is posted on the other."""
ALONE, LINKED, OPEN_END = range(3)
"""Whether an item stands or falls with the next one; an open end has no next one."""
MOST = 10**15
"""Most units in one entry."""
FULL = 2**62
"""Most units on one side of an account."""
COMPARED = (
    "debit", "credit", "amount", "unit", "phase", "event_time", "agreement", "ref", "until",
)  # fmt: skip
RESULTS = (
    "ok",
    "exists",
    *(f"exists_with_different_{field}" for field in COMPARED),
    "linked_failed", "chain_open", "amount_not_positive", "amount_too_large", "unknown_phase",
    "unknown_debit", "unknown_credit", "same_account", "other_unit", "closed_period",
    "unknown_reservation", "not_a_reservation", "ended_before", "other_accounts",
    "more_than_reserved", "debit_limit", "credit_limit", "overflow",
)  # fmt: skip
"""What became of an item; only ``ok`` has written anything."""
OK, EXISTS, DIFFERENT = 0, 1, 2
(
    LINKED_FAILED, CHAIN_OPEN, NOT_POSITIVE, TOO_LARGE, UNKNOWN_PHASE, UNKNOWN_DEBIT,
    UNKNOWN_CREDIT, SAME_ACCOUNT, OTHER_UNIT, CLOSED_PERIOD, UNKNOWN_RESERVATION,
    NOT_A_RESERVATION, ENDED_BEFORE, OTHER_ACCOUNTS, MORE_THAN_RESERVED, DEBIT_LIMIT,
    CREDIT_LIMIT, OVERFLOW,
) = range(DIFFERENT + len(COMPARED), len(RESULTS))  # fmt: skip


(
    DEBTOR, CREDITOR, AMOUNT, UNIT, PHASE, DAY, AGREEMENT, REF, UNTIL, NAME, HANGS,
) = FIELDS = range(11)  # fmt: skip
"""Rows of ``items``, an array ``(fields, items)`` of numbers: first those of :data:`COMPARED`.

Accounts are their numbers; texts are numbers, -1 where there is none. ``NAME`` is that of an id:
the same id, the same number; ``REF`` is the ``NAME`` of another entry; ``HANGS`` is ``ALONE``,
``LINKED`` or ``OPEN_END``. They are one array, since numba counts references to those of a tuple
at each use.
"""


class Accounts(NamedTuple):
    """Accounts: ``counters`` (accounts, 4), ``unit`` (-1 for none such) and ``capped``."""

    counters: Ints
    unit: Ints
    capped: Ints


class Names(NamedTuple):
    """By number of an id: the row that ``holds`` it or -1, and whether it ``waits`` to be ended."""

    holds: Ints
    waits: NDArray[np.bool_]


@njit(cache=True)
def post(items: Ints, known: int, names: Names, accounts: Accounts, closed: int) -> Ints:
    """Post items in order; ``names`` and the counters of ``accounts`` change with them.

    Parameters
    ----------
    items, known
        Entries by :data:`FIELDS`: first ``known`` ones of the books that matter here, then those
        that are to be posted.
    names, accounts
        The state of the books.
    closed
        Last day of what is closed.

    Returns
    -------
    ndarray
        Places in :data:`RESULTS`, one for each item that is not known.
    """
    result = np.zeros(items.shape[1] - known, np.int64)
    first, broken = 0, False
    for i in range(len(result)):
        row = known + i
        if broken:
            result[i] = LINKED_FAILED
        else:
            result[i] = _judged(items, row, names, accounts, closed)
            if result[i] == OK:
                _move(items, row, names, accounts, 1)
            elif result[i] != EXISTS:
                broken = True
                _undo(items, known, first, i, result, names, accounts)
        if items[HANGS, row] != LINKED:
            first, broken = i + 1, False
    return result


@njit(cache=True)
def _undo(
    items: Ints, known: int, first: int, end: int, result: Ints, names: Names, accounts: Accounts
) -> None:
    """Take back what the items ``first .. end`` of a group have moved, the last one first."""
    for j in range(end - 1, first - 1, -1):
        if result[j] == OK:
            _move(items, known + j, names, accounts, -1)
        result[j] = LINKED_FAILED


@njit(cache=True)
def _judged(items: Ints, row: int, names: Names, accounts: Accounts, closed: int) -> int:
    """Return what becomes of an item."""
    if items[HANGS, row] == OPEN_END:
        return CHAIN_OPEN
    held = names.holds[items[NAME, row]]
    if held >= 0:
        return _compared(items, row, held)
    fault = _malformed(items, row, accounts)
    if fault != OK:
        return fault
    if items[DAY, row] <= closed:
        return CLOSED_PERIOD
    if items[PHASE, row] >= POST:
        return _ending(items, row, names)
    return _limited(items, row, accounts)


@njit(cache=True)
def _compared(items: Ints, a: int, b: int) -> int:
    """Tell whether two items of one id are the same, or the first field in which they are not."""
    for field in range(len(COMPARED)):
        if items[field, a] != items[field, b]:
            return DIFFERENT + field
    return EXISTS


@njit(cache=True)
def _malformed(items: Ints, row: int, accounts: Accounts) -> int:
    amount, debit, credit = items[AMOUNT, row], items[DEBTOR, row], items[CREDITOR, row]
    if amount <= 0:
        return NOT_POSITIVE
    if amount > MOST:
        return TOO_LARGE
    if items[PHASE, row] < 0:
        return UNKNOWN_PHASE
    if accounts.unit[debit] < 0:
        return UNKNOWN_DEBIT
    if accounts.unit[credit] < 0:
        return UNKNOWN_CREDIT
    if debit == credit:
        return SAME_ACCOUNT
    unit = items[UNIT, row]
    return OK if accounts.unit[debit] == unit == accounts.unit[credit] else OTHER_UNIT


@njit(cache=True)
def _ending(items: Ints, row: int, names: Names) -> int:
    """Tell whether an item may end the reservation it refers to."""
    ref = items[REF, row]
    begun = names.holds[ref] if ref >= 0 else -1
    if begun < 0:
        return UNKNOWN_RESERVATION
    if items[PHASE, begun] != PENDING:
        return NOT_A_RESERVATION
    if not names.waits[ref]:
        return ENDED_BEFORE
    same = (
        items[DEBTOR, row] == items[DEBTOR, begun]
        and items[CREDITOR, row] == items[CREDITOR, begun]
    )
    if not same:
        return OTHER_ACCOUNTS
    return OK if items[AMOUNT, row] <= items[AMOUNT, begun] else MORE_THAN_RESERVED


@njit(cache=True)
def _limited(items: Ints, row: int, accounts: Accounts) -> int:
    """Tell whether both accounts have room: what is reserved counts as if it were posted."""
    debit, credit = items[DEBTOR, row], items[CREDITOR, row]
    of = accounts.counters
    debits = of[debit, DEBIT] + of[debit, PENDING_DEBIT] + items[AMOUNT, row]
    credits_ = of[credit, CREDIT] + of[credit, PENDING_CREDIT] + items[AMOUNT, row]
    if accounts.capped[debit] == DEBITS_CAPPED and debits > of[debit, CREDIT]:
        return DEBIT_LIMIT
    if accounts.capped[credit] == CREDITS_CAPPED and credits_ > of[credit, DEBIT]:
        return CREDIT_LIMIT
    return OVERFLOW if max(debits, credits_) > FULL else OK


@njit(cache=True)
def _move(items: Ints, row: int, names: Names, accounts: Accounts, sign: int) -> None:
    """Do what an item says, or take it back."""
    of, phase = accounts.counters, items[PHASE, row]
    debit, credit, amount = items[DEBTOR, row], items[CREDITOR, row], sign * items[AMOUNT, row]
    if phase == PENDING:
        of[debit, PENDING_DEBIT] += amount
        of[credit, PENDING_CREDIT] += amount
        names.waits[items[NAME, row]] = sign > 0
    elif phase >= POST:
        freed = sign * items[AMOUNT, names.holds[items[REF, row]]]
        of[debit, PENDING_DEBIT] -= freed
        of[credit, PENDING_CREDIT] -= freed
        names.waits[items[REF, row]] = sign < 0
    if phase in (POSTED, POST):
        of[debit, DEBIT] += amount
        of[credit, CREDIT] += amount
    names.holds[items[NAME, row]] = row if sign > 0 else -1
