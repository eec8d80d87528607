"""The ledger asks who may post: within limits, and nothing is written for others."""

from datetime import date

import pytest

import liandong as ld
from liandong.errors import RefusedError
from liandong.schema.arrow import build

ACCOUNTS = {
    "account_id": ["a", "b"], "owner_id": ["A", "B"], "unit": ["CNY"] * 2,
    "code": ["deposits"] * 2,
}  # fmt: skip
POSTS = {"power_id": "P1", "holder": "ann", "action": "ledger.post", "limit": 100}


def entry(name, amount):
    return {
        "entry_id": name, "debit": "a", "credit": "b", "amount": amount, "unit": "CNY",
        "phase": "posted", "event_time": date(2026, 1, 1),
    }  # fmt: skip


def test_posting_stays_within_the_power_of_who_posts(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        board.ledger.open(build("account", ACCOUNTS))
        board.powers.add([POSTS])
        assert board.ledger.post_one(entry("e1", 100)) == "ok"
        for ledger in (board.ledger, board.acting("ben").ledger):
            with pytest.raises(RefusedError):
                ledger.post_one(entry("e2", 101))
        assert [e["entry_id"] for e in board.table("entry").rows()] == ["e1"]
        assert board.ledger.balances().to_pylist()[0]["debit"] == 100
        used = [(r["kind"], r["subject"], r["amount"]) for r in board.table("power_act").rows()]
        assert used == [("used", "e1", 100), ("denied", None, None), ("denied", None, None)]
        assert board.check() == []
