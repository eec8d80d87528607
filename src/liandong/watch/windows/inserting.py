"""Late events: put in their place among the events of their subject, which happen once more."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams.layout import (
    AGAIN,
    AT,
    LARGE,
    LATER,
    MASS_MOST,
    TAKEN,
    Events,
    Int,
    Values,
)  # fmt: skip
from liandong.watch.windows.ledger import Ledger, by_place, like_before
from liandong.watch.windows.pools import Pools, Room, cut, cut_values, ordinals

Bools = NDArray[np.bool_]


class Amended(NamedTuple):
    """Events told before, by running number, and what the windows say at them now."""

    numbers: Int
    values: Values


class Batch(NamedTuple):
    """Events, what became of each, and what the windows say at each; the last two are filled in."""

    events: Events
    done: Int
    values: Values


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
    cuts = np.flatnonzero(np.diff(batch.events.key[later])) + 1
    found = [_insert(pools, ledger, batch, mine, room) for mine in np.split(later, cuts)]
    numbers = np.concatenate([f.numbers for f in found])
    whole, real = (np.concatenate([f.values[i] for f in found]) for i in range(2))
    return Amended(numbers, Values(whole, real))


def _insert(pools: Pools, ledger: Ledger, batch: Batch, mine: Int, room: Room) -> Amended:
    """Take what was left of one subject."""
    events, key = batch.events, int(batch.events.key[mine[0]])
    rows = pools.kept(key, room.horizon)
    begin = int(np.searchsorted(rows[:, AT], events.at[mine[0]]))
    told = rows[begin:]
    numbers = ordinals(told, ledger.end)
    order, alike = _places(ledger.of(np.concatenate([numbers, events.ordinal[mine]])))
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
    before = pools.again(key, rows, room.horizon)
    merged = np.empty((len(order), rows.shape[1]), np.int64)
    merged[~is_new], merged[is_new] = told, pools.rows(late, room)
    now = pools.again(key, np.concatenate([rows[:begin], merged]), room.horizon)
    _write(batch.values, new, now, begin + np.flatnonzero(is_new))
    was = cut_values(before, slice(begin, None))
    others = cut_values(now, begin + np.flatnonzero(~is_new))
    changed = _differ(was, others)
    return Amended(numbers[changed], cut_values(others, changed))


def _places(events: pa.Table) -> tuple[Int, Bools]:
    """Return the order of events, and which of them, in order, have the place of the last one."""
    order = by_place(events)
    alike = like_before(events.take(order))
    return order.to_numpy().astype(np.int64), alike


def _not_too_large(pools: Pools, batch: Batch, mine: Int, order: Int, told: int) -> Int:
    """Leave out new events with which the amounts of their subject would become too large."""
    mass = pools.mass(int(batch.events.key[mine[0]]))
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
