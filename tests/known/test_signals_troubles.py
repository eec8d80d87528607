"""L1, J1, R1, G1 worked by hand, at each threshold, and with facts that come late."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.guaranteed import in_chains, within_hops
from support.warnings import Board

START = date(2024, 1, 10)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def lending(*paid: date, amount: int = 1200, repaid: int = 0, term: int = 12) -> Board:
    """A loan of 1200 to F1 from 10 January 2024, due on the 21st of each month from February."""
    board = Board("F1", "B1")
    board.put(
        "loan", loan_id=["L1"], party_id=["F1"], lender_id=["B1"], amount=[amount], start=[START],
        term_months=[term], status=["current"],
    )  # fmt: skip
    days = [START, *paid, *([paid[-1]] if repaid else [])]
    kinds = ["disbursement", *["interest"] * len(paid), *(["repayment"] if repaid else [])]
    return board.put(
        "flow", flow_id=[f"T{k}" for k in range(len(days))], src_account=["A1"] * len(days),
        dst_account=["A2"] * len(days), amount=[amount, *[5] * len(paid), *[repaid] * bool(repaid)],
        at=[at(d) for d in days], seq=list(range(len(days))), kind=kinds,
        loan_id=["L1"] * len(days),
    )  # fmt: skip


FEB, MAR = date(2024, 2, 21), date(2024, 3, 21)


@pytest.mark.parametrize(
    ("days", "level"),
    [(0, None), (1, "yellow"), (15, "yellow"), (16, "orange"), (30, "orange"), (31, "red")],
)
def test_days_past_due_at_each_threshold(days, level):
    said = lending(FEB).judged("L1", str(MAR + timedelta(days=days)))["F1"]
    assert said["level"] == level
    assert said["value"] == days


@pytest.mark.parametrize(
    ("paid", "days"),
    [
        (date(2024, 3, 11), 0),  # ten days early: it was the payment that was due
        (date(2024, 3, 10), 10),  # eleven days early: it was not
        (date(2024, 3, 31), 0),
        (date(2024, 2, 29), 10),  # late for February, and March is open
    ],
)
def test_which_payment_was_due(paid, days):
    assert lending(FEB, paid).judged("L1", "2024-03-31")["F1"]["value"] == days


def test_a_payment_made_later_does_not_help_before():
    board = lending(FEB, date(2024, 4, 5))
    assert board.judged("L1", "2024-04-04")["F1"]["value"] == 14
    assert board.judged("L1", "2024-04-05")["F1"]["value"] == 0


def test_a_first_payment_that_is_missing_is_orange():
    assert lending().judged("L1", "2024-02-21")["F1"]["level"] is None
    said = lending().judged("L1", "2024-02-22")["F1"]
    assert said["level"] == "orange"
    assert said["threshold"] is None
    assert said["reasons"] == ["watch.overdue", "watch.first_payment"]


def test_a_loan_that_is_repaid_or_over_is_not_past_due():
    assert lending(FEB, repaid=1200).judged("L1", "2024-06-30") == {}
    assert lending(FEB, repaid=1199).judged("L1", "2024-06-30")["F1"]["level"] == "red"
    # One month: the only due day was in February, and it was paid then.
    assert lending(FEB, term=1).judged("L1", "2024-06-30")["F1"]["value"] == 0


def test_a_loan_whose_paying_out_is_not_known_is_not_judged():
    board = lending(FEB)
    board.tables["flow"] = board.tables["flow"].slice(1)
    assert board.judged("L1", "2024-06-30") == {}


def test_days_past_due_that_a_lender_tells_go_on():
    board = Board("F1").tell("overdue", "F1", "2024-05-01", 10, seen="2024-05-03")
    board.tell("overdue", "F1", "2024-05-20", 0)
    found = {d: board.judged("L1", f"2024-05-{d:02}") for d in (2, 3, 7, 20)}
    assert found[2] == {}
    assert [found[d]["F1"]["value"] for d in (3, 7, 20)] == [12, 16, 0]
    assert found[7]["F1"]["level"] == "orange"


@pytest.mark.parametrize(("asked", "told"), [(4, False), (5, True)])
def test_enquiries(asked, told):
    board = Board("F1").tell("enquiry", "F1", "2024-04-30")
    for k in range(asked):
        board.tell("enquiry", "F1", date(2024, 5, 1 + k))
    said = board.judged("L1", "2024-05-30")
    assert ([w["level"] for w in said.values()] == ["yellow"]) == told


def test_a_line_that_was_nearly_used_up_for_ninety_days():
    board = Board("F1", "F2", "F3").tell("utilisation", "F1", "2024-01-01", 900_001)
    board.tell("utilisation", "F2", "2024-01-01", 900_000)
    board.tell("utilisation", "F3", "2024-01-01", 950_000)
    board.tell("utilisation", "F3", "2024-02-01", 800_000)
    board.tell("utilisation", "F3", "2024-02-02", 990_000)
    assert board.judged("L1", "2024-03-30") == {}  # 89 days
    assert board.judged("L1", "2024-03-31").keys() == {"F1"}
    assert board.judged("L1", "2024-05-02").keys() == {"F1", "F3"}


def sued(amount: int, sales: int = 1000, tag: str | None = None) -> Board:
    board = Board("F1", annual_revenue=[sales])
    return board.tell("lawsuit", "F1", "2024-05-01", amount, tag=tag, seen="2024-05-10")


@pytest.mark.parametrize(("amount", "level"), [(50, None), (51, "yellow"), (900, "yellow")])
def test_cases_at_the_threshold(amount, level):
    said = sued(amount).judged("J1", "2024-06-30")["F1"]
    assert said["level"] == level
    assert said["value"] == amount / 1000


def test_cases_of_other_kinds_and_old_ones_do_not_count():
    assert sued(500, tag="labour").judged("J1", "2024-06-30")["F1"]["value"] == 0
    assert sued(500, tag="loan").judged("J1", "2024-06-30")["F1"]["value"] == 0.5
    assert sued(500).judged("J1", "2024-07-29")["F1"]["value"] == 0.5
    assert sued(500).judged("J1", "2024-07-30")["F1"]["value"] == 0


def test_a_case_seen_later_is_not_used_before():
    assert sued(500).judged("J1", "2024-05-09")["F1"]["level"] is None
    assert sued(500).judged("J1", "2024-05-10")["F1"]["level"] == "yellow"


def test_what_is_invoiced_goes_before_what_is_on_record():
    board = sued(50).tell("invoice", "F1", "2024-03-01", 500, tag="valid")
    assert board.judged("J1", "2024-06-30")["F1"]["value"] == 0.1


@pytest.mark.parametrize(
    ("kind", "level"),
    [("equity_freeze", "yellow"), ("enforcement", "orange"), ("listing", "red")],
)
def test_what_courts_do_by_itself(kind, level):
    board = Board("F1").tell(kind, "F1", "2023-07-02")
    assert board.judged("J1", "2024-06-30")["F1"]["level"] == level
    assert board.judged("J1", "2024-07-02")["F1"]["level"] is None


@pytest.mark.parametrize(
    ("tags", "points", "level"),
    [
        ([], 0, None),
        (["address"], 1, "yellow"),
        (["address", "legal_person"], 2, "yellow"),
        (["abnormal"], 3, "orange"),
        (["abnormal", "pledge"], 4, "orange"),
        (["licence", "capital_cut"], 5, "red"),
        (["statement_assets"], 0, None),
    ],
)
def test_changes_in_the_register(tags, points, level):
    board = Board("F1")
    for tag in tags:
        board.tell("registry", "F1", "2024-05-01", tag=tag)
    said = board.judged("R1", "2024-06-30")["F1"]
    assert (said["value"], said["level"]) == (points, level)


def test_penalties_weigh_and_are_not_used_before_they_are_seen():
    board = Board("F1").tell("penalty", "F1", "2024-05-01", 100, seen="2024-06-30")
    assert board.judged("R1", "2024-06-29")["F1"]["value"] == 0
    assert board.judged("R1", "2024-06-30")["F1"]["value"] == 1
    heavy = {"weights": {"penalty": 5}}
    assert board.judged("R1", "2024-06-30", r1=heavy)["F1"]["level"] == "red"


def chain(given: int, net: int | None = 1000) -> Board:
    """F1, F2 and F3 guarantee each other in a circle; F3 guarantees F4 as well, F5 all alone."""
    firms = [f"F{k}" for k in range(1, 7)]
    board = Board(*firms)
    ties = [("F1", "F2"), ("F2", "F3"), ("F3", "F1"), ("F3", "F4"), ("F5", "F6")]
    board.put(
        "edge", src=[a for a, _ in ties], dst=[b for _, b in ties],
        kind=["guarantees"] * len(ties), valid_from=[date(2024, 1, 1)] * len(ties),
        weight=[given] * len(ties),
    )  # fmt: skip
    for firm in firms:
        if net is not None:
            board.tell("registry", firm, "2023-12-31", net + 500, tag="statement_assets")
            board.tell("registry", firm, "2023-12-31", 500, tag="statement_liabilities")
    return board


@pytest.mark.parametrize(
    ("given_", "level"), [(1000, None), (1001, "yellow"), (2000, "yellow"), (2001, "orange")]
)
def test_guarantees_at_each_threshold(given_, level):
    said = chain(given_).judged("G1", "2024-06-30")
    assert said.keys() == {"F1", "F2", "F3"}
    assert said["F1"]["level"] == level
    assert said["F1"]["value"] == given_ / 1000
    assert said["F3"]["value"] == 2 * given_ / 1000


def test_guarantees_on_nothing_are_beyond_every_multiple():
    said = chain(5, net=0).judged("G1", "2024-06-30")["F1"]
    assert (said["level"], said["value"]) == ("orange", None)
    assert chain(5, net=None).judged("G1", "2024-06-30") == {}


def test_a_default_within_two_guarantees_is_red():
    board = chain(5).tell("default", "F4", "2024-05-01", seen="2024-05-05")
    assert board.judged("G1", "2024-05-04")["F1"]["level"] is None
    found = board.judged("G1", "2024-05-05")
    # F4 is not in the chain, but one guarantee from F3 and two from F1 and F2.
    assert {k: v["level"] for k, v in found.items()} == dict.fromkeys(("F1", "F2", "F3"), "red")
    near = board.judged("G1", "2024-05-05", g1={"hops": 1})
    assert {k for k, v in near.items() if v["level"]} == {"F3"}


def test_guarantees_that_have_ended_or_not_begun_tie_nobody():
    assert chain(5).judged("G1", "2023-12-31") == {}
    assert chain(5).judged("G1", "2024-01-01").keys() == {"F1", "F2", "F3"}


def test_a_guarantee_fund_ties_nobody():
    board = chain(5)
    kinds = ["firm", "fund", *["firm"] * 4]
    party = board.tables["party"]
    board.put("party", party_id=party["party_id"].to_pylist(), kind=kinds)
    assert board.judged("G1", "2024-06-30") == {}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda t: t[0] != t[1])),
    st.sets(st.integers(0, 6)),
    st.integers(1, 3),
)
def test_chains_and_hops_as_sets_say(ties, marked, hops):
    one, other = (np.array([t[k] for t in ties], np.int64) for k in (0, 1))
    reach = {v: {v} for v in range(7)}
    for _ in range(7):
        reach = {v: r.union(*({b} for a, b in ties if a in r)) for v, r in reach.items()}
    strong = {v for v in reach if any(v in reach[w] and w in reach[v] for w in reach if w != v)}
    core = set(range(7))
    pairs = {frozenset(t) for t in ties}
    while weak := {v for v in core if sum(v in p and p <= core for p in pairs) < 2}:
        core -= weak
    assert set(np.flatnonzero(in_chains(one, other, 7))) == strong | core
    near = {v: {v} for v in range(7)}
    for _ in range(hops):
        near = {v: r.union(*(p for p in pairs if p & r)) for v, r in near.items()}
    found = within_hops(one, other, np.isin(np.arange(7), list(marked)), 7, hops)
    assert set(np.flatnonzero(found)) == {v for v in range(7) if (near[v] & marked) - {v}}
