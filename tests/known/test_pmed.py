"""Published optima of the OR-Library: p-median and p-centre."""

import pytest

from liandong import match
from support.data import dataset
from support.pmed import optima, tables

NAMES = [f"pmed{i}" for i in range(1, 21)]


def _located(name: str, **rule):
    folder = dataset("orlib_pmed")
    given, sites = tables(folder, name)
    told = next(row for row in optima(folder) if row["instance"] == name)
    out = match.locate(given["place"], given["travel"], sites=sites, **rule)
    return out, out["service_summary"].to_pylist()[0], told


@pytest.mark.parametrize("name", NAMES)
def test_p_median_is_optimal(name: str) -> None:
    out, total, told = _located(name, arcs=0)
    assert total["value"] == int(told["pmedian_opt"]) >= total["bound"]
    assert total["gap"] < 0.01
    assert sum(out["service_link"]["distance"].to_pylist()) == total["value"]
    assert sum(out["service_point"]["open"].to_pylist()) == int(told["p"])


@pytest.mark.parametrize("name", ["pmed1", "pmed2", "pmed3", "pmed4", "pmed5", "pmed9"])
def test_small_ones_are_proved(name: str) -> None:
    _, total, told = _located(name)
    assert total["value"] == int(told["pmedian_opt"])
    assert total["proof"] in {"bound", "search"}


@pytest.mark.parametrize("name", NAMES[::4])
def test_p_centre_is_optimal_and_proved(name: str) -> None:
    _, total, told = _located(name, goal="centre")
    assert total["value"] == total["bound"] == int(told["pcenter_opt"])
    assert total["proof"] in {"bound", "search"}
