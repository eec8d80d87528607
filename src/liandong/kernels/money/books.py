"""Balances of accounts through a log of transfers, which no rule of tracing changes."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]


@njit(cache=True, nogil=True)
def shortfalls(
    src: Int32, dst: Int32, amount: Int, arrives: Int, opening: Int, facility: Int
) -> tuple[Int, Int, Int]:
    """Keep the books of accounts, and tell what was paid without cover.

    Parameters
    ----------
    src, dst, amount
        Shape (flows,), in order of time; amounts in fen, not negative.
    arrives
        Shape (flows,), what the payee gets: the same but where money is exchanged.
    opening, facility
        Shape (accounts,): fen at the start, and how far below nothing an account may go.

    Returns
    -------
    balance
        Shape (accounts,), at the end, less debts.
    short
        Shape (accounts,), what it paid beyond what it held and its facility: the least by which
        the opening balance must have been higher.
    first
        Shape (accounts,), the first flow that was not covered, -1 if all were.
    """
    balance = opening.copy()
    short, first = np.zeros(len(opening), np.int64), np.full(len(opening), -1)
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if s == d:
            continue
        after = balance[s] - amount[i]
        lack = max(-facility[s] - after, 0)
        if lack > 0:
            if short[s] == 0:
                first[s] = i
            short[s] += lack
        balance[s] = after + lack
        balance[d] += arrives[i]
    return balance, short, first


@njit(cache=True, nogil=True)
def lowest_since(
    flows: tuple[Int32, Int32, Int, Int], opening: Int, facility: Int, account: Int32, since: Int
) -> Int:
    """Return the lowest balance of accounts from a flow on to the end.

    Parameters
    ----------
    flows
        Payers, payees, amounts and what arrives, as :func:`shortfalls` gets them.
    opening, facility
        Shape (accounts,).
    account, since
        Shape (questions,), sorted: which account, from after which flow on.

    Returns
    -------
    numpy.ndarray
        Shape (questions,). A debt is a balance of less than nothing.
    """
    src, dst, amount, arrives = flows
    # Questions of account a are first[a] ... asked[a] - 1 once their flow has come.
    first = np.searchsorted(account, np.arange(len(opening) + 1))
    asked = first[:-1].copy()
    lowest = np.zeros(len(account), np.int64)
    balance = opening.copy()
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if s == d:
            continue
        balance[s] = max(balance[s] - amount[i], -facility[s])
        balance[d] += arrives[i]
        for a in (s, d):
            while asked[a] < first[a + 1] and since[asked[a]] <= i:
                lowest[asked[a]] = balance[a]
                asked[a] += 1
            # Who asks from earlier on has a lower answer: where one holds, those before it do.
            q = asked[a] - 1
            while q >= first[a] and lowest[q] > balance[a]:
                lowest[q] = balance[a]
                q -= 1
    return lowest
