"""kill -9 at every point of a load and a run, and at random: nothing lost or half-visible."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import liandong as ld
from liandong.testing.checks import digest

POINTS = ("begun", "file_written", "snapshot_named", "inside_commit", "committed")
CHILD = Path(__file__).with_name("child.py")

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    rows = ["region_id,period,measure,vintage,value,unit,source"]
    for i in range(40):
        region = f"{(11 + i % 20) * 10000}"
        rows += [f"{region},{2000 + i // 20},{m},v1,{v},u,test"
                 for m, v in (("gdp", 100 + i), ("population", 10 + i))]  # fmt: skip
    path = tmp_path_factory.mktemp("stat") / "stat.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def kill_at(point, work, location, tmp_path, file):
    command = [sys.executable, CHILD, point, work, location, tmp_path / "lake", file]
    done = subprocess.run([str(c) for c in command], capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def result(board):
    return {n: digest(board.table(n).arrow()) for n in ("region_stat", "gap")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, file):
    with ld.open(tmp_path_factory.mktemp("calm") / "calm.board", actor="calm") as board:
        board.load("region_stat", file)
        board.run(ld.survey.gap)
        assert len(board.table("gap")) > 0
        return result(board)


@pytest.mark.parametrize("work", ["load", "run"])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(point, work, location, tmp_path, file, undisturbed):
    kill_at(point, work, location, tmp_path, file)
    with ld.open(location, actor="after", lake=tmp_path / "lake") as board:
        state = board.runs()[-1].status
        assert state == ("done" if point == "committed" else "broken")
        written = "region_stat" if work == "load" else "gap"
        assert (len(board.table(written)) > 0) == (point == "committed")
        assert board.check() == []
        board.load("region_stat", file)
        board.run(ld.survey.gap)
        assert result(board) == undisturbed
        assert board.check() == []
        assert not list(board.store.lake.root.glob(".writing-*"))


def test_killed_at_random_moments(tmp_path, file, undisturbed):
    location = str(tmp_path / "r.board")
    for i in range(8):
        command = [sys.executable, CHILD, "never", "run", location, tmp_path / "lake", file]
        child = subprocess.Popen([str(c) for c in command], stderr=subprocess.PIPE)
        time.sleep(0.4 + 0.25 * i)  # from start-up to well after the end
        child.kill()
        child.communicate(timeout=60)
        with ld.open(location, actor="after") as board:
            assert board.check() == []
            assert all(r.status in {"done", "broken"} for r in board.runs())
    with ld.open(location, actor="after") as board:
        board.load("region_stat", file)
        board.run(ld.survey.gap)
        assert result(board) == undisturbed
