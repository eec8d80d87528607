"""Bounds without a rule: how much of a loan can be where, and what limits it."""

from liandong.trace.bounds.step import BoundsRule, bounds

__all__ = ["BoundsRule", "bounds"]
