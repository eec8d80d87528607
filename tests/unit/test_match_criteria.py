"""Criteria of products: what they say, when they hold, what they cannot be, and odd projects."""

import doctest
from datetime import date, timedelta
from importlib import import_module

import numpy as np
import pyarrow as pa
import pytest

from liandong.errors import DataError, NotFoundError
from liandong.match import Policy, QuoteRule, Screening, quote
from liandong.schema.arrow import build, empty
from liandong.schema.validate import validate
from liandong.step.local import run_step
from liandong.step.reasons import reason_text
from liandong.types import Rate
from support.lending import DAY, WAN, parties, products, projects, sales, scores
from support.terms import credentials, criteria


def tables(*rows, **given):
    """Return one applicant E, one product P, and criteria."""
    return {
        "project": projects(E={}), "product": products(P={}), "score": scores(E={}),
        "party": parties(E={"founded": date(2020, 1, 1), "staff": 10, "size_class": "small"}),
        "feature": sales(E={}), "criterion": criteria(rows), **given,
    }  # fmt: skip


def quoted(*rows, rule=None, **given):
    rule = rule or QuoteRule(as_of=DAY)
    return run_step(quote, tables(*rows, **given), rule, 1)["quote"].to_pylist()


def told(row):
    return [(r["code"], r["points"]) for r in row["reasons"]]


BANDS = {
    "amount": (("match.need_small", 2_000_000), ("match.change_amount_up", 1_000_000),
               200 * WAN, None),
    "amount ": (("match.above(amount)", 500_000), ("match.change_amount_down", 500_000),
                None, 50 * WAN),
    "term": (("match.below(term)", 18), ("match.no_change", 0), 18, None),
    "term ": (("match.term", 6), ("match.change_term_down", 6), None, 6),
    "points": (("match.below(points)", 650), ("match.change_points_up", 50), 650, None),
    "pd": (("match.above(pd)", 20_000), ("match.change_pd_down", 10_000), None, 20_000),
    "age": (("match.age", 1_500), ("match.change_age_up", 40), 1_500, None),
    "age ": (("match.above(age)", 100), ("match.no_change", 0), None, 100),
    "revenue": (("match.below(revenue)", 6_000_000), ("match.change_revenue_up", 1_000_000),
                600 * WAN, None),
    "staff": (("match.below(staff)", 12), ("match.change_staff_up", 2), 12, None),
    "feature.sales_12m": (("match.feature_below(sales_12m)", 6 * 10**12),
                          ("match.change_feature_up(sales_12m)", 10**12), 6 * 10**12, None),
    "feature.other": (("match.unknown(other)", 0), ("match.no_change", 0), 1, None),
}  # fmt: skip


@pytest.mark.parametrize("case", BANDS)
def test_every_band_has_its_reason_and_its_change(case):
    reason, change, low, high = BANDS[case]
    (row,) = quoted(("P", case.strip(), "-", low, high))
    assert not row["eligible"]
    assert told(row) == [reason, change]
    assert all("{" not in reason_text(c, p, lang) for c, p in told(row) for lang in ("zh", "en"))


def test_a_term_that_two_bounds_leave_no_room_for_cannot_be_changed():
    # The product itself lends for 12 months at most, so a term of 18 cannot be met.
    assert ("match.no_change", 0) in told(quoted(("P", "term", "-", 18, None))[0])


SETS = {
    "region": ("32", "match.outside(region)", {"region_id": "310000"}, {"region_id": "320500"}),
    "industry": ("C39", "match.outside(industry)", {"industry": "C"}, {"industry": "C3911"}),
    "size": ("micro", "match.outside(size)", {"size_class": "small"}, {"size_class": "micro"}),
    "not_region": ("31", "match.forbidden(31)", {"region_id": "310000"}, {"region_id": None}),
    "not_industry": ("C39", "match.forbidden(C39)", {"industry": "C"}, {"industry": None}),
}


@pytest.mark.parametrize("measure", SETS)
def test_every_set_has_its_reason_and_nothing_to_change(measure):
    member, code, outside, inside = SETS[measure]
    row = ("P", measure, member, None, None)
    given = quoted(row, party=parties(E=outside))[0]
    assert told(given) == [(code, 0), ("match.no_change", 0)]
    assert quoted(row, party=parties(E=inside))[0]["eligible"]


def test_purposes_are_words_that_the_purpose_holds():
    rows = [("P", "purpose", "设备", None, None), ("P", "not_purpose", "进口", None, None)]
    for purpose, codes in (
        ("设备更新", None), ("进口设备", ["match.forbidden(进口)"]),
        (None, ["match.outside(purpose)"]),
    ):  # fmt: skip
        (row,) = quoted(*rows, project=projects(E={"purpose": purpose}))
        assert row["eligible"] == (codes is None)
        assert codes is None or [c for c, _ in told(row)] == [*codes, "match.no_change"]


def test_a_grade_can_improve_and_a_guarantor_can_be_found():
    (row,) = quoted(("P", "grade", "B", None, None), ("P", "guaranteed", "yes", None, None))
    assert told(row) == [("match.outside(grade)", 0), ("match.outside(guaranteed)", 0),
                         ("match.change_grade", 0), ("match.change_guarantor", 0)]  # fmt: skip
    edge = {"src": ["X"], "dst": ["E"], "kind": ["guarantees"], "valid_from": [date(2020, 1, 1)]}
    bound = ("P", "guaranteed", "yes", None, None)
    assert quoted(bound, edge=build("edge", edge))[0]["eligible"]
    over = {**edge, "valid_to": [date(2021, 1, 1)]}
    assert not quoted(bound, edge=build("edge", over))[0]["eligible"]


@pytest.mark.parametrize(
    ("held", "eligible"),
    [({}, True), ({"valid_to": DAY}, True), ({"valid_to": DAY - timedelta(1)}, False),
     ({"valid_from": DAY + timedelta(1)}, False), ({"revoked": True}, False),
     ({"kind": "grade_10"}, False), ({"party_id": "X"}, False)],
)  # fmt: skip
def test_a_credential_is_held_while_it_is_in_force(held, eligible):
    plain = credentials([("E", "grade_1", None, False), ("E", "building", None, False)])
    first, other = plain.to_pylist()
    found = pa.Table.from_pylist([first | held, other], schema=plain.schema)
    asked = ("P", "credential", "grade_1", None, None)
    (row,) = quoted(asked, credential=found)
    assert row["eligible"] is eligible
    if not eligible:
        assert told(row) == [("match.no_credential", 0), ("match.change_credential", 0)]
        assert "credential in force" in reason_text("match.no_credential", 0, "en")
    # Of several kinds one is enough.
    assert quoted(asked, ("P", "credential", "building", None, None), credential=found)[0][
        "eligible"
    ]


def loan(start):
    columns = {"loan_id": ["L"], "party_id": ["E"], "lender_id": ["B"], "amount": [1],
               "start": [start], "term_months": [12], "status": ["current"]}  # fmt: skip
    return build("loan", columns)


@pytest.mark.parametrize(("start", "first"), [(date(2020, 1, 1), False), (DAY, True), (None, None)])
def test_who_borrows_for_the_first_time(start, first):
    given = {"loan": loan(start)} if start else {}
    assert quoted(**given)[0]["first_time"] is first
    row = quoted(("P", "first_time", "yes", None, None), **given)[0]
    assert row["eligible"] is bool(first)


def test_technology_firms_are_those_with_patents():
    feature = pa.concat_tables([
        sales(E={}), sales(E={"measure": "patents_24m", "value": 2.0}),
    ])  # fmt: skip
    asked = ("P", "technology", "yes", None, None)
    assert quoted(asked, feature=feature)[0]["eligible"]
    assert told(quoted(asked)[0])[0] == ("match.outside(technology)", 0)


def test_criteria_hold_in_their_time():
    late = {"product_id": "P", "measure": "staff", "member": "-", "low": 99}
    assert quoted({**late, "valid_from": date(2024, 1, 1)})[0]["eligible"]
    assert quoted({**late, "valid_to": date(2023, 12, 30)})[0]["eligible"]
    assert not quoted({**late, "valid_to": DAY})[0]["eligible"]
    assert not quoted({**late, "valid_from": DAY})[0]["eligible"]


BAD = {
    "no such product": ("Q", "staff", "-", 1, None),
    "no such measure": ("P", "colour", "red", None, None),
    "one bound": ("P", "staff", "-", None, None),
    "band": ("P", "staff", "micro", 1, None),
    "above the upper bound": ("P", "staff", "-", 5, 4),
    "no bounds": ("P", "size", "small", 1, None),
    "one row a member": ("P", "size", "-", None, None),
    "no such member": ("P", "size", "huge", None, None),
    "needs a basis": {"product_id": "P", "measure": "not_region", "member": "31", "basis": None},
}


@pytest.mark.parametrize("words", BAD)
def test_criteria_that_cannot_be_are_named(words):
    with pytest.raises(DataError, match=words) as error:
        quoted(BAD[words])
    assert "criterion" in error.value.text("zh")


def test_bands_that_leave_nothing_are_named():
    rows = [{"product_id": "P", "measure": "staff", "member": "-", "low": 5},
            {"product_id": "P", "measure": "staff", "member": "-", "high": 4,
             "valid_from": date(2021, 1, 1)}]  # fmt: skip
    with pytest.raises(DataError, match="leave no value"):
        quoted(*rows)


def test_reversed_bounds_are_refused_on_loading():
    bad = criteria([("P", "staff", "-", 5, 4), ("P", "age", "-", 5, 5)])
    checked = validate("criterion", bad, "f")
    assert checked.errors["code"].to_pylist() == ["band_reversed"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"project": projects(E={"need": 0})}, "above 0"),
        ({"project": projects(E={"need": -5})}, "above 0"),
        ({"project": projects(E={"term_months": 0})}, "above 0"),
        ({"product": products(P={"min_amount": 0})}, "amounts of the product P"),
        ({"product": products(P={"step_amount": 0})}, "amounts of the product P"),
        ({"product": products(P={"max_amount": 1})}, "amounts of the product P"),
        ({"product": products(P={"lgd": 1_000_001})}, "rates and shares of the product P"),
        ({"product": products(P={"min_rate": 160_000})}, "rates and shares of the product P"),
        ({"product": pa.concat_tables([products(P={})] * 2)}, "P is there twice"),
    ],
)
def test_projects_and_products_that_cannot_be_are_named(given, words):
    with pytest.raises(DataError, match=words):
        quoted(**given)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_feature_that_is_no_number_is_not_known(value):
    given = {"feature": sales(E={"value": value})}
    assert told(quoted(**given)[0])[0] == ("match.no_revenue", 0)
    asked = ("P", "feature.sales_12m", "-", 0, None)
    assert ("match.unknown(sales_12m)", 0) in told(quoted(asked, **given)[0])


def test_somebody_who_is_no_party_is_refused():
    assert told(quoted(party=parties(X={}))[0])[0] == ("match.unknown_party", 0)


def test_the_risk_is_that_of_who_pays_and_the_rest_that_of_who_asks():
    given = {
        "project": projects(E={"obligor_id": "BUYER"}),
        "score": scores(E={"pd": 200_000, "grade": "D"}, BUYER={"pd": 1_000, "grade": "A"}),
    }  # fmt: skip
    (row,) = quoted(("P", "staff", "-", 5, None), **given)
    assert (row["eligible"], row["grade"]) == (True, "A")
    assert told(row)[-1] == ("match.obligor(BUYER)", 0)
    assert row["floor_rate"] < 45_000
    (row,) = quoted(("P", "staff", "-", 11, None), **given)
    assert ("match.below(staff)", 11) in told(row)
    assert ("match.obligor(BUYER)", 0) in told(row)
    (row,) = quoted(**{**given, "score": scores(E={})})
    assert told(row)[0] == ("match.no_score", 0)


def test_pooled_applications_are_quoted_once_for_their_pooled_need():
    given = {
        "project": projects(**{e: {"need": 40 * WAN} for e in ("E", "F", "G")}),
        "score": scores(E={}, F={}, G={}), "feature": sales(E={}, F={}, G={}),
        "party": parties(E={}, F={}, G={}),
        "application": build("application", {
            "project_id": ["E", "F"], "as_of": [DAY] * 2, "lead_id": ["E"] * 2,
            "controller_id": ["X"] * 2, "need": [80 * WAN] * 2, "members": [2] * 2,
            "reasons": [[]] * 2,
        }),
    }  # fmt: skip
    rows = {r["project_id"]: r for r in quoted(**given)}
    assert (rows["E"]["eligible"], rows["E"]["limit"]) == (True, 80 * WAN)
    assert told(rows["F"]) == [("match.pooled(E)", 0), ("match.no_change", 0)]
    assert rows["G"]["limit"] == 40 * WAN


def test_a_policy_ceiling_is_a_cap_of_its_own():
    (row,) = quoted(product=products(P={"ceiling_rate": 50_000}))
    # .03 + .45 PD + .00945 <= .05 (1 - PD) up to a PD of 2.11 %.
    assert told(row) == [("match.ceiling(funding)", 46), ("match.change_pd_down", 8_900)]
    (row,) = quoted(product=products(P={"ceiling_rate": 60_000}))
    assert row["rate"] == 60_000
    (row,) = quoted(product=products(P={"min_rate": 60_000, "ceiling_rate": 58_000}))
    assert told(row) == [("match.ceiling(lowest_rate)", 20), ("match.no_change", 0)]


def test_subsidy_and_fees_stand_beside_the_rate():
    terms = {"subsidy_rate": 20_000, "borrower_fee_rate": 10_000, "lender_fee_rate": 4_850}
    (row,) = quoted(product=products(P=terms))
    assert (row["floor_rate"], row["rate"]) == (54_588 + 5_000, 54_588 + 15_000)
    assert (row["subsidy"], row["all_in_rate"]) == (20_000, 54_588 + 15_000 - 10_000)
    parts = dict(told(row))
    assert parts["match.subsidy"] == 20_000
    assert parts["match.borrower_fee"] == 10_000
    assert sum(p for c, p in parts.items() if c.startswith("match.rate")) == row["rate"]


def test_capital_by_internal_ratings_is_an_option():
    plain, irb = (quoted(rule=QuoteRule(as_of=DAY, irb=i))[0] for i in (False, True))
    assert plain["floor_rate"] == 54_588
    assert irb["floor_rate"] > plain["floor_rate"]  # the weight at 3 % is 130 %, not 75 %


def test_value_has_three_weights_and_the_usual_ones_change_nothing():
    day = {"as_of": DAY}
    green = Policy(name="green", worth=Rate(8_000), industries=("D44",), purposes=("光伏",))
    jobs = Policy(name="jobs", worth=Rate(10_000), jobs=20)
    weighed = {"reference_rate": Rate(70_000), "policies": (green, jobs)}
    (row,) = quoted(rule=QuoteRule(**day, **weighed))
    assert row["value_rate"] == 9_700
    (row,) = quoted(rule=QuoteRule(**day, **weighed, saving_weight=Rate(500_000)))
    assert row["value_rate"] == 9_700 + (70_000 - 64_588) // 2
    every = QuoteRule(**day, **weighed, policy_weight=Rate(1_000_000), surplus_weight=Rate(0))
    # Ten people on a million yuan are half of the jobs that count in full.
    assert quoted(rule=every)[0]["value_rate"] == 5_000
    (row,) = quoted(rule=every, project=projects(E={"purpose": "屋顶光伏电站"}))
    assert row["value_rate"] == 13_000
    tech = Policy(name="tech", worth=Rate(3_000), technology=True)
    assert quoted(rule=every.changed(policies=(tech.model_dump(),)))[0]["value_rate"] == 0


def test_a_dear_loan_takes_no_value_from_the_lender():
    rule = QuoteRule(as_of=DAY, saving_weight=Rate(1_000_000), reference_rate=Rate(10_000))
    assert quoted(rule=rule)[0]["value_rate"] == 9_700


def test_each_project_without_a_product_has_one_row_for_the_nearest():
    large = {"min_amount": 101 * WAN, "max_amount": 500 * WAN}
    given = {"product": products(P={**large, "min_amount": 150 * WAN}, Q=large,
                                 R={**large, "term_months": 6})}  # fmt: skip
    (row,) = quoted(**given)
    assert row["product_id"] == "Q"
    assert told(row) == [("match.need_small", 1_010_000), ("match.change_amount_up", 10_000)]


def test_why_not_knows_its_projects_and_products():
    screening = Screening(tables(("P", "staff", "-", 11, None)), QuoteRule(as_of=DAY))
    assert screening.why_not("E", "P") == [("match.below(staff)", 11)]
    for pair in (("X", "P"), ("E", "X")):
        with pytest.raises(NotFoundError, match="X"):
            screening.why_not(*pair)
    with pytest.raises(NotFoundError):
        screening.nearest("X")


def test_a_project_that_is_eligible_has_nothing_to_change():
    screening = Screening(tables(), QuoteRule(as_of=DAY))
    assert screening.why_not("E", "P") == []
    assert screening.nearest("E") == ("P", [])


def test_no_projects_make_no_pairs():
    found = Screening(tables(project=empty("project")), QuoteRule(as_of=DAY)).pairs()
    assert (found.start.tolist(), len(found.product)) == ([0], 0)
    assert np.array_equal(found.project, [])


@pytest.mark.parametrize(
    "name",
    ["kernels.allocation.bitmap", "kernels.statistics.capital", "match.pricing.capital",
     "match.pricing.price", "match.eligibility.index", "match.eligibility.screening"],
)  # fmt: skip
def test_examples_run(name):
    tried = doctest.testmod(import_module(f"liandong.{name}"))
    assert (tried.failed, tried.attempted > 0) == (0, True)
