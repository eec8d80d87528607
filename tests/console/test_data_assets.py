"""The pages of data assets show what the tables say, and why."""

import pytest

from support.boards import HOSTILE
from support.site import Site


def test_the_list_adds_up_to_the_tables(site: Site) -> None:
    twin = site.json("/data-assets")
    (sums,) = site.sql(
        "SELECT count(*) AS valued, sum(value)::BIGINT AS worth FROM data_value"
        " WHERE method = 'lending' AND value IS NOT NULL"
    )
    (cover,) = site.sql(
        "SELECT sum(owed)::BIGINT AS pledged, sum(margin_call)::BIGINT AS margin_call"
        " FROM data_cover"
    )
    totals = twin["totals"]
    assert totals["valued"] == sums["valued"] > 0
    assert totals["worth"] == sums["worth"]
    assert (totals["pledged"], totals["margin_call"]) == (cover["pledged"], cover["margin_call"])
    assert len(site.sql("SELECT * FROM data_asset")) == totals["assets"]
    worths = [r["worth"] for r in twin["rows"] if r["worth"] is not None]
    assert worths == sorted(worths, reverse=True)
    covered = [r["coverage"] for r in site.json("/data-assets?sort=cover")["rows"]]
    known = [c for c in covered if c is not None]
    assert covered[: len(known)] == sorted(known)


def test_the_list_shows_what_needs_a_look(site: Site) -> None:
    twin = site.json("/data-assets")
    assert len(twin["doubles"]) == 3  # as planted
    assert all(r["margin_call"] > 0 for r in twin["calls"])
    page = site.get("/data-assets", lang="en").text
    assert "the two claims call it by different ids" in page
    for row in twin["limits"]:
        assert row["most"] == 0 or row["most"] == sum(r["points"] for r in row["reasons"])


def test_the_list_obeys_the_filter(site: Site) -> None:
    all_, some = site.json("/data-assets"), site.json("/data-assets?industry=C")
    assert 0 < some["totals"]["assets"] < all_["totals"]["assets"]
    assert {r["party_id"] for r in some["rows"]} < {
        r["party_id"] for r in site.sql("SELECT party_id FROM party WHERE industry LIKE 'C%'")
    }
    assert site.json("/data-assets?on=2024-01-01")["as_of"] is None
    assert "match.data_value" in site.get("/data-assets?on=2024-01-01", lang="zh").text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_asset_shows_its_methods_and_their_parts(site: Site, lang: str) -> None:
    (best,) = site.sql("SELECT asset_id FROM data_value WHERE method = 'income'"
                       " AND value IS NOT NULL ORDER BY asset_id LIMIT 1")  # fmt: skip
    address = f"/data-asset/{best['asset_id']}"
    twin, page = site.json(address), site.get(address, lang=lang).text
    assert [r["method"] for r in twin["methods"]] == ["cost", "income", "market", "lending"]
    for row in twin["methods"]:
        parts = [r["points"] for r in row["reasons"] if ".data_part_" in r["code"]]
        assert row["value"] == (sum(parts) if parts else None)
    assert {"zh": "收益法", "en": "income"}[lang] in page
    assert page.count("<svg") >= 1
    assert {"zh": "第 1 年许可收入的现值", "en": "licence income of year 1"}[lang] in page


def test_a_firm_shows_the_data_that_it_holds(site: Site) -> None:
    (firm,) = site.sql("SELECT party_id FROM data_asset ORDER BY asset_id LIMIT 1")
    address = f"/firm/{firm['party_id']}"
    held = site.json(address)["data_assets"]
    assert held
    page = site.get(address, lang="en").text
    assert all(f'href="/data-asset/{r["asset_id"]}"' in page for r in held)


def test_a_pledge_under_another_id_stands_beside_its_own(site: Site) -> None:
    (pair,) = site.sql("SELECT thing_id FROM pledged_twice WHERE thing = 'data' LIMIT 1")
    found = site.json(f"/data-asset/{pair['thing_id']}")["pledges"]
    assert len({r["asset_id"] for r in found}) == 2


def test_what_is_not_there(site: Site) -> None:
    assert site.get("/data-asset/NONE").status_code == 404
    assert HOSTILE not in site.get(f"/data-asset/{HOSTILE}").text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_board_says_what_to_do(empty_site: Site, lang: str) -> None:
    assert "match.data_value" in empty_site.get("/data-assets", lang=lang).text
