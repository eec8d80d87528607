"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.audit.reconcile import (ReconcileRule, reconcile)
from liandong.trace.cases.exact import (cases)
from liandong.trace.cases.prune import (prune)
from liandong.trace.examine import (ExamineRule, examine)
from liandong.trace.follow import (FollowRule, follow)
from liandong.trace.groups import (GroupsRule, groups)
from liandong.trace.spreading.poison import (PoisonRule, poison)

__all__ = [
    "ExamineRule",
    "FollowRule",
    "GroupsRule",
    "PoisonRule",
    "ReconcileRule",
    "cases",
    "examine",
    "follow",
    "groups",
    "poison",
    "prune",
    "reconcile",
]
