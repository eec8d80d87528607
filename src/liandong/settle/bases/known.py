"""All amounts that agreements may share: those that were given and those that were worked out."""

from typing import Any

from liandong.errors import DataError
from liandong.step import Tables
from liandong.texts import both

AMOUNTS = ("base_amount", "derived_amount")


def known(tables: Tables) -> list[dict[str, Any]]:
    """Return the rows of both tables.

    Raises
    ------
    DataError
        If an amount of one base and period is in both: nobody could tell which counts.
    """
    given, worked_out = (tables[n].to_pylist() for n in AMOUNTS)
    there = {(r["base"], r["period"]) for r in given}
    for row in worked_out:
        if (row["base"], row["period"]) in there:
            named = {n: row[n] for n in ("base", "period")}
            what, remedy = both("fault.base_twice", **named), both("advice.base_twice", **named)
            raise DataError(file=AMOUNTS[0], what=what, remedy=remedy)
    return [*given, *worked_out]
