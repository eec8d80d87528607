"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.chain.chain import chain
from liandong.survey.chain.ripple import ripple
from liandong.survey.chain.rules import ChainRule, RippleRule, TiesRule
from liandong.survey.chain.stages import upstreamness
from liandong.survey.inequality.align import AlignRule, align
from liandong.survey.inequality.convergence import ConvergenceRule, convergence
from liandong.survey.inequality.dependence import DependenceRule, dependence
from liandong.survey.inequality.gap import GapRule, gap
from liandong.survey.inequality.mobility import MobilityRule, mobility
from liandong.survey.reach.arrivals import arrivals
from liandong.survey.reach.circles import circles
from liandong.survey.reach.link import link
from liandong.survey.reach.rules import ArrivalsRule, CirclesRule, LinkRule, ReachRule
from liandong.survey.structure import (
    ComplexityRule,
    EntryRule,
    OpportunityRule,
    PanelRule,
    PartnerRule,
    SpecialisationRule,
    complexity,
    entry,
    opportunities,
    outputs,
    partners,
    specialisation,
)

__all__ = [
    "AlignRule",
    "ArrivalsRule",
    "ChainRule",
    "CirclesRule",
    "ComplexityRule",
    "ConvergenceRule",
    "DependenceRule",
    "EntryRule",
    "GapRule",
    "LinkRule",
    "MobilityRule",
    "OpportunityRule",
    "PanelRule",
    "PartnerRule",
    "ReachRule",
    "RippleRule",
    "SpecialisationRule",
    "TiesRule",
    "align",
    "arrivals",
    "chain",
    "circles",
    "complexity",
    "convergence",
    "dependence",
    "entry",
    "gap",
    "link",
    "mobility",
    "opportunities",
    "outputs",
    "partners",
    "ripple",
    "specialisation",
    "upstreamness",
]
