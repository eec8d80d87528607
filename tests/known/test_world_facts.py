"""The public facts in the world against an official export of another vintage."""

import csv
from datetime import date

import numpy as np
import pytest

from liandong.schema.provinces import PROVINCES
from liandong.types import credit_code_ok
from liandong.world.arrays import numbered, share_of
from liandong.world.months import Months, spring_festival
from liandong.world.names import credit_codes
from liandong.world.regions import FACTS, MAINLAND, NATION, region_stat_table, region_table
from support.data import dataset

TOLERANCE = {"gdp": 0.09, "population": 0.005}
"""The census of 2023 raised GDP by up to 8.8 % in one province; population was not revised."""


def test_facts_agree_with_the_official_export() -> None:
    names = {"地区生产总值": "gdp", "年末常住人口": "population"}
    path = dataset("china_regions") / "nbs_province_long.csv"
    with path.open(encoding="utf-8-sig") as file:
        known = {
            (r["region"], r["period"], names[r["indicator"]]): float(r["value"])
            for r in csv.DictReader(file)
            if r["indicator"] in names and r["value"]
        }
    zh = {p.adcode: p.zh for p in PROVINCES}
    rows = region_stat_table().to_pylist()
    assert len(rows) == 31 * 2 * 2
    for r in rows:
        official = known[zh[r["region_id"]], r["period"], r["measure"]]
        assert r["value"] == pytest.approx(official, rel=TOLERANCE[r["measure"]]), r


def test_provinces_sum_to_the_nation() -> None:
    # First published: GDP 2023 of 126.06 trillion yuan; 1,409.67 million people, armed forces out.
    assert sum(FACTS[p.adcode].gdp[1] for p in MAINLAND) == pytest.approx(1_260_582, rel=0.01)
    assert sum(FACTS[p.adcode].population[1] for p in MAINLAND) == pytest.approx(140_967, rel=0.01)


def test_region_table_is_a_tile_map_of_34_units() -> None:
    table = region_table()
    rows = {r["region_id"]: r for r in table.to_pylist()}
    tiles = {(r["tile_x"], r["tile_y"]) for r in rows.values() if r["level"] == "province"}
    assert len(tiles) == 34
    assert rows[NATION]["level"] == "nation"
    assert rows["710000"]["name"] == "台湾省"
    assert all(r["parent_id"] == NATION for r in rows.values() if r["region_id"] != NATION)
    # East of each other on the tiles as on the ground: Xinjiang, Gansu, Hebei, Liaoning.
    assert [rows[a]["tile_x"] for a in ("650000", "620000", "130000", "210000")] == [0, 1, 4, 6]
    assert rows["230000"]["tile_y"] < rows["110000"]["tile_y"] < rows["440000"]["tile_y"]


@pytest.mark.parametrize(
    "day",
    [date(2020, 1, 25), date(2021, 2, 12), date(2023, 1, 22), date(2024, 2, 10),
     date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6)],
)  # fmt: skip
def test_spring_festival(day: date) -> None:
    assert abs(spring_festival(day.year) - (day - date(1970, 1, 1)).days) <= 1


def test_business_days_are_weekdays_outside_the_holiday() -> None:
    months = Months(date(2024, 1, 1), 12)
    every = {
        date.fromordinal(int(d) + date(1970, 1, 1).toordinal())
        for t in range(12)
        for d in months.day(np.full(200, t), np.linspace(0, 0.999, 200))
    }
    assert all(d.weekday() < 5 for d in every)
    assert not {date(2024, 2, 12), date(2024, 2, 14)} & every
    assert {date(2024, 1, 2), date(2024, 12, 31)} <= every
    assert months.names[-1] == "2024-12"
    assert months.of(np.array([months.first[0] - 1, months.first[3], months.end])).tolist() == [
        -1, 3, 12,
    ]  # fmt: skip


def test_credit_codes_carry_both_check_digits() -> None:
    region = np.arange(31).repeat(20)
    codes = credit_codes([p.adcode for p in MAINLAND], region, "91", np.random.default_rng(1))
    found = codes.to_pylist()
    assert len(set(found)) == len(found)
    assert all(credit_code_ok(c) for c in found)
    for code, r in zip(found, region, strict=True):
        assert code[2:8] == MAINLAND[r].adcode
        assert code[16] == _ninth(code[8:16])


def test_organisation_code_of_a_well_known_standard_example() -> None:
    # GB 11714-1997 prints D2143569-X.
    assert _ninth("D2143569") == "X"


def _ninth(body: str) -> str:
    """Check character of GB 11714, written apart from the one under test."""
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def test_numbered_and_share_of() -> None:
    assert numbered("F", np.array([0, 7, 123456]), 3).to_pylist() == [
        "F000000",
        "F000007",
        "F123456",
    ]
    assert numbered("F", np.array([5]), 3).to_pylist() == ["F005"]
    amount = np.array([1, 333, 10**15])
    assert share_of(amount, 130_000).tolist() == [0, 43, 130_000_000_000_000]
