"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.eligibility.rules import Ban, QuoteRule
from liandong.match.factors.dispatching import dispatch
from liandong.match.factors.exchange import ExchangeRule, exchange
from liandong.match.factors.locate import locate
from liandong.match.factors.rules import DispatchRule, LocateRule
from liandong.match.joint.applications import PoolRule, pool
from liandong.match.joint.syndicate import SyndicateRule, syndicate
from liandong.match.pricing.quote import quote
from liandong.match.stable.stable import Seats, StableRule, stable

__all__ = [
    "AllocateRule",
    "Ban",
    "DispatchRule",
    "ExchangeRule",
    "Group",
    "Limit",
    "LocateRule",
    "PoolRule",
    "QuoteRule",
    "Seats",
    "StableRule",
    "SyndicateRule",
    "allocate",
    "dispatch",
    "exchange",
    "locate",
    "pool",
    "quote",
    "stable",
    "syndicate",
]
