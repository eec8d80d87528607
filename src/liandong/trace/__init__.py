"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.audit.reconcile import ReconcileRule, reconcile
from liandong.trace.bounds import BoundsRule, bounds
from liandong.trace.cases.exact import CasesRule, cases
from liandong.trace.cases.prune import prune
from liandong.trace.circles.find import circles
from liandong.trace.circles.idle import IdleRule, idle
from liandong.trace.circles.rule import CirclesRule
from liandong.trace.circles.watch import CircleWatch
from liandong.trace.detector.detect import DetectRule, detect
from liandong.trace.detector.learn import LearnRule, learn
from liandong.trace.detector.model import TransferModel
from liandong.trace.examine import ExamineRule, examine
from liandong.trace.features.features import FlowFeatureRule, features
from liandong.trace.features.stream import FlowStream
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups
from liandong.trace.live.watch import LoanWatch
from liandong.trace.owners.owners import owners
from liandong.trace.owners.rules import OwnersRule
from liandong.trace.receivables.book import VouchersRule, vouchers
from liandong.trace.receivables.circular import CircularTradeRule, circular_trade
from liandong.trace.receivables.doubles import pledged_twice
from liandong.trace.spreading.poison import PoisonRule, poison
from liandong.trace.ties.ties import TiesRule, ties

__all__ = [
    "BoundsRule",
    "CasesRule",
    "CircleWatch",
    "CirclesRule",
    "CircularTradeRule",
    "DetectRule",
    "ExamineRule",
    "FlowFeatureRule",
    "FlowStream",
    "FollowRule",
    "GroupsRule",
    "IdleRule",
    "LearnRule",
    "LoanWatch",
    "OwnersRule",
    "PoisonRule",
    "ReconcileRule",
    "TiesRule",
    "TransferModel",
    "VouchersRule",
    "bounds",
    "cases",
    "circles",
    "circular_trade",
    "detect",
    "examine",
    "features",
    "follow",
    "groups",
    "idle",
    "learn",
    "owners",
    "pledged_twice",
    "poison",
    "prune",
    "reconcile",
    "ties",
    "vouchers",
]
