"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.fifo import FifoRule, fifo
from liandong.trace.groups import GroupsRule, groups

__all__ = ["FifoRule", "GroupsRule", "fifo", "groups"]
