"""Receivables: which claims become projects, how much is advanced, and why not."""

from datetime import date, timedelta

import pytest

from liandong.errors import DataError, UsageError
from liandong.match import ReceivablesRule, receivables
from liandong.schema.arrow import empty
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from liandong.types import Money, Rate
from support.bills import invoices, pledges
from support.lending import DAY, WAN, parties, scores
from support.ties import edges

FIRMS = {p: {"size_class": "large"} for p in ("S", "T", "B", "C")}
GOOD = {p: {"pd": 5_000} for p in ("S", "T", "B", "C")}


def given(*rows, edge=None, pledge=None, party=None, score=None):
    return {
        "invoice": invoices(*rows), "party": party or parties(**FIRMS),
        "score": score or scores(**GOOD), "edge": edge or empty("edge"),
        "pledge": pledge or empty("pledge"),
    }  # fmt: skip


def proposed(*rows, rule=None, **tables):
    """Return the receivables by invoice and the projects by supplier and buyer."""
    got = receivables(*given(*rows, **tables).values(), as_of=DAY, **(rule or {}))
    found = {r["invoice_id"]: r for r in got["receivable"].to_pylist()}
    asked = {(r["party_id"], r["obligor_id"]): r for r in got["project"].to_pylist()}
    assert all(
        reason_text(x["code"], x["points"], lang)
        for r in found.values() for x in r["reasons"] for lang in ("zh", "en")
    )  # fmt: skip
    return found, asked


def codes(row):
    return [r["code"] for r in row["reasons"]]


def test_claims_of_a_supplier_on_a_buyer_are_one_project():
    found, asked = proposed(
        {"invoice_id": "1"}, {"invoice_id": "2", "date": DAY}, {"invoice_id": "3", "seller": "T"}
    )
    row = found["1"]
    assert (row["amount"], row["advance"]) == (113 * WAN, 113 * WAN * 8 // 10)
    assert row["due"] == DAY + timedelta(90)
    assert codes(row) == ["match.claim_due", "match.claim_advance", "match.claim_buyer"]
    project = asked["S", "B"]
    assert project["need"] == 2 * 113 * WAN * 8 // 10
    assert (project["term_months"], project["asked_on"]) == (4, DAY)  # 120 days until the last
    assert {found[i]["project_id"] for i in "12"} == {project["project_id"]}
    assert found["3"]["project_id"] == asked["T", "B"]["project_id"] != project["project_id"]


def test_each_invoice_can_be_a_project():
    found, _ = proposed({"invoice_id": "1"}, {"invoice_id": "2"}, rule={"each": "invoice"})
    assert len({r["project_id"] for r in found.values()}) == 2


def test_red_letters_take_back_and_void_ones_are_nothing():
    found, _ = proposed(
        {"invoice_id": "1"}, {"invoice_id": "2", "status": "void"}, {"invoice_id": "3"},
        {"invoice_id": "4", "status": "red", "ref": "1", "net": -10 * WAN, "tax": -1 * WAN},
        {"invoice_id": "5", "status": "red", "ref": "3", "net": -100 * WAN, "tax": -13 * WAN},
        {"invoice_id": "6", "status": "red", "ref": "1", "net": -WAN, "date": DAY + timedelta(1)},
        rule={"dilution_most": Rate(10**6)},
    )  # fmt: skip
    assert {i: r["amount"] for i, r in found.items()} == {"1": 102 * WAN}


@pytest.mark.parametrize(
    ("days", "there"),
    [(0, True), (90, True), (91, False), (-1, False), (105, False)],
)
def test_only_invoices_of_the_window_count(days, there):
    found, _ = proposed({"invoice_id": "1", "date": DAY - timedelta(days)})
    assert bool(found) is there
    long = {"oldest_days": 200}
    found, _ = proposed({"invoice_id": "1", "date": DAY - timedelta(days)}, rule=long)
    assert bool(found) is (0 <= days <= 105)  # due in 15 days at the earliest


@pytest.mark.parametrize(
    "tables",
    [
        {"score": scores(B={"pd": 20_001})},
        {"score": scores(B={"pd": 1, "as_of": date(2020, 1, 1)}, S={})},
        {"party": parties(B={"size_class": "small"}, S={})},
        {"party": parties(B={"size_class": None}, S={})},
        {"party": parties(B={"size_class": "large", "kind": "government"}, S={})},
        {"party": parties(B={"size_class": "large"})},
        {"party": parties(B={"size_class": "large"}, S={"kind": "person"})},
    ],
)
def test_others_are_no_buyers_or_suppliers(tables):
    assert proposed({"invoice_id": "1"}, **tables) == ({}, {})


def test_buyers_can_be_named():
    rows = [{"invoice_id": "1"}, {"invoice_id": "2", "buyer": "C"}]
    assert proposed(*rows, rule={"buyers": ("C",)})[0].keys() == {"2"}
    assert proposed({"invoice_id": "1", "buyer": "S"}) == ({}, {})


@pytest.mark.parametrize(
    "edge",
    [
        [("B", "S", "owns", 200_000)],
        [("S", "B", "owns", 200_000)],
        [("X", "S", "controls"), ("X", "B", "directs")],
        [("X", "S", "owns", 510_000), ("X", "Y", "owns", 510_000), ("Y", "B", "owns", 510_000)],
    ],
)
def test_related_parties_are_refused(edge):
    found, asked = proposed({"invoice_id": "1"}, {"invoice_id": "2", "buyer": "C"},
                            edge=edges(*edge))  # fmt: skip
    assert codes(found["1"]) == ["match.claim_related", "match.claim_due"]
    assert (found["1"]["advance"], found["1"]["project_id"]) == (0, None)
    assert asked.keys() == {("S", "C")}
    loose = edges(("B", "S", "owns", 199_999), ("X", "S", "owns", 300_000), ("S", "B", "supplies"))
    assert proposed({"invoice_id": "1"}, edge=loose)[1].keys() == {("S", "B")}


def test_a_pledged_invoice_is_refused_under_whatever_id():
    one = {"invoice_id": "24310000000000000001"}
    other = {"invoice_id": "bank-24310000000000000001/x"}
    for form in (one, other):
        found, asked = proposed(one, pledge=pledges(invoices(form)))
        assert "match.claim_pledged(L1)" in codes(found[one["invoice_id"]])
        assert asked == {}
    for fields in ({"released_on": DAY}, {"pledged_on": DAY + timedelta(1)}):
        assert proposed(one, pledge=pledges(invoices(form), **fields))[1]
    still = pledges(invoices(one), released_on=DAY + timedelta(1))
    assert not proposed(one, pledge=still)[1]


def test_the_pledge_for_its_own_project_does_not_count():
    row = {"invoice_id": "12345678"}
    found, asked = proposed(row)
    own = pledges(invoices(row), project_id=asked["S", "B"]["project_id"], pledged_on=DAY)
    assert proposed(row, pledge=own) == (found, asked)
    assert not proposed(row, pledge=own, rule={"each": "invoice"})[1]


def test_one_invoice_under_two_ids_counts_once():
    found, asked = proposed({"invoice_id": "a12345678"}, {"invoice_id": "b-12345678"})
    assert "match.claim_twice(a12345678)" in codes(found["b-12345678"])
    assert asked["S", "B"]["need"] == found["a12345678"]["advance"]
    # Credit codes make sellers the same who have two ids.
    code = "91350100M000100Y43"
    twins = {p: {"size_class": "large", "credit_code": code} for p in ("S", "T")}
    rows = [{"invoice_id": "a12345678"}, {"invoice_id": "b-12345678", "seller": "T"}]
    found, _ = proposed(*rows, party=parties(**FIRMS | twins))
    assert "match.claim_twice(a12345678)" in codes(found["b-12345678"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"net": 101 * WAN}, "match.claim_altered(12345678)"),
        ({"invoice_id": "x12345678", "tax": 14 * WAN}, "match.claim_altered(12345678)"),
        ({"invoice_id": "12345698"}, "match.claim_renumbered(12345678)"),
        ({"invoice_id": "12945678"}, "match.claim_renumbered(12345678)"),
    ],
)
def test_altered_copies_are_suspicious(change, code):
    one, other = {"invoice_id": "12345678"}, {"invoice_id": "y12345678", **change}
    name = other["invoice_id"]
    found, asked = proposed(one, other)
    assert code in codes(found[name])
    assert [found[i]["suspicious"] for i in ("12345678", name)] == [True, True]
    assert asked["S", "B"]["need"] == sum(r["advance"] for r in found.values())
    found, asked = proposed(one, other, rule={"refuse_suspicious": True})
    assert "match.claim_suspicious" in codes(found[name])
    assert asked == {}
    # So is a copy of what is pledged elsewhere.
    found, _ = proposed(other, pledge=pledges(invoices(one)))
    assert code in codes(found[name])


def test_other_invoices_are_not_suspicious():
    found, _ = proposed(
        {"invoice_id": "12345678"}, {"invoice_id": "12345698"}, {"invoice_id": "123456780"},
        {"invoice_id": "12345679"}, {"invoice_id": "12345688"},
        {"invoice_id": "12345670", "net": 99 * WAN}, {"invoice_id": "12345678x", "seller": "T"},
    )  # fmt: skip
    assert not any(r["suspicious"] for r in found.values())


def test_diluted_sales_are_refused():
    back = {"invoice_id": "9", "status": "red", "ref": "0", "date": DAY - timedelta(100)}
    rows = [{"invoice_id": "1"}, {"invoice_id": "0", "date": DAY - timedelta(200)}]
    found, _ = proposed(*rows, {**back, "net": -20 * WAN, "tax": 0})
    assert "match.claim_diluted" not in codes(found["1"])  # a tenth of the sales, and no more
    found, asked = proposed(*rows, {**back, "net": -21 * WAN, "tax": 0})
    assert {"code": "match.claim_diluted", "points": 105_000} in found["1"]["reasons"]
    assert asked == {}
    # What is longer ago does not count.
    assert proposed(*rows, {**back, "net": -21 * WAN, "date": DAY - timedelta(365)})[1]


def test_a_buyer_has_room_for_the_oldest_first():
    rows = [
        {"invoice_id": "1", "date": DAY - timedelta(3)},
        {"invoice_id": "2", "date": DAY - timedelta(5), "seller": "T"},
        {"invoice_id": "3", "date": DAY - timedelta(4)},
        {"invoice_id": "4", "buyer": "C"},
    ]
    most = Money(2 * 113 * WAN * 8 // 10)
    found, asked = proposed(*rows, rule={"buyer_most": most})
    assert {i for i, r in found.items() if r["advance"]} == {"2", "3", "4"}
    assert "match.claim_buyer_full" in codes(found["1"])
    assert sum(a["need"] for (_, b), a in asked.items() if b == "B") <= most
    assert proposed(*rows, rule={"buyer_most": Money(0)})[1] == {}


def test_small_projects_are_not_worth_it():
    small = {"invoice_id": "1", "net": 50 * WAN, "tax": 0}
    found, asked = proposed(small)
    assert codes(found["1"]) == ["match.claim_small", "match.claim_due"]
    assert asked == {}
    rule = {"least": Money(40 * WAN)}
    assert proposed(small, rule=rule)[1]["S", "B"]["need"] == 40 * WAN


def test_bad_input_is_named():
    with pytest.raises(DataError, match="Load it first"):
        receivables(empty("invoice"), parties(**FIRMS), scores(**GOOD), as_of=DAY)
    with pytest.raises(DataError, match=r"assess\.score"):
        receivables(invoices({"invoice_id": "1"}), parties(**FIRMS), as_of=DAY)
    for field, value in (
        ("advance_rate", "0%"), ("advance_rate", "101%"), ("buyer_pd", "-1%"), ("least", "0"),
        ("least_days", 121), ("buyer_most", "-1"), ("each", "month"), ("tenor_days", 0),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=field):
            ReceivablesRule.make(as_of=DAY, **{field: value})


def test_parts_and_order_change_nothing():
    rows = [
        {
            "invoice_id": f"1234567{i % 9}{'ab'[i % 2]}", "seller": "ST"[i % 3 % 2],
            "buyer": "BC"[i % 5 % 2], "net": (100 + i % 4) * WAN, "date": DAY - timedelta(i),
        }
        for i in range(18)
    ]  # fmt: skip
    rows.append({"invoice_id": "r", "status": "red", "ref": rows[0]["invoice_id"], "net": -WAN})
    tables = given(*rows, pledge=pledges(invoices(rows[3])), edge=edges(("S", "B", "supplies")))
    check_step(receivables, tables, ReceivablesRule(as_of=DAY, buyer_most=Money(500 * WAN)))
