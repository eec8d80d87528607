"""The pages of markets and coordination: their twins say what the board holds."""

import csv
import io

import pytest

from support.site import Site


def test_segmentation_is_shown_as_it_is_held(site: Site) -> None:
    found = site.json("/market")
    assert len(found["pairs"]) == 31 * 30 // 2
    assert found["means"][0]["region_id"] == "*"
    assert [r["rank"] for r in found["pairs"]] == sorted(r["rank"] for r in found["pairs"])
    assert {r["group_id"] for r in found["borders"] if r["verdict"] == "border"} >= {"central"}
    assert found["regions"][:3] == ["210000", "220000", "230000"]
    (held,) = site.sql("SELECT count(*) AS n FROM segmentation WHERE region_id = '*'")
    assert len(found["course"]) == held["n"] > 0
    text = site.get("/market").text
    assert "Northeast" in text
    assert text.count("<rect") > 2 * 31 * 20


def test_flows_of_a_kind_and_their_dearest_borders(site: Site) -> None:
    found = site.json("/market?kind=people")
    assert found["kinds"] == ["capital", "data", "goods", "people"]
    assert {r["term"] for r in found["terms"]} >= {"distance", "border", "belt"}
    sheet = site.get("/market?kind=people&format=csv&block=costs").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [int(r["rank"]) for r in rows] == list(range(1, len(rows) + 1))
    shown = rows[: len(found["costs"])]  # the file has the cheaper ones, too
    assert len(rows) > len(shown) > 0
    assert all(float(r["observed"]) < float(r["expected"]) for r in shown)
    assert all(float(r["equivalent"]) > 0 for r in shown if r["equivalent"])
    assert site.get("/market?kind=nothing").status_code == 400


def test_a_draft_of_cooperation_stands_there_with_its_shares(site: Site) -> None:
    found = site.json("/coordination")
    for draft in found["drafts"]:
        shares = [r for r in found["cooperation"] if r["way"] == draft["way"]]
        assert sum(r["amount"] for r in shares) == draft["worth"]
        assert draft["draft"] in site.get("/coordination").text
    assert "/agreements" in site.get("/coordination").text
    first = found["coupling"][0]
    assert first["low"] <= first["degree"] <= first["high"]
    base = next(r for r in found["choices"] if (r["scaling"], r["weighting"], r["form"]) ==
                ("minmax", "equal", "standard"))  # fmt: skip
    assert (base["correlation"], base["moved"]) == (pytest.approx(1.0), 0)


def test_empty_pages_say_what_to_do(empty_site: Site) -> None:
    market, coordination = (empty_site.get(f"/{n}").text for n in ("market", "coordination"))
    for step in ("segmentation", "flows", "logistics"):
        assert f"liandong run survey.{step}" in market
    for step in ("coupling", "cooperate", "carbon"):
        assert f"liandong run survey.{step}" in coordination
