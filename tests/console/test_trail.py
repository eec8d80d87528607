"""The page of a traced loan: rules are told apart, pictures lead to rows, files add up."""

import csv
import io
from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest

from support.boards import MOVES
from support.site import Site, serving
from support.traced import HAIRCUT, traced_board

BROWSER = pytest.mark.browser
LENT = MOVES[0][2]


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A board with a loan that was traced under two rules, served."""
    location = tmp_path_factory.mktemp("traced") / "t.board"
    with (
        traced_board(location) as board,
        serving(location) as url,
        httpx.Client(timeout=30) as client,
    ):
        yield Site(url, board, client)


def rows(site: Site, block: str, **asked: str) -> list[dict[str, str]]:
    asked_ = "&".join(f"{k}={v}" for k, v in {"format": "csv", "block": block, **asked}.items())
    text = site.get(f"/trace/L?{asked_}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_rules_are_never_added_up(traced: Site) -> None:
    assert traced.json("/")["trace"] == {
        "loans": 1, "reconciled": 1, "sums": [{"currency": "CNY", "traced": LENT}],
    }  # fmt: skip
    for method, held in (("fifo", 70_000_00), ("haircut", 70_000_00)):
        (totals,) = traced.json(f"/trace?method={method}")["sums"]
        assert (totals["loans"], totals["disbursed"], totals["held"]) == (1, LENT, held)
    assert traced.json("/trace")["method"] == "fifo"
    assert traced.json("/trace/L")["traced"]["difference"] == 0
    assert traced.json("/trace/L?method=haircut")["traced"]["held"] == 70_000_00
    answer = traced.get("/trace/L?method=tiho", accept="application/json")
    assert answer.status_code == 400


def test_all_rules_stand_side_by_side(traced: Site) -> None:
    table = traced.json("/trace/L")["table"]
    assert table["methods"] == ["fifo", "haircut"]
    assert {r["place"]: r["fen"]["haircut"] for r in table["rows"]} == HAIRCUT
    assert table["total"] == {"fifo": LENT, "haircut": LENT}
    assert not table["bounded"]
    flat = rows(traced, "rules")
    assert sum(int(r["fifo"]) for r in flat) == sum(int(r["haircut"]) for r in flat) == LENT


def test_the_trail_ends_on_the_chosen_day(traced: Site) -> None:
    # Two transfers a day, from the first of March on.
    for day, places in (("2024-03-01", {"A1": 40_000_00, "A2": 60_000_00}),
                        ("2024-03-02", {"A1": 65_000_00, "A3": 35_000_00})):  # fmt: skip
        twin = traced.json(f"/trace/L?until={day}")
        assert {r["place"]: r["amount"] for r in twin["holdings"]["rows"]} == places
        assert twin["path_total"] == twin["holdings"]["total"] == LENT
        assert twin["traced"]["difference"] == 0
    assert traced.json("/trace/L?until=2024-03-01")["total"]["n"] == 2
    assert traced.json("/trace/L?until=2023-01-01")["holdings"]["total"] == 0


def test_bands_as_rows_are_what_is_drawn(traced: Site) -> None:
    for way in ("step", "day"):
        twin, told = traced.json(f"/trace/L?by={way}"), rows(traced, "bands", by=way)
        assert [int(r["amount"]) for r in told] == [b["amount"] for b in twin["flow"]["bands"]]
        back = sum(int(r["amount"]) for r in told if r["back"] == "True")
        assert back == 25_000_00
    page = traced.get("/trace/L?by=day").text
    assert page.count('class="band back"') == 1
    assert page.count('class="band"') == 6


def test_paths_of_a_place_add_up(traced: Site) -> None:
    twin = traced.json("/trace/L?place=A4")
    assert (twin["path_count"], twin["path_total"]) == (2, 30_000_00)
    told = rows(traced, "paths")
    assert sum(int(r["amount"]) for r in told if r["hop"] == "1") == LENT


def test_the_stamp_names_what_made_it(traced: Site) -> None:
    stamp = {r["step"]: r for r in traced.json("/trace/L")["stamp"]}
    run = traced.board.runs()[-1]
    assert stamp["trace.reconcile"]["run_id"] == run.run_id
    follow = stamp["trace.follow"]
    assert follow["rule"]["method"] == "fifo"
    assert follow["version"] == run.version
    assert set(follow["inputs"]) == {"bank_account", "flow", "loan"}


def test_circles_that_were_not_looked_for(traced: Site) -> None:
    assert traced.json("/circles")["known"] is False
    assert "trace.circles" in traced.get("/circles").text
    assert traced.json("/trace/L")["circles"] == {"rows": [], "total": 0}


def test_the_file_of_legs_holds_those_of_all_circles(site: Site) -> None:
    legs = site.json("/circles?block=legs")["legs"]
    assert len(legs) == site.sql("SELECT count(*) AS n FROM circle_leg")[0]["n"] > 0
    assert len(site.get("/circles?format=csv&block=legs").text.splitlines()) == len(legs) + 1


def test_circles_of_the_loop(site: Site) -> None:
    twin = site.json("/circles?sort=fast")
    assert twin["totals"]["n"] == site.sql("SELECT count(*) AS n FROM circle")[0]["n"] > 0
    hours = [r["hours"] for r in twin["circles"]]
    assert hours == sorted(hours)
    for card in twin["cards"]:
        legs = card["path"]
        assert len(legs) == card["legs"]
        assert min(g["amount"] for g in legs) == card["bottleneck"]
        ends = [(a["dst_account"], b["src_account"]) for a, b in pairwise([*legs, legs[0]])]
        assert all(a == b for a, b in ends)
    page = site.get("/circles").text
    assert page.count('class="ring"') == len(twin["cards"])
    account = twin["cards"][0]["path"][0]["src_account"]
    some = site.json(f"/circles?account={account}")
    assert 0 < some["totals"]["n"] <= twin["totals"]["n"]


def test_circles_of_a_region_have_a_party_of_it(site: Site) -> None:
    pays = site.sql(
        "SELECT l.circle_id, p.region_id, p.industry FROM circle_leg l JOIN bank_account a"
        " ON a.account_id = l.src_account JOIN party p ON p.party_id = a.party_id"
    )
    smallest = {r["circle_id"]: r["bottleneck"] for r in site.sql("SELECT * FROM circle")}
    lent = site.sql("SELECT i.amount, p.region_id FROM idle i JOIN loan USING (loan_id)"
                    " JOIN party p USING (party_id)")  # fmt: skip
    for region, industry in (("330000", ""), ("330000", "C"), ("810000", "")):
        twin = site.json(f"/circles?region={region}&industry={industry}")
        inside = {r["circle_id"] for r in pays if (r["region_id"] or "")[:2] == region[:2]
                  and (r["industry"] or "").startswith(industry)}  # fmt: skip
        told = {"n": len(inside), "amount": sum(smallest[n] for n in inside)}
        assert twin["totals"] == told
        assert {r["circle_id"] for r in twin["circles"]} <= inside
        if not industry:
            theirs = [r["amount"] for r in lent if (r["region_id"] or "")[:2] == region[:2]]
            assert twin["idle_total"] == {"n": len(theirs), "amount": sum(theirs)}
    assert 0 < site.json("/circles?region=330000")["totals"]["n"] < len(smallest)


def test_lots_of_the_loop_prove_what_is_held(site: Site) -> None:
    most = site.sql(
        "SELECT loan_id, count(*) AS n FROM trail WHERE method = 'fifo' GROUP BY 1"
        " ORDER BY n DESC, loan_id LIMIT 3"
    )
    for loan in (r["loan_id"] for r in most):
        twin = site.json(f"/trace/{loan}?by=day")
        held = {r["place"]: r["amount"] for r in twin["holdings"]["rows"]}
        told = site.sql(
            "SELECT place, sum(amount)::BIGINT AS amount FROM holding WHERE method = 'fifo'"
            " AND loan_id = ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
            loan,
        )
        assert held == {r["place"]: r["amount"] for r in told}
        assert twin["path_total"] == twin["traced"]["disbursed"]


@BROWSER
@pytest.mark.parametrize("way", ["step", "day"])
def test_a_band_opens_its_rows(look, traced: Site, way: str) -> None:
    seen = look(f"/trace/L?by={way}", at=traced.url)
    red = seen.page.locator("a:has(.band.back)")
    assert red.count() == 1
    red.click()
    seen.page.wait_for_url("**account=A3**payee=A1**#evidence")
    found = seen.page.locator("section:has(#evidence) tbody tr")
    assert found.count() == 1
    assert "F3" in found.inner_text()
    assert seen.faults == []


@BROWSER
def test_a_node_opens_its_rows(look, traced: Site) -> None:
    page = look("/trace/L", at=traced.url).page
    page.locator("a:has(.node.lender)").first.click()
    page.wait_for_url("**account=BANK**")
    assert page.locator("section:has(#evidence) tbody tr").count() == 2


@BROWSER
def test_the_slider_chooses_the_day(look, traced: Site) -> None:
    page = look("/trace/L?by=day", at=traced.url).page
    slider = page.locator("input.slider")
    assert slider.is_visible()
    assert slider.input_value() == "3"
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**until=2024-03-03**")
    assert "by=day" in page.url
    assert page.locator("input.slider").input_value() == "2"


@BROWSER
def test_the_rule_is_switched(look, traced: Site) -> None:
    page = look("/trace/L?by=day", at=traced.url).page
    page.locator(".trail-choices nav.tabs a").nth(1).click()
    page.wait_for_url("**method=haircut**")
    assert page.locator("path.band").count() == 1
    assert page.locator(".rules th[aria-current]").count() == 1


@BROWSER
def test_the_picture_is_saved(look, traced: Site) -> None:
    seen = look("/trace/L?by=day", at=traced.url)
    with seen.page.expect_download() as waiting:
        seen.page.get_by_role("button", name="PNG").click()
    assert waiting.value.suggested_filename == "trace-L-bands.png"
    with open(waiting.value.path(), "rb") as saved:  # noqa: PTH123 - the browser's own path
        data = saved.read()
    assert data.startswith(b"\x89PNG")
    assert len(data) > 10_000
    assert seen.faults == []


@BROWSER
def test_the_day_is_chosen_without_scripts(look, traced: Site) -> None:
    page = look("/trace/L", at=traced.url, scripts=False).page
    assert not page.locator("input.slider").is_visible()
    page.locator("input[type=date]").fill("2024-03-02")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**until=2024-03-02**")
