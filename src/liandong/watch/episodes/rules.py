"""How warnings become episodes."""

from datetime import date
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Rule
from liandong.texts import both
from liandong.watch.windows.rules import Span, micros

Int = NDArray[np.int64]


def _told(text: str) -> str:
    if not text.strip():
        raise UnfitError(what=both("unfit.signal_code"))
    return text


class Pace(BaseModel):
    """How long an episode lasts and what makes it grave.

    Attributes
    ----------
    hold
        A warning holds so long: without another one the episode begins to cool. A judgement that
        finds nothing to warn of ends it at once.
    cool
        An episode that has cooled so long is closed; what comes then begins another one.
    opens
        The least level that begins an episode. Milder warnings only keep a running one going.
    repeats
        So many warnings in one episode make it one level graver; 0 means never.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hold: Span = "35d"
    cool: Span = "30d"
    opens: Literal["yellow", "orange", "red"] = "yellow"
    repeats: int = Field(default=0, ge=0, le=1_000_000)

    def numbers(self) -> list[int]:
        """Return it as the kernel reads it."""
        return [micros(self.hold), micros(self.cool), LEVELS.index(self.opens), self.repeats]


class CodePace(Pace):
    """The pace of one signal.

    Attributes
    ----------
    code
        The signal.
    """

    code: Annotated[str, AfterValidator(_told)]


class EpisodesRule(Rule):
    """How warnings become episodes.

    Attributes
    ----------
    as_of
        The day by whose end things are known and time has gone by; None: when the newest warning
        became known. A stream has its own clock and does not look at it.
    usual
        The pace of all signals that have none of their own.
    codes
        Signals with a pace of their own.
    """

    as_of: date | None = None
    usual: Pace = Pace()
    codes: tuple[CodePace, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        codes = [c.code for c in self.codes]
        if len(set(codes)) < len(codes):
            raise UnfitError(what=both("unfit.signal_pace"))
        return self

    def paces(self, codes: list[str]) -> Int:
        """Return the pace of each of some signals, shape (signals, 4)."""
        own = {c.code: c.numbers() for c in self.codes}
        usual = self.usual.numbers()
        return np.array([own.get(c, usual) for c in codes], np.int64).reshape(-1, 4)
