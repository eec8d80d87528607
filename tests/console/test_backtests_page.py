"""The page of backtests: its figures are those of the table, and a threshold is chosen on it."""

import pytest

from support.site import Site


def test_the_chosen_threshold_is_that_of_the_table(site: Site) -> None:
    twin = site.json("/backtests?study=small&point=2")
    (row,) = site.sql("SELECT * FROM backtest_point WHERE study = 'small' AND point = 2")
    assert row["alerts"] > 0
    for name in ("when", "threshold", "alerts", "recall", "lead_median", "hours", "caught"):
        assert twin["chosen"][name] == row[name]
    page = site.get("/backtests?study=small&point=2").text
    assert "last_30d &lt; 3000000" in page
    assert page.count('<figure class="picture">') == 3


def test_first_comes_the_loosest_threshold_that_can_be_looked_at(site: Site) -> None:
    twin = site.json("/backtests")
    burden = [p["burden"] for p in twin["points"]]
    within = [k for k, b in enumerate(burden) if b <= 20]
    assert twin["study"] == "falling"
    assert twin["chosen"]["point"] == (within[0] if within else len(burden) - 1)
    assert burden == sorted(burden, reverse=True)


def test_sets_stand_beside_the_thresholds(site: Site) -> None:
    (found,) = site.json("/backtests")["sets"]
    assert (found["kind"], found["threshold"], found["caught"]) == ("rules", None, 1)


@pytest.mark.parametrize("bad", ["study=none", "point=99", "name=x"])
def test_what_is_not_there_is_refused(site: Site, bad: str) -> None:
    answer = site.get(f"/backtests?{bad}")
    assert answer.status_code == 400


def test_an_empty_board_says_what_to_run(empty_site: Site) -> None:
    assert "liandong run watch.backtest" in empty_site.get("/backtests").text


def test_a_threshold_is_chosen_with_a_click(look, site: Site) -> None:
    page = look("/backtests?study=small&point=0").page
    page.locator("tbody th a").nth(2).click()
    page.wait_for_url("**point=2**")
    assert "3000000" in page.inner_text("code.command")
