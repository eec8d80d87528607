"""Red flags against published outputs: Cardinal's fixtures, Nigrini's corporate payments."""

import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandong.govern import ExpenseRule, ProcurementRule, expense_flags, procurement_flags
from liandong.kernels.flags import benford
from liandong.load import load
from liandong.schema.arrow import build, empty
from liandong.testing.data import data_folder
from support.need import missing

GROUPS = {"tender": "OCID", "tenderer": "Tenderer", "buyer": "Buyer", "entity": "ProcuringEntity"}
SET = {
    "R003-procurement_method_details-x-5-y-10": {"short_days_of": {"x": 5, "y": 10}},
    "R003-procurement_methods-open+selective": {"short_methods": ("open", "selective")},
    "R003-threshold-10": {"short_days": 10},
    "R048-minimum_contracting_processes-1": {"classes_processes": 1},
}
"""What the names of the fixtures say is set; all have prices that say nothing under NPC."""
READS = ("tender", "tender_bid", "tender_award")


def _folder(name):
    folder = data_folder(name)
    if folder is None:
        missing(name, "LIANDONG_DATA")
    return folder


def test_indicators_equal_the_published_outputs():
    wrong, codes = {}, set()
    for path in sorted((_folder("ocds_red_flags") / "fixtures").glob("*.jsonl")):
        loaded = load("ocds", path)
        assert not len(loaded.errors)
        rule = ProcurementRule.make(
            cap="100%",
            no_price_details=("NPC",),
            exclude_details=("EXC",),
            **SET.get(path.stem, {}),
        )
        tables = [loaded.tables.get(t, empty(t)) for t in READS]
        code, found = path.stem[:4], {}
        codes.add(code)
        for f in procurement_flags(*tables, rule=rule)["red_flag"].to_pylist():
            if f["code"] == code:
                group = found.setdefault(GROUPS[f["subject_kind"]], {})
                group[f["subject_id"]] = {code: f["value"]}
        if found != json.loads(path.with_suffix(".expected").read_text()):
            wrong[path.stem] = found
    assert not wrong
    assert len(codes) == 11


def test_a_package_is_merged_into_one_state_of_a_process():
    path = _folder("ocds_red_flags") / "ocds_release_package_example_1_1.json"
    loaded = load("ocds", path)
    releases = json.loads(path.read_text())["releases"]
    assert len(releases) > len(loaded.tables["tender"]) == len({r["ocid"] for r in releases})
    row = loaded.tables["tender"].to_pylist()[0]
    told = [r["tender"] for r in sorted(releases, key=lambda r: r["date"]) if "tender" in r]
    assert row["status"] == told[-1]["status"]
    assert not len(loaded.errors)


@pytest.fixture(scope="module")
def payments():
    return pq.read_table(_folder("benford_audit") / "corporate_payments_2010.parquet")


def test_benford_equals_the_published_figures(payments):
    fen = np.rint(payments["Amount"].to_numpy() * 100).astype(np.int64)
    fen = fen[fen > 0]
    digits = benford.leading(fen, 2)
    found = benford.deviation(digits, np.zeros(len(fen), np.int64), 1, 2)
    assert found.numbers[0] == 185_083
    assert round(found.mad[0], 10) == 0.0023366142
    assert round(found.chi[0], 2) == 32_100.90
    top = np.argsort(-np.abs(found.excess[0]))[:5] + 10
    assert top.tolist() == [50, 11, 10, 14, 98]
    assert np.abs(found.excess[0][top - 10]).round(2).tolist() == [
        5938.25, 3331.98, 2811.92, 1043.68, 889.95,
    ]  # fmt: skip


def test_duplicates_and_the_spike_of_real_payments_are_found(payments):
    rows = list(zip(*(c.to_pylist() for c in payments.columns), strict=True))
    expense = build("expense", {
        "expense_id": [f"P{k:06d}" for k in range(len(rows))],
        "unit_id": ["utility"] * len(rows), "staff_id": ["desk"] * len(rows),
        "vendor_id": payments["VendorNum"].cast(pa.string()),
        "category": ["other"] * len(rows),
        "amount": np.rint(payments["Amount"].to_numpy() * 100).astype(np.int64),
        "spent_on": payments["Date"].cast(pa.string()).cast(pa.date32()),
        "invoice_no": payments["InvNum"].cast(pa.string()),
    })  # fmt: skip
    rule = ExpenseRule.make(cap="100%", evidence=1)
    flags = expense_flags(expense, rule=rule)["red_flag"].to_pylist()
    same = Counter(rows)
    twice = sum(n for n in same.values() if n > 1)
    assert sum(f["items"] for f in flags if f["code"] == "duplicate") == twice > 0
    spikes = {f["items"] for f in flags if f["code"] == "spike"}
    assert sum(r[3] == 50 for r in rows) == max(spikes)
