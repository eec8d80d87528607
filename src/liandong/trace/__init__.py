"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.fifo import FifoRule, fifo

__all__ = ["FifoRule", "fifo"]
