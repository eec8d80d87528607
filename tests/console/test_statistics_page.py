"""The pages of case statistics and accountability: their twins say what the board holds."""

import csv
import io

import httpx

import liandong as ld
from liandong.schema.arrow import build
from support.boards import HOSTILE
from support.site import Site, serving


def test_a_series_is_shown_as_it_is_held(site: Site) -> None:
    found = site.json("/statistics?figure=handled&kind=gifts")
    held = site.sql(
        "SELECT month, value FROM case_month WHERE source = 'reported' AND figure = 'handled'"
        " AND kind = 'gifts' AND level = 'all_levels' AND region_id = '100000' ORDER BY month"
    )
    assert [(r["month"], r["value"]) for r in found["months"]] == [
        (r["month"], r["value"]) for r in held
    ]
    assert found["series"]["verdict"] == "decomposed"
    sheet = site.get("/statistics?figure=handled&kind=gifts&format=csv&block=months").text
    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    assert [int(r["value"]) for r in rows] == [r["value"] for r in held]


def test_own_cases_and_reports_are_never_one_number(site: Site) -> None:
    own = site.json("/statistics?source=own")
    assert own["series"]["source"] == "own"
    (tally,) = site.sql("SELECT sum(problems) AS n FROM case_tally")
    assert sum(r["value"] for r in own["months"]) == tally["n"] > 0
    assert {r["source"] for r in own["regions"]} == set()
    assert "There is no series" in site.get("/statistics?region=330000&kind=gifts").text


def test_planted_regions_stand_out(site: Site) -> None:
    found = site.json("/statistics")
    far = {r["region_id"]: r["verdict"] for r in found["regions"] if r["verdict"] != "usual"}
    assert far == {"130000": "above", "370000": "above", "460000": "below"}
    assert found["far"] == 3
    shares = site.json("/statistics?way=sanctioned.handled")["regions"]
    assert {r["verdict"] for r in shares} == {"usual"}


def test_scorecards_lead_to_their_rows_and_appeals_stand_there(site: Site) -> None:
    found = site.json("/accountability?kind=office")
    assert all(r["holder"].startswith(("queue:", "role:", "post:")) for r in found["cards"])
    card = next(r for r in found["cards"] if r["duty"] == "open_cases")
    assert site.get(f"/cases/{card['first'][0]['case_id']}").status_code == 200
    assert [a["reason"] for a in found["appeals"]] == [HOSTILE]
    text = site.get("/accountability").text
    assert "&lt;script&gt;" in text
    assert HOSTILE not in text
    # Once at the end of the page: no picture of a share hands out groups of cases.
    assert text.count("format=csv&amp;block=groups") == 1


def test_an_appeal_is_for_somebody_who_has_a_scorecard(site: Site) -> None:
    page = site.get("/accountability").text
    (case,) = site.sql("SELECT case_id FROM alert_case ORDER BY case_id LIMIT 1")
    asked = {"table": "alert_case", "item": case["case_id"], "holder": "nobody", "reason": "x"}
    own = {"origin": site.url, "accept": "text/html", "referer": f"{site.url}/accountability"}
    answer = site.browser.post(f"{site.url}/inbox/appeal", data=asked, headers=own)
    assert (answer.status_code, "nobody" in answer.text) == (400, True)
    assert '<a href="/accountability" data-back>' in answer.text
    holder = site.json("/accountability")["holders"][0]["holder"]
    assert holder in answer.text
    assert f'<option value="{holder}">' in page


def test_a_group_shows_its_ties_with_evidence(site: Site) -> None:
    found = site.json("/accountability")
    group = found["groups"][0]
    (held,) = site.sql("SELECT count(*) AS n FROM case_cluster WHERE cluster_id = ?",
                       group["cluster_id"])  # fmt: skip
    assert group["size"] == held["n"] > 1
    drawn = {n["item"] for n in found["graph"]["nodes"]}
    assert all({t["one"], t["other"]} <= drawn for t in found["graph"]["ties"])


def test_a_group_that_is_not_there_is_said(site: Site) -> None:
    last = site.json("/accountability")["groups"][-1]["cluster_id"]
    assert site.json(f"/accountability?group={last}")["group"] == last
    for lang, said in (("en", "no "), ("zh", "找不到")):
        answer = site.get("/accountability?group=nowhere", lang=lang)
        assert answer.status_code == 404
        assert said in answer.text
        assert "nowhere" in answer.text
        assert "/accountability" in answer.text


def test_empty_pages_say_what_to_do(empty_site: Site) -> None:
    assert "liandong run govern.case_series" in empty_site.get("/statistics").text
    assert "liandong run govern.case_links" in empty_site.get("/accountability").text


def test_a_group_whose_ties_are_out_of_sight_is_shown(tmp_path):
    row = {"item": ["C"], "cluster_id": ["G"], "size": [2], "links": [1], "reasons": [[]]}
    with ld.open(tmp_path / "g.board", actor="ann") as board:
        board.put("case_cluster@G", {"case_cluster": build("case_cluster", row)})
    with serving(tmp_path / "g.board", actor="ann") as url:
        page = httpx.get(f"{url}/accountability", headers={"accept": "text/html"})
        twin = httpx.get(f"{url}/accountability?format=json").json()
    assert page.status_code == 200
    assert [(g["cluster_id"], g["ties"]) for g in twin["groups"]] == [("G", [])]
