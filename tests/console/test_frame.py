"""What stands around every page: its data as files, light and dark, keys, filters, pictures."""

import csv
import io
import re
import time
from contextlib import suppress

import httpx
import pyarrow as pa
import pytest

from liandong.console.pages import PAGES
from liandong.console.query import PAGE_ROWS
from support.addresses import ADDRESS, score_row
from support.boards import LOAN
from support.site import Site


@pytest.mark.parametrize("path", ["/firms", "/alerts", "/runs", "/trace", "/inbox", "/tables"])
def test_a_list_is_the_same_in_every_format(site: Site, path: str) -> None:
    block = next(p.blocks[0] for p in PAGES if p.path == path)
    rows = site.json(path)[block]
    answer = site.get(f"{path}?format=arrow")
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.num_rows >= len(rows)  # a file holds the other pages, too
    plain = [k for k, v in (rows[0] if rows else {}).items() if isinstance(v, int | str)]
    kept = [k for k in plain if not pa.types.is_temporal(table.schema.field(k).type)]
    first = table.select(kept).slice(0, len(rows)).to_pylist()
    assert first == [{k: r[k] for k in kept} for r in rows]
    assert len(site.get(f"{path}?format=csv&block={block}").text.splitlines()) >= len(rows)


def test_a_file_holds_all_pages_of_a_list(site: Site) -> None:
    for path, key in (("/acts", "seq"), ("/firms", "party_id"), ("/table/invoice", "invoice_id")):
        total = site.json(path)["total"]
        pages = range(1, 2 + total // PAGE_ROWS)
        shown = [r[key] for n in pages[:4] for r in site.json(f"{path}?page={n}")["rows"]]
        table = pa.ipc.open_stream(site.get(f"{path}?format=arrow&block=rows").content).read_all()
        assert table.num_rows == total > PAGE_ROWS, path
        assert table[key].to_pylist()[: len(shown)] == shown
        listed = site.get(f"{path}?format=json&block=rows&page=2").json()["rows"]
        assert [r[key] for r in listed] == table[key].to_pylist()
        sheet = csv.DictReader(io.StringIO(site.get(f"{path}?format=csv&block=rows").text))
        assert sum(1 for _ in sheet) == total


def test_the_log_is_narrowed_by_who_and_what(site: Site) -> None:
    found = site.json("/acts?action=run.done")
    assert {r["action"] for r in found["rows"]} == {"run.done"}
    assert all(r["step"] for r in found["rows"])
    assert set(found["choices"]["actor"]) == {
        r["actor"] for r in site.sql("SELECT DISTINCT actor FROM act")
    }
    text = site.get("/acts?action=run.done", lang="zh").text
    assert '<option value="run.done" selected>运行完成</option>' in text
    assert '<option value="none" selected>none</option>' in site.get("/acts?actor=none").text


def test_every_page_names_its_lists(site: Site) -> None:
    for page in PAGES:
        if address := ADDRESS[page.name]:
            shown = site.json(address)
            assert set(page.blocks) <= shown.keys(), page.name
            lists = {
                n for n, v in shown.items() if isinstance(v, list) and v and isinstance(v[0], dict)
            }
            assert page.blocks or not lists, page.name


def test_light_and_dark_are_chosen_and_kept(site: Site) -> None:
    with httpx.Client(base_url=site.url, headers={"accept": "text/html"}) as browser:
        as_system = 'media="screen and (prefers-color-scheme: dark)"'
        assert as_system in browser.get("/runs").text
        assert 'dark.css" media="screen">' in browser.get("/runs?theme=dark").text
        kept = browser.get("/tables").text
        assert 'dark.css" media="screen">' in kept
        assert '<meta name="color-scheme" content="dark">' in kept
        assert "dark.css" not in browser.get("/tables?theme=light").text
        assert as_system in browser.get("/tables?theme=system").text
        assert as_system in browser.get("/tables?theme=pink").text
        browser.get("/runs?theme=dark")
        for path in ("/nowhere", "/v1"):
            assert 'dark.css" media="screen">' in browser.get(path).text, path


def test_the_filter_goes_everywhere_and_says_where_it_is_idle(site: Site) -> None:
    text = site.get("/models?region=330000&industry=C").text
    chips = re.findall(r"<li class=\"idle\".*?</li>", text)
    assert len(chips) == 2
    assert 'href="/models?industry=C"' in chips[0]
    assert 'href="/firms?region=330000&amp;industry=C"' in text
    assert 'class="idle"' not in site.get("/firms?region=330000").text


def test_a_number_leads_to_all_who_answer_for_it(site: Site) -> None:
    row, run = site.get(score_row(site)).text, site.json(score_row(site))["made"]
    assert f'href="/run/{run["run_id"]}"' in row
    assert f'rule_id={run["rule"]["rule_id"]}"' in row
    assert f'href="/table/act/row?seq={run["act"]["seq"]}"' in row
    paid = next(r for r in site.board.runs() if r.step == "settle.disburse")
    case = site.json(f"/run/{paid.run_id}")["made"]["approvals"][0]
    assert case["checker"] == "checker@demo"
    assert (
        f'href="/table/case/row?case_id={case["case_id"]}"' in site.get(f"/run/{paid.run_id}").text
    )


@pytest.mark.parametrize("path", ["/", "/regions", "/desk", "/innovation", "/region/330000"])
def test_a_map_is_a_file_of_its_tiles(site: Site, path: str) -> None:
    tiles = site.json(path)["map"]["tiles"]
    lines = site.get(f"{path}?format=csv&block=map").text.splitlines()
    assert len(lines) == len(tiles) + 1 == 35
    assert f'href="{path}?format=csv&amp;block=map"' in site.get(path).text


@pytest.mark.browser
def test_keys_lead_around(look) -> None:
    page = look("/firms").page
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("g2")  # it is typed, and leads nowhere
    assert page.locator("input[type=search]").input_value() == "g2"
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("2")
    page.wait_for_url("**/desk**")


@pytest.mark.browser
@pytest.mark.parametrize("path", [f"/trace/{LOAN}", "/firm/F000012", "/regions"])
def test_a_picture_is_a_table_and_a_file(look, path: str) -> None:
    seen = look(path)
    figure = seen.page.locator("figure.picture").first
    figure.get_by_text("Table", exact=True).click()
    assert figure.locator("tbody tr").count() > 3
    with seen.page.expect_download() as saved:
        figure.get_by_role("button", name="PNG").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    assert seen.faults == []


@pytest.mark.browser
def test_only_a_transition_that_was_skipped_is_no_fault(look) -> None:
    seen = look("/tables")
    for said in ("Transition was skipped", "Transition was aborted because of time", "Other"):
        seen.page.evaluate("said => void Promise.reject(new DOMException(said))", said)
    seen.page.wait_for_timeout(200)
    assert len(seen.faults) == 1
    assert "Other" in seen.faults[0]


@pytest.mark.browser
def test_a_page_left_before_it_is_seen_is_no_fault(browser, site: Site) -> None:
    from playwright.sync_api import Error

    context = browser.new_context(reduced_motion="no-preference")
    page, faults = context.new_page(), []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(f"{site.url}/tables")
    page.wait_for_timeout(300)
    page.route("**/rooms.css", lambda r: (time.sleep(0.25), r.continue_()))
    for path in ("/runs", "/acts", "/tables", "/runs"):
        with suppress(Error):  # what is asked just when a page goes is lost
            page.evaluate("to => void setTimeout(() => location.assign(to))", path)
        page.wait_for_timeout(150)
    page.wait_for_timeout(500)
    context.close()
    assert faults == []
