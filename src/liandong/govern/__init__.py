"""Govern: who may do what, seen by whom, and a log that cannot be quietly changed."""

from liandong.govern.accountability.links import CaseLinksRule, case_links
from liandong.govern.accountability.scorecards import ScorecardsRule, scorecards
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
from liandong.govern.sharing.budget import grant
from liandong.govern.sharing.release import ReleaseRule, release
from liandong.govern.statistics.regions import CaseRegionsRule, case_regions
from liandong.govern.statistics.series import CaseSeriesRule, case_series
from liandong.govern.statistics.tally import CaseTallyRule, case_tally

__all__ = [
    "CaseLinksRule",
    "CaseRegionsRule",
    "CaseSeriesRule",
    "CaseTallyRule",
    "ExpenseRule",
    "FlagCasesRule",
    "FlagPrecisionRule",
    "FlagRule",
    "ProcurementRule",
    "ReleaseRule",
    "ScorecardsRule",
    "approved",
    "case_links",
    "case_regions",
    "case_series",
    "case_tally",
    "decide",
    "expense_flags",
    "flag_cases",
    "flag_precision",
    "grant",
    "procurement_flags",
    "propose",
    "release",
    "scorecards",
]
