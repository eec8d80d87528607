"""Rules of signals: thresholds, refusals, the examples of the recipe, and sums that do not fit."""

import re
from datetime import date

import pytest

from liandong.errors import DataError, UsageError
from liandong.schema.tables.warnings import LEVELS
from liandong.watch import (
    ChangeRule,
    InvoiceChangeRule,
    OverdueRule,
    PortfolioRule,
    SignalsRule,
    StaffDropRule,
    TaxDropRule,
)
from support.source import ROOT
from support.warnings import Board

DAY = date(2024, 12, 31)
TOML = re.findall(
    r"```toml\n(.*?)```", (ROOT / "docs/recipes/early-warning.md").read_text("utf-8"), re.DOTALL
)


def test_the_examples_of_the_recipe_are_rules():
    signals, portfolio = SignalsRule.from_toml(TOML[0]), PortfolioRule.from_toml(TOML[1])
    assert signals.t1.thresholds() == [0.85, 0.6, 0.4]
    assert not signals.judged("U1", DAY)
    assert not signals.judged("R1", date(2025, 6, 30))
    assert signals.judged("R1", date(2025, 7, 1))
    assert len(signals.days()) == 26
    assert signals.days()[0] == date(2025, 7, 9)
    assert portfolio.p1.thresholds() == [4.0, 6.0]
    assert SignalsRule.from_toml(signals.to_toml()) == signals


def test_levels_get_graver():
    assert TaxDropRule().falls
    assert not StaffDropRule().falls
    with pytest.raises(UsageError, match="graver"):
        TaxDropRule.make(yellow="50%")
    with pytest.raises(UsageError, match="graver"):
        OverdueRule.make(orange=40)
    assert OverdueRule.make(yellow=2, orange=2, red=2).thresholds() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    "wrong",
    [{"moments": 0}, {"every_days": 0}, {"without": ("X1",)}, {"t1": {"yelow": "80%"}},
     {"l1": {"due_day": 31}}],
)  # fmt: skip
def test_wrong_rules_are_refused(wrong):
    with pytest.raises(UsageError):
        SignalsRule.make(as_of=DAY, **wrong)


def test_each_signal_has_an_id_of_its_own():
    rule = SignalsRule(as_of=DAY)
    codes = ("T1", "T2", "L1", "J1", "U1", "H1", "C1", "G1", "F1", "F2", "A1", "R1")
    ids = {rule.section(c).id for c in codes} | {ChangeRule().id}
    assert len(ids) == 13
    assert len(InvoiceChangeRule().thresholds()) == len(LEVELS)


def test_amounts_that_could_not_be_added_up_are_refused():
    board = Board("F1")
    for _ in range(200):
        board.tell("payment_in", "F1", DAY, 10**15, tag="transfer")
    with pytest.raises(DataError, match="watch_event"):
        board.judged("A1", str(DAY))
    assert board.judged("A1", str(DAY), a1={"through_days": 2}) == {}


def test_without_firms_nothing_is_said():
    assert Board().judged("J1", str(DAY)) == {}
