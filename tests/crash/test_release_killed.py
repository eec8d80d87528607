"""kill -9 while a release is made: its budget is spent if and only if it is published."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import liandong as ld
from liandong.govern import release
from support.released import ORDER, give, loans, parties

POINTS = ("begun", "file_written", "snapshot_named", "inside_commit", "committed")

pytestmark = pytest.mark.crash
CHILD = """
import sys
from child import arm
import liandong as ld
from liandong.govern import release
from support.released import ORDER

board = ld.open(sys.argv[2], actor="child", lake=sys.argv[3])
arm(sys.argv[1])
board.run(release, **ORDER)
"""


@pytest.mark.parametrize("point", POINTS)
def test_spent_if_and_only_if_published(point, location, tmp_path):
    lake, here = tmp_path / "lake", Path(__file__).parent
    with ld.open(location, actor="ann", lake=lake) as board:
        board.put("data", {"party": parties(), "loan": loans(("F1", 1))})
        give(board, 500_000)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, point, location, str(lake)], capture_output=True,
        env={"PYTHONPATH": f"{here}:{here.parent}:{':'.join(sys.path)}"}, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with ld.open(location, actor="after", lake=lake) as board:
        published = board.table("released").arrow()
        assert len(published) == (3 if point == "committed" else 0)
        assert spent(board) == (500_000 if len(published) else 0)
        # Doing it again publishes it, or gives back what was published: both spend it once.
        board.run(release, **ORDER)
        again = board.table("released").arrow()
        assert len(again) == 3
        assert spent(board) == 500_000
        assert not len(published) or again.equals(published)
        assert board.check() == []


def spent(board):
    found = {r["account_id"]: r["debit"] for r in board.ledger.balances().to_pylist()}
    return found["memo:loan@B1:epsilon"]
