"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups
from liandong.trace.receivables.book import VouchersRule, vouchers
from liandong.trace.receivables.doubles import pledged_twice

__all__ = ["FollowRule", "GroupsRule", "VouchersRule", "follow", "groups", "pledged_twice", "vouchers"]
