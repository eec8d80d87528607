"""Computing power: a year of real jobs sent to eight hubs, against first come first served.

Jobs are those of the PAI trace of GAIA: arrival, length and width are real, three times two days
on top of each other; those wider than 16 cards do not fit the hubs of this size and are left
out. Carbon is that of the provinces in 2023. What no trace tells is drawn: home hubs, data, whether
a job may wait (70 %), and prices by the hour (the east twice as dear, the west cheap at noon).
Settings were chosen on stretches 10 and 11; those judged here are others.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liandong.match import DispatchRule, dispatch
from liandong.match.factors.computing import Demand, demand
from liandong.schema.arrow import build
from liandong.testing.data import data_folder
from measure import figures

HOURS, DAYS, STACK, WIDEST = 72, 2, 3, 16
BEGIN = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
MINUTE = 60_000_000
HUBS = (
    ("HE", "130000", 620, 1.35, 114.9, 40.8), ("SH", "310000", 600, 1.33, 121.2, 31.1),
    ("GD", "440000", 580, 1.30, 113.6, 24.8), ("SC", "510000", 520, 1.28, 104.1, 30.7),
    ("NM", "150000", 380, 1.15, 112.5, 41.0), ("GZ", "520000", 350, 1.16, 106.5, 26.4),
    ("GS", "620000", 330, 1.14, 107.6, 35.7), ("NX", "640000", 340, 1.18, 105.2, 37.5),
)  # fmt: skip
SHARE = (0.24, 0.22, 0.18, 0.14, 0.07, 0.05, 0.05, 0.05)


def _moments(minutes: np.ndarray) -> pa.Array:
    return pa.array(BEGIN + minutes.astype(np.int64) * MINUTE).cast(pa.timestamp("us", "UTC"))


def trace(folder: Path, stretch: int) -> np.ndarray:
    """Return arrival and length in hours, and width, of the jobs of a stretch."""
    read = pq.read_table(folder / "pai-100k.parquet")
    jobs = np.stack([read[c].to_numpy() for c in ("arrival_time", "length", "cpus")], axis=1)
    parts = []
    for k in range(STACK):
        begin = (stretch * STACK + k) * 24.0 * DAYS
        here = (jobs[:, 0] >= begin) & (jobs[:, 0] < begin + 24 * DAYS) & (jobs[:, 2] <= WIDEST)
        parts.append(jobs[here] - [begin, 0, 0])
    return np.concatenate(parts)


def tables(jobs: np.ndarray, carbon: dict[str, int], load: float, seed: int) -> list[pa.Table]:
    """Return hubs, hours and jobs."""
    random = np.random.default_rng(seed)
    count, hubs, hour = len(jobs), len(HUBS), np.arange(HOURS)
    calm = random.random(count) < 0.7
    width = jobs[:, 2].astype(np.int64)
    volume = np.maximum(np.rint(np.minimum(jobs[:, 1], 20) * width * 60), 1).astype(np.int64)
    arrived = np.floor(jobs[:, 0] * 60)
    spare = np.where(calm, random.integers(6, 30, count), 2)
    deadline = np.minimum(arrived + 60 * (np.ceil(volume / (60 * width)) + spare), HOURS * 60)
    wave = 1 + 0.35 * np.sin((hour - 9) / 24 * 2 * np.pi)
    noon = 1 - 0.3 * np.clip(np.sin((hour % 24 - 7) / 12 * np.pi), 0, None)
    price = [p * wave * (noon if p < 400 else 1) for _, _, p, *_ in HUBS]
    price = np.array(price) * random.uniform(0.92, 1.08, (hubs, HOURS))
    gpus = int(np.ceil(volume.sum() / 60 / load / (24 * DAYS) / hubs))
    ids = [h[0] for h in HUBS]
    hub = build("hub", {
        "hub_id": ids, "region_id": [h[1] for h in HUBS], "pue": [h[3] for h in HUBS],
        "lon": [h[4] for h in HUBS], "lat": [h[5] for h in HUBS], "transfer_fee": [5] * hubs,
    })  # fmt: skip
    hub_hour = build("hub_hour", {
        "hub_id": np.repeat(ids, HOURS), "at": _moments(np.tile(hour, hubs) * 60),
        "gpus": np.full(hubs * HOURS, gpus), "price": np.rint(price.ravel() * 100).astype(np.int64),
        "carbon": np.repeat([carbon[i] for i in ids], HOURS),
    })  # fmt: skip
    job = build("job", {
        "job_id": [f"J{i:05d}" for i in range(count)],
        "home": [ids[h] for h in random.choice(hubs, count, p=SHARE)],
        "arrived": _moments(arrived), "deadline": _moments(np.maximum(deadline, arrived)),
        "volume": volume, "gpus": width,
        "reach": pa.array(np.where(calm, 0, 1_500_000), mask=calm),
        "data": np.rint(volume / 60 * random.uniform(0.1, 1, count)).astype(np.int64),
        "penalty": np.full(count, 800),
    })  # fmt: skip
    return [hub, hub_hour, job]


def relaxed(wanted: Demand) -> float:
    """Return the cost, in fen, of the linear relaxation that knows all jobs and may split them."""
    import highspy
    from highspy._core import _Highs

    jobs, hubs = wanted.jobs, wanted.hubs
    count, hours = len(jobs.volume), hubs.unit.shape[1]
    window = (jobs.first[:, None] <= np.arange(hours)) & (np.arange(hours) < jobs.last[:, None])
    j, h, t = np.nonzero(jobs.may[:, :, None] & window[:, None, :])
    cost = (hubs.unit[h, t] + jobs.transfer[j, h] / jobs.volume[j]) / 1e6
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(j) + count, count + hubs.unit.size
    lp.col_cost_ = np.concatenate([cost, jobs.penalty / 1e6])
    lp.col_lower_ = np.zeros(lp.num_col_)
    lp.col_upper_ = np.concatenate([jobs.width[j], jobs.volume]) / 60
    lp.row_lower_ = np.concatenate([jobs.volume / 60, np.full(hubs.unit.size, -highspy.kHighsInf)])
    lp.row_upper_ = np.concatenate([jobs.volume / 60, hubs.capacity.ravel() / 60])
    index = np.concatenate([np.stack([j, count + h * hours + t], axis=1).ravel(), np.arange(count)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.append(np.arange(len(j) + 1) * 2, 2 * len(j) + 1 + np.arange(count))
    lp.a_matrix_.index_, lp.a_matrix_.value_ = index, np.ones(len(index))
    highs = _Highs()
    for name, setting in {"output_flag": False, "threads": 1}.items():
        highs.setOptionValue(name, setting)
    highs.passModel(lp)
    highs.run()
    return float(highs.getInfo().objective_function_value) * 100


def bench(*, quick: bool) -> dict[str, object]:
    folder, grid = data_folder("gaia_job_traces"), data_folder("carbon_intensity")
    if folder is None or grid is None:
        return {"dispatch.over_lp_percent": "data missing"}
    told = json.loads((grid / "china_provincial_emissions_2023.json").read_text())["data"]
    carbon = {h[0]: round(told[f"CN-{h[0]}"]["emission_factor"]) for h in HUBS}
    rows = []
    for stretch in (20,) if quick else (20, 24, 28, 32, 36, 40):
        given = tables(trace(folder, stretch), carbon, 0.55, stretch)
        start = time.process_time()
        out = dispatch(*given)["dispatch_summary"].to_pylist()
        spent = time.process_time() - start
        total = next(r for r in out if r["region_id"] == "*")
        least = relaxed(demand(dict(zip(("hub", "hub_hour", "job"), given, strict=True)),
                               DispatchRule()))  # fmt: skip
        over = {f"over_lp_{n}": 100 * (total[c] / least - 1)
                for n, c in (("percent", "cost"), ("cheapest_fcfs_percent", "cheapest_cost"),
                             ("home_fcfs_percent", "home_cost"),
                             ("bound_percent", "bound"))}  # fmt: skip
        unserved = 100 * total["unserved"] / total["volume"]
        gap = 100 * total["gap"]
        rows.append({**over, "unserved_percent": unserved, "certified_gap_percent": gap,
                     "cpu_seconds": spent, "jobs": total["jobs"]})  # fmt: skip
    found: dict[str, object] = {"load": 0.55, "stretches": len(rows)}
    for name in rows[0]:
        values = [r[name] for r in rows]
        found |= {name: float(np.mean(values)), f"{name}_worst": float(max(values))}
    return figures("dispatch", found)
