"""The course of one policy through all periods of a replication, to the fen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import ConflictingLimitsError, InvariantError, UnprovedError
from liandong.match.core.assign import assign
from liandong.match.core.problem import Prices
from liandong.match.experiment.chance import Chance, given_shock, in_period
from liandong.match.experiment.market import Crowd, Market
from liandong.match.experiment.rules import Arm, ExperimentRule
from liandong.match.pricing.costs import portion
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

YEAR = 12
"""Months."""
NO_LOAN = -1


class Period(NamedTuple):
    """What happened in a period; money in fen.

    Attributes
    ----------
    opening, added, closing
        Money of the programme left over from before, new money, and what there is after the period.
    asked, declined
        Firms that asked, and that were offered a loan and did not take it.
    stopped
        Whether nothing was lent because no loan was found that holds the limits.
    value, bound
        What is offered is worth a year, and what no allocation of the period exceeds.
    loans, first_loans
        Loans made, and those of firms that had never had credit.
    lent, micro_lent, first_lent
        What was lent, to small firms, and to firms that had never had credit.
    paid
        What borrowers of the period's loans pay a year in all.
    repaid, recovered, guaranteed, lost
        Principal that came back, from defaulters, from guarantors, and that did not come back.
    book
        What is still owed after the period.
    defaults
        Borrowers that defaulted.
    interest, costs, subsidy, profit
        What was earned, the subsidy included, what lenders paid for funds, operation and
        guarantors, what the state paid, and what is left to lenders after losses.
    places
        Shape (provinces,): what was lent in each.
    """

    opening: int
    added: int
    asked: int
    declined: int
    stopped: int
    value: int
    bound: int
    loans: int
    first_loans: int
    lent: int
    micro_lent: int
    first_lent: int
    paid: int
    repaid: int
    recovered: int
    guaranteed: int
    lost: int
    closing: int
    book: int
    defaults: int
    interest: int
    costs: int
    subsidy: int
    profit: int
    places: Int


def course(
    market: Market, crowd: Crowd, chance: Chance, rule: ExperimentRule, arm: Arm
) -> list[Period]:
    """Play a policy through all periods.

    In each period firms without a running loan ask by chance; the money there is is allocated
    under the limits of the policy; who takes the offer has the loan until its term ends or he
    defaults. Who defaulted never asks again. Money comes back at the end of a period and is lent
    in the next.

    Raises
    ------
    InvariantError
        If a fen were to appear or vanish.
    """
    state, found = _State(market, crowd, rule), list[Period]()
    opening = book = 0
    for t in range(rule.periods):
        period = state.play(t, chance, opening, int(arm.added if t else arm.budget))
        _must_balance(period, book)
        found.append(period)
        opening, book = period.closing, period.book
    return found


def _must_balance(now: Period, book: int) -> None:
    """Refuse a period in which money, or what is owed, does not add up."""
    back = now.repaid + now.recovered + now.guaranteed
    cash = now.opening + now.added - now.lent + back == now.closing
    owed = book + now.lent - back - now.lost == now.book
    if not (cash and owed and min(now.closing, now.book) >= 0):
        raise InvariantError(what=both("fault.experiment_money"), row=str(now))


class _Offers(NamedTuple):
    """Who of those that ask (places), on which arcs, may have how much; see :class:`Period`."""

    place: Int
    arc: Int
    amount: Int
    stopped: int = 0
    value: int = 0
    bound: int = 0


_NOTHING = _Offers(*np.zeros((3, 0), np.int64))


class _State:
    """Who owes what, and who may ask."""

    def __init__(self, market: Market, crowd: Crowd, rule: ExperimentRule) -> None:
        self.market, self.crowd, self.rule = market, crowd, rule
        self.arc = np.full(crowd.firms, NO_LOAN)
        self.project = np.zeros(crowd.firms, np.int64)
        self.owed, self.left = np.zeros((2, crowd.firms), np.int64)
        self.had, self.failed = np.zeros((2, crowd.firms), bool)
        self.prices: Prices | None = None

    def play(self, t: int, chance: Chance, opening: int, added: int) -> Period:
        """Play one period."""
        asking = np.flatnonzero(chance.asks[t] & (self.arc == NO_LOAN) & ~self.failed)
        project = chance.which[t][asking]
        cash = opening + added
        offers = self._offers(asking, project, cash)
        takes = chance.takes[t][asking[offers.place]] >= self.market.lost[offers.arc]
        place, arc, amount = (o[takes] for o in offers[:3])
        firm, first = asking[place], self.market.first[arc]
        self._lend(firm, project[place], arc, amount)
        back = self._end(t, chance)
        lent = int(amount.sum())
        return Period(
            opening=opening,
            added=added,
            asked=len(asking),
            declined=int((~takes).sum()),
            stopped=offers.stopped,
            value=offers.value,
            bound=offers.bound,
            loans=len(arc),
            first_loans=int(first.sum()),
            lent=lent,
            micro_lent=int(amount[self.market.micro[arc]].sum()),
            first_lent=int(amount[first].sum()),
            paid=int(portion(amount, self.market.paid[arc]).sum()),
            closing=cash - lent + back["repaid"] + back["recovered"] + back["guaranteed"],
            book=int(self.owed.sum()),
            places=self.crowd.by_place(self.project[firm], amount),
            **back,
        )

    def _offers(self, asking: Int, project: Int, cash: int) -> _Offers:
        """Allocate what there is among those that ask."""
        number = self.market.number[self.had[asking].astype(np.int64), project]
        problem, arcs = self.market.some(number, cash, self._out())
        if not len(arcs) or cash < problem.least.min():
            return _NOTHING
        try:
            found = assign(problem, gap=int(self.rule.gap), threads=1, warm=self.prices, quick=True)
        except (ConflictingLimitsError, UnprovedError):  # told as a period that stopped
            return _NOTHING._replace(stopped=1)
        self.prices = found.prices
        place = np.argsort(number)[problem.owner(found.arc)]
        worth = {"value": found.value, "bound": found.bound}
        return _Offers(place, arcs[found.arc], found.amount, **worth)

    def _out(self) -> Int:
        """Return what each product has lent and not got back, fen."""
        out = np.zeros(len(self.market.problem.capacity), np.int64)
        runs = self.arc != NO_LOAN
        np.add.at(out, self.market.problem.product[self.arc[runs]], self.owed[runs])
        return out

    def _lend(self, firm: Int, project: Int, arc: Int, amount: Int) -> None:
        self.arc[firm], self.project[firm], self.owed[firm] = arc, project, amount
        self.left[firm] = np.maximum(-(-self.market.term[arc] // self.rule.months), 1)
        self.had[firm] = True

    def _end(self, t: int, chance: Chance) -> dict[str, int]:
        """End a period: interest and costs, defaults, and what comes back."""
        market, months = self.market, self.rule.months
        firm = np.flatnonzero(self.arc != NO_LOAN)
        arc, owed, left = self.arc[firm], self.owed[firm], self.left[firm]
        pd = in_period(self.crowd.pd[self.project[firm]], months)
        risk = given_shock(pd, chance.shock[t], int(self.rule.correlation) / PPM)
        bad = chance.fate[t][firm] < risk
        paying = np.where(bad, 0, owed)
        interest = portion(paying, market.rate[arc]) * months // YEAR
        subsidy = portion(paying, market.subsidy[arc]) * months // YEAR
        costs = -(-portion(owed, market.costs[arc]) * months // YEAR)
        hole = np.where(bad, owed - portion(owed, PPM - market.lgd[arc]), 0)
        covered = portion(hole, market.cover[arc])
        due = owed // left if self.rule.repayment == "equal" else np.where(left == 1, owed, 0)
        repaid = np.where(bad, 0, np.where(left == 1, owed, due))
        self.owed[firm] = np.where(bad, 0, owed - repaid)
        self.left[firm] = left - 1
        self.failed[firm[bad]] = True
        self.arc[firm[self.owed[firm] == 0]] = NO_LOAN
        sums = {
            "repaid": repaid, "recovered": np.where(bad, owed - hole, 0), "guaranteed": covered,
            "lost": hole - covered, "defaults": bad, "interest": interest, "costs": costs,
            "subsidy": subsidy, "profit": interest - costs - (hole - covered),
        }  # fmt: skip
        return {name: int(values.sum()) for name, values in sums.items()}
