"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.eligibility.rules import Ban, QuoteRule
from liandong.match.factors.exchange import ExchangeRule, exchange
from liandong.match.pricing.quote import quote
from liandong.match.stable.stable import Seats, StableRule, stable

__all__ = [
    "AllocateRule",
    "Ban",
    "ExchangeRule",
    "Group",
    "Limit",
    "QuoteRule",
    "Seats",
    "StableRule",
    "allocate",
    "exchange",
    "quote",
    "stable",
]
