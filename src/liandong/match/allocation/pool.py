"""The pool: quotes as the arcs of a problem."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.allocation.faults import faulty, must_be_known, possible_terms
from liandong.match.allocation.limits import sides
from liandong.match.allocation.rules import AllocateRule
from liandong.match.core.problem import MOST_RATE, UNIT, Problem
from liandong.types import PPM, stable_id

Int = NDArray[np.int64]

NO_ARC = -1
FINE = UNIT // PPM
"""Values per yuan of a quote are ppm, those of an arc 1 / UNIT."""


@dataclass(frozen=True)
class Pool:
    """Quotes of the day and the problem that they make.

    Attributes
    ----------
    quotes
        By project, in the order in which equals are served, then by product.
    project
        Number of the project of each quote.
    at
        Arc of each quote; NO_ARC where it cannot become an offer.
    products
        By id.
    problem
        The arcs; projects without arcs have none.
    """

    quotes: pa.Table
    project: Int
    at: Int
    products: pa.Table
    problem: Problem

    @property
    def row(self) -> Int:
        """The row of the quote of each arc."""
        return np.flatnonzero(self.at != NO_ARC)

    @cached_property
    def arcs(self) -> pa.Table:
        """The quotes that are arcs, in the order of the problem."""
        return self.quotes.take(self.row)


def of_arcs(values: Int, at: Int) -> Int:
    """Return the value of each of some arcs; 0 where there is none (NO_ARC)."""
    return np.asarray(np.where(at == NO_ARC, 0, np.append(values, 0)[at]))


def pool(quote: pa.Table, product: pa.Table, rule: AllocateRule) -> Pool:
    """Put together the quotes of the day.

    Raises
    ------
    DataError
        If a quote is there twice, names a product that is not there, allows an amount its product
        does not, or is worth more than ten times what is lent; if a product cannot give anything;
        or if a limit is about ids that no product has, or about nobody.
    """
    today = pc.equal(quote["as_of"], pa.scalar(rule.as_of))
    products = product.sort_by("product_id").combine_chunks()
    possible_terms(products)
    quotes, project = _ordered(quote.filter(today), rule.salt)
    must_be_known(rule.limits, quotes, products)
    gain = pc.fill_null(pc.greater(quotes["value_rate"], 0), fill_value=False)
    row = np.flatnonzero(pc.and_(quotes["eligible"], gain).to_numpy())
    arcs = quotes.take(row)
    numbers = pc.index_in(arcs["product_id"], value_set=products["product_id"].combine_chunks())
    if numbers.null_count:
        raise faulty(arcs.filter(pc.is_null(numbers)), "fault.quote_product")
    terms = products.take(numbers)
    worth = arcs["value_rate"].to_numpy()
    if (worth > MOST_RATE // FINE).any():
        raise faulty(arcs.filter(pa.array(worth > MOST_RATE // FINE)), "fault.quote_value")
    at = np.full(len(quotes), NO_ARC)
    at[row] = np.arange(len(row))
    least, most, step = _amounts(arcs, terms)
    count = int(project[-1]) + 1 if len(project) else 0
    start = np.searchsorted(project[row], np.arange(count + 1))
    first = np.where(np.diff(start) > 0, start[:-1], len(row))
    problem = Problem(
        start=start,
        product=numbers.to_numpy().astype(np.int32),
        least=least,
        most=most,
        step=step,
        value=(worth * FINE).astype(np.int32),
        capacity=products["capacity"].to_numpy(),
        sides=sides(rule, arcs, terms, first, products),
    )
    return Pool(quotes, project, at, products, problem)


def _ordered(quotes: pa.Table, salt: str) -> tuple[pa.Table, Int]:
    """Return quotes by the hash of their project, then by product; and the projects' numbers."""
    ids = pc.unique(quotes["project_id"]).to_pylist()
    ids.sort(key=lambda p: (stable_id(salt, p), p))
    number = pc.index_in(quotes["project_id"], value_set=pa.array(ids, pa.string()))
    ordered = quotes.append_column("number", number).sort_by(
        [("number", "ascending"), ("product_id", "ascending")]
    )
    project = ordered["number"].cast(pa.int64()).to_numpy()
    same = pc.equal(ordered["product_id"][1:], ordered["product_id"][:-1]).to_numpy()
    twice = np.append(False, same & (np.diff(project) == 0))
    if twice.any():
        raise faulty(ordered.filter(pa.array(twice)), "fault.quote_twice")
    return ordered.drop_columns("number"), project


def _amounts(arcs: pa.Table, terms: pa.Table) -> tuple[Int, Int, Int]:
    """Return least, most and step of each arc."""
    step = terms["step_amount"].to_numpy()
    least, most = -(-terms["min_amount"].to_numpy() // step) * step, arcs["limit"].to_numpy()
    off = (most < least) | (most > terms["max_amount"].to_numpy()) | (most % step != 0)
    if off.any():
        raise faulty(arcs.filter(pa.array(off)), "fault.quote_limit")
    return least, most, step
