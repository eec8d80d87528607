"""The pages of vouchers in a real browser: they show what the tables say, to the fen."""

from datetime import date

import httpx
import pytest

import liandong as ld
from liandong.console import formats
from liandong.schema.arrow import build
from liandong.trace import circular_trade, pledged_twice, vouchers
from support.audit import audit
from support.boards import HOSTILE
from support.site import Site, serving
from support.vouchers import act_table

pytestmark = pytest.mark.browser

ACTS = (
    "issue C>S1 10000000 v=V1 invoice=I1",
    "transfer S1>S2 6000000 v=V1",
    "discount S2>B1 2500000 lot=a2#1 rate=36000",
    "transfer S2>S3 3500000 v=V1",
    "discount S2>B2 2500000 lot=a2#1 rate=36000",
    "settle C>B1 2500000 v=V1 day=181",
    "settle C>S1 4000000 v=V1 day=181",
    "cancel C>S3 500000 v=V1 day=181",
    "issue C>S1 700 v=V2",
)


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """A served board with two vouchers, one of them discounted twice, and a ring of trade."""
    location = tmp_path_factory.mktemp("paper") / "t.board"
    names = ["C", "S1", "S2", "S3", "B1", "B2"]
    with ld.open(location, actor="ann") as board:
        board.put("hand", {
            "voucher_act": act_table(*ACTS),
            "party": build("party", {
                "party_id": names, "kind": ["firm"] * 4 + ["bank"] * 2,
                "name": ["核心企业", HOSTILE, "乙公司", "丙公司", "甲银行", "乙银行"],
                "name_en": ["Core", HOSTILE, "S Two", "S Three", "Bank 1", "Bank 2"],
            }),
            "invoice": build("invoice", {
                "invoice_id": ["I1", "I2", "I3"], "seller": ["S1", "S2", "S3"],
                "buyer": ["S2", "S3", "S1"], "date": [date(2024, 1, 1)] * 3,
                "net": [9_900_000] * 3, "tax": [0] * 3, "status": ["valid"] * 3,
            }),
        })  # fmt: skip
        for step in (vouchers, pledged_twice, circular_trade):
            board.run(step)
        with serving(location) as url, httpx.Client(timeout=30) as client:
            yield Site(url, board, client)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/vouchers", "/voucher/V1", "/voucher/V1?lot=a4%231"])
def test_the_pages_are_without_fault(look, paper, path: str, lang: str) -> None:
    for width, dark in ((1280, False), (390, True)):
        seen = look(path, lang=lang, width=width, dark=dark, at=paper.url)
        assert seen.faults == []
        assert audit(seen.page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert seen.page.evaluate(wide) <= 0


def test_a_voucher_reconciles_and_is_drawn(look, paper) -> None:
    page, twin = look("/voucher/V1", at=paper.url).page, paper.json("/voucher/V1")
    cells = page.locator("table.sheet td").all_inner_texts()
    assert cells == ["100,000.00", "30,000.00", "65,000.00", "5,000.00", "0.00"]
    boxes = page.locator("svg.tree a")
    assert boxes.count() == len(twin["tree"]) == 4
    assert HOSTILE in page.locator("svg.tree").text_content()
    boxes.nth(2).click()  # the larger part of the second lot
    page.wait_for_url("**lot=a4%231**")
    chain = page.locator("section:has(#chain) tbody tr").all_inner_texts()
    assert [row.split()[0] for row in chain] == ["a4#1", "a2#1", "a1#1"]
    # 2.5 million fen at 3.6 % for the 178 days from 4 January to 30 June.
    paid = formats.money(2_500_000 - 44_500)
    assert paid in page.locator("table", has_text="Paid out").inner_text()


def test_the_list_shows_what_needs_a_look(look, paper) -> None:
    page, twin = look("/vouchers", at=paper.url).page, paper.json("/vouchers")
    assert twin["totals"]["difference"] == 0
    assert twin["totals"]["vouchers"] == 2
    assert (twin["doubles_total"], twin["rings_total"], twin["faults_total"]) == (1, 1, 1)
    text = page.inner_text("main")
    assert "the second discount were not there" in text
    assert "whether it went to somebody else before" in text
    page.get_by_role("link", name="V1", exact=True).first.click()
    page.wait_for_url("**/voucher/V1")


def test_what_is_not_there(paper) -> None:
    assert paper.get("/voucher/NONE").status_code == 404
    assert paper.json("/voucher/V1?lot=nowhere")["chain"] == []
    assert [r["voucher_id"] for r in paper.json("/vouchers?sort=lots")["rows"]] == ["V1", "V2"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_board_says_what_to_do(look, empty_site, lang: str) -> None:
    seen = look("/vouchers", lang=lang, at=empty_site.url)
    assert seen.faults == []
    assert "trace.vouchers" in seen.page.inner_text("main")
