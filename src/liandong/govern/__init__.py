"""Govern: who may do what, seen by whom, and a log that cannot be quietly changed."""

from liandong.govern.approvals import approved, decide, propose
from liandong.govern.flags.expense import expense_flags
from liandong.govern.flags.procurement import ProcurementRule, procurement_flags
from liandong.govern.flags.reviewed import (
    FlagCasesRule,
    FlagPrecisionRule,
    flag_cases,
    flag_precision,
)
from liandong.govern.flags.rules import ExpenseRule, FlagRule

__all__ = [
    "ExpenseRule",
    "FlagCasesRule",
    "FlagPrecisionRule",
    "FlagRule",
    "ProcurementRule",
    "approved",
    "decide",
    "expense_flags",
    "flag_cases",
    "flag_precision",
    "procurement_flags",
    "propose",
]
