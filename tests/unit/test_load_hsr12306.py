"""A timetable of a few lines, with what can be wrong in it."""

import pytest

from liandong.load import load

STATIONS = """序号,电报码,站名,拼音,首字母,拼音码,经度,纬度
1,甲,AAA,jia,j,j,116.4,39.9
2,乙,BBB,yi,y,y,117.2,39.1
3,丙,CCC,bing,b,b,117.9,
"""
HEAD = "train,origin,destination,kind,seq,station,arr,dep,dwell,open,trip\n"


def loaded(tmp_path, *stops, stations=STATIONS):
    (tmp_path / "stations.csv").write_text(stations, "utf-8")
    rows = [f"{t},-,-,-,{seq},{at},{arr},{dep},-,True,{no}" for t, no, seq, at, arr, dep in stops]
    (tmp_path / "stop_times.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    return load("hsr12306", tmp_path)


def times(found):
    return [
        (r["trip_id"], r["seq"], r["station_id"], r["arrives"], r["departs"])
        for r in found.tables["stop_time"].to_pylist()
    ]


def test_minutes_go_on_beyond_midnight(tmp_path) -> None:
    found = loaded(
        tmp_path,
        ("D1", "7", "3", "丙", "05:00:00", "05:00:00"),  # rows may be in any order
        ("D1", "7", "1", "甲", "00:00:00", "23:50:00"),
        ("D1", "7", "2", "乙", "23:58:00", "00:03:00"),
    )
    assert not len(found.errors)
    assert sorted(times(found)) == [
        ("D1-7", 1, "AAA", None, 1_430),
        ("D1-7", 2, "BBB", 1_438, 1_443),
        ("D1-7", 3, "CCC", 1_740, None),
    ]
    station = found.tables["station"].to_pylist()
    assert [(s["station_id"], s["name"], s["name_en"], s["lat"]) for s in station] == [
        ("AAA", "甲", "Jia", 39.9),
        ("BBB", "乙", "Yi", 39.1),
        ("CCC", "丙", "Bing", None),
    ]


@pytest.mark.parametrize(
    ("stop", "code", "value"),
    [
        (("D1", "1", "2", "乙", "09:00:00", "09:02:00"), "no_day", "09:00:00"),
        (("D1", "1", "2", "丁", "11:00:00", "11:02:00"), "unknown_station", "丁"),
        (("D1", "1", "2", "乙", "11点", "11:02:00"), "not_int", "11点"),
        (("D1", "1", "x", "乙", "11:00:00", "11:02:00"), "not_int", "x"),
        (("D1", "1", "2", "乙", "----", "----"), "departs_early", None),
    ],
)
def test_a_stop_without_a_place_in_its_trip_is_named(tmp_path, stop, code, value) -> None:
    found = loaded(
        tmp_path,
        ("D1", "1", "1", "甲", "----", "10:00:00"),
        stop,
        ("D1", "1", "3", "丙", "12:00:00", "----"),
    )
    (error,) = found.errors.to_pylist()
    assert (error["file"], error["row"], error["code"]) == ("stop_times.csv", 3, code)
    assert error["value"] == value
    assert found.refused["stop_time"] == 1
    # The rest of the trip stands as it would without that stop.
    assert times(found) == [
        ("D1-1", 1, "AAA", None, 600),
        ("D1-1", 3, "CCC", 720, None),
    ]
