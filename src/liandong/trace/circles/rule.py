"""What counts as a circle of transfers."""

from datetime import date
from typing import Literal

from pydantic import Field

from liandong.errors import DataError
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Money, Rate

HOUR = 3_600_000_000
"""Microseconds."""


class CirclesRule(Rule):
    """What is a circle, and what makes it grave.

    Attributes
    ----------
    hours
        The last leg is at most so many hours later than the first.
    legs
        Most legs.
    least
        Smaller transfers are no legs.
    kinds
        Kinds of transfers that may be legs.
    retained
        A circle whose last leg is a smaller share of its first is not reported.
    whole
        Where the smallest leg is this share of the largest, or more, one amount went all the way.
    fresh_days
        A loan paid into the account so many days before the first leg, or less, is fresh.
    method
        By which rule of tracing loan money in legs is told.
    until
        Last day (UTC) whose transfers count; None means all.
    most
        More circles than this, before their shares are looked at, are refused.
    """

    hours: int = Field(default=240, ge=1, le=24 * 3_660)
    legs: int = Field(default=6, ge=2, le=8)
    least: Money = Field(default=Money(100_000), ge=1)
    kinds: tuple[str, ...] = ("transfer", "disbursement", "repayment")
    retained: Rate = Field(default=Rate(500_000), ge=0, le=1_000_000)
    whole: Rate = Field(default=Rate(900_000), ge=0, le=1_000_000)
    fresh_days: int = Field(default=10, ge=0)
    method: Literal["fifo"] = "fifo"
    until: date | None = None
    most: int = Field(default=1_000_000, ge=1)


def must_be_few(circles: int, rule: CirclesRule) -> None:
    """Refuse more circles than the rule allows: DataError."""
    if circles > rule.most:
        raise DataError(
            file="flow",
            what=both("fault.too_many_circles", most=rule.most),
            remedy=both("advice.narrow_circles"),
        )
