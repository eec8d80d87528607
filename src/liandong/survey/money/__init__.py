"""Money by region: what lending, watching and tracing say of each place."""

from liandong.survey.money.step import RegionMoneyRule, money

__all__ = ["RegionMoneyRule", "money"]
