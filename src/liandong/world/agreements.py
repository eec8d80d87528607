"""Amounts that agreements share out: a joint park, a swap of energy quota, a river."""

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.months import Months
from liandong.world.regions import MAINLAND, latest

PARK = (11, 8)
"""Two provinces, by number, with a joint park: where it is, and who brought the firms."""
RIVER = (11, 10)
"""Provinces above and below the border section of a river."""
SWAP = (8, 4)
"""Who uses the energy, and from whose quota."""
TAX_TO_GDP = 0.0002
"""VAT and income tax of the park, of the GDP of its province."""
_BASES = (
    ("tax.vat.local", PARK[0], "CNY", 0.6), ("tax.cit.local", PARK[0], "CNY", 0.4),
    ("gdp.park", PARK[0], "GDP", 6.0),
)  # fmt: skip
RIVER_FUND = 20_000_000_000
"""Fen that the two provinces put up for the river in a year."""
QUOTA = 120_000_000
"""Kilograms of coal equivalent that move in a year."""


def base_amount_table(months: Months, rng: Generator) -> pa.Table:
    """Return ``base_amount``: tax and GDP of the park by month, quota and river by year.

    Only whole calendar years have yearly amounts.
    """
    first = months.first[:-1].astype("datetime64[D]").astype("datetime64[M]")
    names = [str(m) for m in first]
    gdp = latest("gdp")[PARK[0]] * 1e8 * 100 / 12
    rows: list[tuple[str, str, str, int, str]] = []
    growth = np.exp(0.01 * np.arange(len(names)))
    for base, region, unit, size in _BASES:
        level = gdp * TAX_TO_GDP * size * growth * rng.lognormal(0, 0.2, len(names))
        rows += [
            (base, MAINLAND[region].adcode, name, int(x), unit)
            for name, x in zip(names, np.rint(level), strict=True)
        ]
    years = sorted({n[:4] for n in names if f"{n[:4]}-01" in names and f"{n[:4]}-12" in names})
    for year in years:
        tonnes = round(QUOTA * rng.lognormal(0, 0.1))
        rows.append(("quota.moved", MAINLAND[SWAP[0]].adcode, year, tonnes, "tce"))
        rows.append(("river.fund", MAINLAND[RIVER[1]].adcode, year, RIVER_FUND, "CNY"))
    columns = zip(*rows, strict=True)
    fields = ("base", "party_id", "period", "amount", "unit")
    return build("base_amount", {n: list(c) for n, c in zip(fields, columns, strict=True)})
