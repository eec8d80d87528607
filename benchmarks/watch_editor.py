"""The rule editor: a changed rule held against a million events, with and without their windows."""

import time

from liandong.watch import TrialRule, WatchRule, trial
from measure import figures
from watch_backtest import TERMS, defaults, payments

EVENTS = 1_000_000
LIMITS = (30, 28, 25, 22, 20)
"""Thresholds that a hand tries one after the other; the first one also makes the windows."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    log, ends = payments(EVENTS // 4 if quick else EVENTS), defaults()
    trial(log.slice(0, 10_000), ends, rule=_rule(26))  # compiles
    spent = []
    for limit in LIMITS:
        wall, start = time.perf_counter(), time.process_time()
        found = trial(log, ends, rule=_rule(limit))
        spent.append((time.process_time() - start, time.perf_counter() - wall))
    cpu, walls = zip(*spent, strict=True)
    return figures("editor", {
        "rows": len(log), "thresholds": len(found["backtest_point"]) - 4,
        "first_seconds": cpu[0], "first_wall_seconds": walls[0],
        "changed_seconds": max(cpu[1:]), "changed_wall_seconds": max(walls[1:]),
        "concerned": len(found["trial_subject"]),
    })  # fmt: skip


def _rule(limit: int) -> TrialRule:
    now, then = (
        WatchRule(late="1d", rules=[
            {"code": "busy", "when": f"velocity > {x} && cnt_24h > 2", "level": "orange"},
            {"code": "large", "when": "sum_24h > 30000000", "level": "red"},
        ])
        for x in (26, limit)
    )  # fmt: skip
    terms = {n: v for n, v in TERMS.items() if n != "late"}
    return TrialRule(now=now, then=then, code="busy", **terms)
