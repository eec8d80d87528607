"""The leak alarm: columns that were only known after the outcome, found by what they show.

No list of names and no sight of a model: every column is tested against the outcome. The bounds
come from what facts of an application can tell at all, not from any data set. Published scorecards
of *all* facts together reach a Kolmogorov-Smirnov distance of 0.2 to 0.6 and an AUC of 0.65 to
0.85, so one column that alone reaches 0.8 knows the outcome, and one that reaches an AUC of 0.75
and is twice as far from chance as the next is doubtful.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import UsageError
from liandong.kernels.scores.roc import auc, ks
from liandong.step.reasons import reason_text
from liandong.texts import both

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

SEPARATES = 0.8
"""Distance between the two classes that no fact of an application reaches alone."""
REWRITTEN = 0.5
"""Distance by which one class left the usual values: half of it was written anew."""
USUAL = 0.01
"""A value is usual if it holds this share of the good rows …"""
AGREED = 0.5
"""… and the column has usual values if they hold this share of the good rows."""
STANDS_OUT = 0.25
"""Distance of an AUC from 0.5 that is doubtful if it is twice that of any other column."""
LATER = 0.01
"""Share of dates after the application that is more than errors of writing."""
LEAST = 10
"""Fewest rows of each outcome to judge by."""


class Leak(NamedTuple):
    """A column that is suspected, by which evidence, and how strong that is."""

    column: str
    code: str
    value: float

    @property
    def points(self) -> int:
        """The strength in whole percent; of ``leak.settled`` the number of rows."""
        return round(self.value if self.code == "leak.settled" else 100 * self.value)

    def text(self, language: str) -> str:
        """Return the evidence in words, ``zh`` or ``en``."""
        return reason_text(f"{self.code}({self.column})", self.points, language)


class Judged(NamedTuple):
    """What was found of each column: its AUC alone (nan where it has none) and the evidence."""

    auc: dict[str, float]
    leaks: list[Leak]


def leaks(data: pa.Table, bad: Bool, applied: str | None = None) -> list[Leak]:
    """Return the evidence that columns were known only after the outcome, by column.

    ``leak.function``: the value gives the outcome away. ``leak.separates``: it nearly does.
    ``leak.missing``: whether there is a value nearly does. ``leak.later``: dates lie after the
    application. ``leak.rewritten``: one class left the usual values, as a term that is cut at
    charge-off. ``leak.settled``: a number that is 0 wherever the outcome is known, as a balance
    is once a loan has ended. ``leak.stands_out``: no other column comes near.

    Parameters
    ----------
    data
        Candidate columns, one row for each case with a known outcome.
    bad
        Shape (rows,), the outcome.
    applied
        Column with the date of the application, if there is one; it is not judged itself.

    Raises
    ------
    UsageError
        If there are fewer than ten rows of either outcome.
    """
    return judge(data, bad, applied).leaks


def judge(data: pa.Table, bad: Bool, applied: str | None = None) -> Judged:
    """Return the evidence against columns and the AUC of each; see :func:`leaks`."""
    if len(bad) != len(data) or min(bad.sum(), len(bad) - bad.sum()) < LEAST:
        raise UsageError(
            what=both("fault.few_cases", n=len(bad), bad=int(bad.sum())),
            remedy=both("advice.more_cases", least=LEAST),
        )
    found: list[Leak] = []
    area: dict[str, float] = {}
    for name in data.column_names:
        if name != applied:
            column = data[name].combine_chunks()
            area[name] = _area(column, bad)
            later = _later(column, data[applied]) if applied is not None else 0.0
            found += [Leak(name, c, v) for c, v in _evidence(column, bad, later).items()]
    told = {leak.column for leak in found}
    strength = {n: 0.0 if np.isnan(a) else abs(a - 0.5) for n, a in area.items()}
    rest = sorted((s, n) for n, s in strength.items() if n not in told)
    if len(rest) > 1 and rest[-1][0] >= max(STANDS_OUT, 2 * rest[-2][0]):
        found.append(Leak(rest[-1][1], "leak.stands_out", 0.5 + rest[-1][0]))
    return Judged(area, found)


def _evidence(column: pa.Array, bad: Bool, later: float) -> dict[str, float]:
    """Return the codes that a column earns, with their figures."""
    absent = _absent(column)
    found: dict[str, float] = {}
    if (gap := abs(_gap(absent, bad))) >= SEPARATES:
        found["leak.missing"] = gap
    apart = _apart(column, absent, bad)
    if apart >= SEPARATES:
        found["leak.function" if apart == 1 else "leak.separates"] = apart
    if later >= LATER:
        found["leak.later"] = later
    numbers = _numbers(column)
    if numbers is not None:
        if (left := _left_usual(numbers[~absent], bad[~absent])) >= REWRITTEN:
            found["leak.rewritten"] = left
        if not absent.all() and not numbers[~absent].any():
            found["leak.settled"] = float(len(bad))
    return found


def _gap(marked: Bool, bad: Bool) -> float:
    """Return how much more often bad rows are marked than good ones (Youden's J)."""
    return float(marked[bad].mean() - marked[~bad].mean())


def _absent(column: pa.Array) -> Bool:
    """Return where there is no value: null, not a number, or an empty text."""
    absent = pc.is_null(column, nan_is_null=True)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        absent = pc.or_kleene(absent, pc.equal(pc.utf8_trim_whitespace(column), ""))
    return np.asarray(absent.to_numpy(zero_copy_only=False), bool)


def _numbers(column: pa.Array) -> Float | None:
    """Return the values of a column of numbers or truths as floats; None of any other."""
    kind = column.type
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    floats = column.cast(pa.float64(), safe=False)
    return np.asarray(floats.to_numpy(zero_copy_only=False), np.float64)


def _apart(column: pa.Array, absent: Bool, bad: Bool) -> float:
    """Return how far the values alone tell the classes apart, from 0 to 1."""
    outcome = bad[~absent]
    if min(outcome.sum(), len(outcome) - outcome.sum()) < LEAST:
        return 0.0
    numbers = _numbers(column)
    by_order = 0.0 if numbers is None else ks(numbers[~absent], outcome)
    return max(by_order, _by_value(column.filter(pa.array(~absent)), outcome))


def _by_value(column: pa.Array, bad: Bool) -> float:
    """Return how well the other rows of the same value foretell a row; values seen once do not."""
    place = column.dictionary_encode().indices.to_numpy()
    rows, bads = np.bincount(place), np.bincount(place, bad)
    others = rows[place] - 1
    riskier = (bads[place] - bad) * len(bad) > others * bad.sum()
    return max(0.0, _gap(riskier, bad))


def _area(column: pa.Array, bad: Bool) -> float:
    """Return the AUC of a number; nan of anything else, and of one with too few values."""
    numbers, absent = _numbers(column), _absent(column)
    outcome = bad[~absent]
    if numbers is None or min(outcome.sum(), len(outcome) - outcome.sum()) < LEAST:
        return float("nan")
    return auc(numbers[~absent], outcome)


def _left_usual(values: Float, bad: Bool) -> float:
    """Return how much rarer the good rows' usual values are among the bad; 0 without any."""
    if min(bad.sum(), len(bad) - bad.sum()) < LEAST:
        return 0.0
    _, place = np.unique(values, return_inverse=True)
    share = np.bincount(place[~bad], minlength=place.max() + 1) / (~bad).sum()
    usual = (share >= USUAL)[place]
    return -_gap(usual, bad) if usual[~bad].mean() >= AGREED else 0.0


def _later(column: pa.Array, applied: pa.ChunkedArray) -> float:
    """Return the share of dates in a column that lie after the application."""
    if not pa.types.is_temporal(column.type) or pa.types.is_time(column.type):
        return 0.0
    later = pc.greater(column.cast(pa.date32(), safe=False), applied.cast(pa.date32(), safe=False))
    return float(pc.mean(later.cast(pa.float64())).as_py() or 0.0)
