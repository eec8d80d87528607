"""Survey: regions seen whole."""

from liandong.survey.gap import GapRule, gap

__all__ = ["GapRule", "gap"]
