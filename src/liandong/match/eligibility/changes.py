"""The nearest change that would make a project eligible: exact, over all products."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.nearest import Bands, nearest
from liandong.match.eligibility.applicants import Applicants
from liandong.match.eligibility.index import Index
from liandong.match.eligibility.measures import FEATURE, TRAITS, number
from liandong.match.eligibility.refusals import barred, graded_out
from liandong.match.eligibility.rules import QuoteRule
from liandong.step.reasons import Reasons

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]

UP, DOWN = 1, -1
CHANGES = {
    ("amount", UP): "match.change_amount_up",
    ("amount", DOWN): "match.change_amount_down",
    ("term", UP): "match.change_term_up",
    ("term", DOWN): "match.change_term_down",
    ("points", UP): "match.change_points_up",
    ("pd", DOWN): "match.change_pd_down",
    ("age", UP): "match.change_age_up",
    ("revenue", UP): "match.change_revenue_up",
    ("staff", UP): "match.change_staff_up",
}
"""Reasons that tell a change of a number."""


class Nearest(NamedTuple):
    """The nearest product of each project.

    Attributes
    ----------
    product
        Its number.
    missed
        How many criteria of the product the project misses.
    movable
        Whether changes in the power of the applicant would make it eligible.
    size
        How large these are together, each relative to what is there now.
    """

    product: Int32
    missed: Int32
    movable: Bool
    size: NDArray[np.float64]


def nearest_products(index: Index, who: Applicants, rule: QuoteRule, project: Int) -> Nearest:
    """Return the nearest product of some projects.

    Products that changes in the power of the applicant would open go before others; then the fewer
    criteria are missed the better; then the smaller the changes are together, each relative to
    what is there now; then the earlier product id. Amount and term can be changed, sales, staff,
    score and age only be raised, the default probability only be lowered, features either way; a
    better grade and a guarantor count as a change of 1. Region, industry, size, purpose, earlier
    loans, bans and what is not known cannot be changed.

    Parameters
    ----------
    index
        What products ask for.
    who
        The applicants of the projects.
    project
        Their numbers, of all that the index knows.
    """
    n, numbers = len(project), [number(m) for m in index.bands]
    asked = Bands(
        np.array([b.low for b in index.bands.values()]),
        np.array([b.high for b in index.bands.values()]),
        np.array([m.rises for m in numbers]),
        np.array([m.falls for m in numbers]),
    )
    values, known = index.numbers(who)
    found = Nearest(
        np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, bool), np.empty(n, np.float64)
    )
    codes = np.ascontiguousarray(index.codes[:, project])
    can_open = np.array([TRAITS[name].open for name in index.criteria.sets], bool)
    nearest(
        values, known, asked, codes, index.axes.maps, index.axes.map_at[len(numbers) :], can_open,
        *found,
    )  # fmt: skip
    return found._replace(movable=found.movable & ~barred(who, rule))


def tell_changes(
    reasons: Reasons, index: Index, who: Applicants, rule: QuoteRule, project: Int, found: Nearest
) -> None:
    """Add what would have to change for each project to get its nearest product.

    Parameters
    ----------
    reasons
        One entry a project.
    index, who, rule, project, found
        As for :func:`nearest_products`, and what it returned.
    """
    product, movable = found.product.astype(np.int64), found.movable
    for name, (low, high) in index.bands.items():
        value, _ = who.numbers[name]
        for side, lacking in ((UP, low[product] - value), (DOWN, value - high[product])):
            here = movable & (value < low[product] if side == UP else value > high[product])
            points = -(-np.where(here, lacking, 0) // number(name).shown)
            reasons.add(_code(name, side), points, here)
    grade = graded_out(who, rule)
    if "grade" in index.criteria.sets:
        grade |= ~index.accepts("grade", project, product)
    reasons.add("match.change_grade", here=movable & grade)
    if "guaranteed" in index.criteria.sets:
        lacks = ~index.accepts("guaranteed", project, product)
        reasons.add("match.change_guarantor", here=movable & lacks)
    reasons.add("match.no_change", here=~movable)


def _code(name: str, side: int) -> str:
    if (name, side) in CHANGES:
        return CHANGES[name, side]
    way = "match.change_feature_up" if side == UP else "match.change_feature_down"
    return f"{way}({name.removeprefix(FEATURE)})"
