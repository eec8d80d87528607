"""Rings of trade worked by hand, and what speaks for and against them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from liandong.errors import UsageError
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.trace import circular_trade

START = date(2024, 3, 1)
FAR = 300


def invoices(*rows):
    """Return table ``invoice`` of rows (seller+buyer, day, gross yuan[, status, ref])."""
    return build("invoice", {
        "invoice_id": [f"i{n}" for n in range(len(rows))], "seller": [r[0][0] for r in rows],
        "buyer": [r[0][1] for r in rows], "date": [START + timedelta(days=r[1]) for r in rows],
        "net": [r[2] * 100 for r in rows], "tax": [0] * len(rows),
        "status": [r[3] if len(r) > 3 else "valid" for r in rows],
        "ref": [r[4] if len(r) > 4 else None for r in rows],
    })  # fmt: skip


def flows(*rows):
    """Return table ``flow`` of rows (payer+payee, day, yuan), and a last one long after."""
    rows = [*rows, ("XY", FAR, 1)]
    noon = datetime(2024, 3, 1, 4, tzinfo=UTC)
    return build("flow", {
        "flow_id": [f"f{n}" for n in range(len(rows))], "src_account": [r[0][0] for r in rows],
        "dst_account": [r[0][1] for r in rows], "amount": [r[2] * 100 for r in rows],
        "at": [noon + timedelta(days=r[1]) for r in rows], "seq": range(len(rows)),
        "kind": ["transfer"] * len(rows),
    })  # fmt: skip


ACCOUNTS = build("bank_account", {
    "account_id": list("ABCDEXY"), "party_id": list("ABCDEXY"), "kind": ["current"] * 7,
    "opening_balance": [0] * 7,
})  # fmt: skip
RING = (("AB", 0, 20_000), ("BC", 9, 19_800), ("CA", 4, 19_900))
ROUND = (("BA", 12, 20_000), ("CB", 12, 19_800), ("AC", 13, 19_900))


def found(invoice, flow=None, group=None, **params):
    tables = (invoice, flows() if flow is None else flow, ACCOUNTS, group or empty("party_group"))
    got = circular_trade(*tables, **params)
    return got["circular_trade"].to_pylist(), got["circular_leg"].to_pylist()


def codes(row):
    return {r["code"].removeprefix("trace.ring_"): r["points"] for r in row["reasons"]}


def test_paper_that_runs_round_without_money():
    (ring,), legs = found(invoices(*RING))
    assert (ring["legs"], ring["amount"], ring["spread"]) == (3, 19_800_00, 10_000)
    assert (ring["first"], ring["last"]) == (START, START + timedelta(days=9))
    assert (ring["payments"], ring["verdict"], ring["net"]) == ("missing", "circular", None)
    assert codes(ring) == {"alike": 10_000, "within": 9, "unpaid": 120, "goods_unknown": 0}
    assert [(r["leg"], r["invoice_id"], r["seller"], r["buyer"]) for r in legs] == [
        (1, "i0", "A", "B"), (2, "i1", "B", "C"), (3, "i2", "C", "A"),
    ]  # fmt: skip


def test_money_that_runs_round_the_other_way():
    (ring,), legs = found(invoices(*RING), flows(*ROUND))
    assert (ring["payments"], ring["verdict"], ring["net"]) == ("circulate", "circular", 400_00)
    assert codes(ring)["paid_round"] == 1
    assert [r["flow_id"] for r in legs] == ["f0", "f1", "f2"]


PAID = {
    "apart": (("BA", 12, 20_000), ("CB", 60, 19_800), ("AC", 30, 19_900)),
    "other amounts": (("BA", 12, 20_000), ("CB", 12, 19_600), ("AC", 13, 19_900)),
    "one way": (("BA", 12, 20_000),),
    "with the goods": (("AB", 12, 20_000), ("BC", 12, 19_800), ("CA", 13, 19_900)),
}
STATES = {
    "apart": ("scattered", "trade"), "other amounts": ("partly", "doubtful"),
    "one way": ("partly", "doubtful"), "with the goods": ("missing", "circular"),
}  # fmt: skip


@pytest.mark.parametrize("case", PAID)
def test_payments_decide(case: str):
    (ring,), _ = found(invoices(*RING), flows(*PAID[case]))
    assert (ring["payments"], ring["verdict"]) == STATES[case]


def test_too_early_to_tell():
    soon = flows(*(("XY", 50, 1),)).slice(0, 1)
    (ring,), _ = found(invoices(*RING), soon)
    assert (ring["payments"], ring["verdict"]) == ("open", "doubtful")
    (ring,), _ = found(invoices(("ZB", 0, 20_000), ("BC", 1, 20_000), ("CZ", 2, 20_000)))
    assert ring["payments"] == "open"  # Z banks elsewhere


def test_members_that_belong_together():
    group = build("party_group", {
        "party_id": ["A", "B", "C", "D"], "group_id": ["A", "B", "A", "B"], "size": [2] * 4,
    })  # fmt: skip
    (ring,), _ = found(invoices(*RING), flows(*PAID["apart"]), group)
    assert (ring["related"], ring["verdict"]) == (2, "doubtful")


NONE = {
    "too late": (*RING[:2], ("CA", 31, 19_900)),
    "unlike": (*RING[:2], ("CA", 4, 19_300)),
    "void": (*RING[:2], ("CA", 4, 19_900, "void")),
    "taken back": (*RING, ("CA", 8, -10_000, "red", "i2")),
    "open": (*RING[:2], ("CD", 4, 19_900)),
    "small": (("AB", 0, 9_999), ("BC", 0, 9_999), ("CA", 0, 9_999)),
    "two": (("AB", 0, 20_000), ("BA", 1, 20_000)),
    "six": tuple((p, 0, 20_000) for p in ("AB", "BC", "CD", "DE", "EX", "XA")),
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_ring(case: str):
    assert found(invoices(*NONE[case])) == ([], [])


def test_the_rule_widens_it():
    assert len(found(invoices(*NONE["two"]), least_legs=2)[0]) == 1
    assert len(found(invoices(*NONE["six"]), most_legs=6)[0]) == 1
    assert len(found(invoices(*NONE["too late"]), window_days=31)[0]) == 1
    assert found(invoices(*NONE["too late"]), window_days=31, as_of=START)[0] == []
    with pytest.raises(UsageError):
        found(invoices(*RING), least_legs=5, most_legs=4)


def test_rings_of_the_same_parties_share_no_invoice():
    twice = invoices(*RING, ("AB", 20, 20_000), ("BC", 21, 20_000), ("CA", 22, 20_000))
    rings, legs = found(twice)
    assert sorted(r["spread"] for r in rings) == [0, 10_000]
    assert len({r["invoice_id"] for r in legs}) == len(legs) == 6
    # An extra invoice makes no further ring; one in the other turn is a ring of its own.
    assert len(found(invoices(*RING, ("AB", 1, 20_000)))[0]) == 1
    assert len(found(invoices(*RING, *((p[0][::-1], *p[1:]) for p in RING)))[0]) == 2


def test_it_is_a_step():
    group = build("party_group", {"party_id": ["A", "B"], "group_id": ["A", "A"], "size": [2] * 2})
    check_step(circular_trade, {
        "invoice": invoices(*RING, ("BA", 3, 20_000), ("CB", 3, 20_000), ("AC", 3, 20_000)),
        "flow": flows(*ROUND), "bank_account": ACCOUNTS, "party_group": group,
    })  # fmt: skip
