"""Scorecards, appeals and links, on cases whose outcome is known beforehand."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from liandong import govern
from liandong.errors import NotFoundError, RefusedError, UsageError
from liandong.govern import ScorecardsRule
from liandong.kernels.statistics.shrinkage import shrunken_shares
from liandong.schema.arrow import build
from liandong.schema.tables import table
from liandong.testing import check_step

DAY = date(2026, 3, 31)


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 4, tzinfo=UTC)


def case(name: str, **given: object) -> dict:
    row = {"case_id": name, "party_id": f"P{name}", "queue": "flags", "state": "open",
           "level": "orange", "alerts": 1, "opened_at": at(1), "due_on": date(2026, 3, 20),
           "assignee": "li", "escalated": False, "seq": 1}  # fmt: skip
    return {**row, **given}


def closed(name: str, day: int, outcome: str, **given: object) -> dict:
    return case(name, state="closed", closed_at=at(day), outcome=outcome,
                **{"maker": "li", "checker": "wang", **given})  # fmt: skip


def made(name: str, rows: list[dict]):
    return build(name, {n: [r.get(n) for r in rows] for n in table(name).names})


def cards(rule=None, **given):
    step = govern.scorecards
    tables = step.inputs({n: made(n, rows) for n, rows in given.items()})
    found = step.finish(tables, step.rule.make(as_of=DAY, **(rule or {})))["responsibility"]
    return {(r["holder"], r["duty"]): r for r in found.to_pylist()}


CASES = [
    case("c1"), case("c2", due_on=date(2026, 4, 5)), case("c3", assignee=None),
    closed("c4", 19, "confirmed"), closed("c5", 25, "false_alarm"), closed("c6", 18, "confirmed"),
    closed("c7", 18, "false_alarm", assignee="zhao", maker="zhao"),
    case("later", opened_at=datetime(2026, 4, 1, 4, tzinfo=UTC)),
]  # fmt: skip


def test_each_number_counts_its_rows() -> None:
    found = cards(alert_case=CASES)
    told = {k: (r["hits"], r["total"]) for k, r in found.items()}
    assert told == {
        ("li", "open_cases"): (2, None), ("li", "overdue_cases"): (1, None),
        ("li", "in_time"): (2, 3), ("li", "overruled"): (1, 3),
        ("zhao", "in_time"): (1, 1), ("zhao", "overruled"): (1, 1),
        ("queue:flags", "open_cases"): (3, None), ("queue:flags", "overdue_cases"): (2, None),
        ("queue:flags", "in_time"): (3, 4),
    }  # fmt: skip
    assert found["li", "overdue_cases"]["evidence"] == '{"table": "alert_case", "rows": ["c1"]}'
    # Two of four were closed against the rule; a single case says little, and is drawn there.
    assert found["zhao", "overruled"]["value"] == 1.0
    assert 0.5 <= found["zhao", "overruled"]["shrunk"] < 1.0
    assert found["zhao", "overruled"]["low"] < 0.21


def test_an_appeal_takes_its_row_out_beside_the_number_with_it() -> None:
    def filed(act, kind, item="c5"):
        own = {"table_name": "alert_case", "item": item, "holder": "li", "reason": "x"}
        return {"act": act, "appeal_id": item, "at": at(26), "actor": "li", "kind": kind, **own}

    for more, without in (([], 0), ([filed(2, "upheld")], 0), ([filed(2, "dismissed")], 1)):
        row = cards(alert_case=CASES, appeal=[filed(1, "filed"), *more])["li", "overruled"]
        assert (row["hits"], row["hits_without"]) == (1, without)
        assert row["value"] == pytest.approx(1 / 3)
    # Somebody else's card is not touched by it.
    others = cards(alert_case=CASES, appeal=[filed(1, "filed")])["queue:flags", "in_time"]
    assert others["appealed"] == 0


def test_approvals_and_emergencies_that_wait() -> None:
    def act(number, actor, kind, day, **given):
        return {"act": number, "at": at(day), "actor": actor, "kind": kind, **given}

    power = {"power_id": "P", "holder": "role:pay", "action": "fund.pay",
             "approvals": '{"n": 2, "of": "role:head"}'}  # fmt: skip
    acts = [
        act(1, "li", "asked", 2, action="fund.pay"), act(2, "an", "approved", 3, ref=1),
        act(3, "li", "asked", 2, action="fund.pay"), act(4, "an", "approved", 3, ref=3),
        act(5, "bo", "approved", 3, ref=3), act(6, "li", "opened", 5, power_id="G"),
        act(7, "li", "opened", 6, power_id="G"), act(8, "wang", "reviewed", 7, ref=7),
        act(9, "zhao", "opened", 30, power_id="G"),
    ]  # fmt: skip
    post = {"post_id": "1", "person": "li", "post": "role:pay", "valid_to": date(2026, 12, 31)}
    approvals = [{"case_id": f"a{k}", "action": "settle.disburse", "subject": str(k),
                  "maker": "li", "checker": "wang", "state": s, "opened_at": at(1),
                  "closed_at": at(2)} for k, s in enumerate(("approved", "rejected"))]  # fmt: skip
    found = cards(power=[power], power_act=acts, post=[post], case=approvals)
    assert {k: r["hits"] for k, r in found.items()} == {
        ("role:head", "waiting_approvals"): 1, ("li", "overdue_reviews"): 1,
        ("role:pay", "overdue_reviews"): 1, ("zhao", "overdue_reviews"): 0,
        ("wang", "turned_down"): 1,
    }  # fmt: skip


def test_shares_of_few_are_drawn_to_the_share_of_all() -> None:
    # With one share for all, nothing but chance is left: everybody is the share of all.
    assert shrunken_shares(np.array([5, 10]), np.array([10, 20])).tolist() == [0.5, 0.5]
    # By hand for (1, 9) of 10 each: between 3.2, chance 1/4, spare 10, so the correlation is
    # (12.8 - 1) / (10 - 1) > 1, which leaves the shares as they are.
    assert shrunken_shares(np.array([1, 9]), np.array([10, 10])).tolist() == [0.1, 0.9]
    # (3, 7): between 0.8, (3.2 - 1) / 9 = 11/45, weight 34/11: (3 + 17/11) / (10 + 34/11) = 25/72.
    found = shrunken_shares(np.array([3, 7]), np.array([10, 10]))
    assert found.tolist() == pytest.approx([25 / 72, 47 / 72])


def test_the_step_holds_the_conventions(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"alert_case": made("alert_case", CASES)}
    check_step(govern.scorecards, given, ScorecardsRule(as_of=DAY), boards=["s.board"])


def test_who_appeals_or_is_concerned_does_not_decide(board) -> None:
    flag = {"flag_id": "f", "code": "round", "subject_kind": "staff", "subject_id": "s",
            "place": 1, "items": 1, "amount": 5, "evidence": '{"table": "expense", "rows": []}',
            "reasons": []}  # fmt: skip
    board.put("flags", {"red_flag": made("red_flag", [flag])})
    board.run(govern.flag_cases, as_of=DAY)
    board.cases.open()
    (opened,) = board.cases.rows()
    board.cases.assign(opened["case_id"], "li")
    li, ann, bo = (board.acting(n) for n in ("li", "ann", "bo"))
    with pytest.raises(UsageError):
        ann.appeals.file("alert_case", opened["case_id"], "zhao", " ")
    with pytest.raises(NotFoundError):
        ann.appeals.file("alert_case", "nothing", "zhao", "not his")
    name = ann.appeals.file("alert_case", opened["case_id"], "zhao", "not his")
    with pytest.raises(RefusedError, match="before"):
        bo.appeals.file("alert_case", opened["case_id"], "zhao", "again")
    for who in (ann, board.acting("zhao"), li):  # filed it, is concerned, works the case
        with pytest.raises(RefusedError, match="do not decide"):
            who.appeals.decide(name, uphold=True, reason="x")
    board.powers.add([{"power_id": "A", "holder": "chief", "action": "appeal.decide"}])
    with pytest.raises(RefusedError):
        bo.appeals.decide(name, uphold=True, reason="x")
    board.acting("chief").appeals.decide(name, uphold=True, reason="another was on duty")
    with pytest.raises(RefusedError, match="already"):
        board.acting("chief").appeals.decide(name, uphold=False, reason="x")
    (row,) = board.appeals.rows()
    assert (row["state"], row["ruling"]["reason"]) == ("upheld", "another was on duty")
    assert board.check() == []


def linked(rule=None, **given):
    step = govern.case_links
    tables = step.inputs({n: made(n, rows) for n, rows in given.items()})
    return {
        n: t.to_pylist() for n, t in step.finish(tables, step.rule.make(**(rule or {}))).items()
    }


def spent(name, unit, staff, vendor=None):
    return {"expense_id": name, "unit_id": unit, "staff_id": staff, "vendor_id": vendor,
            "category": "meal", "amount": 1, "spent_on": DAY}  # fmt: skip


def flagged(name, subject, *rows):
    told = ", ".join(f'"{r}"' for r in rows)
    return {"flag_id": name, "code": "round", "subject_kind": "unit", "subject_id": subject,
            "place": 1, "items": 1, "amount": 1, "reasons": [],
            "evidence": f'{{"table": "expense", "rows": [{told}]}}'}  # fmt: skip


def test_planted_links_are_found_and_an_office_of_all_ties_nothing() -> None:
    expenses = [spent(f"e{k}", "office", f"s{k}", f"v{k}") for k in range(6)]
    expenses += [spent("e6", "office", "s6", "v0")]
    vendors = [{"vendor_id": "v1", "phone": "138 0000"}, {"vendor_id": "v2", "phone": "１３８0000"}]
    flags = [flagged(f"f{k}", f"u{k}", f"e{k}") for k in range(7)]
    found = linked({"most": 5}, expense=expenses, vendor=vendors, red_flag=flags)
    ties = {(r["one"], r["other"], r["tie"], r["via"]) for r in found["case_link"]}
    assert ties == {("f0", "f6", "vendor", "v0"), ("f1", "f2", "phone", "1380000")}
    assert [(r["tie"], r["via"], r["shared_by"]) for r in found["case_hub"]] == [
        ("unit", "office", 7)
    ]
    assert {(r["item"], r["cluster_id"], r["size"]) for r in found["case_cluster"]} == {
        ("f0", "f0", 2), ("f6", "f0", 2), ("f1", "f1", 2), ("f2", "f1", 2),
    }  # fmt: skip
    (phone,) = (r for r in found["case_link"] if r["tie"] == "phone")
    assert phone["evidence"] == '[["vendor", "v1"], ["vendor", "v2"]]'


def test_cases_of_one_owner_approver_or_case_file_hang_together() -> None:
    cases = [case(f"c{k}", party_id=f"p{k}") for k in range(1, 5)]
    edges = [{"src": "boss", "dst": p, "kind": "controls", "valid_from": DAY} for p in ("p1", "p2")]
    acts = [{"act": k, "at": at(2), "actor": "wang", "kind": "approved", "subject": p}
            for k, p in ((1, "p2"), (2, "p3"))]  # fmt: skip
    alert = {"case_id": "c4", "alert_id": "f1", "rule": "r", "code": "round", "level": "orange"}
    own = {"subject_kind": "vendor", "subject_id": "v"}
    flags = [{**flagged(f, "-"), **own} for f in ("f1", "f2")]
    found = linked(alert_case=cases, edge=edges, power_act=acts, case_alert=[alert], red_flag=flags)
    assert {(r["one"], r["other"], r["tie"]) for r in found["case_link"]} == {
        ("c1", "c2", "owner"), ("c2", "c3", "approver"), ("c4", "f2", "vendor"),
    }  # fmt: skip
    assert sorted({(r["cluster_id"], r["size"]) for r in found["case_cluster"]}) == [
        ("c1", 3), ("c4", 2),
    ]  # fmt: skip
    assert not linked({"flags": False}, alert_case=cases, red_flag=flags)["case_link"]
