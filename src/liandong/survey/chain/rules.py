"""What is asked of a chain: which ties, what counts as critical, and who is made to stop."""

from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from liandong.errors import UnfitError
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Rate


class TiesRule(Rule):
    """Which ties count, and what is compared.

    Attributes
    ----------
    as_of, days
        Ties are the invoices of so many days up to this one.
    letters
        How much of an industry code names an input: ``C39`` has 3.
    level
        Regions that are compared.
    """

    as_of: date
    days: int = Field(default=365, ge=1)
    letters: int = Field(default=3, ge=1, le=5)
    level: Literal["province", "city", "county"] = "province"


class ChainRule(TiesRule):
    """What stops a buyer, and from when on somebody is a chokepoint.

    Attributes
    ----------
    sole
        An input is single-source if its largest supplier has at least this share of it.
    critical
        An input nobody has described (``input_need``) stops its buyer from this share of his
        purchases on.
    stock_days, replaceable
        Days of stock, and which part others could supply, where nobody has said.
    spare
        Share of its sales that a firm could sell beyond them.
    resupply
        Part of a need that can be won back a day.
    horizon
        Days looked at after a stop.
    runs
        How many firms are made to stop, those with most below them first.
    stopped
        Who stops at least so many others is a chokepoint.
    """

    sole: Rate = Rate(900_000)
    critical: Rate = Rate(100_000)
    stock_days: int = Field(default=30, ge=0, le=3650)
    replaceable: Rate = Rate(1_000_000)
    spare: Rate = Rate(200_000)
    resupply: Rate = Rate(50_000)
    horizon: int = Field(default=90, ge=1, le=3650)
    runs: int = Field(default=1_000, ge=0)
    stopped: int = Field(default=3, ge=1)

    @field_validator("sole", "critical", "replaceable", "spare", "resupply")
    @classmethod
    def _share(cls, share: Rate) -> Rate:
        if not 0 <= share <= 1_000_000:
            raise UnfitError(what=both("unfit.share"))
        return share


class RippleRule(ChainRule):
    """Who is made to stop.

    Attributes
    ----------
    firms
        Ids; none means the first ``most`` chokepoints of the day.
    most
        How many of them.
    """

    firms: tuple[str, ...] = ()
    most: int = Field(default=20, ge=1)
