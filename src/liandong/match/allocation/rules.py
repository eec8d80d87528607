"""What is given out, under which limits: rules as data."""

import hashlib
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Money, Rate

Measure = Literal["amount", "expected_loss", "subsidy", "guaranteed"]


class Group(BaseModel):
    """Whom a limit is about: all conditions that are given hold; none means everybody.

    Attributes
    ----------
    micro, first_time
        Small and micro firms, first-time borrowers; or all others.
    regions, industries
        Beginnings of codes.
    products, lenders, guarantors
        Ids.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    micro: bool | None = None
    first_time: bool | None = None
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    lenders: tuple[str, ...] = ()
    guarantors: tuple[str, ...] = ()

    def excludes(self, other: "Group") -> bool:
        """Tell whether nobody can be in both."""
        flags = ((self.micro, other.micro), (self.first_time, other.first_time))
        codes = ((self.regions, other.regions), (self.industries, other.industries))
        names = ("products", "lenders", "guarantors")
        ids = ((getattr(self, n), getattr(other, n)) for n in names)
        return (
            any(a is not None and b is not None and a != b for a, b in flags)
            or any(a and b and not _nested(a, b) for a, b in codes)
            or any(a and b and not set(a) & set(b) for a, b in ids)
        )


def _nested(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return any(a.startswith(b) or b.startswith(a) for a in some for b in others)


class Limit(BaseModel):
    """A floor or a cap on what all offers together give to a group.

    Exactly one of the four bounds is given.

    Attributes
    ----------
    name
        Short name; its words are in the catalogue under ``measure``, or it stands for itself.
    of
        The group.
    measure
        What is counted of each yuan: the yuan itself, its expected loss a year, the interest
        subsidy it costs a year, or the part of it that a guarantor covers.
    least, most
        Yuan.
    least_share, most_share
        Of all yuan given out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    of: Group = Group()
    measure: Measure = "amount"
    least: Money | None = Field(default=None, ge=0, le=MONEY_MOST)
    most: Money | None = Field(default=None, ge=0, le=MONEY_MOST)
    least_share: Rate | None = Field(default=None, ge=0, le=1_000_000)
    most_share: Rate | None = Field(default=None, ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _one_bound(self) -> "Limit":
        given = (self.least, self.most, self.least_share, self.most_share)
        if sum(b is not None for b in given) != 1:
            raise UnfitError(what=both("unfit.one_bound"))
        return self

    @property
    def floor(self) -> bool:
        """Whether it is a floor and not a cap."""
        return self.least is not None or self.least_share is not None

    @property
    def share(self) -> int | None:
        """The bound as a share, ppm."""
        return self.least_share if self.least_share is not None else self.most_share

    @property
    def of_projects(self) -> bool:
        """Whether projects alone decide who is in the group."""
        return not (self.of.products or self.of.lenders or self.of.guarantors)

    @property
    def of_products(self) -> bool:
        """Whether products alone decide who is in the group."""
        open_to = self.of.micro is None and self.of.first_time is None
        return open_to and not (self.of.regions or self.of.industries)

    @property
    def money(self) -> int:
        """The bound as money, fen; 0 for a share."""
        return int(self.least or self.most or 0)


class AllocateRule(Rule):
    """What is to be given out, and under which limits.

    Attributes
    ----------
    as_of
        Quotes of this day are used.
    budget
        For all products together.
    micro_share
        Least share of the money that goes to small and micro firms. It is a hard limit: where too
        few of them are eligible, less is given out; where none is, that is an error.
    limits
        Further floors and caps.
    together
        Whether several products may finance one project together.
    salt
        Equals are served in the order of a hash of this and their ids. Commit it before projects
        are known, and nobody can choose his place.
    salt_commitment
        SHA-256 of the salt, in hex, as published before projects were known; a salt that does not
        match it is refused.
    gap
        Share of the bound within which the search may stop.
    tolerance
        Of the ranges of prices: how much a yuan an offer may be worth less than the best one and
        still count as best.
    """

    as_of: date
    budget: Money = Field(ge=0, le=MONEY_MOST)
    micro_share: Rate = Field(default=Rate(700_000), ge=0, le=1_000_000)
    limits: tuple[Limit, ...] = ()
    together: bool = False
    salt: str = ""
    salt_commitment: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    gap: Rate = Field(default=Rate(10), ge=0, le=1_000_000)
    tolerance: Rate = Field(default=Rate(1), ge=1, le=1_000)

    @model_validator(mode="after")
    def _names(self) -> "AllocateRule":
        names = [x.name for x in self.all_limits]
        if len({*names, "budget"}) <= len(names):
            raise UnfitError(what=both("unfit.limits_twice"))
        return self

    @model_validator(mode="after")
    def _possible(self) -> "AllocateRule":
        floors = [x for x in self.all_limits if x.least_share and x.measure == "amount"]
        for first in floors:
            apart = [first]
            for floor in floors:
                if all(floor.of.excludes(x.of) for x in apart):
                    apart.append(floor)
            if sum(x.least_share or 0 for x in apart) > 1_000_000:
                names = ", ".join(x.name for x in apart)
                raise UnfitError(what=both("unfit.floors", names=names))
        return self

    @model_validator(mode="after")
    def _committed(self) -> "AllocateRule":
        promised = self.salt_commitment
        if promised and hashlib.sha256(self.salt.encode()).hexdigest() != promised:
            raise UnfitError(what=both("unfit.salt"))
        return self

    @property
    def all_limits(self) -> tuple[Limit, ...]:
        """The floor for small and micro firms, if any, and the other limits."""
        if not self.micro_share:
            return self.limits
        return (Limit(name="micro", of=Group(micro=True), least_share=self.micro_share),
                *self.limits)  # fmt: skip
