"""Reach worked by hand, and the timetable of 2016-03-10 against its own file."""

import csv

import pytest

from liandong import survey
from liandong.errors import DataError
from liandong.load import load
from liandong.schema.arrow import build, empty
from liandong.step.reasons import reason_text
from liandong.survey import ArrivalsRule, LinkRule
from liandong.world.rails import ISLAND, NIGHT, station_id, station_table, stop_time_table
from support.data import dataset


def places(names="abcd", weights=(700_000, 600_000, 10, 20), **changed):
    """Cities a and b, villages c and d; positions on the equator a degree apart."""
    columns = {
        "place_id": list(names),
        "region_id": ["110000", "120000", "120000", None],
        "kind": ["city", "city", "village", "village"],
        "lon": [0.0, 1.0, 2.0, 3.0],
        "lat": [0.0] * 4,
        "weight": list(weights),
        "candidate": [False] * 4,
    }
    return build("place", columns | changed)


def travel(*legs):
    src, dst, minutes = zip(*legs, strict=True)
    return build("travel", {"src": src, "dst": dst, "minutes": minutes})


def by(table, *names):
    return {tuple(r[n] for n in names): r for r in table.to_pylist()}


def test_circles_by_hand() -> None:
    # a -50- b -20- c, and d alone: no way leads there.
    out = survey.circles(places(), travel(("a", "b", 50.0), ("b", "c", 20.0)))
    reach = by(out["reach"], "level", "origin_id", "within")
    assert {k: (r["places"], r["people"]) for k, r in reach.items() if k[0] == "place"} == {
        ("place", "a", 30): (1, 700_000),
        ("place", "a", 60): (2, 1_300_000),
        ("place", "a", 120): (3, 1_300_010),
        ("place", "b", 30): (2, 600_010),
        ("place", "b", 60): (3, 1_300_010),
        ("place", "b", 120): (3, 1_300_010),
    }
    assert reach["region", "120000", 30]["people"] == 600_010
    assert reach["place", "a", 30]["share"] == 700_000 * 10**6 // 1_300_030
    times = by(out["reach_time"], "src", "dst")
    assert times["a", "c"]["minutes"] == 70
    assert ("a", "d") not in times
    told = by(out["reach_summary"], "within", "region_id")
    whole = told[60, "*"]
    assert (whole["places"], whole["served"], whole["weight"]) == (4, 1_300_010, 1_300_030)
    assert (whole["cities"], whole["cities_linked"], told[30, "*"]["cities_linked"]) == (2, 2, 0)
    assert (whole["parts"], whole["cut_off"]) == (2, 1)
    near = told[60, "120000"]
    assert (near["places"], near["served"], near["parts"], near["cut_off"]) == (2, 600_010, 1, 0)
    assert [r["code"] for r in whole["reasons"]] == ["survey.cut_off"]
    (gap,) = out["reach_gap"].to_pylist()
    assert (gap["node_id"], gap["why"], gap["part"], gap["weight"]) == ("d", "other_part", "d", 20)


def test_without_travel_the_crow_flies_with_a_detour() -> None:
    lost = places(lon=[0.0, 1.0, None, 3.0])
    out = survey.circles(lost, speed=130, detour=130, limits=(66, 67, 134))
    # A degree is 111.195 km: 66.7 minutes at 100 km/h as the crow flies.
    reach = by(out["reach"], "origin_id", "within")
    assert [reach["a", m]["places"] for m in (66, 67, 134)] == [1, 2, 2]
    assert [reach["b", m]["places"] for m in (66, 67, 134)] == [1, 2, 3]
    whole = by(out["reach_summary"], "within", "region_id")[67, "*"]
    assert (whole["parts"], whole["cut_off"]) == (1, 0)
    assert {r["code"]: r["points"] for r in whole["reasons"]} == {
        "survey.by_distance": 0,
        "survey.no_position": 1,
    }
    assert [(g["node_id"], g["why"]) for g in out["reach_gap"].to_pylist()] == [
        ("c", "no_position")
    ]


def test_a_link_by_road_brings_pairs_within_the_limit() -> None:
    legs = travel(("a", "b", 100.0), ("b", "c", 20.0))
    out = survey.link(places(), legs, src="b", dst="a", minutes=45, limits=(60, 120))
    rows = by(out["reach_link"], "within", "region_id")
    # Within an hour only a-b is new, both ways; within two, a-b, a-c and b-a are faster.
    new, sooner = rows[60, "*"], rows[120, "*"]
    assert (new["pairs"], new["people"], new["faster"], new["before"]) == (2, 1_300_000, 0, 100)
    assert (sooner["pairs"], sooner["faster"], sooner["saved"]) == (0, 3, 55)
    assert rows[60, "110000"]["people"] == 600_000
    slower = survey.link(places(), legs, src="a", dst="b", minutes=101)["reach_link"].to_pylist()
    assert {r["region_id"] for r in slower} == {"*"}
    assert [[reason["code"] for reason in r["reasons"]] for r in slower] == [
        ["survey.no_effect"]
    ] * 3
    assert "faster" in reason_text("survey.no_effect", 0, "en")


def timetable(*trips):
    """Trips as lists of (station, arrives, departs)."""
    rows = [(f"t{k}", i, *call) for k, calls in enumerate(trips) for i, call in enumerate(calls)]
    names = ("trip_id", "seq", "station_id", "arrives", "departs")
    return build("stop_time", {n: [r[i] for r in rows] for i, n in enumerate(names)})


def stations(names, **more):
    return build("station", {"station_id": list(names), **more})


def test_a_change_after_midnight_is_made_and_a_short_one_is_not() -> None:
    night = [("a", None, 1_380), ("b", 1_470, None)]  # 23:00 to 0:30
    early, late = [("b", None, 40), ("c", 100, None)], [("b", None, 50), ("c", 115, None)]
    given = stations("abc"), timetable(night, early, late)
    found = by(survey.arrivals(*given, change=15)["reach_time"], "src", "dst")
    assert [found["a", "c"][n] for n in ("minutes", "departs", "changes")] == [175, 1_380, 1]
    assert found["b", "c"]["minutes"] == 60
    quick = by(survey.arrivals(*given, change=10)["reach_time"], "src", "dst")
    assert quick["a", "c"]["minutes"] == 160
    # Who comes at 0:45 waits for the 0:50; who comes at 1:00 for the next night.
    at = {m: by(survey.arrivals(*given, at=m)["reach_time"], "src", "dst") for m in (45, 60)}
    assert at[45]["b", "c"]["minutes"] == 70
    assert at[60]["b", "c"]["minutes"] == 1_440 + 100 - 60
    assert by(survey.arrivals(*given, at=0)["reach_time"], "src", "dst")["b", "c"]["departs"] == 40


@pytest.mark.parametrize(("leaves", "caught"), [(497, False), (498, True)])
def test_a_change_between_two_stations_takes_the_way(leaves, caught) -> None:
    # From b to c it is 5.56 km: 23 minutes at 15 km an hour, after the 15 of any change.
    at = stations("abcd", lon=[0.0, 1.0, 1.05, 2.0], lat=[0.0] * 4)
    trips = timetable([("a", None, 400), ("b", 460, None)], [("c", None, leaves), ("d", 540, None)])
    apart = by(survey.arrivals(at, trips)["reach_time"], "src", "dst")
    assert ("a", "d") not in apart
    out = survey.arrivals(at, trips, between=6)
    found = by(out["reach_time"], "src", "dst")["a", "d"]
    assert found["minutes"] == 140 + (0 if caught else 1_440)
    assert found["changes"] == 1
    (total,) = [r for r in out["reach_summary"].to_pylist() if r["within"] == 60]
    assert total["parts"] == 1
    assert [r["code"] for r in total["reasons"]] == ["survey.between_stations"]


def test_stations_take_the_people_and_the_region_near_them() -> None:
    at = {"lon": [0.1, 1.1, 9.0, None], "lat": [0.0] * 4}
    trip = [("s", None, 400), ("t", 440, 445), ("v", 500, None)]
    out = survey.arrivals(stations("stuv", **at), timetable(trip), places())
    reach = by(out["reach"], "level", "origin_id", "within")
    assert reach["place", "s", 60]["people"] == 1_300_000
    assert reach["place", "s", 60]["region_id"] == "110000"
    assert reach["region", "110000", 120]["places"] == 3
    why = {(g["what"], g["node_id"]): g["why"] for g in out["reach_gap"].to_pylist()}
    assert why == {
        ("station", "u"): "no_trips",
        ("station", "v"): "no_position",
        ("place", "c"): "far",
        ("place", "d"): "far",
    }
    whole = by(out["reach_summary"], "within", "region_id")[60, "*"]
    # Trains run one way only: nobody comes to a.
    assert (whole["cities"], whole["cities_served"], whole["cities_linked"]) == (2, 2, 1)
    assert whole["city_share"] == 500_000


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (lambda: survey.circles(places(), travel(("a", "z", 1.0))), "unknown place z"),
        (lambda: survey.circles(places(), travel(("a", "b", None))), "from a to b has no minutes"),
        (lambda: survey.circles(places(), kinds=("county",)), "kinds: county"),
        (lambda: survey.circles(places(), origins=("a", "q")), "place q"),
        (lambda: survey.link(places(), src="a", dst="y", minutes=5), "place y"),
        (
            lambda: survey.arrivals(stations("a"), timetable([("a", None, 1), ("x", 2, None)])),
            "station x",
        ),
        (
            lambda: survey.arrivals(
                stations("ab"), timetable([("a", None, 900), ("b", 100, None)])
            ),
            "trip t0 arrives at stop 1",
        ),
    ],
)
def test_what_cannot_be_searched_is_named(given, word) -> None:
    with pytest.raises(DataError, match=word):
        given()


def test_the_world_has_a_night_train_and_an_island() -> None:
    tables = empty("place"), station_table(), stop_time_table()
    _, rail, stops = tables
    out = survey.arrivals(rail, stops)
    times = by(out["reach_time"], "src", "dst")
    start, end = (station_id(f"{two}0000") for two in NIGHT.stops.split())
    night = times[start, end]
    assert (night["departs"], night["changes"]) == (NIGHT.first, 0)
    assert night["departs"] + night["minutes"] > 1_440  # there on the next day
    assert times[station_id("110000"), end]["minutes"] > night["minutes"]
    assert [g["node_id"] for g in out["reach_gap"].to_pylist()] == [station_id(ISLAND)]
    rule = LinkRule(network="rail", src=station_id(ISLAND), dst=station_id("440000"), minutes=150)
    linked = survey.link.finish(survey.link.inputs({"station": rail, "stop_time": stops}), rule)[
        "reach_link"
    ]
    whole = by(linked, "within", "region_id")[180, "*"]
    assert (whole["pairs"], whole["before"]) == (2, None)


@pytest.fixture(scope="module")
def hsr():
    """The tables, names of stations by id, and the plain rows of the file by trip."""
    folder = dataset("china_regions") / "hsr_timetable_20160310"
    loaded = load("hsr12306", folder)
    assert not len(loaded.errors)
    code = {r["name"]: r["station_id"] for r in loaded.tables["station"].to_pylist()}
    with (folder / "stop_times.csv").open(encoding="utf-8-sig") as file:
        trips = {}
        for row in csv.DictReader(file):
            trips.setdefault(row["trip"], []).append(row)
    return loaded.tables, code, trips


def clock(word):
    return 60 * int(word[:2]) + int(word[3:5])


def fastest_direct(trips, here, there):
    """Return the fewest minutes of one train by the file; a train takes less than a day."""
    found = []
    for calls in trips.values():
        names = [r["station"] for r in calls]
        if here in names and there in names[names.index(here) :]:
            a, b = calls[names.index(here)], calls[names.index(there)]
            found.append((clock(b["arr"]) - clock(a["dep"])) % 1_440)
    return min(found)


def test_the_timetable_of_2016(hsr) -> None:
    tables, code, trips = hsr
    assert (len(tables["station"]), len(tables["stop_time"])) == (672, 34_647)
    out = survey.arrivals(tables["station"], tables["stop_time"])
    times = by(out["reach_time"], "src", "dst")
    known = {
        ("北京南", "上海虹桥"): 288,  # G3: 9:00 to 13:48
        ("北京南", "天津"): 33,
        ("北京西", "广州南"): 482,
        ("广州南", "深圳北"): 29,
    }
    for (here, there), minutes in known.items():
        row = times[code[here], code[there]]
        assert (row["minutes"], row["changes"]) == (minutes, 0)
        assert fastest_direct(trips, here, there) == minutes
    # Hainan's ring, Lanzhou-Urumqi and two more stand alone, and are named.
    (total,) = [r for r in out["reach_summary"].to_pylist() if r["within"] == 60]
    assert (total["parts"], total["cut_off"], total["origins"]) == (5, 61, 672)
    part = {g["node_id"]: g["part"] for g in out["reach_gap"].to_pylist()}
    assert len(part) == 61
    assert part[code["三亚"]] == part[code["海口东"]] != part[code["兰州西"]]
    assert (code["哈尔滨西"], code["三亚"]) not in times
    hour = by(out["reach"], "origin_id", "within")[code["北京南"], 60]["places"]
    assert hour == sum(r["minutes"] <= 60 for r in times.values() if r["src"] == code["北京南"])


def test_a_train_over_midnight_in_the_timetable(hsr) -> None:
    tables, code, _ = hsr
    # D311 leaves 北京南 at 21:16, is at 南京 at 06:27 and at 上海 at 08:58 on the next day.
    (first, *_, last) = [r for r in tables["stop_time"].to_pylist() if r["trip_id"] == "D311-1082"]
    assert (first["departs"], last["arrives"]) == (1_276, 1_440 + 538)
    rule = ArrivalsRule(at=1_275)
    out = survey.arrivals(tables["station"], tables["stop_time"], rule=rule)
    found = by(out["reach_time"], "src", "dst")[code["北京南"], code["南京"]]
    assert (found["minutes"], found["departs"]) == (1_440 + 387 - 1_275, 1_276)
