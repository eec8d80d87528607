"""Which alerts somebody has to look at, in which queue, with what is at stake."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build, empty
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Tables, fold
from liandong.step.reasons import Reasons
from liandong.types import end_of_day, from_epoch
from liandong.watch.cases.rules import Queue, TriageRule
from liandong.watch.episodes.snoozes import awake


@fold(
    reads=("alert", "snooze", "party", "loan", "flow"),
    writes=("triage", "case_queue"),
    rule=TriageRule,
)
def triage(tables: Tables, rule: TriageRule) -> Tables:
    """Send the alerts that are going on to queues, all those of one subject to the same.

    A subject counts whose gravest alert that nobody has snoozed reaches ``opens``. What is
    outstanding are its running loans less what was paid back by the end of ``as_of``; None if no
    loan of it is known.
    """
    going_on = tables["alert"].filter(pc.not_equal(tables["alert"]["state"], "closed"))
    alerts = awake(going_on, tables["snooze"], from_epoch(end_of_day(rule.as_of)))
    alerts, level = _grave(alerts.sort_by("alert_id"), rule)
    if not len(alerts):
        return {n: empty(n) for n in ("triage", "case_queue")}
    party = alerts["party_id"].to_pylist()
    place = dict(zip(*(tables["party"][n].to_pylist() for n in ("party_id", "region_id")),
                     strict=True))  # fmt: skip
    owed = _outstanding(tables["loan"], tables["flow"], rule)
    exposure = [owed.get(p) for p in party]
    region = [place.get(p) for p in party]
    queue = [_queue(rule, *s) for s in zip(level, region, exposure, strict=True)]
    return {
        "triage": build("triage", {
            **{n: alerts[n] for n in ("alert_id", "party_id", "rule", "code", "opened_at")},
            "alert_level": alerts["level"],
            "level": level,
            "queue": [q.name for q in queue],
            "days": [q.days for q in queue],
            "region_id": region,
            "exposure": exposure,
            "reasons": _reasons(party, level, exposure),
        }),
        "case_queue": build("case_queue", {
            "queue": [q.name for q in rule.queues],
            "place": range(1, len(rule.queues) + 1),
            "level": [q.level for q in rule.queues],
            "days": [q.days for q in rule.queues],
            "people": [json.dumps(q.people, ensure_ascii=False) for q in rule.queues],
        }),
    }  # fmt: skip


def _grave(alerts: pa.Table, rule: TriageRule) -> tuple[pa.Table, list[str]]:
    """Return the alerts of subjects grave enough, and the gravest level of each one's subject."""
    grade = pc.index_in(alerts["level"], value_set=pa.array(LEVELS)).to_pylist()
    party = alerts["party_id"].to_pylist()
    worst: dict[str, int] = {}
    for p, g in zip(party, grade, strict=True):
        worst[p] = max(worst.get(p, 0), g)
    least = LEVELS.index(rule.opens)
    here = [worst[p] >= least for p in party]
    kept = alerts.filter(pa.array(here, pa.bool_()))
    return kept, [LEVELS[worst[p]] for p in kept["party_id"].to_pylist()]


def _queue(rule: TriageRule, level: str, region: str | None, exposure: int | None) -> Queue:
    return next(q for q in rule.queues if q.takes(level, region, exposure))


def _outstanding(loan: pa.Table, flow: pa.Table, rule: TriageRule) -> dict[str, int]:
    """Return what each borrower has not paid back, by the end of the day."""
    until = pa.scalar(from_epoch(end_of_day(rule.as_of)), pa.timestamp("us", "UTC"))
    back = flow.filter(
        pc.and_(pc.equal(flow["kind"], "repayment"), pc.less_equal(flow["at"], until))
    ).select(["loan_id", "amount"])
    paid = back.group_by("loan_id").aggregate([("amount", "sum")])
    of_loan = dict(zip(*(paid[n].to_pylist() for n in ("loan_id", "amount_sum")), strict=True))
    running = loan.filter(
        pc.and_(pc.not_equal(loan["status"], "repaid"), pc.less_equal(loan["start"], rule.as_of))
    )
    found: dict[str, int] = {}
    for row in running.select(["party_id", "loan_id", "amount"]).to_pylist():
        left = max(row["amount"] - of_loan.get(row["loan_id"], 0), 0)
        found[row["party_id"]] = found.get(row["party_id"], 0) + left
    return found


def _reasons(party: list[str], level: list[str], exposure: list[int | None]) -> pa.Array:
    codes, counts = np.unique(party, return_counts=True)
    alerts = counts[np.searchsorted(codes, party)]
    reasons = Reasons(len(party))
    reasons.add("watch.triage_level", np.array([1 + LEVELS.index(lv) for lv in level]))
    reasons.add("watch.triage_alerts", alerts)
    known = np.array([e is not None for e in exposure])
    reasons.add("watch.triage_exposure", np.array([e or 0 for e in exposure], np.int64), known)
    return reasons.column()
