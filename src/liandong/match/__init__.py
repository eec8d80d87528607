"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.allocation.scenario import CapacityChange, ExploreRule, explore
from liandong.match.eligibility.rules import Ban, QuoteRule
from liandong.match.pricing.quote import quote

__all__ = ["AllocateRule", "Ban", "CapacityChange", "ExploreRule", "Group", "Limit", "QuoteRule",
           "allocate", "explore", "quote"]  # fmt: skip
