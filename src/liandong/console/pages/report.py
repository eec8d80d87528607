"""A credit report of a firm on one page: score, reasons, sales, loans and alerts."""

from typing import Any

from liandong.console.pages import firm, letter
from liandong.console.query import Query
from liandong.console.reading import Reading

MONTHS = 24
"""Months of sales and purchases drawn."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return what the report shows: what the letter says, and what the page of the firm knows.

    Raises
    ------
    NotFoundError
        If the firm has no score, or nothing explains it.
    """
    told, known = letter.data(reading, query), firm.data(reading, query)
    lent = [loan for loan in known["loans"] if loan["start"] <= told["score"]["as_of"]]
    return {
        **told,
        "months": known["months"][-MONTHS:],
        "alerts": known["alerts"],
        "loans": lent,
        "group": known["group"],
        "sources": {**known["sources"], **told["sources"]},
    }
