"""The page of regions: its blocks say what the board holds, in one vintage each."""

import csv
import io

import pytest

from liandong.console.disparity import BLOCKS, matrices, matrix
from support.site import Site


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_a_file(site: Site, block: str) -> None:
    found = site.json("/regions")[block]
    sheet = site.get(f"/regions?format=csv&block={block}").text
    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    assert len(rows) == len(found)
    assert found or block == "faults"  # the demonstration has no changed regions


def test_parts_and_pairs_add_up_to_the_gini(site: Site) -> None:
    found = site.json("/regions?index=gini")
    chosen = found["chosen"]
    whole = next(r for r in found["course"] if r["period"] == chosen["period"])
    parts = [r["value"] for r in found["parts"] if r["period"] == chosen["period"]]
    assert sum(parts) == pytest.approx(whole["value"], abs=1e-12)
    assert sum(r["share"] for r in found["pairs"]) == pytest.approx(1)
    square = matrix(found["pairs"])
    east, west = square["names"].index("east"), square["names"].index("west")
    assert square["rows"][east][west]["shown"] == square["rows"][west][east]["shown"]
    assert 1 <= square["rows"][east][east]["shade"] < square["rows"][east][west]["shade"] <= 5


def test_moves_of_neighbours_add_up_to_all_but_the_lonely(site: Site) -> None:
    found = site.json("/regions")
    tables = matrices(found["moves"], found["states"])
    count = [sum(x["count"] for row in t["rows"] for x in row["cells"]) for t in tables]
    assert count[0] == sum(count[1:]) == 31
    assert [t["given"] for t in tables] == list(range(6))


@pytest.mark.parametrize(("lang", "words"), [
    ("en", ("Dagum", "Net between groups", "Neighbours of class 5", "Hainan counts")),
    ("zh", ("达古姆分解", "组间净值", "邻区等级 5", "海南按约定与广东相邻")),
])  # fmt: skip
def test_both_languages_say_what_is_drawn(site: Site, lang: str, words: tuple[str, ...]) -> None:
    text = site.get("/regions", lang=lang).text
    assert all(w in text for w in words)
    assert text.count('<svg class="drawing"') == 4
