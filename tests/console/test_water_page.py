"""The page of water at a border, and where the page of an agreement says its amounts are from."""

import csv
import io

import pytest

from support.site import Site


def test_indices_are_shown_as_they_are_held(site: Site) -> None:
    found = site.json("/water")
    held = site.sql("SELECT * FROM water_index WHERE section_id = 'JIEKOU' ORDER BY period DESC")
    assert [(r["period"], r["verdict"]) for r in found["years"]] == [
        (r["period"], r["verdict"]) for r in held
    ]
    assert {r["verdict"] for r in held} >= {"met", "missed", "unsure", "incomplete"}
    zh, en = (site.get("/water", lang=lang).text for lang in ("zh", "en"))
    assert "难以断定" in zh
    assert "浙江省" in zh
    assert "cannot be told" in en
    assert "permanganate index" in en
    sheet = site.get("/water?format=csv&block=indicators").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert len(rows) == 4 * len(held)
    index = sum(float(r["term"]) for r in rows if r["period"] == "2023")
    (bad,) = [r for r in held if r["period"] == "2023"]
    assert index == pytest.approx(bad["index"])
    assert bad["verdict"] == "missed"
    other = site.json("/water?section=SHITAN")
    assert next(r["verdict"] for r in other["years"] if r["period"] == "2021") == "missed"
    assert other["paid"] == []
    assert site.get("/water?section=none").status_code == 400


def test_years_lead_to_who_pays(site: Site) -> None:
    paid = {r["period"]: r for r in site.json("/water")["paid"]}
    assert (paid["2023"]["party_id"], paid["2023"]["base"]) == ("340000", "river.missed")
    assert (paid["2020"]["party_id"], paid["2020"]["base"]) == ("330000", "river.met")
    shared = site.sql("SELECT party_id, amount FROM share WHERE agreement = 'river'"
                      " AND clause = 'penalty' AND period = '2023' AND amount <> 0")  # fmt: skip
    assert [(r["party_id"], r["amount"]) for r in shared] == [("330000", paid["2023"]["amount"])]


def test_an_agreement_leads_to_where_its_amounts_are_from(site: Site) -> None:
    found = {r["base"]: r for r in site.json("/agreement/credit")["derived"]}
    assert set(found) == {"loan.loss", "loan.lent", "loan.principal", "loan.rate"}
    behind = site.sql("SELECT sum(amount) AS n FROM derived_loan WHERE base = 'loan.principal'"
                      " AND period = ?", found["loan.principal"]["until"])  # fmt: skip
    assert behind[0]["n"] == found["loan.principal"]["amount"] > 0
    page = site.get("/agreement/credit").text
    assert "/table/derived_loan?f.base=loan.loss" in page
    assert 'href="/water' in site.get("/agreement/river").text
    assert site.json("/agreement/park")["derived"] == []
    rate = next(i for i in site.json("/agreement/credit")["inputs"] if i["base"] == "loan.rate")
    assert rate["source"] == "board"


def test_an_empty_page_says_what_to_do(empty_site: Site) -> None:
    assert "liandong run survey.water" in empty_site.get("/water").text
