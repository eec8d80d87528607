"""kill -9 while posting: what was acknowledged is there, and asking again doubles nothing."""

import subprocess
import sys
import time
from datetime import date

import pytest

import liandong as ld
from liandong.schema.arrow import build

pytestmark = pytest.mark.crash
ROWS = 20
CHILD = """
import sys
import liandong as ld
from test_ledger_killed import batch

with ld.open(sys.argv[1], actor="child", lake=sys.argv[2]) as board:
    for number in range(int(sys.argv[3]), 10**6):
        board.ledger.post(batch(number))
        print(number, flush=True)
"""


def batch(number):
    return build("entry", {
        "entry_id": [f"{number}-{i}" for i in range(ROWS)], "debit": ["a"] * ROWS,
        "credit": ["b"] * ROWS, "amount": [1] * ROWS, "unit": ["CNY"] * ROWS,
        "phase": ["posted"] * ROWS, "event_time": [date(2026, 1, 1)] * ROWS,
    })  # fmt: skip


def test_nothing_acknowledged_is_lost_and_nothing_doubled(location, tmp_path):
    two = {n: ["a", "b"] for n in ("account_id", "owner_id")}
    with ld.open(location, actor="t", lake=tmp_path / "lake") as board:
        board.ledger.open(build("account", {**two, "unit": ["CNY"] * 2, "code": ["memo"] * 2}))
        sent = 0
        for pause in (0.0, 0.05, 0.11):
            words = [sys.executable, "-c", CHILD, location, tmp_path / "lake", sent]
            child = subprocess.Popen(
                [str(w) for w in words], stdout=subprocess.PIPE, text=True,
                cwd=__file__.rpartition("/")[0],
            )  # fmt: skip
            told = [child.stdout.readline()]
            time.sleep(pause)
            child.kill()
            told += child.stdout.read().split()
            child.communicate()
            for number in range(sent, int(told[-1]) + 2):
                results = set(board.ledger.post(batch(number))["result"].to_pylist())
                assert results == {"exists"} or (results == {"ok"} and number > int(told[-1]))
            sent = int(told[-1]) + 2
        assert [r["debit"] for r in board.ledger.balances().to_pylist()] == [sent * ROWS, 0]
        assert board.check() == []
