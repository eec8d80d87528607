"""What a world is made of: its size, its seed, and how much of everything is planted."""

from datetime import date
from typing import Self

import numpy as np
from numpy.random import Generator, SeedSequence
from pydantic import Field, field_validator, model_validator

from liandong.errors import UnfitError
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Rate

TOPICS = (
    "firms", "plan", "loans", "schemes", "owners", "links", "activity", "failures", "invoices",
    "workforce", "events", "accounts", "payments", "lending", "planted", "projects", "tenders",
    "names", "ties", "signals", "opening", "products", "customs", "taxes", "sanctions", "consents",
    "invention", "balance", "quota", "splits", "places", "compute", "vouchers", "circles",
    "lists", "notices", "agreements", "reports", "chain", "structure", "prices", "movements",
    "statistics", "spending", "procurement", "river", "data_assets",
)  # fmt: skip
"""Each topic draws from a generator of its own, so that a change in one leaves the others alone."""

MOST_IN_RING, MOST_IN_CARTEL, MOST_HELPERS = 6, 4, 4
"""The most firms in a guarantee ring, a cartel, and a round trip beside the borrower."""
FIRMS_A_VENDOR, LEAST_VENDORS = 25, 60
"""Vendors of governments that everybody there pays."""
INNOCENT, OWN_VENDORS = 2, 4
"""Cases of each kind of misspending that have a good reason; vendors of its own that a case of
every kind needs at most."""

LEAST_PLANTED = 3
"""However small a world, it holds this many of every planted kind."""


class WorldRule(Rule):
    """Size and make-up of a synthetic regional economy.

    Attributes
    ----------
    firms
        Number of firms.
    months
        Number of months, from ``start``.
    seed
        Same seed, same bytes.
    start
        First day of the world; the first day of a month.
    borrowers
        Share of the firms that borrow at all.
    default_rate
        Share of borrowers that default in a year.
    diverted, round_trips
        Share of borrowers whose first loan is diverted, or comes back to them in a circle.
    shells, declining
        Share of the firms that are shells, or lose most of their sales.
    rings
        Guarantee rings per firm.
    cartels
        Groups of tenderers under one owner, per firm.
    projects
        Share of the firms that ask for money on the last day.
    splits
        Applications per firm that are split among firms of one controller, so that each part asks
        for less than all do.
    double_pledges
        Receivables per firm that are pledged twice.
    circular_trades
        Circles of firms per firm that sell to each other on paper.
    listed
        Share of the firms that are on a negative list.
    chokepoints
        Suppliers per firm without whom many would stop.
    misspent
        Planted cases per firm of each kind of flag over what governments spend and buy.
    invention
        Share of the variance of inventive quality that growth has in common with it; at 0 nothing
        that firms invent tells how they grow.
    statistics
        Whether ``region_stat`` has made-up figures beside the public ones: logistics cost,
        research, electricity and its carbon.
    """

    firms: int = Field(20_000, ge=100, le=1_000_000)
    months: int = Field(36, ge=12, le=120)
    seed: int = Field(7, ge=0)
    start: date = date(2023, 1, 1)
    borrowers: Rate = Rate(350_000)
    default_rate: Rate = Rate(30_000)
    diverted: Rate = Rate(30_000)
    round_trips: Rate = Rate(15_000)
    shells: Rate = Rate(10_000)
    declining: Rate = Rate(30_000)
    rings: Rate = Rate(1_000)
    cartels: Rate = Rate(1_000)
    projects: Rate = Rate(150_000)
    splits: Rate = Rate(2_000)
    double_pledges: Rate = Rate(2_000)
    circular_trades: Rate = Rate(1_000)
    listed: Rate = Rate(2_000)
    chokepoints: Rate = Rate(1_000)
    misspent: Rate = Rate(500)
    invention: Rate = Rate(500_000)
    statistics: bool = False

    @field_validator("start")
    @classmethod
    def _first_of_month(cls, day: date) -> date:
        if day.day != 1:
            raise UnfitError(what=both("unfit.world_start"))
        return day

    @field_validator(
        "borrowers", "default_rate", "diverted", "round_trips", "shells", "declining", "rings",
        "cartels", "projects", "splits", "double_pledges", "circular_trades", "listed",
        "chokepoints", "misspent", "invention",
    )  # fmt: skip
    @classmethod
    def _share(cls, share: Rate) -> Rate:
        if not 0 <= share <= 1_000_000:
            raise UnfitError(what=both("unfit.share"))
        return share

    @model_validator(mode="after")
    def _enough_firms(self) -> Self:
        """Every hidden part is played by firms of its own, so there must be enough of them."""
        borrowers = self.firms * self.borrowers // 1_000_000
        parts = (
            (2, self.shells, self.firms), (1, self.declining, self.firms),
            (MOST_IN_RING, self.rings, self.firms), (MOST_IN_CARTEL, self.cartels, self.firms),
            (2, self.diverted, borrowers), (1 + MOST_HELPERS, self.round_trips, borrowers),
        )  # fmt: skip
        needed = sum(each * planted_count(share, of) for each, share, of in parts)
        own = OWN_VENDORS * self.flag_cases
        vendors = max(LEAST_VENDORS, self.firms // FIRMS_A_VENDOR) + own
        if max(needed / 0.8, vendors) > self.firms or self.diverted + self.round_trips > 500_000:
            raise UnfitError(what=both("unfit.planted"))
        return self

    @property
    def flag_cases(self) -> int:
        """Cases of each kind of flag over what governments spend and buy, planted and innocent."""
        return planted_count(self.misspent, self.firms) + INNOCENT

    def streams(self) -> dict[str, Generator]:
        """Return one independent generator for each topic, all derived from the seed."""
        children = SeedSequence(self.seed).spawn(len(TOPICS))
        return {t: np.random.default_rng(s) for t, s in zip(TOPICS, children, strict=True)}


def planted_count(share: Rate, total: int) -> int:
    """Return how many of ``total`` are planted at ``share``: rounded, and never too few to find."""
    return max(LEAST_PLANTED, round(total * share / 1_000_000))
