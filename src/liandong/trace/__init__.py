"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.detector.detect import DetectRule, detect
from liandong.trace.detector.learn import LearnRule, learn
from liandong.trace.detector.model import TransferModel
from liandong.trace.features.features import FlowFeatureRule, features
from liandong.trace.features.stream import FlowStream
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups

__all__ = [
    "DetectRule",
    "FlowFeatureRule",
    "FlowStream",
    "FollowRule",
    "GroupsRule",
    "LearnRule",
    "TransferModel",
    "detect",
    "features",
    "follow",
    "groups",
    "learn",
]
