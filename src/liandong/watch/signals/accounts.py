"""A1: money that no longer comes in, and money that only passes through."""

import numpy as np

from liandong.kernels.money.arriving import over_night, passed_through
from liandong.watch.signals.calendar import DAY
from liandong.watch.signals.facts import Bool, Int, Known, Verdict, ratio
from liandong.watch.signals.rules import AccountUseRule

HOUR = DAY // 24


def account_use(known: Known, rule: AccountUseRule) -> Verdict:
    """Judge A1: inflow against that of the days before, and what stays over night."""
    now, before = _inflow(known, rule)
    share = ratio(now, before, _long_enough(known, 2 * rule.days))
    came, through, stayed = _passing(known, rule)
    passed, held = ratio(through, came, came > 0), ratio(stayed, came, came > 0)
    thin = (passed > int(rule.through) / 1e6) & (held < int(rule.balance) / 1e6)
    said = Verdict(known, "A1", rule)
    said.grade(share, ~np.isnan(share))
    said.lift(rule.through_level, thin)
    said.say("watch.inflow", share * 100, ~np.isnan(share))
    said.say("watch.passes_through", passed * 100, thin)
    said.evidence = {
        "inflow": now, "inflow_before": before, "passed_through": passed, "over_night": held,
    }  # fmt: skip
    return said


def _inflow(known: Known, rule: AccountUseRule) -> tuple[Int, Int]:
    """Return what came in within the last days, and within as many before them."""
    both = known.events("payment_in", 2 * rule.days).tagged(rule.tags)
    recent = both.at > known.end - rule.days * DAY
    return known.summed(both.where(recent)), known.summed(both.where(~recent))


def _long_enough(known: Known, days: int) -> Bool:
    """Tell who was paid something already before the days that are compared."""
    first = np.full(known.count, 2**62)
    found = known.events("payment_in")
    np.minimum.at(first, found.subject, found.at)
    return first <= known.end - days * DAY


def _passing(known: Known, rule: AccountUseRule) -> tuple[Int, Int, Int]:
    """Return what came in, what of it went out in time, and the mean of what stays over night.

    What lies in the account all the time is not in use: balances count above the lowest one.
    """
    paid = [known.events(k, rule.through_days) for k in ("payment_in", "payment_out")]
    subject, at, day = (
        np.concatenate([getattr(p, n) for p in paid]) for n in ("subject", "at", "day")
    )
    amount = np.concatenate([paid[0].amount, -paid[1].amount])
    # What comes in at the very moment can go out at it.
    order = np.lexsort((amount < 0, at, subject))
    begin = np.searchsorted(subject[order], np.arange(known.count + 1))
    through = passed_through(begin, at[order], amount[order], rule.hours * HOUR)
    night = day - (known.number - rule.through_days + 1)
    stayed = over_night(begin, night[order], amount[order], rule.through_days)
    return known.summed(paid[0]), through, stayed // rule.through_days
