"""Credentials between two boards: issued, verified, revoked, expired, forked, and refused."""

import hashlib
import json
from datetime import date, timedelta

import pytest

from liandong.errors import DataError, NotFoundError, RefusedError, UsageError
from liandong.govern.credentials import Qualification, Sealed
from liandong.govern.log.notes import Signer
from liandong.schema.arrow import build
from support.credentials import (
    AUDITOR,
    CODE,
    NOW,
    OTHER,
    Region,
    firm,
    forged,
    recognise,
    what,
)  # fmt: skip

TODAY = NOW.date()


@pytest.fixture
def west(tmp_path):
    with Region(tmp_path, "west") as made:
        yield made


@pytest.fixture
def east(board):
    firm(board)
    return board


def accept(board, text, **given):
    return board.credentials.accept(text, "c.json", NOW, **given)


def failing(sealed, keys, witnesses=0, on=TODAY):
    return [c.name for c in sealed.checks(keys, witnesses, on) if c.fault]


def rows(board):
    return board.table("credential").rows()


def test_what_one_board_issues_another_accepts_as_its_own_kind(west, east):
    recognise(east, west, "grade_A", "grade_1")
    text = west.file(west.board.credentials.issue(what("grade_A", level="省级")))
    row = accept(east, text, keys=[AUDITOR.key], witnesses=1)
    assert rows(east) == [row]
    assert (row["issuer"], row["party_id"]) == ("west.example/acts", "F1")
    assert (row["kind"], row["issued_kind"], row["issued_by"]) == ("grade_1", "grade_A", "West")
    assert json.loads(row["claims"]) == {"level": "省级"}
    assert (row["valid_from"], row["valid_to"]) == (date(2026, 1, 1), date(2028, 12, 31))
    assert (row["revoked"], row["status_at"]) == (False, None)
    assert row["content"] == Sealed.read(text).act["content"]
    # It was a load of the file, by its hash; once is enough.
    (run,) = [r for r in east.runs() if r.step == "load.credential"]
    assert run.inputs["c.json"] == [row["file"]] == [hashlib.sha256(text.encode()).hexdigest()]
    acts = len(east.table("act"))
    assert accept(east, west.file(row["number"])) == row
    assert len(east.table("act")) == acts
    assert east.check() == []
    assert west.board.check() == []


def test_a_list_marks_what_is_accepted_before_and_after_it(west, east):
    recognise(east, west)
    mine = west.board.credentials
    first, second, third = (mine.issue(what(n=str(i))) for i in range(3))
    accept(east, west.file(first))
    empty = west.listed()
    for number in (first, second):
        mine.revoke(number, "given by mistake")
    now = west.listed()
    accept(east, now)
    for number in (second, third):
        accept(east, west.file(number))
    assert {r["number"]: r["revoked"] for r in rows(east)} == {
        first: True, second: True, third: False,
    }  # fmt: skip
    assert {r["status_at"] for r in rows(east)} == {Sealed.read(now).at}
    with pytest.raises(RefusedError, match="a newer list"):
        accept(east, empty)
    kept = east.table("credential_status").rows()
    assert [json.loads(r["revoked"]) for r in kept] == [[first, second]]
    mine.revoke(third, "moved away")
    accept(east, west.listed())
    assert all(r["revoked"] for r in rows(east))
    assert [r["revoked"] for r in mine.issued()] == [True, True, True]


def test_only_recognised_issuers_and_who_is_one(west, east, tmp_path):
    text = west.file(west.board.credentials.issue(what()))
    with pytest.raises(RefusedError, match=r"not recognised for the kind high_tech.*: –"):
        accept(east, text)
    with Region(tmp_path, "north") as north:
        recognise(east, north, "advanced", "high_tech", "North")
        recognise(east, west, "food", "food", "West")
        with pytest.raises(RefusedError, match="recognised for it: North"):
            accept(east, text)
    # The same name with another key is somebody else.
    with Region(tmp_path, "far", signer=Signer.new("west.example/acts")) as false:
        recognise(east, false)
        for keys in ([], [west.key]):  # no key of a log is taken from who accepts
            with pytest.raises(RefusedError, match=r"proof in the log.*no trusted key"):
                accept(east, text, keys=keys)
        # A log may change its key: both rows stand, and the one that signed counts.
        recognise(east, west, own="by_west", name="Old")
        assert accept(east, text)["kind"] == "by_west"


def test_a_firm_that_the_board_does_not_know(west, east):
    recognise(east, west)
    text = west.file(west.board.credentials.issue(what(code=OTHER)))
    with pytest.raises(NotFoundError, match="load the firm first"):
        accept(east, text)


def test_each_check_by_itself(west):
    number = west.board.credentials.issue(what())
    text = west.file(number)
    sealed, keys = Sealed.read(text), [west.key, AUDITOR.key]
    assert failing(sealed, keys, 1) == []
    assert failing(sealed, keys, 2) == ["proof"]
    assert failing(sealed, [Signer.new("west.example/acts").key]) == ["proof"]
    assert failing(sealed, keys, on=date(2025, 12, 31)) == ["validity"]
    assert failing(sealed, keys, on=date(2029, 1, 1)) == ["validity"]
    assert failing(sealed, keys, on=None) == []
    raised = Sealed.read(forged(text, lambda d: d["credentialSubject"]["claims"].update(grade="S")))
    assert failing(raised, keys) == ["content"]
    lent = Sealed.read(forged(text, lambda d: d.update(issuer="https://east.example/acts")))
    assert failing(lent, keys) == ["content", "issuer"]
    assert sealed.number == number


def test_a_board_cannot_speak_for_another(west, east, tmp_path):
    """An act that says another issuer is committed to rightly, and refused all the same."""
    recognise(east, west)
    with west.board.store.books.writing() as c:
        from liandong.store.acts import record

        number = record(c, "li", "credential.issue", CODE, what().document("east.example/acts"))
    sealed = Sealed.read(west.file(number))
    assert failing(sealed, [west.key]) == ["issuer"]
    with pytest.raises(RefusedError, match="it says that"):
        accept(east, str(sealed))


def test_other_acts_are_no_credentials(west):
    credentials = west.board.credentials
    with west.board.store.books.writing() as c:
        from liandong.store.acts import record

        number = record(c, "li", "note.made", CODE, what().document("west.example/acts"))
    west.seal()
    with pytest.raises(NotFoundError, match="credential list"):
        credentials.file(number)
    act, log = west.board.store.books.rows("act", seq=number)[0], west.board.log
    made = Sealed(
        json.loads(act["body"]), bytes.fromhex(act["salt"]), log.entry(number), log.proof(number)
    )
    assert failing(Sealed.read(str(made)), [west.key]) == ["content"]


def test_lists_are_of_the_same_log_and_recent(west, tmp_path):
    text = west.file(west.board.credentials.issue(what()))
    sealed, keys, listed = Sealed.read(text), [west.key], Sealed.read(west.listed())
    assert [c.fault for c in sealed.against(listed, keys)] == [None, None]
    assert listed.age(listed.at + timedelta(days=7), timedelta(days=7)).fault is None
    assert listed.age(listed.at + timedelta(days=8), timedelta(days=7)).fault is not None
    west.board.credentials.revoke(sealed.number, "lapsed")
    gone = Sealed.read(west.listed())
    assert [c.name for c in sealed.against(gone, keys) if c.fault] == ["revoked"]
    assert [c.name for c in sealed.against(sealed, keys) if c.fault] == ["status"]
    with Region(tmp_path, "north") as north:
        other = Sealed.read(north.listed())
        assert [c.name for c in sealed.against(other, [*keys, north.key]) if c.fault] == ["status"]


def test_a_fork_is_not_witnessed_and_is_told_where_both_sides_are_seen(west, east, tmp_path):
    recognise(east, west)
    number = west.board.credentials.issue(what())
    text = west.file(number)
    accept(east, text, keys=[AUDITOR.key], witnesses=1)
    with Region(tmp_path, "copy", signer=west.signer) as fork:  # the same key, another history
        other = fork.board.credentials.issue(what(grade="B"))
        assert other == number
        assert fork.board.log.seal(fork.signer)
        assert fork.seal() == 200  # as long as the one seen: nothing new to sign
        sealed = fork.board.credentials.file(other)
        with pytest.raises(RefusedError, match="0 trusted witnesses"):
            accept(east, sealed, keys=[AUDITOR.key], witnesses=1)
        with pytest.raises(RefusedError, match="its log has forked"):
            accept(east, sealed)
        fork.board.credentials.issue(what(grade="C"))
        assert fork.seal() == 422
        west.board.credentials.issue(what(grade="D"))
        mine = Sealed.read(west.listed())
        fork.board.log.seal(fork.signer)
        fork.board.credentials.issue(what(grade="E"))
        fork.board.log.seal(fork.signer)
        theirs = Sealed.read(fork.board.credentials.file(other))
        assert theirs.log.size == mine.log.size
        (first, _) = theirs.against(mine, [west.key])
        assert "two heads" in first.fault["en"]
    assert len(rows(east)) == 1


def test_what_cannot_be_a_credential(west):
    mine = west.board.credentials
    person = "11010519491231002X"
    for wrong, said in (
        (what(code="91350100M000100Y44"), "no unified social credit code"),
        (what(code=person), "identity number of a person"),
        (what(owner=f"张三 {person}"), "identity number of a person"),
        (what("high tech"), "has blanks"),
        (what(""), "are empty"),
        (what(grade=" "), "are empty"),
        (what(grade="x" * 401), "too long"),
        (Qualification(CODE, "k", {str(i): "x" for i in range(51)}, NOW.date()), "too many"),
        (what(until=date(2025, 1, 1)), "ends before"),
    ):
        with pytest.raises(UsageError, match=said):
            mine.issue(wrong)
    assert mine.issued() == []


def test_not_to_a_person_whom_the_board_knows(board, tmp_path):
    with Region(tmp_path, "south") as south:
        firm(south.board, kind="person")
        with pytest.raises(RefusedError, match="for enterprises"):
            south.board.credentials.issue(what())


def test_a_log_without_a_name_issues_nothing(board):
    for act in (lambda: board.credentials.issue(what()), board.credentials.status):
        with pytest.raises(UsageError, match="never sealed"):
            act()


def test_once_and_once_revoked(west):
    mine = west.board.credentials
    number = mine.issue(what())
    with pytest.raises(RefusedError, match=f"as number {number}"):
        mine.issue(what())
    with pytest.raises(NotFoundError):
        mine.file(number)  # not sealed yet
    with pytest.raises(UsageError, match="says why"):
        mine.revoke(number, " ")
    with pytest.raises(NotFoundError):
        mine.revoke(number + 1, "no such")
    mine.revoke(number, "by mistake")
    with pytest.raises(RefusedError, match="already"):
        mine.revoke(number, "again")
    assert mine.issue(what()) > number


def test_powers_and_the_agreement_of_others_to_all_of_it(west):
    board = west.board
    board.powers.add(
        [
            {"power_id": "C1", "holder": "li", "action": "credential.issue",
             "conditions": {"kind": ["high_tech"]}, "scope": {"region": ["350000"]},
             "approvals": {"n": 1, "of": "post:chief"}},
            {"power_id": "C2", "holder": "wang", "action": "credential.revoke",
             "conflicts": ["maker"]},
            {"power_id": "C3", "holder": "wang", "action": "credential.status"},
        ],
        [{"post_id": "T1", "person": "bob", "post": "post:chief", "valid_from": None,
          "valid_to": None}],
    )  # fmt: skip
    firm(board)
    mine, wang = board.credentials, board.acting("wang").credentials
    with pytest.raises(RefusedError, match="conditions"):
        mine.issue(what("food"))
    with pytest.raises(RefusedError, match="more"):
        mine.issue(what())
    asked = board.powers.ask("credential.issue", what().line)
    board.acting("bob").powers.agree(asked)
    with pytest.raises(RefusedError):
        mine.issue(what(grade="S"))  # he agreed to another grade
    number = mine.issue(what())
    with pytest.raises(RefusedError):
        wang.issue(what())
    for act in (lambda: mine.revoke(number, "x"), mine.status):
        with pytest.raises(RefusedError):
            act()
    wang.revoke(number, "by mistake")
    assert wang.status() > number
    assert board.check() == []


def test_who_has_ties_to_the_firm_does_not_issue_to_it(west):
    board = west.board
    firm(board)
    tie = {"src": "li", "dst": "F1", "kind": "directs", "valid_from": date(2020, 1, 1)}
    board.put("ties", {"edge": build("edge", {n: [v] for n, v in tie.items()})})
    board.powers.add(
        [{"power_id": "C1", "holder": "*", "action": "credential.issue",
          "conflicts": ["related"]}], [],
    )  # fmt: skip
    with pytest.raises(RefusedError, match="related"):
        board.credentials.issue(what())
    assert board.credentials.issue(what(code=OTHER))
    assert board.acting("bob").credentials.issue(what())


def test_powers_to_accept_and_to_recognise(west, east):
    recognise(east, west)
    text = west.file(west.board.credentials.issue(what()))
    east.powers.add(
        [{"power_id": f"A{i}", "holder": "chen", "action": a}
         for i, a in enumerate(("credential.accept", "credential.recognise"))], [],
    )  # fmt: skip
    with pytest.raises(RefusedError, match=r"credential\.accept"):
        accept(east, text)
    with pytest.raises(RefusedError, match=r"credential\.recognise"):
        recognise(east, west, "food")
    assert rows(east) == []
    chen = east.acting("chen")
    assert accept(chen, text)["party_id"] == "F1"


def test_what_is_no_file_of_a_credential(west):
    text = west.file(west.board.credentials.issue(what()))
    listed = west.listed()
    bad = (
        "", "[]", "{}", "[" * 100_000, text[:-1], text.replace("\n", "\r\n"), text + "\n\n",
        text.replace('"type": [', '"type":  ['), json.dumps(json.loads(text)),
        forged(text, lambda d: d.update(more="x")),
        forged(text, lambda d: d["credentialSubject"].update(kind=1)),
        forged(text, lambda d: d["credentialSubject"]["claims"].update(id="11010519491231002X")),
        forged(text, lambda d: d.update(validFrom="2026-01-01")),
        forged(listed, lambda d: d["credentialSubject"].update(revoked=[True])),
        forged(listed, lambda d: d["credentialSubject"].update(revoked=[2, 1])),
        forged(listed, lambda d: d["credentialSubject"].update(revoked=["1"])),
    )  # fmt: skip
    for said in bad:
        with pytest.raises(DataError, match="no file of a credential"):
            Sealed.read(said, "x.json")
    assert str(Sealed.read(text + "\n")) == text
