"""Allocation: how much of which product goes to whom, within all limits, and what proves it."""

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.allocation.certificate import certificate, gap_parts
from liandong.match.allocation.claims import canonical
from liandong.match.allocation.limits import counted
from liandong.match.allocation.offers import offers
from liandong.match.allocation.pool import Pool, pool
from liandong.match.allocation.ranges import Range, ranges
from liandong.match.allocation.rules import AllocateRule
from liandong.match.core.assign import assign
from liandong.match.core.problem import UNIT, Assignment, worth
from liandong.step import Tables, fold, output
from liandong.types import PPM

Int = NDArray[np.int64]


@fold(
    reads=("quote", "product"),
    writes=("offer", "allocation", "allocation_limit"),
    rule=AllocateRule,
    part=("as_of",),
    needs={"quote": "match.quote"},
)
def allocate(tables: Tables, rule: AllocateRule) -> Tables:
    """Give out the budget so that the value is largest, in whole steps of each product.

    Every project gets one offer: an amount, or 0 with the reasons; where products may finance a
    project together, an offer from each of them. Reasons of a quote that was eligible are the
    value of a yuan and the prices of what it uses up, in ppm; their sum is what the offer is worth
    beyond the best other use of the money. ``bound`` is proved: no allocation is worth more.

    Raises
    ------
    DataError
        If nothing was quoted on ``as_of``, or a quote names a product that is not there, or
        allows an amount that its product does not; or if limits cannot hold together.
    InvariantError
        If the result were to break a limit by a single fen.
    """
    given = pool(tables["quote"], tables["product"], rule)
    found = assign(given.problem, split=rule.together, gap=int(rule.gap))
    # The value of the whole is that of its offers, each in whole fen.
    value = int(worth(given.problem, found.arc, found.amount).sum())
    found = replace(found, value=value)
    return {
        **offers(given, found, int(rule.budget)),
        **_totals(given, found, rule),
        **_limits(given, found, rule),
    }


def _totals(given: Pool, found: Assignment, rule: AllocateRule) -> Tables:
    arcs = given.arcs.take(found.arc)
    micro = pc.fill_null(arcs["micro"], fill_value=False).to_numpy()
    said = certificate(given, found, rule)
    return output(
        "allocation",
        as_of=[rule.as_of],
        projects=[given.problem.projects],
        offered=[len(np.unique(given.problem.project[found.arc]))],
        budget=[int(rule.budget)],
        used=[int(found.amount.sum())],
        micro_used=[int(found.amount[micro].sum())],
        value=[found.value],
        bound=[found.bound],
        **{k: [v] for k, v in gap_parts(given.problem, found, said["bound"]).items()},
        certificate=[canonical(said)],
    )


def _limits(given: Pool, found: Assignment, rule: AllocateRule) -> Tables:
    """Return every limit: what it allows, what was reached, its price, and where that holds."""
    arcs, problem = given.arcs.take(found.arc), given.problem
    terms = given.products.take(problem.product[found.arc])
    total = int(found.amount.sum())
    used = problem.used(found.arc, found.amount)
    ids = given.products["product_id"].to_pylist()
    reached = [_count(found.amount, counted(x, arcs, terms)) for x in rule.all_limits]
    bounds = [x.money if x.share is None else total * x.share // PPM for x in rule.all_limits]
    kinds = ["floor" if x.floor else "cap" for x in rule.all_limits]
    price = np.append(found.prices.product, found.prices.side) / UNIT
    where = ranges(problem, found.prices, tolerance=int(rule.tolerance) * (UNIT // PPM))
    around = [0, *(total * (x.share or 0) // PPM for x in rule.all_limits)]
    sides = map(_stated, where.side, ["budget", *kinds], around)
    holds = [*where.product, *sides]
    return output(
        "allocation_limit",
        as_of=[rule.as_of] * len(price),
        limit_id=[*(f"product:{p}" for p in ids), *(s.name for s in problem.sides)],
        kind=["capacity"] * len(ids) + ["budget"] + kinds,
        product_id=[*ids, *([None] * len(problem.sides))],
        bound=[*problem.capacity.tolist(), int(rule.budget), *bounds],
        used=[*used.tolist(), total, *reached],
        price=price,
        valid_from=[r.low for r in holds],
        valid_to=[r.high for r in holds],
        directional=[r.directional for r in holds],
        tolerance=[where.tolerance // (UNIT // PPM)] * len(price),
    )


def _stated(side: Range, kind: str, around: int) -> Range:
    """Return the range of a limit as it is stated: money, or money about that of a share."""
    low, high = (None if x is None else x + around for x in side[:2])
    if kind == "floor":
        return side._replace(low=low, high=high)
    low, high = (None if x is None else around - x for x in side[:2])
    return side._replace(low=high, high=low)


def _count(amount: Int, each: Int) -> int:
    """Return the sum of amounts times ppm, in fen, rounded down."""
    return (int((amount // PPM * each).sum()) * PPM + int((amount % PPM * each).sum())) // PPM
