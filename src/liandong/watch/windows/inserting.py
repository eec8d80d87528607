"""Late events: put in their place among the events of their subject, which happen once more."""

from itertools import compress
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.layout import (
    ABSENT,
    AGAIN,
    AT,
    LARGE,
    LATER,
    MASS_MOST,
    TAKEN,
    Events,
    Int,
    Values,
    cut,
    cut_values,
)  # fmt: skip
from liandong.watch.windows.ledger import ORDER, Ledger, like_before
from liandong.watch.windows.pools import Pools, Room, ordinals

Bools = NDArray[np.bool_]
TOGETHER = 1 << 17
"""Events whose texts are compared at once."""


class Amended(NamedTuple):
    """Events told before, by running number, and what the windows say at them now."""

    numbers: Int
    values: Values


class Batch(NamedTuple):
    """Events, what became of each, and what the windows say at each; these two are filled in.

    ``horizon`` is the time before which no event of its subject will come from here on.
    """

    events: Events
    done: Int
    values: Values
    horizon: Int


class _Subject(NamedTuple):
    """A subject with late events: rows of these, and of all that is kept of it, from where on."""

    mine: Int
    rows: Int
    begin: int


def insert(pools: Pools, ledger: Ledger, batch: Batch, room: Room) -> Amended:
    """Take the events of a batch that were left for later, subject by subject.

    Parameters
    ----------
    pools, ledger
        What is known of all events before; the ledger knows those of the batch, too.
    batch
        In order; what became of events is known of those that need no more work.
    room
        As for the rest of the batch.

    Returns
    -------
    Amended
        Those events before whose values are others now.
    """
    later = np.flatnonzero(batch.done == LATER)
    later = later[np.argsort(batch.events.key[later], kind="stable")]
    starts = np.flatnonzero(np.diff(batch.events.key[later], prepend=ABSENT))
    pools.none_left(batch.events.key[later[starts]])
    follows = _follows(pools, ledger, batch.events, later, starts)
    sizes = np.diff(starts, append=len(later))
    after = later[np.repeat(follows, sizes)]
    batch.done[after] = TAKEN
    _write(batch.values, after, pools.append(cut(batch.events, after), room), slice(None))
    found, some, size = [Amended(after[:0], cut_values(batch.values, slice(0)))], [], 0
    for mine in compress(np.split(later, starts[1:]), ~follows):
        some.append(_kept(pools, batch, mine))
        size += len(mine) + len(some[-1].rows)
        if size > TOGETHER:
            found += _insert(pools, ledger, batch, some, room)
            some, size = [], 0
    found += _insert(pools, ledger, batch, some, room)
    numbers = np.concatenate([f.numbers for f in found])
    whole, real = (np.concatenate([f.values[i] for f in found]) for i in range(2))
    return Amended(numbers, Values(whole, real))


def _follows(pools: Pools, ledger: Ledger, events: Events, later: Int, starts: Int) -> Bools:
    """Tell of which subjects all that was left comes after all that is kept.

    Where many events have one time, as where only days are known, that is of nearly all. One whose
    amounts might become too large is not told of.
    """
    first = later[starts]
    keys = events.key[first]
    amounts = np.add.reduceat(np.abs(events.amount[later]).astype(np.float64), starts)
    pairs = np.column_stack([pools.newest(keys, ledger.end), events.ordinal[first]])
    order, alike = _ordered(ledger.of(pairs.ravel()), np.repeat(np.arange(len(keys)), 2))
    is_after: Bools = (order[::2] % 2 == 0) & ~alike[1::2]
    return is_after & (pools.masses(keys) + amounts < MASS_MOST / 2)


def _kept(pools: Pools, batch: Batch, mine: Int) -> _Subject:
    first = mine[0]
    rows = pools.kept(int(batch.events.key[first]), int(batch.horizon[first]))
    return _Subject(mine, rows, int(np.searchsorted(rows[:, AT], batch.events.at[first])))


def _insert(
    pools: Pools, ledger: Ledger, batch: Batch, some: list[_Subject], room: Room
) -> list[Amended]:
    """Take what was left of some subjects: their texts are compared at once."""
    if not some:
        return []
    told = [ordinals(s.rows[s.begin :], ledger.end) for s in some]
    numbers = [np.concatenate([t, batch.events.ordinal[s.mine]])
               for t, s in zip(told, some, strict=True)]  # fmt: skip
    order, alike = _places(ledger.of(np.concatenate(numbers)), [len(n) for n in numbers])
    return [
        _merged(pools, batch, s, t, o, a, room)
        for s, t, o, a in zip(some, told, order, alike, strict=True)
    ]


def _merged(
    pools: Pools,
    batch: Batch,
    subject: _Subject,
    numbers: Int,
    order: Int,
    alike: Bools,
    room: Room,
) -> Amended:
    """Let the events of a subject happen again with those that were left."""
    events, (mine, rows, begin) = batch.events, subject
    key, told = int(events.key[mine[0]]), rows[begin:]
    # Of events of one place, those told come first.
    batch.done[mine[order[alike] - len(told)]] = AGAIN
    order = _not_too_large(pools, batch, mine, order[~alike], len(told))
    is_new = order >= len(told)
    new = mine[order[is_new] - len(told)]
    late = cut(events, new)
    batch.done[new] = TAKEN
    if is_new[len(told) :].all():
        _write(batch.values, new, pools.append(late, room), slice(None))
        return Amended(numbers[:0], cut_values(batch.values, slice(0)))
    before = pools.again(key, rows)
    merged = np.empty((len(order), rows.shape[1]), np.int64)
    merged[~is_new], merged[is_new] = told, pools.rows(late, room)
    now = pools.again(key, np.concatenate([rows[:begin], merged]))
    _write(batch.values, new, now, begin + np.flatnonzero(is_new))
    was = cut_values(before, slice(begin, None))
    others = cut_values(now, begin + np.flatnonzero(~is_new))
    changed = _differ(was, others)
    return Amended(numbers[changed], cut_values(others, changed))


def _places(events: pa.Table, sizes: list[int]) -> tuple[list[Int], list[Bools]]:
    """Return of each group of events its order, and which, in order, have the place of the last."""
    first = np.cumsum([0, *sizes[:-1]])
    order, alike = _ordered(events, np.repeat(np.arange(len(sizes)), sizes))
    alike[first] = False
    cuts = first[1:]
    return np.split(order - np.repeat(first, sizes), cuts), np.split(alike, cuts)


def _ordered(events: pa.Table, group: Int) -> tuple[Int, Bools]:
    """Return the order of events by group and place; and which have the place of the one before."""
    keys = [(n, "ascending") for n in ("group", *ORDER)]
    order = pc.sort_indices(events.append_column("group", pa.array(group)), sort_keys=keys)
    return order.to_numpy().astype(np.int64), like_before(events.take(order))


def _not_too_large(pools: Pools, batch: Batch, mine: Int, order: Int, told: int) -> Int:
    """Leave out new events with which the amounts of their subject would become too large."""
    mass = int(pools.masses(batch.events.key[mine[:1]])[0])
    fits = np.ones(len(order), np.bool_)
    for i in np.flatnonzero(order >= told):
        row = mine[order[i] - told]
        size = abs(int(batch.events.amount[row]))
        if mass + size >= MASS_MOST:
            batch.done[row], fits[i] = LARGE, False
        else:
            mass += size
    return order[fits]


def _write(values: Values, rows: Int, found: Values, at: Int | slice) -> None:
    for into, out in zip(values, found, strict=True):
        into[rows] = out[at]


def _differ(left: Values, right: Values) -> Bools:
    """Tell in which rows values are not the same bits."""
    whole = (left.whole != right.whole).any(axis=1)
    differs: Bools = whole | (left.real.view(np.int64) != right.real.view(np.int64)).any(axis=1)
    return differs
