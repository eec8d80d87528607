"""The exchange: money to the fen, nobody worse off, nobody wrongly left out, the truth best."""

from itertools import combinations_with_replacement

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import DataError
from liandong.match import exchange
from liandong.schema.arrow import empty
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from support.orders import book

orders = st.lists(
    st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 4), st.integers(0, 12)),
    min_size=1, max_size=10,
)  # fmt: skip


KINDS = (("buy", 1, 3), ("buy", 2, 5), ("sell", 1, 4), ("sell", 2, 5))


def cleared(data, **rule):
    """Return the trades, the clearing of the only session, and the outcomes by order."""
    got = exchange(data, **rule)
    fills = {r["order_id"]: r for r in got["fill"].to_pylist()}
    asked = {r["order_id"]: r for r in data.to_pylist()}
    return got["trade"].to_pylist(), got["clearing"].to_pylist()[0], fills, asked


def most_gain(rows):
    """Return the largest gain from trade: the dearest units against the cheapest, the oracle."""
    bids, offers = (
        sorted(p for s, q, p, *_ in rows if s == side for _ in range(q)) for side in ("buy", "sell")
    )
    gains = [b - a for b, a in zip(bids[::-1], offers, strict=False)]
    return sum(max(g, 0) for g in gains), sum(g >= 0 for g in gains)


@settings(max_examples=150, deadline=None)
@given(orders, st.integers(0, 100), st.sampled_from(["uniform", "mcafee"]))
def test_money_adds_up_and_nobody_is_worse_off(rows, percent, mechanism):
    trades, row, fills, asked = cleared(
        book(s=rows), share=f"{percent}%", mechanism=mechanism, salt="x"
    )
    for t in trades:
        assert asked[t["buy_id"]]["price"] >= t["price"] >= t["seller_price"]
        assert t["seller_price"] >= asked[t["sell_id"]]["price"]
        assert t["amount"] == t["quantity"] * t["price"]
        assert t["seller_amount"] == t["quantity"] * t["seller_price"]
    assert row["paid"] == sum(t["amount"] for t in trades)
    assert row["received"] == sum(t["seller_amount"] for t in trades)
    assert row["kept"] == row["paid"] - row["received"] >= 0
    assert mechanism == "mcafee" or row["kept"] == 0
    for side, key in (("buy", "buy_id"), ("sell", "sell_id")):
        for o in (o for o in asked.values() if o["side"] == side):
            mine = sum(t["quantity"] for t in trades if t[key] == o["order_id"])
            assert mine == fills[o["order_id"]]["filled"] <= o["quantity"]
    assert sum(t["quantity"] for t in trades) == row["volume"]


@settings(max_examples=150, deadline=None)
@given(orders, st.integers(0, 100))
def test_a_uniform_price_is_efficient_and_leaves_no_order_that_would_trade(rows, percent):
    _, row, fills, asked = cleared(book(s=rows), share=f"{percent}%")
    gain, volume = most_gain(rows)
    assert (row["gain"], row["volume"]) == (gain, volume)
    if not volume:
        assert row["price"] is None
        return
    for o in asked.values():
        better = o["price"] - row["price"] if o["side"] == "buy" else row["price"] - o["price"]
        if better > 0:
            assert fills[o["order_id"]]["filled"] == o["quantity"]
        if better < 0:
            assert fills[o["order_id"]]["filled"] == 0


@settings(max_examples=100, deadline=None)
@given(orders)
def test_mcafee_loses_no_more_than_the_last_orders(rows):
    _, row, _, _ = cleared(book(s=rows), mechanism="mcafee")
    _, volume = most_gain(rows)
    largest = max(q for _, q, _ in rows)
    assert volume - 2 * largest < row["volume"] <= volume or not volume


def utility(rows, me, value, **rule):
    """Return what the participant with the number ``me`` gains at his true value."""
    _, row, fills, _ = cleared(book(s=rows), mechanism="mcafee", **rule)
    filled = fills[f"s{me:04d}"]["filled"]
    if not filled:
        return 0
    price = row["price"] if rows[me][0] == "buy" else row["seller_price"]
    gain = (value - price) if rows[me][0] == "buy" else (price - value)
    return filled * gain


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 3), st.integers(0, 6)),
             min_size=2, max_size=6),
    st.integers(0, 5),
)  # fmt: skip
def test_no_single_bid_beats_the_truth_under_mcafee(rows, me):
    me %= len(rows)
    side, quantity, value = rows[me]
    truth = utility(rows, me, value)
    for said in range(8):
        other = [*rows[:me], (side, quantity, said), *rows[me + 1 :]]
        assert utility(other, me, value) <= truth


def test_the_truth_is_not_always_best_at_a_uniform_price():
    # What McAfee's rule is for: here a buyer pays less by bidding less.
    rows = [("buy", 1, 10), ("sell", 1, 2)]
    paid = [cleared(book(s=[("buy", 1, b), rows[1]]))[1]["price"] for b in (10, 4)]
    assert paid == [6, 3]


def test_lots_decide_among_equals_and_the_salt_decides_the_lots():
    rows = [("buy", 1, 9)] * 6 + [("sell", 3, 5)]
    data, winners = book(s=rows), set()
    for salt in ("a", "b", "c", "d", "e"):
        _, row, fills, _ = cleared(data, salt=salt, share="100%")
        won = frozenset(i for i, f in fills.items() if f["filled"] and f["side"] == "buy")
        assert (len(won), row["price"]) == (3, 9)
        winners.add(won)
        left = [f for i, f in fills.items() if i not in won and f["side"] == "buy"]
        assert {f["reasons"][0]["code"] for f in left} == {"match.fill_lot"}
    assert len(winners) > 1


def test_position_limits_admit_the_best_orders_of_a_participant():
    rows = [("buy", 5, 9, "A"), ("buy", 5, 8, "A"), ("buy", 5, 7, "B"), ("sell", 20, 1, "S"),
            ("sell", 20, 1, "T")]  # fmt: skip
    _, row, fills, _ = cleared(book(s=rows), position_limit=7)
    assert [fills[f"s{i:04d}"]["filled"] for i in range(3)] == [5, 2, 5]
    assert fills["s0001"]["reasons"] == [{"code": "match.fill_limit", "points": 2}]
    assert sum(fills[f"s{i:04d}"]["filled"] for i in (3, 4)) == row["volume"] == 12


def test_nobody_trades_with_himself():
    rows = [("buy", 5, 9, "A"), ("sell", 5, 1, "A"), ("buy", 1, 9, "B"), ("sell", 1, 1, "C")]
    trades, _, fills, _ = cleared(book(s=rows))
    assert [(t["buyer_id"], t["seller_id"]) for t in trades] == [("B", "C")]
    assert fills["s0000"]["reasons"][0]["code"] == "match.fill_both_sides"
    # In another session he may be on the other side.
    got = exchange(book(s=rows[:1] + rows[3:], t=rows[1:3]))
    assert got["clearing"]["volume"].to_pylist() == [1, 1]


@pytest.mark.parametrize("mechanism", ["uniform", "mcafee"])
@pytest.mark.parametrize("rows", list(combinations_with_replacement(KINDS, 3)))
def test_every_order_is_told_why(rows, mechanism):
    _, row, fills, _ = cleared(book(s=rows), mechanism=mechanism)
    told = [r for f in (*fills.values(), row) for r in f["reasons"]]
    assert told
    assert all(
        reason_text(r["code"], r["points"], x) != r["code"] for r in told for x in ("zh", "en")
    )


def test_faults_are_named():
    data = book(s=[("buy", 1, 3), ("sell", 1, 2)])
    mixed = data.set_column(4, "unit", pa.array(["tce", "mu"]))
    with pytest.raises(DataError, match="session s"):
        exchange(mixed)
    with pytest.raises(DataError, match="all amounts together"):
        exchange(book(s=[("buy", 10**12, 10**15)]))
    with pytest.raises(DataError, match="quota_order"):
        exchange(empty("quota_order"))


def test_the_exchange_holds_the_conventions():
    r = np.random.default_rng(3)
    sessions = {
        name: [(("buy", "sell")[int(r.integers(2))], int(r.integers(1, 9)), int(r.integers(1, 30)),
                f"p{r.integers(12)}") for _ in range(int(r.integers(1, 30)))]
        for name in "abcdefgh"
    }  # fmt: skip
    data = {"quota_order": book(**sessions)}
    for mechanism in ("uniform", "mcafee"):
        check_step(exchange, data, exchange.rule.make(mechanism=mechanism, position_limit=20))
