"""Firms and everybody else: who there is, how large, where, since when."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Floats, Ints, dates, fen, numbered, pick
from liandong.world.industries import CODES, trait
from liandong.world.months import Months
from liandong.world.names import (
    BANKS,
    Names,
    bank_names,
    credit_codes,
    firm_names,
    person_names,
)
from liandong.world.regions import MAINLAND, latest

MEDIAN_REVENUE = 2_200_000.0
TAIL = 1.1
"""Exponent of the Pareto tails; 1.0 to 1.2 is what is found for the sales of firms."""
LEAST_REVENUE = 60_000.0

BANK_SHARES = np.array([22, 18, 14, 12, 10, 8, 6, 5, 3, 2]) / 100
"""Share of the firms that bank with each bank."""

SIZES = ("micro", "small", "medium", "large")
SIZE_BOUNDS = np.array([3e6, 2e7, 4e8])
"""Yearly revenue in yuan from which a firm is small, medium, large: the bounds of industry in the
standard of 2011 for small and medium enterprises, taken for all."""


@dataclass(frozen=True)
class Firms:
    """Firms as arrays, one entry a firm.

    Attributes
    ----------
    region
        Index into ``MAINLAND``.
    industry
        Index into ``INDUSTRIES``.
    revenue
        Yearly revenue at the start, yuan.
    founded
        Day since 1970-01-01.
    bank
        Index of the house bank.
    """

    region: Ints
    industry: Ints
    revenue: Floats
    founded: Ints
    bank: Ints

    def __len__(self) -> int:
        return len(self.region)

    @cached_property
    def size(self) -> Ints:
        """Index into ``SIZES``."""
        return np.digitize(self.revenue, SIZE_BOUNDS)

    @cached_property
    def wage(self) -> Floats:
        """Yearly pay a head in yuan, by region."""
        product_a_head = latest("gdp") * 1e4 / latest("population")
        return np.asarray((45_000 + 0.35 * product_a_head)[self.region])


def _levels(rng: Generator, rows: int) -> Floats:
    """Evenly spread numbers in (0, 1) in random order: shares come out as meant in any world."""
    return np.asarray((rng.permutation(rows) + 0.5) / rows)


def _spread(rng: Generator, weights: Floats, rows: int) -> Ints:
    edges = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(edges, _levels(rng, rows), "right"), len(weights) - 1)


def draw_firms(count: int, months: Months, rng: Generator) -> Firms:
    """Draw firms: regions by GDP, industries by weight, revenue log-logistic.

    The log-logistic distribution has quantiles median * (u / (1 - u))^(1 / TAIL) and Pareto tails.
    """
    u = _levels(rng, count)
    age = 0.5 + rng.gamma(2.0, 4.5, count)
    return Firms(
        region=_spread(rng, latest("gdp"), count),
        industry=_spread(rng, trait("weight"), count),
        revenue=LEAST_REVENUE + MEDIAN_REVENUE * (u / (1 - u)) ** (1 / TAIL),
        founded=int(months.first[0]) - np.minimum(age * 365, 40 * 365).astype(np.int64),
        bank=rng.choice(len(BANKS.han), count, p=BANK_SHARES),
    )


@dataclass(frozen=True)
class Cast:
    """All parties in one row of numbers: firms, households, governments, banks, the fund, people.

    Attributes
    ----------
    firms, persons
        How many of them there are.
    """

    firms: int
    persons: int

    @property
    def household(self) -> int:
        """Number of the first region's households; the other regions follow."""
        return self.firms

    @property
    def government(self) -> int:
        """Number of the first region's government."""
        return self.household + len(MAINLAND)

    @property
    def bank(self) -> int:
        """Number of the first bank."""
        return self.government + len(MAINLAND)

    @property
    def fund(self) -> int:
        """Number of the guarantee fund."""
        return self.bank + len(BANKS.han)

    @property
    def person(self) -> int:
        """Number of the first person."""
        return self.fund + 1

    @cached_property
    def ids(self) -> pa.Array:
        """Party ids by number."""
        groups = (
            ("F", self.firms, 6), ("H", len(MAINLAND), 6), ("G", len(MAINLAND), 6),
            ("B", len(BANKS.han), 6), ("U", 1, 6), ("P", self.persons, 6),
        )  # fmt: skip
        return pa.concat_arrays([numbered(p, np.arange(1, n + 1), w) for p, n, w in groups])


def party_table(firms: Firms, staff: Ints, cast: Cast, rng: Generator) -> pa.Table:
    """Return ``party``: firms first, then the others in the order of :class:`Cast`."""
    adcodes = [p.adcode for p in MAINLAND]
    names = firm_names(MAINLAND, firms.region, firms.industry, firms.size == 3, rng)
    firm = build("party", {
        "party_id": cast.ids[: cast.firms],
        "kind": ["firm"] * cast.firms,
        "name": names.zh,
        "name_en": names.en,
        "credit_code": credit_codes(adcodes, firms.region, "91", rng),
        "region_id": pick(adcodes, firms.region),
        "industry": pick(CODES, firms.industry),
        "founded": dates(firms.founded),
        "size_class": pick(SIZES, firms.size),
        "annual_revenue": fen(firms.revenue),
        "staff": staff,
    })  # fmt: skip
    people = person_names(cast.persons, rng)
    person = build("party", {
        "party_id": cast.ids[cast.person :], "kind": ["person"] * cast.persons,
        "name": people.zh, "name_en": people.en,
    })  # fmt: skip
    return pa.concat_tables([firm, _institutions(cast, rng), person]).combine_chunks()


def _institutions(cast: Cast, rng: Generator) -> pa.Table:
    """Households and governments of the regions, banks, and the guarantee fund."""
    adcodes = [p.adcode for p in MAINLAND]
    local, bank_region = np.arange(len(MAINLAND)), np.arange(len(BANKS.han)) * 3
    home = Names(
        pa.array([f"{p.short}居民消费者" for p in MAINLAND]),
        pa.array([f"Households of {p.en}" for p in MAINLAND]),
    )
    state = Names(
        pa.array([f"{p.zh}人民政府" for p in MAINLAND]),
        pa.array([f"Government of {p.en}" for p in MAINLAND]),
    )
    fund = Names(pa.array(["联动融资担保基金"]), pa.array(["Liandong Guarantee Fund"]))
    groups = (
        ("person", home, local, None),
        ("government", state, local, "11"),
        ("bank", bank_names(), bank_region, "91"),
        ("fund", fund, np.zeros(1, np.int64), "91"),
    )
    codes = [
        pa.nulls(len(r), pa.string()) if o is None else credit_codes(adcodes, r, o, rng)
        for _, _, r, o in groups
    ]
    return build("party", {
        "party_id": cast.ids[cast.household : cast.person],
        "kind": [k for k, _, r, _ in groups for _ in r],
        "name": pa.concat_arrays([n.zh for _, n, _, _ in groups]),
        "name_en": pa.concat_arrays([n.en for _, n, _, _ in groups]),
        "credit_code": pa.concat_arrays(codes),
        "region_id": pc.take(pa.array(adcodes), np.concatenate([r for _, _, r, _ in groups])),
    })  # fmt: skip
