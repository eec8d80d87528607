"""The inbox: what waits for whoever serves the console, worked off by its forms."""

from datetime import timedelta
from hashlib import sha256

import httpx
import pytest

import liandong as ld
from liandong.match import exchange
from liandong.store.asking import ask
from liandong.types import today
from support.orders import book
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


def test_a_proposal_says_what_is_at_stake_and_what_a_power_does_not_reach(desk):
    board, client, _ = desk
    trades = exchange(book(s=[("buy", 2, 1_000_00), ("sell", 2, 650_00)]))["trade"]
    board.put("trades", {"trade": trades})
    case = board.acting("li").propose(ld.settle.deliver)
    stake = sum(trades["amount"].to_pylist())
    assert [r["amount"] for r in twin(client)["decisions"]] == [stake] == [165_000]
    assert "1,650.00 yuan in all" in shown(client)
    waiting = shown(client, "/tables").count('<b class="count">3</b>')
    board.powers.add([{"power_id": "D", "holder": "ann", "action": "decide.settle.deliver",
                       "limit": "1_000 CNY"}])  # fmt: skip
    page = shown(client)
    assert page.count("the power decide.settle.deliver does not reach this") == 2
    assert '<b class="count">2</b>' in page  # it does not wait for her
    assert waiting == 1
    assert press(client, "approve", case=case).status_code == 403
    board.powers.add([{"power_id": "E", "holder": "ann", "action": "decide.settle.deliver",
                       "limit": "1_650 CNY"}])  # fmt: skip
    assert "does not reach" not in shown(client)
    assert press(client, "approve", case=case).status_code == 303
    jobs = shown(client, "/jobs?step=settle.deliver")
    assert "Somebody else has approved the present Quota trade" in jobs


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
    sent = press(client, "appeal", **appeal)
    assert (sent.status_code, sent.headers["location"]) == (303, "/accountability#appeals")
    assert f"/table/power_act/row?act={at['asked']}" in shown(client, "/accountability")
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


@pytest.fixture
def holder(desk):
    """The same desk, where ann may act with a contract once others agree, and in an emergency."""
    board, client, at = desk
    board.powers.add(
        [
            {"power_id": "F4", "holder": "ann", "action": "fund.grant", "limit": "9_000 CNY",
             "evidence": ["合同"], "approvals": {"in_order": ["role:officer", "role:board"]}},
            {"power_id": "F5", "holder": "role:officer", "action": "fund.halt", "glass_hours": 4},
        ],
        [],
    )  # fmt: skip
    return board, client, at


def test_what_takes_agreement_is_asked_for_by_a_form_with_documents(holder):
    board, client, _ = holder
    found = twin(client)
    asks = {(p["action"], p["bounds"]["approvals"]) for p in found["askable"]}
    assert asks == {("fund.pay", "2 × role:board"), ("fund.grant", "role:officer → role:board")}
    assert found["documents"] == ["合同"]
    page = shown(client)
    assert "fund.grant · role:officer → role:board</option>" in page
    assert '<input type="file" name="evidence.合同">' in page
    body = b"the contract\0" * 100_000
    asked = {"action": "fund.grant", "subject": "F000012", "amount": "0.4 万元"}
    headers = {"origin": str(client.base_url)}
    files = {"evidence.合同": ("合同.pdf", body)}
    answer = client.post("/inbox/ask", data=asked, files=files, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox"), answer.text
    (own,) = [r for r in twin(client)["own"] if r["action"] == "fund.grant"]
    assert (own["subject"], own["amount"]) == ("F000012", 4_000_00)
    assert own["documents"] == {"合同": sha256(body).hexdigest()}
    for person in ("li", "bob"):
        board.acting(person).powers.agree(own["act"])
    board.acting("ann").powers.need("fund.grant", "F000012", 4_000_00)
    assert press(client, "ask", action="fund.pay").status_code == 303  # no file, no amount
    for amount in ("", "9_001 CNY"):  # no agreement would help
        beyond = press(client, "ask", action="fund.grant", subject="F000012", amount=amount)
        assert (beyond.status_code, "9,000.00 CNY" in beyond.text) == (400, True)
    assert board.check() == []


def test_glass_is_broken_by_a_form(holder):
    board, client, _ = holder
    powers = board.acting("ann").powers
    assert [p["power_id"] for p in twin(client)["breakable"]] == ["F5"]
    assert "F5 · fund.halt · 4 hours</option>" in shown(client)
    with pytest.raises(ld.errors.RefusedError):
        powers.need("fund.halt")
    told = {"power": "F5", "reason": "flood", "informed": "li"}
    assert press(client, "break-glass", **told).status_code == 303
    powers.need("fund.halt")
    found = twin(client)
    assert found["breakable"] == []
    assert ("ann", "flood (li)") in {(r["actor"], r["reason"]) for r in found["opened"]}
    assert 'action="/inbox/break-glass"' not in shown(client)


def test_both_forms_speak_chinese(holder):
    _, client, _ = holder
    page = client.get("/inbox", headers={"accept": "text/html", "accept-language": "zh"}).text
    for word in ("请求会签", "材料 合同", "紧急启用", "已告知", "4 小时"):
        assert word in page


def test_a_form_is_there_for_who_holds_such_a_power(desk):
    board, client, _ = desk
    page = shown(client)
    assert 'action="/inbox/ask"' in page  # what an officer may do, she may
    assert 'action="/inbox/break-glass"' not in page
    assert [p.power_id for p in board.acting("zhao").powers.own()["break_glass"]] == []  # broken
    own = board.acting("sun").powers.own()
    assert own == {"delegate": [], "ask": [], "break_glass": []}


REFUSED = (
    ("ask", {"subject": "x"}, 400, "fund.pay"),
    ("ask", {"action": "fund.close"}, 400, "fund.pay"),
    ("ask", {"action": "fund.pay", "amount": "much"}, 400, "500_000 CNY"),
    ("ask", {"action": "fund.pay", "amount": "-1"}, 400, "500_000 CNY"),
    ("ask", {"action": "fund.pay", "evidence.contract": "none"}, 400, "SHA-256"),
    ("break-glass", {"power": "F2", "reason": "x", "informed": "li"}, 403, "F2"),
    ("break-glass", {"power": "F3", "reason": "x", "informed": "li"}, 403, "F3"),
    ("break-glass", {"power": "F2", "reason": "x", "informed": "ann"}, 400, "told"),
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
    assert denied == ["glass_none", "power_not_held", "power_self", "power_not_held"]


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
