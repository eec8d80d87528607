"""The page of red flags: shares before the list, and every flag leads to its rows."""

import re

from support.site import Site


def test_shares_and_precision_come_before_the_list(site: Site) -> None:
    text = site.get("/flags").text
    assert text.index("Shares and precision of each kind") < text.index(">Flags<")
    found = site.json("/flags?code=round")
    kind = next(k for k in found["kinds"] if k["code"] == "round")
    assert (kind["confirmed"], kind["precision"]) == (1, 1.0)
    assert kind["share"] == 1_000_000 * kind["flagged"] // kind["items"]
    assert {r["code"] for r in found["rows"]} == {"round"}


def test_a_flag_leads_to_its_rows(site: Site) -> None:
    text = site.get("/flags?code=round").text
    (row,) = site.sql("SELECT items, evidence FROM red_flag WHERE code = 'round' LIMIT 1")
    links = re.findall(r'href="(/table/expense/row\?expense_id=[^"]+)"', text)
    assert 0 < len(links) <= 5
    assert all(site.get(path).status_code == 200 for path in links)
    assert row["items"] <= 5 or f"and {row['items'] - 5} more" in text


def test_flags_of_a_region_are_about_its_parties(site: Site) -> None:
    every = site.sql("SELECT f.flag_id, p.region_id FROM red_flag f LEFT JOIN party p"
                     " ON p.party_id = f.subject_id")  # fmt: skip
    places = {r["region_id"] for r in every if r["region_id"]}
    whole = site.json("/flags")
    assert whole["total"] == len(every)
    for region in [*sorted(places), "810000"]:
        found = site.json(f"/flags?region={region}")
        assert found["total"] == sum(r["region_id"] == region for r in every)
        assert found["kinds"] == whole["kinds"]
    assert "the shares above are of all rows" in site.get("/flags?region=810000").text
    assert "the shares above are of all rows" not in site.get("/flags").text
