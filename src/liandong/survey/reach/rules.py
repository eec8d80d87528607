"""What is asked of reach: limits, which places are cities, how fast one goes."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.tables.reaching import MOST
from liandong.step import Rule
from liandong.texts import both

Minutes = Annotated[int, Field(ge=0, le=MOST)]


class ReachRule(Rule):
    """What is common to roads and rails.

    Attributes
    ----------
    limits
        Minutes within which something counts as reached, rising.
    kinds
        Kinds of places that are cities; none: all places are.
    size
        People from which on the summary counts a city.
    """

    limits: tuple[Minutes, ...] = Field(default=(30, 60, 120), min_length=1)
    kinds: tuple[Literal["city", "county", "town", "village"], ...] = ("city",)
    size: int = Field(default=500_000, ge=0)

    @model_validator(mode="after")
    def _rising(self) -> "ReachRule":
        if list(self.limits) != sorted(set(self.limits)):
            raise UnfitError(what=both("unfit.limits_rise"))
        return self


class CirclesRule(ReachRule):
    """Circles by road.

    Attributes
    ----------
    origins
        Places from which to look; none: all cities.
    speed
        Kilometres an hour, where ``travel`` knows a distance but no minutes, or there is none.
    detour
        Percent of the distance as the crow flies that a way takes, where there is no ``travel``.
    """

    origins: tuple[str, ...] = ()
    speed: int = Field(default=60, ge=1, le=1_000)
    detour: int = Field(default=130, ge=100, le=1_000)


class ArrivalsRule(ReachRule):
    """Journeys by a timetable.

    Attributes
    ----------
    at
        When one comes to the station, minutes after midnight; None: whenever the journey is
        fastest.
    change
        Minutes that a change of trains takes at least.
    longest
        Minutes that a journey takes at most.
    between
        Kilometres up to which trains are changed between two stations as well.
    pace
        Kilometres an hour at which one goes there, as the crow flies, beside ``change``.
    near
        Kilometres within which people use a station: the nearest that has trains.
    """

    limits: tuple[Minutes, ...] = Field(default=(60, 120, 180), min_length=1)
    at: int | None = Field(default=None, ge=0, lt=1_440)
    change: int = Field(default=15, ge=1, le=1_440)
    longest: int = Field(default=2_880, ge=1, le=MOST)
    between: int = Field(default=0, ge=0, le=100)
    pace: int = Field(default=15, ge=1, le=1_000)
    near: int = Field(default=30, ge=0, le=1_000)


class LinkRule(CirclesRule, ArrivalsRule):
    """One link that is new or faster, in both directions.

    Attributes
    ----------
    network
        Of ``road`` legs or of ``rail`` trips.
    src, dst
        The places or stations that it joins.
    minutes
        How long it takes.
    first, last, every
        Trips of a day by rail: the first, no later than, and minutes between them.
    """

    limits: tuple[Minutes, ...] = Field(default=(60, 120, 180), min_length=1)
    network: Literal["road", "rail"] = "road"
    src: str = Field(min_length=1)
    dst: str = Field(min_length=1)
    minutes: int = Field(ge=0, le=MOST)
    first: int = Field(default=360, ge=0, lt=1_440)
    last: int = Field(default=1_320, ge=0, lt=1_440)
    every: int = Field(default=60, ge=1, le=1_440)

    @model_validator(mode="after")
    def _two_ends(self) -> "LinkRule":
        if self.src == self.dst:
            raise UnfitError(what=both("unfit.link_places"))
        return self
