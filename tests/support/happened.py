"""A log of events for watches, with what goes wrong in practice, and rules to judge it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from liandong.watch.live.rule import WatchRule

START = datetime(2026, 1, 5, tzinfo=UTC)
RULE = WatchRule.from_toml("""
late = "2d"
pace = {hold = "3h", cool = "2h", repeats = 4}
[[windows]]
name = "sum_24h"
fn = "sum"
over = "24h"
of = "amount"
[[windows]]
name = "buyers_7d"
fn = "distinct"
over = "7d"
[[windows]]
name = "mean_7d"
fn = "mean"
over = "7d"
of = "amount"
[[rules]]
code = "burst"
when = "sum_24h > 400000 && buyers_7d >= 3"
level = "orange"
[[rules]]
code = "above"
when = "amount > 4 * mean_7d && kind == 'payment_out'"
level = "yellow"
[[shadow]]
code = "burst"
when = "sum_24h > 600000"
level = "red"
""")


def happened(
    n: int, *, seed: int = 3, subjects: int = 40, minutes: int = 2
) -> list[dict[str, object]]:
    """Return events as JSON has them, so many minutes apart: most in order, some a day late."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(n):
        seen = START + timedelta(minutes=minutes * k, milliseconds=int(rng.integers(1000)))
        late = timedelta(hours=int(rng.integers(1, 30))) if rng.random() < 0.05 else timedelta()
        found.append({
            "event_id": f"e{k:07}", "source": "bank", "seq": k, "at": (seen - late).isoformat(),
            "seen_at": seen.isoformat(), "kind": str(rng.choice(["payment_out", "invoice"])),
            "subject_id": f"F{int(rng.integers(subjects)):03}",
            "other_id": f"C{int(rng.integers(9))}", "amount": int(np.exp(rng.normal(9, 1.5))),
        })  # fmt: skip
    return found


def spoilt(events: list[dict[str, object]], every: int = 50) -> list[str]:
    """Return lines of JSON; after each ``every`` events comes one that must be refused."""
    lines = []
    for k, event in enumerate(events):
        lines.append(json.dumps(event))
        if k % every == every - 1:
            lines.append(_wrong(k // every, event))
    return lines


SORTS = ("again", "not_json", "field", "text", "missing", "ahead", "late")


def _wrong(n: int, event: dict[str, object]) -> str:
    new = {**event, "event_id": f"x{n}"}
    changed = {
        "again": event, "field": {**new, "colour": 1}, "text": {**new, "amount": 1.5},
        "missing": {k: v for k, v in new.items() if k != "kind"},
        "ahead": {**new, "at": "2099-01-01T00:00:00+00:00"},
        "late": {**new, "at": "2025-01-01T00:00:00+00:00"},
    }  # fmt: skip
    sort = SORTS[n % len(SORTS)]
    return '{"event_id": ' if sort == "not_json" else json.dumps(changed[sort])


def write(path: Path, lines: list[str]) -> Path:
    """Write lines to a file."""
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
