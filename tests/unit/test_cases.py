"""Cases in the books, on SQLite and on PostgreSQL: opened once, worked by people, closed by two."""

import json
import threading
from datetime import date, datetime

import pytest
import sqlalchemy as sa

import liandong as ld
from liandong.errors import (
    ChangedError,
    LiandongError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from liandong.schema.arrow import build
from liandong.settle import disburse
from liandong.types import CHINA
from liandong.watch import precision
from support.casework import case_of, firms, judged

START = [("A1", "F1", "orange"), ("A2", "F1", "red", "L1"), ("A3", "F2", "orange"),
         ("A4", "F3", "yellow")]  # fmt: skip


@pytest.fixture
def two(board):
    """A board with a red case of F1 and an orange one of F2."""
    board.put("firms", firms())
    judged(board, *START)
    return board


def test_a_subject_has_one_case_with_all_that_fired(two):
    first, second = two.cases.rows()
    assert (first["party_id"], first["level"], first["alerts"]) == ("F1", "red", 2)
    assert (first["queue"], second["queue"]) == ("red", "usual")
    assert (second["party_id"], second["alerts"], second["region_id"]) == ("F2", 1, "330000")
    assert {r["state"] for r in (first, second)} == {"open"}
    today = datetime.now(CHINA).date()
    assert {(r["due_on"] - today).days for r in (first, second)} <= {4, 5, 19, 20}
    held = two.table("case_alert").rows(case_id=first["case_id"])
    assert [(a["alert_id"], a["code"], a["level"]) for a in held] == [
        ("A1", "T1", "orange"), ("A2", "L1", "red"),
    ]  # fmt: skip
    assert two.check() == []


def test_opening_again_makes_no_double(two):
    before = two.cases.rows()
    for _ in range(2):
        done = two.cases.open()
        assert (done.opened, done.joined, done.reopened) == (0, 0, 0)
    done = judged(two, *START)
    assert (done.opened, done.joined, done.reopened) == (0, 0, 0)
    assert two.cases.rows() == before


def test_new_and_graver_alerts_join_the_open_case(two):
    more = [*START[:2], ("A3", "F2", "red"), ("A9", "F1", "yellow", "U1")]
    done = judged(two, *more)
    assert (done.opened, done.joined) == (0, 2)
    assert (case_of(two, "F1")["alerts"], case_of(two, "F1")["level"]) == (3, "red")
    assert (case_of(two, "F2")["alerts"], case_of(two, "F2")["level"]) == (1, "red")
    assert judged(two, *more).joined == 0
    assert two.check() == []


def closed(board, party, outcome="confirmed"):
    case = case_of(board, party)
    board.acting("li").cases.propose(case["case_id"], outcome, "called the firm")
    return board.acting("wang").cases.approve(case["case_id"])


def test_after_closing_new_alerts_open_another_case_and_graver_ones_the_same(two):
    old = closed(two, "F2")
    assert judged(two, *START).opened == 0
    assert judged(two, *START, ("A7", "F2", "orange", "U1")).opened == 1
    assert case_of(two, "F2")["case_id"] != old["case_id"]
    old = closed(two, "F1")
    done = judged(two, ("A1", "F1", "red"), *START[1:], ("A7", "F2", "orange", "U1"))
    assert (done.opened, done.reopened) == (0, 1)
    again = case_of(two, "F1")
    assert (again["case_id"], again["state"], again["outcome"]) == (old["case_id"], "open", None)
    assert two.check() == []


def test_two_people_close_and_the_approval_is_one_like_any_other(two):
    case_id = case_of(two, "F1")["case_id"]
    li, wang = two.acting("li").cases, two.acting("wang").cases
    row = li.propose(case_id, "confirmed", "tax is three months late")
    assert (row["state"], row["maker"]) == ("proposed", "li")
    (asked,) = two.table("case").rows(action="case.close")
    assert (asked["case_id"], asked["state"]) == (row["approval_id"], "open")
    with pytest.raises(RefusedError) as caught:
        li.approve(case_id)
    assert "四眼" in caught.value.text("zh")
    assert "four eyes" in caught.value.text("en")
    with pytest.raises(RefusedError, match="four eyes"):
        li.give_back(case_id, "mine")
    assert wang.give_back(case_id, "which month?")["state"] == "open"
    row = li.propose(case_id, "confirmed", "since December")
    two.acting("wang").approve(row["approval_id"])  # the command `approve` of all approvals
    row = case_of(two, "F1")
    assert (row["state"], row["outcome"], row["checker"]) == ("closed", "confirmed", "wang")
    states = {r["case_id"]: r["state"] for r in two.table("case").rows(action="case.close")}
    assert states.pop(row["approval_id"]) == "approved"
    assert list(states.values()) == ["rejected"]
    actions = [a["action"] for a in two.table("act").rows(subject=case_id)]
    assert actions == ["case.opened", "case.proposed", "case.returned", "case.proposed",
                       "case.closed"]  # fmt: skip
    assert two.check() == []


def test_who_proposed_to_close_takes_it_back(two):
    case_id = case_of(two, "F1")["case_id"]
    li, wang = two.acting("li"), two.acting("wang")
    row = li.cases.propose(case_id, "confirmed", "tax is three months late")
    with pytest.raises(RefusedError, match="only whoever made"):
        wang.cases.take_back(case_id)
    li.withdraw(row["approval_id"])  # as any other approval
    found = case_of(two, "F1")
    assert (found["state"], found["outcome"]) == ("open", None)
    with pytest.raises(RefusedError):
        wang.approve(row["approval_id"])
    li.cases.propose(case_id, "other", "moved away")
    assert li.cases.take_back(case_id)["state"] == "open"
    assert [r["state"] for r in two.table("case").rows(action="case.close")] == ["withdrawn"] * 2
    assert two.check() == []


def test_rejecting_by_the_approval_needs_a_reason_and_a_stale_one_is_void(two):
    case_id = case_of(two, "F1")["case_id"]
    stale = two.acting("li").cases.propose(case_id, "other", "moved away")["approval_id"]
    with pytest.raises(UsageError, match="reason"):
        two.acting("wang").decide(stale, approve=False)
    assert judged(two, *START, ("A8", "F1", "red", "G1")).joined == 1
    for approve in (True, False):
        with pytest.raises(RefusedError, match="void"):
            two.acting("wang").decide(stale, approve=approve, reason="x")
    assert case_of(two, "F1")["state"] == "open"
    assert two.check() == []


def test_what_somebody_has_not_seen_is_not_overwritten(two):
    case_id, seen = case_of(two, "F1")["case_id"], case_of(two, "F1")["seq"]
    two.acting("li").cases.note(case_id, "called", seen=seen)
    with pytest.raises(ChangedError) as caught:
        two.acting("wang").cases.note(case_id, "called, too", seen=seen)
    for lang in ("zh", "en"):
        assert "li" in caught.value.text(lang)
    assert (caught.value.http_status, caught.value.exit_code) == (409, 12)
    assert [a["body"].get("text") for a in two.cases.acts(case_id)] == [None, "called"]
    two.acting("wang").cases.note(case_id, "called, too", seen=seen + 1)
    assert [a["body"].get("text") for a in two.cases.acts(case_id)][2] == "called, too"


def test_people_at_once_take_turns_and_nothing_is_lost(two, location, tmp_path):
    """Six people act on what they all see: one of them does, the others are told."""
    case_id, seen = case_of(two, "F1")["case_id"], case_of(two, "F1")["seq"]
    gate, told = threading.Barrier(6), []

    def act(name):
        with ld.open(location, actor=name, lake=tmp_path / "lake") as own:
            gate.wait()
            try:
                own.cases.propose(case_id, "confirmed", f"by {name}", seen=seen)
                told.append((name, "done"))
            except LiandongError as error:
                told.append((name, type(error)))
            own.cases.note(case_id, f"{name} was here")  # what does not look is not refused

    threads = [threading.Thread(target=act, args=(f"p{k}",)) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ends = dict(told)
    assert len(ends) == 6
    assert sorted(map(str, ends.values())) == sorted(["done", *[str(ChangedError)] * 5])
    acts = two.cases.acts(case_id)
    assert [a["seq"] for a in acts] == list(range(1, len(acts) + 1))
    assert {a["body"]["text"] for a in acts if a["kind"] == "noted"} == {
        f"p{k} was here" for k in range(6)
    }
    (proposed,) = [a for a in acts if a["kind"] == "proposed"]
    assert ends[proposed["actor"]] == "done"
    assert two.check() == []


def test_acts_are_only_ever_added(two):
    for statement in ("UPDATE case_act SET actor = 'x'", "DELETE FROM case_act"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            two.store.books.writing() as c,
        ):
            c.execute(sa.text(statement))


FORGED = (
    "INSERT INTO case_act VALUES ('{case}', 2, '2026-03-02 00:00:00', 'li', 'noted',"
    ' \'{{"text": "x"}}\', 1)'
)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE alert_case SET state = 'closed'", "state of case"),
        ("UPDATE alert_case SET assignee = 'li'", "state of case"),
        ("UPDATE case_alert SET level = 'yellow' WHERE alert_id = 'A2'", "state of case"),
        ("DELETE FROM case_alert", "state of case"),
        (FORGED, "not the one in the log"),
    ],
)
def test_what_was_changed_behind_the_back_is_found(two, statement, told):
    case_id = case_of(two, "F1")["case_id"]
    with two.store.books.writing() as c:
        c.exec_driver_sql(statement.format(case=case_id))
    assert any(told in f for f in two.check())


# ── who gets what ────────────────────────────────────────────────────────────────────────────


def test_balanced_assignment_goes_to_the_least_busy(two):
    many = [(f"B{k}", f"G{k}", "red") for k in range(5)]
    judged(two, *START, *many)
    two.cases.assign(case_of(two, "F2")["case_id"], "li")  # of another queue: it counts
    assert two.cases.balance("red") == 6
    reds = two.cases.rows(queue="red")
    assert sorted(r["assignee"] for r in reds) == ["li"] * 3 + ["wang"] * 3
    assert reds[0]["assignee"] == "wang"  # li has one already
    assert two.cases.balance("red") == 0
    assert two.cases.rows(queue="usual")[0]["assignee"] == "li"


def test_a_queue_without_people_is_assigned_by_hand(board):
    board.put("firms", firms())
    judged(board, *START, queues=({"name": "all"},))
    case_id = case_of(board, "F1")["case_id"]
    with pytest.raises(RefusedError, match="nobody of queue all"):
        board.cases.assign(case_id)
    assert board.cases.balance() == 0
    assert board.cases.assign(case_id, "zhao")["assignee"] == "zhao"


def powers(*rows):
    """Return a table ``power`` of (holder, action) with optional conflicts and last day."""
    full = [(*r, *(None, None)[len(r) - 2 :]) for r in rows]
    return {
        "power": build("power", {
            "power_id": [f"P{k}" for k in range(len(full))], "holder": [r[0] for r in full],
            "action": [r[1] for r in full],
            "conflicts": [r[2] and json.dumps(r[2]) for r in full],
            "valid_to": [r[3] for r in full],
        })
    }  # fmt: skip


def test_powers_say_who_may(two):
    gone = date(2020, 1, 1)
    rights = powers(("li", "case.work"), ("wang", "case.check"), ("zhao", "case.check", None, gone))
    two.put("rights", rights)
    case_id = case_of(two, "F1")["case_id"]
    with pytest.raises(RefusedError, match="others"):
        two.acting("wang").cases.propose(case_id, "other", "x")
    li = two.acting("li").cases
    with pytest.raises(RefusedError, match="others"):
        li.assign(case_id, "wang")
    for refused in (lambda: two.cases.assign(case_id, "li"), two.cases.balance):  # not by others
        with pytest.raises(RefusedError, match="others"):
            refused()
    assert li.assign(case_id)["assignee"] == "li"  # who of the queue may
    two.acting("li").cases.propose(case_id, "other", "x")
    for name in ("zhao", "tester"):  # whose power has ended, and who never had it
        with pytest.raises(RefusedError, match="others"):
            two.acting(name).cases.approve(case_id)
    assert two.acting("wang").cases.approve(case_id)["state"] == "closed"


def lent(board):
    """Pay out a loan to F1: li proposes and runs, wang approves."""
    day = [date(2026, 3, 2)]
    board.put("offers", {
        "offer": build("offer", {
            "project_id": ["P1"], "as_of": day, "party_id": ["F1"], "product_id": ["D1"],
            "amount": [100_00], "rate": [40_000], "value": [0],
            "reasons": [[{"code": "x", "points": 1}]],
        }),
        "product": build("product", {
            "product_id": ["D1"], "lender_id": ["B1"], "term_months": [12],
            **{n: [100_00] for n in ("min_amount", "max_amount", "step_amount", "capacity")},
            **{n: [0] for n in ("min_rate", "max_rate", "funding_rate", "operating_rate", "lgd",
                                "guarantee_cover")},
        }),
    })  # fmt: skip
    li = board.acting("li")
    board.acting("wang").approve(li.propose(disburse))
    assert li.run(disburse, as_of="2026-03-02").counts["entry"] == 1


def test_nobody_gets_the_case_of_a_firm_that_he_decided_on(two):
    lent(two)
    case_id, other = case_of(two, "F1")["case_id"], case_of(two, "F2")["case_id"]
    assert two.cases.assign(case_id, "li")["assignee"] == "li"  # no right says otherwise yet
    two.put("rights", powers(("*", "case.work", ["settle.disburse"])))
    for name in ("li", "wang"):  # who ran it and proposed it, who approved it
        with pytest.raises(RefusedError, match=r"settle\.disburse"):
            two.cases.assign(case_id, name)
        assert two.cases.assign(other, name)["assignee"] == name
    with pytest.raises(RefusedError, match="nobody of queue red"):
        two.cases.assign(case_id)
    assert two.cases.assign(case_id, "zhao")["assignee"] == "zhao"


# ── the rest ─────────────────────────────────────────────────────────────────────────────────


def test_urgent_cases_come_first(board):
    board.put("firms", firms())
    loan = {"loan_id": ["L1", "L2"], "party_id": ["G1", "G3"], "lender_id": ["B"] * 2,
            "amount": [100, 900], "start": [date(2025, 1, 1)] * 2, "term_months": [12] * 2,
            "status": ["current"] * 2}  # fmt: skip
    board.put("loans", {"loan": build("loan", loan)})
    judged(board, *[(f"B{k}", f"G{k}", "orange") for k in range(4)], ("B9", "G9", "red"))
    board.cases.escalate(case_of(board, "G2")["case_id"], "the press calls")
    order = [r["party_id"] for r in board.cases.rows()]
    assert order == ["G2", "G9", "G3", "G1", "G0"]


def test_what_came_of_cases_is_told_by_rule(two):
    closed(two, "F1", "false_alarm")
    two.run(precision)
    told = {r["code"]: r for r in two.table("rule_precision").rows()}
    assert (told["L1"]["false_alarms"], told["L1"]["open"], told["L1"]["precision"]) == (1, 0, 0.0)
    assert (told["T1"]["false_alarms"], told["T1"]["open"]) == (1, 1)
    closed(two, "F2")
    two.run(precision)
    (row,) = two.table("rule_precision").rows(code="T1")
    assert (row["confirmed"], row["false_alarms"], row["precision"]) == (1, 1, 0.5)
    # Wilson, by hand: (1 + 1.96²)/(2(2 + 1.96²)) ∓ …: symmetric about a half.
    half = 1.96 * (0.25 / 2 + 1.96**2 / 16) ** 0.5 / (1 + 1.96**2 / 2)
    assert row["low"] == pytest.approx(0.5 - half)
    assert row["high"] == pytest.approx(0.5 + half)


def test_evidence_and_reports_are_kept(two):
    case_id = case_of(two, "F1")["case_id"]
    two.cases.attach(case_id, "the alert", row={"table": "alert", "alert_id": "A1"})
    two.cases.attach(case_id, "a letter", sha256="ab" * 32)
    row = two.cases.escalate(case_id, "large")
    assert row["escalated"]
    bodies = [a["body"] for a in two.cases.acts(case_id)[1:3]]
    assert bodies[0]["row"] == {"table": "alert", "alert_id": "A1"}
    assert bodies[1]["sha256"] == "ab" * 32
    assert two.check() == []


def test_a_case_that_is_none_is_named(two):
    for work in (lambda: two.cases.note("nothing", "x"), lambda: two.cases.acts("nothing")):
        with pytest.raises(NotFoundError) as caught:
            work()
        assert "cases list" in caught.value.text("zh")
