"""A small board with one traced loan, under two rules: what the pages of the auditor show."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import liandong as ld
from liandong import trace
from liandong.schema.arrow import build
from support.boards import MOVES

DAY = datetime(2024, 3, 1, 2, tzinfo=UTC)
HAIRCUT = {
    "A1": 4_000_00,
    "A3": 36_000_00,
    "A4": 30_000_00,
    "TAX": 10_000_00,
    "repaid:L": 20_000_00,
}
"""What another rule says of the same loan: made up, but it adds up."""


def traced_board(location: Path) -> ld.Board:
    """Make the board, trace and reconcile its loan, and add what another rule finds."""
    board = ld.open(location, actor="ann")
    board.put("hand", tables())
    board.run(trace.follow)
    board.put("other rule", {"holding": other_rule(), "trail": _all_at_once()})
    board.run(trace.reconcile)
    return board


def tables() -> dict[str, object]:
    """Return the transfers of the loan, in the order of :data:`support.boards.MOVES`."""
    n, owners = len(MOVES), ["BANK", "A1", "A2", "A3", "A4", "TAX"]
    return {
        "party": build("party", {
            "party_id": [f"P{a}" for a in owners], "kind": ["bank", *["firm"] * 4, "government"],
            "name": [f"甲{a}" for a in owners], "name_en": [f"The {a}" for a in owners],
        }),
        "bank_account": build("bank_account", {
            "account_id": owners, "party_id": [f"P{a}" for a in owners],
            "kind": ["loan", "current", "current", "current", "property", "tax"],
            "opening_balance": [0] * 6,
        }),
        "flow": build("flow", {
            "flow_id": [f"F{i}" for i in range(n)], "src_account": [m[0] for m in MOVES],
            "dst_account": [m[1] for m in MOVES], "amount": [m[2] for m in MOVES],
            "at": [DAY + timedelta(days=i // 2) for i in range(n)], "seq": range(n),
            "kind": ["disbursement", *["transfer"] * (n - 3), "tax", "repayment"],
            "loan_id": ["L", *[None] * (n - 2), "L"],
        }),
        "loan": build("loan", {
            "loan_id": ["L", "M"], "party_id": ["PA1"] * 2, "lender_id": ["PBANK"] * 2,
            "account_id": ["A1"] * 2, "amount": [MOVES[0][2]] * 2, "rate": [45_000] * 2,
            "start": [date(2024, 3, 1)] * 2, "term_months": [12] * 2, "status": ["current"] * 2,
        }),
    }  # fmt: skip


def other_rule():
    """Return places of the loan under another rule."""
    n = len(HAIRCUT)
    kinds = {"TAX": "sink", "repaid:L": "repaid"}
    return build("holding", {
        "method": ["haircut"] * n, "loan_id": ["L"] * n, "place": list(HAIRCUT),
        "kind": [kinds.get(p, "held") for p in HAIRCUT], "amount": list(HAIRCUT.values()),
    })  # fmt: skip


def _all_at_once():
    return build("trail", {
        "method": ["haircut"], "loan_id": ["L"], "flow_id": ["F0"], "step": [0],
        "src_account": ["BANK"], "dst_account": ["A1"], "amount": [MOVES[0][2]], "at": [DAY],
    })  # fmt: skip
