"""Episodes of warnings: the kernel, the step and one warning at a time, against islands in SQL."""

import time
from datetime import UTC, datetime

import duckdb
import numpy as np
import pyarrow as pa

from liandong.kernels.streams import episodes as kernel
from liandong.schema.arrow import build
from liandong.step.reasons import reason_list
from liandong.watch import EpisodesRule, EpisodeStream, Warned, episodes
from measure import figures

FIRMS, RULES, DAYS = 20_000, 13, 3 * 365
DAY = 86_400_000_000
START = 1_600_000_000_000_000
RULE = EpisodesRule(as_of=datetime(2026, 1, 1, tzinfo=UTC).date())
ISLANDS = (
    'SELECT rule, subject_id, min("at") AS opened_at, max("at") AS last_at, count(*) AS warnings,'
    " max(grade) AS grade FROM (SELECT *, sum(new) OVER w AS episode FROM (SELECT *,"
    ' coalesce("at" - lag("at") OVER w >= INTERVAL 65 DAY, true)::INT AS new FROM said WINDOW w AS'
    ' (PARTITION BY rule, subject_id ORDER BY "at")) WINDOW w AS'
    ' (PARTITION BY rule, subject_id ORDER BY "at")) GROUP BY rule, subject_id, episode'
)
"""Only where all is known at once and in order, and nobody is told before."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    said = warnings(20_000 if quick else 1_000_000)
    found = _kernel(said) | _step(said)
    return figures("episodes", found | _one(said, 3_000 if quick else 20_000))


def warnings(n: int, seed: int = 7) -> pa.Table:
    """Return spells of weekly warnings of firms under rules; a twentieth is known late."""
    rng = np.random.default_rng(seed)
    spells = n // 10
    spell = np.sort(rng.integers(0, spells, n))
    week = np.arange(n) - np.searchsorted(spell, spell)
    whose = rng.integers(0, FIRMS * RULES, spells)[spell]
    cell = whose * DAYS + (rng.integers(0, DAYS, spells)[spell] + 7 * week) % DAYS
    whose, day = np.divmod(np.unique(cell), DAYS)
    n = len(day)
    firm, rule = np.divmod(whose, RULES)
    late = np.where(rng.random(n) < 0.05, rng.integers(1, 90, n), 0)
    level = rng.choice(["yellow", "orange", "red"], n, p=[0.7, 0.2, 0.1])
    at = START // DAY * DAY + day * DAY
    names = pa.array([f"F{i:06d}" for i in range(FIRMS)])
    rules = pa.array([f"rule-{i:02d}" for i in range(RULES)])
    moment = pa.timestamp("us", "UTC")
    return build("warning", {
        "rule": rules.take(pa.array(rule)), "code": rules.take(pa.array(rule)),
        "subject_id": names.take(pa.array(firm)), "level": level,
        "at": pa.array(at).cast(moment), "seen_at": pa.array(at + late * DAY).cast(moment),
        "value": rng.random(n), "threshold": np.full(n, 0.5),
        "reasons": reason_list([[("watch.invoice_share", 1)]]).take(pa.array(np.zeros(n, int))),
    })  # fmt: skip


def _kernel(said: pa.Table) -> dict[str, object]:
    """Fold warnings that stand in groups already."""
    from liandong.watch.episodes.telling import grades, in_groups, known, micros

    ordered, start = in_groups(said)
    columns = micros(ordered["at"]), known(ordered), grades(ordered)
    pace = RULE.paces([""] * (len(start) - 1))
    clock = int(columns[1].max())
    kernel.versions(start[:2], *(c[: start[1]] for c in columns), pace[:1], clock)
    began = time.process_time()
    rows = kernel.versions(start, *columns, pace, clock)
    seconds = time.process_time() - began
    return {"kernel_warnings_per_cpu_s": len(said) / seconds, "versions": len(rows)}


def _step(said: pa.Table) -> dict[str, object]:
    """Run the step, and find the same episodes in SQL."""
    began = time.process_time()
    alerts = episodes(said, rule=RULE)["alert"]
    seconds = time.process_time() - began
    with duckdb.connect(config={"threads": 1}) as db:
        db.register("warning", said)
        db.execute("CREATE TABLE said AS SELECT *, list_position(['yellow', 'orange', 'red'],"
                   " level) AS grade FROM warning")  # fmt: skip
        began = time.process_time()
        db.execute(f"CREATE TABLE island AS {ISLANDS}")
        peer = time.process_time() - began
        db.register("alert", alerts)
        same = db.execute(
            "SELECT count(*) FROM island i JOIN alert a ON a.rule = i.rule AND a.party_id ="
            " i.subject_id AND a.opened_at = i.opened_at AND a.last_at = i.last_at AND"
            " a.warnings = i.warnings AND list_position(['yellow', 'orange', 'red'], a.level)"
            " = i.grade"
        ).fetchone()[0]
        islands = db.execute("SELECT count(*) FROM island").fetchone()[0]
    return {
        "step_seconds": seconds, "step_warnings_per_cpu_s": len(said) / seconds,
        "duckdb_islands_only_seconds": peer, "alerts": len(alerts),
        "equal": int(same == islands == len(alerts)),
        "fewer_than_warnings": 1 - len(alerts) / len(said),
    }  # fmt: skip


def _one(said: pa.Table, n: int) -> dict[str, object]:
    """Take warnings of a hundred firms one by one."""
    rng = np.random.default_rng(1)
    some = said.take(pa.array(rng.permutation(len(said))[:n])).sort_by("seen_at").to_pylist()
    stream, took = EpisodeStream(RULE), []
    for row in some:
        firm = f"F{int(row['subject_id'][1:]) % 100}"
        one = Warned(**{**row, "subject_id": firm, "reasons": tuple(row["reasons"])})
        began = time.process_time_ns()
        stream.see(one)
        took.append(time.process_time_ns() - began)
    p50, p99 = np.percentile(took[n // 10 :], [50, 99]) / 1000
    return {"one_p50_cpu_us": float(p50), "one_p99_cpu_us": float(p99)}
