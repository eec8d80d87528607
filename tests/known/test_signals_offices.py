"""T1, U1, H1 on courses worked by hand, at each threshold, and with facts that come late."""

from datetime import date

import pytest

from support.warnings import Board

ON = "2024-06-30"
# On that day the last month whose filing is due is May: March to May against those of 2023.
YEAR = [100] * 3 + [70] * 9


def taxed(amounts: list[int], before: list[int] = YEAR) -> dict:
    """Judge T1 of one firm: months from March 2023."""
    board = Board("F1").months("tax", "declared_sales", "F1", "2023-03", [*before, *amounts])
    return board.judged("T1", ON)["F1"]


@pytest.mark.parametrize(
    ("sales", "level", "threshold"),
    [
        ([80, 80, 80], None, 0.8),
        ([80, 80, 79], "yellow", 0.8),
        ([60, 60, 60], "yellow", 0.8),
        ([60, 60, 59], "orange", 0.6),
        ([40, 40, 40], "orange", 0.6),
        ([40, 40, 39], "red", 0.4),
    ],
)
def test_declared_sales_at_each_threshold(sales, level, threshold):
    said = taxed(sales)
    assert (said["level"], said["threshold"]) == (level, threshold)
    assert said["value"] == pytest.approx(sum(sales) / 300, abs=1e-15)
    assert said["reasons"] == ["watch.tax_drop"]


def test_evidence_names_the_sums():
    assert taxed([10, 20, 30])["evidence"] == {
        "day": ON, "sales": 60, "year_before": 300, "zero_or_late": 0
    }  # fmt: skip


def test_two_zero_or_late_filings_are_yellow():
    one, two = taxed([300, 0, 100]), taxed([400, 0, 0])
    assert one["level"] is None
    assert two["level"] == "yellow"
    assert two["threshold"] is None
    assert two["reasons"] == ["watch.tax_drop", "watch.tax_filings"]


def test_filings_that_are_not_there_are_late():
    # April and May are missing: no ratio, but two late filings.
    said = taxed([100])
    assert said["level"] == "yellow"
    assert said["value"] is None
    assert said["reasons"] == ["watch.tax_filings"]


def test_who_never_filed_is_not_judged():
    board = Board("F1", "F2").months("tax", "declared_sales", "F1", "2024-05", [5])
    assert board.judged("T1", ON) == {}


def test_a_filing_seen_later_is_not_used_before():
    board = Board("F1").months("tax", "declared_sales", "F1", "2023-03", [*YEAR, 30, 30])
    board.tell("tax", "F1", "2024-05-31", 30, tag="declared_sales", seen="2024-07-01")
    assert board.judged("T1", ON) == {}
    later = board.judged("T1", "2024-07-01")["F1"]
    assert later["value"] == 0.3
    assert later["level"] == "red"


def test_a_correction_counts_from_the_day_it_is_seen():
    board = Board("F1").months("tax", "declared_sales", "F1", "2023-03", [*YEAR, 100, 100, 100])
    board.tell("tax", "F1", "2024-05-31", 10, tag="declared_sales", seen="2024-07-02")
    assert board.judged("T1", "2024-07-01")["F1"]["value"] == 1.0
    assert board.judged("T1", "2024-07-02")["F1"]["value"] == 0.7


def test_a_firm_that_is_gone_is_not_judged():
    board = Board("F1", valid_to=[date(2024, 6, 29)])
    board.months("tax", "declared_sales", "F1", "2023-03", [*YEAR, 10, 10, 10])
    assert board.judged("T1", ON) == {}
    assert board.judged("T1", "2024-06-29") != {}


def powered(now: list[int], others: list[int] | None = None) -> Board:
    """F1 used 100 in April and May 2023 and ``now`` a year later; five others of its sector."""
    firms = ["F1", *(f"F{k}" for k in range(2, 7))]
    board = Board(*firms, industry=["C13"] * 6)
    board.months("utility", "kwh", "F1", "2023-04", [100, 100, *[90] * 10, *now])
    for firm in firms[1:]:
        if others:
            board.months("utility", "kwh", firm, "2023-04", [100, 100, *[90] * 10, *others])
    return board


@pytest.mark.parametrize(
    ("now", "level"),
    [
        ([70, 70], None),
        ([69, 70], None),
        ([69, 69], "yellow"),
        ([50, 10], "yellow"),
        ([49, 10], "orange"),
    ],
)
def test_use_of_two_months_at_each_threshold(now, level):
    said = powered(now).judged("U1", ON)["F1"]
    assert said["level"] == level
    assert said["value"] == max(now) / 100


def test_a_sector_that_falls_takes_its_firms_along():
    # The median of six firms at .6, .6, .6, .6, .6, .6 is .6: F1 is as usual.
    assert powered([60, 60], [60, 60]).judged("U1", ON)["F1"]["value"] == 1.0
    # Of .3 and five times .6 it is .6: F1 is at a half of it, which is not below a half.
    said = powered([30, 30], [60, 60]).judged("U1", ON)["F1"]
    assert said["value"] == 0.5
    assert said["level"] == "yellow"


def test_arrears_and_a_cut_off():
    board = Board("F1", "F2").tell("utility", "F1", "2024-05-02", tag="arrears")
    board.tell("utility", "F2", "2024-06-30", tag="cut_off")
    said = board.judged("U1", ON)
    assert {k: v["level"] for k, v in said.items()} == {"F1": "yellow", "F2": "red"}
    assert said["F2"]["reasons"] == ["watch.utility_cut"]
    # Sixty days later both are over.
    assert board.judged("U1", "2024-07-01").keys() == {"F2"}


def test_use_seen_later_is_not_used_before():
    board = powered([60, 60])
    board.tell("utility", "F1", "2024-05-31", 100, tag="kwh", seen="2024-07-03")
    assert board.judged("U1", ON)["F1"]["level"] == "yellow"
    assert board.judged("U1", "2024-07-03")["F1"]["level"] is None


@pytest.mark.parametrize(
    ("staff", "level"), [(81, None), (80, "yellow"), (61, "yellow"), (60, "orange"), (0, "orange")]
)
def test_staff_at_each_threshold(staff, level):
    board = Board("F1").months("staff", "insured", "F1", "2024-02", [100, 100, 100, staff])
    said = board.judged("H1", ON)["F1"]
    assert said["level"] == level
    assert said["value"] == (100 - staff) / 100


def test_small_firms_and_growing_ones_are_left_alone():
    board = Board("F1", "F2").months("staff", "insured", "F1", "2024-02", [4, 4, 4, 1])
    board.months("staff", "insured", "F2", "2024-02", [100, 100, 100, 150])
    said = board.judged("H1", ON)
    assert said.keys() == {"F2"}
    assert said["F2"]["value"] == -0.5
    assert said["F2"]["level"] is None


def test_social_security_arrears_of_two_months_are_red():
    board = Board("F1", "F2").tell("staff", "F1", "2024-05-15", tag="arrears")
    board.tell("staff", "F1", "2024-06-15", tag="arrears", seen="2024-06-30")
    board.tell("staff", "F2", "2024-06-15", tag="arrears")
    assert board.judged("H1", "2024-06-29") == {}
    said = board.judged("H1", ON)
    assert said.keys() == {"F1"}
    assert said["F1"]["level"] == "red"


def test_staff_seen_later_is_not_used_before():
    board = Board("F1").months("staff", "insured", "F1", "2024-02", [100, 100, 100, 50], lag=31)
    assert board.judged("H1", ON) == {}
    assert board.judged("H1", "2024-07-01")["F1"]["level"] == "orange"
