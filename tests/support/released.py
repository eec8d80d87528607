"""Budgets and the data that releases tell of."""

from datetime import date

from liandong.govern import grant
from liandong.schema.arrow import build

DAY = date(2026, 3, 31)
FIRMS = (
    ("F1", "310104", "C26", "small"), ("F2", "310104", "C26", "micro"),
    ("F3", "320500", "C35", "small"), ("F4", "320500", "I65", None), ("F5", None, "I65", "large"),
)  # fmt: skip
ORDER = {
    "name": "first", "receiver": "B1", "dataset": "loan", "as_of": DAY, "epsilon": "0.5",
    "groups": {"region_id": ["310000", "320000", "330000"]},
}  # fmt: skip


def parties(rows=FIRMS):
    ids, regions, industries, sizes = zip(*rows, strict=True)
    return build("party", {"party_id": ids, "kind": ["firm"] * len(ids), "region_id": regions,
                           "industry": industries, "size_class": sizes})  # fmt: skip


def loans(*rows):
    """Return loans of (party, amount)."""
    n, (who, amounts) = len(rows), zip(*rows, strict=True)
    return build("loan", {
        "loan_id": [f"L{i}" for i in range(n)], "party_id": who, "lender_id": ["B9"] * n,
        "amount": amounts, "start": [date(2025, 1, 1)] * n, "term_months": [12] * n,
        "status": ["current"] * n,
    })  # fmt: skip


def grants(*epsilons, receiver="B1", dataset="loan"):
    """Return grants of so many millionths of epsilon."""
    n = len(epsilons)
    return build("privacy_grant", {
        "grant_id": [f"{receiver}-{dataset}-{i}" for i in range(n)], "receiver_id": [receiver] * n,
        "dataset": [dataset] * n, "epsilon": epsilons, "granted_on": [date(2026, 1, 1)] * n,
    })  # fmt: skip


def give(board, *epsilons, **whose):
    """Grant budgets on a board: one asks, another one approves."""
    board.put("grants", {"privacy_grant": grants(*epsilons, **whose)})
    board.acting("other").approve(board.propose(grant))
    board.run(grant)
