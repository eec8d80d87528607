"""Every page in a real browser: nothing fails, nothing leaves, and it shows what its twin says."""

import re

import pytest

from liandong.console import formats
from support.addresses import BARE, FIXED
from support.audit import NARROW, audit
from support.boards import HOSTILE, LOAN
from support.site import Site

pytestmark = pytest.mark.browser

CHARTED = ("/firm/F000012", "/regions", "/innovation")
LOOKS = {"light": {"lang": "zh"}, "dark": {"lang": "en", "dark": True},
         "phone": {"lang": "zh", "width": 390}}  # fmt: skip
TURNS = ("light", "dark")
EVERY = [
    *((path, name) for path in FIXED + BARE if "?" not in path for name in LOOKS),
    *((path, TURNS[k % 2]) for k, path in enumerate(p for p in FIXED if "?" in p)),
]
"""Every page in every look; further states of it in one of them, in turns."""


@pytest.mark.parametrize(("path", "look_as"), EVERY)
def test_a_page_is_without_fault(look, path: str, look_as: str) -> None:
    seen = look(path, **LOOKS[look_as])
    assert seen.faults == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert seen.page.evaluate(wide) <= 0
    if look_as != "phone":
        assert audit(seen.page) == []
        seen.page.set_viewport_size({"width": 390, "height": 844})
        assert seen.page.evaluate(wide) <= 0
    if look_as != "light" or "?" in path:  # a page in Chinese is seen on a phone by itself
        assert audit(seen.page, NARROW) == []
    assert seen.page.get_attribute("html", "lang").startswith(LOOKS[look_as]["lang"])


FAULTY = """<!doctype html><title>t</title><body style="background:#fff;color:#999"><h1>One</h1>
<h4>Four</h4><p>grey</p><a href=x></a><input><img src=data:,><ul><p>stray</ul><svg></svg>"""


def test_the_audit_finds_what_is_wrong(look) -> None:
    page = look("/").page
    page.goto("about:blank")  # our own policy would refuse the inline style
    page.set_content(FAULTY)
    found = {fault.split(":")[0] for fault in audit(page)}
    assert found >= {
        "html-has-lang", "landmark-one-main", "heading-order", "link-name", "label", "image-alt",
        "list", "color-contrast", "silent drawing",
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_home_shows_the_numbers_of_its_twin(look, site: Site, lang: str) -> None:
    twin, page = site.json("/"), look("/", lang=lang).page
    stations = page.locator(".station").all_inner_texts()
    assert len(stations) == 7
    for g in twin["assess"]["grades"]:
        assert formats.number(g["count"]) in stations[0]
    assert formats.money(twin["match"]["allocated"], lang) in stations[1]
    assert formats.money(twin["settle"]["booked"], lang) in stations[2]
    for level in ("red", "orange", "yellow"):
        assert str(twin["watch"][level]) in stations[3]
    assert formats.number(twin["trace"]["reconciled"]) in stations[4]
    assert formats.number(twin["survey"]["total"], digits=4) in stations[5]
    assert twin["govern"]["head"][:12] in stations[6]
    exact = page.locator(".station:nth-child(2) .key data").get_attribute("value")
    assert int(exact) == twin["match"]["allocated"]


def test_numbers_lead_to_their_run(look, site: Site) -> None:
    page = look("/").page
    page.locator(".station:nth-child(2) .key a.num").click()
    run = site.json("/")["sources"]["offer"][0]
    page.wait_for_url(f"**/run/{run}")
    assert "match.allocate" in page.inner_text("h1")
    assert "budget" in page.inner_text("pre.toml")


def test_the_map_is_drawn_and_changes_its_measure(look, site: Site) -> None:
    page = look("/", lang="zh").page
    assert page.locator("a.tile").count() == 34
    box = page.locator("a.tile").first.bounding_box()
    assert box["width"] > 20
    shades = {page.locator(f"a.tile.shade-{n}").count() for n in range(1, 6)}
    assert 0 not in shades
    page.get_by_role("link", name="撮合金额").first.click()
    page.wait_for_url("**/?measure=lent")
    twin = site.json("/?measure=lent")["map"]
    wanted = [t["region_id"] for t in twin["tiles"] if t["shade"] == 5]
    shown = page.eval_on_selector_all("a.tile.shade-5", "ts => ts.map(t => t.href.baseVal)")
    assert [re.sub(r"\D", "", s) for s in shown] == wanted


PAINTED = """canvas => {
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]) seen.add(data.slice(i, i + 3).join());
  return seen.size;
}"""


def test_months_without_invoices_are_seen(site: Site) -> None:
    (quiet,) = site.sql(
        "SELECT seller, max(date) AS last FROM invoice JOIN score ON seller = party_id"
        " GROUP BY seller ORDER BY last, seller LIMIT 1"
    )
    twin = site.json(f"/firm/{quiet['seller']}")
    months = [r["month"] for r in twin["months"]]
    count = [int(m[:4]) * 12 + int(m[5:]) for m in months]
    assert count == list(range(count[0], count[0] + len(count)))
    assert months[-1] == max(twin["score"]["as_of"][:7], f"{quiet['last']:%Y-%m}")
    assert twin["months"][-1]["sales_valid"] == 0


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", CHARTED)
def test_charts_are_painted(look, path: str, dark: bool) -> None:  # noqa: FBT001 - a parameter
    page = look(path, dark=dark).page
    drawn = page.locator("[data-chart] canvas")
    assert drawn.count() == page.locator("[data-chart]").count() > 0
    assert all(drawn.nth(i).evaluate(PAINTED) > 20 for i in range(drawn.count()))


def test_an_account_of_the_diagram_opens_its_transfers(look) -> None:
    page = look(f"/trace/{LOAN}").page
    page.locator("a:has(.node.lender)").first.click()
    page.wait_for_url("**account=BANK**")
    assert page.locator("#evidence").is_visible()
    rows = page.locator("section:has(#evidence) tbody tr")
    assert rows.count() == 2


def test_the_reconciliation_ends_in_nothing(look) -> None:
    page = look(f"/trace/{LOAN}").page
    cells = page.locator("table.sheet td").all_inner_texts()
    disbursed, *parts, difference = (float(c.replace(",", "").split()[0]) for c in cells)
    assert disbursed == sum(parts) == 100_000
    assert difference == 0


def test_the_language_is_switched_and_kept(look) -> None:
    page = look("/firms?sort=risk", lang="en").page
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**lang=zh")
    assert page.inner_text("h1") == "企业"
    assert "sort=risk" in page.url
    page.get_by_role("link", name="撮合").first.click()
    page.wait_for_url("**/desk")
    assert page.inner_text("h1") == "撮合台"


def test_a_filter_applies_at_once_and_goes_along(look, site: Site) -> None:
    page = look("/firms").page
    page.get_by_label("Region").select_option("330000")
    page.wait_for_url("**/firms?region=330000")
    rows = site.json("/firms?region=330000")["total"]
    assert f"{rows} rows" in page.inner_text(".pager")
    page.get_by_role("link", name="Match").click()
    page.wait_for_url("**/desk?region=330000")
    assert page.locator("select[name=region]").input_value() == "330000"
    page.get_by_role("link", name="Clear").click()
    page.wait_for_url("**/desk")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_innovation_shows_the_numbers_of_its_twin(look, site: Site, lang: str) -> None:
    twin, page = site.json("/innovation"), look("/innovation", lang=lang).page
    assert [r["points"] for r in twin["rows"]] == [12, -5]
    assert not twin["test"]["shown"]
    assert page.locator(".note.bad").count() == 1  # nothing is shown, and it says so
    row = page.locator("section:has(.chart) tbody tr:visible").first
    assert HOSTILE in row.inner_text()
    assert "3 … 21" in row.inner_text()
    row.locator("summary").click()
    assert "+12" in row.locator("ul.reasons").inner_text()
    assert f"{twin['silent_total']}" in page.locator("main > section summary").last.inner_text()
    assert twin["silent_total"] == len(site.sql(
        "SELECT * FROM innovation WHERE points IS NULL"
    ))  # fmt: skip


def test_innovation_obeys_the_filter(site: Site) -> None:
    assert [r["party_id"] for r in site.json("/innovation?industry=F")["rows"]] == []
    assert [r["party_id"] for r in site.json("/innovation?industry=E")["rows"]] == ["H3"]
    assert site.json("/innovation?region=110000")["total"] == 0
    assert site.json("/innovation?region=310000")["total"] == 2
    assert site.json("/innovation?on=2024-01-01")["as_of"] is None


def test_searching_while_typing(look) -> None:
    seen = look("/firms")
    seen.page.get_by_role("searchbox").type("f00001", delay=10)
    seen.page.wait_for_url("**/firms?q=f00001")
    seen.page.wait_for_function("document.querySelectorAll('#list tbody tr').length === 10")
    seen.at(seen.page.url.replace("?q=f00001", "?region=310000"))  # beside a filter, too
    seen.page.get_by_role("searchbox").type("f00001", delay=10)
    seen.page.wait_for_url("**/firms?q=f00001&region=310000")
    assert seen.faults == []


def test_every_page_works_without_scripts(look) -> None:
    page = look("/firms", scripts=False).page
    page.get_by_label("Region").select_option("330000")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**region=330000**")
    assert page.locator("tbody tr").count() > 0


def test_the_keyboard_is_enough(look) -> None:
    page = look("/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    width = "getComputedStyle(document.activeElement).outlineWidth"
    assert page.evaluate(width) == "2px"


def test_a_hostile_name_is_only_a_name(look) -> None:
    seen = look("/firms?q=script", lang="zh")
    assert HOSTILE in seen.page.inner_text("#list")
    seen.page.locator("#list tbody a").first.click()
    seen.page.wait_for_load_state("networkidle")
    assert seen.page.inner_text("h1") == HOSTILE
    assert seen.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_board_says_what_to_do(look, empty_site: Site, lang: str) -> None:
    seen = look("/", lang=lang, at=empty_site.url)
    assert seen.faults == []
    assert "liandong load" in seen.page.inner_text("main")
    assert audit(seen.page) == []
