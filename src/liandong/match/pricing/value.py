"""What a yuan lent at a rate is worth: to the lender's owners, to the borrower, to policy."""

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.eligibility.applicants import Applicants
from liandong.match.eligibility.rules import Policy, QuoteRule
from liandong.match.pricing.costs import Costs
from liandong.types import PPM

Int = NDArray[np.int64]

MILLION_YUAN = 10**8
"""In fen."""
NO_RETURN = -1
"""Stands for the return on no capital at all."""


def raroc(costs: Costs, floor: Int, rate: Int, held: Int, hurdle: int) -> Int:
    """Return the yearly return on the capital that a yuan lent ties up, ppm, rounded down.

    Income less all costs but that of capital, over capital. At the floor rate it is the hurdle, so
    that it is the hurdle and what the rate brings beyond: hurdle + (1 - PD) (rate - floor) / K.

    Parameters
    ----------
    costs, floor, rate
        Of each pair; rates in ppm.
    held
        Capital of a yuan lent, 10^-12; where there is none, the return is NO_RETURN.
    hurdle
        Ppm.
    """
    beyond = (PPM - costs.pd) * (rate - floor)
    # Of 19 digits the product has room for six more only in two steps.
    whole, rest = np.divmod(beyond, np.maximum(held, 1))
    found = hurdle + whole * PPM + rest * PPM // np.maximum(held, 1)
    return np.where(held > 0, found, NO_RETURN)


def all_in(rate: Int, subsidy: Int, fee: Int) -> tuple[Int, Int]:
    """Return what the state takes over of a rate, and what the borrower pays in all, ppm.

    No more than the whole rate is taken over; the guarantor's fee is the borrower's to pay.
    """
    taken = np.minimum(subsidy, rate)
    return taken, rate - taken + fee


def worth(profit: Int, paid: Int, policy: Int, rule: QuoteRule) -> Int:
    """Return the value of a yuan, ppm: w1 surplus + w2 saving of the borrower + w3 policy.

    Each part is rounded down. The saving is the reference rate less what the borrower pays in all,
    0 at least: what costs him more than elsewhere takes nothing from the lender's surplus.
    """
    saving = np.maximum(rule.reference_rate - paid, 0)
    parts = (
        (rule.surplus_weight, profit), (rule.saving_weight, saving), (rule.policy_weight, policy),
    )  # fmt: skip
    return np.asarray(sum(weight * part // PPM for weight, part in parts))


def policy_worth(who: Applicants, rule: QuoteRule) -> Int:
    """Return what policy adds to a yuan lent to each project, ppm."""
    found = np.zeros(len(who.need), np.int64)
    for policy in rule.policies:
        found += np.where(_of(who, policy), _weighed(who, policy), 0)
    return found


def _of(who: Applicants, policy: Policy) -> NDArray[np.bool_]:
    """Tell which projects are of a policy; what is not known is not."""
    named = [pc.starts_with(who.industry, code) for code in policy.industries]
    named += [pc.match_substring(who.purpose, word) for word in policy.purposes]
    asked = [pc.fill_null(n, fill_value=False).to_numpy(zero_copy_only=False) for n in named]
    inside = np.any(asked, axis=0) if asked else np.ones(len(who.need), bool)
    if policy.technology:
        skilled = pc.fill_null(who.technology, fill_value=False)
        inside &= skilled.to_numpy(zero_copy_only=False)
    return np.asarray(inside)


def _weighed(who: Applicants, policy: Policy) -> Int:
    """Return the worth by jobs a million yuan asked for, up to the whole worth."""
    if not policy.jobs:
        return np.full(len(who.need), int(policy.worth))
    staff = np.maximum(who.staff, 0)
    # A staff of ten million times 1e8 fits; its worth is taken after the division.
    share = np.minimum(staff * MILLION_YUAN // who.need * PPM // policy.jobs, PPM)
    return share * policy.worth // PPM
