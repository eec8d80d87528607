"""Quotes: who may have how much of which product, at what rate, and why not."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.eligibility.applicants import UNKNOWN, Applicants, applicants
from liandong.match.eligibility.refusals import refuse_applicants
from liandong.match.eligibility.rules import QuoteRule
from liandong.match.pricing.costs import NO_RATE, PPM, TERMS, Costs, Curve, best_rate, portion
from liandong.schema.arrow import empty
from liandong.step import Tables, each, output
from liandong.step.reasons import Reasons

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

YUAN = 100
BASIS_POINT = 100
RATE_PARTS = {
    "funding": "match.rate_funding",
    "operating": "match.rate_operating",
    "expected_loss": "match.rate_expected_loss",
    "capital": "match.rate_capital",
}


class Pairs:
    """Every project with every product: arrays of equal length, projects outermost.

    Parameters
    ----------
    who
        The applicants.
    product
        The table of products.
    rule
        The terms of lending.
    """

    def __init__(self, who: Applicants, product: pa.Table, rule: QuoteRule) -> None:
        products = product.sort_by("product_id")
        n, m = len(who.need), len(products)
        self.who, self.rule = who, rule
        self.project, self.product = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
        self.product_id = products["product_id"].combine_chunks().take(pa.array(self.product))
        self._terms = {
            f.name: products[f.name].cast(pa.int64()).to_numpy()
            for f in products.schema
            if pa.types.is_integer(f.type)
        }
        covers = self._terms["guarantee_cover"].tolist()
        self._terms["capital"] = np.array([rule.capital.charge(c) for c in covers], np.int64)
        self.costs = Costs.of(
            np.where(self.pd == UNKNOWN, PPM, self.pd), self.of("funding_rate"),
            self.of("operating_rate"), self.of("lgd"), self.of("guarantee_cover"),
            self.of("capital"),
        )  # fmt: skip
        self.floor = self.costs.floor_rate()

    def of(self, term: str) -> Int:
        """Return a term of the product of each pair."""
        found: Int = self._terms[term][self.product]
        return found

    @property
    def pd(self) -> Int:
        """Probability of default of each applicant, ppm."""
        return self.who.pd[self.project]

    @property
    def least(self) -> Int:
        """The least amount of each product in whole steps, fen."""
        step = self.of("step_amount")
        return -(-self.of("min_amount") // step) * step

    def bounds(self) -> dict[str, Int]:
        """Return what an amount may not exceed, fen, by the reason's code."""
        revenue = portion(np.maximum(self.who.revenue, 0), self.rule.revenue_share)
        return {
            "match.limit_need": self.who.need[self.project],
            "match.limit_product": self.of("max_amount"),
            "match.limit_revenue": revenue[self.project],
        }

    @property
    def limit(self) -> Int:
        """The most that is allowed in whole steps, fen."""
        step = self.of("step_amount")
        least = np.min(list(self.bounds().values()), axis=0)
        return np.asarray(least // step * step)


@each(
    reads=("project", "product", "score", "party", "feature", "churn"),
    writes=("quote",),
    split=("project",),
    by="project_id",
    rule=QuoteRule,
    part=("as_of",),
    needs={"project": "load", "product": "load", "score": "assess.score"},
)
def quote(tables: Tables, rule: QuoteRule) -> Tables:
    """Quote every product to every project.

    A quote is a no with all reasons, or a limit and a rate: the one with the highest expected
    profit where it is known how borrowers of the grade react to rates, otherwise the floor rate
    and a margin. The parts of the rate are its reasons and add up to it (in ppm; what bounds the
    limit follows, in yuan). Expected profit is per yuan offered, after the cost of capital.

    Raises
    ------
    DataError
        If there are no projects or products, or no scores on ``as_of``.
    """
    if not len(tables["project"]):
        return {"quote": empty("quote")}
    who = applicants(tables, rule)
    pairs = Pairs(who, tables["product"], rule)
    reasons = Reasons(len(pairs.project))
    refuse_applicants(reasons, who, rule, pairs.project)
    _refuse_pairs(reasons, pairs)
    eligible = ~reasons.any()
    grade = who.grade.take(pa.array(pairs.project))
    rate, profit = _rates(pairs, grade, eligible, tables["churn"])
    _explain(reasons, pairs, rate, eligible)
    priced = (pairs.floor != NO_RATE) & (pairs.floor <= PPM) & (pairs.pd != UNKNOWN)
    return output(
        "quote",
        project_id=who.project.take(pa.array(pairs.project)),
        product_id=pairs.product_id,
        party_id=who.party.take(pa.array(pairs.project)),
        as_of=pa.repeat(rule.as_of, len(pairs.project)),
        eligible=pa.array(eligible),
        micro=who.micro.take(pa.array(pairs.project)),
        region_id=who.region.take(pa.array(pairs.project)),
        industry=who.industry.take(pa.array(pairs.project)),
        expected_loss=pa.array(-(-pairs.costs.expected_loss // PPM), mask=pairs.pd == UNKNOWN),
        grade=grade,
        limit=pa.array(pairs.limit, mask=(who.revenue == UNKNOWN)[pairs.project]),
        floor_rate=pa.array(pairs.floor, mask=~priced),
        rate=pa.array(rate, mask=~eligible),
        value_rate=pa.array(profit, mask=~eligible),
        reasons=reasons.column(),
    )


def _refuse_pairs(reasons: Reasons, pairs: Pairs) -> None:
    """Add what speaks against a product for an applicant."""
    need, term = pairs.who.need[pairs.project], pairs.who.term[pairs.project]
    known = pairs.who.revenue[pairs.project] != UNKNOWN
    least, limit = pairs.least, pairs.limit
    reasons.add("match.term", pairs.of("term_months"), term > pairs.of("term_months"))
    reasons.add("match.need_small", least // YUAN, need < least)
    reasons.add("match.limit_small", limit // YUAN, known & (need >= least) & (limit < least))
    cap = pairs.of("max_rate")
    dear = (pairs.pd != UNKNOWN) & ((pairs.floor > cap) | (pairs.floor == NO_RATE))
    over = np.maximum(-(-(pairs.floor - cap) // BASIS_POINT), 0)
    largest = pairs.costs.largest()
    for i, term_name in enumerate(TERMS):
        reasons.add(f"match.price({term_name})", over, dear & (largest == i))


def _rates(pairs: Pairs, grade: pa.Array, eligible: Bool, churn: pa.Table) -> tuple[Int, Int]:
    """Return rate and profit of the eligible pairs, grade by grade; others are left at 0."""
    rate, profit = np.zeros(len(eligible), np.int64), np.zeros(len(eligible), np.int64)
    low, high = pairs.of("min_rate"), pairs.of("max_rate")
    for name in pc.unique(grade).drop_null().to_pylist():
        graded = pc.fill_null(pc.equal(grade, name), fill_value=False)
        rows = np.flatnonzero(eligible & graded.to_numpy(zero_copy_only=False))
        points = churn.filter(pc.equal(churn["grade"], name)).sort_by("rate")
        curve = Curve(*(points[c].cast(pa.int64()).to_numpy() for c in ("rate", "lost")))
        rate[rows], profit[rows] = best_rate(
            Costs(*(c[rows] for c in pairs.costs)), pairs.floor[rows], low[rows], high[rows],
            curve if len(points) else None, pairs.rule.margin,
        )  # fmt: skip
    return rate, profit


def _explain(reasons: Reasons, pairs: Pairs, rate: Int, eligible: Bool) -> None:
    """Add the parts of the rate, which add up to it, and what bounds the limit."""
    left = rate.copy()
    for term in TERMS:
        part = (getattr(pairs.costs, term) + PPM // 2) // PPM
        reasons.add(RATE_PARTS[term], part, eligible)
        left -= part
    margin = rate - pairs.floor
    reasons.add("match.rate_default", left - margin, eligible)
    reasons.add("match.rate_margin", margin, eligible)
    bounds = pairs.bounds()
    binding = np.argmin(list(bounds.values()), axis=0)
    for i, (code, bound) in enumerate(bounds.items()):
        reasons.add(code, bound // YUAN, eligible & (binding == i))
