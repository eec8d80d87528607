"""The exchange: orders for quota, cleared by session at one price, or at McAfee's two."""

import hashlib
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.errors import DataError, InvariantError
from liandong.kernels.allocation.auction import NONE, Book, Cleared, arranged, clear, pair, within
from liandong.kernels.allocation.lots import lots
from liandong.schema.arrow import REASON, text_bytes
from liandong.step import Rule, Tables, each, output
from liandong.step.reasons import Reasons
from liandong.step.totals import refuse_large
from liandong.texts import both
from liandong.types import Rate

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

WHOLE, SELF, LIMIT, PRICE, LOT = range(5)
"""What came of an order, and why."""


class ExchangeRule(Rule):
    """How a session clears.

    Attributes
    ----------
    mechanism
        ``uniform``: most units change hands, all at one price. ``mcafee``: nobody who trades has a
        part in making his price, so that the truth is the best bid, for some units less.
    share
        Where the uniform price lies between the lowest and the highest at which supply meets
        demand.
    position_limit
        The most units a participant may buy or sell in a session.
    salt
        Equals are filled in the order of a keyed hash of their order ids. Commit it before the
        session opens, and nobody can choose his place.
    """

    mechanism: Literal["uniform", "mcafee"] = "uniform"
    share: Rate = Field(default=Rate(500_000), ge=0, le=1_000_000)
    position_limit: int | None = Field(default=None, ge=1)
    salt: str = ""


@each(
    reads=("quota_order",),
    writes=("trade", "clearing", "fill"),
    split=("quota_order",),
    by="session",
    rule=ExchangeRule,
    needs={"quota_order": "load"},
)
def exchange(tables: Tables, rule: ExchangeRule) -> Tables:
    """Clear every session: who trades how much with whom, at what price, and why not more.

    Nobody pays more than he bid or gets less than he asked. What buyers pay is, to the fen, what
    sellers get and, under McAfee's rule, what the market keeps. At a uniform price nobody is left
    with an order that would still trade, but for equals at the margin, whom the lot decides.
    Whoever is on both sides of a session takes part in neither.

    Raises
    ------
    DataError
        If there are no orders, a session has orders in several units, or amounts leave 64 bits.
    InvariantError
        If the money did not add up.
    """
    orders = _Orders(tables["quota_order"], rule)
    done = clear(orders.book, int(rule.share), rule.mechanism == "mcafee")
    trades, paid, got = _trades(orders, done)
    return {**trades, **_clearing(orders, done, rule, paid, got), **_fills(orders, done)}


class _Orders:
    """Orders as they came, and the book that they make: by session, side, price and lot.

    ``order`` is the row of each entry of the book; all other arrays are entries of the book.
    """

    def __init__(self, data: pa.Table, rule: ExchangeRule) -> None:
        self.data = data
        session, self.session = _coded(data["session"])
        party = data["party_id"].combine_chunks().dictionary_encode().indices.to_numpy()
        party = party.astype(np.int64)
        buys = pc.equal(data["side"], "buy").to_numpy()
        price, quantity = data["price"].to_numpy(), data["quantity"].to_numpy()
        refuse_large(float((price.astype(float) * quantity).sum()), "quota_order")
        side, count = 2 * session + ~buys, len(self.session)
        lot = _lots(data["order_id"], rule.salt)
        order = arranged(side, 2 * count, np.where(buys, -price, price), lot)
        both_sides = _on_both_sides(session, party, buys)
        admitted = np.where(both_sides, 0, quantity)[order]
        if rule.position_limit is not None:
            group = (side * (int(party.max(initial=0)) + 1) + party)[order]
            own = np.argsort(group, kind="stable")
            admitted[own] = within(group[own], admitted[own], rule.position_limit)
        edge = np.append(0, np.cumsum(np.bincount(side, minlength=2 * count)))
        self.book = Book(edge[::2], edge[1::2], price[order], admitted, lot[order])
        self.order, self.at, self.buys = order, session[order], buys[order]
        self.asked, self.twice = quantity[order], both_sides[order]
        self.unit = _units(data, self.at, order[edge[:-1:2]], self.order)


def _coded(column: pa.ChunkedArray) -> tuple[Int, pa.Array]:
    """Return texts as numbers in the order of the texts, and the texts."""
    coded = column.combine_chunks().dictionary_encode()
    texts = coded.dictionary.sort()
    rank = pc.index_in(coded.dictionary, value_set=texts).to_numpy().astype(np.int64)
    return rank[coded.indices.to_numpy()], texts


def _lots(ids: pa.ChunkedArray, salt: str) -> NDArray[np.uint64]:
    """Return the lot of each order: its hash under a key made of the salt."""
    texts = pa.concat_arrays([*ids.chunks, pa.array([], pa.string())])
    offsets, letters = text_bytes(texts)
    key = np.frombuffer(hashlib.sha256(salt.encode()).digest()[:16], "<u8").astype(np.uint64)
    return lots(letters, offsets.astype(np.int64), key)


def _on_both_sides(session: Int, party: Int, buys: Bool) -> Bool:
    """Tell whose party buys and sells in the same session."""
    key = session * (int(party.max(initial=0)) + 1) + party
    bought, sold = np.sort(key[buys]), np.sort(key[~buys])
    if not len(bought) or not len(sold):
        return np.zeros(len(key), bool)
    at = np.minimum(np.searchsorted(bought, sold), len(bought) - 1)
    return np.isin(key, sold[bought[at] == sold])


def _units(data: pa.Table, session: Int, first: Int, order: Int) -> pa.Array:
    """Return the unit of each session, which must be one; ``first`` is a row of each."""
    code, units = _coded(data["unit"])
    other = np.flatnonzero(code[order] != code[first][session])
    if len(other):
        name = data["session"][int(order[other[0]])].as_py()
        what = both("fault.session_units", session=name)
        raise DataError(file="quota_order", what=what, remedy=both("advice.one_quota"))
    return units.take(pa.array(code[first]))


def _trades(orders: _Orders, done: Cleared) -> tuple[Tables, Int, Int]:
    """Return the trades, and by session what buyers pay and what sellers get."""
    buyer, seller, units = pair(orders.book, done.filled)
    session = orders.at[buyer]
    paid, got = (units * side[session] for side in (done.paid, done.got))
    count, data = len(orders.session), orders.data.select(["order_id", "party_id", "region_id"])
    bought, sold = (data.take(pa.array(orders.order[side])) for side in (buyer, seller))
    first = np.searchsorted(session, np.arange(count))
    totals = [np.add.reduceat(np.append(x, 0), first) if count else x for x in (paid, got)]
    none = np.diff(np.append(first, len(session))) == 0
    table = output(
        "trade",
        session=orders.session.take(pa.array(session)),
        number=np.arange(len(units)) - first[session] + 1 if len(units) else units,
        unit=orders.unit.take(pa.array(session)),
        buy_id=bought["order_id"],
        sell_id=sold["order_id"],
        buyer_id=bought["party_id"],
        seller_id=sold["party_id"],
        to_region=bought["region_id"],
        from_region=sold["region_id"],
        quantity=units,
        price=done.paid[session],
        amount=paid,
        seller_price=done.got[session],
        seller_amount=got,
    )
    return table, np.where(none, 0, totals[0]), np.where(none, 0, totals[1])


def _clearing(orders: _Orders, done: Cleared, rule: ExchangeRule, paid: Int, got: Int) -> Tables:
    """Return what came of each session, once its money adds up."""
    book, count = orders.book, len(orders.session)
    value = np.where(orders.buys, 1, -1) * done.filled * book.price
    gain = np.array([value[a:b].sum() for a, b in zip(book.start, book.start[1:], strict=False)])
    traded = done.volume > 0
    if ((paid < got) | (paid != done.volume * np.where(traded, done.paid, 0))).any() or (
        done.filled > book.quantity
    ).any():
        raise InvariantError(what=both("fault.market_balance"), row=f"sessions = {count}")
    none = ~(done.whole > 0)
    reasons = Reasons(count)
    reasons.add("match.clear_none", here=none)
    reasons.add("match.clear_low", done.low, ~none)
    reasons.add("match.clear_high", done.high, ~none)
    if rule.mechanism == "uniform":
        reasons.add("match.clear_share", int(rule.share), ~none)
    else:
        kept = done.paid == done.got
        reasons.add("match.clear_outside", done.paid, traded & kept)
        reasons.add("match.clear_reduced", done.whole - done.volume, ~none & ~(traded & kept))
    return output(
        "clearing",
        session=orders.session,
        unit=orders.unit,
        mechanism=[rule.mechanism] * count,
        orders=np.diff(book.start),
        volume=done.volume,
        price=pa.array(done.paid, mask=done.paid == NONE),
        seller_price=pa.array(done.got, mask=done.got == NONE),
        paid=paid,
        received=got,
        kept=paid - got,
        gain=gain.astype(np.int64),
        reasons=reasons.column(),
    )


def _fills(orders: _Orders, done: Cleared) -> Tables:
    """Return how much of each order was filled, and the reason that decided it."""
    book, at = orders.book, orders.at
    price = np.where(orders.buys, done.paid[at], done.got[at])
    beyond = np.where(orders.buys, book.price < price, book.price > price) | (done.whole[at] == 0)
    why = np.select(
        [done.filled == orders.asked, orders.twice,
         (done.filled == book.quantity) & (book.quantity < orders.asked), beyond],
        [WHOLE, SELF, LIMIT, PRICE], LOT,
    )  # fmt: skip
    codes = pa.array(
        ["match.fill_whole", "match.fill_both_sides", "match.fill_limit", "match.fill_price",
         "match.fill_lot"]
    )  # fmt: skip
    points = np.select(
        [why == WHOLE, why == LIMIT, why == PRICE], [orders.asked, book.quantity, price], 0
    )
    columns = {c: np.empty(len(why), np.int64) for c in ("why", "points", "filled", "price")}
    found = (why, np.where(points == NONE, 0, points), done.filled, price)
    for column, values in zip(columns.values(), found, strict=True):
        column[orders.order] = values
    reason = pa.StructArray.from_arrays(
        [codes.take(pa.array(columns["why"])), pa.array(columns["points"])], fields=list(REASON)
    )
    data = orders.data
    return output(
        "fill",
        **{n: data[n] for n in ("order_id", "session", "party_id", "side")},
        asked=data["quantity"],
        filled=columns["filled"],
        price=pa.array(columns["price"], mask=columns["filled"] == 0),
        reasons=pa.ListArray.from_arrays(np.arange(len(why) + 1, dtype=np.int32), reason),
    )
