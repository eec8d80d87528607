"""All transfers made and all that is found, by two threads where there is enough for both."""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.money.lotheld import held, held_by_two
from liandong.kernels.money.lotmemory import doubled, touch, upto
from liandong.kernels.money.lotpass import ALL, run
from liandong.kernels.money.lotrows import SHORT, TOP, Flows, Memory, Method
from liandong.kernels.money.lottold import NO_DEBT, Lots, ended, nothing_told, tell

Int = NDArray[np.int64]

STRETCH = 1 << 20
"""So many rows are made before they are told beside the next."""


class Traced(NamedTuple):
    """What :func:`liandong.kernels.money.queues.trace` finds; described there."""

    moved: Int
    held: Int
    balance: Int
    short: Int
    debts: Int
    lots: Lots
    taken: Int


def followed(flows: Flows, memory: Memory, rule: Method, origins: int) -> Traced:
    """Make all transfers and return what is found; ``memory`` is as before the first of them.

    ``origins`` is more than the largest origin.
    """
    end = min(memory.used[TOP] + STRETCH, len(memory.fen))
    at, rest = run(flows, upto(memory, end), rule, 0, ALL)
    if at == len(flows.src):
        return found(flows, memory, origins)
    with ThreadPoolExecutor(1) as beside:
        return _in_stretches(beside, flows, memory, rule, origins, (at, rest, end))


def _in_stretches(
    beside: Executor, flows: Flows, memory: Memory, rule: Method, origins: int,
    so_far: tuple[int, int, int],
) -> Traced:  # fmt: skip
    """Go on; of each stretch is told, and the one behind the next has its memory, beside the next.

    A page of memory is had by who writes to it first, who has to wait for it.
    """
    at, rest, end = so_far
    told, telling = nothing_told(flows, len(memory.fen), origins), []
    while at < len(flows.src):
        if end == len(memory.fen):
            memory = doubled(memory)
            told = nothing_told(flows, len(memory.fen), origins)  # of all rows once more
        end = min(end + STRETCH, len(memory.fen))
        touching = beside.submit(touch, memory, end, end + STRETCH)
        telling.append(beside.submit(tell, flows, memory, told, int(memory.used[TOP])))
        at, rest = run(flows, upto(memory, end), rule, at, rest)
        if not touching.cancel():
            touching.result()
    for job in telling:
        job.result()
    moved, lots, taken = ended(flows, memory, told)
    there = held_by_two(beside, memory, origins, lots)
    return _traced(memory, (moved, lots, taken), there)


def found(flows: Flows, memory: Memory, origins: int) -> Traced:
    """Return what is found by now."""
    told = nothing_told(flows, int(memory.used[TOP]), origins)
    return _traced(memory, ended(flows, memory, told), held(memory, origins))


def _traced(memory: Memory, told: tuple[Int, Lots, Int], there: tuple[Int, Int]) -> Traced:
    (moved, lots, taken), (in_accounts, balance) = told, there
    short = memory.accounts[:, SHORT].copy()
    return Traced(moved, in_accounts, balance, short, _paid(lots), lots, taken)


def _paid(lots: Lots) -> Int:
    """Return what of each origin paid debts as (account, origin, amount)."""
    paid = np.flatnonzero(lots.paid != NO_DEBT)
    pairs = np.stack([lots.account[paid], lots.origin[paid]], axis=1).astype(np.int64)
    of, pair = np.unique(pairs, axis=0, return_inverse=True)
    total = np.zeros(len(of), np.int64)
    np.add.at(total, pair.ravel(), lots.amount[paid])
    return np.column_stack([of, total])
