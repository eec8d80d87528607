"""A small board with every table filled, for tests of the console: a world and known results."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import liandong as ld
from liandong.config import code_version
from liandong.schema.arrow import build
from liandong.step import Run

AS_OF = date(2024, 6, 30)
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
HELD = {"A1": 5_000_00, "A3": 35_000_00, "A4": 30_000_00}


def filled(location: Path, firms: int = 300) -> ld.Board:
    """Make a board with a world and results of every verb, and return it open."""
    board = ld.open(location, actor="ann")
    board.load("world", firms=firms, months=18, seed=7)
    ids = board.sql(
        "SELECT party_id FROM party WHERE kind = 'firm' ORDER BY party_id"
    )["party_id"].to_pylist()  # fmt: skip
    write(board, "load.hand", "hand", _hand())
    write(board, "assess.score", f"assess.score@{AS_OF}", _scores(ids))
    write(board, "match.allocate", f"match.allocate@{AS_OF}", _offers(board))
    write(board, "watch.invoice_drop", f"watch.invoice_drop@{AS_OF}", _alerts(ids))
    write(board, "trace.fifo", "trace.fifo", _trail())
    write(board, "survey.gap", "survey.gap", _gap())
    case = board.propose(_settle())
    board.acting("bob").approve(case)
    write(board, "settle.disburse", f"settle.disburse@{AS_OF}", _books(board))
    return board


def write(board: ld.Board, step: str, part: str, tables: dict[str, pa.Table]) -> None:
    """Put tables on a board as if a step had made them."""
    names = {n: board.store.heads(n) for n in ("party", "invoice")}
    inputs = {n: [h["snapshot_id"] for h in heads] for n, heads in names.items() if heads}
    with board.store.writer(board.actor):
        run = Run.start(step, part, board.actor, code_version(), inputs)
        board.store.perform(run, lambda: (tables, {}))


def _settle() -> Any:
    from liandong.settle import disburse

    return disburse


def _reasons(*pairs: tuple[str, int]) -> list[dict[str, object]]:
    return [{"code": c, "points": p} for c, p in pairs]


def _hand() -> dict[str, pa.Table]:
    """A hostile firm, a loan with known moves, and refused rows."""
    owners = {"BANK": "HB", "A1": HOSTILE_ID, "A2": "H2", "A3": "H3", "A4": "H4", "TAX": "HT"}
    kinds = ["loan", "current", "current", "current", "current", "tax"]
    day = datetime(2024, 3, 1, 2, tzinfo=UTC)
    n = len(MOVES)
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
            "account_id": list(owners), "party_id": list(owners.values()), "kind": kinds,
            "opening_balance": [0] * 6,
        }),
        "flow": build("flow", {
            "flow_id": [f"HF{i}" for i in range(n)], "src_account": [m[0] for m in MOVES],
            "dst_account": [m[1] for m in MOVES],
            "amount": [m[2] + 100 * (i > 0) for i, m in enumerate(MOVES)],
            "at": [day + timedelta(days=i) for i in range(n)], "seq": range(n),
            "kind": ["disbursement"] + ["transfer"] * (n - 3) + ["tax", "repayment"],
            "purpose": ["放款", HOSTILE, *["货款"] * (n - 2)],
            "loan_id": [LOAN] + [None] * (n - 1),
        }),
        "loan": build("loan", {
            "loan_id": [LOAN], "party_id": [HOSTILE_ID], "lender_id": ["HB"],
            "account_id": ["A1"], "amount": [MOVES[0][2]], "rate": [45_000],
            "start": [date(2024, 3, 1)], "term_months": [12], "status": ["current"],
        }),
        "invoice": build("invoice", {
            "invoice_id": ["HI1", "HI2", "HI3", "HI4"], "seller": [HOSTILE_ID] * 3 + ["H2"],
            "buyer": ["H2", "H3", "UNKNOWN-1", HOSTILE_ID],
            "date": [date(2024, m, 5) for m in (1, 1, 2, 2)],
            "net": [1_000_00, 9_000_00, -500_00, 700_00], "tax": [130_00, 1170_00, -65_00, 91_00],
            "status": ["valid", "void", "red", "valid"],
        }),
        "load_error": build("load_error", {
            "file": ["firms.csv"] * 2, "row": [3, 9], "field": ["credit_code", "net"],
            "value": ["91<b>", "x"], "code": ["check_digit", "not_money"],
            "reason_zh": ["校验位不符", "不是金额"],
            "reason_en": ["wrong check digit", "no amount"],
            "remedy_zh": ["请核对", "请改正"], "remedy_en": ["check it", "mend it"],
        }),
    }  # fmt: skip


def _scores(ids: list[str]) -> dict[str, pa.Table]:
    who = [*ids, HOSTILE_ID]
    points = [500 + 7 * (i * 37 % 41) for i in range(len(who))]
    grades = ["ABCD"[min(3, (800 - p) // 80)] for p in points]
    reasons = [
        _reasons(("score.bin(sales_growth)", p - 600), ("score.bin(void_share)", 40),
                 ("score.unheard_of", -15))
        for p in points
    ]  # fmt: skip
    return {
        "score": build("score", {
            "party_id": who, "as_of": [AS_OF] * len(who), "rule_id": ["card"] * len(who),
            "pd": [max(2_000, 300_000 - 350 * p) for p in points], "points": points,
            "grade": grades, "reasons": reasons,
        }),
        "feature": build("feature", {
            "party_id": who * 2, "as_of": [AS_OF] * 2 * len(who),
            "measure": ["sales_growth"] * len(who) + ["void_share"] * len(who),
            "value": [0.1] * len(who) + [None] * len(who),
        }),
    }  # fmt: skip


def _offers(board: ld.Board) -> dict[str, pa.Table]:
    projects = board.sql(
        "SELECT j.project_id, j.party_id, s.grade, least(j.need, 50_000_000) AS need FROM project j"
        " JOIN score s USING (party_id) ORDER BY project_id"
    ).to_pylist()
    product = board.sql("SELECT product_id FROM product ORDER BY 1")["product_id"][0].as_py()
    yes = [p["grade"] != "D" and i % 5 != 0 for i, p in enumerate(projects)]
    amount = [p["need"] if y else 0 for p, y in zip(projects, yes, strict=True)]
    used = sum(amount)
    n = len(projects)
    return {
        "offer": build("offer", {
            "project_id": [p["project_id"] for p in projects], "product_id": [product] * n,
            "party_id": [p["party_id"] for p in projects], "as_of": [AS_OF] * n,
            "grade": [p["grade"] for p in projects], "amount": amount,
            "rate": [40_000 + 1_250 * (i % 20) if y else None for i, y in enumerate(yes)],
            "value": [a // 40 for a in amount],
            "reasons": [_reasons((f"hand.{'yes' if y else 'no_' + p['grade']}", 0))
                        for p, y in zip(projects, yes, strict=True)],
        }),
        "allocation": build("allocation", {
            "as_of": [AS_OF] * 2, "product_id": ["*", product], "capacity": [used + 10_000_00] * 2,
            "used": [used] * 2, "micro_used": [used * 3 // 4] * 2, "price": [0.0123, None],
            "value": [used // 40] * 2, "bound": [used // 40 + 1, None],
        }),
    }  # fmt: skip


def _alerts(ids: list[str]) -> dict[str, pa.Table]:
    who = [*ids[:20], HOSTILE_ID]
    n = len(who)
    return {"alert": build("alert", {
        "alert_id": [f"AL{i:03}" for i in range(n)], "rule": ["invoice_drop"] * n,
        "party_id": who, "level": [("yellow", "orange", "red")[i % 3] for i in range(n)],
        "as_of": [AS_OF - timedelta(days=i % 4) for i in range(n)],
        "value": [0.1 * (i % 7) for i in range(n)], "threshold": [0.5] * n,
        "evidence": ['{"last_30_days": 12, "median": 120, "note": "<i>"}'] * n,
        "reasons": [_reasons(("watch.invoice_drop", 0))] * n,
    })}  # fmt: skip


def _trail() -> dict[str, pa.Table]:
    day, n = datetime(2024, 3, 1, 2, tzinfo=UTC), len(MOVES)
    places = {**HELD, "BANK": 20_000_00, "TAX": 10_000_00}
    kinds = ["held"] * len(HELD) + ["repaid", "sink"]
    return {
        "trail": build("trail", {
            "loan_id": [LOAN] * n, "flow_id": [f"HF{i}" for i in range(n)], "step": range(n),
            "src_account": [m[0] for m in MOVES], "dst_account": [m[1] for m in MOVES],
            "amount": [m[2] for m in MOVES], "at": [day + timedelta(days=i) for i in range(n)],
        }),
        "holding": build("holding", {
            "loan_id": [LOAN] * 5, "place": list(places), "kind": kinds,
            "amount": list(places.values()),
        }),
    }  # fmt: skip


def _gap() -> dict[str, pa.Table]:
    rows = [
        ("gdp_per_population", period, "preliminary", index, part, value, 31)
        for period, scale in (("2022", 1.02), ("2023", 1.0))
        for index, whole in (("theil_t", 0.0658), ("theil_l", 0.0616), ("gini", 0.1986))
        for part, value in (("total", whole * scale), ("between", whole * 0.6 * scale),
                            ("within", whole * 0.4 * scale))
        if index != "gini" or part == "total"
    ]  # fmt: skip
    names = ("measure", "period", "vintage", "index", "part", "value", "regions")
    return {"gap": build("gap", {n: [r[i] for r in rows] for i, n in enumerate(names)})}


def _books(board: ld.Board) -> dict[str, pa.Table]:
    lent = board.sql(
        "SELECT project_id, party_id, product_id, amount FROM offer WHERE amount > 0 ORDER BY 1"
    ).to_pylist()
    borrowers = sorted({r["party_id"] for r in lent})
    return {
        "account": build("account", {
            "account_id": ["loans/HB", *(f"deposits/{b}" for b in borrowers)],
            "owner_id": ["HB", *borrowers], "unit": ["CNY"] * (len(borrowers) + 1),
            "code": ["loans"] + ["deposits"] * len(borrowers),
        }),
        "entry": build("entry", {
            "entry_id": [f"E-{r['project_id']}" for r in lent], "debit": ["loans/HB"] * len(lent),
            "credit": [f"deposits/{r['party_id']}" for r in lent],
            "amount": [r["amount"] for r in lent], "unit": ["CNY"] * len(lent),
            "phase": ["posted"] * len(lent), "event_time": [AS_OF] * len(lent),
            "agreement": [r["product_id"] for r in lent], "ref": [None] * len(lent),
        }),
    }  # fmt: skip
