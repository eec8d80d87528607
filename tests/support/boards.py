"""A small board on which the whole loop has run, with a few hand-made rows of known outcome."""

import fcntl
import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import liandong as ld
from liandong.cli.demo import reconciled
from liandong.loop import QUEUES, run_loop, world_dates
from liandong.schema.arrow import build
from liandong.store.common import admit
from liandong.testing.expenses import expenses
from liandong.types import CHINA, Money
from liandong.watch import BacktestRule, Judgement, RuleSet, Sweep, WatchRule, Window

HOSTILE = "<script>alert('x')</script>&\"'"
"""A name that must come out of every page as text."""
HOSTILE_ID = "F'); DROP TABLE party;--<b>"
LOAN = "LOAN-1"
MOVES = [
    ("BANK", "A1", 100_000_00), ("A1", "A2", 60_000_00), ("A2", "A3", 60_000_00),
    ("A3", "A1", 25_000_00), ("A1", "A4", 50_000_00), ("A1", "TAX", 10_000_00),
    ("A4", "BANK", 20_000_00),
]  # fmt: skip
"""A loan that partly comes back to its borrower in a circle."""
HOLDINGS = {"A1": 5_000_00, "A3": 35_000_00, "A4": 30_000_00, "TAX": 10_000_00, "BANK": 20_000_00}
"""Where the money of the loan ends."""
OWNED = "HO1"
"""A company that owns a part of one of its owners."""
PARTNER = "UNKNOWN-1"
"""Somebody who appears on invoices only."""


def filled(location: Path, firms: int = 300) -> ld.Board:
    """Make a board with a world, hand-made rows and the results of the loop; return it open."""
    board = ld.open(location, actor="ann")
    board.load("world", firms=firms, months=18, seed=7, statistics=True)
    board.put("hand", _hand())
    # Before the loop: of all it tells a good part comes late, which takes its time.
    board.put("hand events", _events())
    board.run(ld.watch.backtest, rule=_tried())
    run_loop(board, world_dates(board), Money(firms * 3_000_000))  # not enough for all
    board.put("hand alert", _alert(board))
    _cased(board)
    board.put("hand innovation", _innovation(date(2024, 6, 30)))
    board.acting("bob").approve(board.propose_rules("hand", watched(), "first"))
    _empowered(board)
    _flagged(board)
    _banked(board)
    _shared(board)
    return board


def _banked(board: ld.Board) -> None:
    """Let a bank tell of payments; reserve an amount, and take an entry back."""
    reconciled(board, seed=4)
    names = ("deposits:HB:CNY", "memo:HB:tce")
    board.ledger.open(build("account", {
        "account_id": [*names], "owner_id": ["HB"] * 2, "unit": ["CNY", "tce"],
        "code": ["deposits", "memo"],
    }))  # fmt: skip
    paid = board.table("entry").rows(unit="CNY")[0]
    own = {"unit": "CNY", "event_time": date(2024, 6, 1), "agreement": HOSTILE}
    ends = {"debit": names[0], "credit": paid["credit"]}
    wait = {**ends, "phase": "pending", "until": datetime(2999, 1, 1, tzinfo=UTC)}
    board.ledger.post_one({**own, **wait, "entry_id": "HE1", "amount": 7_00})
    board.ledger.post_one({**own, **ends, "phase": "posted", "entry_id": "HE2", "amount": 9_00})
    board.ledger.reverse("HE2", date(2024, 6, 2))


def _shared(board: ld.Board) -> None:
    """Grant budgets, release two statistics, look for firms in common, recognise an issuer."""
    grants = build("privacy_grant", {
        "grant_id": ["G1", "G2", "G3"], "receiver_id": [HOSTILE_ID, "B2", "B3"],
        "dataset": ["loan", "party", "loan"], "epsilon": [2_000_000, 300_000, 250_000],
        "granted_on": [date(2024, 6, 1)] * 3,
    })  # fmt: skip
    board.put("hand grants", {"privacy_grant": grants.slice(0, 2)})
    board.acting("bob").approve(board.propose(ld.govern.grant))
    board.run(ld.govern.grant)
    board.put("later grants", {"privacy_grant": grants.slice(2)})  # nobody has approved it
    order = {"receiver": HOSTILE_ID, "dataset": "loan", "as_of": date(2024, 6, 30)}
    board.run(ld.govern.release, name="lent", measure="amount", high=500_000_000, epsilon="1",
              groups={"region_id": []}, **order)  # fmt: skip
    board.run(ld.govern.release, name="borrowers", high=1, epsilon="0.5",
              groups={"size_class": []}, **order)  # fmt: skip
    said = {"count": 120, "purpose": HOSTILE, "until": "2999-12-31", "dataset": "party",
            "request": "", "law": HOSTILE}  # fmt: skip
    admit(board.store.books, "ann", "common.setup", HOSTILE_ID, said)
    board.put("hand issuers", {"credential_issuer": build("credential_issuer", {
        "vkey": ["west/acts+1+x"], "kind": ["high_tech"], "name": [HOSTILE], "own_kind": ["tech"],
    })})  # fmt: skip


def _flagged(board: ld.Board) -> None:
    """Have spending looked at, and one flag reviewed."""
    made = expenses(2_000, seed=3)
    board.put("spent", {"expense": made.expense, "staff": made.staff, "vendor": made.vendor})
    board.run(ld.govern.expense_flags)
    flag = board.sql("SELECT flag_id FROM red_flag WHERE code = 'round'")["flag_id"][0].as_py()
    review = {"flag_id": [flag], "at": [datetime(2024, 7, 1, tzinfo=UTC)], "actor": ["bob"],
              "outcome": ["confirmed"], "reason": [HOSTILE]}  # fmt: skip
    board.put("reviewed", {"flag_review": build("flag_review", review)})
    board.run(ld.govern.flag_precision)
    board.run(ld.govern.case_tally)
    board.run(ld.govern.case_series, source="own")
    board.run(ld.govern.scorecards, as_of=datetime.now(CHINA).date())
    board.run(ld.govern.case_links)
    board.appeals.file("alert_case", case_of(board), "bob", HOSTILE)


def copied(temporary: pytest.TempPathFactory, location: Path) -> ld.Board:
    """Return a copy of the filled board, open; whichever process of the tests is first makes it."""
    folder = temporary.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # which all of them have in common
    made, begun = folder / "filled.board", folder / "begun.board"
    with (folder / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(begun, ignore_errors=True)
            filled(begun).close()
            begun.rename(made)
    shutil.copytree(made, location)
    return ld.open(location, actor="ann")


def watched() -> WatchRule:
    """Return the rules of a watch over the events of ``_events``."""
    last = Window(name="last_30d", fn="last", over="30d", of="amount", where={"tags": ("hand",)})
    return WatchRule(
        windows=(last,), late="400d",
        rules=(
            Judgement(code="low", when="last_30d < 6000000", level="orange", text="<i>"),
            Judgement(code="none", when="last_30d < 100", level="red"),
        ),
    )  # fmt: skip


def _alert(board: ld.Board) -> dict[str, pa.Table]:
    """Return an alert about the firm with the hostile name, under the rule of the others."""
    rule = board.sql("SELECT rule FROM alert LIMIT 1")["rule"][0].as_py()
    day = [datetime(2024, 6, 30, tzinfo=UTC)]
    own = {
        "alert_id": ["HAL"], "rule": [rule], "code": ["<b>"], "party_id": [HOSTILE_ID],
        "state": ["open"], "level": ["red"], "opened_at": day, "seen_at": day, "last_at": day,
        "warnings": [1], "value": [0.125], "threshold": [0.5],
        "evidence": ['{"note": "<i>"}'], "reasons": [[{"code": "hand.made", "points": 7}]],
    }  # fmt: skip
    version = {**own, "known_from": day, "change": ["opened"]}
    return {
        "alert": build("alert", {**own, "group_id": ["HAG"]}),
        "alert_version": build("alert_version", version),
    }


def case_of(board: ld.Board, alert: str = "HAL") -> str:
    """Return the case that holds an alert."""
    return board.table("case_alert").rows(alert_id=alert)[0]["case_id"]


def _cased(board: ld.Board) -> None:
    """Open a case of the hand-made alert and work on it."""
    board.run(ld.watch.triage, as_of="2024-06-30", queues=QUEUES)
    board.cases.open()
    case = case_of(board)
    board.cases.note(case, HOSTILE)
    board.cases.attach(case, HOSTILE, row={"table": "alert", "alert_id": "HAL"})
    board.cases.assign(case, "li")
    board.run(ld.watch.precision)


def _empowered(board: ld.Board) -> None:
    """List powers over an action that no other test does; ask for one, and break a glass."""
    posts = [{"person": p, "post": "role:board"} for p in ("bob", HOSTILE)]
    board.powers.add(
        [
            {"power_id": "K1", "holder": "ann", "action": "fund.pay", "limit": "1_000_000 CNY",
             "period": "month", "period_limit": "3_000_000 CNY", "delegate_days": 30,
             "scope": {"region": ["310000", "320000"]}, "conditions": {"risk": {"most": 3}},
             "conflicts": ["maker"], "evidence": ["contract"], "basis": HOSTILE,
             "approvals": {"n": 2, "of": "role:board"}},
            {"power_id": "K2", "holder": "ann", "action": "fund.stop", "glass_hours": 4},
            {"power_id": "K3", "holder": "*", "action": "fund.ask"},
        ],
        posts,
    )  # fmt: skip
    until = datetime.now(UTC).astimezone(CHINA).date() + timedelta(20)
    board.powers.delegate("K1", HOSTILE, until, limit="500_000 CNY")
    asked = board.powers.ask("fund.pay", HOSTILE, 40_000_00)
    board.acting("bob").powers.agree(asked)
    board.powers.break_glass("K2", HOSTILE, "bob")
    board.powers.need("fund.ask", HOSTILE)


def _events() -> dict[str, pa.Table]:
    """Return payments of a few firms that get fewer, and defaults of two of them."""
    day, firms = datetime(2023, 1, 2, 8, tzinfo=UTC), ("F000001", "F000002", "F000003")
    at = [day + timedelta(days=7 * k, seconds=f) for k in range(60) for f in range(len(firms))]
    amounts = [(100 - k * f) * 1_000_00 for k in range(60) for f in range(len(firms))]
    n = len(at)
    return {
        "watch_event": build("watch_event", {
            "event_id": [f"HW{i}" for i in range(n)], "source": ["hand"] * n, "seq": range(n),
            "at": at, "seen_at": at, "kind": ["payment_in"] * n, "subject_id": [*firms] * 60,
            "other_id": ["H2"] * n, "amount": amounts, "tag": ["hand"] * n,
        }),
        "event": build("event", {
            "event_id": ["HD1"], "party_id": [firms[2]], "kind": ["default"],
            "at": [date(2024, 1, 20)], "amount": [500_000_00],
        }),
    }  # fmt: skip


def _tried() -> BacktestRule:
    """Return two sweeps and a set that find the firms of ``_events``."""
    own = {"tags": ("hand",)}  # and not what the loop tells
    last = Window(name="last_30d", fn="last", over="30d", of="amount", where=own)
    return BacktestRule(
        name="hand", windows=(last,), late="400d", horizon=300,
        sweeps=(
            Sweep.over("falling", "last_30d < {x}", "9500000", "1500000", 9),
            Sweep.over("small", "last_30d < {x}", "5000000", "2000000", 4),
        ),
        sets=(RuleSet(name=HOSTILE, rules=(
            Judgement(code="low", when="last_30d < 6000000", level="orange"),
        )),),
    )  # fmt: skip


def _innovation(day: date) -> dict[str, pa.Table]:
    """Return values of two firms, and a test of them that shows no gain."""
    yuan = 1_000_000
    slices = [f"over.{k}" for k in ("size_age", "size_age_orders") for _ in range(3)]
    return {
        "innovation": build("innovation", {
            "party_id": [HOSTILE_ID, "H3"], "as_of": [day] * 2, "points": [12, -5],
            "points_low": [3, -20], "points_high": [21, 10], "rank": [750_000, 250_000],
            "orders": [9 * yuan, None], "expected": [10 * yuan, None], "low": [7 * yuan, None],
            "high": [None, None], "worth": [yuan, None], "field": ["H01L", None],
            "reasons": [[{"code": "innovation.term(invention_spending)", "points": p}]
                        for p in (12, -5)],
        }),
        "innovation_test": build("innovation_test", {
            "as_of": [day] * 7, "slice": [*slices, "all"],
            "measure": [*["r2_gain", "r2_p", "rank_gain"] * 2, "coverage"],
            "value": [-0.01, 0.4, 0.02, 0.01, 0.2, 0.03, 0.9],
            "low": [-0.05, None, -0.1, -0.02, None, -0.1, 0.85],
            "high": [0.03, None, 0.14, 0.04, None, 0.16, 0.94], "n": [40] * 7,
        }),
    }  # fmt: skip


def _hand() -> dict[str, pa.Table]:
    owners = {"BANK": "HB", "A1": HOSTILE_ID, "A2": "H2", "A3": "H3", "A4": "H4", "TAX": "HT"}
    day, n = datetime(2024, 3, 1, 2, tzinfo=UTC), len(MOVES)
    return {
        "party": build("party", {
            "party_id": list(owners.values()),
            "kind": ["bank", "firm", "firm", "firm", "firm", "government"],
            "name": ["手工银行", HOSTILE, "丙贸易公司", "丁建设公司", "戊置业公司", "税务局"],
            "name_en": ["Hand Bank", HOSTILE, "C Trading", "D Construction", "E Estates", "Tax"],
            "region_id": ["310000"] * 6, "industry": ["J66", "C39", "F51", "E47", "K70", None],
            "annual_revenue": [None, 500_000_000, 90_000_000, None, 10_000_000_000, None],
        }),
        "bank_account": build("bank_account", {
            "account_id": list(owners), "party_id": list(owners.values()),
            "kind": ["loan", "current", "current", "current", "property", "tax"],
            "opening_balance": [0] * 6,
        }),
        "flow": build("flow", {
            "flow_id": [f"HF{i}" for i in range(n)], "src_account": [m[0] for m in MOVES],
            "dst_account": [m[1] for m in MOVES], "amount": [m[2] for m in MOVES],
            "at": [day + timedelta(days=i) for i in range(n)], "seq": range(n),
            "kind": ["disbursement", *["transfer"] * (n - 3), "tax", "repayment"],
            "purpose": ["放款", HOSTILE, *["货款"] * (n - 2)],
            "loan_id": [LOAN, *[None] * (n - 2), LOAN],
        }),
        "loan": build("loan", {
            "loan_id": [LOAN], "party_id": [HOSTILE_ID], "lender_id": ["HB"],
            "account_id": ["A1"], "amount": [MOVES[0][2]], "rate": [45_000],
            "start": [date(2024, 3, 1)], "term_months": [12], "status": ["current"],
        }),
        "invoice": build("invoice", {
            "invoice_id": ["HI1", "HI2", "HI3", "HI4"], "seller": [HOSTILE_ID] * 3 + ["H2"],
            "buyer": ["H2", "H3", PARTNER, HOSTILE_ID],
            "date": [date(2024, m, 5) for m in (1, 1, 2, 2)],
            "net": [1_000_00, 9_000_00, -500_00, 700_00], "tax": [130_00, 1170_00, -65_00, 91_00],
            "status": ["valid", "void", "red", "valid"],
        }),
        "edge": build("edge", {
            "src": ["HP1", "HO2", OWNED, HOSTILE_ID, "HP1"],
            "dst": [OWNED, OWNED, "HO2", "HO2", "HO2"], "kind": ["owns"] * 4 + ["controls"],
            "valid_from": [date(2023, 1, 1)] * 5,
            "share": [500_000, 500_000, 400_000, None, None],
            "share_low": [None] * 3 + [250_000, None], "share_high": [None] * 3 + [500_000, None],
            "source": ["hand"] * 5,
        }),
        "load_error": build("load_error", {
            "file": ["firms.csv"] * 2, "row": [3, 9], "field": ["credit_code", "net"],
            "value": ["91<b>", "x"], "code": ["check_digit", "not_money"],
            "reason_zh": ["校验位不符", "不是金额"],
            "reason_en": ["wrong check digit", "no amount"],
            "remedy_zh": ["请核对", "请改正"], "remedy_en": ["check it", "mend it"],
        }),
    }  # fmt: skip
