"""What an agreement says: frozen trees of exact numbers; and the error of a place in its text.

Money and memo quantities are whole minor units of the declared unit, portions and rates exact
fractions. ``at`` is the line and column of a clause, from 1, and no part of equality.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from liandong.errors import AgreementError
from liandong.texts import both

Position = tuple[int, int]
Method = Literal["quota", "webster", "remainder"]
Count = Literal["act/360", "act/365", "30/360"]

METHODS: tuple[Method, ...] = ("quota", "webster", "remainder")
COUNTS: tuple[Count, ...] = ("act/360", "act/365", "30/360")
MOST_PLACES = 6

Facts = Mapping[tuple[str, str], int]
"""What happened: minor units by name of a base and period (2026, 2026-Q3 or 2026-03)."""


class Unit(NamedTuple):
    """A unit and its decimal places: ``CNY/2`` is counted in fen, ``tce/3`` in kilograms."""

    name: str
    places: int


class Span(NamedTuple):
    """First and last day."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Part:
    """What one party has of a tier or a layer, and where what is above its cap goes."""

    party: str
    portion: Fraction
    cap: int | None = None
    excess: str = ""
    at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tier:
    """A range of the base, or a layer of a loss, and who has which part of it.

    Attributes
    ----------
    limit
        Of a tier: where it ends; of a layer: how thick it is. None: all the rest.
    of
        Where it is not empty, ``limit`` is a share of this base, and otherwise minor units.
    """

    limit: Fraction | int | None
    parts: tuple[Part, ...]
    of: str = ""
    at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Replacement:
    """Other parts of a tier in some years of the agreement, the first being 1."""

    first: int
    last: int
    tier: Tier
    at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Floor:
    """What a party has at least in a year, and who pays what is missing, up to a limit."""

    party: str
    amount: int
    payer: str
    most: int | None = None
    at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cap:
    """What a party has at most, and who has what is above."""

    party: str
    amount: int
    excess: str
    at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Which part of what was received comes back: ``(whole - part) / by``, or a fixed one."""

    whole: str = ""
    part: str = ""
    by: str = ""
    fixed: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Clawback:
    """A part of what a party has received goes to another if less was done by a day than agreed.

    Attributes
    ----------
    done, share, due
        It applies if ``done < share * due``, both summed up to the day before ``before``.
    most
        Most minor units that come back; None: all that was received.
    """

    party: str
    done: str
    share: Fraction
    due: str
    before: date
    recover: Recovery
    most: int | None
    to: str
    at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sharing:
    """An agreement that shares a base out, or a loss.

    Attributes
    ----------
    kind
        ``agreement`` or ``losses``.
    yearly
        Tiers, caps and rounding begin afresh every calendar year; else they go on over all years.
    bases
        Names whose amounts add up to the base.
    least
        What the base of a year is at least: floors are held against it before anybody signs.
    method
        How cumulated shares are rounded.
    """

    kind: Literal["agreement", "losses"]
    name: str
    unit: Unit
    parties: tuple[str, ...]
    valid: Span
    yearly: bool
    bases: tuple[str, ...]
    tiers: tuple[Tier, ...]
    least: int = 0
    replacements: tuple[Replacement, ...] = ()
    floors: tuple[Floor, ...] = ()
    caps: tuple[Cap, ...] = ()
    clawbacks: tuple[Clawback, ...] = ()
    method: Method = "quota"
    at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Term:
    """A rate: ``times`` the rate of that name (none if it is empty), and ``plus``."""

    plus: Fraction
    name: str = ""
    times: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Subsidy:
    """Interest on a principal for some months, at the least of some rates, paid by one to another.

    Attributes
    ----------
    base
        Name of the principal outstanding in a period.
    rates
        Yearly rates, of which the least counts, and never less than nothing.
    first, last
        Months of the validity, the month of its first day being 1.
    most
        Most minor units in all; None: no limit.
    """

    name: str
    unit: Unit
    valid: Span
    base: str
    rates: tuple[Term, ...]
    count: Count
    first: int
    last: int
    payer: str
    to: str
    most: int | None = None
    at: Position = field(default=(1, 1), compare=False, repr=False)

    @property
    def parties(self) -> tuple[str, str]:
        """Who receives and who pays."""
        return (self.to, self.payer)


Clause = Sharing | Subsidy
Agreement = tuple[Clause, ...]
"""All that one text says."""


def unfit(code: str, at: Position, found: str | dict[str, str], **more: object) -> AgreementError:
    """Return the error of a code and its advice at a place of the text; ``more`` fills both."""
    if isinstance(found, str):
        found = found.encode("utf-8", "backslashreplace").decode()
        found = found if len(found) <= 60 else f"{found[:57]}..."
    return AgreementError(
        check=code, line=at[0], column=at[1], found=found,
        what=both(f"fault.{code}", **more), remedy=both(f"advice.{code}", **more),
    )  # fmt: skip
