"""What the power list refuses is in the log, without what it was about, and never fills it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from liandong.errors import RefusedError
from liandong.govern.log.notes import Signer
from liandong.store import authority, books
from liandong.store.authority import About

NOON = datetime(2026, 3, 2, 12, 0, 1, tzinfo=UTC)


class Clock(datetime):
    """A clock that stands."""

    at = NOON

    @classmethod
    def now(cls, tz=None):
        return cls.at.astimezone(tz)


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(books, "datetime", Clock)
    Clock.at = NOON
    return Clock


@pytest.fixture
def pay(board):
    board.powers.add([
        {"power_id": "P1", "holder": "li", "action": "pay", "limit": "10 CNY"},
        {"power_id": "P2", "holder": "wang", "action": "pay", "evidence": ["contract"],
         "approvals": {"n": 2, "of": "*"}},
        {"power_id": "P3", "holder": "wang", "action": "load.put"},
    ])  # fmt: skip
    return board


def refused(board, who, amount=2_000, action="pay"):
    with pytest.raises(RefusedError):
        board.acting(who).powers.need(action, "secret F1", amount)


def denied(board):
    rows = board.store.books.rows("power_act", kind="denied")
    return [(r["actor"], r["action"], r["reason"], r["times"]) for r in rows]


def test_a_refusal_is_in_the_log_and_says_who_what_and_what_lacked(pay, clock):
    del clock
    refused(pay, "li")
    refused(pay, "wang")
    refused(pay, "zhao")
    with pay.store.books.engine.begin() as c:
        by = authority.Listed.of(c, NOON).decide(
            c, "wang", "pay", About(evidence={"contract": ""}), ()
        )
    assert authority.denied("wang", "pay", by).lacking == "P2 (approvals: 2)"
    assert denied(pay) == [
        ("li", "pay", "P1 (limit)", 1), ("wang", "pay", "P2 (evidence)", 1),
        ("zhao", "pay", "no entry", 1),
    ]  # fmt: skip
    rows = pay.store.books.rows("act", action="power.denied")
    assert [json.loads(r["body"])["times"] for r in rows] == [1, 1, 1]
    assert not any("secret" in f"{r['subject']}{r['body']}" for r in rows)
    assert pay.check() == []


def test_a_flood_of_refusals_leaves_two_entries_a_minute(pay, clock):
    before = pay.store.state()
    for _ in range(30):
        refused(pay, "li")
        refused(pay, "zhao")
    assert pay.store.state() == before + 2
    clock.at = NOON + timedelta(seconds=59)
    refused(pay, "li")
    assert denied(pay)[2:] == [
        ("li", "pay", "P1 (limit)", 29), ("zhao", "pay", "no entry", 29),
        ("li", "pay", "P1 (limit)", 1),
    ]  # fmt: skip
    refused(pay, "li")
    assert len(denied(pay)) == 5
    # Sealing tells what was only counted, so that no refusal is missing from what is signed.
    pay.log.seal(Signer.new("bank.example/acts"))
    assert sum(times for *_, times in denied(pay)) == 62
    assert pay.log.files.checkpoint().size == pay.store.state()
    assert pay.check() == []


def test_every_way_to_be_refused_is_written_and_looking_is_not(pay, clock):
    del clock
    with pytest.raises(RefusedError):
        pay.acting("li").put("part", {})
    li = pay.acting("li").powers
    asked = li.ask("pay", "F1", 1)
    for act in (
        lambda: li.agree(asked), lambda: pay.acting("sun").powers.agree(asked),
        lambda: li.break_glass("anything <at> all", "flood", "wang"),
        lambda: pay.acting("wang").powers.break_glass("P3", "flood", "li"),
    ):  # fmt: skip
        with pytest.raises(RefusedError):
            act()
    assert [(who, what, why) for who, what, why, _ in denied(pay)] == [
        ("li", "load.put", "no entry"), ("li", "pay", "power_self"), ("sun", "pay", "power_agree"),
        ("li", "powers.break-glass", "power_not_held"), ("wang", "load.put", "glass_none"),
    ]  # fmt: skip
    # Looking whether somebody may is no act of his.
    with pytest.raises(RefusedError), pay.store.books.writing() as c:
        authority.may(c, "zhao", "pay")
    assert len(denied(pay)) == 5
