"""What a table is: named, typed, keyed fields with units and labels in two languages."""

from dataclasses import dataclass
from typing import Literal

from liandong.schema.shapes import Shape

Kind = Literal[
    "id",  # text that names something; never empty
    "text",
    "choice",  # text out of a fixed list
    "region",  # GB/T 2260 code, six digits
    "industry",  # GB/T 4754 section letter with up to four digits
    "credit_code",  # GB 32100, check digit verified
    "money",  # int64 fen
    "rate",  # int32 parts per million
    "int",  # int64
    "float",  # float64, for statistics and never for money
    "bool",
    "date",
    "time",  # microseconds, UTC
    "json",  # text holding JSON
    "hash",  # lower-case hex
    "reasons",  # list of (code, points)
]
Home = Literal["lake", "books"]
Personal = Literal["", "name", "phone", "number", "day", "text"]
"""What personal data a field may hold, which says how much of it is left when it is masked."""

MONEY_MOST = 10**15
"""Most fen in one field, either way: ten trillion yuan; more is a mistake of units."""

MINOR_UNITS = "minor units"
"""The unit of amounts that are in the unit which their own row names."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Parameters
    ----------
    name, kind
        Column name and kind; the kind decides the Arrow and SQL types.
    zh, en
        Labels for people.
    unit
        Unit of the value, empty when the kind says it all.
    null
        Whether the value may be absent.
    choices
        Allowed texts of a ``choice``.
    words
        Common words for choices, with the choice they stand for; read like the choice itself.
    low, high
        Inclusive bounds of a number, or ISO dates of a date or time. Money without them is bound
        by :data:`MONEY_MOST`.
    later
        It came when boards had rows already: hashes leave it out where no row has a value.
    shape
        What its JSON looks like, see :data:`liandong.schema.shapes.SHAPES`.
    personal
        What data of persons it may hold, if any; see ``person`` of the table.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    null: bool = False
    choices: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    low: int | float | str | None = None
    high: int | float | str | None = None
    later: bool = False
    shape: Shape = ""
    personal: Personal = ""

    @property
    def bounds(self) -> tuple[int | float | str | None, int | float | str | None]:
        """The lowest and the highest value allowed."""
        most = MONEY_MOST if self.kind == "money" else None
        low = -most if self.low is None and most else self.low
        return low, most if self.high is None else self.high


@dataclass(frozen=True, slots=True)
class Table:
    """A named table.

    Parameters
    ----------
    key
        Fields that identify a row; unique over the whole board.
    home
        ``lake`` for immutable facts and results (Parquet), ``books`` for transactional rows (SQL).
    checks
        Names of row checks over several fields, see :mod:`liandong.schema.validate`.
    secret
        A table that no step may read (planted truth).
    person
        A field, and its values in rows about persons: only there are personal data masked. A field
        without values holds ids of parties, some of which are persons. None: all rows are.
    """

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    home: Home = "lake"
    checks: tuple[str, ...] = ()
    secret: bool = False
    person: tuple[str, tuple[str, ...]] | None = None

    @property
    def label(self) -> dict[str, str]:
        """What the table is called, by language."""
        return {"zh": self.zh, "en": self.en.lower()}

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(f.name for f in self.fields)

    def field(self, name: str) -> Field:
        """Return the field called ``name``; KeyError if there is none."""
        for f in self.fields:
            if f.name == name:
                return f
        raise KeyError(name)
