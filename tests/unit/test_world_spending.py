"""What governments spend: the flags find all that was planted, and little else."""

import json
from typing import Any

import pytest

from liandong.govern import expense_flags, flag_precision
from liandong.world.reviews import flag_reviews
from liandong.world.rule import LEAST_PLANTED
from liandong.world.spending import INNOCENT, PLANTS
from support.worlds import Tables, small_world, truths


@pytest.fixture(scope="module")
def world() -> Tables:
    return small_world()


@pytest.fixture(scope="module")
def found(world: Tables) -> Tables:
    lines = (world[n] for n in ("expense", "staff", "vendor"))
    return expense_flags(*lines, cap="100%", evidence=1_000)


def cases(world: Tables) -> list[dict[str, Any]]:
    """Return what was planted among the expense lines."""
    return [t for t in truths(world, "planted_flag") if t["detail"]["code"] in PLANTS]


def test_all_that_was_planted_is_flagged(world: Tables, found: Tables) -> None:
    spent = cases(world)
    assert {t["detail"]["code"] for t in spent} == set(PLANTS)
    flags: dict[tuple[str, str], set[str]] = {}
    for f in found["red_flag"].to_pylist():
        rows = flags.setdefault((f["code"], f["subject_id"]), set())
        rows.update(json.loads(f["evidence"])["rows"])
    for t in spent:
        rows = flags[t["detail"]["code"], t["subject"]]
        assert set(t["detail"]["lines"]) <= rows, t


def test_amounts_and_days_of_the_truth_are_those_of_its_lines(world: Tables) -> None:
    lines = {r["expense_id"]: r for r in world["expense"].to_pylist()}
    for t in cases(world):
        own = [lines[i] for i in t["detail"]["lines"]]
        assert t["amount"] == sum(r["amount"] for r in own)
        assert t["at"] == min(r["spent_on"] for r in own)


def test_little_else_is_flagged(found: Tables) -> None:
    cases = LEAST_PLANTED + INNOCENT
    for s in found["flag_summary"].to_pylist():
        assert s["flags"] <= (cases + 6 if s["code"] in PLANTS else 0), s


def test_lines_are_of_governments_and_paid_to_firms(world: Tables) -> None:
    kind = {p["party_id"]: p["kind"] for p in world["party"].to_pylist()}
    lines, staff = world["expense"].to_pylist(), world["staff"].to_pylist()
    assert {kind[r["unit_id"]] for r in lines} == {"government"}
    assert {kind[r["vendor_id"]] for r in lines} == {"firm"}
    home = {s["staff_id"]: s["unit_id"] for s in staff}
    assert all(home[r["staff_id"]] == r["unit_id"] for r in lines)
    assert {r["vendor_id"] for r in lines} <= set(world["vendor"]["vendor_id"].to_pylist())


def test_reviews_know_what_was_planted(world: Tables, found: Tables) -> None:
    day = world["project"]["asked_on"][0].as_py()
    reviews = flag_reviews(found["red_flag"], world["truth"], day, seed=1)
    told = {r["flag_id"]: r["outcome"] for r in reviews.to_pylist()}
    planted = {(t["detail"]["code"], row) for t in cases(world) for row in t["detail"]["lines"]}
    for f in found["red_flag"].to_pylist():
        own = {(f["code"], row) for row in json.loads(f["evidence"])["rows"]}
        known = "confirmed" if own & planted else "false_alarm"
        assert told.get(f["flag_id"], known) in {"appealed", known}
    assert 0.6 < len(told) / len(found["red_flag"]) < 0.95
    assert "appealed" in told.values()
    precision = flag_precision(found["red_flag"], reviews)["flag_precision"].to_pylist()
    assert 0.3 < sum(p["confirmed"] for p in precision) / len(told) < 0.8
