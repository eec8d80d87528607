"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.inequality.gap import GapRule, gap

__all__ = ["GapRule", "gap"]
