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


def test_tally_of_reviewed_flags(flags, tmp_path, postgres_url, monkeypatch):
    boards = _boards(tmp_path, postgres_url, monkeypatch)
    ids = flags["red_flag"]["flag_id"].to_pylist()[:4]
    review = build("flag_review", {
        "flag_id": ids, "at": [k * 10**12 for k in range(4)], "actor": ["li"] * 4,
        "outcome": ["confirmed", "false_alarm", "confirmed", "confirmed"],
    })  # fmt: skip
    person = build("case_person", {
        "case_id": ids[:1] * 2, "person_id": ["p", "q"], "kind": ["gifts"] * 2,
        "level": ["township_level", "county_level"], "region_id": ["330000", None],
        "measure": ["party_sanction", "education"],
    })  # fmt: skip
    given = {"red_flag": flags["red_flag"], "flag_review": review, "case_person": person}
    check_step(govern.case_tally, given, boards=boards)
    found = govern.case_tally.finish(govern.case_tally.inputs(given), govern.CaseTallyRule())
    rows = found["case_tally"].to_pylist()
    told = [(r["kind"], r["level"], r["problems"], r["handled"], r["sanctioned"])
            for r in rows if r["region_id"] == "330000"]  # fmt: skip
    # The problem counts at the higher of the two, each person at his own level.
    assert {t[1:] for t in told} == {("county_level", 1, 1, 0), ("township_level", 0, 1, 1)}
    assert sum(r["problems"] for r in rows) == 3
