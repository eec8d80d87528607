"""Hard rules: who may be offered what, and a reason for every no."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.allocation.bitmap import LEAST, MOST
from liandong.match.eligibility.applicants import Applicants
from liandong.match.eligibility.criteria import Band
from liandong.match.eligibility.index import Index
from liandong.match.eligibility.measures import FEATURE, TRAITS, UNKNOWN, covers, number
from liandong.match.eligibility.rules import QuoteRule
from liandong.match.pricing.costs import TERMS, portion
from liandong.step.reasons import Reasons
from liandong.types import YUAN

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

BASIS_POINT = 100
BAND_CODES = {
    "age": ("match.unknown(age)", "match.age", "match.above(age)"),
    "amount": ("match.unknown(amount)", "match.need_small", "match.above(amount)"),
    "term": ("match.unknown(term)", "match.below(term)", "match.term"),
}
"""Reasons in words of their own."""
SET_CODES = {"credential": "match.no_credential"}
SAID_OTHERWISE = ("points", "pd", "revenue")
"""Where these are not known, the reason says so in words of its own."""


def barred(who: Applicants, rule: QuoteRule) -> Bool:
    """Tell to which projects nothing is open, whatever the product, and nothing can change that."""
    unwanted = _outside(who.region, rule.regions) | _outside(who.industry, rule.industries)
    banned = who.banned.is_valid().to_numpy(zero_copy_only=False)
    led = who.lead.is_valid().to_numpy(zero_copy_only=False)
    return np.asarray(~who.registered | led | banned | unwanted)


def graded_out(who: Applicants, rule: QuoteRule) -> Bool:
    """Tell whose grade gets no loan."""
    refused = pc.is_in(who.grade, value_set=pa.array(rule.refused_grades, pa.string()))
    return np.asarray(refused.to_numpy(zero_copy_only=False))


def refuse(
    reasons: Reasons, who: Applicants, index: Index, rule: QuoteRule, project: Int, product: Int
) -> None:
    """Add everything that speaks against pairs.

    Parameters
    ----------
    reasons
        One entry a pair.
    who
        The applicant of each pair.
    index
        What products ask for.
    project, product
        Numbers of the project and the product of each pair, of all that the index knows.
    """
    _refuse_applicants(reasons, who, rule)
    for name, (low, high) in _said(index).items():
        _refuse_number(reasons, who, name, low[product], high[product])
    _refuse_limit(reasons, who, index, rule, product)
    for name in index.criteria.sets:
        missed = ~index.accepts(name, project, product)
        if TRAITS[name].forbids:
            reasons.add(_forbidden(who, index, name, product, missed))
        else:
            reasons.add(SET_CODES.get(name, f"match.outside({name})"), here=missed)
    _refuse_price(reasons, who, index, rule, product)


def _refuse_applicants(reasons: Reasons, who: Applicants, rule: QuoteRule) -> None:
    """Add what speaks against applicants whatever the product."""
    reasons.add("match.unknown_party", here=~who.registered)
    reasons.add(named("match.pooled", who.lead))
    reasons.add("match.no_score", here=who.pd == UNKNOWN)
    grade = pc.if_else(pa.array(graded_out(who, rule)), who.grade, None)
    reasons.add(named("match.grade", grade))
    reasons.add(named("match.banned", who.banned))
    reasons.add("match.region", here=_outside(who.region, rule.regions))
    reasons.add("match.industry", here=_outside(who.industry, rule.industries))
    reasons.add("match.no_revenue", here=who.revenue == UNKNOWN)


def _said(index: Index) -> dict[str, Band]:
    """Return the bands as reasons tell them: prices and limits have reasons of their own."""
    said = dict(index.bands)
    for name in ("pd", "revenue"):
        said[name] = index.criteria.bands[name]
    if "amount" in said:
        said["amount"] = Band(said["amount"].low, index.criteria.bands["amount"].high)
    return said


def _refuse_number(reasons: Reasons, who: Applicants, name: str, low: Int, high: Int) -> None:
    value, known = who.numbers[name]
    asked = (low > LEAST) | (high < MOST)
    young = (low > LEAST) & ~known & (name == "age")  # who does not say is not old enough
    below = ((low > LEAST) & known & (value < low)) | young
    unknown, least, most = BAND_CODES.get(name) or _codes(name)
    if name not in SAID_OTHERWISE:
        reasons.add(unknown, here=asked & ~known & ~young)
    unit = number(name).shown
    reasons.add(least, -(-low // unit), below)
    reasons.add(most, high // unit, known & (value > high))


def _codes(name: str) -> tuple[str, str, str]:
    """Return the codes for a number that is not known, below and above what is asked."""
    if name.startswith(FEATURE):
        name = name.removeprefix(FEATURE)
        return (
            f"match.unknown({name})", f"match.feature_below({name})",
            f"match.feature_above({name})",
        )  # fmt: skip
    return f"match.unknown({name})", f"match.below({name})", f"match.above({name})"


def _refuse_limit(
    reasons: Reasons, who: Applicants, index: Index, rule: QuoteRule, product: Int
) -> None:
    terms = index.terms
    step, least = terms.step[product], terms.least[product]
    allowed = portion(np.maximum(who.revenue, 0), rule.revenue_share)
    limit = np.minimum(allowed, terms.most[product]) // step * step
    reasons.add("match.limit_small", limit // YUAN, (who.revenue != UNKNOWN) & (limit < least))


def _refuse_price(
    reasons: Reasons, who: Applicants, index: Index, rule: QuoteRule, product: Int
) -> None:
    """Add the cost that makes a price too high, and by how many basis points."""
    terms, known = index.terms, who.pd != UNKNOWN
    costs = terms.costs(product, np.maximum(who.pd, 0), rule.capital)
    floor, cap = costs.floor_rate(), terms.cap[product]
    dear = known & terms.dear(product, floor)
    lowest = dear & (floor <= cap) & (floor >= 0)  # the product's own lowest rate is too high
    least = np.maximum(floor, terms.min_rate[product])
    over = np.maximum(-(-(least - cap) // BASIS_POINT), 0)
    largest, ceiled = costs.largest(), terms.ceiled[product]
    for i, name in enumerate((*TERMS, "lowest_rate")):
        here = lowest if i == len(TERMS) else dear & ~lowest & (largest == i)
        reasons.add(f"match.price({name})", over, here & ~ceiled)
        reasons.add(f"match.ceiling({name})", over, here & ceiled)


def named(code: str, argument: pa.Array) -> pa.Array:
    """Return the code with an argument a row; null where there is none."""
    return pc.binary_join_element_wise(f"{code}(", argument, ")", "")


def _outside(place: pa.Array, allowed: tuple[str, ...]) -> Bool:
    """Tell whose code begins with none of those allowed; an unknown code does not."""
    if not allowed:
        return np.zeros(len(place), bool)
    inside = [pc.fill_null(pc.starts_with(place, a), fill_value=False) for a in allowed]
    return np.asarray(~np.any([i.to_numpy(zero_copy_only=False) for i in inside], axis=0))


def _forbidden(who: Applicants, index: Index, name: str, product: Int, missed: Bool) -> pa.Array:
    """Return a reason with the member that forbids each pair, null where none does."""
    members, trait = index.criteria.sets[name], TRAITS[name]
    hit: list[str | None] = [None] * len(missed)
    for row in np.flatnonzero(missed).tolist():
        value = who.traits[trait.of][row : row + 1]
        mine = (members.member[k] for k in np.flatnonzero(members.product == product[row]))
        hit[row] = next(m for m in mine if covers(value, m, trait)[0])
    return named("match.forbidden", pa.array(hit, pa.string()))
