"""One offer a project, or several that finance it together; and why it is what it is."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.allocation.pool import FINE, NO_ARC, Pool, of_arcs
from liandong.match.core.problem import Assignment, Prices, worth
from liandong.step import Tables, output
from liandong.step.reasons import Reasons
from liandong.types import PPM, YUAN

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def offers(pool: Pool, found: Assignment, budget: int) -> Tables:
    """Return the offers: those of money, and for other projects one of 0 with the reasons."""
    amount = np.zeros(len(pool.problem), np.int64)
    amount[found.arc] = found.amount
    chosen = _chosen(pool, amount, found)
    quotes, at = pool.quotes.take(chosen), pool.at[chosen]
    given = of_arcs(amount, at)
    reasons = _reasons(pool, quotes, at, given, found, budget)
    refused = quotes["reasons"].combine_chunks()
    own = np.arange(len(at)) + np.where(quotes["eligible"].to_numpy(), 0, len(at))
    value = np.zeros(len(pool.problem), np.int64)
    value[found.arc] = worth(pool.problem, found.arc, found.amount)
    return output(
        "offer",
        project_id=quotes["project_id"],
        product_id=quotes["product_id"],
        party_id=quotes["party_id"],
        as_of=quotes["as_of"],
        grade=quotes["grade"],
        amount=given,
        rate=quotes["rate"],
        value=of_arcs(value, at),
        reasons=pa.concat_arrays([reasons, refused]).take(pa.array(own)),
    )


def _chosen(pool: Pool, amount: Int, found: Assignment) -> Int:
    """Return the rows of the quotes that offers are about.

    Those that got money; for other projects that of highest surplus; else the one that was
    eligible with the highest value; else the one with the fewest reasons against it; the first
    product among equals.
    """
    arc = pool.at != NO_ARC
    paid = of_arcs(amount, pool.at) > 0
    eligible = pool.quotes["eligible"].to_numpy()
    value = pc.fill_null(pool.quotes["value_rate"], 0).to_numpy()
    against = pc.list_value_length(pool.quotes["reasons"]).to_numpy()
    surplus = of_arcs(found.prices.reduced(pool.problem), pool.at)
    merit = np.select([arc, eligible], [surplus, value], -against)
    rank = np.select([paid, arc, eligible], [0, 1, 2], 3)
    order = np.lexsort((np.arange(len(arc)), -merit, rank, pool.project))
    first = np.diff(pool.project[order], prepend=-1) != 0
    return np.asarray(order[first | paid[order]])


def _reasons(
    pool: Pool, quotes: pa.Table, at: Int, amount: Int, found: Assignment, budget: int
) -> pa.Array:
    """Return the reasons of quotes that were eligible: value, prices, and what came of them."""
    arc = at != NO_ARC
    limit = pc.fill_null(quotes["limit"], 0).to_numpy()
    value = pc.fill_null(quotes["value_rate"], 0).to_numpy()
    scarce = {code: of_arcs(price, at) for code, price in contributions(pool, found.prices).items()}
    reasons = Reasons(len(at))
    reasons.add("match.value", value, arc)
    for code, price in scarce.items():
        reasons.add(code, price // FINE, arc & (price != 0))
    surplus = value * FINE + np.sum(list(scarce.values()), axis=0)
    hardest = np.argmin(list(scarce.values()), axis=0)
    crowded = arc & (amount == 0)
    room = pool.problem.capacity[pool.problem.product]
    short = crowded & (of_arcs(pool.problem.least - np.minimum(room, budget), at) > 0)
    reasons.add("match.below_least", of_arcs(pool.problem.least, at) // YUAN, short)
    names = ("capacity", *(s.name for s in pool.problem.sides))
    for i, what in enumerate(names):
        reasons.add(f"match.crowded_out({what})", 0, crowded & (surplus <= 0) & (hardest == i))
    reasons.add("match.close_call", 0, crowded & (surplus > 0))
    reasons.add("match.partial", limit // YUAN, arc & (amount > 0) & (amount < limit))
    reasons.add("match.no_gain", value, ~arc)
    return reasons.column()


def contributions(pool: Pool, prices: Prices) -> dict[str, Int]:
    """Return what capacity and sides take from a yuan on each arc or add to it, 1 / UNIT."""
    problem = pool.problem
    out = {"match.price_capacity": -prices.product[problem.product]}
    for side, price in zip(problem.sides, prices.side.tolist(), strict=True):
        code = "match.price_budget" if side.name == "budget" else f"match.price_limit({side.name})"
        out[code] = price * problem.coefficient(side) // PPM
    return out
