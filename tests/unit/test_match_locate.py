"""Service points: what they say, what they refuse, and what cannot be."""

import math

import pytest

from liandong import match
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build
from liandong.step.reasons import reason_text
from liandong.testing import check_step

DEGREE = 111_195.08
"""Metres of a degree of a great circle of the mean earth."""


def places(**changed):
    """Five places on the equator, at 0, 1, 2, 10 and 11 degrees."""
    columns = {
        "place_id": ["a", "b", "c", "d", "e"],
        "region_id": ["110000", "110000", "110000", "120000", None],
        "lon": [0.0, 1.0, 2.0, 10.0, 11.0],
        "lat": [0.0] * 5,
        "weight": [5, 4, 5, 3, 2],
        "candidate": [True] * 5,
        "must_open": [False] * 5,
        "capacity": [None] * 5,
    }
    return build("place", columns | changed)


def travel(legs):
    """Legs (src, dst, minutes)."""
    src, dst, minutes = zip(*legs, strict=True)
    return build("travel", {"src": src, "dst": dst, "minutes": minutes})


def total(out):
    return next(r for r in out["service_summary"].to_pylist() if r["region_id"] == "*")


def codes(out, table, place):
    row = next(r for r in out[table].to_pylist() if r["place_id"] == place)
    return {r["code"]: r["points"] for r in row["reasons"]}


def opened(out):
    return [r["place_id"] for r in out["service_point"].to_pylist() if r["open"]]


def test_two_clusters_get_a_point_each_worked_by_hand() -> None:
    out = match.locate(places(), sites=2)
    assert opened(out) == ["b", "d"]
    found = total(out)
    # Ten people at one degree, and two at one degree.
    assert found["value"] == pytest.approx(12 * DEGREE, abs=12)
    assert found["mean"] == found["value"] / 19
    assert found["farthest"] == round(DEGREE)
    assert found["proof"] == "bound"
    assert found["gap"] == 0
    links = {r["place_id"]: r["site_id"] for r in out["service_link"].to_pylist()}
    assert links == {"a": "b", "b": "b", "c": "b", "d": "d", "e": "d"}


def test_what_a_change_would_cost_is_what_it_costs() -> None:
    out = match.locate(places(), sites=2)
    here = total(out)["value"]
    without_d = match.locate(places(must_open=[False, True, False, False, False]), sites=1)
    loss = codes(out, "service_point", "d")["match.site_loss(person_km)"]
    assert loss == (total(without_d)["value"] - here) // 1000
    with_e = match.locate(places(must_open=[False, True, False, False, True]), sites=2)
    swap = codes(out, "service_point", "e")["match.site_swap(person_km)"]
    assert swap == (total(with_e)["value"] - here) // 1000
    link = codes(out, "service_link", "c")
    assert link["match.link_nearest(metres)"] == round(DEGREE)
    assert link["match.link_next(metres)"] == pytest.approx(7 * DEGREE, abs=2)


def test_regions_are_told_apart() -> None:
    rows = {
        r["region_id"]: r for r in match.locate(places(), sites=2)["service_summary"].to_pylist()
    }
    assert set(rows) == {"110000", "120000", "*"}
    assert rows["110000"]["weight"] == 14
    assert rows["110000"]["sites"] == rows["120000"]["sites"] == 1
    assert rows["120000"]["mean"] == 0
    assert rows["110000"]["value"] is None


def test_places_that_must_be_open_are() -> None:
    out = match.locate(places(must_open=[True, False, False, False, True]), sites=2)
    assert opened(out) == ["a", "e"]
    assert codes(out, "service_point", "a")["match.site_must"] == 0
    assert "match.site_no_room" in codes(out, "service_point", "b")


def test_a_cap_moves_points_to_whom_they_would_leave() -> None:
    # With one point the median is at b; nobody may be farther than 6 degrees, so c has it.
    far = match.locate(places(), sites=1, cap=int(9.5 * DEGREE))
    assert opened(far) == ["c"]
    assert total(far)["beyond"] == 0
    out = match.locate(places(), sites=1, cap=int(2.5 * DEGREE))
    assert total(out)["beyond"] == 2
    assert codes(out, "service_link", "e")["match.link_beyond(metres)"] > 6 * DEGREE
    assert total(out)["covered"] == 1_000_000 * 14 // 19


def test_cover_reaches_the_most_people() -> None:
    out = match.locate(places(), sites=1, goal="cover", radius=math.ceil(DEGREE))
    found = total(out)
    assert opened(out) == ["b"]
    assert found["value"] == found["bound"] == 14
    assert codes(out, "service_point", "b")["match.site_loss(people)"] == 14


def test_capacity_sends_places_farther_and_says_so() -> None:
    out = match.locate(places(capacity=[9, 9, 9, 9, 9]), sites=3, capacitated=True)
    loads = [r["load"] for r in out["service_point"].to_pylist()]
    assert max(loads) <= 9
    assert sum(loads) == 19
    tight = match.locate(places(capacity=[5, 9, 5, 5, 5]), sites=3, capacitated=True)
    assert [r["load"] for r in tight["service_point"].to_pylist() if r["open"]] == [9, 5, 5]
    full = [r["code"] for row in tight["service_link"].to_pylist() for r in row["reasons"]]
    free = [r["code"] for row in out["service_link"].to_pylist() for r in row["reasons"]]
    assert any(c.startswith("match.link_nearest") for c in full + free)


def test_travel_in_minutes_over_several_legs() -> None:
    legs = [("a", "b", 10.0), ("b", "c", 10.0), ("c", "d", 30.0), ("d", "e", 0.5)]
    out = match.locate(places(), travel(legs), sites=1, measure="minutes")
    # 5 x 1200 + 4 x 600 + 3 x 1800 + 2 x 1830 seconds; at b they would be 18,060.
    assert opened(out) == ["c"]
    assert total(out)["value"] == 17_460
    far = {r["place_id"]: r["distance"] for r in out["service_link"].to_pylist()}
    assert far == {"a": 1200, "b": 600, "c": 0, "d": 1800, "e": 1830}
    assert codes(out, "service_point", "b")["match.site_swap(person_hours)"] == 0  # 600 / 3600
    assert "match.site_loss(person_hours)" in codes(out, "service_point", "c")


def test_places_that_nothing_reaches_are_told() -> None:
    legs = [("a", "b", 10.0), ("b", "c", 10.0)]
    out = match.locate(places(), travel(legs), sites=1, measure="minutes")
    rows = {r["place_id"]: r for r in out["service_link"].to_pylist()}
    assert rows["e"]["distance"] is None
    assert not rows["e"]["covered"]
    assert codes(out, "service_link", "e") == {"match.link_unreached": 0}
    assert total(out)["beyond"] == 2
    assert total(out)["farthest"] == 600


@pytest.mark.parametrize("rule", [
    {"sites": 2}, {"sites": 2, "goal": "cover", "radius": 120_000}, {"sites": 2, "goal": "centre"},
    {"sites": 3, "capacitated": True}, {"sites": 2, "cap": 50_000},
], ids=str)  # fmt: skip
def test_every_goal_holds_the_conventions(rule) -> None:
    given = {"place": places(capacity=[9, 9, 9, 9, 9])}
    check_step(match.locate, given, match.LocateRule(**rule))


def test_every_reason_has_words() -> None:
    out = match.locate(places(), sites=1, cap=10)
    for name in ("service_point", "service_link", "service_summary"):
        for row in out[name].to_pylist():
            for r in row["reasons"]:
                for lang in ("zh", "en"):
                    said = reason_text(r["code"], r["points"], lang)
                    assert said != r["code"]
                    assert "{" not in said


@pytest.mark.parametrize(("changed", "rule", "words"), [
    ({"candidate": [False] * 5}, {"sites": 1}, "0 can"),
    ({"must_open": [True] * 5}, {"sites": 2}, "5 have to"),
    ({"weight": [0] * 5}, {"sites": 2}, "no place has any people"),
    ({"lat": [None, *[0.0] * 4]}, {"sites": 2}, "no longitude"),
    ({"weight": [2_000_000_000] * 5, "lon": [0.0, 90, 180, -90, 0]}, {"sites": 1, "cap": 5}, ""),
    ({"capacity": [3] * 5}, {"sites": 2, "capacitated": True}, "serve 6 people"),
    ({"capacity": [4, 4, 4, 4, 4]}, {"sites": 5, "capacitated": True}, "no site serves more"),
    ({}, {"sites": 2, "measure": "minutes"}, "without travel"),
], ids=str)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(changed, rule, words) -> None:
    if not words:  # large numbers that still fit are no fault
        assert total(match.locate(places(**changed), **rule))["beyond"] > 0
        return
    with pytest.raises(DataError, match=words) as told:
        match.locate(places(**changed), **rule)
    assert told.value.text("zh")


def test_travel_of_unknown_places_or_without_length_is_refused() -> None:
    with pytest.raises(DataError, match="unknown place z"):
        match.locate(places(), travel([("a", "z", 1.0)]), sites=1, measure="minutes")
    with pytest.raises(DataError, match="has no distance"):
        match.locate(places(), travel([("a", "b", 1.0)]), sites=1)


@pytest.mark.parametrize("rule", [
    {"goal": "cover"}, {"goal": "centre", "capacitated": True},
    {"goal": "cover", "radius": 5, "cap": 5}, {"sites": 0},
])  # fmt: skip
def test_rules_that_make_no_sense_are_refused(rule) -> None:
    with pytest.raises(UsageError):
        match.locate(places(), **{"sites": 2, **rule})
