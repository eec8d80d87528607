"""The regional gap of China's provinces against figures computed independently, and its rules."""

import pytest

from liandong import survey
from liandong.errors import DataError
from liandong.load import load
from liandong.schema.arrow import build, empty
from support.data import dataset


def stat(*rows):
    names = ("region_id", "period", "measure", "vintage", "value", "unit")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("region_stat", {**columns, "source": ["test"] * len(rows)})


def value(found, index, part, period="2020"):
    rows = [r for r in found.to_pylist()
            if (r["index"], r["part"], r["period"]) == (index, part, period)]  # fmt: skip
    assert len(rows) == 1, rows
    return rows[0]["value"]


def test_china_2015_to_2024():
    path = dataset("china_regions") / "nbs_province_long.csv"
    tables = load("nbs", path).tables
    found = survey.gap(tables["region_stat"])["gap"]
    known = {
        "2015": (0.067589, 0.063705, 0.202243),
        "2019": (0.066450, 0.061989, 0.198755),
        "2023": (0.065836, 0.061643, 0.198564),
        "2024": (0.066121, 0.061799, 0.198686),
    }
    for period, figures in known.items():
        totals = [r for r in found.to_pylist() if r["period"] == period and r["part"] == "total"]
        newest = max(r["vintage"] for r in totals if r["regions"] == 31)
        for index, figure in zip(("theil_t", "theil_l", "gini"), figures, strict=True):
            held = [r["value"] for r in totals if r["index"] == index and r["regions"] == 31]
            assert any(v == pytest.approx(figure, abs=5e-7) for v in held), (newest, held)


def test_belts_add_up():
    found = survey.gap(stat(
        ("110000", "2020", "gdp", "v", 36.0, "u"), ("110000", "2020", "population", "v", 2.0, "p"),
        ("310000", "2020", "gdp", "v", 39.0, "u"), ("310000", "2020", "population", "v", 3.0, "p"),
        ("620000", "2020", "gdp", "v", 9.0, "u"), ("620000", "2020", "population", "v", 2.5, "p"),
    ))["gap"]  # fmt: skip
    for index in ("theil_t", "theil_l"):
        total = value(found, index, "total")
        within = value(found, index, "within.east") + value(found, index, "within.west")
        assert value(found, index, "between") + within == pytest.approx(total, abs=1e-12)
        assert value(found, index, "within") == pytest.approx(within, abs=1e-12)


def test_zero_income_leaves_l_undefined_and_t_defined():
    found = survey.gap(stat(
        ("110000", "2020", "gdp", "v", 0.0, "u"), ("110000", "2020", "population", "v", 1.0, "p"),
        ("310000", "2020", "gdp", "v", 1.0, "u"), ("310000", "2020", "population", "v", 1.0, "p"),
    ))["gap"]  # fmt: skip
    assert value(found, "theil_l", "total") is None
    assert value(found, "theil_t", "total") == pytest.approx(0.6931471805599453)


def test_regions_without_both_measures_do_not_take_part():
    found = survey.gap(stat(
        ("110000", "2020", "gdp", "v", 1.0, "u"), ("110000", "2020", "population", "v", 1.0, "p"),
        ("310000", "2020", "gdp", "v", 9.0, "u"), ("100000", "2020", "gdp", "v", 99.0, "u"),
        ("100000", "2020", "population", "v", 9.0, "p"),
    ))["gap"]  # fmt: skip
    assert set(found["regions"].to_pylist()) == {1}


def test_vintages_are_kept_apart_and_a_borrowed_one_is_named():
    found = survey.gap(stat(
        ("110000", "2020", "gdp", "a", 1.0, "u"), ("110000", "2020", "gdp", "b", 2.0, "u"),
        ("110000", "2020", "population", "b", 1.0, "p"),
    ))["gap"]  # fmt: skip
    assert set(found["vintage"].to_pylist()) == {"a / b", "b"}


def test_mixed_units_are_refused():
    with pytest.raises(DataError, match="comes in several units: u, w"):
        survey.gap(stat(
            ("110000", "2020", "gdp", "v", 1.0, "u"), ("310000", "2020", "gdp", "v", 1.0, "w"),
        ))  # fmt: skip


def test_nothing_in_nothing_out():
    assert len(survey.gap(empty("region_stat"), empty("region"))["gap"]) == 0
