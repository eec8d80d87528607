"""Taint in, highest out: within a closed window, traced money goes to the largest payments.

A transfer takes traced money from its payer's account. How much, the payments of the account in the
window decide together: the largest gets as much as can be, then the next. What can be is bound by
time: nothing can be paid out before it came in, and where other money does not suffice, traced
money must be paid. So every answer is one that the money could have taken.

What comes in depends on what others in the window do. That is found in rounds: all accounts plan
with what the last round sent them, then all transfers are made in their order. In a window without
circles the rounds settle after as many as its longest chain has accounts.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.money.haircut import NOTHING, follow

Int = NDArray[np.int64]
ROUNDS = 64
"""Where money runs in circles, plans are made anew so often at most; the last holds."""
FIRST = np.iinfo(np.int64).min


class Moves(NamedTuple):
    """Transfers with what their amounts alone decide.

    Attributes
    ----------
    arrives
        What the payee gets of each, in his currency.
    own
        How much of each its payer has.
    before
        What its payer has before it.
    pays
        How much of each pays the payee's debt.
    """

    src: Int
    dst: Int
    amount: Int
    undoes: Int
    arrives: Int
    own: Int
    before: Int
    pays: Int


def trace(
    src: Int,
    dst: Int,
    amount: Int,
    undoes: Int,
    opening: Int,
    origin: Int,
    facility: Int,
    window: Int,
) -> tuple[Int, Int, Int, Int, Int]:
    """Send transfers through accounts, traced money to the largest payments of each window.

    Parameters
    ----------
    src, dst, amount, undoes, opening, origin, facility
        As :func:`liandong.kernels.money.haircut.trace` gets them.
    window
        Shape (flows,), which window each transfer is in; never decreasing.

    Returns
    -------
    tuple
        ``moved, held, balance, short, debts`` as the haircut returns them.

    Notes
    -----
    Of what a payment takes, and of what is left, all traced origins are in proportion (largest
    remainder, ties to the lower origin). Equal payments stand in the order of the log. What gives
    an earlier transfer back returns its origins; what is beyond that takes as little as can be.

    After Tironsakkul, Maarek, Eross and Just, "Probing the Mystery of Cryptocurrency Theft" (2019).

    Examples
    --------
    A loan of 300 and 300 of other money, then payments of 150 and 250:

    >>> src, dst, amount = np.array([[3, 0, 0], [0, 1, 2], [300, 150, 250]])
    >>> opening, origin = np.array([[300, 0, 0, 300], [0, 0, 0, 1]])
    >>> one = np.zeros(3, np.int64)
    >>> trace(src, dst, amount, NOTHING, opening, origin, NOTHING, one)[1].tolist()
    [[1, 1, 50], [2, 1, 250]]
    """
    moves = _moves(src, dst, amount, undoes, opening, facility)
    taint = np.where(origin > 0, np.maximum(opening, 0), 0)
    plan, mark = np.zeros(len(src), np.int64), np.full(len(opening), -1)
    edges = np.flatnonzero(np.diff(window, prepend=-1)) if len(window) else NOTHING
    _plan(moves, np.append(edges, len(src)), taint, plan, mark)
    return follow(src, dst, amount, undoes, opening, origin, facility, plan)


def _moves(src: Int, dst: Int, amount: Int, undoes: Int, opening: Int, facility: Int) -> Moves:
    left, got = amount if amount.ndim > 1 else (amount, amount)
    return Moves(src, dst, left, undoes, got, *_amounts(src, dst, (left, got), opening, facility))


@njit(cache=True, nogil=True)
def _amounts(
    src: Int, dst: Int, amounts: tuple[Int, Int], opening: Int, facility: Int
) -> tuple[Int, Int, Int]:
    """Return what of each transfer its payer has, what he has before, and what pays a debt."""
    amount, arrives = amounts
    own, before, pays = np.zeros((3, len(src)), np.int64)
    book = opening.copy()
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if s == d:
            continue
        before[i] = max(book[s], 0)
        own[i] = min(amount[i], before[i])
        beyond = amount[i] - own[i]
        room = facility[s] + min(book[s], 0) if len(facility) > 0 else 0
        book[s] -= own[i] + min(beyond, max(room, 0))
        pays[i] = min(arrives[i], max(-book[d], 0))
        book[d] += arrives[i]
    return own, before, pays


@njit(cache=True, nogil=True)
def _plan(moves: Moves, edges: Int, start: Int, plan: Int, mark: Int) -> None:
    """Plan what all transfers take, window by window; ``start`` is traced money by account."""
    src, dst, own = moves.src, moves.dst, moves.own
    taint = start.copy()
    for w in range(len(edges) - 1):
        live = np.empty(edges[w + 1] - edges[w], np.int64)
        n = 0
        for i in range(edges[w], edges[w + 1]):
            if own[i] > 0 and (start[src[i]] > 0 or mark[src[i]] == w):
                live[n] = i
                n += 1
                mark[dst[i]] = w
        if n > 0:
            _window(moves, live[:n], start, taint, plan)


@njit(cache=True, nogil=True)
def _window(moves: Moves, live: Int, start: Int, taint: Int, plan: Int) -> None:
    """Plan a window whose transfers ``live`` may carry traced money, and make them."""
    payer, payee = np.empty(len(live), np.int64), np.empty(len(live), np.int64)
    for k in range(len(live)):
        payer[k], payee[k] = moves.src[live[k]], moves.dst[live[k]]
    outs, ins = np.argsort(payer, kind="mergesort"), np.argsort(payee, kind="mergesort")
    came, wish = np.zeros(len(live), np.int64), np.zeros(len(live), np.int64)
    for _ in range(ROUNDS):
        low = into = 0
        while low < len(outs):
            a, high = payer[outs[low]], low
            while high < len(outs) and payer[outs[high]] == a:
                high += 1
            while into < len(ins) and payee[ins[into]] < a:
                into += 1
            end = into
            while end < len(ins) and payee[ins[end]] == a:
                end += 1
            _account(moves, live, plan, start[a], (outs[low:high], ins[into:end]), came, wish)
            low, into = high, end
        if not _make(moves, live, (start, taint), plan, (wish, came)):
            break
    for k in range(len(live)):
        start[payer[k]], start[payee[k]] = taint[payer[k]], taint[payee[k]]


@njit(cache=True, nogil=True)
def _account(
    moves: Moves, live: Int, plan: Int, there: int, legs: tuple[Int, Int], came: Int, wish: Int
) -> None:
    """Plan the payments of one account that has ``there`` at first and gets what came last time.

    ``most`` and ``least`` are how much all payments up to each may and must take together, less
    what is given to them: so a payment may take the smallest room that is left to it and those
    behind it, less the largest need of those before it.
    """
    outs, ins = legs
    n, j = len(outs), 0
    most, least, key, cap = np.empty((4, n), np.int64)
    for k in range(n):
        while j < len(ins) and ins[j] < outs[k]:
            there += came[ins[j]]
            j += 1
        i = live[outs[k]]
        cap[k], key[k] = moves.own[i], -moves.amount[i]
        if len(moves.undoes) > 0 and moves.undoes[i] >= 0:
            cap[k], key[k] = _given_back(moves, plan, i), FIRST
        most[k], least[k] = there, there - (moves.before[i] - moves.own[i])
    left = there
    for k in np.argsort(key, kind="mergesort"):
        x = 0
        if left > 0:
            x = max(min(cap[k], _smallest(most, k) - _largest(least, k)), 0)
            for m in range(k, n):
                most[m] -= x
                least[m] -= x
            left -= x
        wish[outs[k]] = x


@njit(cache=True, nogil=True)
def _given_back(moves: Moves, plan: Int, i: int) -> int:
    """Return about how much traced money a transfer given back returns."""
    original = moves.undoes[i]
    share = min(moves.amount[i], moves.amount[original]) / max(moves.amount[original], 1)
    return int(min(int(plan[original] * share), moves.own[i]))


@njit(cache=True, nogil=True)
def _smallest(values: Int, first: int) -> int:
    found = values[first]
    for k in range(first + 1, len(values)):
        found = min(found, values[k])
    return int(found)


@njit(cache=True, nogil=True)
def _largest(values: Int, end: int) -> int:
    found = 0
    for k in range(end):
        found = max(found, values[k])
    return int(found)


@njit(cache=True, nogil=True)
def _make(
    moves: Moves, live: Int, books: tuple[Int, Int], plan: Int, plans: tuple[Int, Int]
) -> bool:
    """Make transfers as near to the wishes as can be; tell whether anything came otherwise."""
    start, taint = books
    wish, came = plans
    changed = False
    for i in live:
        taint[moves.src[i]], taint[moves.dst[i]] = start[moves.src[i]], start[moves.dst[i]]
    for k in range(len(live)):
        i = live[k]
        s, own = moves.src[i], moves.own[i]
        x = min(max(min(wish[k], taint[s]), own - (moves.before[i] - taint[s])), own)
        # What is exchanged or pays a debt is counted out to the fen when the plan is carried out.
        got = moves.arrives[i]
        comes = x if got == moves.amount[i] else int(x * (got / moves.amount[i]))
        arrives = comes - int(comes * (moves.pays[i] / got)) if got > 0 else 0
        taint[s] -= x
        taint[moves.dst[i]] += arrives
        changed = changed or arrives != came[k]
        plan[i], came[k] = x, arrives
    return changed
