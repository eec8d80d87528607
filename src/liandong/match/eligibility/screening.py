"""Whom each product is for: all open pairs at once, and why not, for any pair at any time."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import NotFoundError
from liandong.kernels.allocation.nearest import Nearest
from liandong.match.eligibility.applicants import Applicants, applicants
from liandong.match.eligibility.changes import nearest_products, tell_changes
from liandong.match.eligibility.criteria import Criteria
from liandong.match.eligibility.index import Index, Pairs
from liandong.match.eligibility.measures import NUMBERS
from liandong.match.eligibility.refusals import barred, graded_out, named, refuse
from liandong.match.eligibility.rules import QuoteRule
from liandong.match.pricing.terms import Terms
from liandong.schema.arrow import empty
from liandong.step import Tables
from liandong.step.reasons import Reasons
from liandong.texts import both

Int = NDArray[np.int64]

READS = (
    "project", "product", "score", "party", "feature", "churn", "criterion", "application",
    "loan", "edge", "credential",
)  # fmt: skip
"""What is read of a board."""


class Why(NamedTuple):
    """One reason: its code and its points, as in the table of quotes."""

    code: str
    points: int


class Screening:
    """All projects and products of a day, ready to be asked.

    Parameters
    ----------
    tables
        What :data:`READS` names, by name; those that are absent are empty.
    rule
        The rule of the quotes.

    Raises
    ------
    DataError
        If a project asks for nothing, a product has impossible terms, or a criterion cannot be.

    Examples
    --------
    >>> from datetime import date
    >>> from liandong.schema.arrow import build
    >>> product = dict(
    ...     product_id=["P"], lender_id=["B"], min_amount=[100], max_amount=[900], step_amount=[1],
    ...     min_rate=[0], max_rate=[200_000], term_months=[12], capacity=[900],
    ...     funding_rate=[22_000], operating_rate=[8_000], lgd=[450_000], guarantee_cover=[0])
    >>> screening = Screening({
    ...     "product": build("product", product),
    ...     "project": build("project", dict(
    ...         project_id=["R"], party_id=["F"], need=[50], term_months=[12])),
    ...     "party": build("party", dict(party_id=["F"], kind=["firm"], annual_revenue=[9_000])),
    ...     "score": build("score", dict(party_id=["F"], as_of=[date(2024, 1, 1)], rule_id=["c"],
    ...         pd=[30_000], points=[600], grade=["A"], reasons=[[]])),
    ... }, QuoteRule(as_of=date(2024, 1, 1)))
    >>> screening.why_not("R", "P")
    [Why(code='match.need_small', points=1)]
    >>> screening.nearest("R")
    ('P', [Why(code='match.change_amount_up', points=1)])
    """

    def __init__(self, tables: Tables, rule: QuoteRule) -> None:
        given = {n: tables[n] if n in tables else empty(n) for n in READS}
        self.rule = rule
        self.terms = Terms.of(given["product"])
        criteria = Criteria.of(given["criterion"], self.terms.product, rule.as_of)
        features = [m for m in criteria.bands if m not in NUMBERS]
        self.who: Applicants = applicants(given, rule, features)
        self.index = Index.of(self.terms, criteria, self.who, rule)

    def pairs(self, threads: int = 1) -> Pairs:
        """Return all pairs that are open, by projects and products in order of their ids."""
        closed = barred(self.who, self.rule) | graded_out(self.who, self.rule)
        return self.index.pairs(self.who, closed, threads)

    def refusals(self, project: Int, product: Int) -> Reasons:
        """Return all that speaks against pairs, by the numbers of their projects and products."""
        reasons = Reasons(len(project))
        self._refuse(reasons, self.who.take(project), project, product)
        return reasons

    def nearest_of(self, project: Int) -> tuple[Nearest, Reasons]:
        """Return the nearest product of projects, what speaks against it, and what would help."""
        who = self.who.take(project)
        found = nearest_products(self.index, who, self.rule, project)
        reasons = Reasons(len(project))
        self._refuse(reasons, who, project, found.product.astype(np.int64))
        tell_changes(reasons, self.index, who, self.rule, project, found)
        reasons.add(named("match.obligor", who.obligor))
        return found, reasons

    def _refuse(self, reasons: Reasons, who: Applicants, project: Int, product: Int) -> None:
        refuse(reasons, who, self.index, self.rule, project, product)

    def why_not(self, project_id: str, product_id: str) -> list[Why]:
        """Return every reason against one pair; empty if and only if it is open.

        Raises
        ------
        NotFoundError
            If there is no such project or product.
        """
        product = self._product(product_id)
        reasons = self.refusals(self._project(project_id), product)
        return _listed(reasons)

    def nearest(self, project_id: str) -> tuple[str, list[Why]]:
        """Return the nearest product of a project and what would have to change for it.

        For a project that is eligible it is a product open to it, and nothing has to change.

        Raises
        ------
        NotFoundError
            If there is no such project.
        """
        project = self._project(project_id)
        who, reasons = self.who.take(project), Reasons(1)
        found = nearest_products(self.index, who, self.rule, project)
        tell_changes(reasons, self.index, who, self.rule, project, found)
        return self.terms.product[int(found.product[0])].as_py(), _listed(reasons)

    @cached_property
    def _projects(self) -> dict[str, int]:
        return {p: i for i, p in enumerate(self.who.project.to_pylist())}

    @cached_property
    def _products(self) -> dict[str, int]:
        return {p: j for j, p in enumerate(self.terms.product.to_pylist())}

    def _project(self, name: str) -> Int:
        return _number(self._projects, name, "kind.project")

    def _product(self, name: str) -> Int:
        return _number(self._products, name, "kind.product")


def _number(known: dict[str, int], name: str, kind: str) -> Int:
    if name not in known:
        raise NotFoundError(kind=both(kind), name=name, remedy=both("advice.check_id"))
    return np.array([known[name]], np.int64)


def _listed(reasons: Reasons) -> list[Why]:
    return [Why(r["code"], r["points"]) for r in reasons.column()[0].as_py()]
