"""Data assets of a world: the planted cases are there, and the steps find them."""

import pytest

from liandong.match import data_value
from liandong.schema.arrow import empty
from liandong.trace import pledged_twice
from support.worlds import Tables, medium_world, truths


@pytest.fixture(scope="module")
def world() -> Tables:
    return medium_world()


def test_planted_cases_of_data_are_what_they_say(world: Tables) -> None:
    asset = {r["asset_id"]: r for r in world["data_asset"].to_pylist()}
    pledge = {r["pledge_id"]: r for r in world["data_pledge"].to_pylist()}
    end = world["project"]["asked_on"][0].as_py()
    for truth in truths(world, "data_pledged_twice"):
        one, two = (pledge[p] for p in truth["detail"]["pledges"])
        assert (two["asset_id"], one["asset_id"]) == (truth["subject"], truth["object"])
        assert one["fingerprint"] == two["fingerprint"] == asset[truth["object"]]["fingerprint"]
        assert one["lender_id"] != two["lender_id"]
        assert one["certificate"] != two["certificate"]
        assert (two["pledged_on"], two["secured"]) == (truth["at"], truth["amount"])
    for truth in truths(world, "data_right_lapsed"):
        assert asset[truth["subject"]]["valid_to"] == truth["at"] < end
    for truth in truths(world, "data_self_dealing"):
        paid = [r for r in world["data_income"].to_pylist() if r["asset_id"] == truth["subject"]]
        assert {r["licensee_id"] for r in paid} == {truth["object"]}
        assert sum(r["amount"] for r in paid) == truth["amount"] > 0
    kinds = ("data_pledged_twice", "data_right_lapsed", "data_self_dealing")
    assert all(len(truths(world, kind)) >= 3 for kind in kinds)


def test_values_and_limits_find_the_planted_cases_of_data(world: Tables) -> None:
    day = world["project"]["asked_on"][0].as_py()
    found = data_value(*(world[n] for n in data_value.reads), as_of=day)["data_value"].to_pylist()
    code = {(r["asset_id"], r["method"]): r["reasons"][0]["code"] for r in found}
    for kind, why in (("right_lapsed", "lapsed"), ("self_dealing", "only_related")):
        planted = {t["subject"] for t in truths(world, f"data_{kind}")}
        told = {a for (a, m), c in code.items() if m == "income" and c == f"match.data_{why}"}
        assert planted <= told
    board = {**world, **{n: empty(n) for n in pledged_twice.reads if n not in world}}
    board["voucher_act"] = empty("voucher_act")
    pairs = pledged_twice(*(board[n] for n in pledged_twice.reads))["pledged_twice"].to_pylist()
    assert {r["thing_id"] for r in pairs} == {
        t["subject"] for t in truths(world, "data_pledged_twice")
    }
