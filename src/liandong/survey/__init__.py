"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.gap import GapRule, gap

__all__ = ["GapRule", "gap"]
