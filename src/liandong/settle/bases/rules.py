"""Which loans give which amount of an agreement."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.settle.agreements.nodes import Count
from liandong.step import Rule
from liandong.texts import both
from liandong.types import PPM, Rate


class LoanBase(BaseModel):
    """An amount of an agreement, and the loans that it is worked out from.

    Attributes
    ----------
    base
        Name of the amount, as the agreement has it.
    what
        ``loss``: what was owed on the day of default, in its month, less what is paid back later,
        in the month of each payment. ``lent``: what was lent, in the month of the loan.
        ``outstanding``: principal at the end of a day, on average over the days of a month, from
        the first day of the loan until the day before it falls due or defaults. ``rate``: the
        rate of what is outstanding, weighted by it.
    lenders, products, regions
        Only loans of these lenders, of these products, of borrowers in these regions (adcodes or
        their beginnings); empty means all.
    since, until
        Only loans of these days; None means without bound.
    part
        The part that counts, of each loan and rounded to the fen.
    count
        How days are counted in an average: as in the subsidy that it is for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = Field(min_length=1)
    what: Literal["loss", "lent", "outstanding", "rate"]
    lenders: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    part: Rate = Field(default=Rate(PPM), gt=0, le=PPM)
    count: Count = "act/360"


class LoanBasesRule(Rule):
    """What is worked out, and until when.

    Attributes
    ----------
    as_of
        What was known at the end of this day; months that are not over by then have no amounts.
    bases
        Each under a name of its own.
    """

    as_of: date
    bases: tuple[LoanBase, ...] = ()

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [b.base for b in self.bases]
        if len(set(names)) < len(names):
            raise UnfitError(what=both("unfit.base_named_twice"))
        return self
