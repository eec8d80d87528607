"""Govern: who may do what, seen by whom, and a log that cannot be quietly changed."""

from liandong.govern.approvals import approved, decide, propose

__all__ = ["approved", "decide", "propose"]
