"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.circles.find import circles
from liandong.trace.circles.idle import IdleRule, idle
from liandong.trace.circles.rule import CirclesRule
from liandong.trace.circles.watch import CircleWatch
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups

__all__ = [
    "CircleWatch",
    "CirclesRule",
    "FollowRule",
    "GroupsRule",
    "IdleRule",
    "circles",
    "follow",
    "groups",
    "idle",
]
