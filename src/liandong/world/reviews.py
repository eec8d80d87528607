"""What reviews said of flags over a world, by what was planted in it."""

import json
from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.types import end_of_day, from_epoch

OPEN, APPEALED = 0.2, 0.06
"""Share of the flags that nobody has looked at yet, and of those against which somebody appeals."""
REASONS = {
    "confirmed": "原始凭证与审批不符，已移交", "false_alarm": "有事前审批与原始凭证，属正常业务",
    "appealed": "当事人提出申诉，待复核",
}  # fmt: skip
ACTOR = "zhao"


def _planted(truth: pa.Table) -> defaultdict[str, set[str]]:
    """Return the rows that were planted by the kind of flag that should find them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for t in truth.to_pylist():
        if t["kind"] == "planted_flag":
            detail = json.loads(t["detail"])
            found[detail["code"]].update(detail["lines"])
    return found


def flag_reviews(flags: pa.Table, truth: pa.Table, day: date, seed: int) -> pa.Table:
    """Return ``flag_review``: what is planted is confirmed, what only looks like it is not.

    Parameters
    ----------
    flags
        Rows of ``red_flag``.
    truth
        What was planted.
    day
        Reviews are made in the days after it.
    """
    rng = np.random.default_rng(seed)
    planted = _planted(truth)
    rows = []
    for f in sorted(flags.to_pylist(), key=lambda f: (f["code"], f["place"])):
        luck = rng.random()
        if luck >= OPEN:
            rows_of_it = json.loads(f["evidence"])["rows"]
            known = "false_alarm" if planted[f["code"]].isdisjoint(rows_of_it) else "confirmed"
            rows.append((f["flag_id"], "appealed" if luck < OPEN + APPEALED else known))
    at = from_epoch(end_of_day(day))
    return build("flag_review", {
        "flag_id": [flag for flag, _ in rows],
        "at": [at + timedelta(hours=k) for k in range(len(rows))],
        "actor": [ACTOR] * len(rows),
        "outcome": [outcome for _, outcome in rows],
        "reason": [REASONS[outcome] for _, outcome in rows],
    })  # fmt: skip
