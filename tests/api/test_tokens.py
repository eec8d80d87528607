"""Tokens of programs: they do what they are for, as long as they hold, and nothing else."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

import liandong as ld
from liandong.client import Client
from liandong.errors import NotFoundError, RefusedError, UsageError
from liandong.schema.arrow import build
from liandong.store.logins import Tokens
from support.logins import Desk, desk_at

PAST = datetime(2020, 1, 1, tzinfo=UTC)
SHA = "0" * 64


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A served board with two people, and powers to hand on."""
    with desk_at(tmp_path_factory.mktemp("tokens")) as found:
        found.add("ann")
        found.add("bob")
        found.board.powers.add(
            [{"power_id": "T1", "holder": "ann", "action": "fund.pay", "basis": "x",
              "delegate_days": 30},
             {"power_id": "T2", "holder": "ann", "action": "fund.stop", "basis": "x",
              "glass_hours": 1}],
            [{"person": "bob", "post": "role:clerk"}],
        )  # fmt: skip
        yield found


def issued(desk: Desk, *scope: str, person: str = "ann", days: int = 1) -> str:
    """Return a new token."""
    ends = datetime.now(UTC) + timedelta(days=days)
    return Tokens(desk.board.store, person).issue(person, "test", scope, ends)


def ask(desk: Desk, token: str, path: str = "/acts", method: str = "GET", **more):
    """Ask as a program."""
    headers = {"authorization": f"Bearer {token}"}
    return httpx.request(method, desk.url + path, headers=headers, **more)


def test_a_token_reads_and_is_shown_once(desk: Desk) -> None:
    with desk.visitor("ann") as ann:
        token = ann.token("read, case.work")
        assert token not in ann.browser.get("/account").text
    assert ask(desk, token).status_code == 200
    assert ask(desk, token, "/account?format=json").json()["how"] == "token"
    (row,) = Tokens(desk.board.store, "ann").rows("ann")
    assert row["scope"] == ["case.work", "read"]
    assert row["used_at"] is not None


@pytest.mark.parametrize("wrong", ["", "x", "ldg_x", "Bearer"])
def test_nothing_else_is_a_token(desk: Desk, wrong: str) -> None:
    answer = ask(desk, wrong) if wrong else httpx.get(f"{desk.url}/acts")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="liandong"'
    assert answer.json()["type"] == "urn:liandong:problem:login"


def test_a_token_is_no_cookie_and_a_cookie_no_token(desk: Desk) -> None:
    token = issued(desk, "read")
    for name in ("session", "__Host-session"):
        assert httpx.get(f"{desk.url}/acts", cookies={name: token}).status_code == 401
    with desk.visitor("ann") as ann:
        session = ann.browser.cookies["session"]
        assert ask(desk, session).status_code == 401
        # Who shows a token is the one that it says, whoever's browser it is.
        headers = {"authorization": f"Bearer {issued(desk, 'read', person='bob')}"}
        said = ann.browser.get("/account?format=json", headers=headers).json()
        assert said["actor"] == "bob"


def test_tokens_end(desk: Desk) -> None:
    revoked, over = issued(desk, "read"), issued(desk, "read", person="bob")
    mine = Tokens(desk.board.store, "ann")
    newest = mine.rows("ann")[0]["id"]
    with pytest.raises(NotFoundError):
        Tokens(desk.board.store, "bob").revoke(newest, "bob")
    mine.revoke(newest)
    assert ask(desk, revoked).status_code == 401
    with pytest.raises(NotFoundError):
        mine.revoke(newest)
    assert ask(desk, over).status_code == 200
    desk.set("login_token", ends_at=PAST)
    assert ask(desk, over).status_code == 401
    for days in (0, -1, 367):
        with pytest.raises(UsageError):
            issued(desk, "read", days=days)


def test_a_token_for_exports_takes_lists_away(desk: Desk) -> None:
    path = "/factors?format=csv&block=sessions"
    assert ask(desk, issued(desk, "read"), path).status_code == 403
    taken = ask(desk, issued(desk, "read", "export.table"), path)
    assert (taken.status_code, taken.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert (
        desk.board.sql("SELECT action FROM act ORDER BY seq")["action"].to_pylist()[-1] == "export"
    )


def test_a_token_without_read_reads_nothing(desk: Desk) -> None:
    answer = ask(desk, issued(desk, "load.*"))
    assert answer.status_code == 403
    assert (answer.json()["action"], "load.*" in answer.json()["detail"]) == ("read", True)


@pytest.mark.parametrize("scope", [(), ("*",), ("",), ("Read",), ("a b",), ("load.*x",), (".*",)])
def test_a_scope_names_actions(desk: Desk, scope: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        issued(desk, *scope)


@pytest.mark.parametrize(
    ("word", "near"),
    [("case.wrok", "case.work"), ("lod.*", "load.*"), ("load.wrold", "load.world"),
     ("propose.settle.disburse.", "propose.settle.disburse"), ("Read", "read"),
     ("fund.pays", "fund.pay"), ("person.totp.reset", "person.totp_reset")],
)  # fmt: skip
def test_a_mistyped_action_is_refused_with_those_near(desk: Desk, word: str, near: str) -> None:
    with pytest.raises(UsageError) as refused:
        issued(desk, "read", word)
    what, remedy = (refused.value.params[n]["en"] for n in ("what", "remedy"))
    assert what.endswith(f": {word}")  # and not the word that is right
    assert near in remedy.removeprefix("Near ones: ").removesuffix(".").split(", ")


def test_a_scope_may_be_for_all_that_there_is_to_do(desk: Desk) -> None:
    for word in (*DOING, "fund.stop", "fund.*", "load.party", "load.*", "settle.disburse",
                 "decide.settle.*", "propose.agreement", "decide.rules_of_watch", "appeal.file",
                 "case.*", "file.upload"):  # fmt: skip
        issued(desk, word)
    with desk.visitor("ann") as ann:
        wrong = ann.post("/account/token", label="x", scope="read case.wrok", days="1")
        assert (wrong.status_code, "case.work" in wrong.text) == (400, True)


DOING: dict[str, Callable[[ld.Board], object]] = {
    "load.put": lambda b: b.put("x", {"party": build("party", {
        "party_id": ["P"], "kind": ["firm"], "name": ["P"]})}),
    "load.world": lambda b: b.load("world", firms=100, months=12),
    "powers.change": lambda b: b.powers.add([], [{"person": "x", "post": "role:x"}]),
    "power.asked": lambda b: b.powers.ask("fund.pay", "x", 1),
    "power.attached": lambda b: b.powers.attach("fund.pay", "x", {"contract": SHA}),
    "power.opened": lambda b: b.powers.break_glass("T2", "x", "bob"),
    "power.revoked": lambda b: b.powers.revoke("bob@role:clerk", "x"),
    "export.table": lambda b: b.powers.need("export.table", "x"),
    "act.erase": lambda b: b.log.erase(1, "x"),
    "ledger.close": lambda b: b.ledger.close(date(2020, 1, 1)),
    "people.change": lambda b: b.people.add("eve"),
    "person.password": lambda b: b.people.set_password("ann", "x"),
    "person.ended": lambda b: b.people.end("ann"),
    "token.issued": lambda b: Tokens(b.store, "ann").issue(
        "ann", "x", ["read"], datetime.now(UTC) + timedelta(days=1)),
}  # fmt: skip
"""What can be done, by the action that it takes."""


def kept(desk: Desk) -> list[object]:
    """Return what could be changed on the board."""
    names = ("power", "post", "head", "account", "login_person", "login_token")
    return [desk.board.store.books.rows(n) for n in names]


@pytest.mark.parametrize("action", DOING)
def test_what_a_scope_does_not_have_is_refused_and_changes_nothing(desk: Desk, action: str) -> None:
    bound = desk.board.acting("ann", frozenset({"read", "case.work"}))
    before, last = kept(desk), desk.board.store.state()
    with pytest.raises(RefusedError) as refused:
        DOING[action](bound)
    assert action == "token.issued" or "case.work, read" in refused.value.text()
    assert kept(desk) == before
    new = {a["action"] for a in desk.board.store.books.rows("act") if a["seq"] > last}
    assert new <= {"power.denied", "run.failed"}


def test_what_a_scope_has_is_done(desk: Desk) -> None:
    for scope in ("load.put", "load.*"):
        bound = desk.board.acting("ann", frozenset({scope}))
        assert bound.put(f"y {scope}", {"party": build("party", {
            "party_id": ["P"], "kind": ["firm"], "name": ["P"]})}).status == "done"  # fmt: skip
    asked = desk.board.acting("ann", frozenset({"power.asked"})).powers.ask("fund.pay", "x", 1)
    assert desk.board.store.books.rows("act", seq=asked)[0]["action"] == "power.asked"


def test_over_http_the_scope_holds_and_no_form_is_needed(desk: Desk) -> None:
    with_it, without = issued(desk, "powers.change"), issued(desk, "read", "case.work")
    given = {"power": "bob@role:clerk", "reason": "x"}
    no = ask(desk, without, "/inbox/revoke", "POST", data=given)
    assert (no.status_code, no.json()["action"]) == (403, "powers.change")
    desk.board.powers.add([
        {"power_id": "T3", "holder": "ann", "action": "powers.change", "basis": "x"}
    ])  # fmt: skip
    assert ask(desk, with_it, "/inbox/revoke", "POST", data=given).status_code == 303
    own = ask(desk, issued(desk, "read", "person.*", "token.*"), "/account/token", "POST",
              data={"label": "x", "scope": "read"})  # fmt: skip
    assert own.status_code == 403


def test_a_client_takes_files_by_a_token_for_exports(desk: Desk) -> None:
    desk.board.put("firm", {"party": build("party", {
        "party_id": ["Q"], "kind": ["firm"], "name": ["Q"]})})  # fmt: skip
    with Client(desk.url, token=issued(desk, "read", "export.table")) as client:
        assert client.arrow("party", party_id="Q")["name"].to_pylist() == ["Q"]
    path = "/firms?format=csv&block=rows"
    taken = ask(desk, issued(desk, "read", "export.*"), path)
    assert taken.status_code == 200
    assert "Q" in [line.split(",")[0] for line in taken.text.splitlines()]
    refused = ask(desk, issued(desk, "read"), path)
    assert (refused.status_code, refused.json()["action"]) == (403, "export.table")
    token = issued(desk, "read", "case.work")
    with Client(desk.url, token=token) as client, pytest.raises(RefusedError, match=r"export\."):
        client.arrow("party")
    told = desk.board.sql("SELECT actor, subject FROM act WHERE action = 'export' ORDER BY seq")
    assert told.to_pylist()[-2:] == [
        {"actor": "ann", "subject": "party"}, {"actor": "ann", "subject": "firms/rows"},
    ]  # fmt: skip
