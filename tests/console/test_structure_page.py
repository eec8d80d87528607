"""The innovation map shows what the board holds, cautions first, and every block is a file."""

import csv
import io

from support.site import Site


def test_the_map_shows_what_is_held(site: Site) -> None:
    found = site.json("/structure?kind=patent&region=320000")
    key = [found["panel"][n] for n in ("kind", "period", "vintage")]
    held = site.sql(
        "SELECT region_id, rank FROM complexity WHERE kind = ? AND period = ? AND vintage = ?"
        " ORDER BY rank NULLS LAST, diversity DESC, region_id",
        *key,
    )
    assert [(r["region_id"], r["rank"]) for r in found["regions"]] == [
        (r["region_id"], r["rank"]) for r in held
    ]
    assert found["here"] == "320000"
    (partner, *_) = site.sql(
        "SELECT other_id FROM partner WHERE kind = ? AND period = ? AND vintage = ?"
        " AND region_id = '320000' ORDER BY place",
        *key,
    )
    assert found["partners"][0]["other_id"] == partner["other_id"]
    page = site.get("/structure?kind=patent&region=320000").text
    assert page.index("Before you read on") < page.index("All regions")
    assert "What Jiangsu could make" in page
    assert page.count('class="tile ') == 34


def test_advantages_of_the_picture_are_those_of_the_step(site: Site) -> None:
    found = site.json("/structure?region=320000")
    near = {r["item"]: r["rca"] for r in found["opportunities"]}
    drawn = {r["item"]: r["rca"] for r in found["heat"] if r["region_id"] == "320000"}
    both = near.keys() & drawn.keys()
    assert len(both) > 3
    assert all(abs(near[i] - drawn[i]) < 1e-9 for i in both)


def test_every_block_is_a_file(site: Site) -> None:
    for block in ("regions", "items", "heat", "opportunities", "partners", "pairs", "tests"):
        sheet = site.get(f"/structure?region=320000&format=csv&block={block}").text
        rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
        assert len(rows) == len(site.json("/structure?region=320000")[block]) > 0


def test_a_forecast_that_is_not_better_says_so(site: Site) -> None:
    for kind in ("industry", "patent"):
        found = site.json(f"/structure?kind={kind}")
        (model,) = [t for t in found["tests"] if t["model"] == "model"]
        page = site.get(f"/structure?kind={kind}").text
        assert ("do not claim from it" in page) == (model["verdict"] == "not_better")
    assert site.json("/structure?kind=patent&period=2015")["tests"] == []
    assert "No forecast of entry" in site.get("/structure?kind=patent&period=2015").text
