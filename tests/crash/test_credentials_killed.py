"""kill -9 while credentials are issued and accepted: each has its file, or was never there."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import liandong as ld
from liandong.govern.credentials import Sealed
from liandong.govern.log.notes import Signer
from support.credentials import NOW, Region, firm, recognise, what

pytestmark = pytest.mark.crash
ISSUE = """
import os, signal, sys
import liandong as ld
from liandong.govern.log.notes import Signer
from liandong.store import credentials, tilelog
from support.credentials import what

point, location, lake, key = sys.argv[1:]
die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
board = ld.open(location, actor="li", lake=lake)
if point == "before_commit":
    record = credentials.record
    credentials.record = lambda *a, **k: (record(*a, **k), die())
elif point == "inside_seal":
    tilelog.write = die
board.credentials.issue(what())
if point == "committed":
    die()
board.log.seal(Signer.read(key))
die()
"""
ACCEPT = """
import sys
from pathlib import Path
from child import arm
import liandong as ld
from support.credentials import NOW

board = ld.open(sys.argv[2], actor="child", lake=sys.argv[3])
arm(sys.argv[1])
board.credentials.accept(Path(sys.argv[4]).read_text("utf-8"), "c.json", NOW)
"""


def killed(child, *words):
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", child, *map(str, words)], capture_output=True, check=False,
        env={"PYTHONPATH": f"{here}:{here.parent}:{':'.join(sys.path)}"}, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("point", ["before_commit", "committed", "inside_seal", "sealed"])
def test_what_was_issued_has_its_file(point, location, tmp_path):
    lake, signer = tmp_path / "lake", Signer.new("west.example/acts")
    with Region(tmp_path, "west", signer=signer, location=location, lake=lake):
        pass
    killed(ISSUE, point, location, lake, signer.write())
    with ld.open(location, actor="li", lake=lake) as board:
        mine = board.credentials
        assert len(mine.issued()) == (point != "before_commit")
        number = mine.issued()[0]["number"] if mine.issued() else mine.issue(what())
        board.log.seal(signer)
        sealed = Sealed.read(mine.file(number))
        assert not any(c.fault for c in sealed.checks([signer.key]))
        assert board.check() == []
        assert board.log.faults([signer.key]) == []


@pytest.mark.parametrize(
    "point", ["begun", "file_written", "snapshot_named", "inside_commit", "committed"]
)
def test_what_was_accepted_is_whole_or_not_there(point, location, tmp_path):
    lake, file = tmp_path / "lake", tmp_path / "c.json"
    with (
        ld.open(location, actor="ann", lake=lake) as board, Region(tmp_path, "west") as west,
    ):  # fmt: skip
        firm(board)
        recognise(board, west)
        first, second = (west.board.credentials.issue(what(n=n)) for n in "ab")
        before = board.credentials.accept(west.file(first), "a.json", NOW)
        file.write_text(west.file(second), "utf-8")
    killed(ACCEPT, point, location, lake, file)
    with ld.open(location, actor="after", lake=lake) as board:
        found = board.table("credential").rows()
        assert before in found
        assert len(found) == (2 if point == "committed" else 1)
        row = board.credentials.accept(file.read_text("utf-8"), "c.json", NOW)
        assert board.table("credential").rows() == [before, row]
        assert board.check() == []
