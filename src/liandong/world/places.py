"""Where people live: a city, county towns, towns and villages in every mainland province.

Positions scatter around the capital and sizes fall off by rank; they are plausible, not a map.
"""

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import numbered
from liandong.world.regions import FACTS, MAINLAND, latest

KINDS = {"city": 1, "county": 2, "town": 3, "village": 3}
"""Places of each kind in a province, the largest first."""
WORDS = {"city": "市", "county": "县", "town": "镇", "village": "村"}
MAY_HOLD = ("city", "county", "town")
CAPACITY = {"city": 120_000_000, "county": 60_000_000, "town": 60_000_000}
"""People that a service point in a place of each kind can serve."""
SPREAD = 1.2
"""Standard deviation of positions around the capital, degrees."""


def place_table(rng: Generator) -> pa.Table:
    """Return ``place``: where people live, and where service points may open."""
    kinds = [k for k, count in KINDS.items() for _ in range(count)]
    each, provinces = len(kinds), len(MAINLAND)
    home = np.repeat(np.arange(provinces), each)
    kind = np.tile(np.arange(each), provinces)
    size = rng.uniform(0.8, 1.2, (provinces, each)) / np.arange(1, each + 1)
    people = np.repeat(latest("population"), each) * 10_000 * (size / size.sum(1)[:, None]).ravel()
    at = np.array([(FACTS[p.adcode].lon, FACTS[p.adcode].lat) for p in MAINLAND])[home]
    at = np.round(at + rng.normal(0, SPREAD, at.shape) * (kind > 0)[:, None], 4)
    names = [(MAINLAND[h], kinds[k], k + 1) for h, k in zip(home, kind, strict=True)]
    return build("place", {
        "place_id": numbered("Q", np.arange(len(home)) + 1, 4),
        "region_id": [p.adcode for p, _, _ in names],
        "name": [f"{p.zh}{n}号{WORDS[k]}" for p, k, n in names],
        "name_en": [f"{p.en} {k} {n}" for p, k, n in names],
        "kind": [k for _, k, _ in names],
        "lon": at[:, 0],
        "lat": at[:, 1],
        "weight": np.rint(people).astype(np.int64),
        "candidate": [k in MAY_HOLD for _, k, _ in names],
        "capacity": [CAPACITY.get(k) for _, k, _ in names],
    })  # fmt: skip
