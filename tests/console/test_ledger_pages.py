"""The ledger and the statements as pages, held against a plain loop over the entries."""

from collections import Counter, defaultdict
from urllib.parse import quote

import pytest

from liandong.console.query import PAGE_ROWS
from support.boards import HOSTILE
from support.site import Site

COUNTERS = ("debit", "credit", "pending_debit", "pending_credit")


def folded(entries: list[dict], until: str = "9999") -> dict[str, list[int]]:
    """The four counters by account, entry by entry."""
    found = defaultdict(lambda: [0, 0, 0, 0])
    waits = {}
    for e in sorted(entries, key=lambda e: str(e["book_time"])):
        if str(e["event_time"]) > until:
            continue
        sides = (e["debit"], e["credit"])
        if e["phase"] == "pending":
            waits[e["entry_id"]] = e
        if e["phase"] in {"post", "void"}:
            waits.pop(e["ref"])
        for k, account in enumerate(sides):
            found[account][k] += e["amount"] if e["phase"] in {"posted", "post"} else 0
    for e in waits.values():
        found[e["debit"]][2] += e["amount"]
        found[e["credit"]][3] += e["amount"]
    return {a: c for a, c in found.items() if any(c)}


@pytest.fixture(scope="module")
def entries(site: Site) -> list[dict]:
    return site.sql("SELECT * FROM entry")


@pytest.mark.parametrize("day", ["", "2023-12-31", "2024-06-15"])
def test_counters_are_those_of_a_plain_loop(site: Site, entries: list[dict], day: str) -> None:
    twin = site.json(f"/ledger?event={day}")
    wanted = folded(entries, day or "9999")
    assert twin["total"] == len(wanted)
    pages = range(1, 2 + len(wanted) // PAGE_ROWS)
    rows = [r for k in pages for r in site.json(f"/ledger?event={day}&page={k}")["rows"]]
    assert {r["account_id"]: [r[n] for n in COUNTERS] for r in rows} == wanted
    for unit in twin["units"]:
        own = [r for r in twin["totals"] if r["unit"] == unit]
        assert sum(r["balance"] for r in own) == 0
    assert {r["unit"] for r in twin["totals"]} >= {"CNY", "GDP", "tce"}


def test_a_row_is_written_in_its_own_unit(site: Site, entries: list[dict]) -> None:
    for unit, places in (("tce", 3), ("CNY", 2)):
        entry = next(e for e in entries if e["unit"] == unit)
        whole, part = divmod(entry["amount"], 10**places)
        said = f">{whole:,}.{part:0{places}}</data>"
        key = quote(entry["entry_id"], safe="")
        for path in (f"/table/entry?f.entry_id={key}", f"/table/entry/row?entry_id={key}"):
            assert said in site.get(path).text, (unit, path)


def test_accounts_can_be_looked_for(site: Site, entries: list[dict]) -> None:
    twin = site.json("/ledger?unit=tce&code=memo&q=QUOTA")
    assert [r["account_id"] for r in twin["rows"]] == ["memo:quota:tce"]
    assert twin["places"]["tce"] == 3
    # 120,000 tonnes or so, told by the kilogram.
    amount = twin["rows"][0]["debit"]
    assert f"{amount // 1000:,}.{amount % 1000:03}" in site.get("/ledger?unit=tce").text
    both = next(r["debit"] for r in twin["totals"] if r["unit"] == "tce")
    assert f"tce: Debits {both // 1000:,}.{both % 1000:03} = credits" in site.get("/books").text
    assert site.json("/ledger?book=2000-01-01")["total"] == 0
    assert site.json("/ledger?book=2999-01-01")["total"] == len(folded(entries))
    assert site.get("/ledger?event=soon").status_code == 400
    assert site.get("/ledger/none").status_code == 404
    assert len(site.get("/ledger?format=csv&block=totals").text.splitlines()) > 3


def test_an_account_shows_balances_reversals_reservations_and_proofs(site: Site) -> None:
    twin = site.json("/ledger/deposits:HB:CNY")
    rows = {r["entry_id"]: r for r in twin["rows"]}
    assert [(r["entry_id"], r["moved"], r["balance"]) for r in twin["rows"]] == [
        ("reversal:HE2", -9_00, 0), ("HE2", 9_00, 9_00), ("HE1", 0, 0),
    ]  # fmt: skip
    assert rows["HE2"]["reversed_by"] == "reversal:HE2"
    assert rows["reversal:HE2"]["reversal"]
    (waits,) = twin["waiting"]
    assert (waits["entry_id"], waits["moved"], waits["until"][:4]) == ("HE1", 7_00, "2999")
    acts = {r["seq"]: r["action"] for r in site.sql("SELECT seq, action FROM act")}
    assert {acts[seq] for seq in twin["proofs"].values()} == {"ledger.post"}
    assert len(set(twin["proofs"].values())) == 3  # each was posted by itself
    page = site.get("/ledger/deposits:HB:CNY").text
    assert "1 Jan 2999" in page
    assert HOSTILE not in page


def test_entries_of_runs_lead_to_the_act_of_their_run(site: Site) -> None:
    twin = site.json("/ledger/income:340000:CNY")
    (run,) = {r["run_id"] for r in twin["rows"]}
    (act,) = site.sql("SELECT seq FROM act WHERE action = 'run.done' AND subject = ?", run)
    assert set(twin["proofs"].values()) == {act["seq"]}
    assert twin["rows"][0]["balance"] == twin["account"]["balance"]
    assert twin["total"] > len(twin["rows"])
    older = site.json("/ledger/income:340000:CNY?page=2")["rows"]
    assert twin["rows"][-1]["balance"] - twin["rows"][-1]["moved"] == older[0]["balance"]


def test_statements_add_up_by_purpose(site: Site) -> None:
    twin = site.json("/statements/340000?period=2024-03")
    for account in twin["accounts"]:
        own = [p for p in twin["purposes"] if p["account_id"] == account["account_id"]]
        assert sum(p["debit"] for p in own) == account["debit"]
        assert sum(p["credit"] for p in own) == account["credit"]
        moved = account["debit"] - account["credit"]
        assert account["opening"] + moved == account["closing"]
    assert {p["agreement"] for p in twin["purposes"]} == {"park"}
    assert twin["periods"][0] == "2024-06"
    # What has been shared is on the statements: all shares of the year, and what came in.
    (shared,) = site.sql(
        "SELECT sum(amount) AS n FROM share WHERE party_id = '310000' AND unit = 'CNY'"
    )
    rows = site.json("/statements?q=310000")["rows"]
    assert [r["credit"] for r in rows if r["unit"] == "CNY"] == [shared["n"]]
    assert site.get("/statements/none").status_code == 404


def test_lines_of_the_bank_are_counted_by_what_belongs_together(site: Site) -> None:
    pairs = site.sql("SELECT line_id, entry_id FROM bank_match")
    lines, ends = (Counter(p[n] for p in pairs) for n in ("line_id", "entry_id"))
    twin = site.json("/statements")
    assert twin["paired"] == {
        "one": sum(lines[p["line_id"]] == ends[p["entry_id"]] == 1 for p in pairs),
        "many_entries": sum(n > 1 for n in lines.values()),
        "many_lines": sum(n > 1 for n in ends.values()),
    }
    assert all(n for n in twin["paired"].values())
    open_ = site.sql("SELECT * FROM bank_open")
    assert sum(r["n"] for r in twin["reasons"]) == len(open_)
    assert "settle.twice" in {r["code"] for r in twin["reasons"]}
    for r in twin["differences"]:
        assert r["difference"] == r["bank_open"] - r["books_open"]
    mine = site.json("/statements/310000")
    assert {r["account_id"] for r in mine["open"]} <= {"income:310000:CNY", "memo:310000:GDP"}
    assert "perhaps it is there twice" in site.get("/statements").text


def test_statements_and_accounts_of_a_region(site: Site) -> None:
    within = {r["party_id"]: r["region_id"] or "" for r in site.sql("SELECT * FROM party")}
    within |= {r["region_id"]: r["region_id"] for r in site.sql("SELECT * FROM region")}
    owner = {r["account_id"]: r["owner_id"] for r in site.sql("SELECT * FROM account")}
    pairs = site.sql("SELECT line_id, entry_id, account_id FROM bank_match")
    lines, ends = (Counter(p[n] for p in pairs) for n in ("line_id", "entry_id"))
    told = {r["owner_id"] for r in site.sql("SELECT owner_id FROM statement")}
    moved = site.json("/ledger?format=json&block=rows")
    for region in ("310000", "330000", "810000"):
        mine = {a for a, who in owner.items() if within.get(who, "")[:2] == region[:2]}
        twin = site.json(f"/statements?region={region}")
        theirs = {o for o in told if within.get(o, "")[:2] == region[:2]}
        assert {r["owner_id"] for r in twin["rows"]} == theirs or twin["total"] > PAGE_ROWS
        here = [p for p in pairs if p["account_id"] in mine]
        assert twin["paired"] == {
            "one": sum(lines[p["line_id"]] == ends[p["entry_id"]] == 1 for p in here),
            "many_entries": len({p["line_id"] for p in here if lines[p["line_id"]] > 1}),
            "many_lines": len({p["entry_id"] for p in here if ends[p["entry_id"]] > 1}),
        }
        left = site.sql("SELECT account_id FROM bank_open")
        assert sum(r["n"] for r in twin["reasons"]) == sum(r["account_id"] in mine for r in left)
        assert {r["account_id"] for r in [*twin["open"], *twin["differences"]]} <= mine
        accounts = site.json(f"/ledger?region={region}")
        assert {r["account_id"] for r in accounts["rows"]} <= mine
        assert accounts["total"] == sum(r["account_id"] in mine for r in moved["rows"])
        assert accounts["totals"] == site.json("/ledger")["totals"]
        kept = f'<input type="hidden" name="region" value="{region}">'
        assert site.get(f"/ledger?region={region}&unit=CNY").text.count(kept) == 1
    assert told >= {"310000"}


def test_a_board_without_books_says_what_to_do(empty_site: Site) -> None:
    for path, words in (
        ("/ledger", "There are no entries"), ("/statements", "settle.statement"),
        ("/agreements", "There are no such agreements"),
    ):  # fmt: skip
        assert words in empty_site.get(path).text
