"""L1, J1, R1: loans past due, courts, and the register of companies."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.watch.signals.calendar import local_days
from liandong.watch.signals.facts import (
    Bool,
    Events,
    Float,
    Int,
    Known,
    Verdict,
    month_of,
    ratio,
)
from liandong.watch.signals.rules import JudicialRule, OverdueRule, RegistryRule

INSTALMENTS = ("interest", "repayment")
YEAR = 365


def overdue(known: Known, rule: OverdueRule) -> Verdict:
    """Judge L1: days past due of running loans, as their payments or the lender tell."""
    own, never = _days_past_due(known, rule)
    told = _told_overdue(known)
    days = np.maximum(own, told)
    first = never & (own >= 1)
    busy = _used_up(known, rule)
    asked = known.counted(known.events("enquiry", rule.enquiry_days))
    many = asked >= rule.enquiries
    said = Verdict(known, "L1", rule)
    said.grade(days.astype(np.float64), days >= 0, reach=True)
    said.lift(rule.first_level, first)
    said.lift("yellow", busy | many)
    said.say("watch.overdue", days, days >= 0)
    said.say("watch.first_payment", 0, first)
    said.say("watch.utilisation", 0, busy)
    said.say("watch.enquiries", asked, many)
    said.evidence = {"days_past_due": days, "enquiries": asked}
    return said


def _days_past_due(known: Known, rule: OverdueRule) -> tuple[Int, Bool]:
    """Return the most days past due of each party's loans by their payments; -1 without a loan.

    Only loans are judged whose paying out is among the transfers. A payment settles what was due
    up to ``early_days`` after it, as interest of every month does; the next due day is open.

    Returns
    -------
    tuple
        The days, and whether nothing was ever paid on some loan of the party.
    """
    loan, flow = known.facts.tables["loan"], known.facts.payments
    day = local_days(flow["at"].cast(pa.int64()).to_numpy(), known.facts.zone)
    place = pc.fill_null(pc.index_in(flow["loan_id"], value_set=loan["loan_id"]), -1).to_numpy()
    ours = (place >= 0) & (day <= known.number)
    kind = np.array(flow["kind"].to_pylist(), dtype=object)
    out = ours & (kind == "disbursement")
    paid = ours & np.isin(kind.astype(str), INSTALMENTS)
    begun, last = np.full((2, len(loan)), -1)
    begun[place[out]] = 0
    np.maximum.at(last, place[paid], day[paid])
    back = np.zeros(len(loan), np.int64)
    returned = paid & (kind == "repayment")
    np.add.at(back, place[returned], flow["amount"].to_numpy()[returned])
    start = loan["start"].cast(pa.int32()).to_numpy().astype(np.int64)
    settled = np.where(last >= 0, last + rule.early_days, last)
    due = _first_due(month_of(start), settled, rule.due_day)
    final = month_of(start) + loan["term_months"].to_numpy()
    running = (begun == 0) & (start <= known.number) & (back < loan["amount"].to_numpy())
    late = running & (month_of(due) <= final)
    party = known.facts.places(loan["party_id"])
    days, never = np.full(known.count, -1), np.zeros(known.count, bool)
    judged = running & (party >= 0)
    np.maximum.at(days, party[judged], np.where(late, np.maximum(known.number - due, 0), 0)[judged])
    never[party[judged & late & (last < 0)]] = True
    return days, never


def _first_due(start: Int, settled: Int, due_day: int) -> Int:
    """Return the first day on which something was due and not yet paid.

    Parameters
    ----------
    start
        Month in which each loan was paid out.
    settled
        Day up to which its payments count, -1 for none.
    due_day
        Day of the month.
    """
    month = np.maximum(start + 1, np.where(settled >= 0, month_of(settled), 0))

    def due(month: Int) -> Int:
        first: Int = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        return first + due_day - 1

    return np.where(due(month) > settled, due(month), due(month + 1))


def _told_overdue(known: Known) -> Int:
    """Return days past due that lenders told, counted on until they tell of none; -1 for none."""
    found = known.events("overdue")
    days = np.full(known.count, -1)
    # Events are in order of time: the last one of a party counts.
    told = found.amount + np.where(found.amount > 0, known.number - found.day, 0)
    days[found.subject] = told
    return days


def _used_up(known: Known, rule: OverdueRule) -> Bool:
    """Tell whose credit line was nearly used up for all of the days before."""
    found = known.events("utilisation")
    begin = known.number - rule.utilisation_days
    low = found.where(found.amount <= int(rule.utilisation))
    first, last_low = np.full(known.count, 2**31), np.full(known.count, -1)
    np.minimum.at(first, found.subject, found.day)
    # What was told holds until something else is told: a low use ends with the next event.
    after = _next_day(found)
    np.maximum.at(last_low, low.subject, after[found.amount <= int(rule.utilisation)])
    return (first <= begin) & (last_low <= begin)


def _next_day(found: Events) -> Int:
    """Return the day of the next event of the same party; a day that never comes for the last."""
    after = np.full(len(found.day), 2**31)
    order = np.argsort(found.subject, kind="stable")
    same = found.subject[order][1:] == found.subject[order][:-1]
    after[order[:-1][same]] = found.day[order[1:][same]]
    return after


def judicial(known: Known, rule: JudicialRule) -> Verdict:
    """Judge J1: new cases against a year's sales; enforcement, frozen equity, lists of debtors."""
    case = known.events("lawsuit", rule.case_days).tagged([None, *rule.disputes])
    claimed, sales = known.summed(case), _yearly_sales(known)
    share = np.where(claimed > 0, ratio(claimed, sales, sales > 0), 0.0)
    forced, frozen, listed = (
        known.counted(known.events(kind, rule.standing_days)) > 0
        for kind in ("enforcement", "equity_freeze", "listing")
    )
    judged = ~np.isnan(share)
    said = Verdict(known, "J1", rule)
    said.grade(share, judged)
    said.lift("yellow", frozen)
    said.lift("orange", forced)
    said.lift("red", listed)
    said.say("watch.cases", share * 100, judged)
    said.say("watch.equity_freeze", 0, frozen)
    said.say("watch.enforcement", 0, forced)
    said.say("watch.debtor_list", 0, listed)
    said.evidence = {"claimed": claimed, "yearly_sales": sales}
    return said


def _yearly_sales(known: Known) -> Int:
    """Return what was invoiced within a year; where nothing was, the revenue on record."""
    invoiced = known.summed(known.events("invoice", YEAR).tagged(["valid", "red"]))
    record = pc.fill_null(known.facts.party["annual_revenue"], 0).to_numpy()
    return np.where(invoiced > 0, invoiced, record)


def registry(known: Known, rule: RegistryRule) -> Verdict:
    """Judge R1: recent changes in the register, and penalties, by their weights."""
    found = known.events("registry", rule.days)
    points = np.zeros(known.count, np.int64)
    np.add.at(points, found.subject, found.by_tag(rule.weights))
    fined = known.counted(known.events("penalty", rule.days))
    points += fined * rule.weights.get("penalty", 0)
    value: Float = points.astype(np.float64)
    judged = known.firms
    said = Verdict(known, "R1", rule)
    said.grade(value, judged, reach=True)
    said.say("watch.registry", points, judged)
    said.evidence = {"weight": points, "penalties": fined}
    return said
