"""For each project its best offers at the prices, and what it would take for another to win."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.allocation.offers import contributions
from liandong.match.allocation.pool import FINE, Pool
from liandong.match.core.problem import Prices, Problem
from liandong.schema.field import MONEY_MOST
from liandong.step import Tables, output
from liandong.step.reasons import Reasons
from liandong.types import PPM, YUAN

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

NEVER = -1
"""No capacity and no budget would do."""


class Needs(NamedTuple):
    """What would have to change for an arc to win at these prices; shape (arcs,).

    Attributes
    ----------
    gain
        What the most of it earns beyond the prices of all that it uses, fen / UNIT.
    place
        0 for the best of its project.
    value
        How much more a yuan would have to be worth, 1 / UNIT; 0 for the winner.
    capacity
        How much larger the capacity of its product would have to be, fen, or NEVER.
    budget
        How much larger the budget would have to be, fen, or NEVER.
    """

    gain: Float
    place: Int
    value: Int
    capacity: Int
    budget: Int


def needs(problem: Problem, prices: Prices, amount: Int) -> Needs:
    """Return what each arc would need to win.

    An arc wins if it earns more than any other of its project, and more than nothing. Raising its
    value by what is named makes it win at these prices, and in the linear relaxation it then gets
    money. Capacity and budget are what would have to be added for their price to fall by as much,
    while all other prices stay: whoever has some of it, or would take it at a smaller fall, comes
    first, with the most he may have.

    Parameters
    ----------
    amount
        Given out on each arc, fen; what has money needs none.
    """
    reduced = prices.reduced(problem)
    gain: Float = problem.most.astype(float) * reduced
    project = problem.project
    order = np.lexsort((np.arange(len(gain)), -gain, project))
    place = np.empty(len(gain), np.int64)
    place[order] = np.arange(len(gain)) - problem.start[project[order]]
    best = np.zeros((2, problem.projects))
    for p in (0, 1):
        best[p, project[place == p]] = gain[place == p]
    rival = np.maximum(np.where(place == 0, best[1][project], best[0][project]), 0)
    value = np.maximum(np.floor(rival / problem.most).astype(np.int64) - reduced + 1, 0)
    value[(amount > 0) | ((place == 0) & (gain > 0))] = 0
    lost = (amount == 0) & (value > 0)
    wanted = np.where(amount > 0, problem.most, 0)
    product = problem.product.astype(np.int64)
    short = np.bincount(product, wanted, len(problem.capacity)).astype(np.int64) - problem.capacity
    capacity = _fallen(problem, value, lost, prices.product[product], product, short)
    unpaid = np.ones(problem.projects, bool)
    unpaid[project[amount > 0]] = False
    first = lost & (place == 0) & unpaid[project]
    price, most = next(
        ((p, -s.least // PPM) for s, p in zip(problem.sides, prices.side, strict=True)
         if s.name == "budget"), (0, 0),
    )  # fmt: skip
    short = np.array([int(wanted.sum()) - most])
    budget = _fallen(problem, value, first, np.full(len(gain), price), 0 * project, short)
    return Needs(gain, place, value, capacity, budget)


def _fallen(problem: Problem, need: Int, some: Bool, price: Int, group: Int, short: Int) -> Int:
    """Return how much more of a group's money would let its price fall to what arcs need.

    ``short`` is what it already takes to give everybody served by a group all he may have.
    """
    out = np.full(len(need), NEVER)
    arcs = np.flatnonzero(some & (need <= price))
    arcs = arcs[np.lexsort((arcs, need[arcs], group[arcs]))]
    total = np.cumsum(problem.most[arcs])
    begins = np.flatnonzero(np.diff(group[arcs], prepend=-1))
    size = np.diff(np.append(begins, len(arcs)))
    before = np.where(begins > 0, np.append(0, total)[begins], 0)
    out[arcs] = np.maximum(total - np.repeat(before, size) + short[group[arcs]], 1)
    return out


def alternatives(pool: Pool, prices: Prices, amount: Int, top: int) -> Tables:
    """Return the best offers of each project, and all that got money.

    Parameters
    ----------
    amount
        Given out on each arc, fen.
    top
        How many a project.
    """
    need = needs(pool.problem, prices, amount)
    shown = np.flatnonzero((need.place < top) | (amount > 0))
    quotes, given = pool.arcs.take(shown), amount[shown]
    parts = {code: part[shown] for code, part in contributions(pool, prices).items()}
    taken = sum(np.maximum(-p, 0) for p in parts.values()) + np.zeros(len(shown), np.int64)
    earned = sum(np.maximum(p, 0) for p in parts.values()) + np.zeros(len(shown), np.int64)
    value = quotes["value_rate"].to_numpy()
    scarce, credit = -(-taken // FINE), earned // FINE
    more = -(-need.value[shown] // FINE)
    capacity, budget = need.capacity[shown], need.budget[shown]
    reasons = Reasons(len(shown))
    reasons.add("match.value", value)
    for code, part in parts.items():
        reasons.add(code, part // FINE, part // FINE != 0)
    reasons.add("match.alt_given", given // YUAN, given > 0)
    winner = (more == 0) & (given == 0)
    reasons.add("match.alt_close", 0, winner)
    reasons.add("match.alt_value", more, more > 0)
    reasons.add("match.alt_capacity", -(-capacity // YUAN), capacity != NEVER)
    reasons.add("match.alt_budget", -(-budget // YUAN), budget != NEVER)
    return output(
        "alternative",
        project_id=quotes["project_id"],
        as_of=quotes["as_of"],
        rank=need.place[shown] + 1,
        product_id=quotes["product_id"],
        value=value,
        scarce_price=scarce,
        inclusion_credit=credit,
        reduced_value=value - scarce + credit,
        amount=given,
        value_more=more,
        capacity_more=_known(capacity),
        budget_more=_known(budget),
        reasons=reasons.column(),
    )


def _known(values: Int) -> pa.Array:
    """Return sums of money; null for those that nobody could have."""
    return pc.if_else(pa.array((values != NEVER) & (values <= MONEY_MOST)), pa.array(values), None)
