"""Flows over time: how much money of one origin can be at a place, whatever rule parts the money.

Every account is a chain of events: what it pays, what it receives. Money waits along the chain and
runs along transfers from the payer's event to the payee's. Money of one origin is a flow in this
network that fits under all the money: a transfer moves at most its amount of it, and between two
events an account keeps at most its balance of it. Conversely, the rest of the money then fills what
is left of every transfer and every balance, so each such flow is the outcome of some rule, and each
rule that hands on money in the order of time is such a flow.

Hence the most that can be at a place is a maximal flow, and the least is what does not fit
elsewhere: all of it, less a maximal flow to everywhere else. Only events from which a place can
still be reached matter for it; what leaves them can always go on, since all the money did.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

NOWHERE = -1
"""Instead of an event: there is none."""
FIRST_ROOM = 1 << 12


class Network(NamedTuple):
    """The transfers that can move money of an origin, and the events of their accounts.

    Transfer k joins event 2k of its payer to event 2k + 1 of its payee. The first are the money's
    starts: it arrives where it is at the beginning, from events of no account.

    Attributes
    ----------
    row
        Shape (transfers,): which of all transfers; NOWHERE for a start.
    amount
        Shape (transfers,): its amount.
    balance
        Shape (events,): what the account holds after the event.
    before, after
        Shape (events,): the account's events before and after; NOWHERE where its chain begins or
        ends. A chain ends where the account is empty.
    last
        Shape (accounts,): the last event of an account that can hold the money at the end.
    """

    row: Int
    amount: Int
    balance: Int
    before: Int
    after: Int
    last: Int


@njit(cache=True, nogil=True)
def balances(src: Int, dst: Int, amount: Int, opening: Int) -> tuple[Int, Int]:
    """Return what payer and payee of each transfer hold after it.

    Parameters
    ----------
    src, dst, amount
        Shape (flows,), in order of time; amounts are not negative.
    opening
        Shape (accounts,), money at the start.

    Returns
    -------
    payer, payee
        Shape (flows,). What a payer lacks comes from outside, so nobody holds less than nothing.
    """
    now = opening.copy()
    payer, payee = np.empty(len(src), np.int64), np.empty(len(src), np.int64)
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if s != d:
            now[s] = max(now[s] - amount[i], 0)
            now[d] += amount[i]
        payer[i], payee[i] = now[s], now[d]
    return payer, payee


def network(
    flows: tuple[Int, Int, Int], held: tuple[Int, Int], start: Int, supply: Int, accounts: int
) -> Network:
    """Build the network of the transfers that can move money of one origin.

    Parameters
    ----------
    flows
        ``src``, ``dst`` and ``amount`` as for :func:`balances`.
    held
        What :func:`balances` returned.
    start, supply
        Shape (starts,): accounts that hold the money at the start, and how much; more than 0.
    accounts
        How many there are.
    """
    able, last = np.zeros(accounts, np.int64), np.full(accounts, NOWHERE)
    able[start], last[start] = supply, 2 * np.arange(len(start)) + 1
    rows, at = len(start), 0
    row, before = np.full(rows, NOWHERE), np.full(2 * rows, NOWHERE)
    while at < len(flows[0]):
        row = np.append(row[:rows], np.empty(rows + FIRST_ROOM, np.int64))
        before = np.append(before[: 2 * rows], np.empty(2 * (rows + FIRST_ROOM), np.int64))
        at, rows = _reach(flows, held, (able, last, supply), row, before, at, rows)
    row, before = row[:rows].copy(), before[: 2 * rows].copy()
    real = row[len(start) :]
    amount = np.append(supply, flows[2][real])
    balance = np.empty(2 * rows, np.int64)
    balance[0 : 2 * len(start) : 2], balance[1 : 2 * len(start) : 2] = 0, supply
    balance[2 * len(start) :: 2], balance[2 * len(start) + 1 :: 2] = held[0][real], held[1][real]
    after = np.full(2 * rows, NOWHERE)
    behind = np.flatnonzero(before != NOWHERE)
    after[before[behind]] = behind
    return Network(row, amount, balance, before, after, last)


@njit(cache=True, nogil=True)
def _reach(
    flows: tuple[Int, Int, Int], held: tuple[Int, Int], state: tuple[Int, Int, Int],
    row: Int, before: Int, at: int, rows: int,
) -> tuple[int, int]:  # fmt: skip
    """Go on at flow ``at``; return the next one, where room runs out, and the room used."""
    src, dst, amount = flows
    able, last, supply = state
    total = supply.sum()
    for i in range(at, len(src)):
        s, d = src[i], dst[i]
        if able[s] == 0 or s == d or amount[i] == 0:
            continue
        if rows == len(row):
            return i, rows
        row[rows], before[2 * rows], before[2 * rows + 1] = i, last[s], last[d]
        # At most so much can be where it goes: where nothing can be, nothing has to be followed.
        x = min(able[s], amount[i])
        able[s], able[d] = min(able[s], held[0][i]), min(able[d] + x, held[1][i], total)
        last[s] = 2 * rows if able[s] > 0 else NOWHERE
        last[d] = 2 * rows + 1
        rows += 1
    return len(src), rows
