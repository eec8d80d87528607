"""The page of rules: a change is checked while it is written, and held against what happened."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest

import liandong as ld
from liandong.schema.arrow import build
from support.boards import watched
from support.site import Site, serving


def asked(**values: object) -> str:
    return f"/rules/watch?{urlencode({'watch': 'hand', **values})}"


def done(site: Site, **values: object) -> dict:
    """Return the data twin once the windows are there."""
    while (twin := site.json(asked(**values)))["trial"]["state"] == "working":
        assert twin["unfinished"]
    return twin


def test_cards_say_rules_in_words(site: Site) -> None:
    twin = site.json("/rules/watch")
    assert [(k["code"], k["when"]) for k in twin["cards"]] == [
        ("low", "last_30d < 6000000"), ("none", "last_30d < 100"),
    ]  # fmt: skip
    low = twin["cards"][0]
    assert low["zh"] == "近 30 天末笔金额（限 hand） < 6 万元"
    assert low["en"] == "last amount in 30 days (only hand) < 60,000 yuan"
    assert low["sql"] == '("last_30d" < 6000000)'
    assert low["reads"] == ["last_30d"]
    assert "&lt;i&gt;" in site.get("/rules/watch").text


def test_a_change_stands_beside_the_old_rule(site: Site) -> None:
    twin = done(site, code="low", when="last_30d < 2000000")
    sides = twin["trial"]["sides"]
    (old,) = site.sql("SELECT * FROM backtest_point WHERE kind = 'rules'")
    # The set of the backtest on the board is the rule as it is, over a longer horizon.
    assert sides["now.rule"]["alerts"] == old["alerts"]
    assert sides["then.rule"]["alerts"] < sides["now.rule"]["alerts"]
    gone = [s["party_id"] for s in twin["trial"]["subjects"]["gone"]["rows"]]
    # One firm falls to 41,000 yuan a week, one not at all: the third alone falls below 20,000.
    assert gone == ["F000002"]
    assert twin["trial"]["subjects"]["new"]["total"] == 0
    assert twin["trial"]["chosen"]["when"] == "last_30d < 2000000"
    page = site.get(asked(code="low", when="last_30d < 2000000")).text
    assert "/firm/F000002" in page
    assert page.count('<figure class="picture">') == 3


def test_a_looser_rule_names_who_would_alert(site: Site) -> None:
    twin = done(site, code="low", when="last_30d < 9000000000")
    new = {s["party_id"] for s in twin["trial"]["subjects"]["new"]["rows"]}
    assert new == {"F000001"}


@pytest.mark.parametrize(
    ("when", "column", "words"),
    [
        ("last_30d <", 11, "a value is needed here"),
        ("last_30d < lasst", 12, "no window and no field has this name"),
        ("last_30d / 0 > 1", 10, "divides by zero"),
        ("last_30d < 'x'", 12, "a number is needed"),
        ("last_30d + 1", 1, "true or false is needed"),
        ('{"<": [{"var": "last_30d"}', 27, "not JSON"),
    ],
)
def test_mistakes_show_their_place(site: Site, when: str, column: int, words: str) -> None:
    twin = site.json(asked(code="low", when=when))
    assert twin["checked"]["state"] == "wrong"
    assert twin["checked"]["column"] == column
    assert words in twin["checked"]["en"]
    assert twin["trial"]["state"] == "none"
    assert site.get(asked(code="low", when=when)).status_code == 200


def test_jsonlogic_is_read(site: Site) -> None:
    logic = json.dumps({"<": [{"var": "last_30d"}, 4000000]})
    twin = done(site, code="low", when=logic)
    assert twin["checked"]["rules"][0]["when"] == "last_30d < 4000000"
    assert (
        twin["trial"]["sides"]
        == done(site, code="low", when="last_30d < 4000000")["trial"]["sides"]
    )


def test_windows_may_be_changed(site: Site) -> None:
    windows = '[[windows]]\nname = "n"\nfn = "count"\nover = "30d"\nwhere = {tags = ["hand"]}\n'
    broken = site.json(asked(code="low", when="n > 2", windows=windows))
    assert "last_30d" in broken["checked"]["en"]  # the other rule reads a window that is no more
    windows += '[[windows]]\nname = "last_30d"\nfn = "last"\nover = "30d"\nof = "amount"\n'
    twin = done(site, code="low", when="n > 2", windows=windows)
    assert twin["checked"]["rules"][0]["en"] == "events in 30 days (only hand) > 2"
    assert twin["trial"]["state"] == "done"
    bad = site.json(asked(code="low", when="n > 2", windows="[[windows"))
    assert bad["checked"]["state"] == "wrong"


def test_every_rule_that_an_alert_names_can_be_looked_up(site: Site) -> None:
    named = site.sql("SELECT DISTINCT rule, code FROM alert WHERE alert_id <> 'HAL' ORDER BY 1")
    assert named
    for row in named:
        twin = site.json(f"/rule/{row['rule']}")
        assert [k["code"] for k in twin["told"]] == [row["code"]]
        assert twin["told"][0]["zh"]
        assert twin["counts"]["alert"] == len(
            site.sql("SELECT 1 FROM alert WHERE rule = ?", row["rule"])
        )
    assert f"/rule/{named[0]['rule']}" in site.get("/alerts").text + site.get("/alerts?page=2").text
    assert site.get("/rule/none").status_code == 404


def test_signals_of_a_backtest_lead_to_their_rule(site: Site) -> None:
    rules = site.json("/backtests")["rules"]
    (row,) = site.sql("SELECT rule FROM warning WHERE code = 'T1' ORDER BY warning.at DESC LIMIT 1")
    assert rules["T1"] == row["rule"]


@contextmanager
def own_site(folder):
    """A small board that may be changed, served."""
    with ld.open(folder / "o.board", actor="ann") as board:
        at = [datetime(2026, 3, d, tzinfo=UTC) for d in range(1, 21)]
        board.put("hand", {"watch_event": build("watch_event", {
            "event_id": [f"E{i}" for i in range(20)], "source": ["s"] * 20, "seq": range(20),
            "at": at, "seen_at": at, "kind": ["payment_in"] * 20, "subject_id": ["F1", "F2"] * 10,
            "amount": [k * 100_000_00 for k in range(20)], "tag": ["hand"] * 20,
        })})  # fmt: skip
        board.acting("bob").approve(board.propose_rules("hand", watched(), "first"))
        with serving(folder / "o.board") as url, httpx.Client(timeout=30) as client:
            yield Site(url, board, client)


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("LIANDONG_ACTOR", "ann")
    with own_site(tmp_path) as found:
        yield found


def post(site: Site, path: str, origin: str | None = None, **values: object) -> httpx.Response:
    headers = {"origin": site.url if origin is None else origin}
    return site.browser.post(f"{site.url}/rules/watch/{path}", data=values, headers=headers)


def test_saving_proposes_and_somebody_else_approves(own: Site) -> None:
    form = {"watch": "hand", "code": "low", "when": "last_30d < 7000000", "level": "red",
            "valid_from": "2026-03-10", "reason": "stricter"}  # fmt: skip
    assert post(own, "propose", **form).status_code == 303
    newest, first = own.json("/rules/watch")["versions"]
    assert (newest["number"], newest["state"], newest["actor"]) == (2, "open", "ann")
    assert first["state"] == "approved"
    assert [(k["sign"], k["line"].split(" · ")[0]) for k in newest["changes"]] == [
        ("-", "rules low: last_30d < 6000000"),
        ("+", "rules low: last_30d < 6000000"),
        ("+", "rules low: last_30d < 7000000"),
    ]
    # Who asks does not approve, and what is not approved is not in use.
    refused = post(own, "decide", watch="hand", case=newest["case_id"], decision="approve")
    assert refused.status_code == 403
    assert len(own.json("/rules/watch")["cards"]) == 2
    own.board.acting("bob").approve(newest["case_id"])
    cards = own.json("/rules/watch")["cards"]
    found = [(k["when"], k["valid_from"], k["valid_to"]) for k in cards if k["code"] == "low"]
    assert sorted(found, key=str) == [
        ("last_30d < 6000000", None, "2026-03-09"), ("last_30d < 7000000", "2026-03-10", None),
    ]  # fmt: skip
    assert own.board.check() == []


def test_of_two_proposals_the_first_approved_holds(own: Site) -> None:
    for limit in ("1", "2"):
        post(own, "propose", watch="hand", code="low", when=f"last_30d < {limit}", reason="r")
    one, two = own.json("/rules/watch")["versions"][:2]
    own.board.acting("bob").approve(two["case_id"])
    states = {v["version_id"]: v["state"] for v in own.json("/rules/watch")["versions"]}
    assert states[two["version_id"]] == "approved"
    assert states[one["version_id"]] == "overtaken"
    # Approving what is overtaken changes nothing any more.
    own.board.acting("bob").approve(one["case_id"])
    assert own.board.rule_versions("hand")[0]["version_id"] == two["version_id"]


def test_a_candidate_stands_beside_the_rules(own: Site) -> None:
    form = {"watch": "hand", "code": "low", "when": "last_30d < 9", "shadow": "1", "reason": "try"}
    assert post(own, "propose", **form).status_code == 303
    own.board.acting("bob").approve(own.json("/rules/watch")["versions"][0]["case_id"])
    cards = own.json("/rules/watch")["cards"]
    assert [(k["when"], k["shadow"]) for k in cards if k["code"] == "low"] == [
        ("last_30d < 6000000", False), ("last_30d < 9", True),
    ]  # fmt: skip


def test_a_rule_that_fires_on_everything_warns_of_the_burden(own: Site) -> None:
    twin = done(own, code="low", when="last_30d >= 0")
    assert [k["code"] for k in twin["cautions"]] == ["always", "burden", "no_defaults"]
    assert twin["cautions"][0]["values"]["share"] == 1
    # Two firms, an alert each, over twenty days.
    burden = 1000 * 2 / (2 * 20 / 30.4375)
    assert twin["cautions"][1]["values"]["n"] == pytest.approx(burden)
    assert "fires nearly always" in own.get(asked(code="low", when="last_30d >= 0")).text


def test_a_rule_can_end(own: Site) -> None:
    assert post(own, "propose", watch="hand", code="none", drop="1", reason="r").status_code == 303
    own.board.acting("bob").approve(own.json("/rules/watch")["versions"][0]["case_id"])
    assert [k["code"] for k in own.json("/rules/watch")["cards"]] == ["low"]


@pytest.mark.parametrize(
    ("origin", "form", "status"),
    [
        ("http://evil.example", {"code": "low", "when": "last_30d < 1", "reason": "r"}, 403),
        ("", {"code": "low", "when": "last_30d < 1", "reason": "r"}, 403),
        (None, {"code": "low", "when": "last_30d < 1"}, 400),
        (None, {"code": "low", "when": "last_30d <", "reason": "r"}, 422),
        (None, {"reason": "r"}, 400),
        (None, {"code": "low", "when": "x" * 5_000, "reason": "r"}, 400),
    ],
)
def test_bad_forms_change_nothing(own: Site, origin, form, status: int) -> None:
    assert post(own, "propose", origin, watch="hand", **form).status_code == status
    assert len(own.board.rule_versions("hand")) == 1


def test_an_empty_board_says_how_to_begin(empty_site: Site) -> None:
    assert "liandong watch propose" in empty_site.get("/rules/watch").text


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_writing_checks_at_once(look, site: Site, lang: str) -> None:
    seen = look("/rules/watch?watch=hand", lang=lang)
    page = seen.page
    page.locator(".wall .alert").first.get_by_role("link", name=re.compile("修改|Change")).click()
    page.wait_for_url("**code=low**")
    page.locator("#tried table").first.wait_for()
    box = page.locator("textarea[name=when]")
    box.fill("last_30d <")
    page.locator("#mistake pre").wait_for()
    shown, mark = page.locator("#mistake pre").inner_text().split("\n")[:2]
    assert (shown, mark.index("^")) == ("last_30d <", 10)
    box.fill("last_30d < 2000000")
    page.locator(".gone a").first.wait_for()
    page.locator(".gone a").first.click()
    page.wait_for_url("**/firm/F000002")
    assert seen.faults == []


@pytest.mark.browser
def test_a_proposal_is_made_and_listed(look, own: Site) -> None:
    page = look("/rules/watch", at=own.url).page
    page.locator("input[name=code]").fill("low")
    page.locator("textarea[name=when]").fill("last_30d < 123")
    page.locator("input[name=reason]").fill("because")
    page.get_by_role("button", name="Propose", exact=True).click()
    page.wait_for_url("**#versions")
    assert "because" in page.locator("section:has(#versions) tbody tr").first.inner_text()
    assert own.board.rule_versions("hand")[0]["state"] == "open"


def test_the_rules_of_all_warnings_are_kept_and_told(site: Site) -> None:
    named = {r["rule"] for r in site.sql("SELECT DISTINCT rule FROM warning")}
    assert named
    assert named <= {r["rule_id"] for r in site.sql("SELECT rule_id FROM rule")}
    assert named <= {r["rule"] for r in site.sql("SELECT rule FROM rule_text")}
    assert site.board.check() == []
