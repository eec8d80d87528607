"""From a firm to its alerts, cases, warnings and loans, and back; groups; what cases came to."""

import json
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from typer.testing import CliRunner

import liandong as ld
from liandong.cli.main import app
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.schema.arrow import build
from liandong.watch import WatchRule, precision
from support.casework import DAY, case_of, firms, judged
from support.site import Site, serving

RULE = WatchRule.from_toml("""
pace = {hold = "1d", cool = "1d"}
rules = [
  {code = "a", when = "amount >= 1", level = "yellow"},
  {code = "b", when = "amount >= 10", level = "red"},
]
""")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Alerts of a step, and of a watch, on the same firms; cases of both outcomes; served."""
    where = tmp_path_factory.mktemp("around") / "t.board"
    with ld.open(where, actor="ann") as board:
        board.put("firms", firms())
        judged(board, ("A1", "F1", "red"), ("A2", "F2", "orange"), ("A3", "F1", "yellow", "U1"))
        path = where.parent / "e.ndjson"
        spread = [("F1", 0, 20), ("F1", 1, 5), ("F1", 30, 5), ("F2", 31, 20), ("F3", 31, 5)]
        path.write_text("".join(
            json.dumps({"event_id": f"e{n}", "at": (DAY + timedelta(days=day)).isoformat(),
                        "kind": "k", "subject_id": subject, "amount": amount}) + "\n"
            for n, (subject, day, amount) in enumerate(spread)
        ))  # fmt: skip
        with Live(board, "w", FileSource(path), RULE) as live:
            live.run()
        for party, outcome in (("F1", "confirmed"), ("F2", "false_alarm")):
            case = case_of(board, party)["case_id"]
            board.cases.propose(case, outcome, "seen")
            board.acting("bob").cases.approve(case)
        board.run(precision)
        board.put("loan", {"loan": build("loan", {
            "loan_id": ["L1"], "party_id": ["F1"], "lender_id": ["B1"], "amount": [100],
            "rate": [40_000], "start": [date(2026, 1, 5)], "term_months": [12],
            "status": ["current"],
        })})  # fmt: skip
        with (
            serving(where) as url,
            httpx.Client(timeout=30, base_url=url, trust_env=False) as browser,
        ):
            yield Site("", board, browser)


def alerts(site, **query):
    asked = "&".join(f"{n}={v}" for n, v in query.items())
    twin = site.json(f"/alerts?{asked}")
    return [a for s in twin["rows"] for a in s["alerts"]]


def test_groups_of_the_wall_are_those_of_the_command_line_live_alerts_too(mixed):
    words = ("alerts", "--json", "--closed", "--on", "2026-04-30")
    # The hand-made alerts of the step have no versions, so only those of the watch are there.
    told = CliRunner().invoke(app, ["-b", str(mixed.board.store.folder), *words])
    want = {a["alert_id"]: a["group_id"] for a in json.loads(told.stdout)}
    on = "2026-04-30"
    found = [a for s in ("", "closed", "cooling") for a in alerts(mixed, on=on, state=s)]
    assert {a["alert_id"]: a["group_id"] for a in found} == want
    assert len(want) == 6
    assert len(set(want.values())) == 4
    grid = CliRunner().invoke(app, ["-b", str(mixed.board.store.folder), *words[:1], *words[2:]])
    assert all(g[:7] in grid.stdout for g in want.values())


def test_alerts_of_steps_and_watches_on_one_subject_are_one_group(mixed):
    found = [a for s in ("", "closed") for a in alerts(mixed, party="F1", state=s)]
    homes = {a["stands_in"] for a in found}
    assert homes == {"alert", "live_alert"}
    assert len({a["group_id"] for a in found}) == 1  # A1 and A3 go on, so all overlap with them
    page = mixed.get("/alerts?party=F1").text
    assert f"group {found[0]['group_id'][:7]}" in page
    assert "F3" not in page


def test_from_the_firm_one_gets_everywhere_and_back(mixed):
    case = case_of(mixed.board, "F1")["case_id"]
    firm = mixed.get("/firm/F1").text
    rows = ("/table/live_warning?f.subject_id=F1", "/table/live_alert/row?watch=w")
    for address in (f"/cases/{case}", "/alerts?party=F1", "/trace/L1", *rows):
        assert address in firm
    live = next(a for a in alerts(mixed, party="F1") if a["stands_in"] == "alert")
    key = f"alert_id={live['alert_id']}"
    for page in (f"/cases/{case}", "/trace/L1", f"/table/alert/row?{key}"):
        text = mixed.get(page).text
        assert 'href="/firm/F1"' in text
        assert "/alerts?party=F1" in text
    assert f"/cases/{case}" in mixed.get("/trace/L1").text
    assert mixed.json("/cases?party=F1&state=closed")["total"] == 1
    assert 'href="/firm/F1"' in mixed.get("/table/live_warning?f.subject_id=F1").text


def test_the_page_of_an_alert_says_since_when_each_look_was_known(mixed):
    row = mixed.sql("SELECT * FROM live_alert WHERE party_id = 'F1' ORDER BY opened_at, code")[0]
    address = f"/table/live_alert/row?watch=w&alert_id={row['alert_id']}"
    twin = mixed.json(address)["alert"]
    want = mixed.sql("SELECT * FROM alert_change WHERE alert_id = ? ORDER BY seq DESC",
                     row["alert_id"])  # fmt: skip
    assert [c["change"] for c in twin["course"]] == [r["change"] for r in want]
    assert [datetime.fromisoformat(c["known_from"]) for c in twin["course"]] == [
        r["known_from"] for r in want
    ]
    assert {o["party_id"] for o in twin["others"]} == {"F1"}
    for lang, words in (("en", "Known from"), ("zh", "自此获知")):
        assert words in mixed.get(address, lang=lang).text


def test_a_step_alert_names_the_case_that_holds_it(mixed):
    case = case_of(mixed.board, "F1")["case_id"]
    assert f"/cases/{case}" in mixed.get("/table/alert/row?alert_id=A1").text
    assert [k["case_id"] for k in mixed.json("/table/alert/row?alert_id=A1")["alert"]["cases"]] == [
        case
    ]


def test_silences_stand_on_the_page_of_the_alert(mixed):
    from liandong.delivery.outbox import Channel, Outbox
    from liandong.delivery.wanted import Wanted

    class Box:
        name = "box"

        def send(self, messages):
            pass

    now = datetime.now(UTC)
    run = mixed.board.snooze("F3", until=now + timedelta(days=1), reason="known")
    outbox = Outbox(mixed.board.store, "w", [])
    while outbox.step(Channel(Box(), Wanted(), "alerts"), datetime.now(UTC)):
        pass
    (row,) = mixed.sql("SELECT * FROM live_alert WHERE party_id = 'F3'")
    page = mixed.get(f"/table/live_alert/row?watch=w&alert_id={row['alert_id']}", lang="zh").text
    assert "暂停期间未外发" in page
    assert run.run_id


def test_precision_in_practice_stands_beside_backtests_and_on_the_rule(site: Site) -> None:
    (row,) = site.sql("SELECT * FROM rule_precision WHERE code = '<b>'")
    twin = site.json("/backtests")["practice"]
    assert twin["<b>"]["open"] == row["open"] == 1
    rule = site.json(f"/rule/{row['rule']}")
    assert all(r["code"] in {t["code"] for t in rule["told"]} for r in rule["precision"])
    assert "In hindsight and in practice" in site.get(f"/rule/{row['rule']}").text
    low = next(t["rule"] for t in site.json("/rules/watch")["cards"] if t["code"] == "low")
    assert site.get(f"/rule/{low}").status_code == 200


def test_the_interval_of_closed_cases_is_shown(mixed):
    twin = mixed.json("/backtests")["practice"]["T1"]
    assert (twin["confirmed"], twin["false_alarms"], twin["precision"]) == (1, 1, 0.5)
    # Wilson, z = 1.96, 1 of 2: .0945 to .9055
    assert (round(twin["low"], 4), round(twin["high"], 4)) == (0.0945, 0.9055)
    assert "50 %" in mixed.get("/backtests").text or "0.5" in mixed.get("/backtests").text
