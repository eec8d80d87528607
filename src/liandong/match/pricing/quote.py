"""Quotes: who may have how much of which product, at what rate, and what is nearest to others."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.eligibility.applicants import Applicants
from liandong.match.eligibility.index import Pairs
from liandong.match.eligibility.measures import UNKNOWN
from liandong.match.eligibility.refusals import named
from liandong.match.eligibility.rules import QuoteRule
from liandong.match.eligibility.screening import READS, Screening
from liandong.match.pricing.costs import NO_RATE, TERMS, Curve, best_rate, portion
from liandong.match.pricing.value import NO_RETURN, all_in, policy_worth, raroc, worth
from liandong.schema.arrow import empty
from liandong.step import Tables, each, output
from liandong.step.reasons import Reasons
from liandong.types import PPM, YUAN

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

BLOCK = 50_000
"""Projects at a time: what their quotes are made of need not all be there at once."""
RATE_PARTS = {
    "funding": "match.rate_funding",
    "operating": "match.rate_operating",
    "expected_loss": "match.rate_expected_loss",
    "guarantee": "match.rate_guarantee",
    "capital": "match.rate_capital",
}


@each(
    reads=READS,
    writes=("quote",),
    split=("project",),
    by="project_id",
    rule=QuoteRule,
    part=("as_of",),
    needs={"project": "load", "product": "load", "score": "assess.score"},
)
def quote(tables: Tables, rule: QuoteRule) -> Tables:
    """Quote every product to every project that it is open to; to others, the nearest product.

    A quote is a limit and a rate: the one with the highest expected profit where it is known how
    borrowers of the grade react to rates, otherwise the floor rate and a margin. The parts of the
    rate are its reasons and add up to it (in ppm; what bounds the limit follows, in yuan). Value is
    per yuan offered; with the weights of the rule as they are, it is the expected profit after the
    cost of capital.

    A project to which no product is open has one row: the product that it misses by least, all
    reasons against it, and what would have to change.
    :class:`liandong.match.Screening` says why not for any other pair.

    Raises
    ------
    DataError
        If there are no projects or products, or no scores on ``as_of``; if a project asks for
        nothing, or a product or a criterion cannot be.
    """
    if not len(tables["project"]):
        return {"quote": empty("quote")}
    screening = Screening(tables, rule)
    open_, curves = screening.pairs(), tables["churn"]
    count = len(open_.start) - 1
    spans = [(a, min(a + BLOCK, count)) for a in range(0, count, BLOCK)]
    blocks = [_block(screening, open_, curves, first, last) for first, last in spans]
    return {"quote": pa.concat_tables([b["quote"] for b in blocks])}


def _block(screening: Screening, open_: Pairs, churn: pa.Table, first: int, last: int) -> Tables:
    """Return the rows of the projects from ``first`` to before ``last``."""
    start = open_.start[first : last + 1]
    product = open_.product[start[0] : start[-1]]
    refused = first + np.flatnonzero(np.diff(start) == 0)
    near, reasons = screening.nearest_of(refused)
    project = np.append(np.repeat(np.arange(first, last), np.diff(start)), refused)
    order = np.argsort(project, kind="stable")  # the order of the key
    every = np.append(product, near.product).astype(np.int64)[order]
    who = screening.who.take(np.arange(first, last))
    pairs = _Quoted(screening, who, project[order] - first, every, order < len(product))
    rate, profit = pairs.rates(churn)
    told = pa.concat_arrays([pairs.explain(rate), reasons.column()])
    own = np.where(pairs.eligible, np.arange(len(order)), len(order) + order - len(product))
    return pairs.table(rate, profit, told.take(pa.array(own)))


class _Quoted:
    """The rows of a quote: pairs that are eligible, and the nearest of projects without any.

    Parameters
    ----------
    screening
        All products, and the rule.
    who
        The applicants.
    project, product
        Number of the applicant and of the product in each row.
    eligible
        Which rows are eligible.
    """

    def __init__(
        self, screening: Screening, who: Applicants, project: Int, product: Int, eligible: Bool
    ) -> None:
        self.terms, self.rule, self.who = screening.terms, screening.rule, who
        self.project, self.product, self.eligible = project, product, eligible
        self.pd = self.who.pd[project]
        capital = self.rule.capital
        self.costs = self.terms.costs(product, np.where(self.pd == UNKNOWN, PPM, self.pd), capital)
        self.floor = self.costs.floor_rate()

    def bounds(self) -> dict[str, Int]:
        """Return what an amount may not exceed, fen, by the reason's code."""
        revenue = portion(np.maximum(self.who.revenue, 0), self.rule.revenue_share)
        return {
            "match.limit_need": self.who.need[self.project],
            "match.limit_product": self.terms.most[self.product],
            "match.limit_revenue": revenue[self.project],
        }

    def rates(self, churn: pa.Table) -> tuple[Int, Int]:
        """Return rate and profit of the eligible rows, grade by grade; others are left at 0."""
        rate, profit = np.zeros((2, len(self.project)), np.int64)
        low, high = self.terms.min_rate[self.product], self.terms.cap[self.product]
        graded = self.who.grade.dictionary_encode()
        place = pc.fill_null(graded.indices, -1).to_numpy()[self.project]
        for g, name in enumerate(graded.dictionary.to_pylist()):
            rows = np.flatnonzero(self.eligible & (place == g))
            points = churn.filter(pc.equal(churn["grade"], name)).sort_by("rate")
            curve = Curve(*(points[c].cast(pa.int64()).to_numpy() for c in ("rate", "lost")))
            rate[rows], profit[rows] = best_rate(
                self.costs.take(rows), self.floor[rows], low[rows], high[rows],
                curve if len(points) else None, self.rule.margin,
            )  # fmt: skip
        return rate, profit

    def explain(self, rate: Int) -> pa.Array:
        """Return the parts of each rate, which add up to it, and what bounds the limit."""
        reasons, left, here = Reasons(len(rate)), rate.copy(), self.eligible
        for term in TERMS:
            part = (getattr(self.costs, term) + PPM // 2) // PPM
            # Few lenders pay for a guarantee; the other costs are told even where they are 0.
            reasons.add(RATE_PARTS[term], part, here & ((part > 0) | (term != "guarantee")))
            left -= part
        margin = rate - self.floor
        reasons.add("match.rate_default", left - margin, here)
        reasons.add("match.rate_margin", margin, here)
        bounds = self.bounds()
        binding = np.argmin(np.array(list(bounds.values())), axis=0)
        for i, (code, bound) in enumerate(bounds.items()):
            reasons.add(code, bound // YUAN, here & (binding == i))
        fee = self.terms.borrower_fee[self.product]
        taken, _ = all_in(rate, self.terms.subsidy[self.product], fee)
        reasons.add("match.subsidy", taken, here & (taken > 0))
        reasons.add("match.borrower_fee", fee, here & (fee > 0))
        paying = self.who.obligor.take(pa.array(self.project))
        reasons.add(pc.if_else(pa.array(here), named("match.obligor", paying), None))
        return reasons.column()

    def table(self, rate: Int, profit: Int, reasons: pa.Array) -> Tables:
        """Return the rows; ``rate`` and ``profit`` count where they are eligible."""
        who, terms, rule, rows = self.who, self.terms, self.rule, pa.array(self.project)
        none, unpriced = ~self.eligible, (self.pd == UNKNOWN) | (self.floor == NO_RATE)
        taken, paid = all_in(rate, terms.subsidy[self.product], terms.borrower_fee[self.product])
        held = rule.capital.held(
            terms.cover[self.product], np.maximum(self.pd, 0), terms.lgd[self.product]
        )
        earned = raroc(self.costs, self.floor, rate, held, rule.hurdle)
        value = worth(profit, paid, policy_worth(who, rule)[self.project], rule)
        step = terms.step[self.product]
        limit = np.min(list(self.bounds().values()), axis=0) // step * step
        return output(
            "quote",
            project_id=who.project.take(rows),
            product_id=terms.product.take(pa.array(self.product)),
            party_id=who.party.take(rows),
            as_of=pa.repeat(rule.as_of, len(rows)),
            eligible=pa.array(self.eligible),
            micro=who.micro.take(rows),
            first_time=who.first_time.take(rows),
            region_id=who.region.take(rows),
            industry=who.industry.take(rows),
            grade=who.grade.take(rows),
            limit=pa.array(limit, mask=(who.revenue == UNKNOWN)[self.project]),
            floor_rate=pa.array(self.floor, mask=unpriced | (self.floor > PPM)),
            rate=pa.array(rate, mask=none),
            subsidy=pa.array(taken, mask=none),
            all_in_rate=pa.array(paid, mask=none),
            expected_loss=pa.array(-(-self.costs.expected_loss // PPM), mask=self.pd == UNKNOWN),
            raroc=pa.array(earned, mask=none | (earned == NO_RETURN)),
            value_rate=pa.array(value, mask=none),
            reasons=reasons,
        )
