"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.eligibility.rules import Ban, Policy, QuoteRule
from liandong.match.eligibility.screening import Screening, Why
from liandong.match.joint.applications import PoolRule, pool
from liandong.match.joint.syndicate import SyndicateRule, syndicate
from liandong.match.pricing.capital import Capital, irb_weight
from liandong.match.pricing.price import Conditions, Price, price
from liandong.match.pricing.quote import quote
from liandong.match.supply.claims import ReceivablesRule
from liandong.match.supply.pledges import PledgeRule, pledge
from liandong.match.supply.receivables import receivables

__all__ = [
    "AllocateRule",
    "Ban",
    "Capital",
    "Conditions",
    "Group",
    "Limit",
    "PledgeRule",
    "Policy",
    "PoolRule",
    "Price",
    "QuoteRule",
    "ReceivablesRule",
    "Screening",
    "SyndicateRule",
    "Why",
    "allocate",
    "irb_weight",
    "pledge",
    "pool",
    "price",
    "quote",
    "receivables",
    "syndicate",
]
