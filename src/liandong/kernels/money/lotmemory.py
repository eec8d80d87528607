"""The memory of lots: made, made larger, copied and put back."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.lines import zeros
from liandong.kernels.money.lotrows import (
    DEBT,
    FACILITY,
    LEFT,
    LOOSE,
    NEXT,
    ORIGIN,
    QUEUE,
    STEP_ROOM,
    Memory,
)

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

FIRST_ROOM = 1 << 16


def start(opening: Int, origin: Int, facility: Int, room: int = FIRST_ROOM) -> Memory:
    """Put opening money into accounts: rows are those of traced origins and of debts.

    There is room for ``room`` more.
    """
    of_row = np.flatnonzero(((origin > 0) & (opening > 0)) | (opening < 0))
    used = 1 + len(of_row)
    accounts = zeros(len(opening), 4)
    accounts[:, LOOSE] = np.where(origin > 0, 0, opening)
    accounts[:, FACILITY] = facility
    number = np.arange(1, used)
    accounts[of_row, QUEUE] = number | (number << 32)
    memory = _with_room(accounts, room + len(of_row), np.array([used, 0]))
    memory.amount[1:used] = memory.fen[1:used, LEFT] = np.abs(opening[of_row])
    memory.row[1:used, ORIGIN] = np.where(opening[of_row] < 0, DEBT, origin[of_row])
    memory.flow[:used] = -1
    memory.parent[1:used] = -1 - of_row
    return memory


def doubled(memory: Memory) -> Memory:
    """Return the same memory with room for twice as many rows."""
    more = _with_room(memory.accounts, 2 * len(memory.fen) + STEP_ROOM, memory.used)
    for new, old in zip(_columns(more), _columns(memory), strict=True):
        new[: len(old)] = old
    return more


def upto(memory: Memory, end: int) -> Memory:
    """Return the same memory with room for rows before ``end`` alone."""
    _, fen, row, amount, flow, parent, returned, _ = memory
    return memory._replace(
        fen=fen[:end], row=row[:end], amount=amount[:end], flow=flow[:end], parent=parent[:end],
        returned=returned[:end],
    )  # fmt: skip


def touch(memory: Memory, begin: int, end: int) -> None:
    """Have memory for rows that nothing was written to."""
    for column in _columns(memory)[:-1]:
        column[begin:end] = 0


def copied(memory: Memory, begin: int, end: int) -> tuple[Int, Int32]:
    """Return copies of rows.

    Returns
    -------
    tuple
        Amounts, what is left and what was returned, shape (rows, 3); flow, origin, parent and next
        row, shape (rows, 4).
    """
    of = slice(begin, end)
    wide = memory.amount[of], memory.fen[of, LEFT], memory.returned[of]
    narrow = memory.flow[of], memory.row[of, ORIGIN], memory.parent[of], memory.row[of, NEXT]
    return np.stack(wide, axis=1), np.stack(narrow, axis=1)


def put(memory: Memory, wide: Int, narrow: Int32, end: int) -> None:
    """Make rows what :func:`copied` returned from the first on; those up to ``end`` are empty."""
    top = len(wide)
    memory.amount[:top], memory.fen[:top, LEFT], memory.returned[:top] = wide.T
    memory.flow[:top], memory.row[:top, ORIGIN] = narrow.T[:2]
    memory.parent[:top], memory.row[:top, NEXT] = narrow.T[2:]
    for column in _columns(memory):
        column[top:end] = 0


def _columns(memory: Memory) -> tuple[Int | Int32, ...]:
    """Return all that rows are in; the last is seldom written to."""
    return memory.fen, memory.amount, memory.flow, memory.parent, memory.returned


def _with_room(accounts: Int, room: int, used: Int) -> Memory:
    """Return a memory of rows that nothing was written to: such zeros take no memory yet."""
    fen = zeros(room, 2)
    amount, returned = np.zeros(room, np.int64), np.zeros(room, np.int64)
    flow, parent = np.zeros(room, np.int32), np.zeros(room, np.int32)
    return Memory(accounts, fen, fen.view(np.int32), amount, flow, parent, returned, used)
