"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.bounds import BoundsRule, bounds
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups

__all__ = ["BoundsRule", "FollowRule", "GroupsRule", "bounds", "follow", "groups"]
