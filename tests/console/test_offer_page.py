"""The paper of an application: what it costs, why it is so, what was tried, what would help."""

import re
from fractions import Fraction

import pytest

from liandong.console import formats, repaying
from liandong.store.asking import amount
from support.site import Site

PAGE = re.compile(rb"/Type\s*/Page\b")


def project(site: Site, more: str) -> str:
    """Return the first project of which something holds."""
    return site.sql(f"SELECT project_id FROM offer WHERE {more} ORDER BY project_id")[0][
        "project_id"
    ]


GRANTED = "amount > 0"
CROWDED = "amount = 0 AND list_contains([r.code FOR r IN reasons], 'match.value')"
REFUSED = "amount = 0 AND NOT list_contains([r.code FOR r IN reasons], 'match.value')"


def told(site: Site, more: str) -> dict:
    """Return the twin of such a project."""
    return site.json(f"/offer?project_id={project(site, more)}")


def test_an_offer_says_what_it_costs_and_why(site: Site) -> None:
    twin = told(site, GRANTED)
    offer = next(o for o in twin["offers"] if o["amount"])
    assert twin["granted"] == sum(o["amount"] for o in twin["offers"])
    assert sum(p["points"] for p in offer["parts"]) == offer["rate"]
    months, rate = twin["project"]["term_months"], Fraction(offer["rate"], 12_000_000)
    assert offer["months"] == months
    exact = offer["amount"] * rate / (1 - (1 + rate) ** -months)
    assert 0 <= offer["level"]["monthly"] - exact < 1
    assert offer["at_end"]["interest"] == months * round(offer["amount"] * rate)
    assert twin["tried"][0]["product_id"] == offer["product_id"]
    assert twin["lacking"] is None
    assert twin["pool"]["projects"] == site.json("/desk")["allocation"]["projects"]


def test_who_was_crowded_out_learns_what_was_lacking(site: Site) -> None:
    twin = told(site, CROWDED)
    points = {r["code"]: r["points"] for r in twin["offers"][0]["reasons"]}
    assert twin["lacking"]["value"] == points["match.value"]
    total = sum(p for c, p in points.items() if c.startswith(("match.value", "match.price_")))
    assert twin["lacking"]["short"] == -total
    assert twin["tried"][0]["eligible"]


def test_the_nearest_product_comes_first(site: Site) -> None:
    twin = told(site, REFUSED)
    against = [len(q["against"]) for q in twin["tried"] if not q["eligible"]]
    assert all(q["against"] for q in twin["tried"] if not q["eligible"])
    assert against == sorted(against)
    eligible = [q["eligible"] for q in twin["tried"]]
    assert eligible == sorted(eligible, reverse=True)
    products = site.sql("SELECT count(*) AS n FROM product")[0]["n"]
    assert len(twin["tried"]) + twin["more"] == products


def test_scenarios_that_change_the_outcome_are_told(site: Site) -> None:
    row = site.sql("SELECT * FROM scenario_offer WHERE change = 'gained' ORDER BY ALL")[0]
    twin = site.json(f"/offer?project_id={row['project_id']}")
    assert row["name"] in {s["name"] for s in twin["elsewise"]}
    page = site.get(f"/offer?project_id={row['project_id']}", lang="zh").text
    assert formats.money(row["amount"], "zh") in page


def test_an_unknown_project_is_not_found(site: Site) -> None:
    for path in ("/offer", "/offer?project_id=NOBODY", "/offer?project_id=R000001&on=2000-01-01"):
        assert site.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("amount", "rate", "months"), [(1, 1, 1), (10**12, 45_000, 600), (777_77, 999_999, 37)]
)
def test_payments_settle_the_loan(amount: int, rate: int, months: int) -> None:
    for plan in (repaying.level, repaying.at_end):
        found = plan(amount, rate, months)
        assert found.total == amount + found.interest
        assert found.total == (months - 1) * found.monthly + found.last or plan is repaying.level
        assert found.interest >= 0
    level = repaying.level(amount, rate, months)
    assert 0 <= level.last <= level.monthly


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("more", [GRANTED, CROWDED, REFUSED])
def test_the_paper_reads_and_prints(look, site: Site, more: str, lang: str) -> None:
    twin = told(site, more)
    seen = look(f"/offer?project_id={twin['project_id']}&sender=Bank&contact=4008", lang=lang)
    assert seen.faults == []
    words = seen.page.inner_text("main")
    assert twin["project_id"] in words
    assert "{" not in words
    assert "4008" in words
    if twin["granted"]:
        offer = next(o for o in twin["offers"] if o["amount"])
        assert formats.yuan(offer["level"]["monthly"]) in words
        drawn = seen.page.locator(".made rect")
        assert drawn.count() == sum(p["points"] > 0 for p in offer["parts"])
    assert len(PAGE.findall(seen.page.pdf(prefer_css_page_size=True))) <= 2


@pytest.mark.browser
def test_the_list_leads_to_the_paper(look) -> None:
    page = look("/offers").page
    page.locator("#list tbody a").first.click()
    page.wait_for_url("**/offer?project_id=**")
    page.get_by_role("link", name="←").click()
    page.wait_for_url("**/firm/**")


def test_an_approval_is_about_the_offers_once(site: Site) -> None:
    (joint,) = site.sql("SELECT count(*) AS n, sum(amount) AS amount FROM contribution")
    (offers,) = site.sql("SELECT sum(amount) AS amount FROM offer")
    assert joint["n"] > 0  # who contributes says how the same money is made up
    assert amount(site.board.store, "settle.disburse") == offers["amount"] > 0
