"""How a round is run: limits as for an allocation, and how prices and reserves follow the plan."""

from datetime import date

from pydantic import Field, model_validator

from liandong.errors import UnfitError
from liandong.match.allocation.rules import AllocateRule
from liandong.texts import both
from liandong.types import Rate


class RollingRule(AllocateRule):
    """What is to be given out in a round, and how arrivals are decided.

    Attributes
    ----------
    opens
        First day of the round: what has been decided since is gone. None: the day itself.
    margin
        Floors are aimed at with a cushion: what chance may take from them, and at most this share
        of the money.
    safety
        How much of what the open pool and the forecast could still add to a floor is relied on.
    deviations
        Standard deviations by which what is still to come may fall short by chance. It outweighs
        what is relied on before the end: there each floor holds after every decision or is only
        added to.
    react
        How far a price moves when all of the money left is off the plan, yuan per yuan.
    drift
        Share of the money left by which use may be off the plan; beyond it prices are made anew.
    """

    opens: date | None = None
    margin: Rate = Field(default=Rate(2_000), ge=0, le=1_000_000)
    safety: Rate = Field(default=Rate(900_000), ge=0, le=1_000_000)
    deviations: Rate = Field(default=Rate(2_000_000), ge=0)
    react: Rate = Field(default=Rate(20_000), ge=0, le=1_000_000)
    drift: Rate = Field(default=Rate(20_000), ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _one_product_each(self) -> "RollingRule":
        if self.together:
            raise UnfitError(what=both("unfit.rolling_together"))
        return self
