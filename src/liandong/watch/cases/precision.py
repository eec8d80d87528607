"""What came of the alerts of each rule once somebody had looked at them."""

from collections import Counter

import numpy as np
import pyarrow as pa

from liandong.kernels.statistics.intervals import wilson
from liandong.schema.arrow import build, empty
from liandong.step import Tables, fold
from liandong.step.reasons import Reasons
from liandong.watch.cases.rules import PrecisionRule

_OUTCOMES = {"confirmed": "confirmed", "false_alarm": "false_alarms", "other": "others"}


@fold(
    reads=("case_alert", "alert_case"),
    writes=("rule_precision",),
    rule=PrecisionRule,
)
def precision(tables: Tables, rule: PrecisionRule) -> Tables:
    """Count for each rule the cases that its alerts were in, by what they were closed as.

    A case counts once for a rule, however many alerts of it there are. The precision is the share
    of the confirmed ones among the confirmed and the false alarms, with Wilson's interval.
    """
    end = dict(zip(*(tables["alert_case"][n].to_pylist() for n in ("case_id", "outcome")),
                   strict=True))  # fmt: skip
    state = dict(zip(*(tables["alert_case"][n].to_pylist() for n in ("case_id", "state")),
                     strict=True))  # fmt: skip
    pairs = sorted({(r["rule"], r["code"], r["case_id"]) for r in tables["case_alert"].to_pylist()})
    if not pairs:
        return {"rule_precision": empty("rule_precision")}
    found: dict[tuple[str, str], Counter[str]] = {}
    for rule_id, code, case in pairs:
        closed = state.get(case) == "closed"
        word = _OUTCOMES[end[case]] if closed and end[case] else "open"
        found.setdefault((rule_id, code), Counter())[word] += 1
    return {"rule_precision": _told(found, rule.z / 100)}


def _told(found: dict[tuple[str, str], Counter[str]], z: float) -> pa.Table:
    counts = {n: np.array([c[n] for c in found.values()]) for n in ("open", *_OUTCOMES.values())}
    shares = [wilson(c["confirmed"], c["confirmed"] + c["false_alarms"], z)
              for c in found.values()]  # fmt: skip
    reasons = Reasons(len(found))
    closed = counts["confirmed"] + counts["false_alarms"] + counts["others"]
    reasons.add("watch.precision_cases", closed)
    reasons.add("watch.precision_open", counts["open"])
    return build("rule_precision", {
        "rule": [r for r, _ in found], "code": [c for _, c in found], **counts,
        **{n: [s[k] for s in shares] for k, n in enumerate(("precision", "low", "high"))},
        "reasons": reasons.column(),
    })  # fmt: skip
