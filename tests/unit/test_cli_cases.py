"""Cases on the command line: two actors close one; what is wrong is said with a remedy."""

import json

import pytest
from typer.testing import CliRunner

import liandong as ld
from liandong import errors
from liandong.cli.main import app
from support.casework import case_of, firms, judged

ROWS = [("A1", "F1", "red"), ("A2", "F2", "orange")]


@pytest.fixture
def call(tmp_path):
    where = tmp_path / "c.board"
    with ld.open(where, actor="ann") as board:
        board.put("firms", firms())
        judged(board, *ROWS)
        case = case_of(board, "F1")["case_id"]

    def call(*words, by="li", lang="en"):
        given = ["-b", str(where), "--actor", by, "--lang", lang, *words]
        done = CliRunner().invoke(app, given)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    call.case = case
    return call


def test_a_beginning_that_fits_several_names_them(call, monkeypatch):
    both = [{"case_id": "b687aa"}, {"case_id": "b687bb"}]
    monkeypatch.setattr("liandong.store.casework.Cases.rows", lambda *_, **__: both)
    with pytest.raises(errors.UsageError, match="2 begin with 'b687': b687aa, b687bb"):
        call("cases", "show", "b687")
    with pytest.raises(errors.NotFoundError):
        call("cases", "show", "c")


def test_two_people_close_a_case(call, tmp_path):
    one = call.case[:10]
    assert [r["party_id"] for r in json.loads(call("cases", "list", "--json"))] == ["F1", "F2"]
    assert "opened 0, joined 0" in call("cases", "open")
    assert "新立案 0" in call("cases", "open", lang="zh")
    assert "assigned 2" in call("cases", "balance")
    assert len(json.loads(call("cases", "list", "--mine", "--json"))) == 1
    call("cases", "assign", one, "--to", "li")
    call("cases", "note", one, "--text", "called the firm")
    (tmp_path / "letter.txt").write_text("we pay on Friday")
    call("cases", "attach", one, "--file", str(tmp_path / "letter.txt"))
    call("cases", "attach", one, "alert", "alert_id=A1", "--text", "the alert itself")
    call("cases", "escalate", one, "--reason", "large")
    call("cases", "propose", one, "--outcome", "confirmed", "--reason", "they do not pay")
    with pytest.raises(errors.RefusedError, match="four eyes"):
        call("cases", "approve", one)
    call("cases", "take-back", one)
    call("cases", "propose", one, "--outcome", "confirmed", "--reason", "they do not pay")
    call("cases", "return", one, "--reason", "since when?", by="wang")
    call("cases", "propose", one, "--outcome", "confirmed", "--reason", "since March")
    shown = json.loads(call("cases", "approve", one, "--json", by="wang"))
    assert (shown["state"], shown["maker"], shown["checker"]) == ("closed", "li", "wang")
    kinds = [a["kind"] for a in shown["acts"]]
    assert kinds == [
        "opened", "assigned", "assigned", "noted", "attached", "attached", "escalated",
        "proposed", "withdrawn", "proposed", "returned", "proposed", "closed",
    ]  # fmt: skip
    assert shown["acts"][4]["body"]["name"] == "letter.txt"
    assert len(shown["acts"][4]["body"]["sha256"]) == 64
    assert shown["acts"][5]["body"]["row"] == {"table": "alert", "alert_id": "A1"}
    assert call.case[:12] not in call("cases")
    assert call.case[:12] in call("cases", "list", "--closed")
    assert call.case in call("cases", "show", one)
    assert "open" in call("cases", "reopen", one, "--reason", "again")
    assert "all in order" in call("check")


@pytest.mark.parametrize(
    ("words", "error", "named"),
    [
        (("show",), errors.NotFoundError, "cases list"),
        (("show", "zz"), errors.NotFoundError, "cases list"),
        (("note", "{case}"), errors.UsageError, "text"),
        (("propose", "{case}", "--outcome", "maybe", "--reason", "x"), errors.UsageError, "other"),
        (("propose", "{case}", "--outcome", "other"), errors.UsageError, "reason"),
        (("approve", "{case}"), errors.RefusedError, "open"),
        (("reopen", "{case}", "--reason", "x"), errors.RefusedError, "open"),
        (("attach", "{case}"), errors.UsageError, "name"),
        (("attach", "{case}", "--file", "nowhere.pdf"), errors.UsageError, "nowhere.pdf"),
        (("attach", "{case}", "alert", "alert_id=Q"), errors.NotFoundError, "Q"),
        (("attach", "{case}", "alrt", "alert_id=Q"), errors.NotFoundError, "alert"),
        (("note", "{case}", "--text", "x", "--seen", "9"), errors.ChangedError, "look again"),
    ],
)
def test_what_is_wrong_is_said(call, words, error, named):
    before = call("cases", "show", call.case, "--json")
    with pytest.raises(error) as caught:
        call("cases", *(w.format(case=call.case) for w in words))
    assert named in caught.value.text("en")
    assert caught.value.text("zh")
    assert call("cases", "show", call.case, "--json") == before


def test_a_returned_approval_needs_its_reason_there_too(call):
    row = json.loads(
        call("cases", "propose", call.case, "--outcome", "other", "--reason", "x", "--json")
    )
    with pytest.raises(errors.UsageError, match="reason"):
        call("reject", row["approval_id"], by="wang")
    call("reject", row["approval_id"], "--reason", "why?", by="wang")
    assert json.loads(call("cases", "show", call.case, "--json"))["state"] == "open"


def test_an_appeal_is_filed_and_decided_by_others(call):
    call("cases", "assign", call.case, "--to", "li")
    filed = ("appeals", "file", "--item", call.case[:8], "--holder", "li", "--reason", "not mine")
    (told,) = json.loads(call(*filed, "--json"))
    assert (told["state"], told["item"], told["actor"]) == ("filed", call.case, "li")
    beginning = told["appeal_id"][:8]
    with pytest.raises(errors.RefusedError, match="do not decide"):
        call("appeals", "uphold", beginning, "--reason", "of course")
    assert "so it was" in call("appeals", "uphold", beginning, "--reason", "so it was", by="wang")
    assert [r["state"] for r in json.loads(call("appeals", "--json"))] == ["upheld"]
