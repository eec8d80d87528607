"""What a policy offers to whom: its quotes, made once, as a problem of which periods take parts."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.match.allocation.pool import Pool, pool
from liandong.match.allocation.scenario import with_capacities
from liandong.match.core.problem import Problem, Side
from liandong.match.eligibility.applicants import applicants
from liandong.match.experiment.rules import Arm, ExperimentRule
from liandong.match.pricing.costs import Curve
from liandong.match.pricing.quote import quote
from liandong.match.pricing.terms import Terms
from liandong.schema.arrow import build
from liandong.step import Tables
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

AGAIN = "\n+"
"""After the id of a project in the quotes for a firm that has had credit."""
PROVINCE = 2
"""Digits of the code of a region that name its province."""


@dataclass(frozen=True)
class Crowd:
    """The firms of the board and what they may ask for, in order of their ids.

    Attributes
    ----------
    firm
        Shape (projects,): number of the firm of each project; projects of a firm are together.
    start
        Shape (firms + 1,): the projects of firm i are start[i] to start[i + 1].
    pd
        Shape (projects,): probability of default within a year of who pays.
    place, need
        Shape (projects,): number of the province, -1 where not known; and what is asked for, fen.
    project
        Shape (projects,): ids.
    """

    firm: Int
    start: Int
    pd: Float
    place: Int
    need: Int
    project: pa.Array

    @classmethod
    def of(cls, tables: Tables, rule: ExperimentRule) -> Self:
        """Read the firms of the board."""
        who = applicants(tables, rule)
        ids = sorted(pc.unique(who.party).to_pylist())
        firm = pc.index_in(who.party, value_set=pa.array(ids, pa.string())).to_numpy()
        row = np.argsort(firm, kind="stable")
        count = np.bincount(firm, minlength=len(ids))
        code = pc.utf8_slice_codeunits(who.region, 0, PROVINCE)
        names = pa.array(sorted(pc.unique(code).drop_null().to_pylist()), pa.string())
        place = pc.fill_null(pc.index_in(code, value_set=names), -1).to_numpy()
        pd = np.clip(np.maximum(who.pd, 0) / PPM * (int(rule.pd_factor) / PPM), 0.0, 1.0)
        return cls(
            firm=firm[row].astype(np.int64),
            start=np.append(0, np.cumsum(count)),
            pd=pd[row],
            place=place[row].astype(np.int64),
            need=who.need[row],
            project=who.project.take(pa.array(row)),
        )

    @property
    def firms(self) -> int:
        """Number of firms."""
        return len(self.start) - 1

    def by_place(self, project: Int, amount: Int) -> Int:
        """Add up amounts of some projects by province, fen, where that is known."""
        out = np.zeros(int(self.place.max(initial=-1)) + 1, np.int64)
        known = self.place[project] >= 0
        np.add.at(out, self.place[project][known], amount[known])
        return out


@dataclass(frozen=True)
class Market:
    """All that a policy may lend, by arc: pairs of a project and a product that is open to it.

    Attributes
    ----------
    problem
        Every project twice: as it is, and as one of a firm that has had credit.
    number
        Shape (2, projects of the crowd): the number of each in the problem.
    rate, paid, subsidy, costs, lgd, cover
        Rates and shares of each arc, ppm: the loan's rate, what the borrower pays in all, what the
        state takes over, what funds, operation and the guarantor cost the lender a year, what is
        lost at a default, and the part of it that a guarantor bears.
    lost
        Chance that a borrower will not have the loan at its rate, by the curve of his grade.
    term
        Months.
    micro, first
        Whether the borrower is small, and whether he has never had credit.
    """

    problem: Problem
    number: Int
    rate: Int
    paid: Int
    subsidy: Int
    costs: Int
    lgd: Int
    cover: Int
    lost: Float
    term: Int
    micro: Bool
    first: Bool

    @classmethod
    def of(cls, tables: Tables, crowd: Crowd, rule: ExperimentRule, arm: Arm) -> Self:
        """Quote and pool under a policy.

        Raises
        ------
        DataError
            As quotes and allocations do; or if a change names a product that is not there.
        """
        product = changed(tables["product"], arm)
        found = pool(_quotes(tables, product, rule.quotes(arm)), product, rule.allocation(arm))
        arcs, at, terms = found.arcs, found.problem.product, Terms.of(found.products)
        whole = {
            n: pc.fill_null(arcs[n].cast(pa.int64()), 0).to_numpy()
            for n in ("rate", "all_in_rate", "subsidy")
        }
        micro, first = (
            pc.fill_null(arcs[n], fill_value=False).to_numpy() for n in ("micro", "first_time")
        )
        return cls(
            problem=found.problem,
            number=_numbers(found, crowd),
            rate=whole["rate"],
            paid=whole["all_in_rate"],
            subsidy=whole["subsidy"],
            costs=(terms.funding + terms.operating + terms.lender_fee)[at],
            lgd=terms.lgd[at],
            cover=terms.cover[at],
            lost=_lost(arcs["grade"], whole["rate"], tables["churn"]),
            term=terms.term[at],
            micro=micro,
            first=first,
        )

    def some(self, who: Int, cash: int, out: Int) -> tuple[Problem, Int]:
        """Return the problem of some projects with the money there is, and the arcs it has.

        Parameters
        ----------
        who
            Numbers in the problem.
        cash
            Fen.
        out
            Shape (products,): what each product has lent and not got back, fen.
        """
        whole, who = self.problem, np.sort(who)
        arc, _ = whole.arcs_of(who)
        start = np.append(0, np.cumsum(np.diff(whole.start)[who]))
        found = Problem(
            start=start,
            product=whole.product[arc],
            least=whole.least[arc],
            most=whole.most[arc],
            step=whole.step[arc],
            value=whole.value[arc],
            capacity=np.maximum(whole.capacity - out, 0),
            sides=tuple(_some(s, who, arc, cash) for s in whole.sides),
        )
        return found, arc


def _some(side: Side, who: Int, arc: Int, cash: int) -> Side:
    """Return a side of some projects and their arcs; that of the budget with the money there is."""
    project, own = side.by_project, side.by_arc
    return replace(
        side,
        least=-cash * PPM if side.name == "budget" else side.least,
        by_project=None if project is None else project[who],
        by_arc=None if own is None else own[arc],
    )


def changed(product: pa.Table, arm: Arm) -> pa.Table:
    """Return the products with the capacities and terms of a policy; DataError if one is absent."""
    product = with_capacities(product, arm.capacities)
    ids = product["product_id"].to_pylist()
    for change in arm.terms:
        if change.product_id and change.product_id not in ids:
            what = both("fault.change_product", product=change.product_id)
            raise DataError(file="product", what=what, remedy=both("advice.name_product"))
        here = pa.array([change.product_id in {"", p} for p in ids])
        for name, value in change.given.items():
            own = product[name]
            other = pc.if_else(here, pa.scalar(value, own.type), own.combine_chunks())
            product = product.set_column(product.column_names.index(name), name, other)
    return product


def _quotes(tables: Tables, product: pa.Table, rule: ExperimentRule) -> pa.Table:
    """Quote every project as it is, and as one of a firm that has had credit."""
    given = {**tables, "product": product}
    parties = pc.unique(tables["project"]["party_id"])
    before = rule.as_of.replace(year=rule.as_of.year - 1, day=1)
    had = build("loan", {
        "loan_id": parties, "party_id": parties, "lender_id": pa.repeat("?", len(parties)),
        "amount": pa.repeat(1, len(parties)), "start": pa.repeat(before, len(parties)),
        "term_months": pa.repeat(1, len(parties)), "status": pa.repeat("repaid", len(parties)),
    })  # fmt: skip
    now, later = (
        quote(*({**given, "loan": loan}[n] for n in quote.reads), rule=rule)["quote"]
        for loan in (tables["loan"], had)
    )
    renamed = pc.binary_join_element_wise(later["project_id"], AGAIN, "")
    at = later.column_names.index("project_id")
    return pa.concat_tables([now, later.set_column(at, now.schema.field(at), renamed)])


def _numbers(found: Pool, crowd: Crowd) -> Int:
    """Return the number in the problem of each project of the crowd, in either state."""
    first = np.flatnonzero(np.diff(found.project, prepend=-1))
    ids = found.quotes["project_id"].take(first).combine_chunks()
    states = (crowd.project, pc.binary_join_element_wise(crowd.project, AGAIN, ""))
    return np.array([pc.index_in(s, value_set=ids).to_numpy() for s in states], np.int64)


def _lost(grade: pa.ChunkedArray, rate: Int, churn: pa.Table) -> Float:
    """Return which share of borrowers of a grade will not have a loan at a rate."""
    lost = np.zeros(len(rate))
    for name in pc.unique(grade).drop_null().to_pylist():
        points = churn.filter(pc.equal(churn["grade"], name)).sort_by("rate")
        if len(points):
            curve = Curve(*(points[c].cast(pa.int64()).to_numpy() for c in ("rate", "lost")))
            rows = pc.fill_null(pc.equal(grade, name), fill_value=False).to_numpy()
            lost[rows] = np.interp(rate[rows], curve.rate, curve.lost) / PPM
    return lost
