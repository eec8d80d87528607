"""Credentials on the command line: the issuer, anybody without a board, and who accepts."""

import json

import pytest

from liandong.errors import DataError, RefusedError, UsageError
from support.command import call
from support.credentials import CODE


@pytest.fixture
def run(tmp_path):
    """Run ``liandong`` in a folder; it must end with the code wanted."""

    def told(*words, code=0, board="west.board", actor="li"):
        found, out, err = call("-b", board, "--actor", actor, *words, cwd=tmp_path)
        assert found == code, err
        return out if code == 0 else out + err

    return told


@pytest.fixture
def keys(run):
    """Make two boards, the issuer's log and a witness; return their public keys."""
    for name in ("west.board", "east.board"):
        run("init", board=name)
    return [
        run("log", "key", "west.example/acts", "--out", "log.key").strip(),
        run("log", "key", "auditor.example", "--witness", "--out", "witness.key").strip(),
    ]


def test_from_one_region_to_another(run, keys, tmp_path, monkeypatch):
    monkeypatch.setenv("LIANDONG_LOG_KEY", str(tmp_path / "log.key"))
    run("log", "seal")
    words = ("issue", CODE, "grade_A", "level=省级", "--since", "2026-01-01")
    run("credential", *words, "--out", "c.json")
    verify = ("credential", "verify", "c.json", "--key", keys[0])
    told = run(*verify)
    assert told.count("✓") == 5
    assert '{"level":"省级"}' in told
    # The witness signs; the file is made again with his signature, and anybody can ask for it.
    run("log", "ask", "--out", "ask.txt")
    run("log", "witness", "ask.txt", "--folder", "seen", "--key-file", "witness.key", "--key",
        keys[0], "--out", "line.txt")  # fmt: skip
    both = ("--key", keys[1], "--witnesses", "1")
    assert "0 trusted" in run(*verify, *both, code=1)
    run("log", "cosign", "line.txt")
    number = json.loads(run("credential", "list", "--json"))[0]["number"]
    run("credential", "file", number, "--out", "c.json")
    assert run(*verify, *both)
    run("credential", "status", "--out", "s.json")
    fresh = ("--status", "s.json", "--no-older", "7d")
    assert run(*verify, *fresh).count("✓") == 8
    assert run("credential", "verify", "s.json", "--key", keys[0], "--no-older", "12h")
    # Accepted by the other board, once it recognises the issuer.
    (tmp_path / "party.csv").write_text(f"party_id,kind,credit_code\nF1,firm,{CODE}\n")
    run("load", "party", "party.csv", board="east.board")
    accept = ("credential", "accept", "c.json", "s.json")
    refused = run(*accept, board="east.board", code=RefusedError.exit_code)
    assert "not recognised for the kind grade_A" in refused
    (tmp_path / "issuer.csv").write_text(
        f"vkey,kind,name,own_kind\n{keys[0]},grade_A,West,grade_1\n"
    )
    run("load", "credential_issuer", "issuer.csv", board="east.board")
    told = run(*accept, *both[:2], board="east.board")
    assert "accepted: F1 grade_1 (West," in told
    # Revoked: who has the new list knows.
    run("credential", "revoke", number, "--reason", "given by mistake")
    run("credential", "status", "--out", "s.json")
    told = json.loads(run(*verify, *fresh, "--json", code=1))
    assert not told["holds"]
    assert [c["check"] for c in told["checks"] if not c["holds"]] == ["revoked"]
    assert told["document"]["credentialSubject"]["creditCode"] == CODE
    assert f"[{number}]" in run("credential", "accept", "s.json", board="east.board")
    (row,) = json.loads(run("table", "credential", "--json", board="east.board"))
    assert row["revoked"] is True
    assert "revoked" in run("credential", "list")
    for name in ("west.board", "east.board"):
        assert "all in order" in run("check", board=name)


def test_what_does_not_hold_ends_with_one(run, keys, tmp_path):
    run("log", "seal", "--key-file", "log.key")
    words = ("issue", CODE, "food", "--until", "2027-01-31", "--key-file", "log.key")
    run("credential", *words, "--out", "c.json")
    verify = ("credential", "verify", "c.json", "--key")
    assert "validity" in run(*verify, keys[0], "--on", "2027-02-01", code=1)
    assert "no trusted key" in run(*verify, keys[1], code=1)
    text = (tmp_path / "c.json").read_text()
    (tmp_path / "c.json").write_text(text.replace('"food"', '"drug"'))
    assert "it was changed" in run(*verify, keys[0], code=1)
    (tmp_path / "c.json").write_text("{}")
    told = run(*verify, keys[0], "--json", code=1)
    assert json.loads(told)["checks"][0]["check"] == "form"


def test_the_agreement_of_others_is_asked_for_all_of_it(run, keys, tmp_path):
    (tmp_path / "p.toml").write_text(
        '[[power]]\npower_id="C"\nholder="li"\naction="credential.issue"\napprovals={n=1, of="*"}\n'
    )
    run("log", "seal", "--key-file", "log.key")
    run("powers", "load", "p.toml")
    words = (CODE, "food", "class=一", "--since", "2026-01-01")
    assert "1 more" in run("credential", "issue", *words, code=RefusedError.exit_code)
    act = run("credential", "ask", *words).strip()
    assert '{"class":"一"}' in run("powers", "inbox")
    run("powers", "agree", act, actor="bob")
    run("credential", "issue", *words)


def test_wrong_calls_are_named(run, keys):
    for words, error in (
        (("issue", CODE), UsageError),
        (("issue", CODE, "food", "class"), UsageError),
        (("issue", CODE, "food", "a=1", "a=2"), UsageError),
        (("issue", CODE, "food", "--until", "soon"), UsageError),
        (("issue", CODE, "food"), UsageError),  # the log has no name yet
        (("issue", CODE, "food", "--out", "c.json"), UsageError),  # no key to seal with
        (("revoke",), UsageError),
        (("file", "x"), UsageError),
        (("accept",), UsageError),
        (("verify", "nothing", "--key", keys[0]), DataError),
        (("verify", "log.key", "--no-older", "7"), UsageError),
    ):
        assert run("credential", *words, code=error.exit_code).strip(), words
    assert json.loads(run("credential", "list", "--json")) == []
