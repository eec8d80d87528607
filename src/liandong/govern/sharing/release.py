"""Statistics for others: each release spends a privacy budget, and is drawn once."""

import os
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from liandong.errors import ConflictError, DataError, UnfitError
from liandong.govern.sharing.budget import (
    GRANT,
    accounts,
    budget_account,
    dataset_account,
)
from liandong.govern.sharing.cells import Groups, Ints, apart, cell_of, cells, listed, totals
from liandong.kernels.privacy.laplace import discrete_laplace
from liandong.schema.arrow import arrow_type, empty
from liandong.schema.tables import table
from liandong.schema.tables.releasing import ATTRIBUTES, DATASETS, EPSILON, Attribute, Dataset
from liandong.step import Rule, Tables, fold, output
from liandong.step.consents import asked_for, consenting
from liandong.texts import both
from liandong.types import PPM

RELEASE = "release:"
"""What the ids of entries begin with that spend a budget."""
CLAMP_MOST = 10**12
"""The most that one party may add: the noise, and sums of millions of parties, fit 64 bits."""
CELLS_MOST = 1_000_000
OUTSIDE = Decimal("0.05")
"""How much of the noise is beyond the interval."""


class ReleaseRule(Rule):
    """The order of a release; who reads it knows everything but the data and the noise.

    Attributes
    ----------
    name
        Under which it is published, once: another release takes another name.
    receiver, dataset
        Whose budget is spent, and which table it tells of.
    as_of
        On which day it is spent, and consents must hold.
    measure
        Whole number whose sum a party adds; None: the number of its rows.
    low, high
        What a party adds is clamped to this, in the unit of the measure (money: fen). The larger
        of both is what the presence of one party can change: the sensitivity.
    epsilon
        Budget that it costs, .001 to 10, up to six decimal places.
    groups
        By attribute of the party (``region_id``, ``industry``, ``kind``, ``size_class``) the codes
        to tell apart; none: provinces, sections, kinds or classes. Without attributes it is one
        figure about all parties.
    where
        Only rows that have these texts in these fields.
    purpose
        Only parties that consented to this purpose; None: the law asks for no consent.
    """

    name: str = Field(pattern=r"^[\w.-]{1,80}$")
    receiver: str = Field(min_length=1)
    dataset: Dataset
    as_of: date
    measure: str | None = None
    low: int = Field(default=0, ge=-CLAMP_MOST, le=CLAMP_MOST)
    high: int = Field(default=1, ge=-CLAMP_MOST, le=CLAMP_MOST)
    epsilon: Decimal = Field(ge=Decimal("0.001"), le=10, decimal_places=6)
    groups: dict[Attribute, tuple[str, ...]] = Field(default_factory=dict)
    where: dict[str, str] = Field(default_factory=dict)
    purpose: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        kinds = {f.name: arrow_type(f.kind) for f in table(self.dataset).fields}
        if self.measure is not None and not _whole(kinds.get(self.measure)):
            raise UnfitError(what=both("unfit.release_measure", name=self.measure))
        for name in self.where:
            if kinds.get(name) != pa.string():
                raise UnfitError(what=both("unfit.release_where", name=name))
        if self.low > self.high or not self.sensitivity:
            raise UnfitError(what=both("unfit.release_clamp"))
        for attribute, codes in self.cells_of.items():
            if not apart(attribute, codes):
                raise UnfitError(what=both("unfit.release_groups", name=attribute))
        if np.prod([len(codes) for codes in self.cells_of.values()], dtype=float) > CELLS_MOST:
            raise UnfitError(what=both("unfit.release_cells", most=CELLS_MOST))
        return self

    @property
    def cells_of(self) -> Groups:
        """The groups by attribute, with public lists where the order gives none."""
        return {a: self.groups[a] or listed(a) for a in ATTRIBUTES if a in self.groups}

    @property
    def unit(self) -> str | None:
        """Unit of the figures; rows have none."""
        return table(self.dataset).field(self.measure).unit or None if self.measure else None

    @property
    def sensitivity(self) -> int:
        """How far all figures together change at most if one party is there or not."""
        return max(abs(self.low), abs(self.high))

    @property
    def spent(self) -> int:
        """Epsilon in millionths."""
        return int(self.epsilon * PPM)

    @property
    def scale(self) -> Fraction:
        """Scale of the noise."""
        return Fraction(self.sensitivity * PPM, self.spent)


def _whole(kind: pa.DataType | None) -> bool:
    return kind is not None and pa.types.is_integer(kind)


@fold(
    reads=(*DATASETS, "consent", "entry", "released"),
    writes=("account", "entry", "released"),
    rule=ReleaseRule,
    part=("name",),
)
def release(tables: Tables, rule: ReleaseRule) -> Tables:
    """Publish counts or clamped sums by group with discrete Laplace noise, and spend the budget.

    Whoever sees the table learns about any one party at most what epsilon allows: its presence
    changes the odds of whatever is released by a factor of ``exp(epsilon)`` at most. The noise
    comes from the operating system and is drawn once: the same order again gives back what was
    published under its name. Figures may be below nothing; they are right on average.

    Raises
    ------
    DataError
        If the receiver has no budget, has too little (told by the ledger), has one that does not
        come from grants alone, or if the release was spent on and its rows are gone.
    ConflictError
        If another order was published under the name.
    """
    before = tables["released"]
    before = before.filter(pc.equal(before["release"], rule.name))
    pair: set[tuple[str, str]] = {(rule.receiver, rule.dataset)}
    if len(before):
        if before["rule_id"][0].as_py() != rule.id:
            raise ConflictError(table="released", key=rule.name, field="rule_id")
        return {**accounts(pair), "entry": empty("entry"), "released": before}
    _need_budget(tables["entry"], rule)
    entry = output(
        "entry",
        entry_id=[RELEASE + rule.name], debit=[budget_account(rule.receiver, rule.dataset)],
        credit=[dataset_account(rule.dataset)], amount=[rule.spent], unit=[EPSILON],
        phase=["posted"], event_time=[rule.as_of], ref=[rule.name],
    )  # fmt: skip
    true = _figures(tables, rule)
    value = true + noise(len(true), rule.scale)
    return {**accounts(pair), **entry, **_table(value, rule)}


def noise(size: int, scale: Fraction) -> Ints:
    """Draw noise from the randomness of the operating system."""
    return discrete_laplace(size, scale.numerator, scale.denominator, _words)


def _words(size: int) -> NDArray[np.uint64]:
    return np.frombuffer(os.urandom(8 * size), np.uint64)


def margin(scale: Fraction) -> int:
    """Return the least q for which the noise is within -q .. q at least 95 times in 100.

    Examples
    --------
    >>> margin(Fraction(1)), margin(Fraction(200))
    (3, 599)
    """
    # P(abs(noise) > q) = 2 a^(q + 1) / (1 + a) with a = exp(-1 / scale)
    with localcontext(prec=50):
        inverse = Decimal(scale.numerator) / Decimal(scale.denominator)
        a = (-1 / inverse).exp()
        least = inverse * (2 / (OUTSIDE * (1 + a))).ln()
        return max(int(least.to_integral_value("ROUND_CEILING")) - 1, 0)


def _need_budget(entry: pa.Table, rule: ReleaseRule) -> None:
    """Refuse to spend what nobody has granted; how much there is, the ledger knows."""
    if RELEASE + rule.name in entry["entry_id"].to_pylist():
        what = both("fault.release_gone", name=rule.name)
        raise DataError(file="released", what=what, remedy=both("advice.release_gone"))
    given = entry.filter(pc.equal(entry["credit"], budget_account(rule.receiver, rule.dataset)))
    granted = pc.and_(pc.starts_with(given["entry_id"], GRANT), pc.is_valid(given["run_id"]))
    other = given.filter(pc.invert(granted))
    if len(other):
        what = both("fault.release_credit", entry=other["entry_id"][0].as_py())
        raise DataError(file="entry", what=what, remedy=both("advice.release_credit"))
    if not len(given):
        what = both("fault.release_budget", receiver=rule.receiver, dataset=rule.dataset)
        raise DataError(file="entry", what=what, remedy=both("advice.release_budget"))


def _figures(tables: Tables, rule: ReleaseRule) -> Ints:
    """Return the true figure of each cell."""
    party, rows = tables["party"], tables[rule.dataset]
    if rule.purpose is not None:
        asked = asked_for(tables["consent"], rule.purpose)
        agree = consenting(asked, rule.dataset, rule.as_of)
        party = party.filter(pc.is_in(party["party_id"], value_set=agree.combine_chunks()))
    for name, text in rule.where.items():
        rows = rows.filter(pc.equal(rows[name], text))
    ids = party["party_id"].combine_chunks()
    adds = np.clip(totals(rows, rule.measure, ids), rule.low, rule.high)
    at = cell_of(party, rule.cells_of)
    found = np.zeros(len(cells(rule.cells_of)), np.int64)
    np.add.at(found, at[at >= 0], adds[at >= 0])
    return found


def _table(value: Ints, rule: ReleaseRule) -> Tables:
    n, wide = len(value), margin(rule.scale)
    named: Sequence[Sequence[str]] = [*zip(*cells(rule.cells_of), strict=True)]
    return output(
        "released",
        release=[rule.name] * n, cell=np.arange(1, n + 1), receiver_id=[rule.receiver] * n,
        dataset=[rule.dataset] * n, summed=[rule.measure] * n,
        **dict(zip(rule.cells_of, named, strict=True)),
        value=value, unit=[rule.unit] * n, low=value - wide, high=value + wide,
        scale=[float(rule.scale)] * n, epsilon=[rule.spent] * n, rule_id=[rule.id] * n,
    )  # fmt: skip
