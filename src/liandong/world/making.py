"""Making a world: every table of it, in the order of work."""

from collections.abc import Callable

import pyarrow as pa

from liandong.world import (
    dataassets,
    exchanges,
    needs,
    payments,
    procurement,
    projects,
    rails,
    river,
    spending,
)
from liandong.world.accounts import bank_account_table, opening_balances
from liandong.world.agreements import base_amount_table
from liandong.world.balance import Business, balance_signals
from liandong.world.computing import hub_hour_table, hub_table, job_table
from liandong.world.consents import consent_table
from liandong.world.credit import loan_table
from liandong.world.economy import Economy
from liandong.world.events import event_table
from liandong.world.joint import participation_table
from liandong.world.notices import notice_table
from liandong.world.offices import customs_signals, tax_signals
from liandong.world.places import place_table
from liandong.world.quota import quota_table
from liandong.world.regions import region_table
from liandong.world.reports import case_report_table
from liandong.world.rule import WorldRule
from liandong.world.signals import court_signals
from liandong.world.splits import split_facts
from liandong.world.trade import invoice_table
from liandong.world.truth import decliners, rings, truth_table

Progress = Callable[[str, int, int], None]
"""Called with a stage, how many are done, and how many there are."""


def make(
    rule: WorldRule | None = None, *, progress: Progress | None = None, **params: object
) -> dict[str, pa.Table]:
    """Make a synthetic regional economy.

    Parameters
    ----------
    rule
        What to make; otherwise one is made of ``params`` and the defaults of :class:`WorldRule`.
    progress
        Told the table at work, the number of tables done, and the number of tables.

    Returns
    -------
    dict
        Tables in the shape of the schema by name, and ``truth``: what was planted. The same rule
        gives the same bytes.

    Raises
    ------
    UsageError
        If a parameter is unknown or out of range.

    Examples
    --------
    >>> from liandong import world
    >>> tables = world.make(firms=100, months=12)
    >>> sorted(tables)[:4]
    ['bank_account', 'bid', 'churn', 'edge']
    """
    economy = Economy(rule if rule is not None else WorldRule.make(**params))
    tables: dict[str, pa.Table] = {}
    for done, (name, build) in enumerate(TABLES.items()):
        if progress:
            progress(name, done, len(TABLES))
        tables[name] = build(economy)
    if progress:
        progress("truth", len(TABLES), len(TABLES))
    return tables


def _invoices(e: Economy) -> pa.Table:
    parts = [invoice_table(e.invoices, e.cast), e.circles.table(e.cast)]
    return pa.concat_tables(parts).combine_chunks()


def _signals(e: Economy) -> pa.Table:
    courts = court_signals(e.events, e.cast, e.months)
    due = payments.taxes_due(e.firms, e.traded, e.months)
    taxes = tax_signals(e.offices, due, e.cast, e.months, e.rng["taxes"])
    customs = customs_signals(e.firms, e.traded.sales, e.cast, e.months, e.rng["customs"])
    invented = e.inventions.table(e.offices, e.cast, e.months)
    known = Business(e.links, e.workforce, e.loans, e.failures, e.traded)
    owned = balance_signals(e.firms, e.plan, known, e.cast, e.months, e.rng["balance"])
    every = [e.offices, courts, taxes, customs, invented, owned]
    return pa.concat_tables(every).combine_chunks()


def _bank_accounts(e: Economy) -> pa.Table:
    rng, net = e.rng["opening"], e.money.flows.net(len(e.accounts), e.months)
    opening = opening_balances(e.accounts, e.firms, net, rng)
    return bank_account_table(e.accounts, e.firms, e.cast, opening, rng)


def _truth(e: Economy) -> pa.Table:
    facts = [
        *e.money.facts, *rings(e.plan, e.loans, e.cast), *decliners(e.plan, e.months, e.cast),
        *e.tenders.facts, *e.inventions.facts(e.cast, e.months),
        *split_facts(e.wishes, e.projects["project_id"].slice(len(e.asked_alone)).to_pylist()),
        *e.paper.facts, *e.circles.facts(e.cast), *e.listing.facts, *needs.facts(e),
        *e.structure.facts(int(e.months.first[0])), *exchanges.facts(e),
        *e.spending.facts, *e.procurement.facts, *river.facts(e.months), *e.holdings.facts,
    ]  # fmt: skip
    return truth_table(facts, e.money.flows)


TABLES: dict[str, Callable[[Economy], pa.Table]] = {
    "region": lambda _: region_table(),
    "region_stat": exchanges.region_stats,
    "place": lambda e: place_table(e.rng["places"]),
    "hub": lambda _: hub_table(),
    "hub_hour": lambda e: hub_hour_table(e.months),
    "job": lambda e: job_table(e.months, e.rng["compute"]),
    "party": lambda e: e.parties,
    "edge": lambda e: e.edges,
    "invoice": _invoices,
    "event": lambda e: event_table(e.events, e.loans.ids, e.cast),
    "signal": _signals,
    "flow": lambda e: e.money.flows.table(e.accounts.ids, e.loans.ids),
    "bank_account": _bank_accounts,
    "loan": lambda e: loan_table(e.loans, e.failures, e.accounts.ids, e.cast, e.months),
    "project": lambda e: e.projects,
    "product": lambda e: e.products,
    "participation": lambda e: participation_table(e.products, e.cast, e.months),
    "criterion": lambda _: projects.criterion_table(),
    "churn": lambda _: projects.churn_table(),
    "bid": lambda e: e.tenders.bids,
    "consent": lambda e: consent_table(e.projects["party_id"], e.cast, e.months, e.rng["consents"]),
    "voucher_act": lambda e: e.paper.table(),
    "quota_order": lambda e: quota_table(e.cast, e.months, e.rng["quota"]),
    "base_amount": lambda e: base_amount_table(e.months, e.rng["agreements"]),
    "water_section": lambda _: river.section_table(),
    "water_base": lambda e: river.base_table(e.months),
    "water_sample": lambda e: river.sample_table(e.months, e.rng["river"]),
    "case_report": lambda e: case_report_table(e.months, e.rng["reports"]),
    "watchlist": lambda e: e.listing.table,
    "watch_event": lambda e: notice_table(
        e.firms, e.loans, e.failures, e.cast, e.months, e.rng["notices"]
    ),
    **rails.TABLES,
    **needs.TABLES,
    "region_output": lambda e: e.structure.table(),
    **exchanges.TABLES,
    **spending.TABLES,
    **procurement.TABLES,
    **dataassets.TABLES,
    "truth": _truth,
}
"""How each table is made, in the order of work."""
