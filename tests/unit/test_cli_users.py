"""People on the command line: passwords come from files or prompts, and never come back."""

import json

import pytest

import liandong as ld
from liandong.config import settings_now
from liandong.service.identity.passwords import Passwords
from support.command import call
from support.logins import CHEAP

PASSWORD = "four words in a row"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a file of a password."""
    for name, value in CHEAP.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "p.txt").write_text(PASSWORD + "\n", "utf-8")
    return tmp_path


def users(home, *words: str, code: int = 0) -> str:
    """Run a command about people; return what it says."""
    found, out, err = call("-b", "b", "--actor", "root", "users", *words, cwd=home)
    assert found == code, err
    return out if code == 0 else err


def test_people_are_added_changed_and_let_in_no_more(home) -> None:
    users(home, "add", "ann", "--password-file", "p.txt")
    users(home, "add", "li", "--oidc")
    users(home, "add", "ann", "--password-file", "p.txt", code=2)
    found = json.loads(users(home, "list", "--json"))
    assert [(r["name"], r["password"], r["totp"]) for r in found] == [
        ("ann", True, False), ("li", False, False),
    ]  # fmt: skip
    token = users(
        home, "token", "ann", "--scope", "read", "--scope", "load.*", "--days", "3"
    ).strip()
    assert token.startswith("ldg_")
    (row,) = json.loads(users(home, "tokens", "ann", "--json"))
    assert row["scope"] == ["load.*", "read"]
    users(home, "revoke", row["id"])
    users(home, "revoke", row["id"], code=3)
    (home / "p.txt").write_text("other words in a row", "utf-8")
    users(home, "password", "ann", "--password-file", "p.txt")
    users(home, "disable", "ann")
    users(home, "end", "ann")
    users(home, "totp-reset", "ann")
    users(home, "disable", "nobody", code=3)
    with ld.open(home / "b") as board:
        person = board.people.known(name="ann")
        assert person["disabled"]
        assert Passwords(settings_now()).fits(person["password"], "other words in a row")
        acts = board.store.books.rows("act")
        assert [a["action"] for a in acts] == [
            "person.added", "person.added", "token.issued", "token.revoked", "person.password",
            "person.disabled", "person.ended", "person.totp_reset",
        ]  # fmt: skip
        assert {a["actor"] for a in acts} == {"root"}
        assert board.check() == []
    told = users(home, "list") + users(home, "sessions") + repr(acts)
    assert not [s for s in (PASSWORD, token, person["password"]) if s in told]


def test_poor_passwords_and_missing_files_are_told(home) -> None:
    (home / "p.txt").write_text("short", "utf-8")
    assert "12" in users(home, "add", "ann", "--password-file", "p.txt", code=2)
    assert "none.txt" in users(home, "add", "ann", "--password-file", "none.txt", code=2)


def test_others_change_people_only_with_the_power_for_it(home) -> None:
    users(home, "add", "ann", "--password-file", "p.txt")
    with ld.open(home / "b", actor="root") as board:
        entry = {"power_id": "P", "holder": "chief", "action": "people.change", "basis": "x"}
        board.powers.add([entry])
    assert "people.change" in users(home, "disable", "ann", code=5)
    assert "people.change" in users(home, "token", "ann", code=5)
    done = call("-b", "b", "--actor", "chief", "users", "disable", "ann", cwd=home)
    assert done[0] == 0
    (home / "p.txt").write_text("my own new words", "utf-8")
    own = ("users", "password", "ann", "--password-file", "p.txt")
    assert call("-b", "b", "--actor", "ann", *own, cwd=home)[0] == 0
