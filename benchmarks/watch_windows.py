"""Sliding windows: the eight of the reference, against DuckDB and Polars; one event with rules."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from liandong.kernels.streams.layout import KNOWN_BIT as KNOWN
from liandong.kernels.streams.layout import TAKEN, Events, Values
from liandong.watch import Event, EventJudge, Judgement, WindowsRule, WindowStream
from liandong.watch.language import Column, RowJudge, program
from liandong.watch.windows.plan import chosen
from liandong.watch.windows.pools import Pools, Room, cut, cut_values
from measure import figures

ACCOUNTS, DAYS = 100_000, 90
START = 1_700_000_000_000
BATCHES = {"batch_10k": 10_000, "batch_1k": 1_000, "batch_100": 100}
HOUR = 3_600_000
WHOLE = ("cnt_1h", "cnt_24h", "sum_24h", "max_7d", "distinct_30d")
REAL = ("mean_30d", "std_30d", "velocity")
RULES = 50
SCHEMA = {n: Column("int") for n in WHOLE} | {n: Column("decimal") for n in REAL}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Log(NamedTuple):
    """Accounts, milliseconds, fen and counterparties; no two events at one time."""

    account: np.ndarray
    at: np.ndarray
    amount: np.ndarray
    other: np.ndarray


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    log = events(200_000 if quick else 1_000_000)
    values, found = _compiled(log)
    speed = float(str(found["events_per_cpu_s"]))
    found |= _table(log)
    for peer in (_duckdb, _polars):
        found |= peer(log, values, speed)
    one = _one_event(log, 20_000 if quick else 100_000)
    return figures("features", found) | figures("one_event", one)


def events(n: int, seed: int = 7) -> Log:
    """Return a skewed log: a few accounts are busy, most have some usual counterparties."""
    rng = np.random.default_rng(seed)
    weight = np.arange(1, ACCOUNTS + 1) ** -0.8
    account = rng.permutation(ACCOUNTS)[rng.choice(ACCOUNTS, n, p=weight / weight.sum())]
    at = np.sort(rng.choice(DAYS * 24 * HOUR, n, replace=False)) + START
    amount = np.clip(np.exp(rng.normal(9.5, 1.6, n)), 100, 10_000_000).astype(np.int64)
    usual = (account * 1_000_003 + rng.integers(0, 30, n) * 7_919) % ACCOUNTS
    other = np.where(rng.random(n) < 0.9, usual, rng.integers(0, ACCOUNTS, n))
    return Log(account, at, amount, other)


def _compiled(log: Log) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """Fold numbered accounts in one call and in batches, from an empty state each time."""
    n = len(log.at)
    mask = np.full(n, 1 << KNOWN | 1)
    every = Events(log.account, log.at * 1_000, log.amount, log.other, mask, np.arange(n))
    _fold(cut(every, slice(1_000)), 1_000)
    runs = {"whole": n, **BATCHES}
    told = {name: [_fold(every, size) for _ in range(3)] for name, size in runs.items()}
    first = told["whole"][0][1]
    same = all(_same(first, v) for results in told.values() for _, v in results)
    speed = {name: n / sorted(s for s, _ in results)[1] for name, results in told.items()}
    found: dict[str, object] = {"rows": n, "events_per_cpu_s": speed.pop("whole")}
    found |= {f"events_per_cpu_s_{name}": v for name, v in speed.items()}
    found["equal_batches"] = same
    plan = chosen(WindowsRule()).plan
    found |= {"account_bytes": 8 * plan.key_wide, "event_bytes": 8 * plan.log_wide}
    found["counter_bytes"] = 8 * plan.counter_wide
    values = dict(zip((*WHOLE, *REAL), (*first.whole.T, *first.real.T), strict=True))
    return values, found


def _same(left: Values, right: Values) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(left, right, strict=True))


def _fold(every: Events, size: int) -> tuple[float, Values]:
    n = len(every.key)
    pools = Pools(chosen(WindowsRule(late="0s")))
    values = pools.values(n)
    for table in values:
        table[:] = 0  # the caller's memory, not the stream's
    start = time.process_time()
    for a in range(0, n, size):
        rows = slice(a, a + size)
        room = Room(ACCOUNTS, int(every.at[a]), 0)
        done = pools.take(cut(every, rows), a, room, cut_values(values, rows))
        assert (done == TAKEN).all()
    return time.process_time() - start, values


def _table(log: Log) -> dict[str, object]:
    """Fold the same as tables with names, as a user has them."""
    n = len(log.at)
    at = pa.array(log.at * 1_000).cast(pa.timestamp("us", "UTC"))
    numbers = pa.array(np.arange(n)).cast(pa.string())
    table = pa.table({
        "event_id": numbers, "source": pa.array(["bank"]).take(np.zeros(n, int)),
        "seq": np.arange(n), "at": at, "seen_at": at,
        "kind": pa.array(["payment_out"]).take(np.zeros(n, int)),
        "subject_id": pa.array(log.account).cast(pa.string()),
        "other_id": pa.array(log.other).cast(pa.string()), "amount": log.amount,
    })  # fmt: skip
    WindowStream(late="1d").take(table.slice(0, 1_000))  # what has to be compiled is
    stream, start = WindowStream(late="1d"), time.process_time()
    for a in range(0, n, 100_000):
        stream.take(table.slice(a, 100_000))
    taken = time.process_time() - start
    start = time.process_time()
    saved = stream.save()
    saving, start = time.process_time() - start, time.process_time()
    WindowStream.load(saved)
    return {
        "table_events_per_cpu_s": n / taken, "save_cpu_s": saving,
        "load_cpu_s": time.process_time() - start, "saved_mb": len(saved) / 1e6,
    }  # fmt: skip


def _one_event(log: Log, rows: int) -> dict[str, object]:
    """Show a stream and 50 rules one event at a time, as a service would."""
    made = program(_rules(), SCHEMA)
    judge = EventJudge(WindowStream(late="1d"), made)
    stream, row = WindowStream(late="1d"), RowJudge(made)

    def together(one: Event) -> np.ndarray | None:
        return judge(one).verdicts

    def apart(one: Event) -> np.ndarray | None:
        """See and judge in two calls, with what windows say as a dict between them."""
        values = stream.see(one).values or {}
        return row({n: v if isinstance(v, int) else _millionths(v) for n, v in values.items()})

    found: dict[str, object] = {"rules": RULES, "rows": rows}
    hits = []
    for kind, show in (("", together), ("see_", apart)):
        took, worked, said = _shown(log, rows, show)
        hits.append(said)
        tried = {kind: took[1_000:] / 1e3, f"{kind}cpu_": worked[1_000:] / 1e3}
        found |= {
            f"{name}p{p}_us": float(np.percentile(us, p))
            for name, us in tried.items()
            for p in (50, 99, 99.9)
        }
    return {**found, "hits": hits[0], "equal": hits[0] == hits[1]}


def _shown(
    log: Log, rows: int, show: Callable[[Event], np.ndarray | None]
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return how long each event took, by the clock and of the processor, and rules that held."""
    took, worked, hits = np.empty(rows), np.empty(rows), 0
    accounts, others = ([f"A{a}" for a in c[:rows].tolist()] for c in (log.account, log.other))
    times = [EPOCH + timedelta(milliseconds=t) for t in log.at[:rows].tolist()]
    amounts = log.amount[:rows].tolist()
    for k in range(rows):
        one = Event(f"e{k}", "bank", k, times[k], "payment_out", accounts[k], others[k], amounts[k])
        cpu, start = time.thread_time_ns(), time.perf_counter_ns()
        verdicts = show(one)
        took[k] = time.perf_counter_ns() - start
        worked[k] = time.thread_time_ns() - cpu
        hits += int(np.sum(verdicts == 1))
    return took, worked, hits


def _millionths(value: float | None) -> int | None:
    return None if value is None else round(value * 1e6)


def _rules() -> list[Judgement]:
    """Return rules, half of one comparison and half of two or three, which some events meet."""
    rng = np.random.default_rng(5)
    usual = dict(zip((*WHOLE, *REAL), (2, 4, 300_000, 300_000, 9, 90_000, 90_000, 9), strict=True))

    def condition() -> str:
        name = str(rng.choice(list(usual)))
        return f"{name} > {int(usual[name] * rng.uniform(0.5, 2))}"

    many = [1 if i < RULES // 2 else int(rng.integers(2, 4)) for i in range(RULES)]
    texts = [" && ".join(condition() for _ in range(n)) for n in many]
    return [Judgement(code=f"R{i:02}", when=t, level="red") for i, t in enumerate(texts)]


def _duckdb(log: Log, values: dict[str, np.ndarray], speed: float) -> dict[str, object]:
    """Say the same in SQL, on one thread; DuckDB sorts and is not made for streams."""
    table = pa.table(
        {"account": log.account, "t": log.at, "amount": log.amount, "other": log.other}
    )
    frame = "OVER (PARTITION BY account ORDER BY t RANGE BETWEEN {} PRECEDING AND CURRENT ROW)"
    hour, day, week, month = (frame.format(h * HOUR - 1) for h in (1, 24, 168, 720))
    with duckdb.connect(config={"threads": 1}) as db:
        db.register("event", table)
        start = time.process_time()
        rows = db.execute(
            f"SELECT t, count(*) {hour} AS cnt_1h, count(*) {day} AS cnt_24h,"
            f" sum(amount) {day} AS sum_24h, max(amount) {week} AS max_7d,"
            f" count(DISTINCT other) {month} AS distinct_30d, avg(amount) {month} AS mean_30d,"
            f" stddev_samp(amount) {month} AS std_30d,"
            f" sum(amount) {day} / (sum(amount) {month} / 30.0) AS velocity FROM event"
        ).to_arrow_table()
        seconds = time.process_time() - start
    rows = rows.sort_by("t")
    whole = all((rows[n].cast(pa.int64()).to_numpy() == values[n]).all() for n in WHOLE)
    return {
        "duckdb_events_per_cpu_s": len(log.at) / seconds,
        "ratio_vs_duckdb": speed * seconds / len(log.at),
        "equal_duckdb": whole,
        **{f"differs_duckdb_{n}": f"{_off(rows[n].to_numpy(), values[n]):.1e}" for n in REAL},
    }


def _off(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Return the largest relative difference; none of both is equal."""
    theirs = theirs.astype(float)
    both = ~np.isnan(ours)
    assert (np.isnan(theirs) == ~both).all()
    return float(np.max(np.abs(theirs[both] - ours[both]) / np.maximum(np.abs(ours[both]), 1e-300)))


def _polars(log: Log, values: dict[str, np.ndarray], speed: float) -> dict[str, object]:
    """Say the same by rolling group-bys; it sorts, too, and is not made for streams."""
    if find_spec("polars") is None:
        return {"polars": "missing"}
    import polars as pl

    frame = pl.DataFrame({
        "account": log.account, "t": log.at, "amount": log.amount, "other": log.other,
        "row": np.arange(len(log.at)),
    }).with_columns(pl.col("t").cast(pl.Datetime("ms")))  # fmt: skip
    amount = pl.col("amount")
    start = time.process_time()
    rows = (
        frame.rolling("t", period="30d", group_by="account")
        .agg(
            pl.col("row").last(), amount.mean().alias("mean_30d"), amount.std().alias("std_30d"),
            pl.col("other").n_unique().alias("distinct_30d"), amount.sum().alias("sum_30d"),
        )
        .sort("row")
    )  # fmt: skip
    parts = {"1h": [pl.len().alias("cnt_1h")], "7d": [amount.max().alias("max_7d")]}
    parts["24h"] = [pl.len().alias("cnt_24h"), amount.sum().alias("sum_24h")]
    for period, told in parts.items():
        more = frame.rolling("t", period=period, group_by="account").agg(
            pl.col("row").last(), *told
        )
        rows = rows.with_columns(more.sort("row").drop("account", "t", "row"))
    rows = rows.with_columns((pl.col("sum_24h") / (pl.col("sum_30d") / 30.0)).alias("velocity"))
    seconds = time.process_time() - start
    return {
        "polars_events_per_cpu_s": len(log.at) / seconds,
        "ratio_vs_polars": speed * seconds / len(log.at),
        "equal_polars": all((rows[n].to_numpy() == values[n]).all() for n in WHOLE),
        "differs_polars_std_30d": f"{_off(rows['std_30d'].to_numpy(), values['std_30d']):.1e}",
    }
