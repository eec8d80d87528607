"""Published answers for what case statistics are made of, and planted differences found."""

from math import exp, factorial

import numpy as np
import pyarrow as pa
import pytest

from liandong import govern
from liandong.errors import DataError
from liandong.govern.statistics.figures import margin
from liandong.kernels.statistics.poisson import (
    false_discovery,
    garwood,
    overdispersion,
    poisson_cdf,
    poisson_limits,
    poisson_two_sided,
)
from liandong.kernels.statistics.seasonal import decompose, spread
from liandong.load import load
from liandong.schema.arrow import build

AIRLINE = np.array([
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170,
    170, 158, 133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180,
    193, 181, 183, 218, 230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237,
    211, 180, 201, 204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229, 242, 233, 267, 269,
    270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271,
    306, 315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318, 362, 348, 363, 435,
    491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405, 417,
    391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
], np.float64)  # fmt: skip
"""Airline passengers 1949 to 1960, series G of Box and Jenkins."""


def test_decomposition_gives_the_published_season_of_the_airline_series() -> None:
    # R 4: decompose(AirPassengers, "multiplicative")$figure and its first trend.
    parts = decompose(AIRLINE, 12)
    figure = [0.9102304, 0.8836253, 1.0073663, 0.9759060, 0.9813780, 1.1127758, 1.2265555,
              1.2199110, 1.0604919, 0.9217572, 0.8011781, 0.8988244]  # fmt: skip
    assert parts.season[:12].round(7).tolist() == figure
    assert parts.trend[6:8].round(4).tolist() == [126.7917, 127.25]
    assert np.allclose(parts.trend * parts.season * parts.rest, AIRLINE)


@pytest.mark.parametrize("robust", [False, True])
def test_a_line_with_a_season_is_taken_apart_exactly(robust) -> None:
    at, season = np.arange(40.0), np.resize([5.0, -2, 0, 1, -4, 0, 3, -3, 2, 1, -1, -2], 40)
    parts = decompose(100 + 2 * at + season, 12, multiplicative=False, robust=robust)
    assert np.allclose(parts.trend, 100 + 2 * at)
    assert np.allclose(parts.season, season)
    assert spread(parts.rest) < 1e-9


def test_exact_intervals_of_counts() -> None:
    # Ulm 1990, table of exact limits; the lower one of 0 and the upper one are -ln 0.025.
    assert [round(v, 3) for v in garwood(10, 0.95)] == [4.795, 18.390]
    assert [round(v, 3) for v in garwood(1, 0.95)] == [0.025, 5.572]
    assert [round(v, 3) for v in garwood(0, 0.95)] == [0.0, 3.689]
    assert [round(v, 3) for v in garwood(100, 0.95)] == [81.364, 121.627]
    low, high = garwood(1_000_000, 0.95)
    assert abs(low - (1e6 - 1959.3)) < 2
    assert abs(high - (1e6 + 1961.2)) < 2


@pytest.mark.parametrize("mean", [0.3, 4.0, 37.5])
def test_poisson_agrees_with_its_sum(mean: float) -> None:
    terms = [exp(-mean) * mean**k / factorial(k) for k in range(90)]
    for k in (0, 3, 30, 60):
        assert poisson_cdf(k, mean) == pytest.approx(sum(terms[: k + 1]), abs=1e-13)
    tail = min(sum(terms[:3]), 1 - sum(terms[:2]))
    assert poisson_two_sided(2, mean) == pytest.approx(min(1.0, 2 * tail))
    low, high = poisson_limits(mean, 0.95)
    assert poisson_cdf(int(np.ceil(low)) - 1, mean) <= 0.025 <= poisson_cdf(int(low) + 1, mean)
    assert poisson_cdf(int(high) - 1, mean) < 0.975 <= poisson_cdf(int(np.ceil(high)), mean)


def test_false_discoveries_by_the_published_example() -> None:
    # Benjamini and Hochberg 1995, section 4.1: at 0.05 the first four are found; Bonferroni: three.
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                  0.4262, 0.5719, 0.6528, 0.7590, 1.0])  # fmt: skip
    shuffled = np.random.default_rng(1).permutation(15)
    assert (false_discovery(p[shuffled]) <= 0.05).sum() == 4
    assert false_discovery(p)[:4].tolist() == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])


def test_chance_alone_is_no_overdispersion() -> None:
    counts = np.random.default_rng(2).poisson(400, 500)
    assert overdispersion(counts.astype(float), np.full(500, 400.0)) == pytest.approx(1.0, abs=0.1)


NAMES = ("month", "region_id", "kind", "level", "vintage", "problems", "handled", "sanctioned")
SEASON = (8, 6, 10, 10, 10, 11, 10, 10, 12, 10, 10, 13)


def report(*rows: tuple[object, ...]) -> pa.Table:
    return build("case_report", {n: [r[i] for r in rows] for i, n in enumerate(NAMES)})


def months(count: int, regions: int = 4, surge: tuple[int, int] = (-1, -1)) -> list[tuple]:
    """Return reports with a season, and in one region twice as many in one month."""
    rng = np.random.default_rng(5)
    found = []
    for i in range(count):
        for k in range(regions):
            n = int(rng.poisson(20 * SEASON[i % 12] * (2 if (k, i) == surge else 1)))
            month = f"{2020 + i // 12}-{i % 12 + 1:02}"
            found.append((month, f"{11 + k}0000", "gifts", "county_level", "v1", n, n + 5, n // 2))
    return found


def series(data: pa.Table, **rule: object) -> dict[tuple, dict]:
    found = govern.case_series(data, **rule)["case_series"].to_pylist()
    return {(r["figure"], r["region_id"], r["kind"], r["level"]): r for r in found}


def test_a_planted_month_is_found_and_its_neighbours_are_not() -> None:
    found = govern.case_series(report(*months(60, surge=(2, 40))))
    odd = [r for r in found["case_month"].to_pylist() if r["outlier"] and r["figure"] == "problems"]
    assert {(r["region_id"], r["month"]) for r in odd} == {("130000", "2023-05"),
                                                           ("100000", "2023-05")}  # fmt: skip
    assert all(not r["low"] <= r["value"] <= r["high"] for r in odd)
    assert odd[0]["reasons"][0]["code"] == "cases.high"


def test_what_cannot_be_taken_apart_says_why() -> None:
    whole = ("problems", "100000", "all_kinds", "all_levels")
    assert series(report(*months(23)))[whole]["verdict"] == "short"
    assert series(report(*months(24)))[whole]["verdict"] == "decomposed"
    # One region told nothing of one month: the whole is partial there, and the rest too short.
    holes = [r for r in months(40) if r[:2] != ("2021-06", "120000")]
    found = govern.case_series(report(*holes))
    told = series(report(*holes))
    assert told[whole]["verdict"] == "broken"
    assert told[whole]["missing"] == 1
    assert told[whole]["reasons"][0]["points"] == 22  # from July 2021
    assert [r["code"] for r in told[whole]["reasons"]][:2] == ["cases.broken", "cases.missing"]
    status = {(r["region_id"], r["status"]) for r in found["case_month"].to_pylist()
              if r["month"] == "2021-06" and r["kind"] == "all_kinds"}  # fmt: skip
    assert {("100000", "partial"), ("120000", "absent"), ("110000", "whole")} <= status


def test_year_on_year_and_the_spring_festival() -> None:
    rows = [(f"{y}-{m:02}", "110000", "all_kinds", "all_levels", "v", n, n, 0)
            for y, counts in ((2023, (60, 100, 100)), (2024, (110, 70, 120)))
            for m, n in enumerate(counts, 1)]  # fmt: skip
    blank = [(f"2023-{m:02}", "110000", "all_kinds", "all_levels", "v", 9, 9, 9)
             for m in range(4, 13)]  # fmt: skip
    found = govern.case_series(report(*rows, *blank))["case_month"].to_pylist()
    own = {r["month"]: r for r in found if (r["figure"], r["region_id"]) == ("problems", "110000")}
    # The holiday of 2023 was from 21 to 27 January, that of 2024 from 10 to 17 February.
    assert [own[m]["festival"] for m in ("2023-01", "2023-02", "2024-01", "2024-02")] == [
        7,
        0,
        0,
        8,
    ]
    assert own["2024-03"]["year_on_year"] == pytest.approx(0.2)
    codes = {r["code"]: r["points"] for r in own["2024-01"]["reasons"]}
    assert codes["cases.together"] == 125_000  # 180 against 160
    assert "cases.festival" not in {r["code"] for r in own["2024-03"]["reasons"]}


def test_vintages_stand_apart_and_totals_before_parts() -> None:
    first = ("2024-01", "110000", "all_kinds", "all_levels", "2024-02", 10, 12, 8)
    later = ("2024-01", "110000", "all_kinds", "all_levels", "2024-05", 11, 12, 8)
    part = ("2024-01", "110000", "gifts", "all_levels", "2024-02", 6, 7, 5)
    own = ("problems", "110000", "all_kinds", "all_levels")
    data = report(first, later, part)
    now, then = (govern.case_series(data, as_known=v)["case_month"].to_pylist()
                 for v in ("", "2024-03"))  # fmt: skip
    values = [next(r["value"] for r in rows if r["figure"] == "problems") for rows in (now, then)]
    assert values == [11, 10]
    reasons = {r["code"]: r["points"] for r in series(data)[own]["reasons"]}
    assert (reasons["cases.revised"], reasons["cases.totals_differ"]) == (1, 1)
    cells = {("gifts", "county_level"): (1, 2, 1), ("travel", "county_level"): (2, 2, 0)}
    assert margin(cells, "all_kinds", "county_level") == (3, 4, 1)
    assert margin(cells, "gifts", "all_levels") == (1, 2, 1)
    assert margin(cells, "banquets", "all_levels") == (0, 0, 0)


def test_a_report_names_its_wrong_rows(tmp_path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(
        "月份,地区,问题类型,级别,版本,查处问题数,批评教育和处理人数,党纪政务处分人数\n"
        "2024-01,北京市,违规吃喝,县处级,2024-02,5,6,4\n"
        "2024-1,北京市,总计,总计,2024-02,5,6,4\n"
        "2024-02,110000,违规吃喝,县处级,2024-03,5,4,6\n"
        "2024-02,110000,钓鱼,县处级,2024-03,5,6,-1\n", "utf-8",
    )  # fmt: skip
    loaded = load("case_report", path)
    assert [(r["kind"], r["level"]) for r in loaded.tables["case_report"].to_pylist()] == [
        ("banquets", "county_level")
    ]
    wrong = {(e["row"], e["field"].split()[0], e["code"]) for e in loaded.errors.to_pylist()}
    assert wrong == {(3, "month", "not_month"), (4, "sanctioned", "more_than_handled"),
                     (5, "kind", "not_a_choice"), (5, "sanctioned", "out_of_range")}  # fmt: skip


def test_a_planted_region_is_found_and_noise_is_not() -> None:
    people = {f"{11 + k}0000": 100.0 + 30 * k for k in range(20)}
    stat = build("region_stat", {
        "region_id": list(people), "period": ["2020"] * 20, "measure": ["population"] * 20,
        "vintage": ["v"] * 20, "value": list(people.values()), "unit": ["10,000 people"] * 20,
        "source": [""] * 20,
    })  # fmt: skip
    rng = np.random.default_rng(8)
    rows = [("2020-05", r, "all_kinds", "all_levels", "v",
             int(rng.poisson(n * (1.6 if r == "150000" else 0.02 if r == "300000" else 1.0))),
             9_999, 0) for r, n in people.items()]  # fmt: skip
    given = {"case_report": report(*rows), "region_stat": stat}
    found = {r["region_id"]: r for r in _regions(given)}
    assert {r for r, row in found.items() if row["verdict"] == "above"} == {"150000"}
    assert {r for r, row in found.items() if row["verdict"] == "below"} == {"300000"}
    hidden = {r["region_id"]: r for r in _regions(given, hide=True, least=200)}
    assert hidden["110000"]["verdict"] == "few"
    assert hidden["110000"]["count"] is None
    row = found["150000"]
    low, high = garwood(row["count"], 0.95)
    assert (row["low"], row["high"]) == pytest.approx((low / 220, high / 220))
    total = sum(r["count"] for r in found.values()) / sum(people.values())
    assert row["expected"] == pytest.approx(total * 220)
    # Half of the months, half of the people: the rate is that of the months that were told.
    half = [*rows, *(("2020-06", *r[1:]) for r in rows if r[1] != "150000")]
    again = {r["region_id"]: r for r in _regions({**given, "case_report": report(*half)})}
    assert again["150000"]["size"] == row["size"] / 2
    assert {"code": "cases.missing", "points": 1} in again["150000"]["reasons"]
    with pytest.raises(DataError, match="no base"):
        _regions({"case_report": report(*rows)})


def _regions(given: dict[str, pa.Table], **rule: object) -> list[dict]:
    step = govern.case_regions
    made = step.finish(step.inputs(given), step.rule.make(**rule))
    return made["case_region"].to_pylist()


def test_standardised_over_types_a_mix_is_no_difference() -> None:
    # Both regions sanction 80 % of gifts and 40 % of neglect; they only have them in other shares.
    rows = []
    for r, gifts in (("110000", 900), ("120000", 100)):
        for kind, n, share in (("gifts", gifts, 0.8), ("formalism_duty", 1_000 - gifts, 0.4)):
            rows.append(("2020-05", r, kind, "all_levels", "v", n, n, round(share * n)))
    found = _regions({"case_report": report(*rows)}, figure="sanctioned", base="handled")
    assert [r["ratio"] for r in found] == pytest.approx([1.0, 1.0])
    assert [r["rate"] for r in found] == pytest.approx([7_600, 4_400])
    assert {r["verdict"] for r in found} == {"usual"}
