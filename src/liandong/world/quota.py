"""Orders for quota of energy use, which the provinces trade among themselves every quarter."""

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import numbered, pick, times
from liandong.world.firms import Cast
from liandong.world.months import Months
from liandong.world.regions import MAINLAND, latest

QUARTERS = 4
"""The last four quarters have a session each."""
LADDER = 3
"""Orders of a province in a session, at prices that rise by a step."""
MIDDLE, SPREAD = 400.0, 0.25
"""Yuan for a tonne of coal equivalent, and how far provinces differ (log-normal)."""
TCE_A_YUAN = 2e-5
"""Traded in a quarter, tonnes per yuan of GDP a year, over a thousand: a round number."""
DAY = 86_400_000_000


def quota_table(cast: Cast, months: Months, rng: Generator) -> pa.Table:
    """Return ``quota_order``: every province buys or sells, more often what suits its growth."""
    provinces = len(MAINLAND)
    shape = (QUARTERS, provinces, LADDER)
    session, province, rung = (x.ravel() for x in np.indices(shape))
    buys = np.repeat(rng.random((QUARTERS, provinces)) < rng.uniform(0.3, 0.7, provinces), LADDER)
    worth = MIDDLE * np.repeat(rng.lognormal(0.0, SPREAD, (QUARTERS, provinces)), LADDER)
    yuan = worth * (1 + 0.05 * np.where(buys, -rung, rung))
    tonnes = latest("gdp")[province] * 1e8 / 1e3 * TCE_A_YUAN * rng.lognormal(0, 0.5, len(rung))
    end = months.first[-1 - 3 * np.arange(QUARTERS)][::-1]
    placed = (end[session] - 1 - rng.integers(0, 10, len(rung))) * DAY
    names = [str(np.datetime64(int(d) - 1, "D"))[:7] for d in end]
    return build("quota_order", {
        "order_id": numbered("T", np.arange(1, len(rung) + 1), 5),
        "session": pick([f"tce-{n}" for n in names], session),
        "party_id": pick(cast.ids, cast.government + province),
        "region_id": pick([p.adcode for p in MAINLAND], province),
        "unit": pa.repeat("tce", len(rung)),
        "side": pick(["sell", "buy"], buys.astype(np.int64)),
        "quantity": np.maximum(np.rint(tonnes), 1).astype(np.int64),
        "price": np.rint(yuan).astype(np.int64) * 100,
        "at": times(placed),
    })  # fmt: skip
