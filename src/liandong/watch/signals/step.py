"""The step that judges all signals of single parties at one moment or many."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import empty
from liandong.step import Tables, concat, fold
from liandong.step.totals import refuse_large, size
from liandong.types import end_of_day
from liandong.watch.signals.accounts import account_use
from liandong.watch.signals.calendar import zone_of
from liandong.watch.signals.facts import Bool, Facts, Known, Verdict
from liandong.watch.signals.funds import (
    circulated,
    circulation,
    fund_return,
    read_transfers,
    returned,
)
from liandong.watch.signals.graded import named
from liandong.watch.signals.guarantees import guarantees
from liandong.watch.signals.offices import staff_drop, tax_drop, utility_drop
from liandong.watch.signals.rules import SignalsRule
from liandong.watch.signals.trade import customers, invoice_change
from liandong.watch.signals.troubles import judicial, overdue, registry

KINDS = (
    "default", "enforcement", "enquiry", "equity_freeze", "invoice", "lawsuit", "listing",
    "overdue", "payment_in", "payment_out", "penalty", "registry", "staff", "tax", "utility",
    "utilisation",
)  # fmt: skip
"""Kinds of events that signals look at."""
ORANGE = 2

_ALONE: dict[str, Callable[[Known, Any], Verdict]] = {
    "T1": tax_drop, "T2": invoice_change, "L1": overdue, "J1": judicial, "U1": utility_drop,
    "H1": staff_drop, "G1": guarantees, "A1": account_use, "R1": registry,
}  # fmt: skip


def _known(tables: Tables, rule: SignalsRule) -> Tables:
    """Keep what signals look at and what was known on the last day."""
    event, flow = tables["watch_event"], tables["flow"]
    end = pa.scalar(end_of_day(rule.as_of, zone_of(rule.zone)), pa.int64())
    end = end.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    told = pc.and_(pc.less_equal(event["seen_at"], end), pc.less_equal(event["at"], end))
    looked = pc.is_in(event["kind"], value_set=pa.array(KINDS))
    moved = flow.filter(pc.less_equal(flow["at"], end))
    return {"watch_event": event.filter(pc.and_(told, looked)), "flow": moved}


@fold(
    reads=("watch_event", "party", "flow", "loan", "bank_account", "edge"),
    writes=("warning", "rule"),
    split=("watch_event", "flow"),
    rule=SignalsRule,
    partial=_known,
    merge=concat,
    part=("as_of",),
)
def signals(tables: Tables, rule: SignalsRule) -> Tables:
    """Judge the early-warning signals of all parties at moments, from what was known by then.

    T1 declared sales, T2 invoices, L1 payments past due, J1 courts, U1 utilities, H1 staff, C1
    customers in trouble, G1 chains of guarantees, F1 loan money that returns, F2 loan money that
    lies idle, A1 use of accounts, R1 the register of companies. Judged are the firms and
    cooperatives of the board that are in being and of whom there is something to judge by.

    A warning holds at the last microsecond of its day in the rule's time zone; nothing that
    happened or was seen later is looked at. It names the id of the rule of its signal, which is
    written to the table ``rule``. Running it again for a day replaces the warnings of that run.

    Raises
    ------
    DataError
        If amounts are too large to be added up.
    """
    total = float(size(pc.fill_null(tables["watch_event"]["amount"], 0))["total"][0].as_py())
    # Balances are added up night by night.
    refuse_large(total * rule.a1.through_days, "watch_event")
    facts = Facts(tables, rule.zone)
    transfers = read_transfers(facts, rule.f2.uses)
    works: dict[str, Callable[[Known, Any], Verdict]] = {
        **_ALONE,
        "F1": partial(fund_return, found=returned(facts, transfers, rule.f1)),
        "F2": partial(circulation, found=circulated(facts, transfers, rule.f2)),
    }
    found = [
        verdict.rows(quiet=rule.quiet)
        for day in rule.days()
        for verdict in _judged(facts.on(day), rule, works, day)
    ]
    warning = pa.concat_tables([empty("warning"), *found])
    rules = [rule.section(code) for code in (*works, "C1")]
    return {"warning": warning, "rule": named(warning, rules)}


def _judged(
    known: Known, rule: SignalsRule, works: dict[str, Callable[[Known, Any], Verdict]], day: date
) -> Iterator[Verdict]:
    """Yield what each signal says on a day; last what customers mean, who must be judged before."""
    troubled: Bool = known.ever("default")
    for code, work in works.items():
        if rule.judged(code, day):
            verdict = work(known, rule.section(code))
            troubled |= verdict.level >= ORANGE
            yield verdict
    if rule.judged("C1", day):
        yield customers(known, rule.c1, troubled)
