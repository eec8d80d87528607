"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.cases.exact import CasesRule, cases
from liandong.trace.cases.prune import prune
from liandong.trace.examine import ExamineRule, examine
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups
from liandong.trace.spreading.poison import PoisonRule, poison

__all__ = [
    "CasesRule",
    "ExamineRule",
    "FollowRule",
    "GroupsRule",
    "PoisonRule",
    "cases",
    "examine",
    "follow",
    "groups",
    "poison",
    "prune",
]
