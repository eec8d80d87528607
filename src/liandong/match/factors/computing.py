"""From tables of hubs, hours and jobs to the problem of dispatch, and its faults."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.dispatch import Hubs, Jobs
from liandong.match.factors.network import great_circles
from liandong.match.factors.rules import DispatchRule
from liandong.step import Tables
from liandong.texts import both
from liandong.types import stable_id

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

HOUR = 3_600_000_000
"""Microseconds."""
MINUTES = 60
FINE = 10_000
"""Millionths of a yuan in a fen."""
PART = MINUTES * FINE
"""What a fen is in sixtieths of a millionth of a yuan, the unit of costs."""
ANYWHERE = 2**31 - 1
MOST_HOURS = 24 * 366


@dataclass(frozen=True)
class Demand:
    """Hubs, hours and jobs by number.

    Attributes
    ----------
    hub, job
        Rows of the tables: hubs by id, jobs in the order in which equals are served.
    home
        Number of the home hub of each job.
    begin
        First hour, microseconds since 1970.
    jobs, hubs
        The problem.
    energy, carbon
        Shape (hubs, hours): what an hour costs, and emits in grams of CO2.
    emitted
        Cost of what is emitted: millionths of a yuan, as ``energy`` is.
    """

    hub: pa.Table
    job: pa.Table
    home: Int
    begin: int
    jobs: Jobs
    hubs: Hubs
    energy: Int
    carbon: Int
    emitted: Int


def demand(tables: Tables, rule: DispatchRule) -> Demand:
    """Return the problem of the tables.

    Raises
    ------
    DataError
        If a hub is unknown or an hour does not begin on the hour: the message names it.
    """
    hub = tables["hub"].sort_by("hub_id").combine_chunks()
    begin, at, hours = _hours(tables["hub_hour"])
    row = _number(tables["hub_hour"]["hub_id"], hub["hub_id"], "hub_hour")
    shape = (len(hub), hours)
    gpus, price, grams = (np.zeros(shape, np.int64) for _ in range(3))
    for name, out in (("gpus", gpus), ("price", price), ("carbon", grams)):
        out[row, at] = tables["hub_hour"][name].to_numpy()
    # A hub's GPU draws so many watts, its part of cooling included.
    watts = np.rint(rule.watts * hub["pue"].to_numpy()).astype(np.int64)[:, None]
    energy = (watts * price + 50) // 100
    emitted = (watts * grams * int(rule.carbon_price) + 50_000) // 100_000
    job = _ordered(tables["job"], rule.salt)
    home = _number(job["home"], hub["hub_id"], "job")
    return Demand(
        hub, job, home, begin, _jobs(job, home, hub, begin, hours),
        Hubs(gpus * MINUTES, energy + emitted), energy, watts * grams // 1000, emitted,
    )  # fmt: skip


def _ordered(job: pa.Table, salt: str) -> pa.Table:
    """Return jobs by the hash of their id: nobody can choose his place among equals."""
    ids = job["job_id"].to_pylist()
    keys = [stable_id(salt, i) for i in ids]
    return job.take(pa.array(sorted(range(len(ids)), key=keys.__getitem__), pa.int64()))


def _number(column: pa.ChunkedArray, ids: pa.ChunkedArray, file: str) -> Int:
    """Return the number of each hub named."""
    found = pc.index_in(column, value_set=ids.combine_chunks())
    if found.null_count:
        name = column.filter(pc.is_null(found))[0].as_py()
        what = both("fault.unknown_hub", hub=name)
        raise DataError(file=file, what=what, remedy=both("advice.load_hubs"))
    return np.asarray(found.to_numpy(), np.int64)


def _hours(hub_hour: pa.Table) -> tuple[int, Int, int]:
    """Return the first hour, the number of each row's hour, and how many there are."""
    at = hub_hour["at"].cast(pa.int64()).to_numpy()
    if (at % HOUR).any():
        first = hub_hour["at"][int(np.argmax(at % HOUR != 0))].as_py()
        what = both("fault.not_on_the_hour", at=first)
        raise DataError(file="hub_hour", what=what, remedy=both("advice.whole_hours"))
    begin = int(at.min())
    hours = int((at.max() - begin) // HOUR) + 1
    if hours > MOST_HOURS:
        what = both("fault.too_many_hours", hours=hours, most=MOST_HOURS)
        raise DataError(file="hub_hour", what=what, remedy=both("advice.fewer_hours"))
    return begin, (at - begin) // HOUR, hours


def _jobs(job: pa.Table, home: Int, hub: pa.Table, begin: int, hours: int) -> Jobs:
    arrived, deadline = (job[c].cast(pa.int64()).to_numpy() for c in ("arrived", "deadline"))
    first = np.clip(-(-(arrived - begin) // HOUR), 0, hours)
    last = np.clip((deadline - begin) // HOUR, first, hours)
    volume, gpus = job["volume"].to_numpy(), job["gpus"].to_numpy()
    fee = job["data"].to_numpy()[:, None] * hub["transfer_fee"].to_numpy()
    away = home[:, None] != np.arange(len(hub))
    return Jobs(
        first, last, volume, gpus * MINUTES, _within_reach(job, home, hub),
        fee * away * PART, job["penalty"].to_numpy() * FINE,
    )  # fmt: skip


def _within_reach(job: pa.Table, home: Int, hub: pa.Table) -> Bool:
    """Tell at which hubs each job may run: at home, and as far away as it says."""
    reach = pc.fill_null(job["reach"], ANYWHERE).to_numpy()
    same = home[:, None] == np.arange(len(hub))
    if ((reach > 0) & (reach < ANYWHERE)).any():
        far = great_circles(hub, np.arange(len(hub)), "hub_id")
        return np.asarray(same | (far[home] <= reach[:, None]))
    return np.asarray(same | (reach == ANYWHERE)[:, None])
