"""Govern: who may do what, seen by whom, and a log that cannot be quietly changed."""

from liandong.govern.approvals import approved, decide, propose
from liandong.govern.log import act_body, canonical, leaf, root

__all__ = ["act_body", "approved", "canonical", "decide", "leaf", "propose", "root"]
