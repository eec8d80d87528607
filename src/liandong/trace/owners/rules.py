"""What counts as ownership and as control: parameters of a policy, regime by regime."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from liandong.step import Rule
from liandong.types import Rate

Basis = Literal["interest", "stake"]
WHOLE = 1_000_000


class Regime(BaseModel):
    """When a natural person is a beneficial owner.

    Attributes
    ----------
    name
        What the regime is called in results.
    share
        Threshold.
    more
        Whether more than the threshold is needed; else the threshold itself will do.
    bases
        What is compared: the economic interest, or the stake held directly and by all that the
        person controls. One is enough.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=40)
    share: Rate = Field(default=Rate(250_000), ge=0, le=WHOLE)
    more: bool = False
    bases: tuple[Basis, ...] = ("interest", "stake")


REGIMES = (Regime(name="cn"), Regime(name="uk", more=True, bases=("stake",)))
"""Two usual readings of 25 %: at least, by interest or stake; more than, by stake alone."""


class OwnersRule(Rule):
    """On which day, of whom, and from what share on.

    Attributes
    ----------
    on
        Only shares in force on this day.
    targets
        Companies to look through; none means all that somebody owns or controls.
    least
        Holders with less of a company than this are added up and not listed.
    control_share
        Shares held together that are control.
    control_more
        Whether more than that is needed; else half is control already.
    together
        Parties that count as one holder under control, named by the first: a family, or all who
        are listed by an authority.
    regimes
        Thresholds of beneficial ownership, side by side.
    """

    on: date
    targets: tuple[str, ...] = ()
    least: Rate = Field(default=Rate(10_000), ge=1, le=WHOLE)
    control_share: Rate = Field(default=Rate(500_000), ge=1, le=WHOLE)
    control_more: bool = False
    together: tuple[str, ...] = ()
    regimes: tuple[Regime, ...] = REGIMES

    @property
    def enough(self) -> int:
        """The least sum of shares that is control, ppm."""
        return int(self.control_share) + self.control_more
