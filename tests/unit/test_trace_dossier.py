"""Paths and the dossier of a loan, as a user meets them: files that add up and are made again."""

import csv
import hashlib
import io
import json
import sys
from contextlib import closing

import pyarrow.parquet as pq
import pytest

from liandong.console.cells import Cells
from liandong.console.tracing.dossier import STAMP, dossier, evidence
from liandong.console.tracing.pictures import ring
from liandong.errors import MissingExtraError, NotFoundError, UsageError
from support.boards import MOVES
from support.command import call as typed
from support.need import missing
from support.traced import DAY, HAIRCUT, traced_board


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("dossier")
    traced_board(home / "t.board").close()
    return home


@pytest.fixture
def board(home):
    from liandong.board import open as open_board

    with closing(open_board(home / "t.board", actor="ann", create=False)) as board:
        yield board


def call(*words, cwd):
    return typed("-b", "t.board", *words, cwd=cwd)


def test_paths_lead_from_the_lender_to_the_place(board) -> None:
    rows, count, total = evidence(board, "L", "A4")
    assert (count, total) == (2, 30_000_00)
    told = [(r["path"], r["hop"], r["flow_id"], r["lot_id"], r["parent"]) for r in rows]
    assert told == [
        (1, 1, "F0", "0", None), (1, 2, "F4", "4", "0"),
        (2, 1, "F0", "0", None), (2, 2, "F1", "1", "0"), (2, 3, "F2", "2", "1"),
        (2, 4, "F3", "3", "2"), (2, 5, "F4", "5", "3"),
    ]  # fmt: skip
    assert [r["amount"] for r in rows] == [20_000_00] * 2 + [10_000_00] * 5
    assert evidence(board, "L")[2] == MOVES[0][2]
    assert evidence(board, "L", "repaid:L")[2] == 20_000_00


def test_without_lots_the_trail_gives_the_same_paths(board, tmp_path) -> None:
    with closing(traced_board(tmp_path / "u.board", lots=False)) as other:
        assert len(board.table("lot")) > len(other.table("lot")) == 0
        for place in ("", "A4", "repaid:L"):
            told = [evidence(b, "L", place) for b in (board, other)]
            names = ("path", "hop", "flow_id", "place", "src_account", "dst_account", "amount")
            rows = [[[r[n] for n in names] for r in found] for found, _, _ in told]
            assert rows[0] == rows[1]
            assert told[0][1:] == told[1][1:]


def test_what_is_not_there_is_said(board) -> None:
    with pytest.raises(NotFoundError):
        evidence(board, "X")
    with pytest.raises(NotFoundError, match=r"trace\.follow"):
        evidence(board, "M")
    with pytest.raises(NotFoundError, match="holding"):
        evidence(board, "L", "nowhere")
    with pytest.raises(UsageError, match="fifo"):
        evidence(board, "L", method="tiho")


def test_the_files_add_up(board, tmp_path) -> None:
    files = {p.name: p for p in dossier(board, "L", tmp_path / "out", "en", report=False)}
    assert {"reconciliation.csv", "rules.parquet", "paths.csv", "trail.parquet", STAMP} <= set(
        files
    )
    text = files["rules.csv"].read_text("utf-8-sig")
    rules = {r["place"]: r for r in csv.DictReader(io.StringIO(text))}
    assert {p: int(r["haircut"]) for p, r in rules.items()} == HAIRCUT
    assert sum(int(r["fifo"]) for r in rules.values()) == MOVES[0][2]
    paths = pq.read_table(files["paths.parquet"]).to_pylist()
    assert sum(r["amount"] for r in paths if r["hop"] == 1) == MOVES[0][2]
    for r in pq.read_table(files["reconciliation.parquet"]).to_pylist():
        assert r["disbursed"] == MOVES[0][2]
        assert r["difference"] == 0
    stamp = json.loads(files[STAMP].read_text("utf-8"))
    assert stamp["files"] == {
        n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in files.items() if n != STAMP
    }
    run = next(r for r in stamp["runs"] if r["step"] == "trace.follow")
    assert run["order"] == "at, seq, flow_id"
    assert all(len(h["sha256"]) == 64 for found in run["inputs"].values() for h in found)


def test_another_board_with_the_same_data_gives_the_same_bytes(board, tmp_path) -> None:
    with closing(traced_board(tmp_path / "again.board")) as again:
        both = [
            dossier(b, "L", tmp_path / name, "zh", report=False)
            for b, name in ((board, "a"), (again, "b"))
        ]
    assert [p.name for p in both[0]] == [p.name for p in both[1]]
    assert [p.read_bytes() for p in both[0]] == [p.read_bytes() for p in both[1]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_is_a_pdf_and_made_again_the_same(board, tmp_path, lang: str) -> None:
    try:
        import reportlab
    except ImportError:
        missing("reportlab", "pip install 'liandong[pdf]'")
    del reportlab
    made = [dossier(board, "L", tmp_path / name, lang) for name in "ab"]
    first, second = ((next(p for p in m if p.suffix == ".pdf")).read_bytes() for m in made)
    assert first.startswith(b"%PDF")
    assert first == second
    assert first.count(b"/Type /Page\n") >= 3


def test_without_reportlab_the_rest_can_be_had(board, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "reportlab", None)
    for name in [n for n in sys.modules if n.startswith("reportlab.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match="pdf"):
        dossier(board, "L", tmp_path / "x", "en")
    assert not (tmp_path / "x").exists()
    assert dossier(board, "L", tmp_path / "x", "en", report=False)


def test_the_command_line(home) -> None:
    code, told, _ = call("paths", "L", "--place", "A4", cwd=home)
    assert code == 0
    assert "F4" in told
    assert "2 paths with 30,000.00 yuan in all" in told
    code, told, _ = call("paths", "L", "--json", cwd=home)
    assert (code, json.loads(told)["total"]) == (0, MOVES[0][2])
    code, told, _ = call("dossier", "L", "--to", "files", "--no-pdf", cwd=home)
    assert code == 0
    assert len(told.split()) == len(list((home / "files").iterdir()))
    code, _, told = call("dossier", "M", "--to", "files", "--no-pdf", cwd=home)
    assert (code != 0, "trace.follow" in told) == (True, True)
    (home / "file").write_text("")
    assert call("dossier", "L", "--to", "file", "--no-pdf", cwd=home)[0] == 2


def test_a_circle_is_drawn_with_all_its_legs() -> None:
    names = ["E", "S", "<b>"]
    legs = [
        {"src_account": a, "dst_account": b, "amount": n, "at": DAY, "name": a, "name_en": None}
        for a, b, n in zip(names, [*names[1:], "E"], (100_00, 95_00, 90_00), strict=True)
    ]
    drawn = str(ring({"path": legs}, Cells("en", {}, {})))
    assert drawn.count('class="leg') == drawn.count('class="arrow') == 3
    assert drawn.count('class="leg last"') == 1
    assert "A circle of 3 transfers" in drawn
    assert "<b>" not in drawn
