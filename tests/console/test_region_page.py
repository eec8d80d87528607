"""The page of a region: eight blocks that say what the board holds, on one sheet of paper."""

import csv
import io
import re
from collections import defaultdict

import pytest

from liandong.console.pages.region import BLOCKS
from liandong.console.regional.dates import MADE_BY
from liandong.step.registry import steps
from support.site import Site, serving

PLACE = "/region/330000"
SHEETS = re.compile(rb"/Type\s*/Page\b")


def sheets(page: object) -> int:
    """Count the sheets that a page prints on, as its own style asks."""
    return len(SHEETS.findall(page.pdf(prefer_css_page_size=True)))


def test_the_course_is_that_of_the_statistics(site: Site) -> None:
    found = site.json(PLACE)["course"]
    held = site.sql("SELECT s.* FROM region_stat s JOIN region USING (region_id)"
                    " WHERE level = 'province'")  # fmt: skip
    by = defaultdict(dict)
    for r in held:
        by[r["period"], r["measure"]][r["region_id"]] = r["value"]
    assert [r["period"] for r in found] == sorted({p for p, _ in by})
    for r in found:
        gdp, people = (by[r["period"], m] for m in ("gdp", "population"))
        heads = {k: gdp[k] / people[k] for k in gdp.keys() & people.keys()}
        own = heads["330000"]
        assert r["rank"] == 1 + sum(v > own for v in heads.values())
        assert r["among"] == len(heads)
        mean = sum(gdp[k] for k in heads) / sum(people[k] for k in heads)
        assert r["ratio"] == pytest.approx(own / mean, rel=1e-12)
        assert r["per_head"] == round(own * 1e8 / 1e4 * 100)


def test_money_is_that_of_its_table(site: Site) -> None:
    found = {r["measure"]: r["value"] for r in site.json(PLACE)["money"]}
    (held,) = site.sql("SELECT count(*) AS loans, sum(amount) AS lent FROM loan JOIN party"
                       " USING (party_id) WHERE region_id = '330000'")  # fmt: skip
    assert (found["loans"], found["lent"]) == (held["loans"], held["lent"])
    assert sum(r["lent"] for r in site.json(PLACE)["sectors"]) <= held["lent"]


def test_levels_count_all_that_is_going_on(site: Site) -> None:
    found = site.json(PLACE)
    shown = site.json("/alerts?region=330000")
    assert found["levels"] == shown["levels"]
    assert len(found["alerts"]) == min(10, sum(found["levels"].values())) > 0


def test_every_block_is_a_file_and_every_number_has_its_rows(site: Site, look) -> None:
    for block in BLOCKS:
        sheet = site.get(f"{PLACE}?format=csv&block={block}")
        assert sheet.status_code == 200, block
        rows = list(csv.reader(io.StringIO(sheet.text.removeprefix("\ufeff"))))
        assert len({len(r) for r in rows}) <= 1
    page = look(PLACE).page
    links = page.eval_on_selector_all(
        ".leaf a.num", "all => [...new Set(all.map(a => a.getAttribute('href')))]"
    )
    assert len(links) > 20
    for address in links[:: max(1, len(links) // 25)]:
        answer = site.get(address)
        assert answer.status_code == 200, address
        assert "There is nothing here" not in answer.text


def test_a_block_without_its_table_says_what_makes_it(empty_site: Site, site: Site) -> None:
    known = steps()
    for table, step in MADE_BY.items():
        assert step == "load" or table in known[step].writes, table
    found = site.json(PLACE)["dates"]
    text = site.get(PLACE).text
    told = {"gap", "complexity", "structure", "opportunity", "chain_region", "reach",
            "service_summary", "region_money", "partner", "cooperation"}  # fmt: skip
    for d in found:
        assert d["missing"] == (not d["runs"])
        if d["missing"] and d["table"] in told:
            assert f"liandong run {d['step']}" in text
    assert empty_site.get(PLACE).status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", [PLACE, "/region/710000"])
def test_it_prints_on_one_sheet(look, lang: str, path: str) -> None:
    seen = look(path, lang=lang)
    assert seen.faults == []
    assert sheets(seen.page) == 1


def test_it_is_the_same_to_the_byte(site: Site) -> None:
    first = site.get(PLACE).content
    with serving(site.board.store.lake.root.parent) as url:
        again = site.browser.get(url + PLACE, headers={"accept-language": "en"}).content
    assert first == again
