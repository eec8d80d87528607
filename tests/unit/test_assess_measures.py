"""Measures of the course of business, partners, network, banks, events and owners, by hand."""

from datetime import date
from math import isclose, sqrt

import pytest

from liandong.assess.measures.catalogue import MEASURES, TRENDS
from support.firms import (
    accounts,
    consents,
    edges,
    events,
    firms,
    flows,
    invoices,
    measured,
    parties,
    signals,
)


def sold(*amounts, seller="F", buyer="B", until=(2023, 12)):
    """One invoice on the 10th of each month up to ``until``; None for a month without."""
    last = until[0] * 12 + until[1] - 1
    months = range(last - len(amounts) + 1, last + 1)
    return [
        (seller, buyer, f"{m // 12}-{m % 12 + 1:02d}-10", yuan, "valid")
        for m, yuan in zip(months, amounts, strict=True)
        if yuan is not None
    ]


# --- the course of business -------------------------------------------------------------------


def test_a_trend_is_free_of_seasons():
    season = [100, 10, 40, 60, 80, 90, 10, 30, 50, 70, 20, 300]
    steady = measured(invoices(*sold(*season, *season, *season)))["F"]
    assert steady["sales_slope"] == 0
    # Every month is 10 yuan above the same month a year before, in mean months.
    grown = [a + 10 * y for y in range(3) for a in season]
    mean = sum(grown) / 36
    assert isclose(measured(invoices(*sold(*grown)))["F"]["sales_slope"], 10 / mean)


def test_a_trend_needs_six_pairs_of_months():
    assert measured(invoices(*sold(*[10] * 17)))["F"]["sales_slope"] is None
    assert measured(invoices(*sold(*[10] * 18)))["F"]["sales_slope"] == 0


def test_gaps_are_spells_since_the_first_sale():
    # 24 months are looked at; the three before the first sale are no gap.
    course = [None] * 3 + [5, 5, None, None, 5, None, 5] + [5] * 11 + [5, None, None]
    f = measured(invoices(*sold(*course)))["F"]
    assert (f["sales_gap"], f["sales_gaps"]) == (2, 3)
    assert f["sales_number"] == 10
    bought = sold(30, None, 10, seller="S", buyer="F")
    f = measured(invoices(*bought))["F"]
    mean = 40 / 12
    spread = sqrt(((30 - mean) ** 2 + (10 - mean) ** 2 + 10 * mean**2) / 12)
    assert isclose(f["purchases_volatility"], spread / mean)
    assert (f["purchases_months"], f["purchases_idle"], f["purchases_number"]) == (2, 0, 2)


# --- partners and the network -----------------------------------------------------------------

TRADE = invoices(
    ("F", "A", "2022-03-10", 50, "valid"),
    ("F", "B", "2022-05-10", 50, "valid"),
    ("F", "A", "2023-06-10", 300, "valid"),
    ("F", "C", "2023-11-10", 100, "valid"),
    ("F", "C", "2023-11-11", 30, "void"),
    ("G", "C", "2023-11-12", 60, "valid"),
    ("G", "C", "2023-11-13", 60, "void"),
    ("S", "F", "2023-12-01", 200, "valid"),
    ("S", "H", "2023-12-01", 200, "valid"),
)


def test_tenure_retention_and_reach_of_partners():
    f = measured(TRADE, party=firms("F", "G", "H"))["F"]
    # A since March 2022 (21 months), C since November 2023 (1): weighted by 300 and 100.
    assert f["buyer_tenure"] == (300 * 21 + 100 * 1) / 400
    assert f["buyer_retention"] == 1 / 2
    assert f["buyer_reach"] == 100 / 400  # G sells to C, too
    assert (f["supplier_tenure"], f["supplier_reach"]) == (0, 1)
    assert f["supplier_retention"] is None
    assert f["partner_void_share"] == 1 / 3  # of C's two with G and S's one with H
    assert f["partners_shared"] == 2


def test_trouble_of_partners_counts_once_it_is_known():
    bad = events(("C", "default", "2023-12-01", "2024-01-05", 10))
    assert measured(TRADE, event=bad)["F"]["partner_trouble"] == 0
    known = events(
        ("C", "default", "2023-12-01", None, 10), ("A", "penalty", "2023-12-01", None, 1)
    )
    assert measured(TRADE, event=known)["F"]["partner_trouble"] == 100 / 600


def test_place_in_the_network():
    found = measured(TRADE, party=firms("F", "G", "H"))
    f, g, h = (found[x] for x in "FGH")
    # F deals with A, C and S; by C it reaches G, by S it reaches H.
    assert (f["network_reach"], g["network_reach"], h["network_reach"]) == (2, 1, 1)
    assert {x["network_core"] for x in (f, g, h)} == {1}
    # A square of firms and partners is a core of 2; who hangs on it is not.
    square = invoices(
        *(("F", b, "2023-06-10", 10, "valid") for b in ("A", "C")),
        *(("G", b, "2023-06-10", 10, "valid") for b in ("A", "C")),
        ("H", "A", "2023-06-10", 10, "valid"),
    )
    found = measured(square, party=firms("F", "G", "H"))
    assert [found[x]["network_core"] for x in "FGH"] == [2, 2, 1]


def test_rank_follows_the_money():
    # A pays F three quarters of what it pays, and G one quarter; nobody pays A.
    paid = invoices(("F", "A", "2023-06-10", 30, "valid"), ("G", "A", "2023-06-10", 10, "valid"))
    found = measured(paid, party=firms("F", "G"))
    a, f, g = 1.0, 1.0, 1.0
    for _ in range(20):
        idle = 0.85 * (f + g) / 3
        a, f, g = 0.15 + idle, 0.15 + idle + 0.85 * a * 0.75, 0.15 + idle + 0.85 * a * 0.25
    assert isclose(found["F"]["network_rank"], f)
    assert isclose(found["G"]["network_rank"], g)
    assert isclose(a + f + g, 3)


def test_trade_of_two_firms_counts_once_for_each():
    both = measured(invoices(("F", "G", "2023-06-10", 50, "valid")), party=firms("F", "G"))
    for x in "FG":
        assert both[x]["network_core"] == both[x]["network_reach"] == 1
        assert both[x]["partners_shared"] == 0
    assert both["F"]["buyer_reach"] == both["G"]["supplier_reach"] == 0


# --- offices ----------------------------------------------------------------------------------


def monthly(source, measure, values, start=2023):
    return [
        ("F", source, measure, f"{start}-{m + 1:02d}", float(v), None)
        for m, v in enumerate(values)
        if v is not None
    ]


def test_taxes_against_invoices():
    # Seen at the end of the month: that of December is known a day too late.
    declared = monthly("tax", "declared_sales", [100] * 9 + [None, 100, 100])
    paid = monthly("tax", "tax_paid", [3] * 12)
    f = measured(invoices(*sold(*[50] * 12)), signals(*declared, *paid))["F"]
    assert f["tax_months"] == 10
    assert isclose(f["tax_gap"], (1200 - 600) / (1200 + 600))
    assert isclose(f["tax_paid_rate"], 33 / 1000)


def test_electricity_against_sales():
    power = monthly("utility", "kwh", [10, 30] * 6)
    f = measured(invoices(*sold(*[1000] * 12)), signals(*power))["F"]
    values = [10, 30] * 5 + [10]
    mean = sum(values) / 11
    spread = sqrt(sum((v - mean) ** 2 for v in values) / 11)
    assert isclose(f["power_volatility"], spread / mean)
    assert isclose(f["power_use"], 1000 * 12 * mean / 12_000)


def test_exports_and_their_growth():
    before = monthly("customs", "exports", [100] * 12, start=2022)
    now = monthly("customs", "exports", [300] * 12)
    f = measured(invoices(*sold(*[600] * 12)), signals(*before, *now))["F"]
    assert (f["exports_12m"], f["exports_growth"], f["exports_share"]) == (3600, 0.5, 0.5)
    assert measured(signal=signals(*now))["F"]["exports_share"] is None


def test_courts_and_fines_of_two_years():
    event = events(
        ("F", "lawsuit", "2022-01-10", None, 10), ("F", "enforcement", "2023-05-01", None, 10),
        ("F", "penalty", "2023-06-01", "2023-06-20", 150),
        ("F", "penalty", "2023-12-20", "2024-01-02", 999), ("F", "penalty", "2021-12-20", None, 9),
    )  # fmt: skip
    f = measured(invoices(*sold(450)), event=event)["F"]
    assert (f["suits_24m"], f["penalties_24m"]) == (2, 1)
    assert f["penalty_share"] == 150 / 600
    assert measured(event=event)["F"]["penalty_share"] is None


# --- owners -----------------------------------------------------------------------------------


def test_owner_and_firm_are_two_parties():
    edge = edges(
        ("P", "F", "owns", date(2015, 1, 1), None), ("P", "G", "controls", date(2015, 1, 1), None),
        ("P", "H", "directs", date(2024, 1, 1), None),
        ("Q", "F", "owns", date(2015, 1, 1), date(2023, 6, 1)),
        ("F", "H", "supplies", date(2015, 1, 1), None),
    )  # fmt: skip
    event = events(
        ("G", "enforcement", "2023-05-01", None, 10), ("P", "lawsuit", "2020-05-01", None, 10),
        ("Q", "default", "2020-05-01", None, 10), ("P", "enforcement", "2024-05-01", None, 10),
    )  # fmt: skip
    found = measured(party=firms("F", "G", "H"), edge=edge, event=event)
    assert [found[x]["sister_firms"] for x in "FGH"] == [1, 1, 0]
    assert [found[x]["sister_trouble"] for x in "FGH"] == [1, 0, 0]
    assert [found[x]["owner_cases"] for x in "FGH"] == [1, 1, 0]


def test_a_sister_by_two_owners_is_one_sister():
    edge = edges(*((p, f, "owns", date(2015, 1, 1), None) for p in "PQ" for f in "FG"))
    assert measured(edge=edge)["F"]["sister_firms"] == 1


def test_age_in_years():
    party = parties(("F", "firm", date(2013, 12, 31), None))
    assert isclose(measured(party=party)["F"]["firm_age"], 3652 / 365.25)


# --- banks ------------------------------------------------------------------------------------

BOOKS = accounts(
    ("f1", "F", "current", 100), ("f2", "F", "securities", 0), ("p", "P", "current", 0),
    ("x", "X", "current", 0), ("b", "B", "loan", 0),
)  # fmt: skip
OWNED = edges(("P", "F", "owns", date(2015, 1, 1), None))


def test_money_on_accounts_by_hand():
    flow = flows(
        ("x", "f1", "2022-06-10", 100, "transfer"),
        ("x", "f1", "2023-02-10", 240, "transfer"),
        ("x", "f1", "2023-11-10", 60, "transfer"),
        ("b", "f1", "2023-11-15", 500, "disbursement"),
        ("f1", "x", "2023-11-20", 130, "wage"),
        ("f1", "f2", "2023-11-21", 20, "transfer"),
        ("f1", "p", "2023-11-22", 40, "transfer"),
        ("p", "f1", "2023-11-23", 5, "transfer"),
        ("f1", "b", "2023-12-20", 10, "repayment"),
        ("x", "f1", "2024-01-01", 999, "transfer"),
    )
    f = measured(flow=flow, bank_account=BOOKS, edge=OWNED)["F"]
    assert f["bank_inflow_12m"] == 300
    assert isclose(f["bank_growth"], (300 - 100) / 400)
    mean = 300 / 12
    spread = sqrt(((240 - mean) ** 2 + (60 - mean) ** 2 + 10 * mean**2) / 12)
    assert isclose(f["bank_volatility"], spread / mean)
    assert isclose(f["bank_net"], (300 - 130) / 430)
    assert isclose(f["bank_low_month"], (60 - 130) / mean)
    assert isclose(f["bank_related_share"], 60 / 200)
    assert isclose(f["bank_debt_share"], 10 / 300)
    # 100 at the start and 100 of 2022: the lowest month end of the year is that of January.
    assert isclose(f["bank_buffer"], 200 / (200 / 12))


def test_sisters_are_relatives_and_other_accounts_are_not_one_s_own():
    edge = edges(*(("P", f, "owns", date(2015, 1, 1), None) for f in "FG"))
    books = accounts(("f", "F", "current", 0), ("g", "G", "current", 0), ("x", "X", "current", 0))
    flow = flows(("f", "g", "2023-06-01", 30, "transfer"), ("f", "x", "2023-06-01", 10, "transfer"))
    found = measured(party=firms("F", "G", "H"), flow=flow, bank_account=books, edge=edge)
    assert found["F"]["bank_related_share"] == 30 / 40
    assert found["G"]["bank_inflow_12m"] == 0
    assert found["H"]["bank_inflow_12m"] is None


# --- what is shared ---------------------------------------------------------------------------

SALES = invoices(("F", "B", "2023-06-10", 10, "valid"), ("G", "B", "2023-06-10", 10, "valid"))
TAX = signals(*monthly("tax", "declared_sales", [10] * 12))


def hidden(**tables):
    """Return by firm the categories that are withheld, each as a whole."""
    withheld = measured(SALES, TAX, firms("F", "G"), what="withheld", **tables)
    found = {}
    for firm, row in withheld.items():
        kinds = {m.category: {row[n.name] for n in MEASURES if n.category == m.category}
                 for m in MEASURES}  # fmt: skip
        assert all(len(k) == 1 for k in kinds.values())
        found[firm] = {c for c, k in kinds.items() if k == {True}}
    return found


OTHERS = {"utility", "staff", "ip", "customs", "bank"}


def test_without_consents_what_was_loaded_is_shared():
    assert hidden() == {"F": OTHERS, "G": OTHERS | {"tax"}}
    elsewhere = consents(("G", "tax", "research", None))
    assert hidden(consent=elsewhere) == {"F": OTHERS, "G": OTHERS | {"tax"}}


def test_with_consents_only_those_who_consented_share():
    given = consents(
        ("F", "invoice", "credit", None), ("F", "tax", "credit", date(2023, 12, 30)),
        ("G", "*", "credit", date(2023, 12, 31)),
    )  # fmt: skip
    assert hidden(consent=given) == {"F": OTHERS | {"tax"}, "G": set()}
    values = measured(SALES, TAX, firms("F", "G"), consent=given)
    assert values["F"]["tax_months"] is None
    assert (values["F"]["sales_12m"], values["G"]["sales_12m"]) == (10, 10)
    assert values["G"]["tax_months"] is None  # consented, but there is nothing


def test_what_is_withheld_does_not_show_in_what_is_not():
    given = consents(("F", "tax", "credit", None), ("F", "utility", "credit", None))
    suit = signals(("F", "judicial", "cases_amount", "2023-06", 20.0, None))
    f = measured(SALES, suit, consent=given)["F"]
    assert (f["sales_12m"], f["cases_share"]) == (None, None)
    assert measured(SALES, TAX, consent=given)["F"]["tax_gap"] is None


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.name)
def test_every_measure_points_somewhere(measure):
    assert measure.better in TRENDS
