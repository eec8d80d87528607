"""Allocation: how much of which product goes to whom, within all limits, and what proves it."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.errors import DataError
from liandong.match.assign import Assignment, assign
from liandong.match.pool import FINE, Pool, worth
from liandong.match.pricing import PPM
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.types import Money, Rate, stable_id

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TOTAL = "*"
NO_ARC = -1
YUAN = 100


class AllocateRule(Rule):
    """What is to be given out, and how hard to look for the best way.

    Attributes
    ----------
    as_of
        Quotes of this day are used.
    budget
        For all products together.
    micro_share
        Least share of the money that goes to small and micro firms. It is a hard limit: where too
        few of them are eligible, less is given out.
    salt
        Equals are served in the order of a hash of this and their ids. Commit it before projects
        are known, and nobody can choose his place.
    close_calls
        Projects that are decided together in whole steps, beside those the relaxation splits.
    gap
        Share of the bound within which the search may stop.
    nodes
        Most nodes of one search.
    """

    as_of: date
    budget: Money = Field(ge=0, le=MONEY_MOST)
    micro_share: Rate = Field(default=Rate(700_000), ge=0, le=1_000_000)
    salt: str = ""
    close_calls: int = Field(default=60, ge=1)
    gap: Rate = Field(default=Rate(10), ge=0, le=1_000_000)
    nodes: int = Field(default=200, ge=1)


@fold(
    reads=("quote", "product"),
    writes=("offer", "allocation"),
    rule=AllocateRule,
    part=("as_of",),
    needs={"quote": "match.quote"},
)
def allocate(tables: Tables, rule: AllocateRule) -> Tables:
    """Give out the budget so that the expected profit is largest, in whole steps of each product.

    Every project gets one offer: an amount, or 0 with the reasons. Reasons of a quote that was
    eligible are the value of a yuan and the prices of what it uses up, in ppm; their sum is what
    the offer is worth beyond the best other use of the money. ``bound`` is proved: no allocation
    is worth more.

    Raises
    ------
    DataError
        If nothing was quoted on ``as_of``, or a quote names a product that is not there, or
        allows an amount that its product does not.
    InvariantError
        If the result were to break a limit by a single fen.
    """
    today = pc.equal(tables["quote"]["as_of"], pa.scalar(rule.as_of))
    quotes = tables["quote"].filter(today)
    products = tables["product"].sort_by("product_id")
    quotes, project = _ordered(quotes, rule.salt)
    row, pool = _arcs(quotes, project, products, rule)
    found = assign(pool, rule.close_calls, rule.gap, rule.nodes)
    at = np.full(len(quotes), NO_ARC)
    at[row] = np.arange(len(row))
    chosen = _chosen(quotes, project, at, pool, found)
    return {
        **_offers(quotes.take(chosen), at[chosen], pool, found, rule),
        **_totals(products, pool, found, rule),
    }


def _ordered(quotes: pa.Table, salt: str) -> tuple[pa.Table, Int]:
    """Return quotes by the hash of their project, then by product; and the projects' numbers."""
    ids = pc.unique(quotes["project_id"]).to_pylist()
    ids.sort(key=lambda p: (stable_id(salt, p), p))
    number = pc.index_in(quotes["project_id"], value_set=pa.array(ids))
    ordered = quotes.append_column("number", number).sort_by(
        [("number", "ascending"), ("product_id", "ascending")]
    )
    return ordered, ordered["number"].cast(pa.int64()).to_numpy()


def _arcs(
    quotes: pa.Table, project: Int, products: pa.Table, rule: AllocateRule
) -> tuple[Int, Pool]:
    """Return the rows of the quotes that may become offers, and the pool of them."""
    product = pc.index_in(quotes["product_id"], value_set=products["product_id"].combine_chunks())
    gain = pc.fill_null(pc.greater(quotes["value_rate"], 0), fill_value=False)
    row = np.flatnonzero(pc.and_(quotes["eligible"], gain).to_numpy())
    arcs, at = quotes.take(row), product.take(pa.array(row))
    if at.null_count:
        raise _faulty(arcs.filter(pc.is_null(at)), "fault.quote_product")
    terms = products.take(at)
    step = terms["step_amount"].to_numpy()
    least, most = -(-terms["min_amount"].to_numpy() // step) * step, arcs["limit"].to_numpy()
    off = (most < least) | (most > terms["max_amount"].to_numpy()) | (most % step != 0)
    if off.any():
        raise _faulty(arcs.filter(pa.array(off)), "fault.quote_limit")
    return row, Pool(
        project=project[row],
        product=at.to_numpy().astype(np.int64),
        least=least,
        most=most,
        step=step,
        value=arcs["value_rate"].to_numpy(),
        favoured=pc.fill_null(arcs["micro"], fill_value=False).to_numpy(),
        capacity=products["capacity"].to_numpy(),
        budget=int(rule.budget),
        floor=int(rule.micro_share),
    )


def _faulty(quotes: pa.Table, code: str) -> DataError:
    first = quotes.slice(0, 1).to_pylist()[0]
    return DataError(
        file="quote",
        what=both(code, product=first["product_id"], project=first["project_id"]),
        remedy=both("advice.quote_again"),
    )


def _chosen(quotes: pa.Table, project: Int, at: Int, pool: Pool, found: Assignment) -> Int:
    """Return the row of the quote that each project's offer is about.

    The one that got money; else that of highest surplus; else the one that was eligible with the
    highest value; else the one with the fewest reasons against it; the first product among equals.
    """
    arc = at != NO_ARC
    paid = _of_arcs(found.amount, at) > 0
    eligible = quotes["eligible"].to_numpy()
    value = pc.fill_null(quotes["value_rate"], 0).to_numpy()
    against = pc.list_value_length(quotes["reasons"]).to_numpy()
    surplus = _of_arcs(found.prices.surplus(pool), at)
    merit = np.select([arc, eligible], [surplus, value], -against)
    rank = np.select([paid, arc, eligible], [0, 1, 2], 3)
    order = np.lexsort((np.arange(len(at)), -merit, rank, project))
    return order[np.flatnonzero(np.diff(project[order], prepend=-1))]


def _of_arcs(values: Int, at: Int) -> Int:
    """Return the value of the arc at each place, 0 where there is none."""
    out = np.zeros(len(at), np.int64)
    some = at != NO_ARC
    out[some] = values[at[some]]
    return out


def _offers(quotes: pa.Table, at: Int, pool: Pool, found: Assignment, rule: AllocateRule) -> Tables:
    amount = _of_arcs(found.amount, at)
    reasons = _reasons(quotes, at, pool, found)
    refused = quotes["reasons"].combine_chunks()
    own = np.arange(len(at)) + np.where(quotes["eligible"].to_numpy(), 0, len(at))
    return output(
        "offer",
        project_id=quotes["project_id"],
        product_id=quotes["product_id"],
        party_id=quotes["party_id"],
        as_of=pa.repeat(rule.as_of, len(at)),
        grade=quotes["grade"],
        amount=amount,
        rate=quotes["rate"],
        value=_of_arcs(worth(pool, found.amount), at),
        reasons=pa.concat_arrays([reasons, refused]).take(pa.array(own)),
    )


def _reasons(quotes: pa.Table, at: Int, pool: Pool, found: Assignment) -> pa.Array:
    """Return the reasons of quotes that were eligible: value, prices, and what came of them."""
    arc, prices = at != NO_ARC, found.prices
    amount, limit = _of_arcs(found.amount, at), pc.fill_null(quotes["limit"], 0).to_numpy()
    value = pc.fill_null(quotes["value_rate"], 0).to_numpy()
    scarce = {
        "match.price_budget": np.where(arc, -prices.budget, 0),
        "match.price_capacity": -_of_arcs(prices.capacity[pool.product], at),
        "match.price_floor": _of_arcs(prices.floor * pool.side // PPM, at),
    }
    reasons = Reasons(len(at))
    reasons.add("match.value", value, arc)
    for code, price in scarce.items():
        reasons.add(code, price // FINE, arc & (price != 0))
    surplus = value * FINE + np.sum(list(scarce.values()), axis=0)
    hardest = np.argmin(list(scarce.values()), axis=0)
    crowded = arc & (amount == 0)
    for i, what in enumerate(("budget", "capacity", "floor")):
        reasons.add(f"match.crowded_out({what})", 0, crowded & (surplus <= 0) & (hardest == i))
    reasons.add("match.close_call", 0, crowded & (surplus > 0))
    reasons.add("match.partial", limit // YUAN, arc & (amount > 0) & (amount < limit))
    reasons.add("match.no_gain", value, ~arc)
    return reasons.column()


def _totals(products: pa.Table, pool: Pool, found: Assignment, rule: AllocateRule) -> Tables:
    """Return what each product and, under ``*``, the budget was used for and is worth."""
    amount, prices = found.amount, found.prices

    def both(column: Int) -> Int:
        by_product = np.zeros(len(pool.capacity), np.int64)
        np.add.at(by_product, pool.product, column)
        return np.append(by_product, by_product.sum())

    ids = [*products["product_id"].to_pylist(), TOTAL]
    price = np.append(prices.capacity, prices.budget) / (PPM * FINE)
    return output(
        "allocation",
        as_of=pa.repeat(rule.as_of, len(ids)),
        product_id=ids,
        capacity=np.append(pool.capacity, rule.budget),
        used=both(amount),
        micro_used=both(np.where(pool.favoured, amount, 0)),
        price=price,
        value=both(worth(pool, amount)),
        bound=pa.array(np.append(0 * pool.capacity, found.bound), mask=np.array(ids) != TOTAL),
    )
