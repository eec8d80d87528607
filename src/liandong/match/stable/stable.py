"""Stable matching of projects and products where both sides hold preferences."""

from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from liandong.errors import DataError, InvariantError
from liandong.kernels.allocation.deferred import blocking, deferred, market
from liandong.match.stable.lists import Lists, lists
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.types import Money

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

NOBODY = -1
TOLD = 3
"""How many products that a project would rather have are named with why it does not."""


class Seats(BaseModel):
    """How many cases a product can take; its own number in place of the usual reckoning.

    Attributes
    ----------
    product
        Id of the product.
    cases
        Most projects it may finance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    cases: int = Field(ge=0)


class StableRule(Rule):
    """Who proposes, and how many cases a product can take.

    Attributes
    ----------
    as_of
        Quotes and scores of this day are used.
    proposing
        The side for all of whom the matching is the best stable one there is, and at the same time
        the worst for all of the other.
    case_amount
        The most that one case gets; without it a case gets its limit. A product has as many seats
        as its capacity holds cases of the largest size, so that whoever takes them, the money
        suffices.
    seats
        Products whose number of cases is given (by staff, say); money limits it all the same.
    salt
        Equals stand in the order of a hash of this and their ids. Commit it before projects are
        known, and nobody can choose his place.
    """

    as_of: date
    proposing: Literal["project", "product"] = "project"
    case_amount: Money | None = Field(default=None, ge=1, le=MONEY_MOST)
    seats: tuple[Seats, ...] = ()
    salt: str = ""


class _Found(NamedTuple):
    """The pair of each project in the matching, and in the one best for the other side."""

    chosen: Int
    other: Int


@fold(
    reads=("quote", "product", "score", "preference"),
    writes=("stable_match",),
    rule=StableRule,
    part=("as_of",),
    needs={"quote": "match.quote"},
)
def stable(tables: Tables, rule: StableRule) -> Tables:
    """Match projects and products so that no two would rather have each other.

    Every project gets one row: its product, an amount, and the places that they have on each
    other's lists; or none, with the reasons. ``other_id`` is what the project gets in the stable
    matching that is best for the other side: where both agree, no stable matching gives it
    anything else. Who stays without is the same in all of them (the rural hospitals theorem).

    Stability is defined for cases, not for money: with demands of several sizes a stable matching
    may not exist, so a product takes a number of cases that its money covers in any event.

    Raises
    ------
    DataError
        If nothing was quoted on ``as_of``, or a preference or the rule names somebody unknown.
    InvariantError
        If a pair were to block the matching, or a product to overdraw its capacity.
    """
    today = pc.equal(tables["quote"]["as_of"], pa.scalar(rule.as_of))
    quotes = tables["quote"].filter(today)
    scored = tables["score"].filter(pc.equal(tables["score"]["as_of"], pa.scalar(rule.as_of)))
    found = lists(quotes, {**tables, "score": scored}, rule.salt)
    terms = _Terms.of(found, tables["product"], rule)
    ways = (_matched(found, terms.cases, side) for side in ("project", "product"))
    pairs = [_by_project(found, m) for m in ways]
    best = _Found(*(pairs if rule.proposing == "project" else pairs[::-1]))
    _must_be_paid(found, terms, best.chosen)
    return _rows(found, terms, best, rule)


class _Terms(NamedTuple):
    """What a case gets and how many a product takes.

    Attributes
    ----------
    amount
        Shape (pairs,): what the pair would be paid, fen.
    cases
        Shape (products,).
    capacity
        Shape (products,), fen.
    """

    amount: Int
    cases: Int
    capacity: Int

    @classmethod
    def of(cls, found: Lists, product: pa.Table, rule: StableRule) -> "_Terms":
        """Return the terms: as many cases as the capacity holds of the largest size."""
        terms = product.sort_by("product_id")
        step, least, capacity = (
            terms[c].to_numpy() for c in ("step_amount", "min_amount", "capacity")
        )
        least = -(-least // step) * step
        case = np.maximum(least, int(rule.case_amount or MONEY_MOST) // step * step)
        amount = np.minimum(found.limit, case[found.other])
        largest = np.zeros(len(terms), np.int64)
        np.maximum.at(largest, found.other, amount)
        cases = capacity // np.maximum(largest, 1)
        named = pc.index_in(pa.array([s.product for s in rule.seats], pa.string()), found.product)
        for seat, at in zip(rule.seats, named.to_pylist(), strict=True):
            if at is None:
                what = both("fault.preference_unknown", name=seat.product)
                raise DataError(file="rule", what=what, remedy=both("advice.mend_preference"))
            cases[at] = min(cases[at], seat.cases)
        return cls(amount, cases, capacity)


def _matched(found: Lists, cases: Int, proposing: str) -> Bool:
    """Return which pairs are matched when one side proposes, once no pair blocks."""
    single = np.ones(len(found.project), np.int64)
    if proposing == "project":
        game, at = market(found.one, found.other, found.rank, found.by, single, cases)
    else:
        game, at = market(found.other, found.one, found.by, found.rank, cases, single)
    matched = deferred(game)
    if blocked := np.flatnonzero(blocking(game, matched)).tolist():
        raise InvariantError(what=both("fault.blocking_pair"), row=f"pair {blocked[0]}")
    return matched[at]


def _by_project(found: Lists, matched: Bool) -> Int:
    """Return the pair of each project, NOBODY where it has none."""
    pair = np.full(len(found.project), NOBODY)
    pair[found.one[matched]] = np.flatnonzero(matched)
    return pair


def _must_be_paid(found: Lists, terms: _Terms, chosen: Int) -> None:
    used = np.zeros(len(terms.capacity), np.int64)
    pair = chosen[chosen != NOBODY]
    np.add.at(used, found.other[pair], terms.amount[pair])
    if (used > terms.capacity).any():
        raise InvariantError(what=both("fault.product_overdrawn"), row=f"n = {len(pair)}")


def _rows(found: Lists, terms: _Terms, best: _Found, rule: StableRule) -> Tables:
    count = len(found.project)
    has, pair = best.chosen != NOBODY, np.maximum(best.chosen, 0)
    lists_any = np.bincount(found.one, minlength=count) > 0

    def of(values: Int, chosen: Int = best.chosen) -> pa.Array:
        here = np.zeros(count, np.int64)
        here[chosen != NOBODY] = values[chosen[chosen != NOBODY]]
        return pa.array(here, mask=chosen == NOBODY)

    reasons = Reasons(count)
    reasons.add("match.stable_none", here=~lists_any)
    reasons.add("match.stable_own_list", here=found.told)
    reasons.add("match.stable_choice", pc.fill_null(of(found.rank), 0).to_numpy(), has)
    reasons.add("match.stable_ranked", pc.fill_null(of(found.by), 0).to_numpy(), has)
    _say_full(reasons, found, terms.cases, best)
    reasons.add("match.stable_left", here=lists_any & ~has)
    reasons.add("match.stable_only", here=has & (best.chosen == best.other))
    swapped = has & (best.chosen != best.other)
    reasons.add("match.stable_other", pc.fill_null(of(found.rank, best.other), 0).to_numpy(),
                swapped)  # fmt: skip
    amount = np.where(has, terms.amount[pair] if len(terms.amount) else 0, 0)
    return output(
        "stable_match",
        project_id=found.project,
        as_of=pa.repeat(rule.as_of, count),
        product_id=found.product.take(of(found.other)),
        amount=amount,
        project_rank=of(found.rank),
        product_rank=of(found.by),
        other_id=found.product.take(of(found.other, best.other)),
        reasons=reasons.column(),
    )


def _say_full(reasons: Reasons, found: Lists, cases: Int, best: _Found) -> None:
    """Name the products that a project would rather have, the best first, and who has them.

    The points are the place on the product's list of the last project that it took; 0 if it has no
    seat at all.
    """
    got = best.chosen[best.chosen != NOBODY]
    last = np.zeros(len(cases), np.int64)
    np.maximum.at(last, found.other[got], found.by[got])
    mine = np.full(len(found.project), len(found.one) + 1)
    has = best.chosen != NOBODY
    mine[has] = found.rank[best.chosen[has]]
    named = pc.binary_join_element_wise("match.stable_full(", found.product, ")", "")
    for wanted in range(1, TOLD + 1):
        pair = np.flatnonzero((found.rank == wanted) & (wanted < mine[found.one]))
        at = np.full(len(mine), NOBODY)
        at[found.one[pair]] = found.other[pair]
        code = named.take(pa.array(at, mask=at == NOBODY))
        reasons.add(code, np.where(at == NOBODY, 0, last[at]))
