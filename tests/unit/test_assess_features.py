"""What a firm looked like on a day: by hand on a few invoices and signals."""

from datetime import date
from math import isclose, sqrt

import pytest

from liandong.assess import FeatureRule, features
from liandong.assess.measures.catalogue import MEASURES, PUBLIC
from liandong.errors import DataError
from liandong.schema.arrow import empty
from liandong.step.local import run_step
from liandong.texts import catalogue
from support.firms import DAY, firms, invoices, measured, parties, signals

SOLD = invoices(
    ("F", "B1", "2022-06-10", 200, "valid"),
    ("F", "B1", "2023-02-10", 300, "valid"),
    ("F", "B2", "2023-11-10", 100, "valid"),
    ("F", "B2", "2023-11-11", -20, "red"),
    ("F", "B3", "2023-11-12", 999, "void"),
    ("S", "F", "2023-05-01", 95, "valid"),
    ("F", "B1", "2024-01-01", 10**6, "valid"),
)


def test_measures_of_sales_by_hand():
    f = measured(SOLD)["F"]
    assert f["sales_12m"] == 380
    assert isclose(f["sales_growth"], (380 - 200) / (380 + 200))
    assert isclose(f["sales_trend"], (80 - 300) / 380)
    mean = 380 / 12
    spread = sqrt(((300 - mean) ** 2 + (80 - mean) ** 2 + 10 * mean**2) / 12)
    assert isclose(f["sales_volatility"], spread / mean)
    assert (f["sales_months"], f["sales_idle"], f["sales_history"]) == (2, 1, 18)
    assert (f["sales_ticket"], f["sales_tax_rate"]) == (200, 0.1)
    assert f["sales_void_share"] == 1 / 4
    assert isclose(f["sales_red_share"], 20 / 420)


def test_measures_of_partners_by_hand():
    f = measured(SOLD)["F"]
    assert (f["buyers"], f["suppliers"]) == (2, 1)
    assert isclose(f["buyer_hhi"], (300**2 + 80**2) / 380**2)
    assert isclose(f["buyer_loyalty"], 300 / 380)
    assert (f["supplier_hhi"], f["supplier_loyalty"]) == (1, None)
    assert isclose(f["margin"], (380 - 95) / (380 + 95))


def test_both_sides_of_an_invoice_count():
    both = measured(invoices(("F", "G", "2023-03-01", 50, "valid")), party=firms("F", "G"))
    assert (both["F"]["sales_12m"], both["F"]["purchases_12m"]) == (50, 0)
    assert (both["G"]["sales_12m"], both["G"]["purchases_12m"]) == (0, 50)


def test_what_is_not_shared_is_null_and_what_did_not_happen_is_zero():
    found = measured(SOLD, party=firms("F", "G"))
    public = {m.name for m in MEASURES if m.category in PUBLIC} - {"firm_age"}
    assert {n for n, v in found["G"].items() if v is not None} == public
    assert {found["G"][n] for n in public} == {0}
    assert {n for n, v in found["F"].items() if v is None} == {
        "supplier_loyalty", "supplier_retention", "partner_void_share", "firm_age",
        *(m.name for m in MEASURES if m.category not in {"invoice", *PUBLIC}),
    }  # fmt: skip


def test_only_firms_that_exist_are_measured():
    found = measured(
        party=parties(
            ("F", "firm", date(2023, 12, 31), None),
            ("G", "firm", date(2024, 1, 1), None),
            ("H", "firm", None, date(2023, 12, 30)),
            ("C", "coop", None, None),
            ("P", "person", None, None),
            ("B", "bank", None, None),
        )
    )
    assert set(found) == {"F", "C"}


def year(measure, source, value, start=2022, months=24, seen=None):
    return [
        ("F", source, measure, f"{start + i // 12}-{i % 12 + 1:02d}", float(value(i)), seen)
        for i in range(months)
    ]


def test_growth_compares_the_months_known_in_both_years():
    rows = year("declared_sales", "tax", lambda i: 200 if i >= 12 else 100)
    assert isclose(measured(signal=signals(*rows))["F"]["tax_growth"], 1 / 3)
    late = [r if r[3] != "2023-12" else (*r[:5], date(2024, 1, 15)) for r in rows]
    assert isclose(measured(signal=signals(*late))["F"]["tax_growth"], 1 / 3)
    assert measured(signal=signals(*rows[:17]))["F"]["tax_growth"] is None


def test_signals_count_from_the_day_they_are_seen():
    rows = [
        ("F", "staff", "insured", "2023-10", 7.0, date(2023, 11, 20)),
        ("F", "staff", "insured", "2023-11", 8.0, date(2024, 1, 1)),
        ("F", "staff", "insured", "2024-01", 9.0, None),
    ]
    assert measured(signal=signals(*rows))["F"]["staff"] == 7
    assert measured(signal=signals(*rows), as_of=date(2024, 1, 30))["F"]["staff"] == 8
    assert measured(signal=signals(*rows), as_of=date(2024, 2, 1))["F"]["staff"] == 9


def test_sums_at_law_are_compared_with_sales():
    suit = signals(("F", "judicial", "cases_amount", "2023-06", 20.0, None))
    assert isclose(measured(SOLD, suit)["F"]["cases_share"], 20 / 400)


def test_what_a_bank_says_is_no_measure():
    told = signals(
        ("F", "bank", "default", "2023-06", 1.0, None), ("F", "bank", "grade", "2023-06", 4.0, None)
    )
    assert measured(SOLD, told) == measured(SOLD)


def test_without_firms_nothing_is_replaced_by_nothing():
    for nobody in (empty("party"), parties(("B", "bank", None, None))):
        with pytest.raises(DataError, match="no firm in being on 2023-12-31"):
            measured(party=nobody)


def test_amounts_whose_sum_could_wrap_are_refused():
    most = 2**62 // 110  # with its tax
    assert measured(invoices(("F", "B", "2023-06-01", most // 2, "valid")))["F"]["sales_12m"]
    huge = invoices(*(("F", f"B{i}", "2023-06-01", most // 2, "valid") for i in range(3)))
    with pytest.raises(DataError, match="all amounts together"):
        measured(huge)
    with pytest.raises(DataError, match="all amounts together"):
        run_step(features, {"invoice": huge, "party": firms("F")}, FeatureRule(as_of=DAY), 7)


@pytest.mark.parametrize("measure", [m.name for m in MEASURES])
def test_every_measure_has_a_label(measure):
    assert catalogue()[f"measure.{measure}"].keys() == {"zh", "en"}
