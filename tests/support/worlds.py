"""Small worlds that several test modules look at, and how to look at them."""

import json
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.world import make

Tables = dict[str, pa.Table]


@cache
def small_world() -> Tables:
    """Return 300 firms over 18 months."""
    return make(firms=300, months=18, seed=3)


@cache
def medium_world() -> Tables:
    """Return 3,000 firms over 36 months from January 2023: enough for rates and shares."""
    return make(firms=3_000, months=36, seed=11)


def only(data: pa.Table, column: str, *values: str) -> pa.Table:
    """Return the rows whose ``column`` is one of ``values``."""
    return data.filter(pc.is_in(data[column], pa.array(values)))


def columns(data: pa.Table, *names: str) -> list[np.ndarray]:
    """Return some columns as arrays."""
    return [data[n].to_numpy() for n in names]


def mapping(data: pa.Table, key: str, value: str) -> dict[Any, Any]:
    """Return ``value`` by ``key``."""
    return dict(zip(data[key].to_pylist(), data[value].to_pylist(), strict=True))


def truths(tables: Tables, kind: str) -> list[dict[str, Any]]:
    """Return the planted rows of a kind with their details read."""
    rows = only(tables["truth"], "kind", kind).to_pylist()
    return [{**r, "detail": json.loads(r["detail"])} for r in rows]


def sales(tables: Tables) -> dict[str, int]:
    """Return net sales by seller over the whole world, fen."""
    good = only(tables["invoice"], "status", "valid", "red")
    return mapping(good.group_by("seller").aggregate([("net", "sum")]), "seller", "net_sum")


def monthly_sales(tables: Tables, firms: list[str], months: int) -> np.ndarray:
    """Return net sales by firm and month since January 2023, fen."""
    good = only(tables["invoice"], "status", "valid", "red")
    row = pc.fill_null(pc.index_in(good["seller"], pa.array(firms)), -1).to_numpy()
    month = months_of(good["date"])
    own = row >= 0
    cell = row[own].astype(np.int64) * months + month[own]
    return np.bincount(cell, good["net"].to_numpy()[own], len(firms) * months).reshape(-1, months)


def months_of(days: pa.ChunkedArray) -> np.ndarray:
    """Return months since January 2023."""
    start = np.datetime64("2023-01")
    return (days.to_numpy().astype("datetime64[M]") - start).astype(np.int64)
