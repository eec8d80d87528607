"""The inbox: what waits for whoever serves the console, worked off by its forms."""

from datetime import timedelta

import httpx
import pytest

import liandong as ld
from liandong.store.asking import ask
from liandong.store.authority import today
from support.site import serving


def post_of(person, post):
    return {"person": person, "post": post}


@pytest.fixture
def desk(tmp_path):
    """A board as served by ann: one request each of li and of ann, and broken glass of zhao."""
    location = tmp_path / "i.board"
    with ld.open(location, actor="li") as board:
        board.powers.add(
            [
                {"power_id": "F1", "holder": "role:officer", "action": "fund.pay",
                 "approvals": {"n": 2, "of": "role:board"}},
                {"power_id": "F2", "holder": "ann", "action": "fund.close", "delegate_days": 30},
                {"power_id": "F3", "holder": "zhao", "action": "fund.stop", "glass_hours": 4},
            ],
            [post_of("li", "role:officer"), post_of("ann", "role:officer"),
             post_of("ann", "role:board"), post_of("bob", "role:board")],
        )  # fmt: skip
        asked = board.powers.ask("fund.pay", "F<b>", 500)
        own = board.acting("ann").powers.ask("fund.pay", "G", 500)
        broken = board.acting("zhao").powers.break_glass("F3", "flood", "li")
        with serving(location, actor="ann") as url, httpx.Client(base_url=url) as client:
            yield board, client, {"asked": asked, "own": own, "broken": broken}


def twin(client):
    return client.get("/inbox?format=json").json()


def press(client, verb, origin=None, **form):
    headers = {"origin": str(client.base_url) if origin is None else origin}
    headers["accept"] = "text/html"
    return client.post(f"/inbox/{verb}", data=form, headers=headers)


def shown(client, path="/inbox"):
    return client.get(path, headers={"accept": "text/html", "accept-language": "en"}).text


def test_it_shows_what_others_proposed_until_it_is_decided(desk):
    board, client, _ = desk
    case = ask(board.store, "li", "settle.disburse", "run-1")
    ask(board.store, "ann", "settle.disburse", "run-2")  # her own is for others
    (found,) = twin(client)["decisions"]
    assert (found["case_id"], found["maker"]) == (case, "li")
    assert found["address"] == f"/table/case/row?case_id={case}"
    assert f'href="{found["address"]}"' in shown(client)
    board.powers.add([{"power_id": "D", "holder": "bob", "action": "decide.settle.disburse"}], [])
    assert not twin(client)["decisions"]  # she has no power over it any more
    board.acting("bob").approve(case)
    assert not board.store.books.rows("case", case_id=case, state="open")


def test_it_shows_what_waits_for_whom(desk):
    board, client, at = desk
    found = twin(client)
    assert [r["act"] for r in found["waits"]] == [at["asked"]]
    assert found["waits"][0]["wants"] == [{"power_id": "F1", "more": 2, "of": "role:board"}]
    assert [(r["act"], r["stands"]) for r in found["own"]] == [(at["own"], "own")]
    assert [(r["act"], r["stands"]) for r in found["opened"]] == [(at["broken"], "")]
    page = shown(client)
    assert "F&lt;b&gt;" in page
    assert '<b class="count">2</b>' in page
    assert '<b class="count">2</b>' in shown(client, "/tables")
    # The same two requests as somebody sees them who is asked for neither.
    other = board.acting("sun").powers
    assert {r["stands"] for r in other.inbox()["asked"]} == {"not_among"}
    assert other.waiting() == 1


def test_it_is_worked_off_by_its_buttons(desk):
    board, client, at = desk
    assert press(client, "agree", act=at["asked"]).headers["location"] == "/inbox"
    assert press(client, "review", act=at["broken"], reason="right").status_code == 303
    assert press(client, "decline", act=at["own"], reason="not needed").status_code == 303
    assert '<b class="count">' not in shown(client)
    last = (today() + timedelta(5)).isoformat()
    handed = {"power": "F2", "to": "sun", "until": last, "limit": "1_000 CNY"}
    assert press(client, "delegate", **handed).status_code == 303
    (row,) = twin(client)["handed_on"]
    assert (row["holder"], row["limit"], row["mine"], row["lapses"]) == (
        "sun",
        1_000_00,
        True,
        True,
    )
    assert board.acting("sun").powers.waiting() == 1
    assert press(client, "revoke", power=row["power_id"], reason="back").status_code == 303
    found = twin(client)
    assert (found["handed_on"], found["waits"], found["opened"]) == ([], [], [])
    assert [(r["agreed"], r["stands"]) for r in found["others"]] == [(["ann"], "done")]
    assert board.check() == []


def test_what_was_declined_is_over(desk):
    board, client, at = desk
    board.acting("bob").powers.agree(at["asked"])
    assert press(client, "decline", act=at["asked"], reason="too much").status_code == 303
    kept = {(r["act"], r["reason"]) for r in board.store.books.rows("power_act", kind="declined")}
    assert {reason for _, reason in kept} == {"too much"}
    for verb in ("agree", "decline"):
        again = press(client, verb, act=at["asked"], reason="x")
        assert (again.status_code, "before" in again.text) == (403, True)
    with pytest.raises(ld.errors.RefusedError, match="2 more"):
        board.powers.need("fund.pay", "F<b>", 500)


def test_appeals_are_filed_and_decided_by_buttons(desk):
    board, client, at = desk
    appeal = {"table": "power_act", "item": at["asked"], "holder": "li", "reason": "was <i>ill"}
    assert press(client, "appeal", **appeal).status_code == 303
    assert twin(client)["appeals"] == []  # one's own waits for somebody else
    sun = board.acting("sun").appeals
    sun.file("power_act", str(at["broken"]), "zhao", "there was a flood")
    (waits,) = twin(client)["appeals"]
    assert (waits["actor"], waits["holder"]) == ("sun", "zhao")
    assert '<b class="count">3</b>' in shown(client)
    (own,) = [r["appeal_id"] for r in sun.rows() if r["actor"] == "ann"]
    assert "was &lt;i&gt;ill" in shown(client, "/accountability")
    again = press(client, "uphold", act=own, reason="yes")
    assert (again.status_code, "who appealed" in again.text) == (403, True)
    assert press(client, "dismiss", act=waits["appeal_id"], reason="none").status_code == 303
    assert {r["state"] for r in sun.rows()} == {"filed", "dismissed"}
    assert board.check() == []


REFUSED = (
    ("agree", {"act": "own"}, 403, "his own"),
    ("agree", {"act": "broken"}, 404, "request"),
    ("agree", {"act": "x"}, 400, "act"),
    ("decline", {"act": "asked"}, 400, "why"),
    ("decline", {"act": "asked", "reason": "x" * 1001}, 400, "1000"),
    ("delegate", {"power": "F1", "to": "sun", "until": "2999-01-01"}, 422, "F1"),
    ("delegate", {"power": "F2", "to": "sun"}, 400, "until"),
    ("delegate", {"power": "F9", "to": "sun", "until": "2999-01-01"}, 403, "F9"),
    ("revoke", {"power": "F9", "reason": "x"}, 404, "F9"),
    ("appeal", {"table": "party", "item": "1", "holder": "li", "reason": "x"}, 400, "power_act"),
    ("uphold", {"act": "none", "reason": "x"}, 404, "none"),
    ("burn", {"act": "asked"}, 400, "agree, decline"),
)


def test_what_is_refused_is_named(desk):
    board, client, at = desk
    before = twin(client)
    for verb, form, status, named in REFUSED:
        answer = press(client, verb, **{n: at.get(v, v) for n, v in form.items()})
        assert (answer.status_code, named in answer.text) == (status, True), answer.text
    assert twin(client) == before
    denied = [r["reason"] for r in board.store.books.rows("power_act", kind="denied")]
    assert denied == ["power_self", "power_not_held"]


def test_whose_agreement_is_not_asked_is_told_of_whom_it_is(desk):
    board, _, at = desk
    for act in (lambda p: p.agree(at["asked"]), lambda p: p.decline(at["asked"], "x")):
        with pytest.raises(ld.errors.RefusedError, match="role:board"):
            act(board.acting("sun").powers)


def test_forms_of_other_sites_are_refused(desk):
    _, client, at = desk
    for origin in ("http://evil.example", "null", ""):
        assert press(client, "agree", origin, act=at["asked"]).status_code == 403
    assert client.get("/inbox/agree").status_code == 405
    assert len(twin(client)["waits"]) == 1


def test_a_payout_is_proposed_and_decided_by_buttons(desk):
    board, client, _ = desk
    refused = press(client, "propose", step="settle.disburse")
    assert refused.status_code == 403  # there are no offers yet
    case = ask(board.store, "li", "settle.disburse", "run-1")
    own = ask(board.store, "ann", "settle.disburse", "run-2")
    page = shown(client)
    assert 'action="/inbox/approve"' in page
    assert '<a href="/table/offer">' in page
    assert [r["case_id"] for r in twin(client)["proposals"]] == [own]
    assert press(client, "approve", case=own).status_code == 403
    assert press(client, "approve", case="none").status_code == 404
    assert press(client, "approve", case=case).headers["location"] == "/inbox"
    assert press(client, "take_back", case=own).status_code == 303
    states = {r["case_id"]: r["state"] for r in board.store.books.rows("case")}
    assert states == {case: "approved", own: "withdrawn"}
    assert 'action="/inbox/propose"' in shown(client, "/jobs?step=settle.disburse")
