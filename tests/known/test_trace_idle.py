"""Loan money that does no work: by hand, and what is planted in worlds."""

import pytest

from liandong.schema.arrow import build, empty
from liandong.trace import circles, follow, groups, idle
from liandong.types import Money, Rate
from liandong.world import make
from support.flows import START, account_table, flow_table
from support.worlds import truths

DAY = 86_400
LOAN = "bank E 1000 disbursement loan=L"
CURRENT = (0, "current")
ACCOUNTS = account_table(
    bank=(0, "loan"), E=CURRENT, X=CURRENT, shares=(0, "securities"), till=(0, "wealth"),
    homes=(0, "property"), saved=(0, "deposit"),
)  # fmt: skip


def lent():
    return build("loan", {
        "loan_id": ["L"], "party_id": ["E"], "lender_id": ["bank"], "account_id": ["E"],
        "amount": [1000], "start": [START.date()], "term_months": [12], "status": ["current"],
    })  # fmt: skip


def told(*lines, group=None, purposes=None, **rule):
    flow = flow_table(*lines)
    if purposes:
        at = flow.column_names.index("purpose")
        flow = flow.set_column(at, flow.schema.field("purpose"), [purposes])
    group = empty("party_group") if group is None else group
    trail = follow(flow, ACCOUNTS, lent())["trail"]
    got = circles(flow, ACCOUNTS, lent(), group, trail, least=Money(1))
    rest = (group, trail, got["circle"], got["circle_leg"])
    rows = idle(flow, lent(), ACCOUNTS, *rest, **rule)["idle"].to_pylist()
    return {r["use"]: (r["amount"], r["loan_money"], r["share"], r["level"]) for r in rows}


@pytest.mark.parametrize(
    ("place", "use"),
    [("shares", "securities"), ("till", "wealth"), ("homes", "property"), ("saved", "deposit")],
)
def test_the_kind_of_the_account_tells_the_use(place, use):
    assert told(LOAN, f"E {place} 600") == {use: (600, 600, 600_000, "orange")}


def test_only_the_days_after_the_loan_count():
    assert told("E shares 900", f"{LOAN} at=1", f"E shares 900 at={2 + 7 * DAY}") == {}
    assert told(LOAN, f"E shares 900 at={7 * DAY}")["securities"][3] == "red"
    assert told(LOAN, f"E shares 900 at={7 * DAY}", days=6) == {}


def test_the_last_day_counts_whether_or_not_old_money_hides_the_loan():
    hidden = ("buyer E 900", f"{LOAN} at=1")
    assert told(*hidden, f"E homes 800 at={1 + 7 * DAY}")["property"][:2] == (800, 0)
    assert told(*hidden, f"E homes 800 at={2 + 7 * DAY}") == {}


def test_a_level_begins_at_its_share():
    assert told(LOAN, "E shares 200")["securities"][2:] == (200_000, "yellow")
    assert told(LOAN, "E shares 500")["securities"][2:] == (500_000, "orange")
    assert told(LOAN, "E shares 800")["securities"][2:] == (800_000, "red")


def test_a_leg_that_closes_two_circles_comes_back_once():
    group = build("party_group", {"party_id": ["E", "X"], "group_id": ["E"] * 2, "size": [2] * 2})
    lines = (LOAN, "E X 400", "E Y 400", "Y X 399", "X E 398")
    assert told(*lines, group=group)["round_trip"][0] == 398


def test_small_shares_are_not_told():
    assert told(LOAN, "E shares 199") == {}
    assert told(LOAN, "E shares 199", least=Rate(100_000))["securities"][3] == "yellow"


def test_money_that_goes_on_by_another_account_is_traced():
    assert told(LOAN, "E X 800", "X shares 700") == {"securities": (700, 700, 700_000, "orange")}


def test_old_money_hides_the_loan_from_the_trace_but_not_from_the_eye():
    got = told("buyer E 900", LOAN, "E homes 800")
    assert got == {"property": (800, 0, 800_000, "red")}


def test_a_purpose_tells_the_use_whatever_the_account():
    assert told(LOAN, "E X 800", purposes=["loan", "购房首付"])["property"][0] == 800
    assert told(LOAN, "E X 800", purposes=["loan", "货款"]) == {}
    assert told(LOAN, "E X 800", purposes=["loan", "tiles"], property=("tile",))["property"]


def test_money_that_comes_home_from_a_use_is_no_use():
    purposes = ["loan", "证券转银行", None]
    assert told(LOAN, "shares E 800", "E X 10", purposes=purposes) == {}


def test_related_parties_and_money_that_comes_back():
    group = build("party_group", {
        "party_id": ["E", "X"], "group_id": ["E", "E"], "size": [2, 2],
    })  # fmt: skip
    assert told(LOAN, "E X 800", group=group) == {"related": (800, 800, 800_000, "red")}
    assert told(LOAN, "E X 800", group=group, related=False) == {}
    assert told(LOAN, "E X 800", "X E 790", group=group) == {
        "round_trip": (790, 790, 790_000, "orange")
    }


def test_planted_diversions_and_round_trips_are_found_in_a_world_never_looked_at():
    world = make(firms=1_000, months=18, seed=41)
    names = ("flow", "bank_account", "loan")
    flow, account, loan = (world[n] for n in names)
    trail = follow(flow, account, loan)["trail"]
    group = groups(world["edge"], world["party"])["party_group"]
    got = circles(flow, account, loan, group, trail)
    rest = (group, trail, got["circle"], got["circle_leg"])
    uses = idle(flow, loan, account, *rest)["idle"].to_pylist()
    found = {u["loan_id"] for u in uses if u["use"] != "round_trip" and u["level"] != "yellow"}
    planted = {t["subject"] for t in truths(world, "diverted_loan")}
    assert len(found & planted) >= 0.95 * len(planted)
    assert len(found & planted) >= 0.8 * len(found)
    legs = {}
    for r in got["circle_leg"].to_pylist():
        legs.setdefault(r["circle_id"], []).append(r["flow_id"])
    red = [legs[r["circle_id"]] for r in got["circle"].to_pylist() if r["level"] == "red"]
    trips = [t["detail"]["flows"] for t in truths(world, "round_trip")]
    assert all(t in red for t in trips)
    assert len(trips) >= 0.8 * len(red)
    back = {u["loan_id"] for u in uses if u["use"] == "round_trip"}
    assert {t["subject"] for t in truths(world, "round_trip")} <= back
