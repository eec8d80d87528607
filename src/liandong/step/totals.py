"""Whether amounts may be added up in 64 bits, found out without adding them up in 64 bits."""

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError
from liandong.texts import both

SUM_MOST = 2.0**62
"""All amounts together must stay below this many fen: then no sum of them can overflow."""
_WIDE = pa.decimal128(38, 0)


def size(*columns: pa.ChunkedArray) -> pa.Table:
    """Return the sum of all amounts without their signs, exactly, as one row of ``total``.

    Sizes of parts are put together as rows; no order of rows and no cut changes their sum.
    """
    totals = [pc.sum(pc.abs(pc.cast(c, _WIDE))).as_py() or 0 for c in columns]
    return pa.table({"total": pa.array([sum(totals)], _WIDE)})


def must_fit(sizes: pa.Table, file: str) -> None:
    """Refuse amounts whose sums could wrap around: no sum of some of them exceeds their size.

    Raises
    ------
    DataError
        If the total is not below :data:`SUM_MOST`; ``file`` names the table.
    """
    refuse_large(float(pc.sum(sizes["total"]).as_py() or 0), file)


def refuse_large(total: float, file: str) -> None:
    """Raise DataError unless ``total`` fen are below :data:`SUM_MOST`."""
    if total >= SUM_MOST:
        raise DataError(
            file=file,
            what=both("fault.sum_too_large", total=f"{total:.3g}"),
            remedy=both("advice.unit_of_largest"),
        )
