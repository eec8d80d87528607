"""Drawings: everything stands where its value says, and a hostile name is only a name."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandong.console.drawing import Axis, Row, Series, Spot, columns, curves, heat, plane, rows

UNIT = Axis(0.0, 1.0, ((0.0, "0"), (1.0, "1")))


def parsed(drawing):
    return ET.fromstring(str(drawing))  # noqa: S314 - our own drawing


def shapes(drawing, tag):
    return [e.attrib for e in parsed(drawing).iter(tag)]


def test_points_stand_where_their_values_say():
    found = curves("c", [Series("a", "s1", [(0, 0), (0.5, 1), (1, 1)])], UNIT, UNIT, height=244)
    (line,) = shapes(found, "polyline")
    # The field goes from 46 to 390 and from 210 up to 10.
    assert line["points"] == "46.0,210.0 218.0,10.0 390.0,10.0"


def test_dots_carry_their_interval():
    found = curves("c", [Series("a", "s1", [(0.5, 0.5, 0.25, 0.75)], dots=True)], UNIT, UNIT, 244)
    bar = next(e for e in shapes(found, "line") if e["class"] == "line s1")
    assert (bar["y1"], bar["y2"]) == ("160.0", "60.0")
    (dot,) = shapes(found, "circle")
    assert (dot["cx"], dot["cy"]) == ("218.0", "110.0")


def test_columns_grow_from_zero():
    axis = Axis(0.0, 4.0, ((0.0, "0"), (4.0, "4")))
    found = columns("c", ["a", "b"], [("n", "s1", [1.0, 4.0])], axis, height=244)
    low, high = shapes(found, "rect")
    assert (low["y"], low["height"], high["y"], high["height"]) == (
        "160.0",
        "50.0",
        "10.0",
        "200.0",
    )


def test_rows_of_bars_go_either_way():
    axis = Axis(-1.0, 1.0, ((-1.0, "−1"), (1.0, "1")))
    left, right = shapes(rows("c", [Row("a", -0.5), Row("b", 1.0)], axis, bars=True), "rect")
    # Names take 130 and notes 60 of 400: the middle is at 235, the end at 340.
    assert (float(left["x"]), float(left["width"])) == (182.5, 52.5)
    assert (float(right["x"]), float(right["width"])) == (235.0, 105.0)


def test_what_has_no_value_is_named_without_a_mark():
    found = rows("c", [Row("a", None), Row("b", 0.5, 0.2, 0.7)], UNIT)
    assert len(shapes(found, "circle")) == 1
    words = [e.text for e in parsed(found).iter("text")]
    assert "a" in words


def test_ties_of_a_plane_end_in_their_spots():
    spots = [Spot(0.0, 0.0, "spot", "a"), Spot(2.0, 1.0, "spot", "b")]
    found = plane("p", spots, [(0.0, 0.0, 2.0, 1.0)])
    (tie,), (a, b) = shapes(found, "line"), shapes(found, "circle")
    assert (tie["x1"], tie["y1"]) == (a["cx"], a["cy"])
    assert (tie["x2"], tie["y2"]) == (b["cx"], b["cy"])


def test_of_many_columns_some_are_named():
    found = heat("h", ["a"], ["0", "1", "2", "3"], [[(1, "x")] * 4], every=2)
    assert [e.text for e in parsed(found).iter("text")] == ["0", "2", "a"]
    assert len(shapes(found, "rect")) == 4


HOSTILE = "<script>alert('x')</script>&\""


@pytest.mark.parametrize(
    "found",
    [
        curves(
            HOSTILE, [Series(HOSTILE, "s1", [(0, 0), (1, 1)])], UNIT, UNIT._replace(name=HOSTILE)
        ),
        columns(HOSTILE, [HOSTILE], [(HOSTILE, "s1", [1.0])], UNIT, HOSTILE),
        rows(HOSTILE, [Row(HOSTILE, 0.5, 0.1, 0.9, HOSTILE)], UNIT, bars=False, side=300),
    ],
    ids=["curves", "columns", "rows"],
)
def test_a_hostile_name_is_only_a_name(found):
    tree = parsed(found)
    assert tree.attrib["aria-label"] == HOSTILE
    assert not [e for e in tree.iter() if e.tag not in
                {"svg", "g", "line", "polyline", "rect", "circle", "text", "title"}]  # fmt: skip
    assert HOSTILE in "".join(tree.itertext())


@given(st.lists(st.floats(-1e9, 1e9), max_size=6), st.booleans())
def test_axes_hold_their_values_at_round_marks(values, share):
    axis = Axis.over(values, share=share)
    assert 2 <= len(axis.marks) <= 7
    loose = 1e-8 * (axis.high - axis.low)  # a hair beyond the last mark is on it
    assert all(axis.low - loose <= v <= axis.high + loose for v in values)
    words = [w for _, w in axis.marks]
    assert len(set(words)) == len(words)
    for value, word in axis.marks:
        told = float(re.sub(r"[,%]", "", word).replace("−", "-")) / (100 if share else 1)
        assert told == pytest.approx(value, rel=1e-6, abs=1e-12)


def test_marks_as_they_are_written():
    assert [w for _, w in Axis.over([0, 1]).marks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert [w for _, w in Axis.over([0, 0.04], share=True).marks] == ["0%", "1%", "2%", "3%", "4%"]
    assert [v for v, _ in Axis.over([5e-324]).marks] == [v for v, _ in Axis.over([0]).marks]
    assert [w for _, w in Axis.over([-30, 20]).marks] == ["−40", "−20", "0", "20"]
