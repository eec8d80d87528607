"""What provincial governments spend on travel, meetings and guests, with lines to be found.

Honest lines follow what is said here and not what a rule asks for. Beside every kind of planted
case there are a few that look the same and have a good reason: a flag cannot tell them apart.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from liandong.schema.arrow import build
from liandong.world.arrays import Ints, choose, dates, numbered, pick
from liandong.world.regions import MAINLAND
from liandong.world.rule import FIRMS_A_VENDOR, INNOCENT, LEAST_VENDORS, OWN_VENDORS
from liandong.world.truth import Fact

if TYPE_CHECKING:
    from liandong.world.economy import Economy

LINES_A_FIRM, LEAST_LINES = 4, 2_000
LINES_A_PERSON, LEAST_PEOPLE = 100, 4 * len(MAINLAND)
SHARES = {
    "meal": 0.18, "transport": 0.25, "hotel": 0.10, "allowance": 0.08, "banquet": 0.01,
    "gift": 0.01, "meeting": 0.04, "training": 0.04, "office": 0.15, "vehicle": 0.06,
    "service": 0.04, "goods": 0.04,
}  # fmt: skip
TEXTS = {
    "meal": "工作餐", "transport": "市内交通", "hotel": "住宿费", "allowance": "出差补助",
    "banquet": "公务接待", "gift": "外事礼品", "meeting": "会议费", "training": "培训费",
    "office": "办公用品", "vehicle": "车辆加油", "service": "技术服务", "goods": "设备耗材",
}  # fmt: skip
CATEGORIES = list(SHARES)
ALLOWANCE, GUEST = 180_00, 250_00
"""Fen: the set allowance of a day, and what is usual for one guest."""
QUIET = (3, 7, 8, 11)
"""Months without public holidays, whose weeks are those of any year."""
SATURDAY = 5


class Spent(NamedTuple):
    """Expense lines, who claimed them, who was paid, and what was planted."""

    expense: pa.Table
    staff: pa.Table
    vendor: pa.Table
    facts: list[Fact]


def draw_spending(e: "Economy") -> Spent:
    """Draw honest lines and cases; every line is of a government and paid to a firm."""
    book = _Book(e)
    book.honest()
    facts = []
    for code, plant in PLANTS.items():
        for k in range(book.cases):
            case = plant(book)
            if k < book.cases - INNOCENT:
                facts.append(book.fact(code, case))
    return Spent(book.lines(), book.staff(), book.vendor(), facts)


class _Case(NamedTuple):
    """The rows of a case, and the number of whom it is about."""

    rows: Ints
    kind: str
    subject: int


class _Book:
    """Columns that grow: honest lines first, then cases."""

    def __init__(self, e: "Economy") -> None:
        self.e, self.rng = e, e.rng["spending"]
        self.cases = e.rule.flag_cases
        self.count = max(LEAST_LINES, LINES_A_FIRM * len(e.firms))
        self.people = max(LEAST_PEOPLE, self.count // LINES_A_PERSON)
        self.usual = max(LEAST_VENDORS, len(e.firms) // FIRMS_A_VENDOR)
        wanted = self.usual + OWN_VENDORS * self.cases
        self.firms = choose(self.rng, np.arange(len(e.firms)), wanted)
        self._own = iter(range(self.usual, len(self.firms)))
        self._people: Iterator[int] = cycle(self.rng.permutation(self.people).tolist())
        self._shops: Iterator[int] = cycle(self.rng.permutation(self.usual).tolist())
        self.days = np.arange(int(e.months.first[0]), e.months.end)
        self.tied: dict[int, int] = {}
        self.parts: list[dict[str, Ints]] = []
        self.texts: list[str] = []
        self.invoices: list[str] = []
        self.size = 0

    def honest(self) -> None:
        """Add lines of everybody."""
        rng, n = self.rng, self.count
        day = rng.choice(self.days, n)
        kind = rng.choice(len(CATEGORIES), n, p=list(SHARES.values()))
        free = np.isin(kind, [CATEGORIES.index(c) for c in ("banquet", "gift")])
        day[free] = rng.choice(self.calm(), free.sum())
        staff = rng.integers(0, self.people, n)
        amount = np.rint(np.exp(rng.normal(10.3, 1.15, n))).astype(np.int64) + 1
        amount[kind == CATEGORIES.index("allowance")] = ALLOWANCE
        host = kind == CATEGORIES.index("banquet")
        heads = np.where(host, amount // GUEST + 1 + rng.integers(0, 5, n), 0)
        vendor = rng.integers(0, self.usual, n)
        # Whoever stays somewhere stays in one hotel: it follows from who and when.
        stays = kind == CATEGORIES.index("hotel")
        vendor[stays] = ((staff * 7919 + day * 104_729) % self.usual)[stays]
        self._put(kind, staff, vendor, amount, day, heads, [TEXTS[CATEGORIES[k]] for k in kind])

    def add(  # noqa: PLR0913 - a case is its columns
        self, n: int, category: str, *, staff: ArrayLike, day: ArrayLike, amount: ArrayLike,
        vendor: ArrayLike | None = None, heads: int = 0, text: str = "",
        invoice: list[str] | None = None,
    ) -> Ints:  # fmt: skip
        """Add ``n`` lines, a number stands for all of them; return their rows."""
        paid = self.shop() if vendor is None else vendor
        kind, told = np.full(n, CATEGORIES.index(category)), [text or TEXTS[category]] * n
        who, to, fen, on, guests = (
            np.broadcast_to(np.asarray(c, np.int64), (n,))
            for c in (staff, paid, amount, day, heads)
        )
        return self._put(kind, who, to, fen, on, guests, told, invoice)

    def _put(
        self, kind: Ints, staff: Ints, vendor: Ints, amount: Ints, day: Ints, heads: Ints,
        text: list[str], invoice: list[str] | None = None,
    ) -> Ints:  # fmt: skip
        self.parts.append({
            "kind": kind, "staff": staff, "vendor": vendor, "amount": amount, "day": day,
            "heads": heads,
        })  # fmt: skip
        self.texts += text
        self.invoices += invoice or [str(self.number()) for _ in text]
        rows = np.arange(self.size, self.size + len(kind))
        self.size += len(kind)
        return rows

    def number(self) -> int:
        """Return the number of an invoice."""
        return int(self.rng.integers(10**7, 10**8 - 100))

    def one(self) -> int:
        """Return a member of staff, somebody else each time."""
        return next(self._people)

    def shop(self) -> int:
        """Return a vendor that many know, another one each time."""
        return next(self._shops)

    def own_shop(self) -> int:
        """Return a vendor that nobody else pays."""
        return next(self._own)

    def calm(self) -> Ints:
        """Return days from Monday to Friday that are worked in every year."""
        return self._days(QUIET, range(SATURDAY))

    def saturdays(self) -> Ints:
        """Return Saturdays on which nobody works."""
        return self._days(QUIET, (SATURDAY,))

    def national(self) -> Ints:
        """Return days of the National Day holiday."""
        found = self._days((10,), range(7))
        month = found.astype("M8[D]").astype("M8[M]").astype("M8[D]").astype(np.int64)
        return found[found - month < 3]

    def _days(self, months: tuple[int, ...], week: Iterable[int]) -> Ints:
        month = self.days.astype("M8[D]").astype("M8[M]").astype(np.int64) % 12 + 1
        return self.days[np.isin(month, months) & np.isin((self.days + 3) % 7, list(week))]

    def on(self, days: Ints, n: int = 1) -> Ints:
        """Return ``n`` different ones of some days."""
        return choose(self.rng, days, n)

    def start(self) -> int:
        """Return a first day that leaves two months."""
        return int(self.rng.choice(self.days[:-62]))

    def whole(self) -> dict[str, Ints]:
        """Return all columns."""
        return {n: np.concatenate([p[n] for p in self.parts]) for n in self.parts[0]}

    def fact(self, code: str, case: _Case) -> Fact:
        """Tell what was planted, by the ids that the tables have."""
        subject = {"staff": _people, "vendor": self._vendors, "unit": self._units}[case.kind]
        part = self.parts[-1]
        return Fact(
            "planted_flag", subject(np.array([case.subject]))[0].as_py(), None,
            int(part["day"].min()), int(part["amount"].sum()),
            {"code": code, "lines": _lines(case.rows).to_pylist()},
        )  # fmt: skip

    def _vendors(self, vendor: Ints) -> pa.Array:
        return pick(self.e.cast.ids, self.firms[vendor])

    def _units(self, staff: Ints) -> pa.Array:
        return pick(self.e.cast.ids, self.e.cast.government + staff % len(MAINLAND))

    def lines(self) -> pa.Table:
        """Return ``expense`` by day."""
        c = self.whole()
        table = build("expense", {
            "expense_id": _lines(np.arange(self.size)),
            "unit_id": self._units(c["staff"]),
            "staff_id": _people(c["staff"]),
            "vendor_id": self._vendors(c["vendor"]),
            "category": pick(CATEGORIES, c["kind"]),
            "amount": c["amount"],
            "spent_on": dates(c["day"]),
            "invoice_no": self.invoices,
            "heads": pa.array(c["heads"], mask=c["heads"] == 0),
            "text": self.texts,
        })  # fmt: skip
        return table.take(np.argsort(c["day"], kind="stable")).combine_chunks()

    def staff(self) -> pa.Table:
        """Return ``staff``."""
        every = np.arange(self.people)
        return build("staff", {
            "staff_id": _people(every), "unit_id": self._units(every),
            "phone": numbered("139", every, 8),
        })  # fmt: skip

    def vendor(self) -> pa.Table:
        """Return ``vendor``: firms, a few with the telephone of a member of staff."""
        every = np.arange(len(self.firms))
        phone = numbered("010", every, 8).to_pylist()
        for shop, own in self.tied.items():
            phone[shop] = numbered("139", np.array([own]), 8)[0].as_py()
        table = build("vendor", {
            "vendor_id": self._vendors(every),
            "name": self.e.parties["name"].combine_chunks().take(pa.array(self.firms)),
            "phone": phone,
        })  # fmt: skip
        return table.take(np.argsort(self.firms)).combine_chunks()


def _lines(rows: Ints) -> pa.Array:
    return numbered("X", rows + 1, 6)


def _people(staff: Ints) -> pa.Array:
    return numbered("S", staff + 1, 5)


def _split(b: _Book) -> _Case:
    own, day = b.one(), b.start() + np.array([0, 1, 2, 4])
    amount = b.rng.integers(350_000, 900_000, 4)
    rows = b.add(4, "goods", staff=own, vendor=b.shop(), day=day, amount=amount)
    return _Case(rows, "unit", own)


def _below(b: _Book) -> _Case:
    own, amount = b.one(), b.rng.integers(960_000, 999_900, 7)
    shops = [b.shop() for _ in range(7)]
    rows = b.add(7, "meeting", staff=own, day=b.on(b.calm(), 7), amount=amount, vendor=shops)
    return _Case(rows, "staff", own)


def _claimed(b: _Book, *, alike: bool) -> _Case:
    """One invoice that two people claim, with the same amount or another."""
    shop, people = b.shop(), [b.one(), b.one()]
    amount = b.rng.integers(20_000, 300_000, 1 if alike else 2)
    rows = b.add(2, "office", staff=people, vendor=shop, day=b.start(), amount=amount,
                 invoice=[str(b.number())] * 2)  # fmt: skip
    return _Case(rows, "vendor", shop)


def _near(b: _Book) -> _Case:
    shop, number = b.shop(), b.number()
    written = [f"{number}", f"{number // 10**4}-{number % 10**4:04d}"]
    rows = b.add(2, "office", staff=b.one(), vendor=shop, day=b.start() + np.array([0, 20]),
                 amount=b.rng.integers(20_000, 300_000), invoice=written)  # fmt: skip
    return _Case(rows, "vendor", shop)


def _serial(b: _Book) -> _Case:
    own, first, day = b.one(), b.number(), b.start() + np.array([0, 9, 19, 33])
    rows = b.add(4, "transport", staff=own, vendor=b.shop(), day=day,
                 amount=b.rng.integers(5_000, 50_000, 4),
                 invoice=[str(first + k) for k in range(4)])  # fmt: skip
    return _Case(rows, "staff", own)


def _weekend(b: _Book) -> _Case:
    own, amount = b.one(), b.rng.integers(100_000, 300_000, 3)
    day = b.on(b.saturdays(), 3)
    return _Case(b.add(3, "banquet", staff=own, day=day, amount=amount, heads=20), "staff", own)


def _holiday(b: _Book) -> _Case:
    own, amount = b.one(), b.rng.integers(50_000, 300_000, 3)
    return _Case(
        b.add(3, "gift", staff=own, day=b.on(b.national(), 3), amount=amount), "staff", own
    )


def _hotel_twice(b: _Book) -> _Case:
    own, amount = b.one(), b.rng.integers(30_000, 60_000, 2)
    shops = [b.own_shop(), b.own_shop()]
    rows = b.add(2, "hotel", staff=own, vendor=shops, day=b.start(), amount=amount)
    return _Case(rows, "staff", own)


def _vendor(b: _Book) -> _Case:
    shop, amount = b.own_shop(), b.rng.integers(500_000, 950_000, 11)
    rows = b.add(11, "service", staff=b.one(), vendor=shop, day=b.on(b.calm(), 11), amount=amount)
    return _Case(rows, "vendor", shop)


def _allowance(b: _Book) -> _Case:
    own, first = b.one(), int(b.rng.choice(b.e.months.first[:-1]))
    rows = b.add(4, "allowance", staff=own, day=first + np.array([3, 9, 15, 21]), amount=150_000,
                 text="值班、误餐、交通等补贴")  # fmt: skip
    return _Case(rows, "staff", own)


def _hidden(b: _Book, category: str, text: str) -> _Case:
    own, amount = b.one(), b.rng.integers(20_000, 280_000, 3)
    rows = b.add(3, category, staff=own, day=b.on(b.calm(), 3), amount=amount, text=text)
    return _Case(rows, "staff", own)


def _dear(b: _Book) -> _Case:
    own, amount = b.one(), b.rng.integers(200_000, 600_000, 3)
    day = b.on(b.calm(), 3)
    return _Case(b.add(3, "banquet", staff=own, day=day, amount=amount, heads=4), "staff", own)


def _link(b: _Book) -> _Case:
    shop, amount = b.own_shop(), b.rng.integers(100_000, 290_000, 5)
    b.tied[shop] = b.one()
    people = [b.one() for _ in range(5)]
    rows = b.add(5, "goods", staff=people, vendor=shop, day=b.on(b.calm(), 5), amount=amount)
    return _Case(rows, "vendor", shop)


PLANTS: dict[str, Callable[[_Book], _Case]] = {
    "split": _split,
    "below": _below,
    "duplicate": lambda b: _claimed(b, alike=True),
    "near": _near,
    "reused": lambda b: _claimed(b, alike=False),
    "serial": _serial,
    "weekend": _weekend,
    "holiday": _holiday,
    "hotel_twice": _hotel_twice,
    "vendor": _vendor,
    "allowance": _allowance,
    "gift_hidden": lambda b: _hidden(b, "office", "办公用品（茶叶礼盒）"),
    "banquet_hidden": lambda b: _hidden(b, "training", "培训费（农家乐）"),
    "banquet_head": _dear,
    "link": _link,
}
"""By the kind of flag that should find it; a case adds its lines in one go."""

TABLES: dict[str, Callable[["Economy"], pa.Table]] = {
    "expense": lambda e: e.spending.expense,
    "staff": lambda e: e.spending.staff,
    "vendor": lambda e: e.spending.vendor,
}
"""How the tables of this topic are made."""
