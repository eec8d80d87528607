"""What governments buy by tender: the indicators find all that was planted."""

import json

import pytest

from liandong.govern import procurement_flags
from liandong.world.procurement import PLANTS
from liandong.world.rule import INNOCENT, LEAST_PLANTED
from support.worlds import Tables, small_world, truths

CASES = LEAST_PLANTED + INNOCENT


@pytest.fixture(scope="module")
def world() -> Tables:
    return small_world()


@pytest.fixture(scope="module")
def found(world: Tables) -> Tables:
    processes = (world[n] for n in ("tender", "tender_bid", "tender_award"))
    return procurement_flags(*processes, cap="100%", evidence=1_000)


def test_all_that_was_planted_is_flagged(world: Tables, found: Tables) -> None:
    planted = [t for t in truths(world, "planted_flag") if t["detail"]["code"] in PLANTS]
    assert {t["detail"]["code"] for t in planted} == set(PLANTS)
    flags = {
        (f["code"], f["subject_id"]): set(json.loads(f["evidence"])["rows"])
        for f in found["red_flag"].to_pylist()
    }
    for t in planted:
        assert set(t["detail"]["lines"]) <= flags[t["detail"]["code"], t["subject"]], t


def test_amounts_and_days_of_the_truth_are_those_of_its_processes(world: Tables) -> None:
    ends = {r["ocid"]: r["end_at"].date() for r in world["tender"].to_pylist()}
    paid = {r["ocid"]: r["amount"] for r in world["tender_award"].to_pylist()}
    for t in truths(world, "planted_flag"):
        if t["detail"]["code"] in PLANTS:
            own = t["detail"]["lines"]
            assert t["amount"] == sum(paid[o] for o in own)
            assert t["at"] == min(ends[o] for o in own)


def test_processes_as_they_should_be_meet_few_indicators(found: Tables) -> None:
    flagged = {s["code"]: s["flagged"] for s in found["flag_summary"].to_pylist()}
    exact = {"R003": CASES, "R018": CASES, "R024": 0, "R025": 0, "R028": CASES, "R030": CASES,
             "R035": CASES, "R036": CASES, "R048": 0}  # fmt: skip
    assert {c: flagged[c] for c in exact} == exact
    # A fence of all prices takes in some that are only far from the others.
    assert CASES <= flagged["R058"] <= 3 * CASES


def test_every_bid_of_the_world_is_one_of_a_process(world: Tables) -> None:
    bids = {(r["ocid"], r["bid_id"]): r for r in world["tender_bid"].to_pylist()}
    assert len(bids) == len(world["tender_bid"])  # nobody bids twice
    buyer = {r["ocid"]: r["buyer_id"] for r in world["tender"].to_pylist()}
    won = {(r["ocid"], *json.loads(r["suppliers"])) for r in world["tender_award"].to_pylist()}
    for b in world["bid"].to_pylist():
        key = b["tender_id"], b["bidder_id"]
        assert bids[key]["amount"] == b["amount"]
        assert (key in won) == b["won"]
        assert buyer[b["tender_id"]] == b["buyer_id"]
        assert bids[key]["status"] == "valid" or not b["won"]
