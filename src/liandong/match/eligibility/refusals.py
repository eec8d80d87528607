"""Hard rules: who may be offered what, and a reason for every no."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.eligibility.applicants import UNKNOWN, Applicants
from liandong.match.eligibility.rules import QuoteRule
from liandong.step.reasons import Reasons

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def refuse_applicants(reasons: Reasons, who: Applicants, rule: QuoteRule, project: Int) -> None:
    """Add what speaks against applicants whatever the product; ``project`` is that of each row."""
    refused = pc.is_in(who.grade, value_set=pa.array(rule.refused_grades, pa.string()))
    graded = pc.if_else(refused, _named("match.grade", who.grade), None)
    reasons.add("match.no_score", here=(who.pd == UNKNOWN)[project])
    reasons.add(graded.take(project))
    reasons.add(_named("match.banned", _banned(who, rule)).take(project))
    for code, place, allowed in (
        ("match.region", who.region, rule.regions),
        ("match.industry", who.industry, rule.industries),
    ):
        reasons.add(code, here=_outside(place, allowed)[project])
    young = (who.age < rule.min_age_days) & (rule.min_age_days > 0)
    reasons.add("match.age", rule.min_age_days, young[project])
    reasons.add("match.no_revenue", here=(who.revenue == UNKNOWN)[project])


def _named(code: str, argument: pa.Array) -> pa.Array:
    """Return the code with an argument a row; null where there is none."""
    return pc.binary_join_element_wise(f"{code}(", argument, ")", "")


def _banned(who: Applicants, rule: QuoteRule) -> pa.Array:
    """Return the first entry of the negative list that hits each applicant, else null."""
    asked = zip(who.industry.to_pylist(), who.purpose.to_pylist(), strict=True)
    hits = [
        next((b.name for b in rule.negative_list if b.hits(i, p, rule.as_of)), None)
        for i, p in asked
    ]
    return pa.array(hits, pa.string())


def _outside(place: pa.Array, allowed: tuple[str, ...]) -> Bool:
    """Tell whose code begins with none of those allowed; an unknown code does not."""
    inside = np.array([p is not None and p.startswith(allowed) for p in place.to_pylist()], bool)
    return ~inside if allowed else np.zeros(len(place), bool)
