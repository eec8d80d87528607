"""Certificates from the command line: written, checked on the board and from plain files."""

import io
import json
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout

import pyarrow.parquet as pq
import pytest

import liandong as ld
from liandong.cli.main import run
from liandong.match import allocate
from support.lending import DAY
from support.pools import pool_of


def call(*words, cwd, lang="en"):
    """Run the command line in this process: an exit code, its output, and what it told."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as m, chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        m.setattr(sys, "argv", ["liandong", "-b", "t.board", "--lang", lang, *words])
        with pytest.raises(SystemExit) as done:
            run()
    return done.value.code or 0, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a board on which something was allocated, and its certificate."""
    folder = tmp_path_factory.mktemp("certified")
    quote, product, rule = pool_of(3)
    with ld.open(folder / "t.board", actor="tester") as board:
        board.put("given", {"quote": quote, "product": product})
        board.run(allocate, rule=rule)
        for name in ("quote", "product", "offer"):
            pq.write_table(board.table(name).arrow(), folder / f"{name}.parquet")
    assert call("certificate", "-o", "c.json", cwd=folder) == (0, "written to c.json\n", "")
    return folder


def test_a_certificate_is_written_and_holds(home):
    said = json.loads((home / "c.json").read_text("utf-8"))
    assert said == json.loads(call("certificate", f"as_of={DAY}", cwd=home)[1])
    code, out, err = call("check", "certificate", "c.json", cwd=home)
    assert (code, "all in order" in out) == (0, True), err
    code, out, _ = call("check", "certificate", "c.json", "--json", cwd=home, lang="zh")
    told = json.loads(out)
    assert (code, told["faults"], told["value"]) == (0, [], said["value"])
    assert told["value"] <= told["bound"] <= said["bound"]
    assert call("check", cwd=home)[0] == 0


def test_plain_files_are_enough(home):
    assert call("check", "certificate", "c.json", "--data", ".", cwd=home)[0] == 0
    folder = home / "csv"
    folder.mkdir()
    for name in ("quote", "product", "offer"):
        out = call("table", name, "--csv", cwd=home)[1]
        (folder / f"{name}.csv").write_text(out, "utf-8")
    code, out, err = call("check", "certificate", "c.json", "--data", "csv", cwd=home)
    assert code == 0, err


def test_what_was_changed_is_told_with_its_row(home):
    offers = pq.read_table(home / "offer.parquet").to_pylist()
    paid = next(o for o in offers if o["amount"])
    lines = call("table", "offer", "--csv", cwd=home)[1]
    folder = home / "tampered"
    folder.mkdir()
    for name in ("quote", "product"):
        pq.write_table(pq.read_table(home / f"{name}.parquet"), folder / f"{name}.parquet")
    was = f"{paid['amount'] // 100}.{paid['amount'] % 100:02d}"
    start = f"{paid['project_id']},{paid['product_id']},"
    changed = [r.replace(was, "0.01", 1) if r.startswith(start) else r for r in lines.splitlines()]
    (folder / "offer.csv").write_text("\n".join(changed), "utf-8")
    code, out, err = call("check", "certificate", "c.json", "--data", "tampered", cwd=home)
    assert (code, out) == (11, "")
    assert f"offer {paid['project_id']} {paid['product_id']}" in err
    code, out, _ = call(
        "check", "certificate", "c.json", "--data", "tampered", "--json", cwd=home, lang="zh"
    )
    assert code == 11
    assert "broken.amount" in {f["code"] for f in json.loads(out.splitlines()[0])["faults"]}


def test_a_certificate_sealed_anew_is_not_that_of_the_board(home):
    from liandong.match.allocation.claims import seal

    said = json.loads((home / "c.json").read_text("utf-8"))
    other = {**said, "rule": "0" * 16}
    (home / "other.json").write_text(json.dumps({**other, "seal": seal(other)}), "utf-8")
    code, _, err = call("check", "certificate", "other.json", cwd=home)
    assert (code, "the board keeps" in err) == (11, True)


def test_wrong_calls_and_files_are_told(home):
    (home / "no.json").write_text("[1]", "utf-8")
    (home / "empty").mkdir()
    for words, want in (
        (("check", "certificate"), 2), (("check", "letter", "c.json"), 2),
        (("check", "certificate", "absent.json"), 4), (("check", "certificate", "no.json"), 4),
        (("check", "certificate", "c.json", "--data", "empty"), 4),
        (("certificate", "as_of=2001-01-01"), 3),
    ):  # fmt: skip
        code, _, err = call(*words, cwd=home)
        assert code == want, (words, err)
