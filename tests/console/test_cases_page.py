"""Cases in the browser: two people, each at a console of his own, close one."""

import json
import re

import httpx
import pytest

import liandong as ld
from support.casework import case_of, firms, judged
from support.site import serving

ROWS = [("A1", "F1", "red"), ("A2", "F2", "orange"), ("A3", "F1", "yellow", "U1")]
JSON = {"content-type": "application/json"}


@pytest.fixture
def desk(tmp_path):
    """A board with two cases, and the consoles of li and of wang."""
    where = tmp_path / "d.board"
    with (
        ld.open(where, actor="ann") as board,
        serving(where, actor="li") as li,
        serving(where, actor="wang") as wang,
    ):
        board.put("firms", firms())
        judged(board, *ROWS)
        yield board, li, wang


@pytest.fixture
def view(looks):
    """Return a function that opens an address in the browser, and what went wrong there."""
    faults = []

    def opened(address, lang="en"):
        page = looks.context(lang, 1280, dark=False, scripts=True).new_page()
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("requestfailed", lambda r: faults.append(r.url))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.goto(address)
        return page

    yield opened, faults
    looks.forget()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.browser
def test_two_people_close_a_case_in_the_browser(view, desk):
    (board, li, wang), (look, faults) = desk, view
    case_id = case_of(board, "F1")["case_id"]
    page = look(f"{li}/cases")
    page.get_by_role("link", name="甲").click()
    page.wait_for_url(f"**/cases/{case_id}")
    page.get_by_role("textbox", name="Note").fill("called <b>the</b> firm")
    press(page, "Note")
    page.wait_for_url(f"**/cases/{case_id}")
    assert page.locator(".timeline q").first.inner_text() == "called <b>the</b> firm"
    form = page.get_by_role("form", name="Propose to close")
    form.get_by_label("Outcome").select_option("confirmed")
    form.get_by_label("Reason").fill("no tax for three months")
    form.get_by_role("button").click()
    page.get_by_text("somebody else decides").first.wait_for()
    assert page.get_by_role("button", name="Approve and close").is_disabled()
    other = look(f"{wang}/cases/{case_id}")
    press(other, "Approve and close")
    other.get_by_role("button", name="Reopen").wait_for()
    row = case_of(board, "F1")
    assert (row["state"], row["maker"], row["checker"]) == ("closed", "li", "wang")
    assert row["outcome"] == "confirmed"
    shown = look(f"{wang}/cases?state=closed", "zh").get_by_role("row", name="甲")
    shown.get_by_text("查实").wait_for()
    assert faults == []
    assert board.check() == []


@pytest.mark.browser
def test_whoever_comes_second_is_told_and_nothing_is_lost(view, desk):
    (board, li, wang), (look, _) = desk, view
    case_id = case_of(board, "F1")["case_id"]
    first, second = (look(f"{at}/cases/{case_id}") for at in (li, wang))
    for page, text in ((first, "by li"), (second, "by wang")):
        page.get_by_role("textbox", name="Note").fill(text)
    press(first, "Note")
    first.locator(".timeline q").first.wait_for()
    press(second, "Note")
    second.get_by_text("has changed: li acted").wait_for()
    assert [a["body"].get("text") for a in board.cases.acts(case_id)] == [None, "by li"]


@pytest.mark.browser
def test_what_nobody_has_is_assigned_from_the_page(view, desk):
    (board, li, _), (look, _) = desk, view
    page = look(f"{li}/cases")
    page.get_by_role("row", name="red").get_by_role("button", name="Assign evenly").click()
    page.wait_for_url("**/cases")
    assert case_of(board, "F1")["assignee"] == "li"
    assert case_of(board, "F2")["assignee"] is None
    page.get_by_role("link", name="Mine 1").click()
    page.wait_for_url("**whose=mine**")
    assert page.locator("tbody th a", has_text="甲").count() == 1


# ── without a browser ────────────────────────────────────────────────────────────────────────


def test_the_pages_show_what_is_in_the_books(desk):
    board, li, _ = desk
    board.cases.assign(case_of(board, "F2")["case_id"], "li")
    twin = httpx.get(f"{li}/cases?format=json").json()
    assert [(r["party_id"], r["codes"]) for r in twin["rows"]] == [("F1", "T1 U1"), ("F2", "T1")]
    assert [(q["queue"], q["open"], q["mine"], q["nobody"]) for q in twin["queues"]] == [
        ("red", 1, 0, 1), ("usual", 1, 1, 0),
    ]  # fmt: skip
    assert twin["queues"][0]["people"] == ["li", "wang"]
    assert twin["states"] == {"": 2, "open": 2, "proposed": 0, "closed": 0}
    assert twin["chosen"] == {"": 2, "mine": 1, "nobody": 1, "late": 0}
    assert httpx.get(f"{li}/cases?format=json&whose=mine").json()["total"] == 1
    assert httpx.get(f"{li}/cases?format=json&region=330000").json()["rows"][0]["party_id"] == "F2"
    one = httpx.get(f"{li}/cases/{case_of(board, 'F1')['case_id']}?format=json").json()
    assert [a["alert_id"] for a in one["alerts"]] == ["A1", "A3"]
    assert one["people"] == ["li", "wang"]
    assert one["verbs"] == ["assign", "note", "attach", "escalate", "propose"]


def test_late_cases_are_named(desk):
    board, li, _ = desk
    with board.store.books.writing() as c:
        c.exec_driver_sql("UPDATE alert_case SET due_on = '2020-01-01' WHERE party_id = 'F1'")
    board.acting("x").cases.note(case_of(board, "F2")["case_id"], "a new state of the board")
    twin = httpx.get(f"{li}/cases?format=json&whose=late").json()
    assert [r["party_id"] for r in twin["rows"]] == ["F1"]
    assert twin["queues"][0]["late"] == 1


def test_forms_of_other_sites_are_refused(desk):
    board, li, _ = desk
    case_id = case_of(board, "F1")["case_id"]
    for origin in ({}, {"origin": "http://evil.example"}, {"origin": "null"}):
        answer = httpx.post(f"{li}/cases/{case_id}/note", data={"text": "x"}, headers=origin)
        assert answer.status_code == 403, origin
    plain = httpx.post(f"{li}/v1/cases/{case_id}/note", content='{"text": "x"}')
    assert plain.status_code == 400  # a page of another site can send text, but not JSON
    foreign = {**JSON, "origin": "http://evil.example"}
    assert httpx.post(f"{li}/v1/cases/open", content="{}", headers=foreign).status_code == 403
    assert len(board.cases.acts(case_id)) == 1
    ours = httpx.post(f"{li}/cases/{case_id}/note", data={"text": "x"}, headers={"origin": li})
    assert (ours.status_code, ours.headers["location"]) == (303, f"/cases/{case_id}")


@pytest.mark.parametrize(
    ("referer", "leads_back"),
    [("{li}{page}?lang=en", True), ("{li}//evil.example{page}", False), ("", False)],
)
def test_what_a_form_refuses_leads_back_to_its_page(
    desk, referer: str, *, leads_back: bool
) -> None:
    board, li, _ = desk
    page = f"/cases/{case_of(board, 'F1')['case_id']}"
    says = {"origin": li, "accept": "text/html", "referer": referer.format(li=li, page=page)}
    answer = httpx.post(f"{li}{page}/note", data={"text": " "}, headers=says)
    assert answer.status_code == 400
    assert (f'<a href="{page}?lang=en" data-back>' in answer.text) is leads_back
    assert "evil.example" not in answer.text


def test_who_has_no_power_over_cases_is_told_before_he_presses(desk):
    board, li, wang = desk
    board.powers.add([{"power_id": "W", "holder": "li", "action": "case.work"}])
    case_id = case_of(board, "F1")["case_id"]
    words = {"accept": "text/html", "accept-language": "en"}
    for path, name in ((f"/cases/{case_id}", "Assign"), ("/cases", "Assign evenly")):
        asked = [httpx.get(at + path, headers=words).text for at in (li, wang)]
        able, lacking = (re.findall(rf"<button([^>]*)>{name}</button>", text) for text in asked)
        assert not any("disabled" in b for b in able), name
        assert lacking, name
        assert all("disabled" in b for b in lacking), name
        assert "needs the power case.work" in asked[1]
        assert "needs the power case.work" not in asked[0]
    for path, body in ((f"/{case_id}/assign", {"to": "li"}), ("/balance", {})):
        assert post(wang, path, **body).json()["action"] == "case.work"
    assert post(li, "/balance").json() == {"assigned": 2}


def post(at, path, **body):
    return httpx.post(f"{at}/v1/cases{path}", content=json.dumps(body), headers=JSON)


def test_programs_close_a_case_with_two_people(desk):
    board, li, wang = desk
    assert post(li, "/open").json() == {"opened": 0, "joined": 0, "reopened": 0}
    assert post(li, "/balance").json() == {"assigned": 2}
    rows = httpx.get(f"{li}/v1/cases?f.state=open").json()["rows"]
    listed = sorted(rows, key=lambda r: r["party_id"])
    assert [r["party_id"] for r in listed] == ["F1", "F2"]
    one = f"/{listed[0]['case_id']}"
    row = post(li, f"{one}/attach", name="the alert", row="/table/alert/row?alert_id=A1").json()
    row = post(li, f"{one}/propose", outcome="other", reason="moved", seen=row["seq"]).json()
    assert row["state"] == "proposed"
    own = post(li, f"{one}/approve")
    assert (own.status_code, own.json()["type"]) == (403, "urn:liandong:problem:refused")
    late = post(wang, f"{one}/approve", seen=row["seq"] - 1)
    assert (late.status_code, late.json()["type"]) == (409, "urn:liandong:problem:changed")
    assert post(wang, f"{one}/approve", seen=row["seq"]).json()["state"] == "closed"
    whole = httpx.get(f"{li}/v1/cases{one}").json()
    assert [a["kind"] for a in whole["acts"]] == [
        "opened", "assigned", "attached", "proposed", "closed",
    ]  # fmt: skip
    assert whole["acts"][2]["body"]["row"] == {"table": "alert", "alert_id": "A1"}
    assert board.check() == []


@pytest.mark.parametrize(
    ("verb", "body", "status", "named"),
    [
        ("note", {}, 400, "text"),
        ("note", {"text": 7}, 400, "text"),
        ("note", {"text": "x" * 4001}, 400, "4000"),
        ("note", {"text": "x", "seen": "two"}, 400, "seen"),
        ("note", {"text": "x", "seen": 9}, 409, "look again"),
        ("propose", {"outcome": "maybe", "reason": "x"}, 400, "false_alarm"),
        ("propose", {"outcome": "other"}, 400, "reason"),
        ("approve", {}, 403, "open"),
        ("give_back", {"reason": "x"}, 403, "open"),
        ("close", {}, 400, "give_back"),
        ("attach", {"name": "x", "row": "https://elsewhere"}, 400, "/table/"),
        ("attach", {"name": "x", "row": "/table/alert/row?alert_id=Q"}, 404, "Q"),
        ("attach", {"name": "x", "row": "/table/alert/row?level=red"}, 404, "alert"),
        ("attach", {"name": "x", "row": "/table/alrt/row?alert_id=A1"}, 404, "alrt"),
        ("attach", {"row": "/table/alert/row?alert_id=A1"}, 400, "name"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(desk, verb, body, status, named):
    board, li, _ = desk
    case_id = case_of(board, "F1")["case_id"]
    answer = post(li, f"/{case_id}/{verb}", **body)
    assert (answer.status_code, named in answer.json()["detail"]) == (status, True), answer.text
    assert len(board.cases.acts(case_id)) == 1


@pytest.mark.parametrize("body", ["", "[1]", "{", '"x"', "{" + " " * 70_000 + "}"])
def test_a_body_that_is_no_object_is_named(desk, body):
    board, li, _ = desk
    case_id = case_of(board, "F1")["case_id"]
    answer = httpx.post(f"{li}/v1/cases/{case_id}/note", content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    for path in ("/nothing/note", "/nothing"):
        ask = httpx.get if path == "/nothing" else httpx.post
        assert ask(f"{li}/v1/cases{path}", headers=JSON).status_code in {400, 404}
    assert len(board.cases.acts(case_id)) == 1
