"""Releases: what they say, what they cost, and what they refuse."""

import json
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

import liandong as ld
from liandong.errors import ConflictError, DataError, RefusedError, UsageError
from liandong.govern import ReleaseRule, grant, release
from liandong.govern.sharing import release as module
from liandong.govern.sharing.cells import apart, listed
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from support.released import DAY, ORDER, give, grants, loans, parties

LOANS = loans(("F1", 100), ("F1", 50), ("F2", 900), ("F3", 70), ("F5", 10), ("F9", 10))
BUDGET = "memo:loan@B1:epsilon"


@pytest.fixture
def silent(monkeypatch):
    """Releases without noise."""
    monkeypatch.setattr(module, "noise", lambda n, _: np.zeros(n, np.int64))


def given_entries(*epsilons, dataset="loan"):
    entry = grant(grants(*epsilons, dataset=dataset))["entry"]
    signed = pa.array(["run"] * len(entry), pa.string())
    return entry.set_column(entry.column_names.index("run_id"), "run_id", signed)


def figures(loan=LOANS, party=None, consent=None, **rule):
    made = ReleaseRule.make(**{**ORDER, **rule})
    tables = {"loan": loan, "party": parties() if party is None else party,
              "entry": given_entries(10**7, dataset=made.dataset)}  # fmt: skip
    return released(made, tables if consent is None else {**tables, "consent": consent})


def released(rule, tables):
    return release(*(tables.get(n, empty(n)) for n in release.reads), rule=rule)


def values(**rule):
    return figures(**rule)["released"]["value"].to_pylist()


@pytest.mark.usefixtures("silent")
def test_each_party_counts_as_the_order_says():
    assert values(high=1) == [2, 1, 0]  # parties with a loan; F5 is nowhere, F9 nobody
    assert values(high=2) == [3, 1, 0]  # loans, at most two a party
    assert values(measure="amount", high=120) == [240, 70, 0]
    assert values(measure="amount", low=80, high=120) == [240, 160, 0]  # F4 has none: the least
    assert values(measure="amount", high=10**12, where={"status": "default"}) == [0, 0, 0]
    assert values(groups={}) == [4]
    assert values(dataset="party", where={"kind": "firm"}) == [2, 2, 0]
    assert values(dataset="party", measure="staff", high=5) == [0, 0, 0]


@pytest.mark.usefixtures("silent")
def test_cells_are_those_of_public_lists_and_of_nobody_too():
    rows = figures(groups={"industry": ["C", "I"], "region_id": []})["released"].to_pylist()
    assert len(rows) == 34 * 2
    assert {(r["region_id"], r["industry"]): r["value"] for r in rows if r["value"]} == {
        ("310000", "C"): 2, ("320000", "C"): 1,
    }  # fmt: skip
    assert [r["cell"] for r in rows] == list(range(1, 69))
    assert len(figures(groups={"industry": [], "size_class": []})["released"]) == 20 * 4
    assert values(groups={"region_id": ["310100", "310200", "320500"]}) == [2, 0, 1]
    assert values(groups={"region_id": ["100000"]}) == [3]
    assert listed("kind")[0] == "firm"


@pytest.mark.usefixtures("silent")
def test_only_who_consents_is_counted():
    consent = build("consent", {
        "consent_id": ["1", "2", "3", "4"], "party_id": ["F1", "F2", "F3", "F3"],
        "dataset": ["loan", "*", "loan", "party"], "purpose": ["statistics"] * 4,
        "until": [None, DAY, DAY.replace(year=2025), None],
    })  # fmt: skip
    assert values(consent=consent, purpose="statistics") == [2, 0, 0]
    assert values(consent=consent, purpose="credit") == [0, 0, 0]


def test_what_is_told_beside_the_figures():
    row = figures(measure="amount", high=400)["released"].to_pylist()[0]
    assert row["scale"] == 800.0
    assert (row["summed"], row["unit"]) == ("amount", "CNY fen")
    assert row["high"] - row["value"] == row["value"] - row["low"] == module.margin(Fraction(800))
    assert (row["epsilon"], row["receiver_id"], row["dataset"]) == (500_000, "B1", "loan")


@pytest.mark.parametrize("wrong", [
    {"measure": "loan_id"}, {"measure": "nothing"}, {"dataset": "signal", "measure": "value"},
    {"where": {"amount": "1"}}, {"low": 2, "high": 1}, {"low": 0, "high": 0},
    {"epsilon": "0"}, {"epsilon": "0.000999"}, {"epsilon": "0.5000001"},
    {"epsilon": "11"}, {"high": 10**13},
    {"groups": {"region_id": ["310000", "310104"]}}, {"groups": {"industry": ["C", "C"]}},
    {"groups": {"name": ["x"]}}, {"dataset": "flow"}, {"name": "a b"},
    {"groups": {"region_id": [f"{i:06}" for i in range(110000, 160000)], "industry": []}},
])  # fmt: skip
def test_orders_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UsageError):
        ReleaseRule.make(**{**ORDER, **wrong})


def test_groups_lie_apart():
    assert apart("region_id", ["310100", "310200", "320000"])
    assert not apart("region_id", ["310000", "310200"])
    assert not apart("region_id", ["100000", "310200"])


@pytest.mark.usefixtures("silent")
@pytest.mark.postgres
def test_steps_hold_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_step(grant, {"privacy_grant": grants(5_000, 7_000)},
               boards=[str(tmp_path / "g.board"), postgres_url])  # fmt: skip
    # Entries need accounts, which a release does not read.
    tables = {"loan": LOANS, "party": parties(), "entry": given_entries(10**6),
              "account": grant(grants(10**6))["account"]}  # fmt: skip
    rule = ReleaseRule.make(**ORDER)
    alone = {n: t for n, t in tables.items() if n in release.reads}
    check_step(release, alone, rule)
    with ld.open(tmp_path / "r.board", actor="check") as board:
        board.put("check", tables)
        board.run(release, rule=rule)
        found = board.table("released").arrow()
    assert found.equals(released(rule, tables)["released"])


def test_a_release_spends_and_is_drawn_once(board):
    board.put("data", {"party": parties(), "loan": LOANS})
    give(board, 400_000, 300_000)
    order = ReleaseRule.make(**ORDER)
    first = board.run(release, rule=order)
    assert first.counts["released"] == 3
    published = board.table("released").arrow()
    # The data change; what was published does not, and costs nothing more.
    board.put("data", {"party": parties(), "loan": loans(("F3", 1))})
    board.run(release, rule=order)
    assert board.table("released").arrow().equals(published)
    assert balance(board, BUDGET) == 200_000
    assert balance(board, "memo:loan:epsilon") == -200_000
    with pytest.raises(ConflictError):
        board.run(release, rule=order.changed(high=2))
    with pytest.raises(DataError, match="too little"):
        board.run(release, rule=order.changed(name="second"))
    assert len(board.table("released")) == 3
    board.run(release, rule=order.changed(name="second", epsilon="0.2"))
    assert balance(board, BUDGET) == 0
    with pytest.raises(DataError, match="too little"):
        board.run(release, rule=order.changed(name="third", epsilon="0.001"))
    assert len(board.table("released")) == 6
    assert board.check() == []


def balance(board, account):
    row = next(r for r in board.ledger.balances().to_pylist() if r["account_id"] == account)
    return row["credit"] - row["debit"]


def test_budgets_come_from_grants_that_somebody_else_approved(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        board.put("data", {"party": parties(), "loan": LOANS})
        board.put("grants", {"privacy_grant": grants(10**6)})
        with pytest.raises(DataError, match="no privacy budget"):
            board.run(release, **ORDER)
        with pytest.raises(RefusedError):
            board.run(grant)
        with pytest.raises(RefusedError):
            board.approve(board.propose(grant))
        board.acting("bob").approve(board.propose(grant))
        board.run(grant)
        board.run(grant)
        assert balance(board, BUDGET) == 10**6
        board.run(release, **ORDER)
        # What is spent stays spent: whoever takes the entry back has spoilt the budget.
        assert board.ledger.reverse("release:first", DAY) == "ok"
        with pytest.raises(DataError, match="reversal:release:first"):
            board.run(release, **{**ORDER, "name": "second"})
        assert board.ledger.reverse("reversal:release:first", DAY) == "ok"


def test_a_grant_is_taken_back_as_far_as_it_is_not_spent(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        board.put("data", {"party": parties(), "loan": LOANS})
        give(board, 600_000, 300_000)
        board.run(release, **ORDER)
        assert board.ledger.reverse("grant:B1-loan-0") == "debit_limit"
        assert board.ledger.reverse("grant:B1-loan-1") == "ok"
        changed = grants(600_001)
        board.put("grants", {"privacy_grant": changed})
        board.acting("bob").approve(board.propose(grant))
        with pytest.raises(ConflictError):
            board.run(grant)


def test_an_account_that_anybody_opened_without_a_cap_is_refused(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        loose = grant(grants(1))["account"].drop_columns("capped")
        board.ledger.open(loose)
        with pytest.raises(ConflictError):
            give(board, 10**6)


def test_the_log_and_the_rows_tell_nothing_but_what_was_released(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        board.put("data", {"party": parties(), "loan": LOANS})
        give(board, 10**6)
        done = board.run(release, **ORDER)
        acts = [json.loads(a["body"]) for a in board.table("act").rows(subject=done.run_id)]
        assert acts[-1]["counts"] == {"account": 2, "entry": 1, "released": 3}
        assert acts[-1]["rule"] == done.rule_id
        trial = board.run(release, dry_run=True, **{**ORDER, "name": "tried"})
        assert trial.counts == done.counts
        assert len(board.table("released")) == 3
        assert balance(board, BUDGET) == 500_000
