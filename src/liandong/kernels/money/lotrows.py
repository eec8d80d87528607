"""What lots are kept in: accounts, and rows of lots and debts in queues.

Every traced sum that arrives somewhere is a lot, a row that names the flow that brought it and its
parent, the lot it was taken from. An account is its loose money, which is not traced, and a queue
of lots in the order in which they leave. Nearly all accounts are loose money only: two numbers, and
no row.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing, inlined

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

# Columns of an account: loose money, or less than nothing where it is in debt; and its queue, the
# first row and, 32 bits higher, the last. An account in debt holds no lots: its queue is its debts.
# Then how far it may be in debt, and what it paid beyond that. All are one account's: one look into
# the memory finds them together.
LOOSE, QUEUE, FACILITY, SHORT = 0, 1, 2, 3
# Columns of a row: how much is left of it, whose it is, and the row behind it. They are what a
# queue looks at, 16 bytes that are numbers of 64 bits to ``fen`` and of 32 to ``row``. A row of
# origin 0 is untraced money between lots, one of DEBT a debt; only these are used again. A lot that
# paid a debt is in no queue: there NEXT is PAID - the debt's flow.
LEFT, ORIGIN, NEXT = 0, 2, 3
DEBT, PAID = -1, -2
# Numbers of the memory: the first row never used, and the first to be used again.
TOP, FREE = 0, 1
LOW = (1 << 32) - 1
STEP_ROOM = 4


class Flows(NamedTuple):
    """The transfers as :func:`trace` gets them, and what of each has not been given back."""

    src: Int32
    dst: Int32
    amount: Int
    undoes: Int
    kept: Int
    arrives: Int


class Method(NamedTuple):
    """How an account is emptied.

    Attributes
    ----------
    loose_first
        Whether loose money leaves before the queue.
    mixed
        Whether untraced money older than a lot keeps its place in the queue.
    newest_first
        Whether what arrives becomes the first of the queue rather than the last.
    merge
        Whether neighbouring lots of one origin become one. Sums are the same and less memory is
        needed, but parents and what is left are then told of the oldest of them only.
    """

    loose_first: bool
    mixed: bool
    newest_first: bool
    merge: bool = False


class Memory(NamedTuple):
    """Accounts and rows.

    What is told of a row, and not looked at again, is apart from what its queue looks at: the less
    there is to jump about in, the more of it is near.

    Attributes
    ----------
    accounts, fen, row
        See the columns above; ``row`` is ``fen`` seen otherwise.
    amount
        The sum that a row was.
    flow
        What brought it, -1 for what was there from the start. Flows never decrease from row to row.
    parent
        The lot it was taken from; less than nothing: none, -1 - the account where it was at first.
    returned
        How much of what its flow moved of this origin was given back later, in the first row of
        flow and origin. A flow between currencies is never given back: there it is what was taken
        of its parent for it, in the payer's currency.
    used
        See TOP and FREE.
    """

    accounts: Int
    fen: Int
    row: Int32
    amount: Int
    flow: Int32
    parent: Int32
    returned: Int
    used: Int


FIFO = Method(loose_first=False, mixed=True, newest_first=False)
METHODS = {
    "fifo": FIFO,
    "lifo": Method(loose_first=True, mixed=True, newest_first=True),
    "clean_first": Method(loose_first=True, mixed=False, newest_first=False),
    "taint_first": Method(loose_first=False, mixed=False, newest_first=False),
}


@borrowing
def loosen_first(memory: Memory, a: int) -> None:
    """Make untraced money that has become the newest of account ``a`` loose."""
    n = memory.accounts[a, QUEUE] & LOW
    while n != 0 and memory.row[n, ORIGIN] == 0:
        memory.accounts[a, LOOSE] += memory.fen[n, LEFT]
        unlink(memory, a, 0, n)
        n = memory.accounts[a, QUEUE] & LOW


@inlined
def unlink(memory: Memory, a: int, before: int, n: int) -> None:
    """Take row ``n``, which stands behind row ``before`` (0: first), out of the queue."""
    behind = memory.row[n, NEXT]
    first, last = memory.accounts[a, QUEUE] & LOW, memory.accounts[a, QUEUE] >> 32
    if before != 0:
        memory.row[before, NEXT] = behind
    else:
        first = np.int64(behind)
    if behind == 0:
        last = np.int64(before)
    memory.accounts[a, QUEUE] = first | (last << 32)
    memory.row[n, NEXT] = 0
    if memory.row[n, ORIGIN] <= 0:
        memory.row[n, NEXT] = memory.used[FREE]
        memory.used[FREE] = n


@inlined
def link(memory: Memory, a: int, before: int, n: int) -> None:
    """Put row ``n`` behind row ``before`` (0: first) into the queue."""
    first, last = memory.accounts[a, QUEUE] & LOW, memory.accounts[a, QUEUE] >> 32
    if before != 0:
        memory.row[n, NEXT] = memory.row[before, NEXT]
        memory.row[before, NEXT] = n
    else:
        memory.row[n, NEXT] = first
        first = np.int64(n)
    if before == last:
        last = np.int64(n)
    memory.accounts[a, QUEUE] = first | (last << 32)


@inlined
def new(memory: Memory, i: int, origin: int, parent: int, x: int) -> int:
    """Make a row that was never used before."""
    n = memory.used[TOP]
    memory.used[TOP] += 1
    memory.flow[n], memory.parent[n], memory.row[n, ORIGIN] = i, parent, origin
    memory.amount[n] = memory.fen[n, LEFT] = x
    return int(n)


@inlined
def untraced(memory: Memory, i: int, x: int) -> int:
    """Make a row of untraced money, of one that is free if there is one."""
    n = memory.used[FREE]
    if n == 0:
        return new(memory, i, 0, 0, x)
    memory.used[FREE] = memory.row[n, NEXT]
    memory.row[n, ORIGIN], memory.row[n, NEXT] = 0, 0
    memory.fen[n, LEFT] = x
    return int(n)


@borrowing
def length(memory: Memory, a: int) -> int:
    """Return how many rows are in the queue of account ``a``."""
    n, rows = int(memory.accounts[a, QUEUE] & LOW), 0
    while n != 0:
        n, rows = int(memory.row[n, NEXT]), rows + 1
    return rows


@borrowing
def pay(memory: Memory, i: int, a: int, x: int, lot: int) -> None:
    """Pay the oldest debt of account ``a``, which is ``x`` at least."""
    debt = memory.accounts[a, QUEUE] & LOW
    memory.accounts[a, LOOSE] += x
    memory.fen[debt, LEFT] -= x
    if lot != 0:
        n = new(memory, i, memory.row[lot, ORIGIN], lot, x)
        memory.row[n, NEXT] = PAID - memory.flow[debt]
    if memory.fen[debt, LEFT] == 0:
        unlink(memory, a, 0, debt)
