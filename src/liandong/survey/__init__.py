"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.chain.chain import chain
from liandong.survey.chain.ripple import ripple
from liandong.survey.chain.rules import ChainRule, RippleRule, TiesRule
from liandong.survey.chain.stages import upstreamness
from liandong.survey.gap import GapRule, gap

__all__ = [
    "ChainRule",
    "GapRule",
    "RippleRule",
    "TiesRule",
    "chain",
    "gap",
    "ripple",
    "upstreamness",
]
