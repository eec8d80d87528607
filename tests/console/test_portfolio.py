"""The page of the portfolio: its sums are those of the board, its filters hold, its charts show."""

import pytest

from liandong.console import formats
from support.site import Site

PAINTED = """canvas => {
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]) seen.add(data.slice(i, i + 3).join());
  return seen.size;
}"""
SUMS = "count(*) AS loans, sum(ead)::BIGINT AS ead, sum(provision)::BIGINT AS provision"


def newest(site: Site, what: str, more: str = "true") -> list[dict]:
    return site.sql(
        f"SELECT {what} FROM provision v JOIN party p USING (party_id) WHERE {more}"
        " AND v.as_of = (SELECT max(as_of) FROM provision)"
    )


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        ("", "true"),
        ("region=330000", "starts_with(region_id, '33')"),
        ("region=belt:east", "region_id IN (SELECT region_id FROM region WHERE belt = 'east')"),
        ("industry=C", "starts_with(industry, 'C')"),
    ],
)
def test_sums_are_those_of_the_board(site: Site, given: str, condition: str) -> None:
    twin = site.json(f"/portfolio?{given}")
    wanted = newest(site, SUMS, condition)[0]
    assert 0 < wanted["loans"] == twin["total"]["loans"]
    for part in ([twin["total"]], twin["stages"], twin["grades"], twin["concentration"]):
        for name in ("loans", "ead", "provision"):
            assert sum(r[name] for r in part) == wanted[name]
    assert sum(r["share"] for r in twin["concentration"]) <= 1_000_000


@pytest.mark.parametrize("cut", ["region", "industry", "size"])
def test_concentration_is_sorted_and_whole(site: Site, cut: str) -> None:
    rows = site.json(f"/portfolio?by={cut}")["concentration"]
    shares = [r["share"] for r in rows]
    assert shares == sorted(shares, reverse=True)
    assert 999_900 < sum(shares) <= 1_000_000


def test_migrations_add_up(site: Site) -> None:
    twin = site.json("/portfolio")
    moves, total = twin["moves"], twin["total"]["loans"]
    ended = moves["across"].index("ended")
    assert sum(n for row in moves["cells"] for i, n in enumerate(row) if i != ended) == total
    new = moves["cells"][moves["down"].index("new")]
    assert new[ended] == 0
    grades = twin["grade_moves"]
    both = site.sql(
        "SELECT count(*) AS n FROM (SELECT party_id FROM score JOIN party USING (party_id)"
        " GROUP BY party_id HAVING count(DISTINCT as_of) = 2)"
    )[0]["n"]
    assert sum(map(sum, grades["cells"])) == both


def test_time_goes_back_to_the_assessment_before(site: Site) -> None:
    before = site.json("/portfolio")["moves"]["before"]
    twin = site.json(f"/portfolio?on={before}")
    assert twin["as_of"] == before
    assert twin["moves"] is None
    assert site.json("/portfolio?on=2000-01-01")["total"]["loans"] == 0


def test_loans_of_a_stage_and_why(site: Site) -> None:
    twin = site.json("/portfolio?stage=1&sort=exposure")
    stages = {s["stage"]: s["loans"] for s in twin["stages"]}
    assert twin["count"] == stages[1]
    assert {r["stage"] for r in twin["rows"]} == {1}
    sizes = [r["ead"] for r in twin["rows"]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(r["verdict"] for r in twin["rows"])


def test_inclusion_is_what_the_step_wrote(site: Site) -> None:
    found = site.json("/portfolio")["inclusion"]
    small = next(
        r for r in found["lent"] if (r["slice"], r["measure"]) == ("small", "share_number")
    )
    told = site.sql(
        "SELECT value, n FROM inclusion WHERE policy = 'lent' AND slice = 'small'"
        " AND measure = 'share_number' ORDER BY as_of DESC"
    )[0]
    assert (small["value"], small["n"]) == (told["value"], told["n"])


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_the_sums_of_its_twin(look, site: Site, lang: str) -> None:
    twin, seen = site.json("/portfolio"), look("/portfolio", lang=lang)
    assert seen.faults == []
    figures = seen.page.locator("main > section").first.locator(".figures").inner_text()
    for name in ("ead", "provision", "capital"):
        assert formats.money(twin["total"][name], lang) in figures
    seen.page.locator("table a[href*='region=']").first.click()
    seen.page.wait_for_url("**region=**")
    place = seen.page.get_by_label("地区" if lang == "zh" else "Region").first.input_value()
    assert place == twin["concentration"][0]["part"]


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_both_charts_are_painted(look, site: Site, dark: bool) -> None:  # noqa: FBT001 - a parameter
    page = look("/portfolio", dark=dark).page
    drawn = page.locator("[data-chart] canvas")
    curves = site.json("/portfolio")["inclusion"]["curves"]
    assert curves
    assert drawn.count() == 2
    for at in range(drawn.count()):
        assert drawn.nth(at).evaluate(PAINTED) > 20
