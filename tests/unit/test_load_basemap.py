"""Base maps of one's own: joined by adcode, complete or told why not, small and whole."""

import gzip
import re

import pytest
from typer.testing import CliRunner

import liandong as ld
from liandong.cli.main import app
from liandong.errors import DataError
from liandong.load.basemap import path_of, read_map, tables
from liandong.schema.arrow import build
from liandong.world.regions import region_table
from support.data import dataset
from support.squares import china, square, unit, written


def told(path) -> list[tuple[int, str, str]]:
    return [(f["row"], f["code"], f["value"]) for f in read_map(path).faults]


def test_a_complete_map_has_all_units_and_no_fault(tmp_path) -> None:
    found = read_map(written(tmp_path / "m.json", china()))
    assert (found.level, found.faults) == ("province", [])
    made = tables(found, "GS(2024)0001号")
    base, shape = made["base_map"].to_pylist()[0], made["map_shape"].to_pylist()
    assert (base["units"], base["approval"], base["width"]) == (34, "GS(2024)0001号", 1601)
    assert [s["kind"] for s in shape].count("line") == 1
    islands = next(s["path"] for s in shape if s["region_id"] == "460000")
    assert islands.count("M") == 2  # the islet is smaller than a cell, and still there
    assert "h1v1h-1z" in islands
    numbers = [int(n) for s in shape for n in re.findall(r"(?<=M)\d+", s["path"])]
    assert min(numbers) >= 0
    assert max(numbers) <= 1600


@pytest.mark.parametrize("lost", ["710000", "810000", "820000", "650000"])
def test_a_missing_unit_is_named(tmp_path, lost: str) -> None:
    kept = [f for f in china() if f["properties"]["adcode"] != lost]
    ((row, code, value),) = told(written(tmp_path / "m.json", kept))
    assert (row, code, value[:6]) == (0, "map_lacks_unit", lost)


def test_line_and_islands_are_looked_for(tmp_path) -> None:
    features = china()[:-1]
    hainan = next(f for f in features if f["properties"]["adcode"] == "460000")
    hainan["geometry"] = {"type": "Polygon", "coordinates": square(110, 19)}
    assert told(written(tmp_path / "m.json", features)) == [
        (0, "map_lacks_islands", "460000"), (0, "map_lacks_line", "100000_JD"),
    ]  # fmt: skip


def test_every_wrong_feature_is_told_with_its_row_and_what_to_do(tmp_path) -> None:
    wrong = [
        unit("310000", square(99, 40)),  # twice
        unit("990000", square(99, 41)),  # no such province
        unit("31", square(99, 42)),
        unit("", square(99, 43), name="鼓楼区"),  # a name is no code
        unit("320500", square(99, 44)),  # a city among provinces
        {**unit("330000", []), "geometry": {"type": "Point", "coordinates": [1, 2]}},
        unit("110000", square(31, 121)),  # latitude first
        None,
    ]
    found = read_map(written(tmp_path / "m.json", [*china(), *wrong])).faults
    assert [(f["row"], f["code"], f["value"]) for f in found] == [
        (36, "map_twice", "310000"), (37, "map_unknown_code", "990000"),
        (38, "map_bad_code", "31"), (39, "map_no_code", "鼓楼区"),
        (40, "map_other_level", "320500"), (41, "map_no_shape", "Point"),
        (42, "map_outside", "31.0, 121.0"), (43, "map_no_code", None),
    ]  # fmt: skip
    assert all(f["remedy_zh"] and f["remedy_en"] and "{" not in f["reason_en"] for f in found)
    known = {f["properties"]["adcode"] for f in china()} - {"320000"}
    unknown = read_map(written(tmp_path / "m.json", china()), known).faults
    assert [(f["code"], f["value"]) for f in unknown][-1] == ("map_unknown_code", "320000")


def test_coordinates_of_any_kind_are_no_crash(tmp_path) -> None:
    odd = [[[[1]]], [["a", "b"]], [[[None, 3], [100, 30]]], {"x": 1}, [[[float("nan"), 3]] * 4]]
    found = read_map(written(tmp_path / "m.json", [*china(), *(unit("310000", o) for o in odd)]))
    assert [f["row"] for f in found.faults] == [36, 37, 38, 39, 40]


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"features": 3}'])
def test_what_is_no_geojson_is_refused(tmp_path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(DataError, match="no GeoJSON"):
        read_map(tmp_path / "m.json")


def test_borders_stay_joined() -> None:
    # Two neighbours name their border from both ends: the same corners stay.
    border = [(0, 0), (3, 1), (6, 2), (6, 2), (7, 9)]
    left = path_of([[*border, (0, 9), (0, 0)]], closed=True)
    right = path_of([[*border[::-1], (9, 0), (7, 9)]], closed=True)
    assert left == "M0 0l6 2 1 7-7 0z"
    assert right == "M7 9l-1-7-6-2 9 0z"


def test_real_borders_are_small(tmp_path) -> None:
    total = 0
    for name in ("province", "prefecture"):
        path = dataset("china_regions") / "maps" / f"{name}_simplified.geojson"
        found = read_map(path)
        paths = "".join(tables(found, None)["map_shape"]["path"].to_pylist())
        total += len(gzip.compress(paths.encode()))
        assert {"map_lacks_line"} <= {f["code"] for f in found.faults}
    assert total <= 300_000


def test_the_command_checks_keeps_and_draws(tmp_path) -> None:
    run, board = CliRunner(), ["-b", str(tmp_path / "b.board"), "--lang", "en"]
    good = str(written(tmp_path / "good.json", china()))
    bad = str(written(tmp_path / "bad.json", china()[1:]))
    assert run.invoke(app, [*board, "map", "check", good]).exit_code == 0
    checked = run.invoke(app, [*board, "map", "check", bad])
    assert checked.exit_code == 1
    assert "110000" in checked.output
    assert isinstance(run.invoke(app, [*board, "map", "use", bad]).exception, DataError)
    with ld.open(board[1], actor="ann") as made:
        stat = {"region_id": ["310000"], "period": ["2023"], "measure": ["gdp"], "vintage": ["a"],
                "value": [7.0], "unit": ["yuan"], "source": ["hand"]}  # fmt: skip
        made.put("hand", {"region": region_table(), "region_stat": build("region_stat", stat)})
    out = str(tmp_path / "out.svg")
    assert run.invoke(app, [*board, "map", "use", good]).exit_code == 0
    refused = run.invoke(app, [*board, "map", "draw", out, "--public"])
    assert refused.exception.code == "usage"
    assert run.invoke(app, [*board, "map", "draw", out]).exit_code == 0
    assert "for use inside only" in (tmp_path / "out.svg").read_text("utf-8")
    number = "GS(2024)0001号"
    assert run.invoke(app, [*board, "map", "use", good, "--approval", number]).exit_code == 0
    assert run.invoke(app, [*board, "map", "draw", out, "--public"]).exit_code == 0
    drawn = (tmp_path / "out.svg").read_text("utf-8")
    assert number in drawn
    assert drawn.count("<path") >= 35
