"""Quotes: every no has its reason, limits and rates are as the rule says."""

from datetime import date

import pyarrow as pa
import pytest

from liandong.errors import DataError, UsageError
from liandong.match import Ban, QuoteRule, quote
from liandong.schema.arrow import empty
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from support.lending import DAY, WAN, churn, parties, products, projects, sales, scores

PERCENT = 10_000


READ = ("project", "product", "score", "party", "feature")


def tables(**given):
    """Return the reads of a quote: one applicant E with one product P unless told otherwise."""
    return {
        "project": projects(E={}), "product": products(P={}), "score": scores(E={}),
        "party": parties(E={}), "feature": sales(E={}),
        **{n: empty(n) for n in quote.reads if n not in READ}, **given,
    }  # fmt: skip


def quoted(rule=None, **given):
    """Return the quotes by project and product."""
    t = tables(**given)
    rule = rule or QuoteRule(as_of=DAY)
    rows = quote(*(t[n] for n in quote.reads), rule=rule)["quote"].to_pylist()
    return {(r["project_id"], r["product_id"]): r for r in rows}


def one(rule=None, **given):
    (row,) = quoted(rule, **given).values()
    return row


def codes(row):
    """Return the codes of the reasons, without those that say what would have to change."""
    told = [r["code"] for r in row["reasons"]]
    return [c for c in told if not c.startswith(("match.change", "match.no_change"))]


def test_an_eligible_project_gets_the_floor_rate_and_a_margin():
    row = one()
    assert row["eligible"]
    assert row["micro"]
    assert (row["limit"], row["floor_rate"], row["rate"]) == (100 * WAN, 54_588, 64_588)
    assert row["value_rate"] == 970_000 * 10_000 // 1_000_000
    parts = {r["code"]: r["points"] for r in row["reasons"]}
    assert parts == {
        "match.rate_funding": 22_000, "match.rate_operating": 8_000,
        "match.rate_expected_loss": 13_500, "match.rate_capital": 9_450,
        "match.rate_default": 1_638, "match.rate_margin": 10_000, "match.limit_need": 1_000_000,
    }  # fmt: skip
    assert sum(p for c, p in parts.items() if "rate" in c) == row["rate"]


def test_a_curve_gives_the_rate_that_earns_most():
    flat = churn("A", [(4 * PERCENT, 0), (8 * PERCENT, 100_000), (15 * PERCENT, 900_000)])
    assert one(churn=flat)["rate"] == 8 * PERCENT
    assert one(churn=churn("B", [(15 * PERCENT, 0)]))["rate"] == 64_588
    cheap = products(P={"max_rate": 6 * PERCENT})
    assert one(churn=flat, product=cheap)["rate"] == 6 * PERCENT


@pytest.mark.parametrize(
    ("bound", "given", "limit"),
    [
        ("match.limit_need", {"project": projects(E={"need": 25 * WAN + 1})}, 25 * WAN),
        ("match.limit_product", {"product": products(P={"max_amount": 31 * WAN})}, 31 * WAN),
        ("match.limit_revenue", {"feature": sales(E={"value": 1_234_567.0})}, 37 * WAN),
        (
            "match.limit_revenue",
            {"feature": empty("feature"), "party": parties(E={"annual_revenue": 100 * WAN})},
            30 * WAN,
        ),
    ],
)  # fmt: skip
def test_what_bounds_the_limit(bound, given, limit):
    row = one(**given)
    assert (row["limit"], codes(row)[-1]) == (limit, bound)


def test_a_quote_too_early_is_refused_and_names_what_to_run():
    with pytest.raises(DataError, match=r"score.*Run assess\.score first"):
        one(score=scores(E={"as_of": date(2020, 1, 1)}))
    with pytest.raises(DataError, match=r"project.*Load it first"):
        one(project=empty("project"))


@pytest.mark.parametrize("field", ["revenue_share", "margin", "hurdle", "capital_ratio",
                                   "risk_weight", "micro_revenue"])  # fmt: skip
def test_terms_below_zero_are_wrong_calls(field):
    with pytest.raises(UsageError, match=field):
        QuoteRule.make(as_of=DAY, **{field: "-1"})


NO = {
    "match.no_score": {"score": scores(OTHER={})},
    "match.grade(D)": {"score": scores(E={"grade": "D"})},
    "match.banned(property_development)": {"party": parties(E={"industry": "K7010"})},
    "match.banned(speculation)": {"project": projects(E={"purpose": "买入股票"})},
    "match.no_revenue": {"feature": empty("feature")},
    "match.term": {"project": projects(E={"term_months": 13})},
    "match.need_small": {"project": projects(E={"need": 10 * WAN - 1})},
    "match.limit_small": {"feature": sales(E={"value": 333_333.0})},
    "match.price(expected_loss)": {"score": scores(E={"pd": 200_000})},
    "match.price(funding)": {"product": products(P={"funding_rate": 15 * PERCENT})},
    "match.price(operating)": {"product": products(P={"operating_rate": 15 * PERCENT})},
}


@pytest.mark.parametrize("code", NO)
def test_every_no_has_its_reason(code):
    row = one(**NO[code])
    assert not row["eligible"]
    assert codes(row) == [code]
    assert row["rate"] is None
    assert row["value_rate"] is None
    assert all(reason_text(code, 0, lang) for lang in ("zh", "en"))


@pytest.mark.parametrize(
    ("code", "terms", "party", "ok"),
    [
        ("match.region", {"regions": ("31", "3205")}, {"region_id": "320000"}, False),
        ("match.region", {"regions": ("31", "3205")}, {"region_id": "320506"}, True),
        ("match.region", {"regions": ("31",)}, {"region_id": None}, False),
        ("match.industry", {"industries": ("C",)}, {"industry": "A01"}, False),
        ("match.industry", {"industries": ("C",)}, {"industry": "C39"}, True),
        ("match.age", {"min_age_days": 365}, {"founded": date(2023, 1, 1)}, False),
        ("match.age", {"min_age_days": 364}, {"founded": date(2023, 1, 1)}, True),
        ("match.age", {"min_age_days": 1}, {"founded": None}, False),
        ("match.age", {}, {"founded": None}, True),
    ],
)
def test_rules_of_place_trade_and_age(code, terms, party, ok):
    row = one(QuoteRule(as_of=DAY, **terms), party=parties(E=party))
    assert row["eligible"] == ok
    assert (code in codes(row)) != ok


def test_a_project_speaks_for_itself_before_its_applicant():
    given = {"project": projects(E={"industry": "C39"}), "party": parties(E={"industry": "K701"})}
    assert one(**given)["eligible"]


@pytest.mark.parametrize(
    ("industry", "day", "hit"),
    [
        ("K701", DAY, True), ("K7010", DAY, True), ("K", DAY, True), ("K70", DAY, True),
        ("K702", DAY, False), ("C39", DAY, False), (None, DAY, False),
        ("K701", date(2020, 1, 1), False), ("K701", date(2024, 1, 2), False),
    ],
)  # fmt: skip
def test_a_ban_holds_for_its_codes_in_its_time(industry, day, hit):
    ban = Ban(name="x", basis="law", industries=("K701",), valid_from=date(2020, 1, 2),
              valid_to=date(2024, 1, 1))  # fmt: skip
    rule = QuoteRule(as_of=day, negative_list=(ban,))
    given = {"party": parties(E={"industry": industry}), "score": scores(E={"as_of": day}),
             "feature": sales(E={"as_of": day})}  # fmt: skip
    row = one(rule, **given)
    assert row["eligible"] != hit
    assert ("match.banned(x)" in codes(row)) == hit


def test_every_ban_names_its_law():
    assert all(b.basis for b in QuoteRule(as_of=DAY).negative_list)


@pytest.mark.parametrize(
    ("party", "value", "micro"),
    [
        ({"size_class": "small"}, 1e9, True),
        ({"size_class": "medium"}, 1.0, False),
        ({}, 10_000_000.0, True),
        ({}, 10_000_000.01, False),
        ({}, None, None),
    ],
)
def test_who_is_small(party, value, micro):
    assert one(party=parties(E=party), feature=sales(E={"value": value}))["micro"] is micro


def test_of_several_scores_the_worst_counts():
    score = scores(E={"pd": 10_000}).to_pylist() + scores(E={"pd": 50_000}).to_pylist()
    score[1]["rule_id"], score[1]["grade"] = "other", "B"
    both = pa.Table.from_pylist(score, schema=scores(E={}).schema)
    assert one(score=both)["grade"] == "B"


def test_a_floor_beyond_all_rates_is_no_number():
    row = one(score=scores(E={"pd": 1_000_000}))
    assert (row["floor_rate"], codes(row)) == (None, ["match.price(expected_loss)"])


def test_parts_and_order_change_nothing():
    ids = [f"E{i}" for i in range(12)]
    given = tables(
        project=projects(**{e: {"need": (i + 1) * 7 * WAN} for i, e in enumerate(ids)}),
        product=products(P={}, Q={"max_rate": 60_000, "term_months": 24}),
        score=scores(**{e: {"pd": 10**4 * i, "grade": "ABCD"[i % 4]} for i, e in enumerate(ids)}),
        party=parties(**{e: {} for e in ids}),
        feature=sales(**{e: {"value": 1e5 * i * i} for i, e in enumerate(ids)}),
        churn=churn("A", [(4 * PERCENT, 0), (15 * PERCENT, 900_000)]),
    )  # fmt: skip
    check_step(quote, given, QuoteRule(as_of=DAY))
