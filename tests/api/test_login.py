"""Logging in: who gets in, for how long, and that nobody else does."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from limits import parse
from markupsafe import escape

import liandong as ld
from liandong.console.render import environment
from liandong.errors import LiandongError, RefusedError, UsageError
from liandong.schema.sql import METADATA
from liandong.service import who
from liandong.service.app import create_app
from liandong.service.identity import gate
from liandong.service.identity.codes import step_of
from liandong.store import logins
from liandong.store.logins import Sessions, Tokens
from liandong.store.people import fingerprint
from support.logins import PASSWORD, Desk, desk_at
from support.site import serving

ANN = "ann"


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A served board with people."""
    with desk_at(tmp_path_factory.mktemp("login")) as found:
        for name in (ANN, "bob", "lock", "totp", "gone"):
            found.add(name)
        yield found


def alert(answer: httpx.Response) -> str:
    """Return what a page complains of."""
    return re.search(r'role="alert">(.*?)<', answer.text).group(1)


def test_every_address_but_the_open_ones_wants_a_login(desk: Desk) -> None:
    app = create_app(str(desk.board.store.folder))
    routers = [r.original_router for r in app.routes if hasattr(r, "original_router")]
    routes = [r for router in routers for r in router.routes]
    asked = 0
    with httpx.Client(base_url=desk.url, headers={"origin": desk.url}) as browser:
        for route in routes:
            path = re.sub(r"\{.*?\}", "x", route.path)
            for method in route.methods - {"HEAD"}:
                answer = browser.request(method, path)
                if path in gate.ALWAYS or path.split("/")[1] in gate.OPEN:
                    assert answer.status_code != 500, path
                else:
                    assert answer.status_code == 401, (method, path)
                    assert answer.headers["www-authenticate"].startswith("Bearer")
                    asked += 1
    assert asked > 50
    page = httpx.get(f"{desk.url}/firms?page=2", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/firms%3Fpage%3D2")
    sent = {"accept": "text/html", "referer": f"{desk.url}/inbox?x=1", "origin": desk.url}
    page = httpx.post(f"{desk.url}/inbox/approve", headers=sent)
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/inbox%3Fx%3D1")
    part = httpx.get(f"{desk.url}/firms", headers={"accept": "text/html", "hx-request": "true"})
    assert (part.status_code, part.headers["hx-refresh"]) == (401, "true")


def test_a_person_logs_in_and_out(desk: Desk) -> None:
    with desk.visitor() as ann:
        before = len(desk.board.store.books.rows("act", action="login"))
        answer = ann.log_in(ANN, to="/acts?actor=ann")
        assert (answer.status_code, answer.headers["location"]) == (303, "/acts?actor=ann")
        cookie = answer.headers["set-cookie"].split("; ")
        assert cookie[0].startswith("session=")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie)
        assert not {c for c in cookie if c.startswith(("Max-Age", "expires", "Domain"))}
        page = ann.browser.get("/acts").text
        assert '<a href="/account">ann</a>' in page
        assert len(desk.board.store.books.rows("act", action="login")) == before + 1
        held = dict(ann.browser.cookies)
        assert ann.post("/logout").headers["location"] == "/login?out=1"
        again = httpx.get(f"{desk.url}/acts", cookies=held, headers={"accept": "text/html"})
        assert again.status_code == 303  # the server has forgotten it, too


def test_a_wrong_password_and_an_unknown_name_look_the_same(desk: Desk) -> None:
    with desk.visitor() as nobody:
        given = ((ANN, "x"), ("who", "x"), (ANN, ""), ("w<ho", ""))
        answers = [(name, nobody.log_in(name, word)) for name, word in given]
        # The name that was typed stays, whoever has it.
        own = {(a.status_code, a.text.replace(f'value="{escape(n)}"', "")) for n, a in answers}
        assert [code for code, _ in own] == [401]
        assert all(f'value="{escape(n)}"' in a.text for n, a in answers)
        assert nobody.log_in("", "").status_code == 401
        assert "wrong" in alert(answers[0][1])
        assert not nobody.browser.cookies


def test_ten_failures_lock_a_name_for_a_while_whoever_is_asked(desk: Desk) -> None:
    for name in ("lock", "whoever"):
        with desk.visitor() as guesser:
            codes = [guesser.log_in(name, "x").status_code for _ in range(10)]
            assert codes == [401] * 10
            held = guesser.log_in(name)
            assert held.status_code == 429
            assert 800 < int(held.headers["retry-after"]) <= 901
    assert Sessions(desk.board.store).attempt("lock") > 0  # another process refuses, too
    locked = desk.board.store.books.rows("act", action="login.locked")
    assert [a["subject"] for a in locked] == ["lock"]
    desk.set("login_attempt", until=datetime.now(UTC) - timedelta(seconds=1))
    with desk.visitor("lock") as owner:
        assert owner.browser.get("/account").status_code == 200


def test_a_process_hears_out_so_many_attempts_from_one_address(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(gate, "BY_ADDRESS", parse("3/minute"))
    with serving(desk.board.store.folder) as url, desk.visitor(url=url, origin=url) as visitor:
        codes = [visitor.log_in(f"n{k}", "x").status_code for k in range(5)]
    assert codes == [401, 401, 401, 429, 429]


def test_two_workers_together_hear_out_so_many_attempts(desk: Desk, monkeypatch) -> None:
    """Each has counters of its own; those of the books are of both."""
    monkeypatch.setattr(logins, "MOST_ATTEMPTS", 4)
    desk.set("login_attempt", failures=0)
    there = desk.board.store.folder
    with serving(there) as one, serving(there) as two, ExitStack() as held:
        at = [held.enter_context(desk.visitor(url=u, origin=u)) for u in (one, two)]
        said = [at[k % 2].log_in("address:127.0.0.1", "x") for k in range(6)]
    assert [a.status_code for a in said] == [401] * 4 + [429] * 2
    assert 0 < int(said[-1].headers["retry-after"]) <= 61
    desk.set("login_attempt", until=datetime.now(UTC) - timedelta(seconds=1))


def test_one_time_codes_are_asked_for_and_used_once(desk: Desk) -> None:
    with desk.visitor("totp") as visitor:
        app, recovery, begun = visitor.enrol()
    assert len(recovery) == 8
    with desk.visitor() as visitor:
        page = visitor.log_in("totp")
        assert page.status_code == 200
        assert 'name="code"' in page.text
        assert visitor.browser.get("/account").status_code == 303  # a password is not enough

        def say(code: str) -> httpx.Response:
            return visitor.browser.post("/login/code", data={"code": code})

        assert say(app.at(begun)).status_code == 401  # the one that was entered to set it up
        assert say("000000").status_code == 401
        later = app.at(begun + 30)
        assert say(later).status_code == 303
        visitor.post("/logout")
        visitor.log_in("totp")
        assert say(later).status_code == 401
        assert say(recovery[0].upper()).status_code == 303
        visitor.post("/logout")
        visitor.log_in("totp")
        assert say(recovery[0]).status_code == 401
        visitor.browser.cookies.delete("login")
        assert say(recovery[1]).headers["location"] == "/login"  # not without the password
    desk.board.people.reset_totp("totp")
    with desk.visitor("totp") as visitor:
        assert visitor.browser.get("/account").status_code == 200


def test_codes_are_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1, of which apps show the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"
    for at, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert step_of(secret, code, at) == at // 30
        assert step_of(secret, code, at + 30) == at // 30
        assert step_of(secret, code, at + 90) is None


def test_a_login_has_a_session_of_its_own(desk: Desk) -> None:
    with desk.visitor() as visitor:
        visitor.browser.cookies.set("session", "planted", domain="127.0.0.1", path="/")
        visitor.log_in(ANN)
        first = visitor.browser.cookies["session"]
        assert first != "planted"
        visitor.log_in(ANN)
        assert visitor.browser.cookies["session"] != first
        old = httpx.get(f"{desk.url}/account", cookies={"session": first})
        assert old.status_code == 401
        assert httpx.get(f"{desk.url}/account", cookies={"session": "planted"}).status_code == 401


@pytest.mark.parametrize(
    "aged",
    [{"seen_at": datetime(2020, 1, 1, tzinfo=UTC)}, {"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}],
    ids=["idle", "old"],
)
def test_sessions_end_by_themselves(desk: Desk, aged: dict[str, datetime]) -> None:
    with desk.visitor(ANN) as visitor:
        assert visitor.browser.get("/account").status_code == 200
        desk.set("login_session", **aged)
        assert visitor.browser.get("/account").status_code == 303


def test_who_is_disabled_or_has_another_password_is_out_at_once(desk: Desk) -> None:
    with desk.visitor("gone") as gone, desk.visitor("gone") as other:
        token = {"authorization": f"Bearer {gone.token()}"}
        assert gone.post("/account/password", password=PASSWORD, new=PASSWORD + "!").is_redirect
        assert gone.browser.get("/account").status_code == 200
        assert other.browser.get("/account").status_code == 303
        assert httpx.get(f"{desk.url}/account", headers=token).status_code == 200
        desk.board.people.disable("gone")
        assert gone.browser.get("/account").status_code == 303
        assert httpx.get(f"{desk.url}/account", headers=token).status_code == 401
        assert gone.log_in("gone", PASSWORD + "!").status_code == 401
        desk.board.people.enable("gone")
        assert gone.browser.get("/account").status_code == 303  # it has ended, and stays so
        assert gone.log_in("gone", PASSWORD).status_code == 401
        assert gone.log_in("gone", PASSWORD + "!").status_code == 303


def test_forms_of_others_are_refused(desk: Desk) -> None:
    with desk.visitor(ANN) as ann, desk.visitor("bob") as bob:
        good = {"ticket": ann.ticket()}
        assert ann.browser.post("/cases/open", data=good).status_code != 403
        wrong = ({}, {"ticket": ""}, {"ticket": "x"}, {"ticket": bob.ticket()})
        for given in wrong:
            assert ann.browser.post("/cases/open", data=given).status_code == 403
            assert ann.browser.post("/logout", data=given).status_code == 403
        assert ann.browser.post(f"/logout?ticket={good['ticket']}").status_code == 403
        for said in (
            {"origin": "https://evil.example"}, {"origin": "null"},
            {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
        ):  # fmt: skip
            form = ann.browser.post("/cases/open", data=good, headers=said)
            plain = ann.browser.post("/v1/cases/open", json={}, headers=said)
            login = ann.browser.post("/login", data={"name": ANN}, headers=said)
            assert (form.status_code, plain.status_code, login.status_code) == (403, 403, 403), said
        del ann.browser.headers["origin"]
        assert ann.browser.post("/cases/open", data=good).status_code == 403
        assert ann.browser.get("/account").status_code == 200


def test_every_form_that_acts_carries_the_ticket() -> None:
    loader = environment().loader
    acting = 0
    for name in loader.list_templates():
        text = loader.get_source(environment(), name)[0]
        for tag in re.findall(
            r'<form\b(?:\{\{.*?\}\}|[^>])*method="post".*|<button\b.*?formmethod="post".*?>', text
        ):
            acting += 1
            ticket = r'name="ticket" value="(\{\{ ticket \}\}"|%s".*format\([^)]*\bticket\))'
            assert re.search(ticket, tag), (name, tag)
    assert acting >= 15


@pytest.mark.parametrize(
    "to",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
     "javascript:x", "/\t/evil.example", "evil", ""],
)  # fmt: skip
def test_a_login_leads_nowhere_else(desk: Desk, to: str) -> None:
    with desk.visitor() as visitor:
        assert visitor.log_in(ANN, to=to).headers["location"] == "/"
        page = visitor.browser.get("/login", params={"next": to}).text
        assert 'name="next" value="/"' in page


@pytest.mark.parametrize(
    "password", ["", "short", "administrator1", "Passwordpassword", "A person's n", "x" * 201]
)
def test_poor_passwords_are_not_taken(desk: Desk, password: str) -> None:
    with pytest.raises(UsageError):
        desk.add("A person's n", password)


@pytest.mark.parametrize("name", ["", " a", "role:board", "*", "a\nb", "ａnn", "x" * 101])
def test_names_cannot_be_taken_for_something_else(desk: Desk, name: str) -> None:
    with pytest.raises(UsageError):
        desk.board.people.add(name)
    with pytest.raises(UsageError, match="already"):
        desk.board.people.add(ANN)


def test_a_refusal_names_the_power_that_is_missing(desk: Desk) -> None:
    entry = {"power_id": "W1", "holder": "bob", "action": "people.change", "basis": "x"}
    desk.board.powers.add([{**entry, "valid_to": "2020-12-31"}, {**entry, "power_id": "W2",
                            "holder": "keeper"}])  # fmt: skip
    with pytest.raises(LiandongError) as refused:
        desk.board.acting("bob").people.disable(ANN)
    assert (refused.value.params["action"], refused.value.params["powers"]) == (
        "people.change", ["W1"],
    )  # fmt: skip
    entry = {"power_id": "W3", "holder": "keeper", "action": "powers.change", "basis": "x"}
    desk.board.powers.add([entry], [{"person": "ann", "post": "role:clerk"}])
    term = desk.board.powers.listed().posts[0]["post_id"]
    with desk.visitor("bob") as bob:
        page = bob.post("/inbox/revoke", power=term, reason="x")
        assert page.status_code == 403
        assert 'href="/powers?action=powers.change"' in page.text
        bob.browser.headers["accept"] = "application/json"
        body = bob.browser.post(
            "/inbox/revoke", data={"power": term, "reason": "x", "ticket": bob.ticket()}
        ).json()
        assert (body["action"], body["powers"]) == ("powers.change", [])


def test_behind_https_cookies_stay_there(tmp_path) -> None:
    url = "https://credit.example"
    with desk_at(tmp_path, LIANDONG_URL=url) as desk:
        desk.add(ANN)
        with desk.visitor(host="credit.example", origin=url) as visitor:
            answer = visitor.log_in(ANN)
            cookie = answer.headers["set-cookie"].split("; ")
            assert cookie[0].startswith("__Host-session=")
            assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie)
        assert httpx.get(desk.url, headers={"host": "other.example"}).status_code == 400


def test_secrets_are_nowhere_else(desk: Desk) -> None:
    with desk.visitor(ANN) as visitor:
        app, recovery, _ = visitor.enrol()
        token = visitor.token()
        page = (
            visitor.browser.get("/account").text + visitor.browser.get("/account?format=json").text
        )
        raw = [PASSWORD, app.secret, recovery[0], token, visitor.browser.cookies["session"]]
    store = desk.board.store
    kept = {
        str(value)
        for name in ("login_person", "login_session", "login_token")
        for row in store.books.rows(name)
        for column, value in row.items()
        if column in {"password", "totp", "recovery", "token"} and value and value != "[]"
    }
    assert len(kept) > 5
    others = [t for t in METADATA.tables if not t.startswith("login_")]
    told = repr([store.books.rows(name) for name in others]) + page
    assert not [s for s in (*kept, *raw) if s in told]
    books = b"".join(f.read_bytes() for f in store.folder.glob("books.sqlite*"))
    assert not [s for s in raw if s.encode() in books]
    for name in ("login_person", "login_session", "login_token", "login_attempt"):
        with pytest.raises(LiandongError):
            desk.board.table(name).rows()
        with pytest.raises(LiandongError):
            desk.board.sql(f"SELECT * FROM {name}")
    assert desk.board.check() == []
    desk.board.people.reset_totp(ANN)


def test_a_stream_ends_with_its_session(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(who, "AGAIN", 0.1)
    with desk.visitor(ANN) as visitor:
        ask = visitor.browser.stream("GET", "/v1/alerts/events", timeout=20)
        with ask as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            desk.board.people.end(ANN)
            assert not [line for line in lines if "event: alerts" in line][1:]
        assert visitor.browser.get("/v1/alerts/events").status_code == 303


def test_both_kinds_of_books_keep_people_alike(board: ld.Board) -> None:
    people, sessions = board.people, Sessions(board.store)
    tokens, hour = Tokens(board.store, "tester"), timedelta(hours=1)
    people.add("ann", "a hash")
    assert [sessions.attempt("ann") > 0 for _ in range(11)] == [False] * 10 + [True]
    secret = sessions.begin("ann", "password", hour, hour)
    assert sessions.attempt("ann") == 0
    assert sessions.of(secret)["person"] == "ann"
    assert (people.end("ann", "%"), people.end("ann")) == (0, 1)
    assert sessions.of(secret) is None
    token = tokens.issue("ann", "x", ["read"], datetime.now(UTC) + hour)
    assert sessions.bearer(token)["person"] == "ann"
    assert sessions.of(token) is None
    people.set_totp("ann", "sealed", 7, [fingerprint("code")])
    assert [people.use_step("ann", step) for step in (7, 8, 8, 6, 9)] == [
        False, True, False, False, True,
    ]  # fmt: skip
    assert [people.use_recovery("ann", "code") for _ in range(2)] == [True, False]
    people.disable("ann")
    assert sessions.bearer(token) is None
    with pytest.raises(RefusedError):
        sessions.begin("ann", "password", hour, hour)
    assert people.joined("li", "https://id", "1", known_only=False) == "li"
    assert people.joined("another", "https://id", "1", known_only=True) == "li"
    with pytest.raises(RefusedError):
        people.joined("li", "https://id", "2", known_only=False)
    assert board.check() == []
