"""Months counted back from a day."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Int = NDArray[np.int64]


def days(column: pa.ChunkedArray) -> Int:
    """Return dates without nulls as days since 1970-01-01."""
    return np.asarray(column.cast(pa.int32()).to_numpy(), np.int64)


def months_before(day: Int, as_of: date) -> Int:
    """Return how many whole months each day (since 1970-01-01) lies before ``as_of``.

    Month 0 ends on ``as_of``, month -1 begins the day after. If ``as_of`` is the last day of its
    month, months are those of the calendar.
    """
    last = 31 if (as_of + timedelta(days=1)).day == 1 else as_of.day
    at = day.astype("datetime64[D]")
    month = at.astype("datetime64[M]")
    within = (at - month.astype("datetime64[D]")).astype(np.int64) + 1
    ahead = np.datetime64(as_of, "M").astype(np.int64) - month.astype(np.int64)
    return np.asarray(ahead - (within > last))
