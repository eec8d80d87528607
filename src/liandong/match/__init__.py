"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.explain import ExplainRule, explain
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.allocation.scenario import CapacityChange, ExploreRule, explore
from liandong.match.eligibility.rules import Ban, QuoteRule
from liandong.match.factors.exchange import ExchangeRule, exchange
from liandong.match.joint.applications import PoolRule, pool
from liandong.match.joint.syndicate import SyndicateRule, syndicate
from liandong.match.pricing.quote import quote
from liandong.match.rolling.decisions import decide
from liandong.match.rolling.posted import bid_prices
from liandong.match.rolling.rules import RollingRule
from liandong.match.stable.stable import Seats, StableRule, stable
from liandong.match.supply.claims import ReceivablesRule
from liandong.match.supply.pledges import PledgeRule, pledge
from liandong.match.supply.receivables import receivables

__all__ = [
    "AllocateRule",
    "Ban",
    "CapacityChange",
    "ExchangeRule",
    "ExplainRule",
    "ExploreRule",
    "Group",
    "Limit",
    "PledgeRule",
    "PoolRule",
    "QuoteRule",
    "ReceivablesRule",
    "RollingRule",
    "Seats",
    "StableRule",
    "SyndicateRule",
    "allocate",
    "bid_prices",
    "decide",
    "exchange",
    "explain",
    "explore",
    "pledge",
    "pool",
    "quote",
    "receivables",
    "stable",
    "syndicate",
]
