"""A fund that two banks of different regions, and the guarantee fund, lend from together."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build
from liandong.world.arrays import WAN, dates, numbered
from liandong.world.firms import Cast
from liandong.world.months import Months
from liandong.world.regions import MAINLAND

BANKS_IN = (1, 4)
"""Numbers of the banks; the first one leads."""
SHARES = (450_000, 350_000, 200_000)
CAPACITY_TO_NEED = 0.04


def joint_fund(need: int, products: pa.Table, cast: Cast) -> pa.Table:
    """Return ``product`` with one more row: a fund for 4 % of the ``need`` (fen) of all."""
    capacity = round(need * CAPACITY_TO_NEED / WAN) * WAN
    fund = build("product", {
        "product_id": numbered("K", np.array([len(products) + 1]), 3),
        "lender_id": cast.ids.take(pa.array([cast.bank + BANKS_IN[0]])),
        "name": ["跨区域产业联动基金贷"], "name_en": ["Joint fund of regions for industry"],
        "min_amount": [20 * WAN], "max_amount": [1_000 * WAN], "step_amount": [WAN],
        "min_rate": [32_000], "max_rate": [90_000], "term_months": [24], "capacity": [capacity],
        "funding_rate": [17_500], "operating_rate": [7_000], "lgd": [420_000],
        "guarantee_cover": [0],
    })  # fmt: skip
    return pa.concat_tables([products, fund]).combine_chunks()


def participation_table(products: pa.Table, cast: Cast, months: Months) -> pa.Table:
    """Return ``participation``: who pays which share of the joint fund, each with a cap."""
    fund = products.slice(len(products) - 1)
    who = np.array([*(cast.bank + b for b in BANKS_IN), cast.fund])
    n = len(who)
    # Banks stand at every third region, the guarantee fund in the first one.
    regions = [MAINLAND[3 * b].adcode for b in BANKS_IN] + [MAINLAND[0].adcode]
    capacity = fund["capacity"][0].as_py()
    return build("participation", {
        "product_id": pc.take(fund["product_id"], pa.array(np.zeros(n, np.int64))),
        "lender_id": cast.ids.take(pa.array(who)),
        "valid_from": dates(np.full(n, months.first[0])),
        "share": list(SHARES),
        "region_id": regions,
        "most": [-(-capacity * share // 1_000_000) for share in SHARES],
    })  # fmt: skip
