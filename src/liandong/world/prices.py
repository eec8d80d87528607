"""Prices of goods in the provinces: one market, but for a border round one belt."""

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.months import Months
from liandong.world.regions import MAINLAND
from liandong.world.truth import Fact

GOODS = (
    "rice", "flour", "pork", "eggs", "milk", "vegetables", "fruit", "edible_oil", "cement", "steel",
    "timber", "diesel", "coal", "paper", "cloth", "medicine",
)  # fmt: skip
MONTHS, VINTAGE = 24, "synthetic"
BEHIND = "northeast"
"""The belt whose prices move on their own, together."""
NOISE = (0.012, 0.008)
"""What a price of one province is off by, in the first month and in the last: it falls."""
ACROSS = 0.01
"""What all prices of a good behind the border are off by."""


def price_table(months: Months, rng: Generator) -> pa.Table:
    """Return ``price``: 31 provinces, 16 goods, the first 24 months."""
    names = months.names[:MONTHS]
    shape = len(names), len(MAINLAND), len(GOODS)
    logs = np.log(rng.uniform(3, 300, len(GOODS))) + rng.normal(0, 0.08, shape[1:])
    logs = logs + np.cumsum(rng.normal(0.002, 0.004, len(names)))[:, None, None]
    logs += 0.03 * np.sin(np.arange(len(names))[:, None, None] / 12 * 2 * np.pi + np.arange(16))
    logs += np.linspace(*NOISE, len(names))[:, None, None] * rng.standard_normal(shape)
    behind = np.array([p.belt == BEHIND for p in MAINLAND])
    logs += behind[:, None] * rng.normal(0, ACROSS, (len(names), 1, len(GOODS)))
    month, region, good = (a.ravel() for a in np.indices(shape))
    ids = [p.adcode for p in MAINLAND]
    return build("price", {
        "region_id": [ids[k] for k in region],
        "good": [GOODS[k] for k in good],
        "period": [names[k] for k in month],
        "vintage": [VINTAGE] * len(good),
        "value": np.exp(logs).ravel().round(4),
        "unit": ["yuan"] * len(good),
    })  # fmt: skip


def border_facts(months: Months) -> list[Fact]:
    """Return the planted border, by the provinces behind it."""
    day, detail = int(months.first[0]), {"sd_ppm": round(1e6 * ACROSS)}
    return [
        Fact("market_border", p.adcode, BEHIND, day, None, detail)
        for p in MAINLAND if p.belt == BEHIND
    ]  # fmt: skip
