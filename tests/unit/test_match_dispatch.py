"""Dispatch of computing: worked examples, limits, reasons, faults."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liandong import match
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from support.worlds import small_world

BEGIN = datetime(2024, 5, 6, tzinfo=UTC)


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def hubs(**changed):
    columns = {
        "hub_id": ["east", "west"], "region_id": ["310000", "640000"], "pue": [1.25, 1.0],
        "lon": [121.0, 105.0], "lat": [31.0, 37.0], "transfer_fee": [10, 20],
    }  # fmt: skip
    return build("hub", columns | changed)


def hours(east=(600, 600), west=(300, 300), gpus=(2, 2)):
    """Prices in yuan a MWh, cards of both hubs."""
    count = len(east)
    return build("hub_hour", {
        "hub_id": ["east"] * count + ["west"] * count, "at": [at(i) for i in range(count)] * 2,
        "gpus": [gpus[0]] * count + [gpus[1]] * count,
        "price": [p * 100 for p in (*east, *west)], "carbon": [500] * count + [400] * count,
    })  # fmt: skip


def jobs(*rows):
    """Jobs of (home, arrival, deadline, minutes, cards, reach, data)."""
    names = ("home", "arrived", "deadline", "volume", "gpus", "reach", "data")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("job", columns | {
        "job_id": [f"j{i}" for i in range(len(rows))], "penalty": [800] * len(rows),
    })  # fmt: skip


def total(out):
    return next(r for r in out["dispatch_summary"].to_pylist() if r["region_id"] == "*")


def test_a_job_moves_where_it_is_cheapest_worked_by_hand() -> None:
    job = jobs(("east", at(0), at(2), 120, 1, None, 1))
    out = match.dispatch(hubs(), hours(), job, watts=1000, carbon_price="100 CNY")
    row = out["dispatch"].to_pylist()[0]
    # West: 2 kWh at 0.3 yuan and 0.8 kg at 0.1 yuan; east: 2.5 kWh at 0.6 and 1.25 kg.
    assert row["hub_id"] == "west"
    assert (row["energy"], row["carbon"], row["transfer"], row["penalty"]) == (60, 8, 20, 0)
    assert (row["start"], row["end"]) == (at(0), at(2))
    reasons = {r["code"]: r["points"] for r in row["reasons"]}
    assert reasons["match.dispatch_moved"] == 150 + 12 - 88  # 12.5 fen of carbon at home
    found = total(out)
    assert found["cost"] == found["bound"] == 88
    assert found["home_cost"] == 163
    assert found["benefit"] == 75
    assert found["carbon_kg"] == 0  # 0.8 kg


def test_a_job_waits_for_the_cheap_hour() -> None:
    job = jobs(("east", at(0), at(3), 60, 1, 0, 5))
    out = match.dispatch(hubs(), hours((600, 600, 100), (1, 1, 1)), job)
    row = out["dispatch"].to_pylist()[0]
    assert row["hub_id"] == "east"
    assert row["start"] == at(2)
    assert {"code": "match.dispatch_waited", "points": 2} in row["reasons"]
    assert row["transfer"] == 0


def test_reach_is_a_distance() -> None:
    near = jobs(("east", at(0), at(2), 60, 1, 1_000_000, 0))
    far = jobs(("east", at(0), at(2), 60, 1, 2_000_000, 0))
    assert match.dispatch(hubs(), hours(), near)["dispatch"]["hub_id"].to_pylist() == ["east"]
    assert match.dispatch(hubs(), hours(), far)["dispatch"]["hub_id"].to_pylist() == ["west"]


def test_urgent_jobs_get_the_room_and_it_has_a_price() -> None:
    # One card in the west; the job that cannot wait takes the first hour.
    rows = [("west", at(0), at(1), 60, 1, 0, 0), ("west", at(0), at(2), 60, 1, 0, 0)]
    out = match.dispatch(hubs(), hours(west=(100, 300), gpus=(2, 1)), jobs(*rows))
    start = dict(zip(out["dispatch"]["job_id"].to_pylist(), out["dispatch"]["start"].to_pylist(),
                     strict=True))  # fmt: skip
    assert start == {"j0": at(0), "j1": at(1)}
    assert total(out)["unserved"] == 0
    first = next(
        r for r in out["dispatch_price"].to_pylist() if r["hub_id"] == "west" and r["at"] == at(0)
    )
    assert first["price"] > 0
    assert first["used"] == first["capacity"] == 60
    assert total(out)["rent"] > 0


def test_what_has_no_room_or_no_hour_is_told() -> None:
    rows = [("west", at(0), at(2), 500, 9, 0, 0), ("west", at(0.2), at(0.9), 10, 1, None, 0)]
    out = match.dispatch(hubs(), hours(), jobs(*rows))
    full, short = out["dispatch"].to_pylist()
    assert (full["ran"], full["unserved"]) == (240, 260)
    assert full["penalty"] == -(-260 * 800 // 60)
    assert short["hub_id"] is None
    assert short["start"] is None
    assert [r["code"] for r in short["reasons"]] == ["match.dispatch_no_window"]
    assert {"code": "match.dispatch_full", "points": 260} in full["reasons"]


def test_sums_of_regions_are_those_of_jobs_and_hubs() -> None:
    world = small_world()
    out = match.dispatch(world["hub"], world["hub_hour"], world["job"])
    rows = out["dispatch_summary"].to_pylist()
    whole, regions = total(out), [r for r in rows if r["region_id"] != "*"]
    for name in ("jobs", "volume", "unserved", "ran_here", "came", "cost", "home_cost", "benefit",
                 "rent", "carbon_kg"):  # fmt: skip
        if name not in {"rent", "carbon_kg"}:  # rounded by hub
            assert sum(r[name] for r in regions) == whole[name]
    job = out["dispatch"]
    assert whole["cost"] == sum(
        pc.sum(job[n]).as_py() for n in ("energy", "carbon", "transfer", "penalty")
    )
    assert whole["bound"] <= whole["cost"] < whole["cheapest_cost"] < whole["home_cost"]
    assert whole["unserved"] < 0.01 * whole["volume"]
    price = out["dispatch_price"]
    assert pc.sum(price["used"]).as_py() == whole["ran_here"] == pc.sum(job["ran"]).as_py()
    assert pc.all(pc.less_equal(price["used"], price["capacity"])).as_py()


def test_it_holds_the_conventions_and_every_reason_has_words() -> None:
    rows = [("east", at(i % 3), at(3 + i % 2), 30 + 7 * i, 1 + i % 2, None, i) for i in range(8)]
    given = {"hub": hubs(), "hub_hour": hours((6, 5, 4, 9), (3, 4, 9, 1), (1, 1)),
             "job": jobs(*rows)}  # fmt: skip
    check_step(match.dispatch, given)
    out = match.dispatch(*given.values())
    for name in ("dispatch", "dispatch_summary"):
        for r in (r for row in out[name].to_pylist() for r in row["reasons"]):
            for lang in ("zh", "en"):
                assert "{" not in reason_text(r["code"], r["points"], lang) != r["code"]


@pytest.mark.parametrize(("given", "words"), [
    ((hubs(), hours(), jobs(("north", at(0), at(1), 5, 1, 0, 0))), "the hub north is not known"),
    ((hubs(), hours().set_column(1, "at", pa.array([at(0.5)] * 4, pa.timestamp("us", "UTC"))),
      jobs(("east", at(0), at(1), 5, 1, 0, 0))), "is not a whole hour"),
    ((hubs(lon=[None, 1.0]), hours(), jobs(("east", at(0), at(1), 5, 1, 9, 0))), "no longitude"),
    ((hubs(), hours().slice(0, 0), jobs(("east", at(0), at(1), 5, 1, 9, 0))), "hub_hour"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused_in_words(given, words) -> None:
    with pytest.raises(DataError, match=words) as told:
        match.dispatch(*given)
    assert told.value.text("zh")


def test_rules_out_of_range_are_refused() -> None:
    with pytest.raises(UsageError):
        match.dispatch(hubs(), hours(), jobs(("east", at(0), at(1), 5, 1, 9, 0)), watts=0)
