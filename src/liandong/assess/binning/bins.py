"""Bins of one measure: where it is cut, and what each bin says about the risk."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.assess.binning.choice import Certificate
from liandong.assess.binning.counts import tabulate
from liandong.kernels.binning import Limits

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
    certificate
        What was proved when they were chosen.
    """

    trend: str
    edges: Float
    woe: Float
    iv: float
    certificate: Certificate | None = None

    def place(self, values: Float) -> Int:
        """Return the bin of each value; NaN goes to the last one."""
        found = np.searchsorted(self.edges, values, side="left")
        return np.where(np.isnan(values), len(self.edges) + 1, found)

    def code(self, values: Float) -> Float:
        """Return the weight of evidence of each value."""
        return self.woe[self.place(values)]


def optimal_bins(
    values: Float, bad: Bool, trends: tuple[str, ...], limits: Limits, prebins: int
) -> Bins:
    """Cut a measure where it separates best; absent values are a bin of their own.

    Parameters
    ----------
    values, bad
        The measure (NaN where absent) and the outcome, row by row.
    trends
        Trends that are allowed; the best of them is taken, an earlier one among equals.
    limits
        What bins must keep to. Absent values in fewer rows than one needs say nothing.
    prebins
        Candidate bins of about equal size, where the measure has more distinct values than that.
    """
    fitted = tabulate(values, bad, prebins).fit(trends, limits, prebins)
    proved = fitted.certificate
    return Bins(proved.trend, np.asarray(fitted.cuts), fitted.woe, proved.objective, proved)
