"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.audit.reconcile import ReconcileRule, reconcile
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups

__all__ = ["FollowRule", "GroupsRule", "ReconcileRule", "follow", "groups", "reconcile"]
