"""Who may do what is changed by those named for it, and where nobody is, not by who logs in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

import liandong as ld
from liandong.config import settings_now
from liandong.errors import RefusedError
from liandong.schema.arrow import build
from liandong.store.logins import Tokens
from liandong.types import today
from support.attacked import nothing_done, program
from support.logins import Desk, desk_at

LISTED = ("board.read", "export.table", "personal.read", "case.work")
RECOGNISED = {"vkey": ["a/acts+1+x"], "kind": ["k"], "name": ["A"], "own_kind": ["k"]}
ENTRY = {"power_id": "N1", "holder": "mal", "action": "fund.pay", "basis": "x"}


@pytest.fixture
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A board whose list names nobody for what changes it; mal has no power at all."""
    with desk_at(tmp_path_factory.mktemp("guarded")) as found:
        for name in ("ann", "bob", "mal", settings_now().actor):
            found.add(name)
        found.board.powers.add([
            *({"power_id": f"V{i}", "holder": "ann", "action": a, "basis": "x", "delegate_days": 9}
              for i, a in enumerate(LISTED)),
            {"power_id": "G", "holder": "bob", "action": "fund.stop", "basis": "x",
             "glass_hours": 1},
        ])  # fmt: skip
        found.board.acting("bob").powers.break_glass("G", "flood", "ann")
        yield found


def opened(desk: Desk) -> str:
    (act,) = desk.board.powers.inbox()["opened"]
    return str(act["act"])


CHANGES: dict[str, tuple[str, Callable[[ld.Board], object]]] = {
    "revoke": ("powers.change", lambda b: b.powers.revoke("V1", "x")),
    "add": ("powers.change", lambda b: b.powers.add([ENTRY])),
    "put": ("powers.change", lambda b: b.put("x", {"post": build("post", {
        "post_id": ["T"], "person": ["mal"], "post": ["role:board"]})})),
    "recognise": ("credential.recognise", lambda b: b.put("y", {
        "credential_issuer": build("credential_issuer", RECOGNISED)})),
    "review": ("powers.review", lambda b: b.powers.review(
        b.powers.inbox()["opened"][0]["act"], "x")),
    "add person": ("people.change", lambda b: b.people.add("eve")),
    "shut out": ("people.change", lambda b: b.people.disable("ann")),
    "password": ("people.change", lambda b: b.people.set_password("ann", "x")),
    "token": ("people.change", lambda b: Tokens(b.store, "mal").issue(
        "ann", "x", ["read"], datetime.now(UTC) + timedelta(days=1))),
}  # fmt: skip


@pytest.mark.parametrize("done", CHANGES)
def test_whoever_has_logged_in_changes_nothing_where_nobody_is_named(desk: Desk, done: str) -> None:
    action, change = CHANGES[done]
    with nothing_done(desk), pytest.raises(RefusedError) as refused:
        change(desk.board.acting("mal", login=True))
    assert (refused.value.params["action"], refused.value.params["powers"]) == (action, [])
    assert "command line" in refused.value.text("en")
    assert desk.board.store.books.rows("power_act", kind="reviewed") == []
    change(desk.board.acting("mal"))  # by the command line


def test_over_http_nobody_changes_powers_where_nobody_is_named(desk: Desk) -> None:
    host = settings_now().actor  # under whose name the board is served
    for name in ("mal", host):
        with desk.visitor(name) as visitor, nothing_done(desk):
            for form, given, action in (
                ("revoke", {"power": "V1"}, "powers.change"),
                ("review", {"act": opened(desk)}, "powers.review"),
            ):
                page = visitor.post(f"/inbox/{form}", reason="x", **given)
                assert page.status_code == 403, (name, form)
                assert f'href="/powers?action={action}"' in page.text
            assert 'action="/inbox/review"' not in visitor.browser.get("/inbox").text
    token = program(desk, "mal", "read", "powers.*", "power.*")
    with nothing_done(desk):
        answer = token("POST", "/inbox/revoke", data={"power": "V1", "reason": "x"})
        assert (answer.status_code, answer.json()["action"]) == (403, "powers.change")
    denied = {a["actor"] for a in desk.board.store.books.rows("act", action="power.denied")}
    assert denied == {"mal", host}
    # What is one's own to end stays so, and who is named may do all of it.
    handed = desk.board.acting("ann").powers.delegate("V3", "bob", today() + timedelta(days=3))
    with desk.visitor("ann") as ann:
        assert ann.post("/inbox/revoke", power=handed.power_id, reason="x").status_code == 303
    desk.board.powers.add(
        {"power_id": f"K{i}", "holder": "ann", "action": f"powers.{a}", "basis": "x"}
        for i, a in enumerate(("change", "review"))
    )
    with desk.visitor("ann") as ann:
        assert ann.post("/inbox/revoke", power="V2", reason="x").status_code == 303
        assert ann.post("/inbox/review", act=opened(desk), reason="x").status_code == 303
    assert desk.board.check() == []
