"""Two claims on one receivable, and all that only looks like it."""

from datetime import date, timedelta

import pytest

from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.trace import pledged_twice, vouchers
from support.vouchers import act_table

INVOICES = build("invoice", {
    "invoice_id": ["I1", "I2", "I3"], "seller": ["S"] * 3, "buyer": ["C"] * 3,
    "date": [date(2023, 12, 1)] * 3, "net": [100_00, 200_00, -50_00], "tax": [13_00, 26_00, 0],
    "status": ["valid", "valid", "red"], "ref": [None, None, "I2"],
})  # fmt: skip
"""I1 comes to 113 yuan, I2 to 176 after what was taken back."""


def pledge_table(*rows):
    """Return table ``pledge`` of rows (invoice, project, lender, from, until, print)."""
    begin = date(2024, 1, 1)
    day = lambda n: None if n is None else begin + timedelta(days=n)  # noqa: E731
    prints = [(r[5] if len(r) > 5 else f"{ord(r[0][-1]):064x}") for r in rows]
    return build("pledge", {
        "invoice_id": [r[0] for r in rows], "project_id": [r[1] for r in rows],
        "fingerprint": prints, "number_print": prints, "content_print": prints,
        "lender_id": [r[2] for r in rows], "pledged_on": [day(r[3]) for r in rows],
        "released_on": [day(r[4]) for r in rows],
    })  # fmt: skip


def given(pledges=(), acts=()):
    table = act_table(*acts) if acts else empty("voucher_act")
    book = vouchers(table)
    names = ("voucher_lot", "voucher_move", "voucher_fault")
    return {"pledge": pledge_table(*pledges), "invoice": INVOICES, "voucher_act": table,
            "data_pledge": empty("data_pledge"), **{n: book[n] for n in names}}  # fmt: skip


def found(*args, **kwargs):
    tables = given(*args, **kwargs)
    rows = pledged_twice(*(tables[n] for n in pledged_twice.reads))["pledged_twice"].to_pylist()
    return sorted((r["thing_id"], r["claim_a"], r["claim_b"]) for r in rows), rows


PLEDGES = {
    "two at once": ([("I1", "P1", "B1", 0, None), ("I1", "P2", "B2", 9, None)], 1),
    "one day too early": ([("I1", "P1", "B1", 0, 10), ("I1", "P2", "B2", 9, None)], 1),
    "released before": ([("I1", "P1", "B1", 0, 9), ("I1", "P2", "B2", 9, None)], 0),
    "two invoices": ([("I1", "P1", "B1", 0, None), ("I2", "P2", "B2", 9, None)], 0),
    "another id": ([("I1", "P1", "B1", 0, None, "f" * 64), ("X1", "P2", "B2", 9, None, "f" * 64)],
                   1),
    "one lender": ([("I1", "P1", "B1", 0, None), ("I1", "P2", "B1", 9, None)], 1),
    "three": ([("I1", "P1", "B1", 0, 5), ("I1", "P2", "B2", 3, None),
               ("I1", "P3", "B3", 6, None)], 2),
}  # fmt: skip


@pytest.mark.parametrize("case", PLEDGES)
def test_pledges(case: str):
    rows, count = PLEDGES[case]
    pairs, told = found(rows)
    assert len(pairs) == count
    codes = {r["code"] for t in told for r in t["reasons"]}
    assert ("trace.pledged_other_id" in codes) == (case == "another id")
    assert ("trace.pledged_same_lender" in codes) == (case == "one lender")
    assert all(t["amount"] == 113_00 for t in told if t["thing_id"] == "I1")


DISCOUNTED = ("issue C>S 11300 v=V invoice=I1", "discount S>B1 11300 v=V rate=1 day=5")
CLAIMED = {
    "pledge while discounted": (DISCOUNTED, ("I1", "P", "B2", 9, None), 1),
    "discounted while pledged": (DISCOUNTED, ("I1", "P", "B2", 0, None), 1),
    "released before": (DISCOUNTED, ("I1", "P", "B2", 0, 5), 0),
    "told twice by one lender": (DISCOUNTED, ("I1", "P", "B1", 6, None), 0),
    "not discounted": (DISCOUNTED[:1], ("I1", "P", "B2", 0, None), 0),
    "settled before": ((*DISCOUNTED, "settle C>B1 11300 v=V day=30"), ("I1", "P", "B2", 30, None),
                       0),
    "settled on the day after": ((*DISCOUNTED, "settle C>B1 11300 v=V day=31"),
                                 ("I1", "P", "B2", 30, None), 1),
    "passed on by the bank": ((*DISCOUNTED, "transfer B1>B3 11300 v=V day=6",
                               "settle C>B3 11300 v=V day=9"), ("I1", "P", "B2", 8, None), 1),
    "half settled": ((*DISCOUNTED, "settle C>B1 11200 v=V day=30"), ("I1", "P", "B2", 40, None), 1),
}  # fmt: skip


@pytest.mark.parametrize("case", CLAIMED)
def test_pledge_and_discount(case: str):
    acts, pledge, count = CLAIMED[case]
    assert len(found([pledge], acts)[0]) == count


def test_vouchers_on_one_invoice_go_together_up_to_its_amount():
    # 17,600 fen are left of I2 once the red-letter invoice has taken its part back.
    two = lambda a, b: (  # noqa: E731
        f"issue C>S {a} v=V invoice=I2", f"issue C>S {b} v=W invoice=I2",
        f"discount S>B1 {a} v=V rate=1", f"discount S>B2 {b} v=W rate=1",
    )  # fmt: skip
    assert found((), two(7600, 10000))[0] == []
    pairs, rows = found((), two(7601, 10000))
    assert pairs == [("I2", "a3", "a4")]
    assert [r["points"] for r in rows[0]["reasons"]] == [1, 1]
    # A voucher that takes the place of a cancelled one is no second one.
    anew = ("issue C>S 17600 v=V invoice=I2", "cancel C>S 17600 v=V",
            "issue C>S 17600 v=W invoice=I2", "discount S>B1 100 v=W rate=1",
            "discount S>B2 100 v=W rate=1")  # fmt: skip
    assert found((), anew)[0] == []
    halves = (*anew[:2], "issue C>S 7600 v=W invoice=I2", "issue C>S 10000 v=X invoice=I2",
              "discount S>B1 100 v=W rate=1", "discount S>B2 100 v=X rate=1")  # fmt: skip
    assert found((), halves)[0] == []


START = ("issue C>S 100 v=V", "discount S>B1 60 lot=a1 rate=1")
LOTS = {
    "the same again": (("discount S>B2 60 lot=a1 rate=1",), 1),
    "by the voucher": (("discount S>B2 60 v=V rate=1",), 1),
    "what is left": (("discount S>B2 40 lot=a1 rate=1",), 0),
    "a slip of the pen": (("discount S>B2 6000 lot=a1 rate=1",), 0),
    "sent twice": (("discount S>B1 60 lot=a1 rate=1",), 0),
    "sent twice, the rest": (
        ("discount S>B2 40 lot=a1 rate=1", "discount S>B2 40 lot=a1 rate=1"),
        0,
    ),
    "by somebody else": (("discount T>B2 60 lot=a1 rate=1",), 0),
    "once the first was paid": (
        ("settle C>B1 60 v=V day=180", "discount S>B2 60 lot=a1 rate=1 day=181"),
        0,
    ),
}


@pytest.mark.parametrize("case", LOTS)
def test_a_lot_discounted_twice(case: str):
    acts, count = LOTS[case]
    pairs, rows = found((), (*START, *acts))
    assert pairs == [("a1#1", "a2", "a3")] * count
    for r in rows:
        assert (r["thing"], r["amount"], r["amount_a"]) == ("lot", 100, 60)
        assert [x["code"] for x in r["reasons"]] == ["trace.pledged_while", "trace.pledged_gone"]


def test_before_the_first_discount_nothing_is_doubled():
    late = (
        "issue C>S 100 v=V",
        "discount S>B2 160 lot=a1 rate=1",
        "discount S>B1 60 lot=a1 rate=1",
    )
    assert found((), late)[0] == []


def test_it_is_a_step():
    pledges = [("I1", "P1", "B1", 0, None), ("I1", "P2", "B2", 9, None)]
    acts = (*DISCOUNTED, "issue C>S 100 v=W", "discount S>B1 60 v=W rate=1",
            "discount S>B2 60 v=W rate=1 day=6")  # fmt: skip
    check_step(pledged_twice, given(pledges, acts))
