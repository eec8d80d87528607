"""Who works which alerts, and how soon."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Money

Level = Literal["yellow", "orange", "red"]


def _named(text: str) -> str:
    if not text.strip():
        raise UnfitError(what=both("unfit.no_name"))
    return text


Name = Annotated[str, AfterValidator(_named)]


class Queue(BaseModel):
    """A queue of cases: what comes into it, who works it, and how soon.

    Attributes
    ----------
    name
        What it is called.
    level
        The least level of a subject that comes into it.
    regions
        Beginnings of the region codes that come into it; none means all, and firms whose region
        nobody knows too.
    exposure
        The least that is outstanding; firms of which nothing is known to be outstanding do not
        come into a queue with it.
    days
        How many days there are from the opening of a case.
    people
        Who works it; without, cases are assigned by hand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    level: Level = "yellow"
    regions: tuple[str, ...] = ()
    exposure: Money | None = Field(default=None, ge=0)
    days: int = Field(default=20, ge=1, le=3_660)
    people: tuple[Name, ...] = ()

    def takes(self, level: str, region: str | None, exposure: int | None) -> bool:
        """Tell whether a subject comes into this queue."""
        near = not self.regions or (region or "").startswith(self.regions)
        large = self.exposure is None or (exposure is not None and exposure >= self.exposure)
        return LEVELS.index(level) >= LEVELS.index(self.level) and near and large


class TriageRule(Rule):
    """Which alerts need a case, and the queue that each goes to.

    Attributes
    ----------
    as_of
        What is outstanding by the end of this day, and which snoozes hold then.
    opens
        The least level for which somebody has to look.
    queues
        In order: a subject goes to the first that takes it. The last one takes all.
    """

    as_of: date
    opens: Level = "orange"
    queues: tuple[Queue, ...] = (Queue(name="all"),)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        names = [q.name for q in self.queues]
        if len(set(names)) < len(names):
            raise UnfitError(what=both("unfit.queue_twice"))
        last = self.queues[-1] if self.queues else None
        if last is None or not last.takes(self.opens, None, None):
            raise UnfitError(what=both("unfit.queue_last"))
        return self


class PrecisionRule(Rule):
    """How sure one wants to be of the precision of a rule.

    Attributes
    ----------
    z
        Width of the interval in standard deviations, in hundredths: 196 for 95 %.
    """

    z: int = Field(default=196, ge=1, le=1_000)
