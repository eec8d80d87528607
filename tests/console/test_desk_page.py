"""The matching desk: sums are those of the board, sliders tell what the step would write."""

import csv
import json
import shlex
import time
from io import StringIO
from threading import Event
from urllib.parse import urlencode

import pytest

from liandong.cli.do import pairs
from liandong.console import formats, wishes
from liandong.errors import DataError
from liandong.match import ExploreRule, explore
from liandong.texts import both
from support.audit import audit
from support.site import Site

BLOCKS = ("limits", "who", "fairness", "scenarios", "sums", "changes")
DAY = "as_of = (SELECT max(as_of) FROM allocation)"
UNSAVED = ".trial .unsaved"


def finished(site: Site, path: str) -> dict:
    """Return the twin once its trial is computed."""
    end = time.monotonic() + 60
    while (twin := site.json(path))["unfinished"]:
        assert time.monotonic() < end, "the trial does not end"
        time.sleep(0.2)
    return twin


def real_rule(site: Site) -> dict:
    """Return the rule of the allocation as plain values."""
    run = next(r for r in site.board.runs() if r.step == "match.allocate")
    return wishes.tomllib.loads(site.board.table("rule").rows(rule_id=run.rule_id)[0]["toml"])


def test_sums_are_those_of_the_board(site: Site) -> None:
    twin = site.json("/desk")
    total = site.sql(f"SELECT * FROM allocation WHERE {DAY}")[0]
    assert all(twin["allocation"][n] == total[n] for n in ("budget", "used", "value", "bound"))
    assert {r["by"] for r in twin["who"]} >= {"region", "industry", "grade", "size", "micro"}
    for by in {r["by"] for r in twin["who"]}:
        rows = [r for r in twin["who"] if r["by"] == by]
        assert sum(r["amount"] for r in rows) == total["used"]
        assert sum(r["projects"] for r in rows) == total["projects"]
        assert sum(r["offered"] for r in rows) == total["offered"]
        assert abs(sum(r["share"] for r in rows) - 1_000_000) <= len(rows)
    micro = next(r for r in twin["who"] if (r["by"], r["part"]) == ("micro", "yes"))
    assert micro["amount"] == total["micro_used"]
    assert sum(t["value"] or 0 for t in twin["map"]["tiles"]) == total["used"]
    known = {r["limit_id"]: r for r in site.sql(f"SELECT * FROM allocation_limit WHERE {DAY}")}
    assert {r["limit_id"] for r in twin["limits"]} == known.keys()
    assert all(r["used"] == known[r["limit_id"]]["used"] for r in twin["limits"])
    assert [r["kind"] for r in twin["limits"]][:2] == ["budget", "floor"]
    assert next(r["share"] for r in twin["limits"] if r["limit_id"] == "micro") == 700_000


def test_scenarios_stand_beside_the_allocation(site: Site) -> None:
    twin = site.json("/desk")
    names = [r["name"] for r in twin["scenarios"]]
    assert names == ["", "budget_plus_5", "micro_plus_5"]
    assert twin["scenarios"][0]["value"] == twin["allocation"]["value"]
    assert twin["scenarios"][0]["other"] == {}
    budget, micro = twin["scenarios"][1:]
    assert budget["budget"] == twin["allocation"]["budget"] * 105 // 100
    assert set(budget["other"]) == {"budget"}
    assert micro["other"] == {"micro_share": "75%"}
    assert micro["micro_share"] >= 750_000


@pytest.mark.parametrize("given", ["", "&region=belt:east", "&industry=C"])
@pytest.mark.parametrize("name", ["budget_plus_5", "micro_plus_5"])
def test_who_gains_and_loses_is_what_the_step_wrote(site: Site, name: str, given: str) -> None:
    twin = site.json(f"/desk?scenario={name}&by=grade{given}")
    assert twin["compared"] == name
    inside = {
        "": "true", "&region=belt:east": "q.region_id IN (SELECT p.region_id FROM region p WHERE"
        " true) AND substr(q.region_id, 1, 2) IN (SELECT substr(region_id, 1, 2) FROM region"
        " WHERE belt = 'east')",
        "&industry=C": "starts_with(q.industry, 'C')",
    }[given]  # fmt: skip
    wanted = site.sql(
        "SELECT s.project_id, min(s.change) AS change, sum(s.amount - s.before)::BIGINT AS effect"
        " FROM scenario_offer s JOIN (SELECT DISTINCT project_id, region_id, industry FROM quote)"
        f" q USING (project_id) WHERE s.name = ? AND s.change <> 'same' AND {inside} GROUP BY 1",
        name,
    )
    assert twin["total"] == len(wanted) == sum(twin["counts"].values())
    assert sum(r["net"] for r in twin["sums"]) == sum(r["effect"] for r in wanted)
    assert sum(r["more"] for r in twin["sums"]) == sum(max(r["effect"], 0) for r in wanted)
    assert wanted or given or name != "budget_plus_5"
    shown = {r["project_id"]: (r["change"], r["effect"]) for r in twin["changes"]}
    assert shown == {r["project_id"]: (r["change"], r["effect"]) for r in wanted}
    sizes = [abs(r["effect"]) for r in twin["changes"]]
    assert sizes == sorted(sizes, reverse=True)


def test_changes_may_be_chosen_and_sorted(site: Site) -> None:
    whole = site.json("/desk?scenario=budget_plus_5")
    kind = max(whole["counts"], key=whole["counts"].get)
    some = site.json(f"/desk?scenario=budget_plus_5&change={kind}&sort=loss")
    assert some["total"] == whole["counts"][kind]
    assert {r["change"] for r in some["changes"]} == {kind}
    effects = [r["effect"] for r in some["changes"]]
    assert effects == sorted(effects)


def test_a_trial_is_what_the_step_would_write_and_nothing_is_written(site: Site) -> None:
    before = len(site.board.runs())
    twin = finished(site, "/desk?budget=120&micro=60")
    assert twin["trial"]["state"] == "done"
    assert twin["compared"] == "trial"
    real = real_rule(site)
    budget = twin["allocation"]["budget"] * 120 // 100
    rule = ExploreRule.make(**{**real, "budget": f"{budget / 100:.2f}", "micro_share": "60%"},
                            name="own")  # fmt: skip
    own = explore(*(site.board.table(n).arrow() for n in explore.reads), rule=rule)
    wanted = own["scenario"].to_pylist()[0]
    found = twin["trial"]["found"]
    for name in ("budget", "used", "value", "bound", "offered", "gained", "lost", "more", "less"):
        assert found[name] == wanted[name], name
    rows = {r["project_id"] for r in own["scenario_offer"].to_pylist() if r["change"] != "same"}
    assert twin["total"] == len(rows)
    assert len(site.board.runs()) == before
    assert site.sql("SELECT count(*) AS n FROM scenario WHERE name = 'trial'")[0]["n"] == 0


def test_sliders_where_they_stand_try_nothing(site: Site) -> None:
    twin = site.json("/desk?budget=100&micro=70")
    assert twin["trial"]["state"] == "idle"
    assert twin["compared"] == "budget_plus_5"


@pytest.mark.parametrize("bad", ["budget=201", "micro=101", "budget=-1", "micro=x", "by=name",
                                 "scenario=other", "change=maybe"])  # fmt: skip
def test_what_cannot_be_asked_is_refused(site: Site, bad: str) -> None:
    assert site.get(f"/desk?{bad}&format=json").status_code == 400


def test_the_command_computes_what_the_sliders_wish_for(site: Site) -> None:
    twin = site.json("/desk?budget=93&micro=81")
    words = shlex.split(twin["trial"]["command"])
    assert words[:3] == ["liandong", "run", "match.explore"]
    rule = ExploreRule.make(**pairs(words[3:]))
    assert rule.name == "budget93_micro81"
    assert int(rule.budget) == twin["allocation"]["budget"] * 93 // 100
    assert int(rule.micro_share) == 810_000
    assert rule.as_of.isoformat() == twin["as_of"]


def test_other_limits_have_sliders_too() -> None:
    real = {"as_of": "2024-12-31", "budget": "100.00 CNY", "micro_share": "70%", "limits": [
        {"name": "west", "of": {"regions": ["50", "51"]}, "least_share": "5%"},
        {"name": "loss", "measure": "expected_loss", "most": "40.00 CNY"},
    ]}  # fmt: skip
    sliders = (
        wishes.Slider("budget", "money", 10_000, 100, 100, 200),
        wishes.Slider("micro", "share", 700_000, 70, 70, 100),
        wishes.Slider("limit.west", "share", 50_000, 20, 5, 100),
        wishes.Slider("limit.loss", "money", 4_000, 50, 100, 200),
    )
    rule = ExploreRule.make(**pairs(shlex.split(wishes.command(wishes.Wish(real, sliders)))[3:]))
    assert [int(rule.limits[0].least_share), int(rule.limits[1].most)] == [200_000, 2_000]
    assert rule.limits[0].of.regions == ("50", "51")
    assert int(rule.budget) == 10_000
    assert rule.name == "west20_loss50"


def test_the_nearest_scenario_is_named_where_a_pool_is_too_large(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(wishes, "LARGEST", 0)
    trial = site.json("/desk?budget=107")["trial"]
    assert trial["state"] == "large"
    assert trial["nearest"]["name"] == "budget_plus_5"
    assert site.json("/desk?micro=78")["trial"]["nearest"]["name"] == "micro_plus_5"
    assert site.json("/desk?budget=101")["trial"]["nearest"]["name"] == ""
    page = site.get("/desk?budget=107").text
    assert "Use the command below" in page
    assert "Budget 5% larger" in page


def test_a_refusal_is_told_in_words(site: Site, monkeypatch) -> None:
    def refuse(*_: object) -> tuple[str, ...]:
        raise DataError(file="quote", what=both("fault.side_broken", side="west"),
                        remedy=both("advice.quote_again"))  # fmt: skip

    monkeypatch.setattr(wishes, "_compute", refuse)
    twin = finished(site, "/desk?budget=111")
    assert twin["trial"]["state"] == "refused"
    assert "west" in twin["trial"]["refusal"]["zh"]
    assert "the limit 'west' is broken".replace("'", "&#39;") in site.get("/desk?budget=111").text


def test_limits_that_cannot_hold_are_named(site: Site) -> None:
    twin = finished(site, "/desk?budget=0")
    assert twin["trial"]["state"] == "refused"
    assert twin["compared"] == "budget_plus_5"  # what was computed stays in sight
    assert "限制" in twin["trial"]["refusal"]["zh"]
    assert "conflict" in twin["trial"]["refusal"]["en"]


def test_while_it_is_computed_the_page_says_so_and_is_not_kept(site: Site, monkeypatch) -> None:
    go, compute = Event(), wishes._compute

    def slow(*given: object) -> tuple[str, ...]:
        assert go.wait(60)
        return compute(*given)

    monkeypatch.setattr(wishes, "_compute", slow)
    try:
        answer = site.get("/desk?budget=113", lang="zh")
        assert "正在计算" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
    finally:
        go.set()
    assert finished(site, "/desk?budget=113")["trial"]["state"] == "done"
    assert "etag" in site.get("/desk?budget=113").headers


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_a_file(site: Site, block: str) -> None:
    asked = {"block": block, "scenario": "budget_plus_5"}
    whole = site.json(f"/desk?{urlencode(asked)}")
    twin = site.json("/desk?scenario=budget_plus_5")[block]
    assert whole == {block: twin}
    answer = site.get(f"/desk?format=csv&{urlencode(asked)}")
    assert answer.headers["content-disposition"] == f'attachment; filename="desk-{block}.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == len(twin) > 0
    plain = [k for k, v in twin[0].items() if isinstance(v, int) and not isinstance(v, bool)]
    assert plain
    assert [[int(r[k]) for k in plain if r[k]] for r in rows] == [
        [r[k] for k in plain if r[k] is not None] for r in twin
    ]


def test_the_certificate_is_a_file(site: Site) -> None:
    told = site.json("/desk?block=certificate")
    assert told == json.loads(
        site.sql(f"SELECT certificate AS c FROM allocation WHERE {DAY}")[0]["c"]
    )


def test_files_need_a_block_that_the_page_has(site: Site) -> None:
    for path in ("/desk?format=csv&block=nothing", "/firms?format=arrow&block=limits"):
        assert site.get(path).status_code == 400, path
    main = site.get("/desk?format=csv").headers["content-disposition"]
    assert main == f'attachment; filename="desk-{BLOCKS[0]}.csv"'


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_slider_changes_the_result_at_once(look, site: Site, lang: str) -> None:
    seen = look("/desk", lang=lang)
    page, slider = seen.page, seen.page.locator("input[name=budget]")
    assert page.locator(UNSAVED).count() == 0
    slider.evaluate("s => { s.value = 80; s.dispatchEvent(new Event('input', {bubbles: true})); }")
    assert page.locator("output").first.inner_text().startswith("80%")
    page.locator(UNSAVED).wait_for(timeout=60_000)
    page.wait_for_url("**budget=80**")
    found = finished(site, "/desk?budget=80&micro=70")["trial"]["found"]
    figures = page.locator("#trial .figures").inner_text()
    assert formats.money(found["used"], lang) in figures
    assert formats.money(found["value"], lang) in figures
    here = page.locator("#gainers .tabs [aria-current]").first.inner_text()
    assert here == ("试算（未保存）" if lang == "zh" else "Trial (not saved)")
    assert page.locator("#compare tbody tr:visible").count() == 4
    assert audit(page) == []
    page.locator("[data-reset]").click()
    page.locator(UNSAVED).wait_for(state="detached")
    assert seen.faults == []


@pytest.mark.browser
def test_the_keyboard_moves_sliders(look) -> None:
    page = look("/desk").page
    page.locator("input[name=micro]").focus()
    page.keyboard.press("ArrowRight")
    page.locator(UNSAVED).wait_for(timeout=60_000)
    assert "micro=71" in page.url


@pytest.mark.browser
def test_sliders_work_without_scripts(look, site: Site) -> None:
    finished(site, "/desk?budget=90&micro=70")  # or the page asks to look again
    page = look("/desk", scripts=False).page
    page.locator("input[name=budget]").fill("90")
    page.get_by_role("button", name="Try").click()
    page.wait_for_url("**budget=90**")
    assert page.locator(UNSAVED).count() == 1


@pytest.mark.browser
def test_the_command_is_copied(look) -> None:
    page = look("/desk?budget=90").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-copy]").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("liandong run match.explore as_of=")


@pytest.mark.browser
def test_a_scenario_is_opened_from_the_table(look) -> None:
    page = look("/desk").page
    page.get_by_role("link", name="Floor for small firms 5 points higher").first.click()
    page.wait_for_url("**scenario=micro_plus_5**")
    assert page.locator("tr.chosen").inner_text().startswith("Floor for small firms")
