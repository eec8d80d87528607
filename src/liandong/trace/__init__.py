"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.fifo import FifoRule, fifo
from liandong.trace.groups import GroupRule, groups

__all__ = ["FifoRule", "GroupRule", "fifo", "groups"]
