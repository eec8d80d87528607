"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.explain import ExplainRule, explain
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.allocation.scenario import CapacityChange, ExploreRule, explore
from liandong.match.data.cover import DataCoverRule, data_cover
from liandong.match.data.limit import DataLimitRule, data_limit
from liandong.match.data.pledge import DataPledgeRule, data_pledge
from liandong.match.data.value import DataValueRule, data_value
from liandong.match.eligibility.rules import Ban, Policy, QuoteRule
from liandong.match.eligibility.screening import Screening, Why
from liandong.match.experiment.experiment import experiment
from liandong.match.experiment.rules import Arm, ExperimentRule, TermsChange
from liandong.match.factors.dispatching import dispatch
from liandong.match.factors.exchange import ExchangeRule, exchange
from liandong.match.factors.locate import locate
from liandong.match.factors.rules import DispatchRule, LocateRule
from liandong.match.joint.applications import PoolRule, pool
from liandong.match.joint.syndicate import SyndicateRule, syndicate
from liandong.match.pricing.capital import Capital, irb_weight
from liandong.match.pricing.price import Conditions, Price, price
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
    "Arm",
    "Ban",
    "CapacityChange",
    "Capital",
    "Conditions",
    "DataCoverRule",
    "DataLimitRule",
    "DataPledgeRule",
    "DataValueRule",
    "DispatchRule",
    "ExchangeRule",
    "ExperimentRule",
    "ExplainRule",
    "ExploreRule",
    "Group",
    "Limit",
    "LocateRule",
    "PledgeRule",
    "Policy",
    "PoolRule",
    "Price",
    "QuoteRule",
    "ReceivablesRule",
    "RollingRule",
    "Screening",
    "Seats",
    "StableRule",
    "SyndicateRule",
    "TermsChange",
    "Why",
    "allocate",
    "bid_prices",
    "data_cover",
    "data_limit",
    "data_pledge",
    "data_value",
    "decide",
    "dispatch",
    "exchange",
    "experiment",
    "explain",
    "explore",
    "irb_weight",
    "locate",
    "pledge",
    "pool",
    "price",
    "quote",
    "receivables",
    "stable",
    "syndicate",
]
