"""Sliding windows: the eight of the reference, against peers; one event with rules.

Ours and its peers take turns, so that both meet the machine alike: a speed, and a ratio of two, is
that of the best try of each; ``_median`` is that of all tries, or of ours with the peer just after.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from statistics import median
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from liandong.kernels.streams.layout import KNOWN_BIT as KNOWN
from liandong.kernels.streams.layout import TAKEN, Events, Values, cut, cut_values
from liandong.watch import Event, EventJudge, Judgement, WindowsRule, WindowStream
from liandong.watch.language import Column, RowJudge, program
from liandong.watch.windows.plan import chosen
from liandong.watch.windows.pools import Pools, Room
from measure import figures
from watch_deques import bytewax

ACCOUNTS, DAYS = 100_000, 90
START = 1_700_000_000_000
BATCHES = {"batch_10k": 10_000, "batch_1k": 1_000, "batch_100": 100}
HOUR = 3_600_000
WHOLE = ("cnt_1h", "cnt_24h", "sum_24h", "max_7d", "distinct_30d")
REAL = ("mean_30d", "std_30d", "velocity")
RULES = 50
TRIES = 5
TOUCHED = 1 << 30
"""Bytes that are there for whoever comes next."""
SCHEMA = {n: Column("int") for n in WHOLE} | {n: Column("decimal") for n in REAL}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Show = Callable[[Event], np.ndarray | None]
"""Shows an event, and returns the verdict of each rule."""


class Log(NamedTuple):
    """Accounts, milliseconds, fen and counterparties; no two events at one time."""

    account: np.ndarray
    at: np.ndarray
    amount: np.ndarray
    other: np.ndarray


Peer = Callable[[Log], tuple[float, dict[str, np.ndarray]]]
"""Returns CPU seconds, and its values in order of time."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    log = events(100_000 if quick else 1_000_000)
    values, whole, found = _compiled(_numbered(log))
    found |= _table(log) | _sized()
    for name, peer in {"duckdb": _duckdb, "polars": _polars}.items():
        found |= _against(name, peer, 1 if quick else TRIES, log, values, whole)
    few = Log(*(c[: 30_000 if quick else 300_000] for c in log))
    found |= _against("bytewax", _bytewax, 1 if quick else TRIES, few, values, [])
    found |= _speeds("events_per_cpu_s", whole)
    return figures("features", found)


def one_event(*, quick: bool) -> dict[str, object]:
    """Return the figures of events that come one by one; they need the machine for themselves."""
    rows = 6_000 if quick else 100_000
    return figures("one_event", _one_event(events(100_000 if quick else 1_000_000), rows))


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


def _numbered(log: Log) -> Events:
    n = len(log.at)
    mask = np.full(n, 1 << KNOWN | 1)
    return Events(log.account, log.at * 1_000, log.amount, log.other, mask, np.arange(n))


def _compiled(every: Events) -> tuple[dict[str, np.ndarray], list[float], dict[str, object]]:
    """Fold numbered accounts in one call and in batches, from an empty state each time.

    Returns values, speeds of one call, and figures.
    """
    n = len(every.at)
    _fold(cut(every, slice(1_000)), 1_000)
    runs: dict[str, list[float]] = {name: [] for name in ("whole", *BATCHES)}
    first, same = _fold(every, n)[1], True
    for _ in range(TRIES):
        for name, speeds in runs.items():
            seconds, values = _fold(every, BATCHES.get(name, n))
            speeds.append(n / seconds)
            same &= _same(first, values)
    found: dict[str, object] = {"rows": n, "equal_batches": same}
    for name in BATCHES:
        found |= _speeds(f"events_per_cpu_s_{name}", runs[name])
    told = dict(zip((*WHOLE, *REAL), (*first.whole.T, *first.real.T), strict=True))
    return told, runs["whole"], found


def _speeds(name: str, speeds: list[float]) -> dict[str, object]:
    return {name: max(speeds), f"{name}_median": median(speeds)}


def _sized() -> dict[str, object]:
    plan = chosen(WindowsRule()).plan
    return {"account_bytes": 8 * plan.key_wide, "event_bytes": 8 * plan.log_wide,
            "counter_bytes": 8 * plan.counter_wide}  # fmt: skip


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
    """Show a stream and 50 rules one event at a time, as a service would; the calmest pass."""
    accounts, others = ([f"A{a}" for a in c[:rows].tolist()] for c in (log.account, log.other))
    times = [EPOCH + timedelta(milliseconds=t) for t in log.at[:rows].tolist()]
    given = list(zip(times, accounts, others, log.amount[:rows].tolist(), strict=True))
    found: dict[str, object] = {"passes": TRIES, "rules": RULES, "rows": rows}
    pairs = [(_shown(given, _together()), _shown(given, _apart())) for _ in range(TRIES)]
    for kind, passes in zip(("", "see_"), zip(*pairs, strict=True), strict=True):
        best = min(passes, key=lambda p: p["p99_us"])
        middle = {f"{n}_median": median(p[n] for p in passes) for n in ("p50_us", "p99_us")}
        found |= {f"{kind}{n}": value for n, value in {**best, **middle}.items()}
    assert len({p["hits"] for pair in pairs for p in pair}) == 1
    return found


def _together() -> Show:
    """Return what sees and judges an event in one call."""
    judge = EventJudge(WindowStream(late="1d"), program(_rules(), SCHEMA))
    return lambda event: judge(event).verdicts


def _apart() -> Show:
    """Return what sees and judges in two, with what windows say as a dict between them."""
    stream, judge = WindowStream(late="1d"), RowJudge(program(_rules(), SCHEMA))

    def show(event: Event) -> np.ndarray:
        values = stream.see(event).values or {}
        return judge({n: v if isinstance(v, int) else _millionths(v) for n, v in values.items()})

    return show


def _shown(given: list[tuple[datetime, str, str, int]], show: Show) -> dict[str, float]:
    """Return percentiles of a pass; its first 1,000 events do not count."""
    took, worked = np.empty(len(given)), np.empty(len(given))
    hits = 0
    for k, (at, account, other, amount) in enumerate(given):
        one = Event(f"e{k}", "bank", k, at, "payment_out", account, other, amount)
        cpu, start = time.thread_time_ns(), time.perf_counter_ns()
        verdicts = show(one)
        took[k] = time.perf_counter_ns() - start
        worked[k] = time.thread_time_ns() - cpu
        hits += int(np.sum(verdicts == 1))
    told = {
        f"{kind}p{p}_us": float(np.percentile(us[1_000:] / 1e3, p))
        for kind, us in {"": took, "cpu_": worked}.items()
        for p in (50, 99, 99.9)
    }
    return {**told, "hits": hits}


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


def _against(
    name: str, peer: Peer, tries: int, log: Log, values: dict[str, np.ndarray], whole: list[float]
) -> dict[str, object]:
    """Take turns with a peer on the same events; ``whole`` gets our speeds."""
    if find_spec(name) is None:
        return {name: "missing"}
    every, n = _numbered(log), len(log.at)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(tries):
        _touch()
        ours.append(n / _fold(every, n)[0])
        _touch()
        seconds, told = peer(log)
        theirs.append(n / seconds)
    whole += ours
    found: dict[str, object] = {
        f"equal_{name}": all((told[c] == values[c][:n]).all() for c in WHOLE)
    }
    found |= {f"differs_{name}_{c}": f"{_off(told[c], values[c][:n]):.1e}" for c in REAL}
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    found |= _speeds(f"{name}_events_per_cpu_s", theirs) | {f"{name}_rows": n}
    return found | {f"ratio_vs_{name}": max(ours) / max(theirs),
                    f"ratio_vs_{name}_median": median(ratios)}  # fmt: skip


def _touch() -> None:
    np.ones(TOUCHED, np.uint8)


def _off(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Return the largest relative difference; none of both is equal."""
    theirs = theirs.astype(float)
    both = ~np.isnan(ours)
    assert (np.isnan(theirs) == ~both).all()
    return float(np.max(np.abs(theirs[both] - ours[both]) / np.maximum(np.abs(ours[both]), 1e-300)))


def _duckdb(log: Log) -> tuple[float, dict[str, np.ndarray]]:
    """Say the same in SQL, on one thread; DuckDB sorts and is not made for streams."""
    table = pa.table(log._asdict())
    frame = 'OVER (PARTITION BY account ORDER BY "at" RANGE BETWEEN {} PRECEDING AND CURRENT ROW)'
    hour, day, week, month = (frame.format(h * HOUR - 1) for h in (1, 24, 168, 720))
    query = (
        f'SELECT "at", count(*) {hour} AS cnt_1h, count(*) {day} AS cnt_24h,'
        f" sum(amount) {day} AS sum_24h, max(amount) {week} AS max_7d,"
        f" count(DISTINCT other) {month} AS distinct_30d, avg(amount) {month} AS mean_30d,"
        f" stddev_samp(amount) {month} AS std_30d,"
        f" sum(amount) {day} / (sum(amount) {month} / 30.0) AS velocity FROM event"
    )
    with duckdb.connect(config={"threads": 1}) as db:
        db.register("event", table)
        start = time.process_time()
        rows = db.sql(query).to_arrow_table()
        seconds = time.process_time() - start
    rows = rows.sort_by("at")
    return seconds, {n: rows[n].cast(pa.float64() if n in REAL else pa.int64()).to_numpy()
                     for n in (*WHOLE, *REAL)}  # fmt: skip


def _polars(log: Log) -> tuple[float, dict[str, np.ndarray]]:
    """Say the same by rolling group-bys; it sorts, too, and is not made for streams."""
    import polars as pl

    frame = pl.DataFrame({**log._asdict(), "row": np.arange(len(log.at))}).with_columns(
        pl.col("at").cast(pl.Datetime("ms"))
    )
    amount = pl.col("amount")
    start = time.process_time()
    rows = (
        frame.rolling("at", period="30d", group_by="account")
        .agg(
            pl.col("row").last(), amount.mean().alias("mean_30d"), amount.std().alias("std_30d"),
            pl.col("other").n_unique().alias("distinct_30d"), amount.sum().alias("sum_30d"),
        )
        .sort("row")
    )  # fmt: skip
    parts = {"1h": [pl.len().alias("cnt_1h")], "7d": [amount.max().alias("max_7d")]}
    parts["24h"] = [pl.len().alias("cnt_24h"), amount.sum().alias("sum_24h")]
    for period, told in parts.items():
        more = frame.rolling("at", period=period, group_by="account").agg(
            pl.col("row").last(), *told
        )
        rows = rows.with_columns(more.sort("row").drop("account", "at", "row"))
    rows = rows.with_columns((pl.col("sum_24h") / (pl.col("sum_30d") / 30.0)).alias("velocity"))
    seconds = time.process_time() - start
    return seconds, {n: rows[n].to_numpy() for n in (*WHOLE, *REAL)}


def _bytewax(log: Log) -> tuple[float, dict[str, np.ndarray]]:
    """Say the same by plain deques: one event after the other, as ours."""
    seconds, said = bytewax(*(c.tolist() for c in log))
    columns = zip(*said, strict=True)
    kinds = [np.int64] * len(WHOLE) + [np.float64] * len(REAL)
    told = (np.array(c, kind) for c, kind in zip(columns, kinds, strict=True))
    return seconds, dict(zip((*WHOLE, *REAL), told, strict=True))
