"""What cannot be allocated from: products, quotes and limits that do not fit together."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from liandong.errors import DataError
from liandong.match.allocation.limits import member
from liandong.match.allocation.rules import Limit
from liandong.texts import both


def faulty(quotes: pa.Table, code: str) -> DataError:
    """Return the error that names the first of some quotes."""
    first = quotes.slice(0, 1).to_pylist()[0]
    return DataError(
        file="quote",
        what=both(code, product=first["product_id"], project=first["project_id"]),
        remedy=both("advice.quote_again"),
    )


def possible_terms(products: pa.Table) -> None:
    """Refuse products that cannot give anything, or less than nothing."""
    named = ("min_amount", "step_amount", "max_amount", "capacity")
    least, step, most, capacity = (products[n].to_numpy() for n in named)
    off = (least < 1) | (step < 1) | (most < least) | (capacity < 0)
    if off.any():
        first = products["product_id"][int(np.flatnonzero(off)[0])].as_py()
        what = both("fault.product_terms", product=first)
        raise DataError(file="product", what=what, remedy=both("advice.mend_product"))


def must_be_known(limits: Iterable[Limit], quotes: pa.Table, products: pa.Table) -> None:
    """Refuse limits about ids that no product has, and floors for nobody who asked."""
    for limit in limits:
        for name in ("products", "lenders", "guarantors"):
            there = set(products[f"{name[:-1]}_id"].to_pylist())
            if lost := sorted(set(getattr(limit.of, name)) - there):
                raise _unmet(limit, "fault.limit_unknown", lost[0])
        if limit.floor and len(quotes) and not _anybody(limit, quotes, products):
            raise _unmet(limit, "fault.limit_empty", "")


def _anybody(limit: Limit, quotes: pa.Table, products: pa.Table) -> bool:
    """Tell whether some applicant, and some product, is of the group of a limit."""
    who = limit.of.model_copy(update={"products": (), "lenders": (), "guarantors": ()})
    return bool(member(who, quotes, products).any())


def _unmet(limit: Limit, code: str, id_: str) -> DataError:
    what = both(code, limit=limit.name, id=id_)
    return DataError(file="rule", what=what, remedy=both("advice.mend_limit"))
