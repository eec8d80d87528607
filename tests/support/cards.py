"""Scorecards made by hand, firms on them, and a board where they are scored and explained."""

from datetime import date
from pathlib import Path

import pyarrow as pa

import liandong as ld
from liandong import assess
from liandong.assess.card.scorecard import Characteristic, Pair, Scorecard
from liandong.schema.arrow import build

DAY = date(2024, 6, 30)
PAIR = "sales_growth × sales_volatility"
"""The pair of :data:`CARD`."""


def characteristic(measure, points):
    edges = tuple(float(i) for i in range(1, len(points) - 1))
    return Characteristic(
        measure=measure, trend="none", edges=edges, woe=(0.0,) * len(points),
        points=tuple(points), iv=0.1, coefficient=1.0,
    )  # fmt: skip


def card(measures, pairs=(), base=540):
    return Scorecard(
        base=base, characteristics=tuple(characteristic(m, p) for m, p in measures.items()),
        pairs=tuple(Pair(measures=m, points=p) for m, p in pairs), rows=100, bads=10,
        auc=0.7, auc_low=0.6, auc_high=0.8,
    )  # fmt: skip


CARD = card(
    {"sales_growth": (-20, 0, 15, -3), "sales_volatility": (12, 2, -10, 1),
     "cases_share": (6, -30, 0)},
    [(("sales_growth", "sales_volatility"), ((0, 0, 0, 0), (4, 0, 0, 0), (9, 0, 0, 0), (0,) * 4))],
)  # fmt: skip
FIRMS = {
    "E1": {"sales_growth": 0.5, "sales_volatility": 2.5, "cases_share": 0.5},
    "E2": {"sales_growth": 1.5, "sales_volatility": 0.5, "cases_share": 0.5},
    "E3": {"sales_growth": "no", "sales_volatility": 2.5, "cases_share": 0.5},
    "E4": {"sales_growth": None, "sales_volatility": 0.5, "cases_share": 3.0},
}
"""Values by measure: None where absent, "no" where not shared."""


def feature(firms):
    rows = [(f, m, v) for f, values in firms.items() for m, v in values.items()]
    return build("feature", {
        "party_id": [f for f, _, _ in rows], "as_of": [DAY] * len(rows),
        "measure": [m for _, m, _ in rows],
        "value": [None if v == "no" else v for _, _, v in rows],
        "withheld": [v == "no" for _, _, v in rows],
    })  # fmt: skip


def rules(chosen) -> pa.Table:
    row = {"rule_id": chosen.id, "kind": "Scorecard", "toml": chosen.to_toml()}
    return build("rule", {n: [v] for n, v in row.items()})


def explained_board(location: Path) -> ld.Board:
    """Make a board on which the firms are explained; return it open."""
    board = ld.open(location, actor="ann")
    party = {"party_id": list(FIRMS), "kind": ["firm"] * len(FIRMS), "name": list(FIRMS)}
    board.put("hand", {
        "party": build("party", party), "feature": feature(FIRMS), "rule": rules(CARD),
    })  # fmt: skip
    board.run(assess.score, as_of=DAY)
    board.run(assess.explain, as_of=DAY)
    return board
