"""Facts about the division of China: which provinces touch, and which codes changed."""

from datetime import date
from functools import cache
from typing import Literal, NamedTuple

_TOUCH = (
    "11-12 11-13 12-13 13-14 13-15 13-21 13-37 13-41 14-15 14-41 14-61 15-21 15-22 15-23 15-61"
    " 15-62 15-64 21-22 22-23 31-32 31-33 32-33 32-34 32-37 33-34 33-35 33-36 34-36 34-37 34-41"
    " 34-42 35-36 35-44 36-42 36-43 36-44 37-41 41-42 41-61 42-43 42-50 42-61 43-44 43-45 43-50"
    " 43-52 44-45 44-81 44-82 45-52 45-53 50-51 50-52 50-61 51-52 51-53 51-54 51-61 51-62 51-63"
    " 52-53 53-54 54-63 54-65 61-62 61-64 62-63 62-64 62-65 63-65"
)
"""Provinces with a common border on land."""
AGREED = ("440000", "460000")
"""Guangdong and Hainan: an island has no border on land; by custom they count as neighbours."""


@cache
def neighbours() -> tuple[tuple[str, str], ...]:
    """Return pairs of neighbouring provinces, each pair both ways; Taiwan has none."""
    pairs = [tuple(f"{code}0000" for code in pair.split("-")) for pair in _TOUCH.split()]
    return tuple(sorted((a, b) for one, other in [*pairs, AGREED]
                        for a, b in ((one, other), (other, one))))  # fmt: skip


class Change(NamedTuple):
    """What became of a region.

    Attributes
    ----------
    old, new
        Codes; one row for each region that got a part.
    on
        First day of the month in which it was announced.
    share
        Parts per million of what the old region had; None where it takes figures of its parts.
    """

    old: str
    new: str
    on: date
    share: int | None
    kind: Literal["rename", "merge", "split"]


_ALL = 1_000_000
CHANGES = (
    *(Change(old, "120116", date(2009, 11, 1), _ALL, "merge")  # 塘沽、汉沽、大港 → 滨海新区
      for old in ("120107", "120108", "120109")),
    Change("310119", "310115", date(2009, 5, 1), _ALL, "merge"),  # 南汇 → 浦东
    Change("110103", "110101", date(2010, 7, 1), _ALL, "merge"),  # 崇文 → 东城
    Change("110104", "110102", date(2010, 7, 1), _ALL, "merge"),  # 宣武 → 西城
    Change("310103", "310101", date(2011, 6, 1), _ALL, "merge"),  # 卢湾 → 黄浦
    *(Change("341400", new, date(2011, 8, 1), None, "split")  # 巢湖 → 合肥、芜湖、马鞍山
      for new in ("340100", "340200", "340500")),
    Change("310108", "310106", date(2015, 11, 1), _ALL, "merge"),  # 闸北 → 静安
    Change("110228", "110118", date(2015, 11, 1), _ALL, "rename"),  # 密云县 → 密云区
    Change("110229", "110119", date(2015, 11, 1), _ALL, "rename"),  # 延庆县 → 延庆区
    Change("310230", "310151", date(2016, 7, 1), _ALL, "rename"),  # 崇明县 → 崇明区
    Change("371200", "370100", date(2019, 1, 1), _ALL, "merge"),  # 莱芜 → 济南
)  # fmt: skip
"""Well-known changes; of a code that a table ``region_change`` names, the table counts."""
