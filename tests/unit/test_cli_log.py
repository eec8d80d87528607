"""The log on the command line, as its owner, a witness and an outsider use it."""

import json
import stat

import pytest

import liandong as ld
from liandong.errors import CheckError, DataError, RefusedError, UsageError
from support.command import call


@pytest.fixture
def board(tmp_path):
    with ld.open(tmp_path / "b.board", actor="li") as made:
        made.load("world", firms=100, months=12)
    return str(tmp_path / "b.board")


def test_sealed_proved_witnessed_and_verified(board, tmp_path, monkeypatch):
    def told(*words):
        return call("-b", board, *words, cwd=tmp_path)

    def run(*words):
        code, out, err = told("log", *words)
        assert code == 0, err
        return out

    def refused(error, said, *words):
        code, _, err = told(*words)
        assert code == error.exit_code
        assert said in err

    key = run("key", "bank.example/acts", "--out", "log.key").strip()
    seen = run("key", "auditor.example", "--witness", "--out", "witness.key").strip()
    assert stat.S_IMODE((tmp_path / "log.key").stat().st_mode) == 0o600
    assert key.startswith("bank.example/acts+")
    refused(UsageError, "cannot be written", "log", "key", "bank.example/acts", "--out", "log.key")
    refused(UsageError, "no signing key", "log", "seal")
    refused(UsageError, "never sealed. seal the log first (`liandong log seal`)", "check", "log")
    monkeypatch.setenv("LIANDONG_LOG_KEY", str(tmp_path / "log.key"))
    assert run("seal").startswith("bank.example/acts\n")
    size = json.loads(run("--json"))["size"]
    assert size > 1
    run("proof", str(size), "--out", "p.tlog-proof")
    run("entry", str(size), "--out", "e.json")
    run("ask", "--out", "ask.txt")
    sign = ("witness", "ask.txt", "--folder", "seen", "--key-file", "witness.key", "--key", key)
    run(*sign, "--out", "line.txt")
    refused(RefusedError, str(size), "log", *sign)
    verify = ("verify", "p.tlog-proof", "e.json", "--key", key)
    assert "proved" in run(*verify)
    refused(UsageError, "0 trusted", "log", *verify, "--key", seen, "--witnesses", "1")
    run("cosign", "line.txt")
    run("proof", str(size), "--out", "p.tlog-proof")
    assert "proved" in run(*verify, "--key", seen, "--witnesses", "1")
    (tmp_path / "e.json").write_text("{}")
    refused(UsageError, "does not lead", "log", *verify)
    assert "hold" in told("check", "log", "--key", key)[1]
    (tmp_path / "b.board/log/checkpoint").write_text("nonsense")
    refused(CheckError, "no signed note", "check", "log", "--key", key)
    (tmp_path / "b.board/log/checkpoint").unlink()
    refused(CheckError, "something else has changed it", "check", "log")


def test_what_is_wrong_is_named(board, tmp_path):
    for words, error in (
        (("proof", "x"), UsageError),
        (("verify", "nothing"), UsageError),
        (("verify", "nothing", "nothing"), DataError),
        (("witness", "nothing", "--key", "x"), UsageError),
        (("ask",), UsageError),
        (("erase", "1"), UsageError),
        (("key", "name"), UsageError),
    ):
        code, _, err = call("-b", board, "log", *words, cwd=tmp_path)
        assert code == error.exit_code, words
        assert err.strip(), words
    assert call("-b", board, "check", "log", cwd=tmp_path)[0] == UsageError.exit_code
