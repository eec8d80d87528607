"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

from liandong.match.allocate import AllocateRule, allocate
from liandong.match.quote import quote
from liandong.match.rules import Ban, QuoteRule

__all__ = ["AllocateRule", "Ban", "QuoteRule", "allocate", "quote"]
