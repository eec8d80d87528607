"""Powers on a board, on SQLite and on PostgreSQL: decided with the act in one transaction."""

import signal
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

import liandong as ld
from liandong.errors import ConflictError, DataError, LiandongError, RefusedError, UsageError
from liandong.schema.arrow import build
from liandong.settle import disburse
from liandong.store import authority, mandates
from liandong.store.authority import About
from liandong.types import CHINA


def today():
    return datetime.now(UTC).astimezone(CHINA).date()


def term(person, post):
    return {"post_id": f"{person}@{post}", "person": person, "post": post}


def acting(board, name):
    return board.acting(name).powers


def uses(board, kind="used"):
    return [r for r in board.store.books.rows("power_act") if r["kind"] == kind]


@pytest.fixture
def pay(board):
    """A board on which li may pay 1,000 fen in all, and the role of payers may, with two others."""
    entries = [
        {"power_id": "P1", "holder": "li", "action": "pay", "total_limit": "10 CNY",
         "delegate_days": 5},
        {"power_id": "P2", "holder": "role:payer", "action": "pay",
         "approvals": {"n": 2, "of": "role:board"}},
        {"power_id": "P3", "holder": "zhao", "action": "pay", "glass_hours": 2},
    ]  # fmt: skip
    posts = [term("qian", "role:payer"), term("li", "role:board"), term("wang", "role:board")]
    board.powers.add(entries, posts)
    return board


def test_a_use_is_written_with_its_act_and_counts(pay):
    acting(pay, "li").need("pay", "F1", 600)
    with pytest.raises(RefusedError, match=r"P1 \(limit in all\)"):
        acting(pay, "li").need("pay", "F1", 401)
    acting(pay, "li").need("pay", "F1", 400)
    with pytest.raises(RefusedError, match="others"):
        acting(pay, "nobody").need("pay", "F1", 1)
    assert [(u["power_id"], u["amount"], u["reason"]) for u in uses(pay)] == [
        ("P1", 600, "P1: 0/0"), ("P1", 400, "P1: 600/600"),
    ]  # fmt: skip
    (act,) = pay.table("act").rows(seq=uses(pay)[0]["act"])
    assert (act["action"], act["actor"]) == ("power.used", "li")
    pay.powers.need("nobody.is.named")
    assert len(uses(pay)) == 2
    assert pay.check() == []


def test_what_fails_after_the_decision_leaves_no_use(pay):
    def fail():
        with pay.store.books.writing() as c:
            authority.need(c, "li", "pay", About("F1", 900))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert uses(pay) == []
    acting(pay, "li").need("pay", "F1", 1_000)


CHILD = """
import os, signal, sys
import liandong as ld
from liandong.store import authority
with ld.open(sys.argv[1], actor="li", lake=sys.argv[2]) as board:
    with board.store.books.writing() as c:
        authority.need(c, "li", "pay", authority.About("F1", 900))
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.crash
def test_who_dies_after_the_decision_has_used_nothing(pay, location, tmp_path):
    command = [sys.executable, "-c", CHILD, location, str(tmp_path / "lake")]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert uses(pay) == []
    assert pay.check() == []
    acting(pay, "li").need("pay", "F1", 1_000)


def test_two_at_once_cannot_both_use_the_last_of_a_limit(pay, location, tmp_path):
    acting(pay, "li").delegate("P1", "sun", today())
    gate, told = threading.Barrier(6), []

    def act(name):
        with ld.open(location, actor=name, lake=tmp_path / "lake") as own:
            gate.wait()
            try:
                own.powers.need("pay", "F1", 400)
                told.append("done")
            except LiandongError as error:
                told.append(type(error).__name__)

    threads = [threading.Thread(target=act, args=(("li", "sun")[k % 2],)) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(told) == ["RefusedError"] * 4 + ["done"] * 2
    assert sum(u["amount"] for u in uses(pay)) == 800
    assert pay.check() == []


def test_others_agree_up_to_an_amount_and_once(pay):
    qian, li, wang = (acting(pay, n) for n in ("qian", "li", "wang"))
    with pytest.raises(RefusedError, match="P2 needs 2 more of role:board"):
        qian.need("pay", "F1", 500)
    seq = qian.ask("pay", "F1", 500)
    for who, why in (("qian", "own"), ("zhao", "not among")):
        with pytest.raises(RefusedError, match=why):
            acting(pay, who).agree(seq)
    li.agree(seq)
    with pytest.raises(RefusedError, match="before"):
        li.agree(seq)
    with pytest.raises(RefusedError, match="needs 1 more"):
        qian.need("pay", "F1", 500)
    assert [(r["act"], r["agreed"]) for r in pay.powers.inbox()["asked"]] == [(seq, ["li"])]
    wang.agree(seq)
    for about in (("F1", 501), ("F2", 500)):
        with pytest.raises(RefusedError, match="needs 2 more"):
            qian.need("pay", *about)
    qian.need("pay", "F1", 499)
    assert uses(pay)[0]["ref"] == seq
    assert pay.powers.inbox()["asked"] == []
    with pytest.raises(RefusedError, match="needs 2 more"):
        qian.need("pay", "F1", 1)
    assert pay.check() == []


def test_others_agree_one_after_the_other(board):
    order = {"in_order": ["role:county", "role:city"]}
    board.powers.add(
        [{"power_id": "P", "holder": "li", "action": "pay", "approvals": order,
          "delegate_days": 5}],
        [term("he", "role:county"), term("qian", "role:city"), term("sun", "role:city")],
    )  # fmt: skip
    li, he, qian = (acting(board, n) for n in ("li", "he", "qian"))
    seq = li.ask("pay", "F1", 5)
    with pytest.raises(RefusedError, match="role:county agrees first"):
        qian.agree(seq)
    assert [p.inbox()["asked"][0]["stands"] for p in (he, qian)] == ["", "later"]
    he.agree(seq)
    with pytest.raises(RefusedError, match="1 more of role:city"):
        li.need("pay", "F1", 5)
    assert [p.inbox()["asked"][0]["stands"] for p in (he, qian)] == ["done", ""]
    qian.agree(seq)
    with pytest.raises(RefusedError, match="enough"):
        acting(board, "sun").agree(seq)
    li.need("pay", "F1", 5)
    for other in ({"in_order": ["role:city", "role:county"]}, {"n": 2, "of": "*"}):
        with pytest.raises(DataError, match="approvals"):
            li.delegate("P", "zhou", today(), approvals=other)
    assert li.delegate("P", "zhou", today()).in_order == ("role:county", "role:city")
    for bad in ({"in_order": []}, {"in_order": ["county"]}, {"in_order": ["*"], "n": 1}):
        with pytest.raises(DataError, match="approvals"):
            board.powers.add([{"power_id": "B", "holder": "x", "action": "y", "approvals": bad}])
    assert board.check() == []


def test_handing_on_is_narrower_and_ends(pay):
    li = acting(pay, "li")
    last = today() + timedelta(4)
    for name, bad in (("P1", {"total_limit": "11 CNY"}), ("P1", {"until": last + timedelta(1)})):
        with pytest.raises(DataError, match="P1-"):
            li.delegate(name, "sun", bad.pop("until", last), **bad)
    with pytest.raises(RefusedError, match="P2"):
        li.delegate("P2", "sun", last)
    with pytest.raises(DataError, match="holder"):
        li.delegate("P1", "li", last)
    made = li.delegate("P1", "sun", last, total_limit="4 CNY")
    acting(pay, "sun").need("pay", "F1", 400)
    with pytest.raises(RefusedError, match=made.power_id):
        acting(pay, "sun").need("pay", "F1", 1)
    with pytest.raises(DataError):
        acting(pay, "sun").delegate(made.power_id, "zhou", last)
    li.revoke(made.power_id, "back from leave")
    with pytest.raises(RefusedError, match="valid to"):
        acting(pay, "sun").need("pay", "F1", 0)
    li.need("pay", "F1", 600)
    with pytest.raises(RefusedError):
        li.need("pay", "F1", 1)
    assert len(pay.store.books.rows("power")) == 4
    assert pay.check() == []


def test_broken_glass_holds_for_a_while_and_is_reviewed(pay, monkeypatch):
    zhao = acting(pay, "zhao")
    with pytest.raises(RefusedError):
        zhao.need("pay", "F1", 10**9)
    for reason, informed in (("", "li"), ("flood", ""), ("flood", "zhao")):
        with pytest.raises(UsageError):
            zhao.break_glass("P3", reason, informed)
    with pytest.raises(RefusedError, match="P1"):
        acting(pay, "li").break_glass("P1", "flood", "wang")
    seq = zhao.break_glass("P3", "flood", "li")
    zhao.need("pay", "F1", 10**9)
    (due,) = pay.powers.inbox()["opened"]
    assert due["due"] - due["at"] == timedelta(hours=72)
    monkeypatch.setattr(mandates, "REVIEW", timedelta(0))
    with pytest.raises(RefusedError, match="overdue"):
        zhao.break_glass("P3", "again", "li")
    with pytest.raises(RefusedError, match="own"):
        zhao.review(seq, "fine")
    acting(pay, "li").review(seq, "right")
    with pytest.raises(RefusedError, match="before"):
        acting(pay, "wang").review(seq, "right")
    zhao.break_glass("P3", "again", "li")
    with pay.store.books.engine.begin() as c:
        later = authority.Listed.of(c, datetime.now(UTC) + timedelta(hours=3))
    assert later.index.held("zhao", "pay") == ()
    assert pay.check() == []


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"power_id": "B", "holder": "li", "action": "x", "limits": 1}, DataError),
        ({"power_id": "B", "holder": "li", "action": "x", "source": "P9", "delegator": "wang"},
         DataError),
        ({"power_id": "B", "holder": "sun", "action": "pay", "source": "P1", "delegator": "li",
          "valid_from": date(2026, 1, 1), "valid_to": date(2026, 1, 2)}, DataError),
        ({"power_id": "B", "holder": "li", "action": "x", "never_with": ["pay"]}, DataError),
        ({"power_id": "P1", "holder": "sun", "action": "pay"}, ConflictError),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_entry_lets_nothing_of_its_list_in(pay, bad, error):
    before, acts = pay.store.books.rows("power"), pay.store.state()
    good = {"power_id": "A", "holder": "li", "action": "y"}
    with pytest.raises(error, match=bad["power_id"]):
        pay.powers.add([good, bad], [term("sun", "role:payer")])
    assert (pay.store.books.rows("power"), pay.store.state()) == (before, acts)


def test_everything_that_changes_a_board_asks(board):
    named = ("load.put", "propose.settle.disburse", "decide.settle.disburse", "settle.disburse",
             "powers.change", "alert.snooze", "act.erase", "log.seal", "export.table")  # fmt: skip
    board.powers.add({"power_id": n, "holder": "li", "action": n} for n in named)
    li, wang = board.acting("li"), board.acting("wang")
    tables = lending()
    until = datetime.now(UTC) + timedelta(1)
    for act in (
        lambda: wang.put("offers", tables), lambda: wang.propose(disburse),
        lambda: wang.powers.add([{"power_id": "W", "holder": "wang", "action": "x"}]),
        lambda: wang.powers.revoke("load.put", "x"), lambda: wang.log.erase(1, "x"),
        lambda: wang.log.seal(None), lambda: wang.powers.need("export.table"),
    ):  # fmt: skip
        before = board.store.books.rows("power")
        with pytest.raises(LiandongError) as caught:
            act()
        assert isinstance(caught.value, RefusedError) or "offer" in str(caught.value)
        assert board.store.books.rows("power") == before
    assert board.table("offer").rows() == []
    li.put("offers", tables)
    case = li.propose(disburse)
    with pytest.raises(RefusedError, match="others"):
        wang.approve(case)
    li.powers.add([{"power_id": "D", "holder": "wang", "action": "decide.settle.disburse",
                    "limit": "99.99 CNY"}])  # fmt: skip
    with pytest.raises(RefusedError, match=r"D \(limit a case\)"):
        wang.approve(case)
    li.powers.add([{"power_id": "E", "holder": "wang", "action": "decide.settle.disburse",
                    "limit": "100 CNY", "conflicts": ["maker"]}])  # fmt: skip
    wang.approve(case)
    with pytest.raises(RefusedError):
        wang.run(disburse, as_of="2026-03-02")
    assert li.run(disburse, as_of="2026-03-02").counts["entry"] == 1
    assert [u["amount"] for u in uses(board) if u["action"] == "settle.disburse"] == [100_00]
    li.snooze("F1", until=until, reason="x")
    assert {u["action"] for u in uses(board)} >= {"load.put", "powers.change", "alert.snooze"}
    assert board.check() == []


def lending():
    """A loan of 100 yuan offered to F1."""
    return {
        "offer": build("offer", {
            "project_id": ["P1"], "as_of": [date(2026, 3, 2)], "party_id": ["F1"],
            "product_id": ["D1"], "amount": [100_00], "rate": [40_000], "value": [0],
            "reasons": [[{"code": "x", "points": 1}]],
        }),
        "product": build("product", {
            "product_id": ["D1"], "lender_id": ["B1"], "term_months": [12],
            **{n: [100_00] for n in ("min_amount", "max_amount", "step_amount", "capacity")},
            **{n: [0] for n in ("min_rate", "max_rate", "funding_rate", "operating_rate", "lgd",
                                "guarantee_cover")},
        }),
    }  # fmt: skip


def test_a_power_limited_in_money_holds_a_run_to_it(board):
    board.put("offers", lending())
    board.powers.add([{"power_id": "R", "holder": "li", "action": "settle.disburse",
                       "limit": "99 CNY"}])  # fmt: skip
    li = board.acting("li")
    board.acting("wang").approve(li.propose(disburse))
    with pytest.raises(RefusedError, match=r"R \(limit a case\)"):
        li.run(disburse, as_of="2026-03-02")
    assert board.table("entry").rows() == []
    assert board.runs()[-1].status == "failed"


FORGED = (
    "INSERT INTO power_act (act, at, actor, kind) SELECT 999, at, actor, 'used' FROM act"
    " WHERE seq = 1"
)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE power SET holder = 'sun' WHERE power_id = 'P1'", "row P1 of power"),
        ("DELETE FROM power WHERE power_id = 'P2'", "row P2 of power"),
        ("INSERT INTO power (power_id, holder, action) VALUES ('P9', 'sun', 'pay')", "row P9"),
        ("INSERT INTO post (post_id, person, post) VALUES ('T', 'sun', 'role:payer')", "row T"),
        (FORGED, "act 999"),
    ],
)  # fmt: skip
def test_what_was_changed_behind_the_back_is_found(pay, statement, told):
    with pay.store.books.writing() as c:
        c.exec_driver_sql(statement)
    assert any(told in f for f in pay.check())


def test_uses_are_only_ever_added(pay):
    acting(pay, "li").need("pay", "F1", 1)
    for statement in ("UPDATE power_act SET amount = 0", "DELETE FROM power_act"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            pay.store.books.writing() as c,
        ):
            c.execute(sa.text(statement))
