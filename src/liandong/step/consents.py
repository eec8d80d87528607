"""Who has consented: rows of table ``consent``, as all verbs read them."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

ALL = "*"
"""The data set that stands for all."""


def asked_for(consent: pa.Table, purpose: str) -> pa.Table:
    """Return the consents that were ever given for a purpose."""
    return consent.filter(pc.equal(consent["purpose"], purpose))


def consenting(asked: pa.Table, dataset: str, day: date) -> pa.ChunkedArray:
    """Return who shares a data set on a day, out of consents for one purpose."""
    holds = pc.fill_null(pc.greater_equal(asked["until"], pa.scalar(day)), fill_value=True)
    named = pc.is_in(asked["dataset"], value_set=pa.array([dataset, ALL]))
    return asked["party_id"].filter(pc.and_(holds, named))
