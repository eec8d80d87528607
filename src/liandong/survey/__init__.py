"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.inequality.align import AlignRule, align
from liandong.survey.inequality.convergence import ConvergenceRule, convergence
from liandong.survey.inequality.dependence import DependenceRule, dependence
from liandong.survey.inequality.gap import GapRule, gap
from liandong.survey.inequality.mobility import MobilityRule, mobility

__all__ = [
    "AlignRule",
    "ConvergenceRule",
    "DependenceRule",
    "GapRule",
    "MobilityRule",
    "align",
    "convergence",
    "dependence",
    "gap",
    "mobility",
]
