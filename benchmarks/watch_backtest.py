"""Backtest: ten million events through fifty rules from Parquet, and a hundred thresholds."""

import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.dataset import ParquetFileFormat, ParquetFragmentScanOptions, dataset

from liandong.schema.arrow import build, empty
from liandong.watch import BacktestRule, Judgement, RuleSet, Sweep
from liandong.watch.backtest.step import points
from measure import figures
from watch_windows import ACCOUNTS, DAYS, START, events

RULES, THRESHOLDS = 50, 100
DEFAULTED = 3_000
FORMAT = ParquetFileFormat(
    dictionary_columns={"subject_id", "other_id"},
    default_fragment_scan_options=ParquetFragmentScanOptions(pre_buffer=False),
)
"""Names as Parquet keeps them: numbers into a list. A disk need not be asked long before."""
DAY_MS = 86_400_000
COUNTS = ("cnt_1h", "cnt_24h", "distinct_30d")
TERMS = {"horizon": 30, "least": 3, "cool": "7d", "late": "1d"}


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    n = 1_000_000 if quick else 10_000_000
    _warm()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "watch_event.parquet"
        pq.write_table(payments(n), path)
        rules, outcome = _fifty(), defaults()
        seconds, told = _from(path, outcome, BacktestRule(sets=rules, **TERMS))
        steps = Sweep.over("velocity", "cnt_24h > 2 && velocity > {x}", "1", "25", THRESHOLDS)
        sweep_seconds, swept = _from(path, outcome, BacktestRule(sweeps=(steps,), **TERMS))
    return figures("backtest", {
        "rows": n, "rules": sum(len(s.rules) for s in rules), "thresholds": len(swept),
        "alerts": told["alerts"][0].as_py(),
        f"seconds_{n // 1_000_000}m_50rules": seconds[0],
        f"wall_seconds_{n // 1_000_000}m_50rules": seconds[1],
        "sweep_100_seconds": sweep_seconds[0], "sweep_100_wall_seconds": sweep_seconds[1],
        "sweep_most_alerts": swept["alerts"][0].as_py(),
        "sweep_least_alerts": swept["alerts"][len(swept) - 1].as_py(),
    })  # fmt: skip


def _from(
    path: Path, outcome: pa.Table, rule: BacktestRule
) -> tuple[tuple[float, float], pa.Table]:
    """Read a log and try rules on it; return CPU and wall seconds with what was found."""
    wall, start = time.perf_counter(), time.process_time()
    found = points(dataset(path, format=FORMAT), outcome, empty("warning"), rule)
    return (time.process_time() - start, time.perf_counter() - wall), found


def payments(n: int) -> pa.Table:
    """Return payments of a year in the shape of the table, no two at one time."""
    log, same = events(min(n, DAYS * DAY_MS // 2)), np.zeros(n, np.int64)
    at = pa.array(START * 1_000 + (log.at - START) * 4_000).cast(pa.timestamp("us", "UTC"))
    return build("watch_event", {
        "event_id": pa.array(np.arange(n)).cast(pa.string()),
        "source": pa.array(["bank"]).take(pa.array(same)), "seq": np.arange(n), "at": at,
        "seen_at": at, "kind": pa.array(["payment_out"]).take(pa.array(same)),
        "subject_id": pa.array(log.account).cast(pa.string()),
        "other_id": pa.array(log.other).cast(pa.string()), "amount": log.amount,
    })  # fmt: skip


def _fifty() -> tuple[RuleSet, ...]:
    """Return rules of one to three comparisons over all windows, as a single set."""
    rng, rules = np.random.default_rng(5), []
    for k in range(RULES):
        parts = [
            f"cnt_24h > {rng.integers(15, 40)}", f"sum_24h > {rng.integers(10, 40)}000000",
            f"max_7d > 9{rng.integers(5, 10)}00000 && cnt_24h > 9",
            f"velocity > {rng.integers(15, 29)}.5 && cnt_24h > 4",
            f"{rng.choice(COUNTS)} > {rng.integers(50, 90)}",
            f"mean_30d > {rng.integers(3, 9)}00000 && distinct_30d > 9",
        ]  # fmt: skip
        chosen = rng.permutation(parts)[: 1 + k % 3]
        level = "red" if k % 2 else "orange"
        rules.append(Judgement(code=f"R{k:02}", when=" && ".join(chosen), level=level))
    return (RuleSet(name="fifty", rules=tuple(rules)),)


def defaults() -> pa.Table:
    """Return defaults of accounts at random: they cost what real ones do, and nothing more."""
    rng = np.random.default_rng(3)
    party = rng.choice(ACCOUNTS, DEFAULTED, replace=False)
    day = START // DAY_MS + rng.integers(60, 360, DEFAULTED)
    return build("event", {
        "event_id": pa.array(np.arange(DEFAULTED)).cast(pa.string()),
        "party_id": pa.array(party).cast(pa.string()), "kind": pa.repeat("default", DEFAULTED),
        "at": pa.array(day.astype(np.int32)).cast(pa.date32()),
        "amount": rng.integers(10**6, 10**9, DEFAULTED),
    })  # fmt: skip


def _warm() -> None:
    """Have everything compiled before the clock runs."""
    sweep = Sweep.over("warm", "cnt_24h > {x}", "1", "2", 2)
    rule = BacktestRule(sweeps=(sweep,), sets=_fifty(), **TERMS)
    points(payments(200_000), defaults(), empty("warning"), rule)
