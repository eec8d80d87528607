"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.eligibility.rules import Ban, Policy, QuoteRule
from liandong.match.eligibility.screening import Screening, Why
from liandong.match.pricing.capital import Capital, irb_weight
from liandong.match.pricing.price import Price, price
from liandong.match.pricing.quote import quote

__all__ = [
    "AllocateRule",
    "Ban",
    "Capital",
    "Group",
    "Limit",
    "Policy",
    "Price",
    "QuoteRule",
    "Screening",
    "Why",
    "allocate",
    "irb_weight",
    "price",
    "quote",
]
