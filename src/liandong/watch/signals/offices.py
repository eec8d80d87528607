"""T1, U1, H1: what tax offices, utilities and social security see of a firm's business."""

import numpy as np
import pyarrow.compute as pc

from liandong.watch.signals.facts import (
    Bool,
    Float,
    Int,
    Known,
    Verdict,
    last_month,
    month_end,
    month_of,
    monthly,
    ratio,
)
from liandong.watch.signals.rules import StaffDropRule, TaxDropRule, UtilityDropRule

QUARTER, YEAR = 3, 12
SECTOR_LETTERS = 3
"""Letters of an industry that name its division."""


def tax_drop(known: Known, rule: TaxDropRule) -> Verdict:
    """Judge T1: declared sales of the last three months that were due, against a year before."""
    last = last_month(known.number, rule.due_days)
    found = known.events("tax").tagged([rule.measure])
    course = monthly(known, found, last, YEAR + QUARTER)
    now, before = slice(YEAR, None), slice(0, QUARTER)
    whole = np.hstack([course.there[:, now], course.there[:, before]]).all(axis=1)
    sales, usual = course.value[:, now].sum(axis=1), course.value[:, before].sum(axis=1)
    due = np.array([month_end(m) + rule.due_days for m in range(last - QUARTER + 1, last + 1)])
    late = ~course.there[:, now] | (course.seen[:, now] > due)
    zero = course.there[:, now] & (course.value[:, now] == 0)
    first = np.full(known.count, last + 1)
    np.minimum.at(first, found.subject, month_of(found.day))
    bad = (late | zero).sum(axis=1)
    missed = (first <= last - QUARTER) & (bad >= rule.filings)
    said = Verdict(known, "T1", rule)
    share = ratio(sales, usual, np.asarray(whole))
    said.grade(share, ~np.isnan(share))
    said.lift(rule.filings_level, missed)
    said.say("watch.tax_drop", share * 100, ~np.isnan(share))
    said.say("watch.tax_filings", bad, missed)
    said.evidence = {"sales": sales, "year_before": usual, "zero_or_late": bad}
    return said


def utility_drop(known: Known, rule: UtilityDropRule) -> Verdict:
    """Judge U1: use of two months against the same months a year before, and supply cut off."""
    last = last_month(known.number, rule.due_days)
    course = monthly(known, known.events("utility").tagged([rule.measure]), last, YEAR + 2)
    sector = _sectors(known)
    shares = []
    for k in (YEAR, YEAR + 1):
        both = course.there[:, k] & course.there[:, k - YEAR] & known.firms
        share = ratio(course.value[:, k], course.value[:, k - YEAR], both)
        shares.append(share / _usual(share, sector, rule.sector_least))
    # Both months are below a threshold just when the larger one is.
    share = np.maximum(*shares)
    recent = known.events("utility", rule.recent_days)
    owing, cut = (known.counted(recent.tagged([t])) > 0 for t in ("arrears", "cut_off"))
    said = Verdict(known, "U1", rule)
    said.grade(share, ~np.isnan(share))
    said.lift("yellow", owing)
    said.lift("red", cut)
    said.say("watch.utility_drop", share * 100, ~np.isnan(share))
    said.say("watch.utility_arrears", 0, owing)
    said.say("watch.utility_cut", 0, cut)
    said.evidence = {
        "month": course.value[:, -1], "year_before": course.value[:, 1],
        "adjusted": shares[1], "adjusted_before": shares[0],
    }  # fmt: skip
    return said


def _sectors(known: Known) -> Int:
    """Return a number of each party's division of industry; -1 where it is not known."""
    code = pc.utf8_slice_codeunits(known.facts.party["industry"], 0, SECTOR_LETTERS)
    names = pc.drop_null(pc.unique(code))
    return np.asarray(pc.fill_null(pc.index_in(code, value_set=names), -1).to_numpy(), np.int64)


def _usual(share: Float, sector: Int, least: int) -> Float:
    """Return the median share of each party's sector; 1 where too few are known."""
    usual = np.ones(len(share))
    good = ~np.isnan(share) & (sector >= 0)
    for s in np.unique(sector[good]):
        mine = share[good & (sector == s)]
        middle = np.median(mine)
        if len(mine) >= least and middle > 0:
            usual[sector == s] = middle
    return usual


def staff_drop(known: Known, rule: StaffDropRule) -> Verdict:
    """Judge H1: insured staff against three months before, and arrears of social security."""
    last = last_month(known.number, rule.due_days)
    course = monthly(known, known.events("staff").tagged([rule.measure]), last, QUARTER + 1)
    now, before = course.value[:, -1], course.value[:, 0]
    judged: Bool = course.there[:, -1] & course.there[:, 0] & (before >= rule.least)
    fall = ratio(before - now, before, judged)
    months = known.counted(known.events("staff", rule.arrears_days).tagged(["arrears"]))
    owing = months >= rule.arrears
    said = Verdict(known, "H1", rule)
    said.grade(fall, judged, reach=True)
    said.lift("red", owing)
    said.say("watch.staff_drop", fall * 100, judged)
    said.say("watch.staff_arrears", months, owing)
    said.evidence = {"staff": now, "before": before, "arrears": months}
    return said
