"""Thresholds of P1: when more firms than usual turn orange."""

from datetime import date

from pydantic import Field

from liandong.step import Rule
from liandong.types import Rate
from liandong.watch.signals.calendar import SHANGHAI, Zone
from liandong.watch.signals.graded import Graded


class ChangeRule(Graded):
    """P1: more new orange firms of a region and sector than usual, or other firms than usual.

    Attributes
    ----------
    yellow, orange
        The CUSUM of weekly new orange firms, in standard deviations, is more than this.
    red
        None.
    slack
        k of the CUSUM: half the shift that is to be found.
    baseline
        The first so many weeks tell what is usual.
    rate
        Usual new orange firms per firm and week; None: those of the baseline.
    least
        Fewer usual new orange firms than this in a baseline say too little: not judged.
    psi, recent
        The levels of firms in so many last weeks are spread otherwise than in the baseline, by more
        than this population stability index: yellow.
    delta, least_weeks
        Confidence of the adaptive window, and the weeks that each part of it has at least; where
        it finds within the last weeks that the share of new orange firms rose: yellow.
    """

    yellow: float = Field(default=4.0, gt=0)
    orange: float = Field(default=5.0, gt=0)
    red: None = None
    slack: float = Field(default=0.5, ge=0)
    baseline: int = Field(default=26, ge=4, le=520)
    rate: Rate | None = None
    least: int = Field(default=8, ge=1)
    psi: Rate = Rate(250_000)
    recent: int = Field(default=4, ge=1, le=52)
    delta: float = Field(default=0.002, gt=0, lt=1)
    least_weeks: int = Field(default=5, ge=1, le=52)


class PortfolioRule(Rule):
    """When a whole portfolio is judged, and by what.

    Attributes
    ----------
    as_of
        The last day; weeks are counted back from it.
    zone
        That of the signals: the time zone whose days are counted.
    moments
        For how many of the last weeks warnings are written.
    p1
        The rule of the signal; a warning names its id.
    """

    as_of: date
    zone: Zone = SHANGHAI
    moments: int = Field(default=1, ge=1, le=1_000)
    p1: ChangeRule = ChangeRule()
