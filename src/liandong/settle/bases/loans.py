"""The step that works out from loans what agreements share: losses, new loans, principal, rates."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.settle.bases.averages import outstanding, scaled
from liandong.settle.bases.courses import NEVER, Cells, Courses, payments
from liandong.settle.bases.rules import LoanBase, LoanBasesRule
from liandong.step import Tables, fold, output
from liandong.step.core import concat
from liandong.step.reasons import reason_list
from liandong.step.totals import must_fit, size
from liandong.types import PPM

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Reason = tuple[str, int]
_CODES = {"lent": "settle.lent", "outstanding": "settle.outstanding", "rate": "settle.rate"}
SEVERAL = "*"
"""With whom a rate of several lenders stands."""


def _partial(tables: Tables, rule: LoanBasesRule) -> Tables:  # noqa: ARG001 - of a partial
    return {"paid": payments(tables["flow"]), "size": size(tables["flow"]["amount"])}


@fold(
    reads=("loan", "event", "flow", "party"),
    writes=("derived_amount", "derived_loan"),
    split=("flow",),
    rule=LoanBasesRule,
    partial=_partial,
    merge=concat,
)
def loan_bases(tables: Tables, rule: LoanBasesRule) -> Tables:
    """Work out amounts that agreements share from loans, their payments and defaults, by month.

    ``derived_amount`` has them by base, lender and month, from the month of the first loan to the
    last month that is over, nothing left out. ``derived_loan`` has the loans that each is the sum
    of, to the fen; a rate is the mean of its loans, and they stand there with their principal.
    Running it again replaces what it had worked out, so that nothing is counted twice; what
    ``settle.share`` has shared of a month stays, and the next one makes up for the difference.

    Losses are of principal, before any guarantee: who bears which part of them is for the
    agreement to say. Defaults are those of ``event``; loans whose status alone says default bear no
    date, and are told in the last month.

    Raises
    ------
    DataError
        If amounts are too large to be added up.
    """
    must_fit(tables["size"], "flow")
    must_fit(size(tables["loan"]["amount"]), "loan")
    courses = Courses(tables, rule.as_of)
    until = (rule.as_of.year - 1970) * 12 + rule.as_of.month - 1
    if np.datetime64(rule.as_of) + 1 == np.datetime64(until + 1, "M"):
        until += 1
    found = [_Base(courses, b, _chosen(courses, b, tables["party"]), until) for b in rule.bases]
    rows = [row for base in found for row in base.rows()]
    return {
        **output(
            "derived_amount",
            **{n: [r[n] for r in rows] for n in _FIELDS},
            reasons=reason_list([r["reasons"] for r in rows]),
        ),
        **output("derived_loan", **_columns([base.loans() for base in found])),
    }


_FIELDS = ("base", "party_id", "period", "amount", "unit")


def _columns(parts: list[dict[str, pa.Array]]) -> dict[str, object]:
    names = ("base", "party_id", "period", "loan_id", "amount")
    return {n: pa.chunked_array([p[n] for p in parts], _TYPES[n]) for n in names}


_TYPES = {n: pa.string() for n in ("base", "party_id", "period", "loan_id")} | {
    "amount": pa.int64()
}


def _chosen(courses: Courses, base: LoanBase, party: pa.Table) -> Bool:
    """Return which loans a base is of."""
    loans = courses.loans
    some = pa.array(np.ones(len(loans), bool))
    for names, column in ((base.lenders, "lender_id"), (base.products, "product_id")):
        if names:
            some = pc.and_(some, pc.is_in(loans[column], value_set=pa.array(names, pa.string())))
    if base.regions:
        at = pc.index_in(loans["party_id"], value_set=party["party_id"].combine_chunks())
        region = pc.fill_null(party["region_id"].take(at), "")
        inside = [pc.starts_with(region, r) for r in base.regions]
        some = pc.and_(some, pa.chunked_array([np.logical_or.reduce(
            [i.to_numpy() for i in inside])]))  # fmt: skip
    if base.since:
        some = pc.and_(some, pc.greater_equal(loans["start"], pa.scalar(base.since)))
    if base.until:
        some = pc.and_(some, pc.less_equal(loans["start"], pa.scalar(base.until)))
    return np.asarray(some.to_numpy(zero_copy_only=False), bool)


class _Group(NamedTuple):
    """The loans of one lender and month."""

    amount: int
    loans: Int
    parts: Int


class _Base:
    """One amount, worked out."""

    def __init__(self, courses: Courses, base: LoanBase, chosen: Bool, until: int) -> None:
        self.courses, self.base, self.chosen, self.until = courses, base, chosen, until
        self.lender = courses.loans["lender_id"].to_pylist()
        rows = np.flatnonzero(chosen)
        if base.what in {"outstanding", "rate"}:
            part = int(base.part) if base.what == "outstanding" else PPM
            self.cells = outstanding(courses, rows, until, base.count, part)
        else:
            every = courses.losses() if base.what == "loss" else courses.lent()
            here = chosen[every.loan] & (every.month < until)
            self.cells = _part_of(Cells(*(x[here] for x in every)), int(base.part))
        if base.what == "rate":
            known = pc.is_valid(courses.loans["rate"]).to_numpy()[self.cells.loan]
            self.unrated = self.cells.month[~known]
            self.cells = Cells(*(x[known] for x in self.cells))
        lenders = {self.lender[i] for i in rows}
        self.mean = (SEVERAL if len(lenders) > 1 else "".join(lenders)) * (base.what == "rate")

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each lender and month, of a rate for each month."""
        groups, found = self._groups(), []
        for party, first in sorted(self._begin().items()):
            for month in range(first, self.until):
                group = groups.get((party, month))
                if self.mean and group is None:
                    continue
                found.append({
                    "base": self.base.base, "party_id": party, "period": _name(month),
                    "amount": group.amount if group else 0,
                    "unit": "ppm" if self.mean else "CNY",
                    "reasons": self._reasons(party, month, group),
                })  # fmt: skip
        return found

    def loans(self) -> dict[str, pa.Array]:
        """Return each loan behind the amounts."""
        loans, cells = self.courses.loans, self.cells
        at, n = pa.array(cells.loan), len(cells.loan)
        party = loans["lender_id"].take(at).combine_chunks()
        return {
            "base": pa.repeat(self.base.base, n),
            "party_id": pa.repeat(self.mean, n) if self.mean else party.cast(pa.string()),
            "period": pa.array(cells.month.astype("datetime64[M]").astype(str), pa.string()),
            "loan_id": loans["loan_id"].take(at).combine_chunks().cast(pa.string()),
            "amount": pa.array(cells.amount),
        }

    def _begin(self) -> dict[str, int]:
        """Return the month of the first loan with each lender."""
        start = self.courses.lent().month
        found: dict[str, int] = {}
        for i in np.flatnonzero(self.chosen):
            party = self.mean or self.lender[i]
            found[party] = min(int(start[i]), found.get(party, NEVER))
        return found

    def _groups(self) -> dict[tuple[str, int], _Group]:
        members: dict[tuple[str, int], list[int]] = defaultdict(list)
        for k, (i, month) in enumerate(zip(*self.cells[:2], strict=True)):
            members[self.mean or self.lender[i], int(month)].append(k)
        rate = pc.fill_null(self.courses.loans["rate"], 0).to_numpy()
        found = {}
        for key, list_ in members.items():
            loans, parts = self.cells.loan[list_], self.cells.amount[list_]
            total = int(parts.sum())
            if self.mean:
                of = zip(parts.tolist(), rate[loans].tolist(), strict=True)
                total = (2 * sum(p * r for p, r in of) + total) // (2 * total)
            found[key] = _Group(total, loans, parts)
        return found

    def _reasons(self, party: str, month: int, group: _Group | None) -> list[Reason]:
        """Return what gave an amount: reasons of a sum add up to it."""
        told: list[Reason] = []
        what = self.base.what
        if group and what == "loss":
            told += _sum("settle.exposure", group.parts[group.parts > 0])
            told += _sum("settle.recovered", group.parts[group.parts < 0])
        elif group:
            told += [(f"{_CODES[what]}({len(group.loans)})", 0 if self.mean else group.amount)]
        if group and what != "lent":
            told += _count("settle.unseen", ~self.courses.seen[group.loans])
        if self.mean:
            told += _count("settle.unrated", self.unrated == month)
        if self.base.part < PPM and group and not self.mean:
            told.append((f"settle.part({self.base.part})", 0))
        if what == "loss" and month == self.until - 1:
            told += self._undated(party)
        return told or [("settle.nothing", 0)]

    def _undated(self, party: str) -> list[Reason]:
        """Return how many loans of a lender are in default on a day that nobody tells."""
        loans = self.courses.loans
        status = pc.equal(loans["status"], "default").to_numpy()
        own = pc.equal(loans["lender_id"], party).to_numpy()
        return _count("settle.undated", status & own & self.chosen & (self.courses.fell == NEVER))


def _part_of(cells: Cells, part: int) -> Cells:
    """Return a part of amounts: of their sums up to each month of a loan, rounded once."""
    if part == PPM:
        return cells
    total = np.cumsum(cells.amount)
    begins = np.searchsorted(cells.loan, cells.loan)
    until = scaled(total - np.append(0, total)[begins], part, PPM)
    new = np.append(True, np.diff(cells.loan) != 0)[: len(until)]
    amount = until - np.where(new, 0, np.append(0, until)[: len(until)])
    there = amount != 0
    return Cells(cells.loan[there], cells.month[there], amount[there])


def _sum(code: str, parts: Int) -> list[Reason]:
    return [(f"{code}({len(parts)})", int(parts.sum()))] if len(parts) else []


def _count(code: str, here: Bool) -> list[Reason]:
    return [(f"{code}({here.sum()})", 0)] if here.any() else []


def _name(month: int) -> str:
    return str(np.datetime64(month, "M"))
