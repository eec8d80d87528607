"""Trace: where money went and who belongs together, with evidence for every fen."""

from liandong.trace.features.features import FlowFeatureRule, features
from liandong.trace.features.stream import FlowStream
from liandong.trace.follow import FollowRule, follow
from liandong.trace.groups import GroupsRule, groups

__all__ = [
    "FlowFeatureRule",
    "FlowStream",
    "FollowRule",
    "GroupsRule",
    "features",
    "follow",
    "groups",
]
