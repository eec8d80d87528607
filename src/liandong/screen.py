"""The leak alarm on any file: which columns were known only after the outcome."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from liandong.assess.validation.leaks import Leak, judge
from liandong.errors import DataError, UsageError
from liandong.texts import both

_TRUTH = {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True}


class Screened(NamedTuple):
    """What was found in a file.

    Attributes
    ----------
    leaks
        The evidence, column by column.
    auc
        AUC of each column alone, nan where it has none.
    n, bads
        Rows with an outcome, and how many of them are bad.
    """

    leaks: list[Leak]
    auc: dict[str, float]
    n: int
    bads: int


def screen(path: Path, outcome: str, bad: str = "", applied: str = "") -> Screened:
    """Judge every column of a CSV (with heads) or Parquet file.

    Parameters
    ----------
    path
        The file; kinds of columns are found out.
    outcome
        Name of the column that says how it ended. Rows without a value are left out.
    bad
        Its value for a bad end; not needed if there are only 0 and 1, or false and true.
    applied
        Name of the column with the date of the application; without one, no dates are judged.

    Raises
    ------
    DataError
        If the file cannot be read, or an outcome is neither of the two.
    UsageError
        If a column is not there or does not hold what it should; or if there are too few outcomes.
    """
    data = _read(path)
    for name in filter(None, (outcome, applied)):
        if name not in data.column_names:
            known = both("advice.known", known=", ".join(data.column_names))
            raise UsageError(what=both("fault.no_column", name=name), remedy=known)
    if applied and not pa.types.is_temporal(data[applied].type):
        what = both("fault.not_dates", name=applied)
        raise UsageError(what=what, remedy=both("advice.iso_dates"))
    data = data.filter(pc.is_valid(data[outcome]))
    is_bad = _outcome(data[outcome], bad, path)
    found = judge(data.drop_columns(outcome), is_bad, applied or None)
    return Screened(found.leaks, found.auc, len(is_bad), int(is_bad.sum()))


def _read(path: Path) -> pa.Table:
    if not path.is_file():
        what, remedy = both("fault.missing_file"), both("advice.missing_file")
        raise DataError(file=path, what=what, remedy=remedy)
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return pq.read_table(path)
        return pa_csv.read_csv(path)
    except (OSError, pa.ArrowException) as error:
        what = both("fault.unreadable_table", why=str(error).splitlines()[0])
        raise DataError(file=path, what=what, remedy=both("advice.csv_or_parquet")) from error


def _outcome(column: pa.ChunkedArray, bad: str, path: Path) -> NDArray[np.bool_]:
    """Return which rows are bad."""
    words = [str(v).lower() for v in column.to_pylist()]
    values = sorted(set(words))
    if bad:
        truth = {v: v == bad.lower() for v in values}
    else:
        truth = {v: _TRUTH[v] for v in values if v in _TRUTH}
    if len(truth) < len(values) or (bad and bad.lower() not in truth):
        what = both("fault.odd_values", values=", ".join(values[:5]), n=len(values))
        raise DataError(file=path, what=what, remedy=both("advice.name_bad"))
    return np.array([truth[w] for w in words], bool)
