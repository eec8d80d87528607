"""The step of stable mode: lists, seats that the money covers, reasons, refusals."""

import pyarrow as pa
import pytest

from liandong.errors import DataError
from liandong.match import Seats, stable
from liandong.schema.arrow import build, empty
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from liandong.types import Money, stable_id
from support.lending import DAY, WAN, products, quotes, scores


def several(**by_product):
    """Quotes of several products: rows of projects under the name of each product."""
    return pa.concat_tables(
        [quotes(**{e: {"product_id": p, **r} for e, r in rows.items()})
         for p, rows in by_product.items()]
    )  # fmt: skip


def wishes(*rows):
    names = ("side", "who", "whom", "rank")
    return build("preference", {n: [r[i] for r in rows] for i, n in enumerate(names)})


def matched(quote, product, score=None, preference=None, **rule):
    tables = (quote, product, score or empty("score"), preference or empty("preference"))
    got = stable(*tables, as_of=DAY, **rule)["stable_match"].to_pylist()
    assert all(reason_text(r["code"], r["points"], x) != r["code"] for g in got
               for r in g["reasons"] for x in ("zh", "en"))  # fmt: skip
    return {r["project_id"]: r for r in got}


def codes(row):
    return [r["code"] for r in row["reasons"]]


def test_projects_want_what_costs_least_and_products_what_is_worth_most():
    quote = several(
        P={"E": {"rate": 60_000, "value_rate": 2_000}, "F": {"rate": 60_000, "value_rate": 1_000}},
        Q={"E": {"rate": 70_000}, "F": {"rate": 70_000}},
    )
    got = matched(quote, products(P={"capacity": 100 * WAN}, Q={}))
    assert (got["E"]["product_id"], got["F"]["product_id"]) == ("P", "Q")
    assert (got["E"]["project_rank"], got["E"]["product_rank"], got["F"]["project_rank"]) == (
        1,
    ) * 2 + (2,)
    assert "match.stable_full(P)" in codes(got["F"])
    assert not {"match.stable_full(Q)", "match.stable_full(P)"} & {*codes(got["E"])}
    assert "match.stable_full(Q)" not in codes(got["F"])
    assert "match.stable_only" in codes(got["E"])
    assert got["E"]["amount"] == 100 * WAN


def test_a_subsidy_makes_a_product_cheaper():
    quote = several(P={"E": {"rate": 60_000}}, Q={"E": {"rate": 65_000, "subsidy": 10_000}})
    assert matched(quote, products(P={}, Q={}))["E"]["product_id"] == "Q"


def test_equal_value_goes_to_the_safer_then_to_the_salted_hash():
    quote, one = several(P={"E": {}, "F": {}}), products(P={"capacity": 100 * WAN})
    safe = scores(E={"pd": 30_000}, F={"pd": 20_000})
    assert matched(quote, one, safe)["F"]["product_id"] == "P"
    for salt in ("a", "b", "c", "d"):
        first = min("EF", key=lambda e: stable_id(salt, e))
        assert matched(quote, one, salt=salt)[first]["product_id"] == "P"


def test_lists_that_are_given_count_and_never_beat_the_hard_rules():
    no = {"eligible": False, "limit": None, "rate": None, "value_rate": None}
    quote = several(P={"E": {}, "F": {}}, Q={"E": {"rate": 90_000}, "F": no})
    told = wishes(("project", "E", "Q", 1), ("project", "F", "Q", 1), ("product", "P", "E", 2))
    got = matched(quote, products(P={}, Q={}), preference=told)
    assert got["E"]["product_id"] == "Q"
    assert "match.stable_own_list" in codes(got["E"])
    assert got["F"]["product_id"] is None  # Q may not have it, and P is not on its list
    assert codes(got["F"]) == ["match.stable_none", "match.stable_own_list"]


def test_both_sides_cannot_be_served_best_at_once():
    quote = several(P={"E": {}, "F": {}}, Q={"E": {}, "F": {}})
    told = wishes(
        ("project", "E", "P", 1), ("project", "E", "Q", 2), ("project", "F", "Q", 1),
        ("project", "F", "P", 2), ("product", "P", "F", 1), ("product", "P", "E", 2),
        ("product", "Q", "E", 1), ("product", "Q", "F", 2),
    )  # fmt: skip
    one = products(P={"capacity": 100 * WAN}, Q={"capacity": 100 * WAN})
    asked = matched(quote, one, preference=told)
    offered = matched(quote, one, preference=told, proposing="product")
    assert [asked[e]["product_id"] for e in "EF"] == ["P", "Q"]
    assert [offered[e]["product_id"] for e in "EF"] == ["Q", "P"]
    assert [asked[e]["other_id"] for e in "EF"] == ["Q", "P"]
    assert "match.stable_other" in codes(asked["E"])


def test_money_covers_every_seat():
    quote = several(
        P={"E": {"limit": 100 * WAN}, "F": {"limit": 60 * WAN}, "G": {"limit": 60 * WAN}}
    )
    two = products(P={"capacity": 220 * WAN})
    taken = lambda **rule: sum(r["amount"] > 0 for r in matched(quote, two, **rule).values())  # noqa: E731
    assert taken() == 2
    assert taken(case_amount=Money(73 * WAN)) == 3
    assert taken(seats=(Seats(product="P", cases=1),)) == 1
    assert taken(seats=(Seats(product="P", cases=9),)) == 2
    assert matched(quote, two, case_amount=Money(73 * WAN))["E"]["amount"] == 73 * WAN
    assert matched(quote, products(P={"capacity": 99 * WAN}))["F"]["product_id"] is None


@pytest.mark.parametrize(
    "row", [("project", "E", "X", 1), ("project", "X", "P", 1), ("product", "X", "E", 1)]
)
def test_unknown_ids_are_named(row):
    with pytest.raises(DataError, match="names X"):
        matched(quotes(E={}), products(P={}), preference=wishes(row))
    with pytest.raises(DataError, match="names X"):
        matched(quotes(E={}), products(P={}), seats=(Seats(product="X", cases=1),))
    with pytest.raises(DataError, match="names P"):
        matched(quotes(E={}), products(Q={}))


def test_lists_hold_the_conventions():
    quote = several(
        P={f"E{i}": {"value_rate": i % 3} for i in range(9)},
        Q={f"E{i}": {"rate": 50_000 + i % 2} for i in range(9)},
    )
    told = wishes(("project", "E1", "Q", 5), ("project", "E1", "P", 5), ("product", "Q", "E1", 1))
    tables = {"quote": quote, "product": products(P={"capacity": 300 * WAN}, Q={}),
              "preference": told}  # fmt: skip
    check_step(stable, tables, stable.rule.make(as_of=DAY, salt="s"))
