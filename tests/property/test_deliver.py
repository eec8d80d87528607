"""Quota against payment: every trade of a session settled once, whole, and to the fen."""

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandong.errors import ConflictError
from liandong.match import exchange
from liandong.schema.arrow import empty
from liandong.settle import balances, deliver
from support.orders import book

DAY, LATER = date(2026, 3, 31), date(2026, 6, 30)
PAIR = [("buy", 2, 1000), ("sell", 2, 650)]
ORDERS = st.lists(
    st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 50), st.integers(0, 40)),
    min_size=2, max_size=14,
)  # fmt: skip


def settled(cleared, before=None, day=DAY, **more):
    given_ = before if before is not None else empty("entry")
    return deliver(cleared["clearing"], cleared["trade"], given_, as_of=day, **more)


def test_a_trade_is_units_one_way_and_money_the_other():
    got = settled(exchange(book(s=PAIR)))
    trade = exchange(book(s=PAIR))["trade"].to_pylist()[0]
    buyer, seller, unit = (trade[n] for n in ("buyer_id", "seller_id", "unit"))
    said = [tuple(r[n] for n in ("entry_id", "debit", "credit", "amount", "unit"))
            for r in got["entry"].to_pylist()]  # fmt: skip
    assert said == [
        ("trade:s:1:price", f"deposits:{buyer}:CNY", f"deposits:{seller}:CNY", 1_650, "CNY"),
        ("trade:s:1:quota", f"memo:{buyer}:{unit}", f"memo:{seller}:{unit}", 2, unit),
    ]
    assert {r["event_time"] for r in got["entry"].to_pylist()} == {DAY}
    fine = settled(exchange(book(s=PAIR)), places=3)["entry"]
    assert fine["amount"].to_pylist() == [1_650, 2_000]
    again = settled(exchange(book(s=PAIR)), fine)  # as they were settled, without being told
    assert len(again["entry"]) == 0
    more = settled(exchange(book(s=PAIR, t=PAIR)), fine)["entry"]
    assert more["amount"].to_pylist() == [1_650, 2_000]
    with pytest.raises(ConflictError):
        settled(exchange(book(s=PAIR)), fine, places=0)


def test_what_the_market_keeps_is_its_own():
    bids, offers = [("buy", 1, 100 * p) for p in (10, 9, 8, 7)], (2, 4, 6, 12)
    cleared = exchange(book(s=bids + [("sell", 1, 100 * p) for p in offers]), mechanism="mcafee")
    kept = [r for r in settled(cleared)["entry"].to_pylist() if r["entry_id"].endswith(":kept")]
    assert [(r["credit"], r["amount"]) for r in kept] == [("income:exchange:CNY", 200)] * 2


@given(first=ORDERS, second=ORDERS, mcafee=st.booleans())
def test_all_of_every_session_moves_and_balances(first, second, mcafee):
    way = "mcafee" if mcafee else "uniform"
    cleared = exchange(book(a=first, b=second), mechanism=way)
    got = settled(cleared)
    moved = defaultdict(int)
    for r in got["entry"].to_pylist():
        moved[r["agreement"], r["entry_id"].rsplit(":", 1)[1]] += r["amount"]
    for c in cleared["clearing"].to_pylist():
        assert moved[c["session"], "quota"] == c["volume"]
        assert moved[c["session"], "price"] == c["received"]
        assert moved[c["session"], "kept"] == c["kept"]
    known = set(got["account"]["account_id"].to_pylist())
    assert {a for n in ("debit", "credit") for a in got["entry"][n].to_pylist()} <= known
    found = balances(got["entry"]).to_pylist()
    for unit in {r["unit"] for r in found}:
        assert sum(r["debit"] - r["credit"] for r in found if r["unit"] == unit) == 0


def test_again_and_later_only_what_is_new_is_settled():
    first = exchange(book(a=PAIR))
    before = settled(first)["entry"]
    assert len(settled(first, before, LATER)["entry"]) == 0
    more = settled(exchange(book(a=PAIR, b=PAIR)), before, LATER)["entry"]
    assert {(r["agreement"], r["event_time"]) for r in more.to_pylist()} == {("b", LATER)}
    assert len(settled(exchange(book(b=PAIR)), before, LATER)["entry"]) == len(more)


@pytest.mark.parametrize("orders", [[("buy", 1, 1000), ("sell", 1, 650)], PAIR[:1]])
def test_what_was_settled_cannot_become_another(orders):
    before = settled(exchange(book(a=PAIR)))["entry"]
    with pytest.raises(ConflictError) as told:
        settled(exchange(book(a=orders)), before)
    assert told.value.params["key"] == "trade:a:1:price"


def test_nothing_traded_settles_nothing():
    got = settled(exchange(book(a=PAIR[:1])))
    assert len(got["entry"]) == len(got["account"]) == 0
    assert isinstance(got["entry"], pa.Table)
