"""From transfers in their order to the wide tables of features."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.tables.features import (
    ACCOUNT_INTS,
    ACCOUNT_REALS,
    INTS,
    REALS,
    WINDOWS,
    Column,
)
from liandong.step import Tables, output

Int = NDArray[np.int64]
Float = NDArray[np.float64]

BATCH = 1 << 14
"""Transfers that are written row by row before they are turned into columns."""


def spans() -> Int:
    """Return the reach of the windows in microseconds."""
    return np.array(WINDOWS, np.int64) * 86_400_000_000


def micros(at: pa.ChunkedArray) -> Int:
    """Return times as microseconds since 1970."""
    found: Int = at.cast(pa.int64()).to_numpy()
    return found


def flow_features(state: Int, ends: tuple[Int, Int], flow: pa.Table) -> tuple[Int, Tables]:
    """Let transfers happen, and return the state after them and the table ``flow_feature``.

    Parameters
    ----------
    state
        Of :mod:`liandong.kernels.graphs.flowstate`.
    ends
        Numbers of payers and payees.
    flow
        ``flow_id``, ``at`` and ``amount`` (not negative) of the transfers, in their order.
    """
    # Compiled code takes a second to load: only those who want features need it.
    from liandong.kernels.graphs.graphstream import Transfers, features

    times, amount = micros(flow["at"]), flow["amount"].to_numpy()
    ints = np.empty((len(INTS), len(flow)), np.int64)
    reals = np.empty((len(REALS), len(flow)))
    for begin in range(0, len(flow), BATCH):
        rows = slice(begin, begin + BATCH)
        part = Transfers(ends[0][rows], ends[1][rows], times[rows], amount[rows])
        state, whole, real = features(state, part)
        ints[:, rows], reals[:, rows] = whole.T, real.T
    columns = {**dict(_named(INTS, ints)), **dict(_named(REALS, reals))}
    return state, output("flow_feature", flow_id=flow["flow_id"], at=flow["at"], **columns)


def account_features(state: Int, ids: pa.Array, at: pa.TimestampScalar | None) -> Tables:
    """Return the table ``account_feature`` of all accounts, numbered in the order of ``ids``."""
    from liandong.kernels.graphs.graphstream import accounts

    numbers = np.arange(len(ids))
    ints, reals = accounts(state, numbers, at.value if at is not None else 0)
    columns = {**dict(_named(ACCOUNT_INTS, ints.T)), **dict(_named(ACCOUNT_REALS, reals.T))}
    times = pa.array([at.as_py()] * len(ids) if at is not None else [], pa.timestamp("us", "UTC"))
    return output("account_feature", account_id=ids, at=times, **columns)


def _named(columns: tuple[Column, ...], values: Int | Float) -> Iterator[tuple[str, pa.Array]]:
    for column, row in zip(columns, values, strict=True):
        yield column.name, pa.array(np.ascontiguousarray(row))
