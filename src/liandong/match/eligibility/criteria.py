"""Criteria of products, from the table that holds them to bands and sets."""

from datetime import date
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.bitmap import LEAST, MOST
from liandong.match.eligibility.measures import BAND, NUMBERS, TRAITS, in_force, is_number
from liandong.texts import both

Int = NDArray[np.int64]


class Band(NamedTuple):
    """What products ask for of one number; shape (products,), LEAST and MOST where open."""

    low: Int
    high: Int

    @classmethod
    def open(cls, products: int) -> Self:
        """Return a band that bounds nothing."""
        return cls(np.full(products, LEAST), np.full(products, MOST))


class Members(NamedTuple):
    """The members of one set measure: product and member of each row, and why it is there."""

    product: Int
    member: list[str]
    basis: list[str | None]


class Criteria(NamedTuple):
    """All criteria in force: bands and sets by measure, in the order of the measures."""

    bands: dict[str, Band]
    sets: dict[str, Members]

    @classmethod
    def of(cls, table: pa.Table, product: pa.Array, day: date) -> Self:
        """Read the criteria that are in force on a day.

        Several bands of a measure must all hold; of the members of a set one is enough, and of
        those forbidden none may be there.

        Parameters
        ----------
        table
            ``criterion``.
        product
            Ids of all products.

        Raises
        ------
        DataError
            If a row names a product or a measure that is not there, or a bound, a member or a
            basis that cannot be; or if the bands of a product leave nothing.
        """
        rows = _in_force(table, day).to_pylist()
        place = {p: i for i, p in enumerate(product.to_pylist())}
        for row in rows:
            _check(row, place)
        names = sorted({r["measure"] for r in rows} - NUMBERS.keys() - TRAITS.keys())
        bands = {name: Band.open(len(place)) for name in (*NUMBERS, *names)}
        used = {r["measure"] for r in rows}
        sets = {name: Members(np.zeros(0, np.int64), [], []) for name in TRAITS if name in used}
        at: dict[str, list[int]] = {name: [] for name in sets}
        for row in rows:
            name, j = row["measure"], place[row["product_id"]]
            if name in TRAITS:
                at[name].append(j)
                sets[name].member.append(row["member"])
                sets[name].basis.append(row["basis"])
            else:
                _narrow(bands[name], j, row)
        filled = {n: s._replace(product=np.array(at[n], np.int64)) for n, s in sets.items()}
        return cls(bands, filled)


def _in_force(table: pa.Table, day: date) -> pa.Table:
    rows = table.filter(in_force(table, day))
    return rows.sort_by([(k, "ascending") for k in ("product_id", "measure", "member")])


def _narrow(band: Band, j: int, row: dict[str, Any]) -> None:
    if row["low"] is not None:
        band.low[j] = max(band.low[j], row["low"])
    if row["high"] is not None:
        band.high[j] = min(band.high[j], row["high"])
    if band.low[j] > band.high[j]:
        raise _wrong(row, both("fault.criterion_empty"))


def _check(row: dict[str, Any], products: dict[str, int]) -> None:
    """Refuse a row that cannot be a criterion."""
    name, low, high = row["measure"], row["low"], row["high"]
    if row["product_id"] not in products:
        raise _wrong(row, both("fault.criterion_product"))
    trait = TRAITS.get(name)
    if trait is None and not is_number(name):
        known = ", ".join([*NUMBERS, *TRAITS, "feature.…"])
        raise _wrong(row, both("fault.criterion_measure"), both("advice.known", known=known))
    if trait is None:
        if row["member"] != BAND or (low is None and high is None):
            raise _wrong(row, both("fault.criterion_band", band=BAND))
        if low is not None and high is not None and low > high:
            raise _wrong(row, both("fault.criterion_reversed", low=low, high=high))
    elif low is not None or high is not None or row["member"] == BAND:
        raise _wrong(row, both("fault.criterion_set"))
    elif trait.members and row["member"] not in trait.members:
        known = ", ".join(trait.members)
        raise _wrong(row, both("fault.criterion_member"), both("advice.known", known=known))
    elif trait.forbids and not row["basis"]:
        raise _wrong(row, both("fault.criterion_basis"))


def _wrong(
    row: dict[str, Any], what: dict[str, str], remedy: dict[str, str] | None = None
) -> DataError:
    key = f"{row['product_id']} / {row['measure']} / {row['member']}"
    named = both("fault.criterion", key=key, why=what)
    return DataError(file="criterion", what=named, remedy=remedy or both("advice.mend_criterion"))
