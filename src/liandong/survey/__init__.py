"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.chain.chain import chain
from liandong.survey.chain.ripple import ripple
from liandong.survey.chain.rules import ChainRule, RippleRule, TiesRule
from liandong.survey.chain.stages import upstreamness
from liandong.survey.coordination.carbon import CarbonRule, carbon
from liandong.survey.coordination.cooperate import CooperateRule, cooperate
from liandong.survey.coordination.coupling import CouplingRule, coupling
from liandong.survey.inequality.align import AlignRule, align
from liandong.survey.inequality.convergence import ConvergenceRule, convergence
from liandong.survey.inequality.dependence import DependenceRule, dependence
from liandong.survey.inequality.gap import GapRule, gap
from liandong.survey.inequality.mobility import MobilityRule, mobility
from liandong.survey.inequality.panel import RegionalRule
from liandong.survey.market.flows import FlowsRule, flows
from liandong.survey.market.gravity import GravityRule, gravity
from liandong.survey.market.logistics import LogisticsRule, logistics
from liandong.survey.market.segmentation import SegmentationRule, segmentation
from liandong.survey.money import RegionMoneyRule, money
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
from liandong.survey.water.rules import WaterPayment, WaterRule
from liandong.survey.water.step import water

__all__ = [
    "AlignRule",
    "ArrivalsRule",
    "CarbonRule",
    "ChainRule",
    "CirclesRule",
    "ComplexityRule",
    "ConvergenceRule",
    "CooperateRule",
    "CouplingRule",
    "DependenceRule",
    "EntryRule",
    "FlowsRule",
    "GapRule",
    "GravityRule",
    "LinkRule",
    "LogisticsRule",
    "MobilityRule",
    "OpportunityRule",
    "PanelRule",
    "PartnerRule",
    "ReachRule",
    "RegionMoneyRule",
    "RegionalRule",
    "RippleRule",
    "SegmentationRule",
    "SpecialisationRule",
    "TiesRule",
    "WaterPayment",
    "WaterRule",
    "align",
    "arrivals",
    "carbon",
    "chain",
    "circles",
    "complexity",
    "convergence",
    "cooperate",
    "coupling",
    "dependence",
    "entry",
    "flows",
    "gap",
    "gravity",
    "link",
    "logistics",
    "mobility",
    "money",
    "opportunities",
    "outputs",
    "partners",
    "ripple",
    "segmentation",
    "specialisation",
    "upstreamness",
    "water",
]
