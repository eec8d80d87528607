"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups
from liandong.trace.owners.owners import owners
from liandong.trace.owners.rules import OwnersRule

__all__ = ["FollowRule", "GroupsRule", "OwnersRule", "follow", "groups", "owners"]
