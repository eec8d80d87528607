"""An agreement over years that are still to come: who would have what, before anybody signs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from liandong.settle.agreements.evaluating import evaluate
from liandong.settle.agreements.nodes import Agreement, Clause, Facts, Subsidy, Unit
from liandong.settle.agreements.posting import Posting, nearest
from liandong.settle.agreements.reading import Reader
from liandong.types import PPM

RATE = Unit("ppm", 4)
"""The unit of rates: parts per million, so that four places make percent."""


@dataclass(frozen=True)
class Simulation:
    """What came of a simulation.

    Attributes
    ----------
    postings
        As :func:`evaluate` returns them.
    units
        The unit of each clause, by its name.
    """

    postings: tuple[Posting, ...]
    units: Mapping[str, Unit]

    def series(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return amounts by clause, party and period, in order: the lines of a chart."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for p in self.postings:
            found.setdefault(p.clause, {}).setdefault(p.party, {})[p.period] = p.amount
        return found


def simulate(agreement: Agreement, facts: Facts) -> Simulation:
    """Return what an agreement would give for supposed amounts.

    Parameters
    ----------
    agreement
        Without faults.
    facts
        Minor units by base and period, such as :func:`growing` makes them.
    """
    units = {clause.name: clause.unit for clause in agreement}
    return Simulation(tuple(evaluate(agreement, facts)), units)


def growing(
    first: Mapping[str, int], years: Iterable[int], growth: Fraction, rates: Iterable[str] = ()
) -> dict[tuple[str, str], int]:
    """Return amounts that grow from year to year, each rounded on its own.

    Parameters
    ----------
    first
        Minor units of each base in the first year.
    years
        Calendar years.
    growth
        A year, such as 8/100.
    rates
        Names that stay as they are.

    Examples
    --------
    >>> growing({"tax": 1000}, range(2026, 2028), Fraction(8, 100))
    {('tax', '2026'): 1000, ('tax', '2027'): 1080}
    """
    still = set(rates)
    return {
        (name, f"{year:04}"): nearest(
            Fraction(amount) * (1 if name in still else (1 + growth) ** i)
        )
        for i, year in enumerate(years)
        for name, amount in first.items()
    }


def rate_names(agreement: Agreement) -> set[str]:
    """Return the names that are rates, given in parts per million."""
    return {t.name for c in agreement if isinstance(c, Subsidy) for t in c.rates if t.name}


def supposed(text: str, unit: Unit) -> int:
    """Read an amount as a person writes it: ``10_000_000.00`` of a unit, ``4.35%`` of a rate.

    Raises
    ------
    AgreementError, ValueError
        If it is none.
    """
    return int(ratio(text) * PPM) if unit == RATE else Reader(text).amount(unit)


def ratio(text: str) -> Fraction:
    """Read ``8%`` or ``0.08``; ValueError if it is neither."""
    body = text.strip()
    return Fraction(body.removesuffix("%")) / (100 if body.endswith("%") else 1)


def base_units(agreement: Agreement) -> dict[str, Unit]:
    """Return the units of all amounts that an agreement reads, by name."""
    units = {n: c.unit for c in agreement for n in _bases(c)}
    return units | dict.fromkeys(sorted(rate_names(agreement)), RATE)


def _bases(clause: Clause) -> Iterator[str]:
    """Yield the names of amounts that a clause reads, rates left out."""
    if isinstance(clause, Subsidy):
        yield clause.base
        return
    yield from clause.bases
    yield from (t.of for t in clause.tiers if t.of)
    for back in clause.clawbacks:
        r = back.recover
        yield from (n for n in (back.done, back.due, r.whole, r.part, r.by) if n)
