"""Expense lines of a made-up government with planted cases of every kind of flag.

The honest lines follow what is said here and not what a rule asks for: wide amounts, set
allowances, banquets and gifts on working days with a few exceptions, vendors that serve everybody.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator
from numpy.typing import NDArray

from liandong.govern.flags import calendar
from liandong.schema.arrow import build

Int = NDArray[np.int64]
FIRST, DAYS = (date(2022, 1, 1) - date(1970, 1, 1)).days, 3 * 365
SHARES = {
    "meal": 18,
    "transport": 25,
    "hotel": 10,
    "allowance": 8,
    "banquet": 1,
    "gift": 1,
    "meeting": 4,
    "training": 4,
    "office": 15,
    "vehicle": 6,
    "service": 4,
    "goods": 4,
}
TEXTS = {"meal": "工作餐", "transport": "市内交通", "hotel": "住宿费", "allowance": "出差补助",
         "banquet": "公务接待", "gift": "外事礼品", "meeting": "会议费", "training": "培训费",
         "office": "办公用品", "vehicle": "车辆加油", "service": "技术服务",
         "goods": "设备耗材"}  # fmt: skip


class Made(NamedTuple):
    """Tables, and for each kind of flag the ids of the lines that were planted for it."""

    expense: pa.Table
    staff: pa.Table
    vendor: pa.Table
    planted: dict[str, set[str]]


def expenses(lines: int, seed: int = 1, cases: int = 0) -> Made:
    """Make about ``lines`` expense lines.

    Parameters
    ----------
    lines
        How many honest ones.
    cases
        How many cases of each kind are planted; 0: one for 40,000 lines, and at least one.
    """
    rng = np.random.default_rng(seed)
    world = _World(lines, rng)
    for plant in _PLANTS:
        for k in range(cases or max(1, lines // 40_000)):
            plant(world, k)
    return world.made()


class _World:
    """Columns that grow: honest lines first, then planted ones."""

    def __init__(self, lines: int, rng: Generator) -> None:
        self.rng = rng
        self.people = max(40, lines // 500)
        self.units = max(4, self.people // 40)
        self.vendors = max(60, lines // 100)
        self.ties: dict[int, int] = {}
        self.planted: dict[str, set[str]] = {}
        names = list(SHARES)
        kind = rng.choice(len(names), lines, p=np.array([*SHARES.values()]) / 100)
        staff = rng.integers(0, self.people, lines)
        fen = np.round(np.exp(rng.normal(10.3, 1.15, lines))).astype(np.int64) + 1
        day = FIRST + rng.integers(0, DAYS, lines)
        self.columns: dict[str, list[object]] = {}
        category = np.array(names)[kind]
        amount = np.where(category == "allowance", 18_000, fen)
        # Hosts and givers keep to working days, save one in two thousand.
        free = np.isin(category, ("banquet", "gift")) & (rng.random(lines) > 1 / 2000)
        day = np.where(free, _worked(day), day)
        heads = np.where(category == "banquet", amount // 25_000 + 1 + rng.integers(0, 5, lines), 0)
        vendor = rng.integers(0, self.vendors, lines)
        # Whoever stays somewhere stays in one hotel: the hotel follows from who and when.
        vendor = np.where(
            category == "hotel", (staff * 7919 + day * 104_729) % self.vendors, vendor
        )
        self._put(staff, vendor, category.tolist(), amount, day, heads,
                  [TEXTS[c] for c in category.tolist()],
                  [f"{v:08d}" for v in rng.integers(10**7, 10**8, lines).tolist()])  # fmt: skip

    def _put(
        self, staff: Int, vendor: Int, category: list[str], amount: Int, day: Int, heads: Int,
        text: list[str], invoice: list[str],
    ) -> list[str]:  # fmt: skip
        start = len(self.columns.get("staff_id", ()))
        ids = [f"X{k:08d}" for k in range(start, start + len(staff))]
        given: dict[str, list[object]] = {
            "expense_id": [*ids], "staff_id": [f"S{s:06d}" for s in staff.tolist()],
            "unit_id": [f"U{s % self.units:04d}" for s in staff.tolist()],
            "vendor_id": [f"V{v:06d}" if v >= 0 else None for v in vendor.tolist()],
            "category": [*category], "amount": amount.tolist(), "spent_on": day.tolist(),
            "heads": [h or None for h in heads.tolist()], "text": [*text], "invoice_no": [*invoice],
        }  # fmt: skip
        for name, values in given.items():
            self.columns.setdefault(name, []).extend(values)
        return ids

    def add(  # noqa: PLR0913 - a planted case is its columns
        self, code: str, *, n: int, staff: object, category: str, amount: object, day: object,
        vendor: object = None, heads: int = 0, text: str = "", invoice: list[str] | None = None,
    ) -> None:  # fmt: skip
        """Plant a case of ``n`` lines; numbers stand for all of them or one each."""
        wide = [np.broadcast_to(np.asarray(v, np.int64), (n,)) for v in (staff, amount, day)]
        who = self.rng.integers(0, self.vendors, n) if vendor is None else vendor
        numbers = [str(v) for v in self.rng.integers(10**7, 10**8, n).tolist()]
        ids = self._put(
            wide[0], np.broadcast_to(np.asarray(who, np.int64), (n,)), [category] * n, wide[1],
            wide[2], np.full(n, heads), [text or TEXTS[category]] * n, invoice or numbers,
        )  # fmt: skip
        self.planted.setdefault(code, set()).update(ids)

    def one(self) -> int:
        """Return a member of staff."""
        return int(self.rng.integers(self.people))

    def shop(self) -> int:
        """Return a vendor."""
        return int(self.rng.integers(self.vendors))

    def new_shop(self) -> int:
        """Return a vendor that nobody else pays."""
        self.vendors += 1
        return self.vendors - 1

    def day(self, kind: int = calendar.WORK) -> int:
        """Return a day of some kind."""
        days = FIRST + self.rng.permutation(DAYS - 60)
        return int(days[calendar.kinds(days) == kind][0])

    def made(self) -> Made:
        """Return the tables, the lines in any order."""
        order = self.rng.permutation(len(self.columns["expense_id"]))
        whole = {n: pa.array(v) for n, v in self.columns.items()}
        whole["spent_on"] = pa.array(whole["spent_on"].to_numpy().astype(np.int32)).cast(
            pa.date32()
        )
        expense = build("expense", whole).take(pa.array(order)).combine_chunks()
        staff = build("staff", {
            "staff_id": [f"S{s:06d}" for s in range(self.people)],
            "unit_id": [f"U{s % self.units:04d}" for s in range(self.people)],
            "phone": [f"139{s:08d}" for s in range(self.people)],
        })  # fmt: skip
        vendor = build("vendor", {
            "vendor_id": [f"V{v:06d}" for v in range(self.vendors)],
            "phone": [f"139{self.ties[v]:08d}" if v in self.ties else f"010{v:08d}"
                      for v in range(self.vendors)],
        })  # fmt: skip
        return Made(expense, staff, vendor, self.planted)


def _worked(day: Int) -> Int:
    """Return the days, those off put on to the next that is worked."""
    found = day.copy()
    for _ in range(12):
        found += calendar.kinds(found) != calendar.WORK
    return found


def _split(w: _World, _: int) -> None:
    each = w.rng.integers(350_000, 900_000, 4)
    w.add("split", n=4, staff=w.one(), category="goods", amount=each, vendor=w.shop(),
          day=w.day() + np.array([0, 1, 2, 4]))  # fmt: skip


def _below(w: _World, _: int) -> None:
    w.add("below", n=10, staff=w.one(), category="meeting", day=[w.day() for _ in range(10)],
          amount=w.rng.integers(960_000, 999_900, 10))  # fmt: skip


def _duplicate(w: _World, _: int) -> None:
    w.add("duplicate", n=2, staff=[w.one(), w.one()], category="office", day=w.day(),
          vendor=w.shop(), amount=w.rng.integers(20_000, 300_000),
          invoice=[str(w.rng.integers(10**7, 10**8))] * 2)  # fmt: skip


def _near(w: _World, _: int) -> None:
    number = int(w.rng.integers(10**7, 10**8))
    w.add("near", n=2, staff=w.one(), category="office", day=w.day() + np.array([0, 20]),
          vendor=w.shop(), amount=w.rng.integers(20_000, 300_000),
          invoice=[f"{number}", f"{number // 10**4}-{number % 10**4:04d}"])  # fmt: skip


def _reused(w: _World, _: int) -> None:
    w.add("reused", n=2, staff=[w.one(), w.one()], category="office", day=w.day(),
          vendor=w.shop(), amount=w.rng.integers(20_000, 300_000, 2),
          invoice=[str(w.rng.integers(10**7, 10**8))] * 2)  # fmt: skip


def _serial(w: _World, _: int) -> None:
    first = int(w.rng.integers(10**7, 10**8 - 9))
    w.add("serial", n=4, staff=w.one(), category="transport", vendor=w.shop(),
          amount=w.rng.integers(5_000, 50_000, 4), day=w.day() + np.array([0, 9, 19, 33]),
          invoice=[str(first + k) for k in range(4)])  # fmt: skip


def _weekend(w: _World, _: int) -> None:
    days = [w.day(calendar.WEEKEND) for _ in range(3)]
    w.add("weekend", n=3, staff=w.one(), category="banquet", day=days, heads=20,
          amount=w.rng.integers(100_000, 300_000, 3))  # fmt: skip


def _holiday(w: _World, _: int) -> None:
    days = [w.day(calendar.HOLIDAY) for _ in range(3)]
    w.add("holiday", n=3, staff=w.one(), category="gift", day=days,
          amount=w.rng.integers(50_000, 300_000, 3))  # fmt: skip


def _first_digit(w: _World, k: int) -> None:
    if k:  # it takes hundreds of lines: one is enough
        return
    # Somebody who makes amounts up: as many of each first digit.
    n = 600
    w.add(
        "first_digit",
        n=n,
        staff=w.one(),
        category="transport",
        day=FIRST + w.rng.integers(0, DAYS, n),
        amount=w.rng.integers(10_000, 99_999, n),
    )


def _first_two(w: _World, k: int) -> None:
    if k:
        return
    # Somewhere amounts of 4,700 to 4,799 yuan are written down again and again.
    own = w.one()
    n = 800
    staff = own % w.units + w.units * w.rng.integers(0, max(w.people // w.units, 1), n)
    w.add("first_two", n=n, staff=staff, category="service", day=FIRST + w.rng.integers(0, DAYS, n),
          amount=w.rng.integers(470_000, 480_000, n))  # fmt: skip


def _round(w: _World, _: int) -> None:
    w.people += 1  # somebody with no other lines: shares are of one's own
    n = 15
    w.add("round", n=n, staff=w.people - 1, category="service", day=[w.day() for _ in range(n)],
          amount=100_000 * w.rng.integers(1, 9, n))  # fmt: skip


def _spike(w: _World, _: int) -> None:
    own = w.one()
    n = 40
    staff = own % w.units + w.units * w.rng.integers(0, max(w.people // w.units, 1), n)
    w.add("spike", n=n, staff=staff, category="goods", day=FIRST + w.rng.integers(0, DAYS, n),
          amount=int(w.rng.integers(1_500_000, 4_000_000)))  # fmt: skip


def _hotel(w: _World, _: int) -> None:
    own = w.one() % w.units
    staff = own + w.units * w.rng.permutation(max(w.people // w.units, 1))[:10]
    w.add("hotel", n=len(staff), staff=staff, category="hotel", day=w.day(), vendor=w.shop(),
          amount=w.rng.integers(30_000, 60_000, len(staff)))  # fmt: skip


def _hotel_twice(w: _World, _: int) -> None:
    w.add(
        "hotel_twice",
        n=2,
        staff=w.one(),
        category="hotel",
        day=w.day(),
        vendor=[w.new_shop(), w.new_shop()],
        amount=w.rng.integers(30_000, 60_000, 2),
    )


def _vendor(w: _World, _: int) -> None:
    n = 14
    w.add("vendor", n=n, staff=w.one(), category="service", day=[w.day() for _ in range(n)],
          vendor=w.new_shop(), amount=w.rng.integers(500_000, 950_000, n))  # fmt: skip


def _allowance(w: _World, _: int) -> None:
    day = FIRST + 28 + 31 * int(w.rng.integers(0, 30))
    first = int(np.datetime64(day, "D").astype("M8[M]").astype("M8[D]").astype(np.int64))
    w.add("allowance", n=4, staff=w.one(), category="allowance", amount=150_000,
          day=first + np.array([3, 9, 15, 21]), text="值班、误餐、交通等补贴")  # fmt: skip


def _gift_hidden(w: _World, _: int) -> None:
    w.add("gift_hidden", n=3, staff=w.one(), category="office", day=[w.day() for _ in range(3)],
          amount=w.rng.integers(20_000, 300_000, 3), text="办公用品（茶叶礼盒）")  # fmt: skip


def _banquet_head(w: _World, _: int) -> None:
    w.add("banquet_head", n=3, staff=w.one(), category="banquet", heads=4,
          day=[w.day() for _ in range(3)], amount=w.rng.integers(200_000, 600_000, 3))  # fmt: skip


def _banquet_hidden(w: _World, _: int) -> None:
    w.add("banquet_hidden", n=3, staff=w.one(), category="training",
          day=[w.day() for _ in range(3)], amount=w.rng.integers(100_000, 600_000, 3),
          text="培训费（农家乐）")  # fmt: skip


def _link(w: _World, _: int) -> None:
    own, shop = w.one(), w.new_shop()
    w.ties[shop] = own
    w.add("link", n=5, staff=[w.one() for _ in range(5)], category="goods", vendor=shop,
          day=[w.day() for _ in range(5)], amount=w.rng.integers(100_000, 290_000, 5))  # fmt: skip


_PLANTS: tuple[Callable[[_World, int], None], ...] = (
    _split, _below, _duplicate, _near, _reused, _serial, _weekend, _holiday, _first_digit,
    _first_two, _round, _spike, _hotel, _hotel_twice, _vendor, _allowance, _gift_hidden,
    _banquet_head, _banquet_hidden, _link,
)  # fmt: skip
