"""Limits as data, turned into the sides of a problem."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.core.problem import Side
from liandong.types import PPM

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

OF_PRODUCTS = ("amount", "guaranteed")
"""Measures that a product's terms alone decide."""


def sides(
    rule: AllocateRule, arcs: pa.Table, terms: pa.Table, first: Int, products: pa.Table
) -> tuple[Side, ...]:
    """Return the budget and all limits as sides.

    Parameters
    ----------
    rule
        The rule.
    arcs
        Quotes, in the order of the problem's arcs.
    terms
        The product of each arc.
    first
        The first arc of each project; one beyond the last where it has none.
    products
        All products.
    """
    out = [Side("budget", -int(rule.budget) * PPM, by_product=np.full(len(products), -PPM))]
    for limit in rule.all_limits:
        sign = 1 if limit.floor else -1
        share = np.full(len(products), -sign * (limit.share or 0))
        least = sign * limit.money * PPM
        if limit.of_products and limit.measure in OF_PRODUCTS:
            each = sign * counted(limit, products, products)
            out.append(Side(limit.name, least, by_product=each + share))
        elif limit.of_projects and limit.measure == "amount":
            some = np.flatnonzero(first < len(arcs))
            each = np.zeros(len(first), np.int64)
            each[some] = sign * counted(limit, *(t.take(first[some]) for t in (arcs, terms)))
            out.append(Side(limit.name, least, by_product=share, by_project=each))
        else:
            each = sign * counted(limit, arcs, terms)
            out.append(Side(limit.name, least, by_product=share, by_arc=each))
    return tuple(out)


def counted(limit: Limit, arcs: pa.Table, terms: pa.Table) -> Int:
    """Return what a yuan on each arc adds to what a limit counts, ppm."""
    inside = member(limit.of, arcs, terms)
    if limit.measure == "amount":
        return np.where(inside, PPM, 0)
    column = terms["guarantee_cover"] if limit.measure == "guaranteed" else arcs[limit.measure]
    return np.where(inside, pc.fill_null(column.cast(pa.int64()), 0).to_numpy(), 0)


def member(group: Group, arcs: pa.Table, terms: pa.Table) -> Bool:
    """Tell which arcs are of a group; what is not known is in no group."""
    inside = np.ones(len(arcs), bool)
    for name, wanted in (("micro", group.micro), ("first_time", group.first_time)):
        if wanted is not None:
            inside &= _known(pc.equal(arcs[name], wanted))
    for name, codes in (("region_id", group.regions), ("industry", group.industries)):
        if codes:
            starts = [_known(pc.starts_with(arcs[name], code)) for code in codes]
            inside &= np.any(starts, axis=0)
    for name, ids in (
        ("product_id", group.products),
        ("lender_id", group.lenders),
        ("guarantor_id", group.guarantors),
    ):
        if ids:
            inside &= _known(pc.is_in(terms[name], value_set=pa.array(ids)))
    return inside


def _known(column: pa.ChunkedArray) -> Bool:
    return np.asarray(pc.fill_null(column, fill_value=False).to_numpy())
