"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups
from liandong.trace.receivables.book import VouchersRule, vouchers
from liandong.trace.receivables.circular import CircularTradeRule, circular_trade
from liandong.trace.receivables.doubles import pledged_twice

__all__ = [
    "CircularTradeRule",
    "FollowRule",
    "GroupsRule",
    "VouchersRule",
    "circular_trade",
    "follow",
    "groups",
    "pledged_twice",
    "vouchers",
]
