"""The nearest change that would make a project eligible: exact, over all products."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.nearest import Asked, Asking, Nearest, nearest
from liandong.match.eligibility.applicants import Applicants
from liandong.match.eligibility.index import Index
from liandong.match.eligibility.measures import FEATURE, TRAITS, number
from liandong.match.eligibility.refusals import barred, graded_out
from liandong.match.eligibility.rules import QuoteRule
from liandong.step.reasons import Reasons

Int = NDArray[np.int64]

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


def nearest_products(index: Index, who: Applicants, rule: QuoteRule, project: Int) -> Nearest:
    """Return the nearest product of some projects.

    Products that changes in the power of the applicant would open go before others; then the fewer
    criteria are missed the better; then the smaller the changes are together, each relative to
    what is there now; then the earlier product id. Amount and term can be changed, sales, staff,
    score and age only be raised, the default probability only be lowered, features either way; a
    better grade, a guarantor and a credential count as a change of 1. Region, industry, size,
    purpose, earlier loans, bans and what is not known cannot be changed.

    Parameters
    ----------
    index
        What products ask for.
    who
        The applicants of the projects.
    project
        Their numbers, of all that the index knows.
    """
    numbers = [number(m) for m in index.bands]
    asked = Asked(
        low=np.array([b.low for b in index.bands.values()]),
        high=np.array([b.high for b in index.bands.values()]),
        rises=np.array([m.rises for m in numbers]),
        falls=np.array([m.falls for m in numbers]),
        maps=index.axes.maps,
        map_at=index.axes.map_at[len(numbers) :],
        open=np.array([TRAITS[name].open for name in index.criteria.sets], bool),
    )
    codes = np.ascontiguousarray(index.codes[:, project])
    found = Nearest.room(len(project))
    nearest(Asking(*index.numbers(who), codes), asked, found)
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
    if "credential" in index.criteria.sets:
        lacks = ~index.accepts("credential", project, product)
        reasons.add("match.change_credential", here=movable & lacks)
    reasons.add("match.no_change", here=~movable)


def _code(name: str, side: int) -> str:
    if (name, side) in CHANGES:
        return CHANGES[name, side]
    way = "match.change_feature_up" if side == UP else "match.change_feature_down"
    return f"{way}({name.removeprefix(FEATURE)})"
