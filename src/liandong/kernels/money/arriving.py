"""Money of loans that comes back or lies idle, and money that only passes through."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class Moves(NamedTuple):
    """Transfers between parties, in order of time.

    ``src``, ``dst`` and ``amount`` have an entry a transfer, as has ``repaid``: the number of the
    loan that it repays, or -1; ``idle`` says whether it goes where money does no work.
    """

    src: Int
    dst: Int
    amount: Int
    repaid: Int
    idle: Bool


class Tranches(NamedTuple):
    """Loans as they were paid out: ``loan`` is a number, ``to`` the borrower, ``amount`` fen.

    Transfers ``begin`` up to before ``end`` are looked at. ``first`` and ``near`` are those related
    to the borrower, and himself: ``near[first[i]:first[i + 1]]``.
    """

    loan: Int
    to: Int
    amount: Int
    begin: Int
    end: Int
    first: Int
    near: Int


@njit(cache=True, nogil=True)
def coming_back(moves: Moves, tranches: Tranches, stops: Bool, hops: int, out: Int) -> int:
    """Find what of loans comes back to the borrower or to somebody related.

    Along paths forward in time, each fen once: whoever holds money of the loan pays with it first,
    that which took fewest transfers before any other, and what has come back does not go on. No
    fen is in two places, and what arrives up to a moment does not depend on what happens later.

    Parameters
    ----------
    moves, tranches
        The transfers and the loans.
    stops
        By party: money that reaches it goes no further, as with a bank.
    hops
        The most transfers on the way back.
    out
        Shape (rows, 3): filled with tranche, transfer and amount of what arrives, as far as there
        is room.

    Returns
    -------
    int
        How many rows there are.
    """
    held, own = np.zeros((len(stops), hops), np.int64), np.full(len(stops), -1)
    touched, total, rows = np.empty(len(stops), np.int64), np.zeros(len(stops), np.int64), 0
    for i in range(len(tranches.loan)):
        own[tranches.near[tranches.first[i] : tranches.first[i + 1]]] = i
        held[tranches.to[i], 0], touched[0], many = tranches.amount[i], tranches.to[i], 1
        total[tranches.to[i]] = tranches.amount[i]
        for f in range(tranches.begin[i], tranches.end[i]):
            u, v = moves.src[f], moves.dst[f]
            if u < 0 or u == v or total[u] == 0:
                continue
            left = min(moves.amount[f], total[u])
            total[u] -= left
            for h in range(hops):
                part = min(left, held[u, h])
                if part <= 0:
                    continue
                held[u, h] -= part
                left -= part
                if v >= 0 and own[v] == i:
                    rows = _tell(out, rows, i, f, part)
                elif v >= 0 and not stops[v] and h + 1 < hops:
                    held[v, h + 1] += part
                    total[v] += part
                    touched[many % len(touched)] = v
                    many += 1
        _empty(held, total, touched, many)
    return rows


@njit(cache=True, nogil=True)
def lying_idle(moves: Moves, tranches: Tranches, out: Int) -> int:
    """Find what of loans goes where it does no work, or repays another loan.

    It must be paid there by the borrower or by somebody related whom he handed it; whoever of them
    holds money of the loan pays with it first. What is paid to others is spent.

    Parameters
    ----------
    moves, tranches, out
        As of :func:`coming_back`.

    Returns
    -------
    int
        How many rows there are.
    """
    most = 1
    for i in range(len(tranches.near)):
        most = max(most, tranches.near[i] + 1)
    for i in range(len(tranches.to)):
        most = max(most, tranches.to[i] + 1)
    held, own, rows = np.zeros(most, np.int64), np.full(most, -1), 0
    for i in range(len(tranches.loan)):
        near = tranches.near[tranches.first[i] : tranches.first[i + 1]]
        own[near] = i
        held[tranches.to[i]] = tranches.amount[i]
        for f in range(tranches.begin[i], tranches.end[i]):
            u, v = moves.src[f], moves.dst[f]
            if u < 0 or u >= most or held[u] == 0:
                continue
            part = min(moves.amount[f], held[u])
            other = moves.repaid[f] >= 0 and moves.repaid[f] != tranches.loan[i]
            if moves.idle[f] or other:
                held[u] -= part
                rows = _tell(out, rows, i, f, part)
            elif u != v:
                held[u] -= part
                if 0 <= v < most and own[v] == i:
                    held[v] += part
        held[near] = 0
        held[tranches.to[i]] = 0
    return rows


@njit(cache=True, nogil=True)
def _tell(out: Int, rows: int, tranche: int, move: int, amount: int) -> int:
    if rows < len(out):
        out[rows, 0], out[rows, 1], out[rows, 2] = tranche, move, amount
    return rows + 1


@njit(cache=True, nogil=True)
def _empty(held: Int, total: Int, touched: Int, many: int) -> None:
    """Take all money away; where too many were touched to be known, from everybody."""
    if many > len(touched):
        held[:], total[:] = 0, 0
    else:
        for k in range(many):
            held[touched[k]], total[touched[k]] = 0, 0


@njit(cache=True, nogil=True)
def passed_through(begin: Int, at: Int, amount: Int, span: int) -> Int:
    """Return how much of what came in went out again within a span, by account.

    What goes out takes of what came in within the span before it, the oldest first.

    Parameters
    ----------
    begin
        Payments of account ``a`` are ``begin[a]:begin[a + 1]``, in order of time.
    at
        When.
    amount
        More than 0: came in; less: went out.
    span
        A payment that went out exactly so long after one that came in still takes of it.

    Examples
    --------
    >>> passed_through(np.array([0, 3]), np.array([0, 5, 9]), np.array([100, -60, -60]), 5)
    array([60])
    """
    accounts = len(begin) - 1
    found, left = np.zeros(accounts, np.int64), np.maximum(amount, 0)
    for a in range(accounts):
        head = begin[a]
        for i in range(begin[a], begin[a + 1]):
            need = -amount[i]
            while need > 0 and head < i:
                if left[head] == 0 or at[head] < at[i] - span:
                    head += 1
                    continue
                part = min(left[head], need)
                left[head] -= part
                need -= part
                found[a] += part
    return found


@njit(cache=True, nogil=True)
def over_night(begin: Int, night: Int, amount: Int, nights: int) -> Int:
    """Return the sum of balances at the end of all nights above the lowest of them, by account.

    Parameters
    ----------
    begin
        Payments of account ``a`` are ``begin[a]:begin[a + 1]``, in order of time.
    night
        From 0: the first night whose balance a payment is in.
    amount
        More than 0: came in; less: went out.
    nights
        How many there are.

    Examples
    --------
    >>> over_night(np.array([0, 2]), np.array([1, 2]), np.array([100, -70]), 4)
    array([160])
    """
    accounts = len(begin) - 1
    found = np.zeros(accounts, np.int64)
    for a in range(accounts):
        i, balance, lowest, total = begin[a], 0, 0, 0
        for k in range(nights):
            while i < begin[a + 1] and night[i] <= k:
                balance += amount[i]
                i += 1
            lowest = balance if k == 0 else min(lowest, balance)
            total += balance
        found[a] = total - nights * lowest
    return found
