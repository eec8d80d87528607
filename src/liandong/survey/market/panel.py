"""A panel of prices: one vintage, one unit a good, changes between periods that follow."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.survey.checks import known_name
from liandong.survey.market.periods import ordinals
from liandong.texts import both

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """Prices of one vintage.

    Attributes
    ----------
    vintage
        Of all prices in it.
    regions, goods, periods
        In order; ``periods`` are those that follow another, each with a row of ``changes``.
    changes
        Δ ln P; shape (periods, regions, goods); nan where one of both prices is missing.
    left_out
        Rows of the table that are not in it, by the code of their cause.
    skipped
        Periods whose period before is missing.
    """

    vintage: str
    regions: list[str]
    goods: list[str]
    periods: list[str]
    changes: Float
    left_out: dict[str, int]
    skipped: list[str]


def panel(price: pa.Table, known: list[str], vintage: str) -> Panel:
    """Lay prices out.

    Parameters
    ----------
    price
        Table ``price``.
    known
        Regions to look at.
    vintage
        Which one; empty: the last in order.

    Raises
    ------
    DataError
        If a good comes in several units, or periods cannot be put in order.
    NotFoundError
        If there are prices, but none of the vintage.
    """
    if vintage:
        known_name("kind.vintage", vintage, price["vintage"])
    wanted = vintage or pc.max(price["vintage"]).as_py() or ""
    chosen = price.filter(pc.equal(price["vintage"], wanted))
    inside = pc.is_in(chosen["region_id"], value_set=pa.array(known, pa.string()))
    positive = pc.greater(chosen["value"], 0.0)
    rows = chosen.filter(pc.and_(inside, positive))
    _one_unit(rows)
    left_out = {
        "survey.left_out_vintage": len(price) - len(chosen),
        "survey.left_out_region": len(chosen) - (pc.sum(inside).as_py() or 0),
        "survey.left_out_price": (pc.sum(inside).as_py() or 0) - len(rows),
    }
    names = [sorted(pc.unique(rows[c]).to_pylist()) for c in ("period", "region_id", "good")]
    logs = np.full([len(n) for n in names], np.nan)
    at = [
        pc.index_in(rows[c], value_set=pa.array(n, pa.string())).to_numpy()
        for c, n in zip(("period", "region_id", "good"), names, strict=True)
    ]
    logs[tuple(at)] = np.log(rows["value"].to_numpy())
    numbers = np.array(ordinals(names[0], "price"), np.int64)
    follows = np.diff(numbers) == 1
    later = list(zip(names[0][1:], follows.tolist(), strict=True)) if len(logs) > 1 else []
    return Panel(
        wanted, names[1], names[2], [p for p, ok in later if ok],
        np.diff(logs, axis=0)[follows] if later else logs[:0], left_out,
        [p for p, ok in later if not ok],
    )  # fmt: skip


def _one_unit(rows: pa.Table) -> None:
    units = rows.group_by("good").aggregate([("unit", "distinct")]).sort_by("good")
    for good, found in zip(units["good"].to_pylist(), units["unit_distinct"].to_pylist(),
                           strict=True):  # fmt: skip
        if len(found) > 1:
            what = both("fault.good_units", good=good, units=", ".join(sorted(found)))
            raise DataError(file="price", what=what, remedy=both("advice.one_unit"))
