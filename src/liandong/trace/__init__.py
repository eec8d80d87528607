"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.examine import ExamineRule, examine
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups

__all__ = ["ExamineRule", "FollowRule", "GroupsRule", "examine", "follow", "groups"]
