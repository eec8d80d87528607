"""Carbon factors of electricity by province: read by name, and refused where they are not."""

import json

import pytest

from liandong import survey
from liandong.errors import DataError
from liandong.load import load
from support.data import dataset
from support.worlds import mapping


def file(folder, unit="gCO2/kWh", **factors):
    data = {f"CN-{i}": {"emission_factor": v, "unit": unit, "description": n, "year": 2023}
            for i, (n, v) in enumerate(factors.items())}  # fmt: skip
    path = folder / "factors.json"
    told = {"announcement": "2025 No. 47", "source": "MEE"}
    path.write_text(json.dumps({"metadata": told, "data": data}), "utf-8")
    return path


def test_factors_go_to_their_provinces(tmp_path):
    found = load("grid_carbon", file(tmp_path, Shanghai=573.7, Nowhere=1.0))
    (row,) = found.tables["region_stat"].to_pylist()
    assert (row["region_id"], row["period"], row["value"]) == ("310000", "2023", 573.7)
    assert row["vintage"] == "2025 No. 47"
    assert found.refused["region_stat"] == 1


def test_what_is_no_such_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="not in gCO2/kWh"):
        load("grid_carbon", file(tmp_path, unit="kg", Shanghai=1.0))
    (tmp_path / "x.json").write_text("[1]", "utf-8")
    with pytest.raises(DataError, match="does not hold carbon factors"):
        load("grid_carbon", tmp_path / "x.json")


def test_the_published_factors_of_2023():
    path = dataset("carbon_intensity") / "china_provincial_emissions_2023.json"
    stat = load("grid_carbon", path).tables["region_stat"]
    assert len(stat) == 30  # Tibet is not in the official table
    factor = mapping(stat, "region_id", "value")
    assert (factor["530000"], factor["120000"]) == (133.3, 679.6)
    assert len(survey.carbon(stat)["carbon"]) == 0  # without electricity there is nothing to say
