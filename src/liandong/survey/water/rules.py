"""What an index of water quality is made of, and who pays whom by it."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.tables.rivers import INDICATORS
from liandong.step import Rule
from liandong.texts import both
from liandong.types import PPM, Money, Rate


class WaterPayment(BaseModel):
    """What a year of a section brings: amounts under names that an agreement uses.

    Attributes
    ----------
    section
        Id of the section.
    amount
        What is paid for a year.
    met
        Name of the amount that the region downstream brings in for a year that met the threshold.
    missed
        Name of the amount that the region upstream brings in for a year that did not.
    hold
        Whether nothing is worked out for a year that cannot be told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: str
    amount: Money = Field(gt=0)
    met: str = Field(min_length=1)
    missed: str = Field(min_length=1)
    hold: bool = False


class WaterRule(Rule):
    """How indices are reckoned and judged.

    Attributes
    ----------
    factor
        k0: what the sum is multiplied by.
    weights
        k of each indicator; they add up to 100 %.
    threshold
        The highest index that is good enough.
    below
        What counts of a value below the limit of detection: half of the limit, the limit, nothing.
    least_months
        Fewer months in which an indicator was measured give no index of the year.
    draws, block, seed
        How often months are drawn anew for the intervals, in runs of how many, and from where.
    confidence
        Of intervals; what is left of it is the significance of trends.
    least_years
        Fewer are too short for a trend.
    payments
        What is paid by the indices.
    """

    factor: Rate = Field(default=Rate(850_000), gt=0)
    weights: dict[str, Rate] = Field(
        default_factory=lambda: dict.fromkeys(INDICATORS, Rate(PPM // len(INDICATORS)))
    )
    threshold: Rate = Field(default=Rate(PPM), gt=0)
    below: Literal["half", "limit", "zero"] = "half"
    least_months: int = Field(default=10, ge=1, le=12)
    draws: int = Field(default=1_000, ge=100, le=100_000)
    block: int = Field(default=3, ge=1, le=12)
    seed: int = Field(default=1, ge=0)
    confidence: Rate = Field(default=Rate(950_000), gt=0, lt=PPM)
    least_years: int = Field(default=4, ge=3)
    payments: tuple[WaterPayment, ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if set(self.weights) - set(INDICATORS):
            raise UnfitError(what=both("unfit.water_indicator", known=", ".join(INDICATORS)))
        if sum(self.weights.values()) != PPM or min(self.weights.values()) <= 0:
            raise UnfitError(what=both("unfit.water_weights"))
        names = [n for p in self.payments for n in (p.met, p.missed)]
        if len(set(names)) < len(names) or len({p.section for p in self.payments}) < len(
            self.payments
        ):
            raise UnfitError(what=both("unfit.base_named_twice"))
        return self
