"""A world as values that follow from each other, each drawn from a generator of its own topic."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.world import lending, needs, payments, projects, schemes
from liandong.world.accounts import Accounts, open_accounts
from liandong.world.activity import after_stop, courses
from liandong.world.arrays import Floats
from liandong.world.circles import Circles, draw_circles
from liandong.world.credit import Failures, Loans, draw_failures, draw_loans
from liandong.world.dataassets import Holdings, draw_holdings
from liandong.world.events import Events, draw_events
from liandong.world.firms import Cast, Firms, draw_firms, party_table
from liandong.world.invention import Inventions, draw_inventions
from liandong.world.joint import joint_fund
from liandong.world.journal import Flows, Journal
from liandong.world.listing import Listing, draw_listing
from liandong.world.months import Months
from liandong.world.offices import draw_sanctions
from liandong.world.paper import Desk, draw_vouchers
from liandong.world.plan import Plan, draw_plan
from liandong.world.procurement import Procured, draw_procurement
from liandong.world.rule import WorldRule, planted_count
from liandong.world.signals import Workforce, draw_workforce, office_signals
from liandong.world.spending import Spent, draw_spending
from liandong.world.splits import Wishes, draw_splits
from liandong.world.structure import Structure, draw_structure
from liandong.world.tenders import draw_bids
from liandong.world.ties import Owners, draw_owners, edge_table
from liandong.world.trade import (
    Invoices,
    Links,
    draw_invoices,
    draw_links,
    firm_months,
    pulled,
)
from liandong.world.truth import Fact


class _Money(NamedTuple):
    flows: Flows
    facts: list[Fact]


class _Tenders(NamedTuple):
    bids: pa.Table
    facts: list[Fact]


class Economy:
    """Everything there is in a world; each part is made when it is first asked for.

    No two parts share a generator, so the order of asking changes nothing.
    """

    def __init__(self, rule: WorldRule) -> None:
        self.rule = rule
        self.months = Months(rule.start, rule.months)
        self.rng = rule.streams()

    @cached_property
    def firms(self) -> Firms:
        """The firms."""
        return draw_firms(self.rule.firms, self.months, self.rng["firms"])

    @cached_property
    def plan(self) -> Plan:
        """Who plays which hidden part."""
        return draw_plan(self.rule, self.firms, self.months, self.rng["plan"])

    @cached_property
    def asked(self) -> Loans:
        """All loans that would be made if nobody failed."""
        return draw_loans(self.rule, self.firms, self.plan, self.months, self.rng["loans"])

    @cached_property
    def intended(self) -> schemes.Schemes:
        """Which of the asked loans go astray."""
        rng = self.rng["schemes"]
        return schemes.draw_schemes(self.rule, self.asked, self.plan, self.months, rng)

    @cached_property
    def owners(self) -> Owners:
        """Who owns the firms."""
        groups = self.intended.groups(self.asked, self.plan)
        return draw_owners(len(self.firms), groups, self.rng["owners"])

    @cached_property
    def cast(self) -> Cast:
        """All parties by number."""
        return Cast(len(self.firms), self.owners.persons)

    @cached_property
    def links(self) -> Links:
        """Who supplies whom."""
        return draw_links(self.firms, self.cast, self.plan, self.rng["links"])

    @cached_property
    def intended_course(self) -> Floats:
        """How each firm's business would go if nobody failed."""
        return courses(len(self.firms), self.months, self.plan, self.rng["activity"])

    @cached_property
    def failures(self) -> Failures:
        """Who fails, and when."""
        sales = pulled(self.links, self.intended_course)
        own = firm_months(self.links.seller, sales, len(self.firms))
        return draw_failures(
            self.rule, self.firms, self.asked, self.intended.diverted, own, self.links,
            self.rng["failures"],
        )  # fmt: skip

    @cached_property
    def course(self) -> Floats:
        """How each firm's business went."""
        left = after_stop(self.failures.stop, self.failures.closed, self.months.count)
        return np.asarray(self.intended_course * left)

    @cached_property
    def loans(self) -> Loans:
        """The loans made: none to those who had failed."""
        return self.asked.take(self.asked.month < self.failures.stop[self.asked.firm])

    @cached_property
    def schemes(self) -> schemes.Schemes:
        """The loans made that go astray."""
        kept = self.asked.month < self.failures.stop[self.asked.firm]
        return self.intended.renumbered(np.cumsum(kept) - 1)

    @cached_property
    def invoices(self) -> Invoices:
        """All invoices."""
        return draw_invoices(self.links, self.firms, self.course, self.months, self.rng["invoices"])

    @cached_property
    def circles(self) -> Circles:
        """Invoices of trade that runs in a circle, beside all others."""
        count = planted_count(self.rule.circular_trades, len(self.firms))
        return draw_circles(
            count, self.firms, self.plan, self.failures, self.months, len(self.invoices.net),
            self.rng["circles"],
        )  # fmt: skip

    @cached_property
    def hung(self) -> needs.Hung:
        """Who hangs on whom."""
        return needs.draw(self)

    @cached_property
    def paper(self) -> Desk:
        """Vouchers on invoices, and the facts among them."""
        count = planted_count(self.rule.double_pledges, len(self.firms))
        rng = self.rng["vouchers"]
        return draw_vouchers(count, self.invoices, self.failures, self.cast, self.months, rng)

    @cached_property
    def traded(self) -> payments.Turnover:
        """What the invoices add up to."""
        return payments.turnover(self.invoices, len(self.firms), self.months.count)

    @cached_property
    def workforce(self) -> Workforce:
        """Who works where."""
        return draw_workforce(self.firms, self.links, self.course, self.plan, self.rng["workforce"])

    @cached_property
    def events(self) -> Events:
        """Defaults and other trouble."""
        found = draw_events(self.firms, self.loans, self.failures, self.months, self.rng["events"])
        return draw_sanctions(found, self.owners, self.cast, self.months, self.rng["sanctions"])

    @cached_property
    def accounts(self) -> Accounts:
        """Everybody's bank accounts."""
        investors = self.schemes.investors(self.loans)
        return open_accounts(self.firms, self.cast, investors, self.rng["accounts"])

    @cached_property
    def money(self) -> _Money:
        """All transfers, and the facts they were planted for."""
        journal = Journal()
        self._everyday(journal)
        rng, loans, accounts, cast = self.rng["lending"], self.loans, self.accounts, self.cast
        paid = lending.disburse(journal, loans, accounts, rng)
        lending.repay(journal, loans, self.failures, accounts, self.months, rng)
        rng, planned = self.rng["planted"], self.schemes
        facts = [
            *schemes.divert(journal, planned, loans, paid, accounts, cast, rng),
            *schemes.send_round(journal, planned, loans, paid, cast, rng),
            *schemes.pass_through(journal, self.plan, cast, self.months, rng),
        ]
        return _Money(journal.close(), facts)

    def _everyday(self, journal: Journal) -> None:
        firms, accounts, months, rng = self.firms, self.accounts, self.months, self.rng["payments"]
        payments.pay_invoices(journal, self.invoices, accounts, self.failures, months, rng)
        wages = payments.pay_wages(journal, firms, self.workforce.insured, accounts, months, rng)
        taxes = payments.pay_taxes(journal, firms, self.traded, accounts, months, rng)
        surplus = (self.traded.sales - self.traded.purchases).astype(np.int64) - wages - taxes
        payments.withdraw(journal, firms, surplus, self.plan.shells, accounts, months, rng)
        payments.pay_fees(journal, firms, accounts, months, rng)
        payments.save(journal, firms, accounts, months, rng)
        payments.buy_property(journal, firms, accounts, months, rng)
        payments.settle_with_relatives(journal, firms, self.owners.person, months, rng)

    @cached_property
    def offices(self) -> pa.Table:
        """What offices know of the firms."""
        return office_signals(
            self.firms, self.plan, self.course, self.workforce.insured, self.traded, self.cast,
            self.months, self.rng["signals"],
        )  # fmt: skip

    @cached_property
    def inventions(self) -> Inventions:
        """What inventive firms invent."""
        return draw_inventions(
            self.offices, self.firms, self.traded.sales / 100, self.workforce.insured,
            self.rule.invention, self.cast, self.months, self.rng["invention"],
        )  # fmt: skip

    @cached_property
    def parties(self) -> pa.Table:
        """All parties."""
        return party_table(self.firms, self.workforce.reported, self.cast, self.rng["names"])

    @cached_property
    def listing(self) -> Listing:
        """Negative lists."""
        count = planted_count(self.rule.listed, len(self.firms))
        rng = self.rng["lists"]
        return draw_listing(count, self.firms, self.plan, self.parties, self.months, rng)

    @cached_property
    def edges(self) -> pa.Table:
        """All ties."""
        return edge_table(
            self.firms, self.owners, self.links, self.loans, self.plan, self.cast, self.rng["ties"]
        )

    @cached_property
    def asked_alone(self) -> pa.Table:
        """What firms ask for on the last day, each on its own."""
        return projects.project_table(
            self.rule, self.firms, self.failures, self.cast, self.months, self.rng["projects"]
        )

    @cached_property
    def wishes(self) -> Wishes:
        """Applications that are split, and those that look like it."""
        still = pa.array(np.flatnonzero(self.failures.closed >= self.months.count))
        ids, asking = self.cast.ids.take(still), self.asked_alone["party_id"]
        free = ids.filter(pc.invert(pc.is_in(ids, value_set=asking)))
        count = planted_count(self.rule.splits, len(self.firms))
        return draw_splits(count, self.edges, free, self.months.end, self.rng["splits"])

    @cached_property
    def projects(self) -> pa.Table:
        """All that is asked for."""
        before = len(self.asked_alone)
        further = projects.further_projects(self.wishes, self.firms, self.cast, before)
        return pa.concat_tables([self.asked_alone, further]).combine_chunks()

    @cached_property
    def products(self) -> pa.Table:
        """What lenders offer."""
        need = pc.sum(self.asked_alone["need"]).as_py()
        alone = projects.product_table(need, self.cast, self.rng["products"])
        return joint_fund(need, alone, self.cast)

    @cached_property
    def structure(self) -> Structure:
        """What provinces made in the years before."""
        return draw_structure(self.rule.start.year, self.rng["structure"])

    @cached_property
    def tenders(self) -> _Tenders:
        """Bids, and the facts among them."""
        rng = self.rng["tenders"]
        return _Tenders(*draw_bids(self.firms, self.plan, self.owners, self.cast, self.months, rng))

    @cached_property
    def spending(self) -> Spent:
        """What governments spend, and the cases among it."""
        return draw_spending(self)

    @cached_property
    def procurement(self) -> Procured:
        """What governments buy by tender, and the cases among it."""
        return draw_procurement(self)

    @cached_property
    def holdings(self) -> Holdings:
        """Data assets of firms, and the cases among them."""
        return draw_holdings(self)
