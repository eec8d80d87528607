"""Which alerts need somebody, in which queue, with what is outstanding: worked by hand."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from liandong.errors import UsageError
from liandong.kernels.statistics.intervals import wilson
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.types import Money
from liandong.watch import TriageRule, precision, triage
from support.casework import alerts, firms

DAY = date(2026, 3, 2)
LOANS = [("L1", "F1", 900, DAY, "current"), ("L2", "F1", 500, DAY, "in_arrears"),
         ("L3", "F1", 400, DAY, "repaid"), ("L4", "F1", 300, DAY + timedelta(1), "current"),
         ("L5", "F2", 100, DAY, "default")]  # fmt: skip
BACK = [("L1", 250, 0, "repayment"), ("L1", 50, 0, "interest"), ("L1", 600, 1, "repayment"),
        ("L5", 130, 0, "repayment")]  # fmt: skip


def loans():
    names = ("loan_id", "party_id", "amount", "start", "status")
    columns = dict(zip(names, map(list, zip(*LOANS, strict=True)), strict=True))
    n = len(LOANS)
    return build("loan", {**columns, "lender_id": ["B"] * n, "term_months": [12] * n})


def flows():
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    n = len(BACK)
    return build("flow", {
        "flow_id": [f"X{k}" for k in range(n)], "src_account": ["A"] * n, "dst_account": ["B"] * n,
        "seq": range(n), "kind": [r[3] for r in BACK], "loan_id": [r[0] for r in BACK],
        "amount": [r[1] for r in BACK], "at": [at + timedelta(r[2]) for r in BACK],
    })  # fmt: skip


def snoozed(party, level):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return build("snooze", {
        "snooze_id": ["S"], "party_id": [party], "level": [level], "from_at": [at],
        "until_at": [at + timedelta(9)], "reason": ["x"], "actor": ["li"],
    })  # fmt: skip


def sent(rows, snooze=None, **params):
    snooze = empty("snooze") if snooze is None else snooze
    found = triage(alerts(*rows), snooze, firms()["party"], loans(), flows(), as_of=DAY, **params)
    return {r["alert_id"]: r for r in found["triage"].to_pylist()}


ROWS = [("A1", "F1", "yellow"), ("A2", "F1", "red", "L1"), ("A3", "F2", "orange"),
        ("A4", "F3", "yellow"), ("A5", "F2", "red", "U1", "closed")]  # fmt: skip


def test_subjects_with_a_grave_alert_and_all_that_fired_on_them():
    found = sent(ROWS)
    assert {k: (r["party_id"], r["level"], r["alert_level"]) for k, r in found.items()} == {
        "A1": ("F1", "red", "yellow"), "A2": ("F1", "red", "red"), "A3": ("F2", "orange", "orange"),
    }  # fmt: skip
    assert sent(ROWS, opens="yellow").keys() == {"A1", "A2", "A3", "A4"}
    assert sent(ROWS, opens="red").keys() == {"A1", "A2"}


def test_what_is_outstanding():
    found = sent(ROWS, opens="yellow")
    # 900 − 250 and 500; what is repaid, begins or comes back later, or is interest, is left out.
    assert found["A1"]["exposure"] == 1150
    assert found["A3"]["exposure"] == 0  # more came back than was lent
    assert found["A4"]["exposure"] is None
    codes = {r["code"]: r["points"] for r in found["A1"]["reasons"]}
    assert codes == {"watch.triage_level": 3, "watch.triage_alerts": 2,
                     "watch.triage_exposure": 1150}  # fmt: skip
    assert len(found["A4"]["reasons"]) == 2


def test_what_is_snoozed_needs_nobody():
    assert sent(ROWS, snoozed("F1", "red")).keys() == {"A3"}
    assert sent(ROWS, snoozed("F1", "orange")).keys() == {"A2", "A3"}


def test_the_first_queue_that_takes_a_subject_gets_it():
    queues = (
        {"name": "shanghai", "regions": ["31"], "level": "red"},
        {"name": "large", "exposure": Money(1000)},
        {"name": "owing", "exposure": Money(0), "days": 7},
        {"name": "rest"},
    )
    found = sent([*ROWS, ("A6", "F1", "orange", "G1")], opens="yellow", queues=queues)
    assert {k: r["queue"] for k, r in found.items()} == {
        "A1": "shanghai", "A2": "shanghai", "A6": "shanghai", "A3": "owing", "A4": "rest",
    }  # fmt: skip
    assert found["A3"]["days"] == 7
    mild = sent([("A1", "F1", "orange")], queues=queues)
    assert mild["A1"]["queue"] == "large"


@pytest.mark.parametrize(
    ("queues", "named"),
    [
        ((), "last queue"),
        (({"name": "a", "regions": ["31"]},), "last queue"),
        (({"name": "a", "exposure": "1 CNY"},), "last queue"),
        (({"name": "a", "level": "red"},), "last queue"),
        (({"name": "a"}, {"name": "a"}), "name of its own"),
        (({"name": " "},), "name"),
        (({"name": "a", "days": 0},), "days"),
        (({"name": "a", "peple": ["li"]},), "peple"),
    ],
)
def test_a_policy_that_makes_no_sense_is_named(queues, named):
    with pytest.raises(UsageError, match=named):
        TriageRule.make(as_of=DAY, queues=queues)


def test_triage_holds_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    many = [(f"A{k}", f"F{k % 4}", ("yellow", "orange", "red")[k % 3]) for k in range(20)]
    given = {"alert": alerts(*many), "loan": loans(), "flow": flows(), **firms(),
             "snooze": snoozed("F2", "orange")}  # fmt: skip
    rule = TriageRule(as_of=DAY, queues=({"name": "red", "level": "red"}, {"name": "rest"}))
    check_step(triage, given, rule, boards=[str(tmp_path / "s.board"), postgres_url])


def test_precision_holds_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ends = ("confirmed", "false_alarm", "other", None)
    n = 12
    at = [datetime(2026, 3, 2, tzinfo=UTC)] * n
    outcome = [ends[k % 4] for k in range(n)]
    cases = build("alert_case", {
        "case_id": [f"C{k}" for k in range(n)], "party_id": [f"F{k}" for k in range(n)],
        "queue": ["all"] * n, "level": ["red"] * n, "alerts": [2] * n, "opened_at": at,
        "due_on": [DAY] * n, "escalated": [False] * n, "seq": [3] * n, "outcome": outcome,
        "state": ["closed" if e else "open" for e in outcome],
    })  # fmt: skip
    held = [(f"A{j}-{k}", f"C{k}", f"r{(j + k) % 3}") for k in range(n) for j in range(2)]
    held = build("case_alert", {
        "alert_id": [h[0] for h in held], "case_id": [h[1] for h in held],
        "rule": [h[2] for h in held], "code": ["T1"] * len(held), "level": ["red"] * len(held),
    })  # fmt: skip
    given = {"case_alert": held, "alert_case": cases}
    check_step(precision, given, boards=[str(tmp_path / "s.board"), postgres_url])
    found = precision(held, cases)["rule_precision"]
    assert sum(pa.compute.sum(found[c]).as_py() for c in ("confirmed", "false_alarms")) == 12
    proposed = cases.set_column(
        cases.column_names.index("state"), "state", pa.array(["proposed"] * n)
    )
    (counts,) = {r["confirmed"] for r in precision(held, proposed)["rule_precision"].to_pylist()}
    assert counts == 0  # what somebody only proposes is no outcome


def test_two_alerts_of_a_rule_in_one_case_count_once():
    cases = {"case_id": ["C"], "state": ["closed"], "outcome": ["confirmed"]}
    held = {"alert_id": ["A", "B"], "case_id": ["C"] * 2, "rule": ["r"] * 2, "code": ["T1"] * 2,
            "level": ["red"] * 2}  # fmt: skip
    full = build("alert_case", {
        **cases, "party_id": ["F"], "queue": ["q"], "level": ["red"], "alerts": [2],
        "opened_at": [datetime(2026, 3, 2, tzinfo=UTC)], "due_on": [DAY], "escalated": [False],
        "seq": [3],
    })  # fmt: skip
    (row,) = precision(build("case_alert", held), full)["rule_precision"].to_pylist()
    assert (row["confirmed"], row["precision"]) == (1, 1.0)


def test_wilson_at_its_ends():
    assert wilson(0, 0, 1.96) == (None, None, None)
    share, low, high = wilson(0, 10, 1.96)
    # With no hits the upper end is z²/(n + z²).
    assert (share, low) == (0.0, 0.0)
    assert high == pytest.approx(1.96**2 / (10 + 1.96**2))
    assert wilson(10, 10, 1.96)[2] == 1.0
