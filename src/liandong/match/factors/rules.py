"""Rules of siting and dispatch: goals, limits, and how hard to look."""

from typing import Literal, Self

from pydantic import Field, model_validator

from liandong.errors import UnfitError
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Money, Rate


class LocateRule(Rule):
    """How many service points are to be opened, and what for.

    Attributes
    ----------
    scenario
        Name of the plan: results of different plans stand beside each other.
    goal
        ``median``: the least distance on average over all people; ``cover``: the most people
        within the radius; ``centre``: the least distance of the farthest place.
    sites
        How many open, those that must included.
    measure
        ``distance`` in metres, or ``minutes`` of travel.
    through
        Whether ways lead over several legs of ``travel``, as on a road network.
    radius
        Metres or seconds within which a place counts as covered.
    cap
        Metres or seconds beyond which no place should be, whatever that costs the others.
    capacitated
        Whether a point serves no more people than its capacity. Every place goes to one point.
    tries
        Shakes of the local search.
    rounds
        Most steps of the proved bound.
    arcs
        Most pairs of place and site for which an integer program seeks a proof.
    seed
        Of the shakes.
    """

    scenario: str = Field(default="base", min_length=1)
    goal: Literal["median", "cover", "centre"] = "median"
    sites: int = Field(ge=1)
    measure: Literal["distance", "minutes"] = "distance"
    through: bool = True
    radius: int | None = Field(default=None, ge=0, lt=2**31 - 2)
    cap: int | None = Field(default=None, ge=0, lt=2**31 - 2)
    capacitated: bool = False
    tries: int = Field(default=400, ge=0, le=100_000)
    rounds: int = Field(default=500, ge=1, le=100_000)
    arcs: int = Field(default=12_000, ge=0)
    seed: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.goal == "cover" and self.radius is None:
            raise UnfitError(what=both("unfit.cover_radius"))
        if self.goal == "centre" and self.capacitated:
            raise UnfitError(what=both("unfit.centre_cap"))
        if self.goal != "median" and self.cap is not None:
            raise UnfitError(what=both("unfit.median_cap"))
        return self


class DispatchRule(Rule):
    """What computing costs, and how its prices are found.

    Attributes
    ----------
    scenario
        Name of the plan: results of different plans stand beside each other.
    watts
        What a GPU draws while it runs, its part of the server included.
    carbon_price
        Of a tonne of CO2.
    salt
        Equals are served in the order of a hash of this and their ids.
    rounds
        Steps of the prices every hour.
    first
        First step of a price, as a share of the mean cost of an hour.
    ahead
        Hours for which arrivals are expected, by those of the day before.
    haste
        What an hour of waiting counts for, as a share of the mean cost of an hour: nobody knows
        who will come.
    proof_rounds
        Most steps of the proved bound, which looks back on all jobs.
    """

    scenario: str = Field(default="base", min_length=1)
    watts: int = Field(default=700, ge=1, le=100_000)
    carbon_price: Money = Field(default=Money(10_000), ge=0, le=10_000_000)
    salt: str = ""
    rounds: int = Field(default=40, ge=1, le=10_000)
    first: Rate = Field(default=Rate(500_000), ge=0, le=100_000_000)
    ahead: int = Field(default=24, ge=0, le=168)
    haste: Rate = Field(default=Rate(10_000), ge=0, le=10_000_000)
    proof_rounds: int = Field(default=200, ge=1, le=100_000)
