"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.gap import GapRule, gap
from liandong.survey.reach.arrivals import arrivals
from liandong.survey.reach.circles import circles
from liandong.survey.reach.link import link
from liandong.survey.reach.rules import ArrivalsRule, CirclesRule, LinkRule

__all__ = [
    "ArrivalsRule",
    "CirclesRule",
    "GapRule",
    "LinkRule",
    "arrivals",
    "circles",
    "gap",
    "link",
]
