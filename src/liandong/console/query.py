"""What a page is asked: the values of its address, checked before they are used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from liandong.errors import UnfitError, UsageError
from liandong.texts import both
from liandong.types import Money

LONGEST = 200
"""Characters of a value at most; nothing that people look for is longer."""
PAGE_ROWS = 50
"""Rows of one page of a list."""
FILE_ROWS = 100_000
"""Rows of a list in a file at most; of whole tables the API gives more (``/v1/tables``)."""
PASSING = {"page", "lang", "theme", "format", "block"}
"""Values that go no further than one address."""


@dataclass(frozen=True)
class Query:
    """Values of one request.

    Attributes
    ----------
    given
        Parameters of the address by name.
    path
        The address without parameters.
    parts
        Parts of the path by name.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    path: str = "/"
    parts: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, default: str = "", most: int = LONGEST) -> str:
        """Return a value as text.

        Raises
        ------
        UsageError
            If it is longer than ``most``.
        """
        value = self.parts.get(name, self.given.get(name, default)).strip()
        if len(value) > most:
            what, remedy = both("fault.too_long", name=name), both("advice.length", most=most)
            raise UsageError(what=what, remedy=remedy)
        return value

    def whole(self, name: str, default: int, low: int = 0, high: int = 10**9) -> int:
        """Return a value as a whole number within bounds; UsageError otherwise."""
        value = self.text(name) or str(default)
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise wrong(name, value, both("advice.number", low=low, high=high))
        return int(value)

    def choice(self, name: str, choices: Iterable[str], default: str = "") -> str:
        """Return a value out of a list; UsageError names the list."""
        value, known = self.text(name) or default, list(choices)
        if value and value not in known:
            raise wrong(name, value, both("advice.known", known=", ".join(known)))
        return value

    def day(self, name: str) -> date | None:
        """Return a value as a date, None if absent; UsageError if it is none."""
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError as error:
            raise wrong(name, value, both("advice.day")) from error

    def money(self, name: str) -> int | None:
        """Return an amount such as ``500_000 CNY`` in fen, None if absent; UsageError if none."""
        value = self.text(name)
        try:
            found = int(Money.parse(value)) if value else 0
        except UnfitError as error:
            raise wrong(name, value, both("advice.money")) from error
        if found < 0:
            raise wrong(name, value, both("advice.money"))
        return found if value else None

    @property
    def page(self) -> int:
        """Number of the page of a list, from 1."""
        return self.whole("page", 1, low=1, high=10**6)

    @property
    def filed(self) -> bool:
        """Whether a list is asked for as a file: that holds all of it, not one page."""
        kind = self.text("format")
        return kind in {"csv", "arrow"} or (kind == "json" and bool(self.text("block")))

    def upto(self, shown: int) -> int:
        """Return how many rows of a list are wanted: a file has those, too, that no page shows."""
        return FILE_ROWS if self.filed else shown

    @property
    def most(self) -> int:
        """Rows of a list in pages to be shown."""
        return self.upto(PAGE_ROWS)

    @property
    def offset(self) -> int:
        """Rows of a list before these."""
        return 0 if self.filed else (self.page - 1) * PAGE_ROWS

    def address(self, **changes: object) -> str:
        """Return this address with some parameters changed or removed (None).

        The page of a list, the language and the format are not kept.
        """
        wanted = {n: v for n, v in self.given.items() if n not in PASSING}
        wanted |= {n: "" if v is None else str(v) for n, v in changes.items()}
        kept = urlencode({n: v for n, v in wanted.items() if v})
        return f"{self.path}?{kept}" if kept else self.path


def wrong(name: str, value: str, remedy: dict[str, str]) -> UsageError:
    """Return the error of a value that a parameter cannot have."""
    return UsageError(what=both("fault.bad_value", name=name, value=value), remedy=remedy)


class Where:
    """Conditions of a query and the values of their ``?`` marks, growing together."""

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: list[object] = []

    def add(self, condition: str, *values: object) -> "Where":
        """Add a condition; ``condition`` is a constant of ours, never a caller's text."""
        self._conditions.append(f"({condition})")
        self.values.extend(values)
        return self

    def one_of(self, column: str, values: Sequence[object]) -> "Where":
        """Add that ``column`` is one of some values; they are looked up, not compared by turns."""
        return self.add(f"{column} IN ({', '.join('?' * len(values)) or 'NULL'})", *values)

    def among(self, column: str, query: str, other: "Where") -> "Where":
        """Add that ``column`` is among the values of a SELECT with ``{where}`` for ``other``."""
        return self.add(f"{column} IN ({query.format(where=other)})", *other.values)

    def __str__(self) -> str:
        return f" WHERE {' AND '.join(self._conditions)}" if self._conditions else ""
