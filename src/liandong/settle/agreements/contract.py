"""The step that says what agreements mean, and what they would give in years to come."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pyarrow as pa
from pydantic import Field

from liandong.errors import AgreementError, UsageError
from liandong.schema.arrow import arrow_schema
from liandong.schema.field import MONEY_MOST
from liandong.settle.agreements.checking import faults
from liandong.settle.agreements.nodes import Agreement, Clause, Sharing, Subsidy, Unit
from liandong.settle.agreements.parsing import parse
from liandong.settle.agreements.periods import days_of
from liandong.settle.agreements.posting import nearest
from liandong.settle.agreements.rules import AgreementRule
from liandong.settle.agreements.simulating import (
    RATE,
    Simulation,
    base_units,
    growing,
    rate_names,
    ratio,
    simulate,
    supposed,
)
from liandong.settle.agreements.telling import told
from liandong.settle.bases.known import known
from liandong.step import Rule, Tables, fold
from liandong.texts import LANGUAGES, both

YEARS = 10
"""Years that are tried if nobody says which."""
MOST_YEARS = 50
USUAL_RATE, MILLION = 43_500, 1_000_000
"""Of what nobody has said: a rate of 4.35%, a million units."""
Row = dict[str, Any]


class ContractRule(Rule):
    """What agreements are tried on.

    Attributes
    ----------
    amounts
        What each base amounts to in the first year, as a person writes it: ``10_000_000.00``, a
        rate as ``4.35%``. Bases that are not named have what they had in the last whole year on
        the board, and without that something supposed.
    growth
        A year, such as ``8%``.
    since, until
        First and last year; by default the first ten of the validity.
    """

    amounts: dict[str, str] = Field(default_factory=dict)
    growth: str = "0%"
    since: int | None = Field(default=None, ge=1, le=9998)
    until: int | None = Field(default=None, ge=1, le=9998)


@fold(
    reads=("rule", "base_amount", "derived_amount"),
    writes=("agreement_note", "agreement_input", "simulated_share"),
    rule=ContractRule,
)
def contract(tables: Tables, rule: ContractRule) -> Tables:
    """Say in words what each agreement of the table ``rule`` says, or all that is wrong with it.

    ``simulated_share`` is what it would give on supposed amounts, year by year, with the tiers,
    floors, caps and clawbacks that gave each unit; years that are only partly in the validity of a
    clause are left out.

    Raises
    ------
    AgreementError
        If an amount or the growth cannot be read.
    UsageError
        If amounts grow beyond what a table holds.
    """
    kept = (r for r in tables["rule"].to_pylist() if r["kind"] == AgreementRule.kind())
    found = [
        _Draft(r["rule_id"], one["name"], one["text"])
        for r in kept
        for one in tomllib.loads(r["toml"]).get("agreements", [])
    ]
    amounts = known(tables) if found else []
    inputs = [row for one in found for row in one.inputs(rule, amounts)]
    shares = [row for one in found for row in one.shares(rule, inputs)]
    return {
        "agreement_note": _table("agreement_note", [r for one in found for r in one.notes()]),
        "agreement_input": _table("agreement_input", inputs),
        "simulated_share": _table("simulated_share", shares),
    }


def _table(name: str, rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(name))


class _Draft:
    """One agreement of a rule, read as far as it can be."""

    def __init__(self, rule: str, name: str, text: str) -> None:
        self.key = {"rule": rule, "agreement": name}
        self.agreement: Agreement = ()
        try:
            self.agreement = parse(text)
            self.wrong = faults(self.agreement)
        except AgreementError as error:
            self.wrong = [error]

    def notes(self) -> Iterator[Row]:
        """Yield what it says, clause by clause, or what is wrong with it."""
        told_ = [*map(_fault, self.wrong)] or [r for c in self.agreement for r in _clause(c)]
        for number, row in enumerate(told_, 1):
            yield {**self.key, "number": number, **row}

    def inputs(self, rule: ContractRule, amounts: list[Row]) -> Iterator[Row]:
        """Yield the amount of each base in the first year, and where it is from."""
        for base, unit in base_units(self.agreement).items() if not self.wrong else ():
            own = [r for r in amounts if r["base"] == base and r["unit"] == unit.name]
            mean = unit == RATE or base in _principals(self.agreement)
            last = _last_year(own, mean=mean)
            row = {"amount": _usual(self.agreement, base, unit), "source": "supposed"}
            if base in rule.amounts:
                row = {"amount": supposed(rule.amounts[base], unit), "source": "given"}
            elif last:
                row = {"amount": last[1], "source": "board", "period": last[0]}
            yield {**self.key, "base": base, "unit": unit.name, "places": unit.places, **row}

    def shares(self, rule: ContractRule, inputs: list[Row]) -> Iterator[Row]:
        """Yield what everybody would have, year by year."""
        first = {r["base"]: r["amount"] for r in inputs if self.key.items() <= r.items()}
        years = [] if self.wrong else _years(self.agreement, rule)
        facts = growing(first, years, ratio(rule.growth), rate_names(self.agreement))
        if any(abs(amount) > MONEY_MOST for amount in facts.values()):
            what, remedy = both("fault.tried_large"), both("advice.tried_large")
            raise UsageError(what=what, remedy=remedy)
        found = simulate(self.agreement, facts) if years else Simulation((), {})
        for p in found.postings:
            unit = found.units[p.clause]
            yield {
                **self.key, "clause": p.clause, "party": p.party, "period": p.period,
                "amount": p.amount, "unit": unit.name, "places": unit.places,
                "reasons": [{"code": code, "points": points} for code, points in p.reasons],
            }  # fmt: skip


def _fault(error: AgreementError) -> Row:
    place = {n: int(str(error.params[n])) for n in ("line", "column")}
    words = {lang: error.text(lang) for lang in LANGUAGES}
    return {"kind": "fault", **words, **place, "code": error.params["check"]}


def _clause(clause: Clause) -> Iterator[Row]:
    """Yield the heading of a clause and its articles."""
    lines = zip(*(told((clause,), lang) for lang in LANGUAGES), strict=True)
    for i, line in enumerate(lines):
        words = dict(zip(LANGUAGES, line, strict=True))
        about = {} if i else {
            "clause": clause.name, "unit": clause.unit.name, "places": clause.unit.places,
            "parties": ", ".join(clause.parties),
            "valid_from": clause.valid.first, "valid_to": clause.valid.last,
        }  # fmt: skip
        yield {"kind": "article" if i else "heading", **words, **about}


def _principals(agreement: Agreement) -> set[str]:
    """Return the bases that are owed all the time, and so do not add up over months."""
    return {c.base for c in agreement if isinstance(c, Subsidy)}


def _last_year(rows: list[Row], *, mean: bool) -> tuple[str, int] | None:
    """Return the last year of which all twelve months are there, and its amount or mean."""
    months: dict[str, set[str]] = defaultdict(set)
    total: dict[str, int] = defaultdict(int)
    for r in rows:
        months[r["period"][:4]].add(r["period"])
        total[r["period"][:4]] += r["amount"] * (_months(r["period"]) if mean else 1)
    whole = [y for y, periods in months.items() if sum(map(_months, periods)) == 12]
    by = 12 if mean else 1
    return (max(whole), nearest(Fraction(total[max(whole)], by))) if whole else None


def _months(period: str) -> int:
    first, last = days_of(period)
    return last.month - first.month + 1


def _usual(agreement: Agreement, base: str, unit: Unit) -> int:
    """Return a rate, the end of the first tier of a base, or a million."""
    if unit == RATE:
        return USUAL_RATE
    own = (c for c in agreement if isinstance(c, Sharing) and base in c.bases)
    tops = [int(t.limit) for c in own for t in c.tiers if t.limit and not t.of]
    return min(tops, default=MILLION * 10**unit.places)


def _years(agreement: Agreement, rule: ContractRule) -> list[int]:
    """Return the years to be tried: none that is partly in the validity of a clause."""
    ends = [d for c in agreement for d in c.valid]
    since = rule.since or min(ends).year
    until = rule.until or min(max(ends).year, since + YEARS - 1)
    partly = {c.valid.first.year for c in agreement if c.valid.first.strftime("%m%d") != "0101"}
    partly |= {c.valid.last.year for c in agreement if c.valid.last.strftime("%m%d") != "1231"}
    return [y for y in range(since, min(until, since + MOST_YEARS - 1) + 1) if y not in partly]
