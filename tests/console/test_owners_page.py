"""The page of owners: what the step wrote, drawn in layers, circles in red, in both languages."""

from urllib.parse import quote

import pytest

from liandong.console.ownergraph import layers
from support.boards import HOSTILE_ID, OWNED
from support.site import Site


def tie(src: str, dst: str, carried: int, depth: int, *, circular: bool = False) -> dict:
    return {"src": src, "dst": dst, "carried": carried, "low": 1, "high": 1, "depth": depth,
            "circular": circular}  # fmt: skip


def test_layers_are_ties_away_and_the_smallest_are_left_out() -> None:
    ties = [tie("B", "A", 500, 1), tie("P", "B", 400, 2), tie("A", "B", 100, 2, circular=True),
            tie("Q", "A", 300, 1), tie("R", "B", 1, 2)]  # fmt: skip
    graph = layers("A", ties, most=4)
    assert {n["party_id"]: n["layer"] for n in graph["nodes"]} == {"A": 0, "B": 1, "Q": 1, "P": 2}
    assert graph["hidden"] == 1
    assert [t["src"] for t in graph["ties"] if t["circular"]] == ["A"]


def test_the_twin_says_what_the_step_found(site: Site) -> None:
    twin = site.json(f"/owners/{OWNED}")
    holders = {r["holder_id"]: r for r in twin["holders"]}
    # 40 % of HO2 come back: P has 0.5 / (1 - 0.2) of the whole, whatever the band of the other.
    assert holders["HP1"]["economic_low"] == holders["HP1"]["economic_high"] == 625_000
    assert holders["HP1"]["verdict"] == "yes"
    assert (holders[HOSTILE_ID]["economic_low"], holders[HOSTILE_ID]["economic_high"]) == (
        156_250, 312_500,
    )  # fmt: skip
    assert {(t["src"], t["dst"]) for t in twin["ties"] if t["circular"]} == {
        (OWNED, "HO2"), ("HO2", OWNED),
    }  # fmt: skip
    r = twin["total"]
    assert sum(r[n] for n in ("listed", "small", "unknown", "locked", "rounding")) == 1_000_000
    rows = site.sql("SELECT count(*) AS n FROM ownership_tie WHERE party_id = ?", OWNED)
    assert len(twin["ties"]) == rows[0]["n"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_circles_are_red_and_names_are_texts(site: Site, lang: str) -> None:
    page = site.get(f"/owners/{OWNED}", lang=lang).text
    assert page.count('class="circular" marker-end') == 2
    assert "<script>alert" not in page
    assert ("循环持股" if lang == "zh" else "in a circle") in page
    assert "25.00%–50.00%" in page


def test_a_company_without_owners_says_so(site: Site) -> None:
    assert site.json(f"/owners/{quote(HOSTILE_ID, safe='')}")["total"] is None
    assert "trace.owners" in site.get("/owners/HT").text
    assert site.get("/owners/NOBODY").status_code == 404


def test_the_firm_leads_to_its_owners(site: Site) -> None:
    assert "/owners/F000012" in site.get("/firm/F000012").text
