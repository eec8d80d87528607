"""Red flags: seconds for a million lines, planted cases found, and what is published.

Lines are honest ones with planted cases of each of the 20 kinds (:mod:`liandong.testing.expenses`);
the rule is the default one. ``planted_recall`` counts planted lines that the flags listed within
their caps point at; ``share_flagged`` counts all lines that any of them points at. The published
figures are Cardinal's fixtures and Nigrini's corporate payments; without these data they are null.
"""

import json
import time
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from liandong.govern import ExpenseRule, ProcurementRule, expense_flags, procurement_flags
from liandong.kernels.flags import benford
from liandong.load import load
from liandong.schema.arrow import empty
from liandong.testing.data import data_folder
from liandong.testing.expenses import Made, expenses
from measure import figures

LINES = 1_000_000
SET: dict[str, dict[str, Any]] = {
    "R003-procurement_method_details-x-5-y-10": {"short_days_of": {"x": 5, "y": 10}},
    "R003-procurement_methods-open+selective": {"short_methods": ("open", "selective")},
    "R003-threshold-10": {"short_days": 10},
    "R048-minimum_contracting_processes-1": {"classes_processes": 1},
}
"""What the names of the fixtures say is set."""
GROUPS = {"tender": "OCID", "tenderer": "Tenderer", "buyer": "Buyer", "entity": "ProcuringEntity"}


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part; a quick run has fewer repeats of the same work."""
    return figures("flags", {**_planted(3 if quick else 7), **_benford(), **_cardinal()})


def _planted(repeats: int) -> dict[str, object]:
    made = expenses(LINES, seed=2026)
    rule = ExpenseRule.make(evidence=100_000)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        flags = expense_flags(made.expense, made.staff, made.vendor, rule=rule)["red_flag"]
        seconds.append(time.perf_counter() - start)
    # A line is found if the kind of flag it was planted for points at it.
    by: dict[str, set[str]] = {}
    for code, evidence in zip(*(flags[n].to_pylist() for n in ("code", "evidence")), strict=True):
        by.setdefault(code, set()).update(json.loads(evidence)["rows"])
    return {"lines": len(made.expense), "seconds_1m": min(seconds), **_found(made, by)}


def _found(made: Made, by: dict[str, set[str]]) -> dict[str, object]:
    planted = sum(len(p) for p in made.planted.values())
    flagged = set().union(*by.values())
    hit = {c: len(p & by.get(c, set())) for c, p in made.planted.items()}
    return {
        "kinds": len(made.planted), "planted": planted,
        "planted_recall": sum(hit.values()) / planted,
        "planted_recall_least": min(hit[c] / len(p) for c, p in made.planted.items()),
        "lines_flagged": len(flagged), "share_flagged": len(flagged) / len(made.expense),
    }  # fmt: skip


def _benford() -> dict[str, object]:
    folder = data_folder("benford_audit")
    if folder is None:
        return {"benford_n": None, "benford_mad": None, "benford_chi": None}
    amount = pq.read_table(folder / "corporate_payments_2010.parquet")["Amount"].to_numpy()
    fen = np.rint(amount * 100).astype(np.int64)
    fen = fen[fen > 0]
    found = benford.deviation(benford.leading(fen, 2), np.zeros(len(fen), np.int64), 1, 2)
    told = {"n": int(found.numbers[0]), "mad": f"{found.mad[0]:.10f}", "chi": f"{found.chi[0]:.2f}"}
    published = {"n": 185_083, "mad": "0.0023366142", "chi": "32100.90"}
    return {f"benford_{n}": v for n, v in told.items()} | {"benford_equal": told == published}


def _cardinal() -> dict[str, object]:
    folder = data_folder("ocds_red_flags")
    if folder is None:
        return {"cardinal_fixtures": None, "cardinal_equal": None}
    paths = sorted((folder / "fixtures").glob("*.jsonl"))
    equal = 0
    for path in paths:
        tables = load("ocds", path).tables
        rule = ProcurementRule.make(
            cap="100%",
            no_price_details=("NPC",),
            exclude_details=("EXC",),
            **SET.get(path.stem, {}),
        )
        read = [tables.get(n, empty(n)) for n in ("tender", "tender_bid", "tender_award")]
        found: dict[str, dict[str, dict[str, float]]] = {}
        for f in procurement_flags(*read, rule=rule)["red_flag"].to_pylist():
            if path.stem.startswith(f["code"]):
                group = found.setdefault(GROUPS[f["subject_kind"]], {})
                group[f["subject_id"]] = {f["code"]: f["value"]}
        equal += found == json.loads(path.with_suffix(".expected").read_text())
    return {"cardinal_fixtures": len(paths), "cardinal_equal": equal}
