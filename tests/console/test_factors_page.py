"""The page of factors across regions: its twin says what the board holds, and what is not there."""

import csv
import io

import pytest

from support.site import Site


def test_service_points_are_shown_as_they_are_held(site: Site) -> None:
    found = site.json("/factors")
    total = found["siting"]
    (held,) = site.sql("SELECT * FROM service_summary WHERE region_id = '*'")
    assert (total["sites"], total["weight"]) == (held["sites"], held["weight"])
    opened = [r for r in found["sites"] if r["open"]]
    assert len(opened) == held["sites"] > 0
    assert len(found["sites"]) == total["candidates"]
    assert sum(r["load"] for r in opened) == sum(r["weight"] for r in found["places"])
    # The mean of all is that of the points, each by the people it serves.
    mean = sum(r["load"] * r["mean"] for r in opened) / held["weight"]
    assert mean == pytest.approx(held["mean"])
    assert max(r["farthest"] for r in opened) == held["farthest"]
    reached = [r["weight"] for r in found["places"] if r["distance"] is not None]
    assert found["spread"][-1]["people"] == sum(reached)
    within = [r for r in found["places"] if r["distance"] <= found["radius"]]
    assert all(r["covered"] for r in within)
    assert total["left_out"] == held["weight"] - sum(r["weight"] for r in within) > 0
    (out,) = site.sql("SELECT sum(weight) FILTER (NOT covered) AS n FROM service_link")
    assert total["left_out"] == (out["n"] or 0)


def test_a_session_has_its_curve_and_its_balance(site: Site) -> None:
    names = [r["session"] for r in site.json("/factors")["sessions"]]
    assert len(names) > 1
    found = site.json(f"/factors?session={names[0]}")
    clearing, price = found["clearing"], found["clearing"]["price"]
    assert clearing["session"] == names[0]
    assert sum(r["quantity"] for r in found["trades"]) == clearing["volume"] > 0
    assert sum(r["net_bought"] for r in found["nets"]) == 0
    assert sum(r["bought"] for r in found["nets"]) == clearing["volume"]
    assert sum(r["paid"] for r in found["nets"]) == clearing["paid"]
    # Demand above the price is bought whole, and supply below it sold whole.
    buys = [r for r in found["ladder"] if r["side"] == "buy"]
    sells = [r for r in found["ladder"] if r["side"] == "sell"]
    assert [r["price"] for r in buys] == sorted((r["price"] for r in buys), reverse=True)
    assert [r["price"] for r in sells] == sorted(r["price"] for r in sells)
    for side in (buys, sells):
        assert sum(r["filled"] for r in side) == clearing["volume"]
    assert sum(r["quantity"] for r in buys if r["price"] > price) <= clearing["volume"]
    assert sum(r["quantity"] for r in sells if r["price"] >= price) + clearing["volume"] >= sum(
        r["quantity"] for r in sells
    )
    assert site.get("/factors?session=nothing").status_code == 400


def test_computing_adds_up(site: Site) -> None:
    found = site.json("/factors")
    total = found["computing"]
    jobs = site.sql("SELECT count(*) AS n, sum(energy + carbon + transfer + penalty) AS cost,"
                    " sum(ran) AS ran FROM dispatch")[0]  # fmt: skip
    assert (total["jobs"], total["cost"]) == (jobs["n"], jobs["cost"])
    assert total["benefit"] == total["home_cost"] - total["cost"]
    assert len(found["jobs"]) == jobs["n"]
    assert sum(r["jobs"] for r in found["hubs"]) <= jobs["n"]
    assert sum(r["used"] for r in found["hubs"]) == jobs["ran"]
    assert sum(r["used"] for r in found["hours"]) == jobs["ran"]  # two days, all of them shown
    assert sum(r["kwh"] for r in found["hubs"]) == pytest.approx(total["kwh"])
    assert sum(r["cost"] for r in found["savings"]) == total["cost"]
    text = site.get("/factors", lang="zh").text
    assert "影子价格" in text
    assert text.count("<svg") >= 5


def test_a_region_sees_its_own_part(site: Site) -> None:
    found = site.json("/factors?region=330000")
    assert {r["region_id"] for r in found["places"]} == {"330000"}
    assert {r["region_id"] for r in found["areas"]} == {"330000"}
    assert all("330000" in (r["to_region"], r["from_region"]) for r in found["trades"])
    assert len(found["ladder"]) == len(site.json("/factors")["ladder"])  # one market for all
    assert found["hubs"] == []
    here = site.json("/factors?region=310000")
    assert {r["region_id"] for r in here["hubs"]} == {"310000"}
    assert 0 < len(here["jobs"]) < here["computing"]["jobs"]


def test_blocks_are_files(site: Site) -> None:
    found = site.json("/factors")
    for block in ("sites", "ladder", "trades", "hours", "jobs"):
        sheet = site.get(f"/factors?format=csv&block={block}").text.removeprefix("\ufeff")
        assert len(list(csv.DictReader(io.StringIO(sheet)))) == len(found[block]) > 0


def test_an_empty_page_says_what_to_do(empty_site: Site) -> None:
    text = empty_site.get("/factors").text
    for step in ("locate", "exchange", "dispatch"):
        assert f"liandong run match.{step}" in text


def test_a_place_is_named_and_a_run_is_shown_once(site: Site) -> None:
    (reason,) = [r["code"] for r in site.json("/factors")["siting"]["reasons"] if "(" in r["code"]]
    place = reason.partition("(")[2][:-1]
    (row,) = site.sql(f"SELECT name, name_en FROM place WHERE place_id = '{place}'")
    for lang, said in (("zh", f"最远的地点：{row['name']}<"), ("en", f"place: {row['name_en']}<")):
        page = site.get("/factors", lang=lang).text
        assert said in page
        head = page.partition('id="points"')[2].partition("</header>")[0]
        assert head.count('class="stamp"') == 1
