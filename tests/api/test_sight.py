"""Who sees what over HTTP: rows in sight, personal data for a purpose, exports in the log."""

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest

from liandong.store import sighting
from liandong.store.sighting import sight_of
from support.addresses import FIXED
from support.boards import LOAN, case_of, copied
from support.site import Site, serving

SEES = ("330000",)
"""The region that Eve sees; Ann sees everything, and the list gives Bob nothing."""


@pytest.fixture(scope="module")
def ann(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    location = tmp_path_factory.mktemp("sight") / "t.board"
    with copied(tmp_path_factory, location) as board:
        board.powers.add([
            {"power_id": "S1", "holder": "ann", "action": "board.read"},
            {"power_id": "S2", "holder": "eve", "action": "board.read",
             "scope": {"region": SEES}},
            {"power_id": "S3", "holder": "ann", "action": "personal.read"},
            {"power_id": "S4", "holder": "ann", "action": "export.table"},
        ])  # fmt: skip
        with serving(location, actor="ann") as url, httpx.Client(timeout=60) as browser:
            yield Site(url, board, browser)


@pytest.fixture(scope="module")
def eve(ann: Site) -> Iterator[Site]:
    with serving(ann.board.store.location, actor="eve") as url:
        yield replace(ann, url=url)


@pytest.fixture(scope="module")
def bob(ann: Site) -> Iterator[Site]:
    with serving(ann.board.store.location, actor="bob") as url:
        yield replace(ann, url=url)


def posted(site: Site, path: str, **form: str) -> httpx.Response:
    return site.browser.post(site.url + path, data=form, headers={"origin": site.url})


def hidden(site: Site) -> dict[str, dict]:
    """Return the parties that Eve does not see, by id."""
    rows = site.board.table("party").rows()
    return {r["party_id"]: r for r in rows if not (r["region_id"] or "").startswith("33")}


def test_who_has_no_power_to_read_is_told_which_one_it_takes(bob: Site) -> None:
    for path in ("/", "/firms", "/firm/F000012", "/table/party?format=json", "/v1/cases"):
        answer = bob.get(path)
        assert answer.status_code == 403, path
        assert "board.read" in answer.text
    for path in ("/powers?action=board.read", "/purpose", "/inbox"):
        assert bob.get(path).status_code == 200, path
    assert posted(bob, "/cases/open").status_code == 403


def test_no_page_and_no_twin_names_a_party_out_of_sight(eve: Site) -> None:
    out = hidden(eve)
    every = {r["name"] for r in eve.board.table("party").rows() if r["party_id"] not in out}
    names = {r["name"] for r in out.values() if r["kind"] != "government"} - every
    # One address of each page with its twin, which holds all that the page shows, and more.
    firsts = {p.strip("/").split("/")[0].split("?")[0]: p for p in reversed(FIXED)}.values()
    texts = {p: eve.get(p + ("&" if "?" in p else "?") + "format=json") for p in firsts}
    texts |= {p: eve.get(p) for p in ("/", "/alerts", "/table/loan", "/trace")}
    assert len(names) > 300
    for path, answer in texts.items():
        assert answer.status_code in {200, 404}, path
        assert not [n for n in names if n in answer.text], path
    seen = {r["party_id"] for r in eve.json("/table/party")["rows"]}
    assert seen
    assert not seen & out.keys()


def test_supply_and_demand_are_drawn_of_all_orders_or_not_at_all(eve: Site, ann: Site) -> None:
    found, whole = eve.json("/factors"), ann.json("/factors")
    assert whole["ladder"]
    assert found["ladder"] == []
    assert found["clearing"] == whole["clearing"]  # what a session came to is public
    assert all(SEES[0] in (r["to_region"], r["from_region"]) for r in found["trades"])
    assert len(found["trades"]) < len(whole["trades"])
    assert "the curve takes all of them" in eve.get("/factors").text


def test_what_is_out_of_sight_is_answered_like_what_is_not_there(eve: Site) -> None:
    loan = next(r["loan_id"] for r in eve.board.table("loan").rows()
                if r["loan_id"] != LOAN and r["party_id"] in hidden(eve))  # fmt: skip
    firm = next(i for i, r in hidden(eve).items() if r["kind"] == "firm" and i.startswith("F0"))
    project = next(r["project_id"] for r in eve.board.table("offer").rows()
                   if r["party_id"] in hidden(eve))  # fmt: skip
    case = next(r["case_id"] for r in eve.board.cases.rows() if r["party_id"] in hidden(eve))
    for path, own in {
        "/firm/{}": firm, "/firm/{}/letter": firm, "/firm/{}/report": firm, "/owners/{}": firm,
        "/table/party/row?party_id={}": firm, "/trace/{}": loan, "/offer?project_id={}": project,
        "/table/loan/row?loan_id={}": loan, "/cases/{}": case, "/v1/cases/{}": case,
    }.items():  # fmt: skip
        found, nothing = (eve.get(path.format(i), accept="application/json") for i in (own, "no"))
        assert found.status_code == 404, path
        said = [{**a.json(), "request_id": ""} for a in (found, nothing)]
        assert json.dumps(said[0]).replace(own, "no") == json.dumps(said[1]), path
    assert case not in eve.get("/v1/cases").text


def test_nobody_acts_on_what_he_does_not_see(eve: Site) -> None:
    case = case_of(eve.board)
    before = eve.board.cases.acts(case)
    for path in (f"/cases/{case}/note", f"/cases/{case}/assign"):
        assert posted(eve, path, text="x", to="eve").status_code == 404
    appeal = {"table": "alert_case", "item": case, "holder": "bob", "reason": "x"}
    assert posted(eve, "/inbox/appeal", **appeal).status_code == 404
    filed = eve.board.appeals.rows()[0]["appeal_id"]
    assert posted(eve, "/inbox/dismiss", act=filed, reason="x").status_code == 404
    assert posted(eve, "/cases/open").status_code == 403
    assert eve.board.cases.acts(case) == before
    assert eve.board.appeals.rows()[0]["state"] == "filed"


def test_personal_data_are_masked_until_a_purpose_is_named_and_after_it(
    ann: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [r for r in ann.board.table("party").rows() if r["kind"] == "person"]
    names = {r["name"] for r in people}
    pages = ("/table/party?f.kind=person", "/owners/F000012", "/vouchers", "/firm/F000012",
             "/table/party/row?" + urlencode({"party_id": people[0]["party_id"]}))  # fmt: skip
    for path in pages:
        said = ann.get(path).text + json.dumps(ann.json(path), ensure_ascii=False)
        assert not [n for n in names if n in said], path
    assert people[0]["name"][0] + "***" in ann.get(pages[-1]).text

    assert posted(ann, "/purpose", purpose=" ").status_code == 400
    assert posted(ann, "/purpose", purpose="credit <b>").status_code == 303
    assert people[0]["name"] in ann.get(pages[-1]).text
    assert "credit &lt;b&gt;" in ann.get("/purpose").text
    act = ann.sql("SELECT * FROM act ORDER BY seq DESC LIMIT 1")[0]
    assert (act["actor"], act["action"]) == ("ann", "personal.unmask")
    assert json.loads(act["body"])["purpose"] == "credit <b>"

    until = sight_of(ann.board.store, "ann").until
    clock = type("Later", (sighting.datetime,), {"now": classmethod(lambda *_: until)})
    with monkeypatch.context() as later:  # the hour is over, and nothing was written
        later.setattr(sighting, "datetime", clock)
        assert people[0]["name"] not in ann.get(pages[-1]).text
    assert people[0]["name"] in ann.get(pages[-1]).text
    assert posted(ann, "/purpose", end="1").status_code == 303
    assert people[0]["name"] not in ann.get(pages[-1]).text


def test_nobody_unmasks_without_the_power(eve: Site) -> None:
    answer = posted(eve, "/purpose", purpose="credit")
    assert answer.status_code == 403
    assert "personal.read" in answer.text
    assert sight_of(eve.board.store, "eve").masked


def test_exports_are_logged_with_what_was_seen(ann: Site, eve: Site) -> None:
    taken = ann.get("/cases?format=csv&block=rows")
    assert taken.status_code == 200
    act = ann.sql("SELECT * FROM act WHERE action = 'export' ORDER BY seq")[-1]
    assert (act["actor"], act["subject"]) == ("ann", "cases/rows")
    rows = len(taken.text.strip().splitlines()) - 1
    said = {"rows": rows, "masked": True, "purpose": "", "all_rows": True}
    assert json.loads(act["body"]) == said
    refused = eve.get("/cases?format=csv&block=rows")
    assert refused.status_code == 403
    assert "export.table" in refused.text
    assert len(ann.sql("SELECT * FROM act WHERE action = 'export'")) == 1
    assert ann.board.check() == []
