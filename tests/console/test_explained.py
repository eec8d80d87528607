"""The explained score in a real browser: levers that score as Python does, and papers to print."""

import re
from datetime import date

import httpx
import numpy as np
import pytest

from liandong.assess import Scorecard, ScoreRule
from liandong.console.papers import paper
from support.cards import CARD, PAIR, explained_board
from support.site import Site, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hand(tmp_path_factory):
    """A served board with a pair, and with values that are absent or not shared."""
    location = tmp_path_factory.mktemp("hand") / "t.board"
    with (
        explained_board(location) as board,
        serving(location) as url,
        httpx.Client(timeout=30) as client,
    ):
        yield Site(url, board, client)


def shown(page) -> tuple[int, int, str]:
    """Return the points, the probability of default in ppm, and the grade that the page says."""
    out = {n: page.locator(f"[data-out={n}]") for n in ("points", "pd", "grade")}
    ppm = int(out["pd"].get_attribute("data-ppm"))
    assert out["pd"].inner_text() == f"{ppm / 1e4:.2f}%"
    return int(out["points"].inner_text()), ppm, out["grade"].inner_text()


def python_says(card: Scorecard, values: list[float], hidden: list[bool]) -> tuple[int, int, str]:
    """Score one firm as the step does."""
    points = card.base + card.parts(np.array([values]), np.array([hidden])).sum(axis=1)
    pd = card.scaling.pd(points)
    return int(points[0]), int(pd[0]), ScoreRule(as_of=date(2024, 1, 1)).grade(pd)[0].as_py()


def inside(card: Scorecard, j: int, k: int) -> float:
    """Return a value inside bin ``k`` of measure ``j``."""
    edges = card.characteristics[j].edges
    return edges[k] if k < len(edges) else edges[-1] + 1 if edges else 0.0


@pytest.mark.parametrize("seed", range(3))
def test_levers_score_as_python_does(look, site: Site, seed: int) -> None:
    twin = site.json("/firm/F000012")
    row = site.board.table("rule").rows(rule_id=twin["score"]["rule_id"])[0]
    card = Scorecard.from_toml(row["toml"])
    seen, random = look("/firm/F000012"), np.random.default_rng(seed)
    now = (twin["score"]["points"], twin["score"]["pd"], twin["score"]["grade"])
    assert shown(seen.page) == now
    measures = twin["explained"]["card"]["measures"]
    values = [m["value"] if m["value"] is not None else np.nan for m in measures]
    for j in random.permutation(len(measures))[:4]:
        bins = len(measures[j]["cells"])
        k, shift = int(random.integers(bins)), int(measures[j]["at"] >= bins)
        seen.page.locator(f"#lever-{j}").fill(str(k + shift))
        values[j] = inside(card, j, k)
        assert shown(seen.page) == python_says(card, values, [False] * len(values))
    seen.page.get_by_role("button", name="Reset").click()
    assert shown(seen.page) == now
    assert seen.faults == []


def test_levers_know_pairs_and_what_is_not_shared(look, hand: Site) -> None:
    page = look("/firm/E3", at=hand.url).page
    values, hidden = [np.nan, 2.5, 0.5], [True, False, False]
    assert shown(page) == python_says(CARD, values, hidden)
    growth = page.locator("#lever-0")
    assert growth.get_attribute("aria-valuetext") == "not shared, +0"
    growth.focus()
    for k in range(3):
        page.keyboard.press("ArrowRight")
        assert shown(page) == python_says(CARD, [k + 0.5, 2.5, 0.5], [False] * 3)
    page.locator("[data-lever='1'] .bins li").first.click()
    assert shown(page) == python_says(CARD, [2.5, 0.5, 0.5], [False] * 3)
    assert page.locator("[data-pair]").inner_text() == "+9"
    assert page.locator("#lever-0").get_attribute("aria-valuetext") == "> 2, +15"


def test_the_smallest_change_reaches_the_next_grade(look, hand: Site) -> None:
    twin = hand.json("/firm/E1")["explained"]
    page = look("/firm/E1", at=hand.url, lang="zh").page
    assert shown(page)[2] == twin["aim"]["grade"] == "C"
    page.get_by_role("button", name="最小的改变").click()
    points, _, grade = shown(page)
    assert grade == twin["aim"]["next"] == "B"
    assert points == 516 + twin["aim"]["gain"]
    assert page.locator(".lever.moved").count() == twin["aim"]["changes"]


def test_the_twin_explains_as_the_tables_do(hand: Site) -> None:
    twin = hand.json("/firm/E1")["explained"]
    terms = {r["measure"]: r for r in hand.board.table("explanation").rows(party_id="E1")}
    assert [t["measure"] for t in twin["terms"]][:3] == ["sales_growth", "sales_volatility", PAIR]
    assert {t["measure"]: t["points"] for t in twin["terms"]} == {
        m: r["points"] for m, r in terms.items()
    }
    invoice = next(c for c in twin["categories"] if c["category"] == "invoice")
    assert (invoice["points"], invoice["least"], invoice["most"]) == (-30, -30, 36)
    # two categories make no radar: it has an axis for each term
    assert [a["kind"] for a in twin["axes"]] == ["measure"] * 4
    assert twin["grades"] == [
        {"grade": g, "below": b}
        for g, b in (("A", 50_000), ("B", 120_000), ("C", 300_000), ("D", 1_000_000))
    ]


def test_without_scripts_the_bins_are_a_table(look, site: Site) -> None:
    page = look("/firm/F000012", scripts=False).page
    twin = site.json("/firm/F000012")["explained"]
    bins = page.locator(".lever .bins li")
    assert bins.count() >= sum(len(m["cells"]) for m in twin["card"]["measures"])
    assert bins.first.is_visible()
    assert not page.locator(".lever input").first.is_visible()
    assert not page.get_by_role("button", name="Reset").is_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_letter_tells_reasons_help_and_rights(look, hand: Site, lang: str) -> None:
    page = look("/firm/E3/letter?sender=Bank+X&contact=010-1", at=hand.url, lang=lang).page
    told = page.inner_text("main")
    assert page.locator("ol > li").count() == 1
    words = {
        "zh": ("月销售波动", "未授权共享", "发票", "更正", "申诉", "第二十五条"),
        "en": ("volatility of monthly sales", "Not shared", "invoices", "corrected", "Appeal"),
    }[lang]
    assert all(w in told for w in (*words, "010-1", "Bank X"))
    foot = page.inner_text("footer")
    runs = {r.run_id for r in hand.board.runs() if r.step in {"assess.score", "assess.explain"}}
    assert all(w in foot for w in (CARD.id, *runs))


def test_at_most_four_reasons(look, site: Site) -> None:
    twin = site.json("/firm/F000012/letter")
    assert [t["rank"] for t in twin["principal"]] == [1, 2, 3, 4][: len(twin["principal"])]
    lost = sorted((t["below"] for t in twin["explained"]["terms"]), reverse=True)
    assert [t["below"] for t in twin["principal"]] == [b for b in lost[:4] if b]


def test_a_score_that_nobody_explained_says_what_to_run(look, site: Site) -> None:
    answer = site.get("/firm/UNKNOWN-1/letter")
    assert answer.status_code == 404


PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["letter", "report"])
def test_papers_stand_alone_on_one_page(look, site: Site, name: str, lang: str, tmp_path) -> None:
    board = site.board
    text = paper(board, name, "F000012", lang)
    assert "<script" not in text
    assert "href=" not in text
    assert "http" not in text
    assert "@page" in text
    file = tmp_path / "paper.html"
    file.write_text(text, "utf-8")
    page = look("/").page
    page.goto(file.as_uri())
    assert len(PAGE.findall(page.pdf(prefer_css_page_size=True))) == 1
