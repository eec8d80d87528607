"""Attacks on a served board: each is tried as somebody would, and each is refused.

Held elsewhere: logging in, locking, sessions and redirects in ``test_login``; what a token may in
``test_tokens``; providers in ``test_oidc``; rows in sight and exports in ``test_sight``; values
that look like SQL, headers and hosts in ``test_service``; files that are none in ``test_jobs``;
long and slow heads in ``test_heads``, and bodies, ``/metrics`` and lines of the log in
``test_operations``.
"""

import re
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher

from liandong.errors import RefusedError
from liandong.service.job import _need_enabled
from liandong.store.uploads import Uploads
from support.attacked import (
    HTTP,
    SECRET,
    filled,
    nothing_done,
    posts,
    program,
)
from support.logins import Desk

OWN = ("account", "login", "logout", "purpose", "inbox", "agreements")
"""First parts of addresses at which people act for themselves, or are led to a page."""


# ── what others see ──────────────────────────────────────────────────────────────────────────


BY_ID = (
    "/firm/{F}", "/firm/{F}/letter", "/firm/{F}/report", "/owners/{F}", "/trace/{L}",
    "/table/party/row?party_id={F}", "/table/loan/row?loan_id={L}", "/table/alert/row?alert_id={A}",
    "/v1/parties/{F}", "/v1/scores/{F}", "/v1/loans/{L}/trace", "/v1/tables/loan/row?loan_id={L}",
    "/v1/tables/party/row?party_id={F}", "/v1/tables/party/row/why?party_id={F}",
    "/v1/tables/alert/row/why?alert_id={A}",
    "/v1/tables/score/row?party_id={F}&as_of=2024-06-30&rule_id=r",
)  # fmt: skip
PAPERS = ("/letter", "/report")
"""Which are written about who was scored by a model: nobody on this board."""
LISTS = (
    "/firms", "/alerts", "/trace", "/table/party", "/table/score", "/table/loan?f.loan_id=L31",
    "/firms?q=" + quote(SECRET), "/v1/alerts", "/v1/tables/party?f.party_id=F31",
    "/v1/tables/party?f.name.prefix=" + quote(SECRET[0]), "/v1/tables/score?sort=party_id",
    "/v1/tables/loan?f.party_id.from=F3", "/v1/tables/party?format=ndjson",
    "/v1/tables/party?format=csv", "/v1/tables/party?format=arrow",
    "/firms?format=csv&block=rows", "/firms?format=arrow&block=rows",
)  # fmt: skip


def test_an_id_opens_nothing_that_is_out_of_sight(desk: Desk) -> None:
    asked = {"F": "F31", "L": "L31", "A": "AL31"}
    with desk.visitor("ann") as ann, desk.visitor("eve") as eve:
        for path in BY_ID:
            own = path.format(**asked)
            twin = own + ("&" if "?" in own else "?") + "format=json"
            if not own.endswith(PAPERS):
                assert ann.browser.get(own).status_code == 200, own
            for each in (own,) if own.startswith("/v1") else (own, twin):
                answer = eve.browser.get(each)
                assert answer.status_code == 404, (each, answer.text[-300:])
                assert SECRET not in answer.text, each
    with desk.visitor("eve") as eve:
        for path in LISTS:
            answer = eve.browser.get(path)
            assert answer.status_code == 200, (path, answer.text[-300:])
            if "q=" not in path:  # which is told again
                assert SECRET not in answer.text, path
            assert b"F31" not in answer.content, path
        with eve.browser.stream("GET", "/v1/alerts/events") as told:
            lines = told.iter_lines()
            assert "F31" not in "".join(next(lines) for _ in range(5))


def test_steps_are_tried_on_what_is_in_sight_and_by_who_may_read(desk: Desk) -> None:
    wanted = {"board": ["party", "region_stat", "region"], "values": {}}
    blind = program(desk, "ann", "load.region", "survey.gap")
    answer = blind("POST", "/v1/steps/survey.gap/try", json=wanted)
    assert (answer.status_code, answer.json()["action"]) == (403, "read")
    for path, body in (("/v1/steps/survey.gap/try", wanted),):
        assert program(desk, "mal", "read")("POST", path, json=body).status_code == 403


def test_what_somebody_hands_in_is_his_alone(desk: Desk) -> None:
    with Uploads(desk.board.store, "ann").writing("own.csv") as (upload, file):
        file.write(b"region_id,name\n310000,secret-of-ann\n")
    with desk.visitor("ann") as ann, desk.visitor("eve") as eve:
        page = f"/start/file?upload={upload}"
        assert "secret-of-ann" in ann.browser.get(page).text
        for path in (page, f"{page}&format=json", f"{page}&check=1&table=region"):
            assert eve.browser.get(path).status_code == 404, path
        with nothing_done(desk):
            load = {"kind": "load", "source": "region", "upload": upload}
            assert eve.browser.post("/v1/jobs", json=load).status_code == 403
        # Who sees a part is not told by a check against all rows what there is.
        with Uploads(desk.board.store, "eve").writing("p.csv") as (mine, file):
            file.write(b"party_id,kind,name\nF31,firm,x\n")
        said = eve.browser.get(f"/start/file?upload={mine}&check=1&table=party&format=json").json()
        assert said["counts"] is None
        assert "board.read" in said["problem"]["en"]


# ── who may do what ──────────────────────────────────────────────────────────────────────────


def test_no_form_and_no_program_of_another_site_is_heard(desk: Desk) -> None:
    with desk.visitor("ann") as ann, desk.visitor("eve") as eve, nothing_done(desk):
        good, foreign = ann.ticket(), eve.ticket()
        tried = 0
        for path in map(filled, posts(desk)):
            json_only = path.startswith("/v1")
            sent = {"json": {}} if json_only else {"data": {"ticket": good, "name": "x"}}
            for said in (
                {"origin": "https://evil.example"}, {"origin": "null"},
                {"sec-fetch-site": "cross-site"}, {"origin": desk.url.replace("127", "128")},
            ):  # fmt: skip
                answer = ann.browser.post(path, headers=said, **sent)
                assert answer.status_code == 403, (path, said, answer.text[-200:])
                tried += 1
            if json_only:
                plain = ann.browser.post(path, content="{}", headers={"content-type": "text/plain"})
                assert plain.status_code in {400, 403, 415, 422}, path
            elif not path.startswith("/login"):
                for ticket in ("", foreign, good[:-1]):
                    answer = ann.browser.post(path, data={"ticket": ticket, "name": "x"})
                    assert answer.status_code in {400, 403}, path
        assert tried > 120


def test_who_lacks_a_power_does_nothing_and_is_told_which(desk: Desk) -> None:
    """Mal may log in, and no more: no address takes anything from him."""
    with desk.visitor("mal") as mal, nothing_done(desk):
        ticket = mal.ticket()
        refused = 0
        for path in map(filled, posts(desk)):
            if path.split("/")[1] in OWN:
                continue
            if path.startswith("/v1"):
                body = {"step": "survey.gap", "kind": "run", "approve": True, "reason": "x",
                        "action": "fund.pay", "entries": []}  # fmt: skip
                answer = mal.browser.post(path, json=body)
            else:
                answer = mal.browser.post(path, data={"ticket": ticket})
            assert answer.status_code in {400, 403, 404, 415, 422}, (path, answer.status_code)
            refused += answer.status_code == 403 and "board.read" in answer.text
        assert refused > 8
    with desk.visitor("ann") as ann, nothing_done(desk):
        ann.browser.headers["accept"] = "application/json"
        ticket, entry = ann.ticket(), {
            "entry_id": "T", "debit": "A33", "credit": "A31", "amount": 1,
            "event_time": "2024-07-01",
        }  # fmt: skip
        said = {"ticket": ticket}
        for action, answer in {
            "survey.gap": ann.browser.post("/v1/jobs", json={"kind": "run", "step": "survey.gap"}),
            "load.world": ann.browser.post("/start/world", data=said),
            "load.region": ann.browser.post(
                "/v1/loads?table=region&name=r.csv", content=b"region_id,name\n310000,x\n",
                headers={"content-type": "text/csv"}),
            "file.upload": ann.browser.post("/v1/uploads?name=a.csv", content=b"a\n1\n"),
            "powers.change": ann.browser.post(
                "/inbox/revoke", data={**said, "power": "R2", "reason": "x"}),
            "personal.read": ann.browser.post("/purpose", data={**said, "purpose": "x"}),
        }.items():  # fmt: skip
            assert (answer.status_code, answer.json().get("action")) == (403, action), answer.text
        assert ann.browser.post("/v1/ledger/transfers", json={"entries": [entry]}).status_code in {
            200, 403, 404,
        }  # fmt: skip
        # Neither by himself nor by a head or a parameter is anybody somebody else.
        as_keeper = {"x-actor": "keeper", "x-forwarded-user": "keeper"}
        for actor in ("keeper", ""):
            way = {"params": {"actor": actor, "format": "json"}, "headers": as_keeper}
            assert ann.browser.get("/account", **way).json()["actor"] == "ann"
            wish = {"kind": "run", "step": "survey.gap"}
            assert ann.browser.post("/v1/jobs", json=wish, **way).status_code == 403


def test_who_sees_a_part_begins_nothing_on_the_whole(desk: Desk) -> None:
    with desk.visitor("eve") as eve, nothing_done(desk):
        eve.browser.headers["accept"] = "application/json"
        said = {"ticket": eve.ticket()}
        for answer in (
            eve.browser.post("/v1/jobs", json={"kind": "run", "step": "watch.precision"}),
            eve.browser.post("/v1/jobs", json={"kind": "load", "source": "region"}),
            eve.browser.post("/v1/jobs", json={"kind": "loop"}),
            eve.browser.post("/jobs/begin", data={**said, "step": "watch.precision"}),
            eve.browser.post("/jobs/begin", data={**said, "step": "watch.precision", "how": "dry"}),
            eve.browser.post("/start/world", data=said),
            eve.browser.post("/start/loop", data=said),
            eve.browser.post("/start/load", data={**said, "mapped": "region"}),
            eve.browser.post("/v1/runs", json={"step": "watch.precision", "dry_run": True}),
            eve.browser.post("/v1/ledger/transfers", json={"entries": [{
                "entry_id": "T", "debit": "A", "credit": "B", "amount": 1,
                "event_time": "2024-07-01"}]}),
        ):  # fmt: skip
            assert answer.status_code == 403, (answer.url, answer.text)
            assert "board.read" in answer.json()["detail"], answer.url


def test_a_token_does_what_it_is_for_by_every_way(desk: Desk) -> None:
    reads = program(desk, "ann", "read")
    with nothing_done(desk):
        for path, sent in {
            "/v1/jobs": {"json": {"kind": "run", "step": "watch.precision"}},
            "/jobs/begin": {"data": {"step": "watch.precision"}},
            "/start/loop": {"data": {}},
            "/v1/runs": {"json": {"step": "watch.precision", "dry_run": True}},
            "/v1/loads?table=place&name=p.csv&dry_run=1": {
                "content": b"x\n", "headers": {"content-type": "text/csv"}},
            "/v1/powers/ask": {"json": {"action": "fund.pay"}},
            "/account/token": {"data": {"label": "x", "scope": "read"}},
            "/account/password": {"data": {"password": "x", "new": "a long new password"}},
        }.items():  # fmt: skip
            answer = reads("POST", path, **sent)
            assert answer.status_code == 403, (path, answer.text)
    for where in (f"/acts?token={reads.token}", f"/acts?access_token={reads.token}"):
        assert HTTP.get(desk.url + where).status_code == 401
    writes = program(desk, "ann", "power.asked")
    key = {"headers": {"idempotency-key": "shared"}}
    wish = {"action": "fund.pay", "subject": "s", "amount": 5}
    assert writes("POST", "/v1/powers/ask", json=wish, **key).status_code == 201
    for other in (reads, program(desk, "eve", "power.asked")):
        answer = other("POST", "/v1/powers/ask", json=wish, **key)
        assert answer.headers.get("idempotency-replayed") is None  # it is no answer of his
        assert answer.status_code in {201, 422}


def test_the_job_of_somebody_who_was_shut_out_is_not_done(desk: Desk) -> None:
    desk.add("gone")
    _need_enabled(desk.board, "gone")
    desk.board.people.disable("gone")
    with pytest.raises(RefusedError):
        _need_enabled(desk.board, "gone")


# ── what is said on the way ──────────────────────────────────────────────────────────────────


def test_what_is_told_to_somebody_is_kept_by_nobody(desk: Desk) -> None:
    """Pages and answers of people are not kept by what lies between, nor those that refuse."""
    reads = program(desk, "ann", "read")
    with desk.visitor("ann") as ann:
        for path in ("/", "/account", "/v1/jobs", "/v1/parties/F31", "/v1/cases", "/nowhere",
                     "/v1/tables/party?format=csv", "/start/mapping.toml?mapped=party",
                     "/v1/openapi.json"):  # fmt: skip
            for answer in (ann.browser.get(path), reads("GET", path)):
                said = answer.headers.get("cache-control", "")
                assert said in {"no-store", "private, no-cache"}, (path, said)
                policy = answer.headers["content-security-policy"]
                assert not re.search(r"unsafe|\*|http:|data:(?<!img-src 'self' data:)", policy)
    assert HTTP.get(f"{desk.url}/v1/openapi.json").status_code == 401
    for method in ("HEAD", "OPTIONS", "TRACE", "PUT"):
        answer = HTTP.request(method, f"{desk.url}/firms")
        assert answer.status_code in {401, 405}, method
        assert SECRET.encode() not in answer.content
    odd = {"x-request-id": 'a\tb\\n{"level": "x"}'}
    assert re.fullmatch(r"[\w.-]+", HTTP.get(f"{desk.url}/health", headers=odd).headers[
        "x-request-id"])  # fmt: skip


def test_an_unknown_name_costs_as_much_as_a_wrong_password(desk: Desk, monkeypatch) -> None:
    """Both are hashed once: neither the words nor the time of the answer tell them apart."""
    checked = []
    real = PasswordHasher.verify

    def counted(self, kept, password):
        checked.append(kept)
        return real(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    said = set()
    for name in ("ann", "nobody-of-this-name"):
        with desk.visitor() as visitor:
            before = len(checked)
            answer = visitor.log_in(name, "wrong password")
            told = answer.text.replace(name, "NAME")  # which stays in the form
            said.add((answer.status_code, told, len(checked) - before))
    assert len(said) == 1, said
    assert len(checked) >= 2


def test_the_books_are_whole_after_all_of_it(desk: Desk) -> None:
    assert desk.board.check() == []
