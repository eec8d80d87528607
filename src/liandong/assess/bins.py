"""Bins of one measure: where it is cut, and what each bin says about the risk."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.binning import best_bins, woe

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class Bins(NamedTuple):
    """A binned measure.

    Attributes
    ----------
    trend
        How the event rate goes from bin to bin.
    edges
        Highest value of each bin but the last, ascending.
    woe
        Weight of evidence of each bin; the last one is that of rows without a value.
    iv
        Information value of the bins with values.
    """

    trend: str
    edges: Float
    woe: Float
    iv: float

    def place(self, values: Float) -> Int:
        """Return the bin of each value; NaN goes to the last one."""
        found = np.searchsorted(self.edges, values, side="left")
        return np.where(np.isnan(values), len(self.edges) + 1, found)

    def code(self, values: Float) -> Float:
        """Return the weight of evidence of each value."""
        return self.woe[self.place(values)]


def optimal_bins(
    values: Float, bad: Bool, trends: tuple[str, ...], max_bins: int, min_rows: int, prebins: int
) -> Bins:
    """Cut a measure where it separates best; absent values are a bin of their own.

    Parameters
    ----------
    values, bad
        The measure (NaN where absent) and the outcome, row by row.
    trends
        Trends that are allowed; the best of them is taken, an earlier one among equals.
    max_bins, min_rows
        Most bins, and fewest rows of one. Absent values in fewer rows than that say nothing.
    prebins
        Candidate bins of about equal size, where the measure has more distinct values than that.
    """
    here = ~np.isnan(values)
    low, high = _candidates(values[here], prebins)
    good_count, bad_count = _counts(np.searchsorted(low, values[here]), bad[here], len(low) + 1)
    trend, iv, ends = "none", 0.0, np.array([len(low)])
    for tried in trends:
        value, found = best_bins(good_count, bad_count, tried, max_bins, min_rows)
        if value > iv:
            trend, iv, ends = tried, value, found
    cuts = ends[:-1]
    edges = np.array([_between(a, b) for a, b in zip(low[cuts], high[cuts], strict=True)])
    return Bins(trend, edges, _evidence(values, bad, edges, min_rows), iv)


def _evidence(values: Float, bad: Bool, edges: Float, min_rows: int) -> Float:
    place = Bins("none", edges, np.empty(0), 0.0).place(values)
    good_count, bad_count = _counts(place, bad, len(edges) + 2)
    evidence = woe(good_count, bad_count)
    if good_count[-1] + bad_count[-1] < min_rows:
        evidence[-1] = 0.0
    return evidence


def _candidates(values: Float, most: int) -> tuple[Float, Float]:
    """Return the values before and after each possible cut, at most ``most`` - 1 of them."""
    distinct = np.unique(values)
    low, high = distinct[:-1], distinct[1:]
    if len(distinct) > most:
        rank = np.arange(1, most) * len(values) // most
        wanted = np.sort(values)[rank]
        some = np.unique(np.minimum(np.searchsorted(low, wanted), len(low) - 1))
        low, high = low[some], high[some]
    return low, high


def _counts(place: Int, bad: Bool, bins: int) -> tuple[Int, Int]:
    bads = np.bincount(place[bad], minlength=bins)
    return np.bincount(place, minlength=bins) - bads, bads


def _between(low: float, high: float) -> float:
    """Return the shortest decimal x with low <= x < high that lies about halfway."""
    for digits in range(1, 18):
        x = float(f"{low / 2 + high / 2:.{digits}g}")
        if low <= x < high:
            return x
    return low
