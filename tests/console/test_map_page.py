"""The map: any measure over time, flows as arcs, and a base map of one's own with its approval."""

import json
import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest

import liandong as ld
from liandong.load.basemap import read_map, tables
from liandong.schema.arrow import build
from liandong.world.regions import region_table
from support.site import Site, serving
from support.squares import china, written

APPROVAL = "GS(2024)0001号<b>"
YEARS = ("2020", "2021", "2022", "2023")


def _stat() -> dict[str, list]:
    rows = [
        (place, year, measure, "b" if (year, place) == ("2023", "540000") else "a", value)
        for k, year in enumerate(YEARS)
        for place, base in (("310000", 5.0), ("320000", 4.0), ("540000", 1.0))
        for measure, value in (("gdp", base * (1 + k)), ("population", 2.0))
    ]  # fmt: skip
    names = ("region_id", "period", "measure", "vintage", "value")
    n = len(rows)
    return {**{c: [r[i] for r in rows] for i, c in enumerate(names)},
            "unit": ["yuan"] * n, "source": ["hand"] * n}  # fmt: skip


def _flows() -> dict[str, list]:
    ends = [("310000", "320000", 900), ("320000", "310000", 400), ("310000", "310000", 10**6),
            ("320500", "540000", 100), ("320000", "990000", 50)]  # fmt: skip
    return {"kind": ["loan_money"] * 5, "period": ["2023"] * 5,
            "from_region": [e[0] for e in ends], "to_region": [e[1] for e in ends],
            "amount": [e[2] for e in ends], "unit": ["CNY fen"] * 5, "count": [1] * 5}  # fmt: skip


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A board with statistics of four years, flows, and a map of squares."""
    folder = tmp_path_factory.mktemp("mapped")
    with ld.open(folder / "m.board", actor="ann") as board:
        change = {"old_id": ["320586"], "new_id": ["320000"], "changed_on": [date(2012, 9, 1)],
                  "share": [400_000], "kind": ["merge"]}  # fmt: skip
        board.put("hand", {"region": region_table(), "region_stat": build("region_stat", _stat()),
                           "factor_flow": build("factor_flow", _flows()),
                           "region_change": build("region_change", change)})  # fmt: skip
        own = read_map(written(folder / "m.json", china()))
        board.put("map province", tables(own, APPROVAL))
        with serving(folder / "m.board") as url, httpx.Client(timeout=30) as browser:
            yield Site(url, board, browser)


def test_values_are_those_of_the_period(mapped: Site) -> None:
    found = mapped.json("/map?measure=region_stat.gdp&period=2021&draw=tiles")
    assert found["periods"] == list(YEARS)
    assert {r["region_id"]: r["value"] for r in found["rows"]} == {
        "310000": 10.0, "320000": 8.0, "540000": 2.0,
    }  # fmt: skip
    assert {t["region_id"] for t in found["map"]["tiles"] if t["shade"]} == {
        "310000", "320000", "540000",
    }  # fmt: skip
    course = mapped.json("/map?measure=region_course.ratio&period=2022&draw=tiles")
    assert {r["region_id"]: round(r["value"], 9) for r in course["rows"]} == {
        "310000": 1.5, "320000": 1.2, "540000": 0.3,
    }  # fmt: skip


def test_vintages_are_not_mixed_unseen(mapped: Site) -> None:
    mixed = mapped.json("/map?measure=region_stat.gdp")
    assert (mixed["period"], mixed["vintages"]) == ("2023", ["a", "b"])
    assert "Vintages are mixed on this map: a, b" in mapped.get("/map?measure=region_stat.gdp").text
    # What is compared with all others is of one vintage: that which most regions have.
    course = mapped.json("/map?measure=region_course.ratio")
    assert course["vintages"] == ["a"]
    assert {r["region_id"]: round(r["value"], 9) for r in course["rows"]} == {
        "310000": 1.111111111, "320000": 0.888888889,
    }  # fmt: skip


def test_only_the_strongest_flows_between_regions_are_drawn(mapped: Site) -> None:
    found = mapped.json("/map?flows=loan_money&n=3")
    assert [(f["from_region"], f["to_region"], f["amount"]) for f in found["flows"]] == [
        ("310000", "320000", 900), ("320000", "310000", 400), ("320000", "540000", 100),
    ]  # fmt: skip
    assert len(found["map"]["arcs"]) == 3
    widths = [a["wide"] for a in found["map"]["arcs"]]
    assert widths == sorted(widths, reverse=True)
    assert mapped.json("/map?flows=none")["flows"] == []
    unknown = mapped.json("/map?flows=loan_money&n=9&draw=tiles")
    assert len(unknown["flows"]) == 1 + len(unknown["map"]["arcs"])  # 990000 has no place


def test_the_approval_goes_along(mapped: Site) -> None:
    found = mapped.json("/map")
    assert (found["drawn"], found["approval"]) == ("province", APPROVAL)
    sheet = mapped.get("/map?format=csv&block=rows").text
    assert sheet.count(APPROVAL) == 2
    text = mapped.get("/map").text
    assert "GS(2024)0001号&lt;b&gt;" in text
    assert "GS(2024)0001号<b>" not in text
    assert "china" not in re.findall(r'data-chart="(\w+)"', text)
    tiles = mapped.json("/map?draw=tiles")
    assert tiles["approval"] is None
    assert "Map approval number" not in mapped.get("/map?draw=tiles").text


def test_what_there_is_not_is_named(mapped: Site) -> None:
    for asked in ("measure=x", "period=1999", "draw=county", "flows=x", "n=0"):
        answer = mapped.get(f"/map?{asked}")
        assert answer.status_code == 400, asked


def test_a_changed_code_names_what_it_is_now(mapped: Site) -> None:
    gone = mapped.get("/region/320586")
    assert gone.status_code == 404
    assert "it is 320000 now" in gone.text
    assert "The code 320586 was changed; it is 320000 now" in mapped.get(
        "/compare?regions=310000,320586"
    ).text  # fmt: skip
    page = mapped.get("/region/320000").text
    assert "1 Sep 2012: 320586 → 320000" in page
    assert "40.00%" in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_slider_goes_by_key(look_at, mapped: Site, width: int) -> None:
    seen = look_at(mapped.url, "/map?measure=region_stat.gdp&draw=province", width=width)
    page = seen.page
    slider = page.locator("input.slider")
    slider.focus()
    assert slider.get_attribute("aria-valuetext") == "2023"
    for year, value in (("2022", "15"), ("2021", "10")):
        with page.expect_response(re.compile(f"period={year}")):
            page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            f"document.querySelector('#picture h2').textContent.includes('{year}')"
        )
        assert page.locator("a.unit[href*='310000']").get_attribute("aria-label").endswith(value)
        assert slider.get_attribute("aria-valuetext") == year
    assert f"period={year}" in page.url
    assert page.evaluate("document.activeElement.className") == "slider"
    assert seen.faults == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


@pytest.mark.browser
def test_it_works_without_scripts(look_at, mapped: Site) -> None:
    page = look_at(mapped.url, "/map?measure=region_stat.gdp", scripts=False).page
    page.select_option("select[name=period]", "2020")
    page.locator("form.until button").click()
    page.wait_for_url("**period=2020**")
    assert page.locator("path.shade-5, .unit .shade-5").count() >= 1
    assert page.locator(".arcs path").count() == 3  # one flow leads to a region that is on no map


def test_a_paper_of_the_map_is_json_too(mapped: Site) -> None:
    assert json.loads(mapped.get("/map?format=json").text)["map"]["units"] == 34
