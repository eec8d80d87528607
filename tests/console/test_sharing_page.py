"""The page of what is shared: budgets as the ledger has them, releases, common firms, issuers."""

import re

from support.boards import HOSTILE_ID
from support.site import Site


def test_budgets_are_those_of_the_ledger(site: Site) -> None:
    found = {r["receiver_id"]: r for r in site.json("/sharing")["budgets"]}
    used, idle = found[HOSTILE_ID], found["B2"]
    assert (used["posted"], used["spent"], used["left"]) == (2_000_000, 1_500_000, 500_000)
    assert (used["releases"], idle["releases"], idle["left"]) == (2, 0, 300_000)
    balances = {r["account_id"]: r for r in site.board.ledger.balances().to_pylist()}
    own = balances[used["account_id"]]
    assert own["credit"] - own["debit"] == used["left"]
    text = site.get("/sharing").text
    assert all(f"{n} ε" in text for n in ("2", "1.5", "0.5", "0.3"))


def test_a_budget_that_nobody_has_approved_waits(site: Site) -> None:
    row = next(r for r in site.json("/sharing")["budgets"] if r["receiver_id"] == "B3")
    assert (row["granted"], row["posted"], row["left"]) == (250_000, 0, 0)
    assert "0.25 ε wait for" in site.get("/sharing").text


def test_a_release_is_drawn_with_all_its_cells(site: Site) -> None:
    found = site.json("/sharing?release=lent")
    rows = site.sql("SELECT cell, value, low, high FROM released WHERE release = 'lent'"
                    " ORDER BY cell")  # fmt: skip
    assert [{n: c[n] for n in ("cell", "value", "low", "high")} for c in found["cells"]] == rows
    assert found["grouped"] == ["region_id"]
    assert len(rows) == 34
    text = site.get("/sharing?release=lent").text
    assert "The largest 30 are drawn" in text
    assert len(re.findall(r"<circle", text)) >= 30
    other = site.json("/sharing?release=borrowers")
    assert other["grouped"] == ["size_class"]
    assert site.get("/sharing?release=no").status_code == 400


def test_common_firms_and_issuers_are_told_as_the_log_has_them(site: Site) -> None:
    found = site.json("/sharing")
    (act,) = found["common"]
    (logged,) = site.sql("SELECT seq FROM act WHERE action = 'common.setup'")
    assert (act["seq"], act["count"], act["until"]) == (logged["seq"], 120, "2999-12-31")
    (issuer,) = found["issuers"]
    assert (issuer["own_kind"], issuer["accepted"], issuer["in_force"]) == ("tech", 0, 0)
