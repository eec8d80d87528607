"""What provinces make by industry and field over some years: related items grow on each other.

Planted are pairs of provinces that complement each other, one strong in one half of some groups of
items and the other in the other half; and pairs of which one repeats the structure of the other.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Bools, Floats, Ints, pick
from liandong.world.invention import CLUSTERS as FIELDS
from liandong.world.regions import MAINLAND, latest
from liandong.world.truth import Fact

YEARS = 11
"""Years of the panel; the last is that before the world starts."""
VINTAGE = "yearbook"
INDUSTRIES = (
    ("A01", "C13", "H62"), ("C17", "C18", "F52"), ("B06", "C26", "C29", "C30"),
    ("C33", "C34", "C36"), ("C38", "C39", "I65", "M75"), ("E47", "K70"), ("F51", "G54", "L72"),
)  # fmt: skip
"""Divisions of GB/T 4754 that go together."""
KINDS = (("industry", INDUSTRIES, "100 million yuan"), ("patent", FIELDS, "patents"))
PULL, SHOCK = 0.15, 0.2
"""How much closer a strength comes to its group each year, and how much of it is chance."""
SECRET = 0.004
"""Share of the cells of industries that are suppressed."""
APART, REPEATED = 3, 3
"""Pairs that complement each other, and pairs of which one repeats the other."""


@dataclass(frozen=True)
class Structure:
    """Output of each kind: shape (years, regions, items); and the planted pairs of provinces."""

    years: tuple[str, ...]
    output: dict[str, Floats]
    secret: Bools
    complementary: Ints
    repeated: Ints

    def table(self) -> pa.Table:
        """Return ``region_output``; cells of 0 are not written, suppressed ones are null."""
        return pa.concat_tables([
            self._rows(kind, [i for g in groups for i in g], unit) for kind, groups, unit in KINDS
        ]).combine_chunks()  # fmt: skip

    def _rows(self, kind: str, items: list[str], unit: str) -> pa.Table:
        value = self.output[kind]
        secret = self.secret if kind == "industry" else np.zeros(value.shape, bool)
        year, region, item = np.nonzero(value > 0)
        rows = len(year)
        return build("region_output", {
            "region_id": pick([p.adcode for p in MAINLAND], region),
            "kind": pa.repeat(kind, rows),
            "item": pick(items, item),
            "period": pick(self.years, year),
            "vintage": pa.repeat(VINTAGE, rows),
            "value": pa.array(value[year, region, item], mask=secret[year, region, item]),
            "unit": pa.repeat(unit, rows),
        })  # fmt: skip

    def facts(self, day: int) -> list[Fact]:
        """Return the planted pairs."""
        kinds = (("complementary_regions", self.complementary),
                 ("repeated_structure", self.repeated))  # fmt: skip
        return [
            Fact(kind, MAINLAND[int(a)].adcode, MAINLAND[int(b)].adcode, day, None, {})
            for kind, pairs in kinds
            for a, b in pairs
        ]


def draw_structure(first_year: int, rng: Generator) -> Structure:
    """Draw the panel of the years before the world starts.

    Parameters
    ----------
    first_year
        Of the world.
    """
    pairs = rng.permutation(len(MAINLAND))[: 2 * (APART + REPEATED)].reshape(-1, 2)
    apart, repeated = pairs[:APART], pairs[APART:]
    output = {
        kind: _grown([len(g) for g in groups], apart, repeated, rng) for kind, groups, _ in KINDS
    }
    output["patent"] = np.rint(output["patent"])
    secret = rng.random(output["industry"].shape) < SECRET
    years = tuple(str(first_year - YEARS + k) for k in range(YEARS))
    return Structure(years, output, secret, apart, repeated)


def _grown(sizes: list[int], apart: Ints, repeated: Ints, rng: Generator) -> Floats:
    """Let strengths grow: each is drawn to the mean of its group in the province."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    one = group[:, None] == np.arange(len(sizes))
    shape = (len(MAINLAND), len(group))
    able = _able()
    # Able provinces are strong in many groups, and alone in the hard ones.
    hard = np.linspace(-1, 1, len(sizes))[rng.permutation(len(sizes))]
    base = (1.0 * able[:, None] - 0.6) * (1 + hard)
    base += rng.normal(0, 0.5, base.shape)
    # The others live on few items.
    narrow = np.clip(1.2 - 0.4 * able, 0.5, 2.0)[:, None]
    strength = narrow * (base[:, group] + rng.normal(0, 0.7, shape))
    weight = rng.lognormal(0, 0.5, shape[1])
    half = np.where(np.arange(shape[1]) % 2 == 0, 1.6, -1.6)
    found = np.empty((YEARS, *shape))
    for k in range(YEARS):
        mean = (strength @ one) / one.sum(axis=0)
        strength = strength + PULL * (mean[:, group] - strength) + rng.normal(0, SHOCK, shape)
        told = strength.copy()
        told[apart[:, 1]] = told[apart[:, 0]] - half
        told[apart[:, 0]] += half
        told[repeated[:, 1]] = told[repeated[:, 0]]
        told[repeated[:, 1]] += rng.normal(0, 0.05, (len(repeated), shape[1]))
        made = np.exp(told) * weight
        found[k] = made * latest("gdp")[:, None] / made.sum(axis=1, keepdims=True)
    return np.round(found, 1)


def _able() -> Floats:
    """Return GDP per head, standardised in logarithms."""
    head = np.log(latest("gdp") / latest("population"))
    return np.asarray((head - head.mean()) / head.std())
