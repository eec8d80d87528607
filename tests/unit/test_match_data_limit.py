"""Lending on data assets: limits and refusals, the register of pledges, and cover by value now."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import liandong as ld
from liandong.errors import DataError
from liandong.match import (
    DataCoverRule,
    DataLimitRule,
    DataPledgeRule,
    data_cover,
    data_limit,
    data_pledge,
)
from liandong.match.data.pledge import as_invoices
from liandong.match.supply.doubles import double_pledges, seal
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.trace import pledged_twice
from liandong.types import stable_id
from support.command import call
from support.dataassets import assets, collateral, data_pledges, values
from support.funds import offers
from support.lending import DAY, WAN, products, projects

WORTH = 200 * WAN


def limits(asset=None, project=None, pledge=None, value=None, wish=(("R1", "D"),), **rule):
    """Return the rows of the limits of the day."""
    given = (
        collateral(*wish),
        projects(R1={"party_id": "F"}, R2={"party_id": "F"}, **(project or {})),
        asset or assets(D={}),
        values(D=WORTH) if value is None else value,
        pledge or empty("data_pledge"),
        empty("loan"),
    )
    return data_limit(*given, as_of=DAY, **rule)["data_limit"].to_pylist()


def told(row):
    return {r["code"]: r["points"] for r in row["reasons"]}


def test_the_reasons_of_a_limit_add_up_to_it():
    (row,) = limits()
    assert (row["worth"], row["taken"], row["most"]) == (WORTH, 0, 80 * WAN)
    assert told(row) == {
        "match.data_part_worth": WORTH, "match.data_part_haircut": -120 * WAN
    }  # fmt: skip
    (row,) = limits(pledge=data_pledges(P={}), junior=True, advance_rate="0.8")
    assert (row["taken"], row["most"]) == (10 * WAN, 100 * WAN)  # all that is needed
    assert told(row)["match.data_part_taken"] == -10 * WAN
    assert told(row)["match.data_part_unneeded"] == -50 * WAN
    assert sum(told(row).values()) == row["most"]


@pytest.mark.parametrize(
    ("asset", "code", "points"),
    [
        ({"party_id": "G"}, "not_holder(G)", 0),
        ({"operates": False}, "no_right", 0),
        ({"valid_to": DAY - timedelta(2)}, "lapsed", 2),
        ({"valid_to": DAY + timedelta(12 * 31 + 179)}, "ends_early", 1),
        ({"personal": "unproved"}, "personal", 0),
    ],
)
def test_what_speaks_against_an_asset(asset, code, points):
    (row,) = limits(assets(D=asset))
    assert (row["most"], told(row)) == (0, {f"match.data_{code}": points})
    assert limits(assets(D={"valid_to": DAY + timedelta(12 * 31 + 180)}))[0]["most"]
    assert limits(assets(D={"valid_to": None, "personal": "anonymised"}))[0]["most"]


def test_who_is_pledged_already_is_refused():
    pledge = data_pledges(P={}, Q={"asset_id": "E", "fingerprint": b"D".hex(), "secured": 5 * WAN})
    (row,) = limits(pledge=pledge)
    assert told(row) == {"match.data_pledged(L1)": 10 * WAN, "match.data_same_content(E)": 5 * WAN}
    # The same content under another id is a fraud, and no second rank.
    assert told(limits(pledge=pledge, junior=True)[0]) == {"match.data_same_content(E)": 5 * WAN}
    over = [{"released_on": DAY}, {"until": DAY - timedelta(1)}, {"pledged_on": DAY + timedelta(1)},
            {"project_id": "R1"}]  # fmt: skip
    for fields in over:
        assert limits(pledge=data_pledges(P=fields))[0]["most"] == 80 * WAN


def test_content_is_registered_and_offered_once():
    twin = assets(D={}, E={"fingerprint": b"D".hex(), "valid_from": DAY})
    rows = limits(twin, value=values(D=WORTH, E=WORTH), wish=(("R1", "E"), ("R2", "D")))
    found = {r["project_id"]: r for r in rows}
    assert told(found["R1"]) == {"match.data_registered_before(D)": 0}
    assert found["R2"]["most"] == 80 * WAN
    one, two = limits(wish=(("R1", "D"), ("R2", "D")))
    assert (one["most"], told(two)) == (80 * WAN, {"match.data_offered_before(R1)": 0})


def test_several_assets_of_one_project_share_its_need():
    two = assets(D={}, E={})
    rows = limits(two, value=values(D=WORTH, E=WORTH), wish=(("R1", "D"), ("R1", "E")))
    assert [r["most"] for r in rows] == [80 * WAN, 20 * WAN]


def test_nothing_is_lent_on_what_has_no_value():
    assert told(limits(value=values(X=1))[0]) == {"match.data_no_value": 0}
    assert told(limits(value=values(D=24 * WAN))[0]) == {"match.data_small": 100_000}
    (row,) = limits(wish=(("R1", "X"), ("gone", "D")))
    assert told(row) == {"match.data_unknown": 0}


def recorded(limit=None, loan=None):
    row = limit or build("data_limit", {
        "project_id": ["R1", "R2"], "asset_id": ["D", "D"], "as_of": [DAY] * 2,
        "worth": [WORTH] * 2, "taken": [0] * 2, "most": [80 * WAN, 0], "reasons": [[]] * 2,
    })  # fmt: skip
    offer = offers(DAY, ("R1", "Q", 30 * WAN), ("R1", "P", 20 * WAN), ("R2", "P", WAN))
    given = (offer, row, assets(D={}), products(P={}, Q={"lender_id": "L2"}), loan or empty("loan"))
    return given, data_pledge(*given, as_of=DAY)["data_pledge"].to_pylist()


def test_what_is_offered_on_data_is_pledged():
    _, (row,) = recorded()
    assert (row["asset_id"], row["project_id"], row["lender_id"]) == ("D", "R1", "BANK")
    assert (row["secured"], row["loan_id"], row["pledged_on"]) == (50 * WAN, None, DAY)
    assert (row["fingerprint"], row["certificate"]) == (b"D".hex(), "C-D")
    assert recorded(loan=loans(stable_id("loan", "R1", "P")))[1][0]["loan_id"]


def loans(*ids, **fields):
    given = {"party_id": "F", "lender_id": "L1", "amount": 10 * WAN, "start": DAY,
             "term_months": 12, "status": "current", **fields}  # fmt: skip
    return build("loan", {"loan_id": list(ids), **{n: [v] * len(ids) for n, v in given.items()}})


def paid(amount, loan="B1"):
    """Return a repayment a day before."""
    return build("flow", {
        "flow_id": ["T"], "src_account": ["a"], "dst_account": ["b"], "amount": [amount],
        "at": [datetime(2023, 12, 30, tzinfo=UTC)], "seq": [0], "kind": ["repayment"],
        "loan_id": [loan],
    })  # fmt: skip


def covers(pledge, worth=WORTH, loan=None, flow=None, **rule):
    value = values(X=1) if worth is None else values(D=worth)
    given = (pledge, value, loan or loans("B1", "B2"), flow or empty("flow"))
    return {
        r["pledge_id"]: r for r in data_cover(*given, as_of=DAY, **rule)["data_cover"].to_pylist()
    }


def test_cover_is_value_over_what_is_owed():
    pledge = data_pledges(P={"loan_id": "B1"})
    row = covers(pledge, 15 * WAN)["P"]
    assert (row["coverage"], row["margin_call"], row["state"]) == (1_500_000, 0, "covered")
    row = covers(pledge, 12 * WAN)["P"]
    # At 150 % a value of 120,000 covers 80,000: 20,000 of the loan are called.
    assert (row["coverage"], row["margin_call"], row["state"]) == (1_200_000, 2 * WAN, "short")
    assert told(row)["match.data_cover_call"] == 2 * WAN
    after = covers(pledge, 12 * WAN, flow=paid(row["margin_call"]))["P"]
    assert (after["owed"], after["margin_call"], after["coverage"]) == (8 * WAN, 0, 1_500_000)
    assert covers(pledge, flow=paid(10 * WAN))["P"]["state"] == "repaid"
    row = covers(pledge, None)["P"]
    assert (row["state"], row["margin_call"], row["coverage"]) == ("unvalued", 10 * WAN, None)
    assert covers(pledge, 10**15)["P"]["coverage"] == 1_000_000_000


def test_earlier_pledges_come_first_under_any_id():
    later = {"loan_id": "B2", "pledged_on": DAY - timedelta(1)}
    for same in ({"asset_id": "D"}, {"asset_id": "E", "fingerprint": b"D".hex()}):
        pledge = data_pledges(P={"loan_id": "B1", **same}, Q=later)
        found = covers(pledge, 20 * WAN, flow=paid(4 * WAN))
        assert (found["Q"]["prior"], found["Q"]["owed"]) == (6 * WAN, 10 * WAN)
        assert found["Q"]["coverage"] == 1_400_000
    other = data_pledges(P={"loan_id": "B1", "asset_id": "E"}, Q=later)
    assert covers(other)["Q"]["prior"] == 0
    # A pledge secures its own amount only; one whose loan is repaid or unknown has no cover.
    small = data_pledges(P={"loan_id": "B1", "secured": 3 * WAN}, Q={}, R={"loan_id": "B9"})
    found = covers(small)
    assert (list(found), found["P"]["owed"]) == (["P"], 3 * WAN)
    assert not covers(data_pledges(P={"loan_id": "B1"}), loan=loans("B1", status="repaid"))


def test_the_steps_hold_the_conventions():
    pledge = data_pledges(P={"loan_id": "B1"}, Q={"asset_id": "E", "loan_id": "B2"})
    check_step(data_limit, {
        "data_collateral": collateral(("R1", "D"), ("R1", "E"), ("R2", "D")),
        "project": projects(R1={"party_id": "F"}, R2={"party_id": "F"}),
        "data_asset": assets(D={}, E={}), "data_value": values(D=WORTH, E=WORTH),
        "data_pledge": pledge, "loan": empty("loan"),
    }, DataLimitRule(as_of=DAY, junior=True))  # fmt: skip
    check_step(data_cover, {
        "data_pledge": pledge, "data_value": values(D=WORTH), "loan": loans("B1", "B2"),
        "flow": paid(WAN),
    }, DataCoverRule(as_of=DAY))  # fmt: skip
    given, _ = recorded()
    check_step(data_pledge, dict(zip(data_pledge.reads, given, strict=True)),
               DataPledgeRule(as_of=DAY))  # fmt: skip


def test_amounts_beyond_all_sums_are_refused():
    with pytest.raises(DataError, match="flow"):
        covers(data_pledges(P={"loan_id": "B1"}), flow=paid(2**62))


TWICE = {
    "P": {}, "Q": {"asset_id": "E", "fingerprint": b"D".hex(), "lender_id": "L2",
                   "project_id": "R9", "pledged_on": DAY},
    "R": {"asset_id": "G", "released_on": DAY - timedelta(2)},
    "S": {"asset_id": "G", "pledged_on": DAY - timedelta(2)},
}  # fmt: skip


def test_content_pledged_twice_is_found_on_a_board():
    tables = [empty(n) for n in pledged_twice.reads[:-1]]
    (row,) = pledged_twice(*tables, data_pledges(**TWICE))["pledged_twice"].to_pylist()
    assert (row["thing"], row["thing_id"], row["claim_a"], row["claim_b"]) == (
        "data",
        "E",
        "P",
        "Q",
    )
    assert (row["lender_a"], row["lender_b"], row["amount_a"]) == ("L1", "L2", 10 * WAN)
    assert list(told(row)) == ["trace.pledged_while", "trace.pledged_other_id"]
    behind = data_pledges(P={"until": DAY}, Q={"pledged_on": DAY, "fingerprint": "ab"})
    (row,) = pledged_twice(*tables, behind)["pledged_twice"].to_pylist()
    assert list(told(row))[1:] == ["trace.pledged_behind", "trace.pledged_same_lender"]
    over = data_pledges(P={"until": DAY - timedelta(1)}, Q={"pledged_on": DAY})
    assert not len(pledged_twice(*tables, over)["pledged_twice"])


def test_content_pledged_twice_is_found_among_boards_and_sealed_lists():
    lists = {n: as_invoices(data_pledges(**{n: TWICE[n]})) for n in "PQ"}
    (pair,) = double_pledges(lists).to_pylist()
    assert (pair["kind"], pair["lender_id_a"], pair["lender_id_b"]) == ("same", "L1", "L2")
    sealed = {n: seal(t, b"k" * 16) for n, t in lists.items()}
    assert [p["kind"] for p in double_pledges(sealed).to_pylist()] == ["same"]
    # One certificate for two contents.
    altered = {"certificate": "C-D", "asset_id": "Z", "pledged_on": DAY}
    lists["Q"] = as_invoices(data_pledges(Q=altered))
    assert [p["kind"] for p in double_pledges(lists).to_pylist()] == ["altered"]


def test_the_command_holds_data_pledges_of_boards_against_each_other(tmp_path):
    for name, pledge in (("A", "P"), ("B", "Q")):
        with ld.open(tmp_path / f"{name}.board", actor="ann") as board:
            board.put("pledges", {"data_pledge": data_pledges(**{pledge: TWICE[pledge]})})
    code, out, _ = call("pledges", "A.board", "B.board", "--json", cwd=Path(tmp_path))
    (pair,) = json.loads(out)
    assert (code, pair["invoice_id_a"], pair["invoice_id_b"]) == (1, "D", "E")
