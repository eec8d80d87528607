"""Refusals of figures that cannot be compared, by name."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError, NotFoundError
from liandong.texts import both


def one_unit(file: str, measure: str, period: str, units: Iterable[str]) -> None:
    """Raise DataError that names the units, if there are several."""
    found = sorted(set(units))
    if len(found) > 1:
        what = both("fault.units_differ", measure=measure, period=period, units=", ".join(found))
        raise DataError(file=file, what=what, remedy=both("advice.one_unit"))


def known_name(kind: str, name: str, column: pa.ChunkedArray) -> None:
    """Raise an error that names what there is, if a name is not in a column that has any."""
    there = sorted(pc.unique(column).to_pylist())
    if there and name not in there:
        remedy = both("advice.known", known=", ".join(there))
        raise NotFoundError(kind=both(kind), name=name, remedy=remedy)
