"""Logs of transfers for the benchmarks of tracing, made by a seed.

Accounts are active and popular by power laws, six counterparties of each take most of its
payments, transfers keep office hours over thirty days, and some money runs in circles that lose up
to 2 % a leg. Draws come in one fixed order: a seed gives the same bytes everywhere, so that counts
published for a seed can be compared.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

SECONDS = 86_400
LENDERS = 10
TAINTED, TAINTED_REPEATED = 100, 200
"""One loan for so many transfers makes about a tenth of all transfers carry money of loans: in an
instance, and in one that is repeated ten times, where what was lent before goes on."""


class Instance(NamedTuple):
    """A log in order of time.

    Attributes
    ----------
    src, dst, at, amount
        Shape (transfers,): accounts, seconds, fen.
    cycle, loan
        Shape (transfers,): which planted circle or which loan's disbursement a row is, or -1.
    opening
        Shape (accounts,): fen at the start.
    """

    src: Int32
    dst: Int32
    at: Int
    amount: Int
    cycle: Int32
    loan: Int32
    opening: Int


class Nodes(NamedTuple):
    """A log as a lot engine wants it: after the accounts comes a source for each loan."""

    src: Int32
    dst: Int32
    amount: Int
    undoes: Int
    opening: Int
    origin: Int
    facility: Int


def instance(
    count: int, seed: int = 7, *, days: int = 30, loans: int = 1000, cycles: int | None = None
) -> Instance:
    """Return a log of ``count`` transfers between a tenth as many accounts.

    ``count // TAINTED`` loans make about a tenth of the transfers carry money of loans; a
    thousand, one in a hundred of a million. There are ``count // 10000`` circles by default.
    """
    rng = np.random.default_rng(seed)
    accounts = max(1000, count // 10)
    cycles = count // 10_000 if cycles is None else cycles
    active, popular = _weights(rng, accounts)
    partners = _partners(rng, accounts, popular)
    length = rng.integers(3, 9, cycles)
    plain = count - int(length.sum()) - loans
    parts = [
        _plain(rng, plain, days, active, popular, partners),
        _circles(rng, length, accounts, days),
        _disbursements(rng, loans, accounts),
    ]
    src, dst, at, amount = (np.concatenate(c) for c in zip(*parts, strict=True))
    cycle = np.full(count, -1, np.int32)
    cycle[plain : count - loans] = np.repeat(np.arange(cycles), length)
    loan = np.full(count, -1, np.int32)
    loan[count - loans :] = np.arange(loans)
    order = np.argsort(at, kind="stable")
    return Instance(
        src.astype(np.int32)[order], dst.astype(np.int32)[order], at[order], amount[order],
        cycle[order], loan[order], openings(accounts),
    )  # fmt: skip


def openings(accounts: int) -> Int:
    """Return what accounts hold at the start: the same whatever the seed of the log."""
    fen = np.random.default_rng(1).lognormal(np.log(3000), 1.5, accounts) * 100
    return fen.astype(np.int64)


def repeated(log: Instance, times: int, accounts: int) -> Nodes:
    """Return the log several times over, each time with fresh loans and shifted accounts.

    Columns are filled part by part: a hundred million transfers leave no room for copies.
    """
    count, loans = len(log.src), int(log.loan.max(initial=-1)) + 1
    src, dst = np.empty((2, times * count), np.int32)
    for k in range(times):
        part = slice(k * count, (k + 1) * count)
        shift = k * (accounts // 4 + 7)
        for column, ends in ((src, log.src), (dst, log.dst)):
            column[part] = (ends.astype(np.int64) * 4 + shift) % accounts
        lent = np.flatnonzero(log.loan >= 0)
        src[k * count + lent] = accounts + k * loans + log.loan[lent]
    return _with_sources(src, dst, np.tile(log.amount, times), openings(accounts), times * loans)


def nodes(log: Instance) -> Nodes:
    """Return the log with the sources of loans as payers of what is disbursed."""
    accounts, loans = len(log.opening), int(log.loan.max(initial=-1)) + 1
    src = np.where(log.loan >= 0, accounts + log.loan, log.src).astype(np.int32)
    return _with_sources(src, log.dst, log.amount, log.opening, loans)


def _with_sources(src: Int32, dst: Int32, amount: Int, opening: Int, loans: int) -> Nodes:
    """Let the sources of loans hold what they pay out."""
    accounts = len(opening)
    lent = np.flatnonzero(src >= accounts)
    opening = np.concatenate([opening, np.zeros(loans, np.int64)])
    np.add.at(opening, src[lent], amount[lent])
    origin = np.zeros(accounts + loans, np.int64)
    origin[accounts:] = 1 + np.arange(loans)
    none = np.zeros(0, np.int64)
    return Nodes(src, dst, amount, none, opening, origin, np.zeros_like(opening))


def _weights(rng: np.random.Generator, accounts: int) -> tuple[NDArray[np.float64], ...]:
    """Return running sums of how much accounts pay and how much they are paid."""
    active = np.minimum(rng.pareto(1.3, accounts) + 1, 3000.0)
    popular = np.minimum((rng.pareto(1.2, accounts) + 1) * np.sqrt(active), 6000.0)
    return np.cumsum(active), np.cumsum(popular)


def _drawn(rng: np.random.Generator, running: NDArray[np.float64], count: int) -> Int:
    found = np.searchsorted(running, rng.random(count) * running[-1])
    return np.minimum(found, len(running) - 1)


def _partners(rng: np.random.Generator, accounts: int, popular: NDArray[np.float64]) -> Int:
    """Return six standing counterparties of each: three of its block of 64, three anywhere."""
    block = (np.arange(accounts) // 64 * 64)[:, None]
    near = np.minimum(block + rng.integers(0, 64, (accounts, 3)), accounts - 1)
    return np.concatenate([near, _drawn(rng, popular, accounts * 3).reshape(accounts, 3)], axis=1)


def _plain(
    rng: np.random.Generator, count: int, days: int, active: NDArray[np.float64],
    popular: NDArray[np.float64], partners: Int,
) -> tuple[Int, Int, Int, Int]:  # fmt: skip
    src = _drawn(rng, active, count)
    standing = rng.random(count) < 0.6
    partner = partners[src, rng.integers(0, 6, count)]
    dst = np.where(standing, partner, _drawn(rng, popular, count))
    own = src == dst
    dst[own] = (dst[own] + 1) % len(active)
    day = rng.integers(0, days, count)
    second = np.clip(rng.normal(13.5, 3.2, count) * 3600, 0, SECONDS - 1).astype(np.int64)
    fen = rng.lognormal(np.log(2000.0), 1.6, count) * 100
    return src, dst, day * SECONDS + second, np.maximum(1, fen).astype(np.int64)


def _circles(
    rng: np.random.Generator, length: Int, accounts: int, days: int
) -> tuple[Int, Int, Int, Int]:
    """Return circles of different accounts within a day, each leg shaved by up to 2 %."""
    legs: list[tuple[int, int, int, int]] = []
    for k in length.tolist():
        ring = rng.choice(accounts, k, replace=False).tolist()
        start = int(rng.integers(0, days * SECONDS - 90_000))
        gaps = np.sort(1 + rng.choice(85_999, k, replace=False)).tolist()
        amount = int(rng.integers(5_000_000, 200_000_000))
        for i, shaved in enumerate(rng.random(k).tolist()):
            legs.append((ring[i], ring[(i + 1) % k], start + gaps[i], amount))
            amount = int(amount * (1 - shaved * 0.02))
    src, dst, at, fen = np.array(legs, np.int64).reshape(-1, 4).T
    return src, dst, at, fen


def _disbursements(
    rng: np.random.Generator, loans: int, accounts: int
) -> tuple[Int, Int, Int, Int]:
    src, dst = rng.integers(0, LENDERS, loans), rng.integers(LENDERS, accounts, loans)
    at = rng.integers(0, 10 * SECONDS, loans)
    return src, dst, at, (rng.lognormal(np.log(1e6), 0.8, loans) * 100).astype(np.int64)
