"""The calendar of signals: which day it is, where the rule says, when something happens."""

from datetime import datetime, timedelta, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import AfterValidator

from liandong.errors import UnfitError
from liandong.texts import both
from liandong.types import CHINA

Int = NDArray[np.int64]
DAY = 86_400_000_000
"""Microseconds."""
SHANGHAI = "Asia/Shanghai"


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name; that of China is UTC+8 at all times and needs no tables."""
    return CHINA if name == SHANGHAI else ZoneInfo(name)


def _known(name: str) -> str:
    try:
        zone = zone_of(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UnfitError(what=both("unfit.zone", name=name)) from error
    # What is known by its day alone stands at midnight UTC, which is a day earlier in the west.
    seasons = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    if any(offset is None or offset < timedelta() for offset in seasons):
        raise UnfitError(what=both("unfit.zone_west", name=name))
    return name


Zone = Annotated[str, AfterValidator(_known)]
"""Name of a time zone, such as ``Asia/Shanghai``; not west of Greenwich."""


def local_days(at: Int, zone: str) -> Int:
    """Return the days, since 1970-01-01, on which moments (microseconds) fall in a time zone.

    Examples
    --------
    >>> night = np.array([16 * 3_600_000_000 - 1, 16 * 3_600_000_000])
    >>> local_days(night, "Asia/Shanghai").tolist(), local_days(night, "UTC").tolist()
    ([0, 1], [0, 0])
    """
    fixed = zone_of(zone).utcoffset(None)
    if fixed is not None:
        found: Int = (at + fixed // timedelta(microseconds=1)) // DAY
        return found
    clock = pc.local_timestamp(pa.array(at).cast(pa.timestamp("us", zone)))
    days: Int = clock.cast(pa.int64()).to_numpy() // DAY
    return days
