"""Regions side by side: each figure against the first region, other periods and vintages marked."""

import csv
import io

import pytest

from support.site import Site

THREE = "/compare?regions=330000,310000,810000"


def test_figures_are_those_of_the_board(site: Site) -> None:
    found = site.json(THREE)
    assert [r["region_id"] for r in found["regions"]] == ["330000", "310000", "810000"]
    gdp = [f for f in found["figures"] if f["measure"] == "region_stat.gdp"]
    held = {
        r["region_id"]: r["value"]
        for r in site.sql(
            "SELECT region_id, arg_max(value, (period, vintage)) AS value FROM region_stat"
            " WHERE measure = 'gdp' GROUP BY region_id"
        )
    }
    assert [(f["region_id"], f["value"]) for f in gdp] == [
        ("330000", held["330000"]), ("310000", held["310000"]),
    ]  # fmt: skip
    assert gdp[0]["difference"] is None
    assert gdp[1]["difference"] == pytest.approx(held["310000"] / held["330000"] - 1)
    lent = {f["region_id"]: f["value"] for f in found["figures"]
            if f["measure"] == "region_money.lent"}  # fmt: skip
    for place, value in lent.items():
        (held_,) = site.sql("SELECT value FROM region_money WHERE region_id = ? AND industry = '*'"
                            " AND measure = 'lent'", place)  # fmt: skip
        assert value == held_["value"]
    sheet = site.get(f"{THREE}&format=csv&block=points").text
    assert len(list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))) == len(
        found["points"]
    )


def test_wrong_regions_are_named(site: Site) -> None:
    unknown = site.json("/compare?regions=330000,999999")["unknown"]
    assert unknown == [{"region_id": "999999", "now": []}]
    assert "Unknown adcode 999999" in site.get("/compare?regions=330000,999999").text
    for asked in ("Shanghai", "1,2", ",".join(f"{k}10000" for k in range(1, 7))):
        assert site.get(f"/compare?regions={asked}").status_code == 400
    assert site.json("/compare")["regions"] == []


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 390)])
def test_it_draws_small_multiples(look, site: Site, lang: str, width: int) -> None:
    seen = look(THREE, lang=lang, width=width)
    assert seen.faults == []
    assert seen.page.locator(".multiple").count() == len(site.json(THREE)["measures"])
    assert seen.page.locator(".multiple svg.drawing").count() >= 2
    assert seen.page.locator(".multiple td b").first.inner_text() != ""
