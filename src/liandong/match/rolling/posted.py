"""Posting prices: what a yuan of each limit is worth, from the open pool and a forecast."""

import numpy as np

from liandong.match.rolling.opened import Opened
from liandong.match.rolling.rules import RollingRule
from liandong.schema.arrow import empty
from liandong.step import Tables, fold


@fold(
    reads=("quote", "product", "decision", "volume_forecast"),
    writes=("bid_price",),
    rule=RollingRule,
    part=("as_of",),
    needs={"quote": "match.quote"},
)
def bid_prices(tables: Tables, rule: RollingRule) -> Tables:
    """Post prices for arrivals: the dual of the allocation of what is left.

    They come from the pool that is open on the day: the quotes of that day, and as many more like
    them as the forecast expects until the round closes. No request of an earlier round has a part
    in them. ``left`` is what a product has left, or what a side has beyond its least; ``reserve``
    is what the pool and the forecast are expected to add to a floor still, which may be short
    meanwhile by that less ``doubt``.

    Raises
    ------
    DataError
        If nothing was quoted on ``as_of``, quotes and products do not fit, or the forecast is about
        a category of which nobody is in the pool.
    """
    if not len(tables["quote"]):
        return {"bid_price": empty("bid_price")}
    opened = Opened.of(tables, rule)
    posted = opened.post(np.ones(opened.pool.problem.projects, bool))
    return opened.rows("bid_price", [posted], 0, rule)
