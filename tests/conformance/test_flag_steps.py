"""The steps of red flags hold the conventions, on planted expenses and a few tenders."""

import json

import pytest

from liandong import govern
from liandong.govern import ExpenseRule, FlagCasesRule
from liandong.load import load
from liandong.schema.arrow import build
from liandong.testing import check_step
from liandong.testing.expenses import expenses


@pytest.fixture(scope="module")
def made():
    made = expenses(3_000, seed=5)
    return {"expense": made.expense, "staff": made.staff, "vendor": made.vendor}


@pytest.fixture(scope="module")
def flags(made):
    return govern.expense_flags(*made.values())


def _boards(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return [str(tmp_path / "s.board"), postgres_url]


def test_expenses(made, tmp_path, postgres_url, monkeypatch):
    boards = _boards(tmp_path, postgres_url, monkeypatch)
    check_step(govern.expense_flags, made, ExpenseRule(), boards=boards)


def test_procurement(tmp_path, postgres_url, monkeypatch):
    boards = _boards(tmp_path, postgres_url, monkeypatch)
    path = tmp_path / "t.jsonl"
    bids = [{"status": s, "tenderers": [{"id": w}], "value": {"amount": a, "currency": "CNY"}}
            for s, w, a in (("disqualified", "D", 1), ("valid", "W", 2))]  # fmt: skip
    path.write_text("\n".join(
        json.dumps({"ocid": f"o{k}", "buyer": {"id": "B"}, "bids": {"details": bids},
                    "tender": {"numberOfTenderers": 1, "procurementMethod": "open"},
                    "awards": [{"status": "active", "suppliers": [{"id": "W"}]}]})
        for k in range(9)
    ))  # fmt: skip
    check_step(govern.procurement_flags, load("ocds", path).tables, boards=boards)


def test_cases_and_precision(flags, tmp_path, postgres_url, monkeypatch):
    boards = _boards(tmp_path, postgres_url, monkeypatch)
    ids = flags["red_flag"]["flag_id"].to_pylist()[:3]
    review = build("flag_review", {
        "flag_id": ids, "at": [k * 10**12 for k in range(3)], "actor": ["li"] * 3,
        "outcome": ["confirmed", "false_alarm", "appealed"],
    })  # fmt: skip
    given = {"red_flag": flags["red_flag"], "flag_review": review}
    check_step(govern.flag_precision, given, boards=boards)
    (tmp_path / "c").mkdir()
    rule = FlagCasesRule(as_of="2026-01-02")
    check_step(govern.flag_cases, given, rule, boards=[str(tmp_path / "c" / "s.board")])
