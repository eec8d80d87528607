"""Explaining an allocation: the other offers of each project, and how fair the whole is."""

import json
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.errors import DataError
from liandong.match.allocation.alternatives import alternatives
from liandong.match.allocation.certificate import prices_of, rule_of
from liandong.match.allocation.fairness import ALL, Line, blocking, by_group, envy, ties
from liandong.match.allocation.influence import influence
from liandong.match.allocation.pool import NO_ARC, Pool, pool
from liandong.match.core.problem import Prices
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]

REASONS = {
    "envy": "match.fair_envy",
    "blocking": "match.fair_blocking",
    "ties": "match.fair_ties",
    "influence": "match.fair_influence",
    "eligible": "match.fair_eligible",
    "acceptance": "match.fair_acceptance",
    "money": "match.fair_money",
    "rate_gap": "match.fair_rate_gap",
    "rate_gap_alike": "match.fair_rate_gap_alike",
}
"""What each measure is, in words."""


class ExplainRule(Rule):
    """What is explained.

    Attributes
    ----------
    as_of
        The allocation of this day.
    top
        How many offers of each project are shown; any that got money is.
    left_out
        How many projects are left out of the pool one at a time, to see how far prices move.
    seed
        Draws them.
    """

    as_of: date
    top: int = Field(default=3, ge=1, le=20)
    left_out: int = Field(default=8, ge=0, le=1_000)
    seed: int = 0


@fold(
    reads=("quote", "product", "offer", "allocation"),
    writes=("alternative", "fairness"),
    rule=ExplainRule,
    part=("as_of",),
    needs={"allocation": "match.allocate", "quote": "match.quote"},
)
def explain(tables: Tables, rule: ExplainRule) -> Tables:
    """Say what else each project might have had, and how fair the allocation is.

    The prices are those of the certificate. An offer that did not win shows what it would have
    needed at these prices: more value a yuan, a larger capacity of its product, a larger budget.

    Raises
    ------
    DataError
        If nothing was allocated on ``as_of``, or quotes have changed since.
    """
    said = _certificate(tables["allocation"], rule.as_of)
    given = pool(tables["quote"].drop_columns("reasons"), tables["product"], rule_of(said))
    prices = prices_of(said, given)
    amount = paid(given, tables["offer"], rule.as_of)
    alone = influence(given, prices, rule.left_out, rule.seed)
    lines = [*_whole(given, prices, amount, said), *alone, *by_group(given, amount)]
    shown = alternatives(given, prices, amount, rule.top)
    return {**shown, **_fairness(lines, rule.as_of)}


def _certificate(allocation: pa.Table, day: date) -> dict[str, Any]:
    found = allocation.filter(pc.equal(allocation["as_of"], pa.scalar(day)))
    said: dict[str, Any] = json.loads(found["certificate"][0].as_py())
    return said


def paid(given: Pool, offer: pa.Table, day: date) -> Int:
    """Return the amount on each arc that the offers of the day say, fen.

    Raises
    ------
    DataError
        If an offer of money is for a quote that is not there or not eligible.
    """
    money = pc.and_(pc.equal(offer["as_of"], pa.scalar(day)), pc.greater(offer["amount"], 0))
    offers = offer.filter(money)
    arc = pc.index_in(_keys(offers), value_set=_keys(given.quotes))
    at = np.append(given.at, NO_ARC)[pc.fill_null(arc, len(given.at)).to_numpy()]
    if (at == NO_ARC).any():
        first = offers.filter(pa.array(at == NO_ARC)).slice(0, 1).to_pylist()[0]
        ids = {"product": first["product_id"], "project": first["project_id"]}
        what = both("fault.offer_without_quote", **ids)
        raise DataError(file="offer", what=what, remedy=both("advice.allocate_again"))
    amount = np.zeros(len(given.problem), np.int64)
    amount[at] = offers["amount"].to_numpy()
    return amount


def _keys(rows: pa.Table) -> pa.Array:
    """Return the ids of project and product as one text; the length keeps pairs apart."""
    project = rows["project_id"]
    size = pc.utf8_length(project).cast(pa.string())
    keys = pc.binary_join_element_wise(size, project, rows["product_id"], ":")
    return keys.combine_chunks()


def _whole(given: Pool, prices: Prices, amount: Int, said: dict[str, Any]) -> list[Line]:
    """Return the figures of the whole allocation; shares are of projects with arcs."""
    problem = given.problem
    some = max(int((np.diff(problem.start) > 0).sum()), 1)
    pairs, envious = envy(problem, prices, amount)
    blocks, blocked = blocking(given, amount, said["budget"])
    decided = ties(problem, amount)
    return [
        Line("envy", ALL, envious * PPM // some, pairs),
        Line("blocking", ALL, blocked * PPM // some, blocks),
        Line("ties", ALL, decided * PPM // some, decided),
    ]


def _fairness(lines: list[Line], day: date) -> Tables:
    return output(
        "fairness",
        as_of=[day] * len(lines),
        measure=[x.measure for x in lines],
        group=[x.group for x in lines],
        value=[x.value for x in lines],
        count=[x.count for x in lines],
        reasons=reason_list([[(REASONS[x.measure], x.value or 0)] for x in lines]),
    )
