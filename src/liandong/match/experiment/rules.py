"""What is tried, for how long, and what the model takes for granted: rules as data."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.match.allocation.rules import AllocateRule, Limit
from liandong.match.allocation.scenario import CapacityChange
from liandong.match.eligibility.rules import Ban, QuoteRule
from liandong.schema.field import MONEY_MOST
from liandong.texts import both
from liandong.types import PPM, Money, Rate

Share = Rate | None


class TermsChange(BaseModel):
    """Other terms of a product; what is not given stays as it is.

    Attributes
    ----------
    product_id
        The product; empty for all of them.
    ceiling_rate
        Policy ceiling of the rate.
    subsidy_rate
        What the state takes over of the rate.
    guarantee_cover
        Part of a loss that a guarantor bears.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product_id: str = ""
    ceiling_rate: Share = Field(default=None, ge=0, le=PPM)
    subsidy_rate: Share = Field(default=None, ge=0, le=PPM)
    guarantee_cover: Share = Field(default=None, ge=0, le=PPM)

    @property
    def given(self) -> dict[str, int]:
        """The terms that change, by the column of the product."""
        names = ("ceiling_rate", "subsidy_rate", "guarantee_cover")
        return {n: int(v) for n in names if (v := getattr(self, n)) is not None}


class Arm(BaseModel):
    """A policy: what is lent under which limits, on which terms, to whom not.

    Attributes
    ----------
    name
        What it is called; its words are in the catalogue under ``policy``, or it stands for itself.
    budget
        Money of the programme at the start; what is repaid is lent again.
    added
        New money at the start of every later period.
    micro_share, limits
        As for :class:`liandong.match.AllocateRule`, in every period anew.
    capacities, terms
        Changes of products, one after the other.
    bans
        Entries of the negative list beyond those of the experiment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w.+-]{1,40}$")
    budget: Money = Field(ge=0, le=MONEY_MOST)
    added: Money = Field(default=Money(0), ge=0, le=MONEY_MOST)
    micro_share: Rate = Field(default=Rate(700_000), ge=0, le=PPM)
    limits: tuple[Limit, ...] = ()
    capacities: tuple[CapacityChange, ...] = ()
    terms: tuple[TermsChange, ...] = ()
    bans: tuple[Ban, ...] = ()


class ExperimentRule(QuoteRule):
    """Policies that are tried on the firms of a board, period after period.

    Beside what a quote takes, which holds for all policies.

    Attributes
    ----------
    name
        What the experiment is called; a later one of the same day and name takes its place.
    arms
        The policies; the first is the one in force, against which the others are held.
    periods, months
        How many periods are played, and how many months each has.
    replications
        How often it is played, each time with other chances, which are the same for all policies.
    demand
        Chance that a firm without a running loan asks in a period, for one of its projects.
    correlation
        Of the fortunes of two firms (asset correlation): 0, and no year is worse than another.
    pd_factor
        Times the probabilities of default of the scores: above 100 % firms are worse than scored.
    repayment
        Principal at the ``end`` of the term, or in ``equal`` parts in each period.
    gap
        Share of the bound within which the allocation of a period may stop.
    confidence
        Of the intervals of all differences of a period together.
    seed
        Of the chances.
    """

    name: str = Field(pattern=r"^[\w.+-]{1,40}$")
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=5)
    periods: int = Field(default=12, ge=1, le=120)
    months: int = Field(default=3, ge=1, le=12)
    replications: int = Field(default=20, ge=2, le=2_000)
    demand: Rate = Field(default=Rate(250_000), ge=1, le=PPM)
    correlation: Rate = Field(default=Rate(120_000), ge=0, lt=PPM)
    pd_factor: Rate = Field(default=Rate(PPM), ge=0, le=10 * PPM)
    repayment: Literal["end", "equal"] = "end"
    gap: Rate = Field(default=Rate(5_000), ge=0, le=PPM)
    confidence: Rate = Field(default=Rate(950_000), ge=500_000, lt=PPM)
    seed: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _arms(self) -> "ExperimentRule":
        if len({a.name for a in self.arms}) < len(self.arms):
            raise UnfitError(what=both("unfit.arms_twice"))
        for arm in self.arms:
            self.allocation(arm)
        return self

    def allocation(self, arm: Arm) -> AllocateRule:
        """Return the rule by which a policy allocates; its budget is that of the start."""
        return AllocateRule(
            as_of=self.as_of, budget=arm.budget, micro_share=arm.micro_share, limits=arm.limits,
            gap=self.gap,
        )  # fmt: skip

    def quotes(self, arm: Arm) -> "ExperimentRule":
        """Return the rule by which a policy quotes: its negative list with the policy's bans."""
        return self.model_copy(update={"negative_list": (*self.negative_list, *arm.bans)})
