"""Optimal binning for notebooks and pipelines: ``fit``, ``transform``, ``get_params``."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from liandong.assess.binning.columns import column, finite, levels, names, outcome, unfit, whole
from liandong.assess.binning.counts import Counts, Fitted, candidates, count
from liandong.assess.params import Params
from liandong.errors import UsageError
from liandong.kernels.binning import TRENDS, Limits
from liandong.kernels.coding import padded, weigh_cells
from liandong.texts import both
from liandong.types import Rate

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

T = TypeVar("T")

SHAPES = ("ascending", "descending", "peak", "valley")


class OptimalBinning(Params):
    """Bins of highest information value for every column, and their weights of evidence.

    Follows the conventions of scikit-learn without needing it. Columns of numbers are cut;
    columns of text are grouped in order of their event rate. Absent values and special codes are
    cells of their own; levels that were not there when it was fitted weigh 0.

    Parameters
    ----------
    trends
        How the event rate may go from bin to bin: the best of these is taken, an earlier one
        among equals. All are compared in the certificate.
    max_bins, min_share, min_events
        Most bins, least share of all rows in one (ppm), and fewest events.
    min_difference, max_p
        Least difference of the event rates of neighbours (ppm), and greatest p-value between them.
    prebins
        Quantiles among the candidate edges, beside those of a classification tree.
    special_codes
        Numbers that are no measurements.
    sample
        Candidate edges come from about so many rows, evenly spaced, if there are more; counts come
        from all rows. Up to so many rows the order of rows does not matter.
    threads
        Columns worked on at the same time.

    Attributes
    ----------
    fitted_ : dict[str, Fitted]
        Bins, counts, weights of evidence and certificate by column.
    counts_ : dict[str, Counts]
        What they were fitted from.
    feature_names_in_ : list[str]
        Columns in order.

    Examples
    --------
    >>> x = np.repeat([1.0, 2.0], [80, 120])[:, None]
    >>> y = np.repeat([0, 1, 0, 1], [60, 20, 40, 80])
    >>> binning = OptimalBinning().fit(x, y)
    >>> round(binning.fitted_["x0"].certificate.objective, 4)
    0.7167
    """

    def __init__(  # noqa: PLR0913 - one argument per parameter, as scikit-learn wants
        self, *, trends: tuple[str, ...] = SHAPES, max_bins: int = 8,
        min_share: int = Rate(50_000), min_events: int = 1, min_difference: int = 0,
        max_p: float = 1.0, prebins: int = 64, special_codes: tuple[float, ...] = (),
        sample: int = 100_000, threads: int = 2,
    ) -> None:  # fmt: skip
        self.trends = trends
        self.max_bins = max_bins
        self.min_share = min_share
        self.min_events = min_events
        self.min_difference = min_difference
        self.max_p = max_p
        self.prebins = prebins
        self.special_codes = special_codes
        self.sample = sample
        self.threads = threads

    def fit(
        self, x: Any, y: Any, sample_weight: Any = None, *, cohort: Any = None  # noqa: ANN401 - arrays, tables and frames alike
    ) -> Self:  # fmt: skip
        """Fit bins to all columns.

        Parameters
        ----------
        x
            Shape (rows, columns): an array, a data frame, or an Arrow table.
        y
            Outcome by row, 1 for an event.
        sample_weight
            Rows that each row stands for: whole numbers.
        cohort
            Number of each row's cohort: 0, 1, ... Neighbouring bins must be in the same order in
            every cohort.

        Raises
        ------
        DataError
            If there is one class only, infinite values, negative weights, and so on.
        """
        return self.fit_counts(self.count(x, y, sample_weight, cohort=cohort))

    def count(
        self, x: Any, y: Any, sample_weight: Any = None, *, cohort: Any = None,  # noqa: ANN401 - arrays, tables and frames alike
        edges: dict[str, Float] | None = None,
    ) -> dict[str, Counts]:  # fmt: skip
        """Return the count table of each column, on its candidate edges or on given ones.

        Tables of several parts on the same edges can be added and given to ``fit_counts``: the
        bins are those of the pooled rows. A part may have one class only.
        """
        found = names(x)
        rows = len(x)
        bad = outcome(y, rows) if edges is None else np.asarray(y).astype(bool)
        weight = whole(sample_weight, "sample_weight", rows)
        group = whole(cohort, "cohort", rows)

        def one(name: str) -> Counts:
            given = None if edges is None else edges.get(name)
            return self._count(column(x, name), name, bad, weight, group, given)

        return dict(zip(found, self._each(one, found), strict=True))

    def fit_counts(self, counts: dict[str, Counts]) -> Self:
        """Fit bins to count tables.

        Raises
        ------
        DataError
            If a table has one class only.
        UsageError
            If a trend is not known.
        """
        if not set(self.trends) <= set(TRENDS) or not self.trends:
            what = both("fault.trends", trends=", ".join(self.trends))
            raise UsageError(what=what, remedy=both("advice.known", known=", ".join(TRENDS)))
        self.counts_ = counts
        self.feature_names_in_ = list(counts)
        self.fitted_ = dict(zip(counts, self._each(self._fit, list(counts)), strict=True))
        return self

    def transform(self, x: Any, out: NDArray[np.floating] | None = None) -> NDArray[np.floating]:  # noqa: ANN401 - arrays, tables and frames alike
        """Return the weight of evidence of each value, shape (rows, columns).

        Parameters
        ----------
        x
            As for ``fit``, with the same columns.
        out
            Written to if given, float32 or float64; column by column is fastest.

        Raises
        ------
        DataError
            If columns are missing.
        """
        here = names(x)
        if missing := [n for n in self.feature_names_in_ if n not in here]:
            unfit("bins_columns", "x", names=", ".join(missing))
        shape = (len(x), len(self.feature_names_in_))
        woe = np.empty(shape, np.float64, order="F") if out is None else out

        def one(name: str) -> None:
            j = self.feature_names_in_.index(name)
            _weigh(column(x, name), self.fitted_[name], woe[:, j])

        self._each(one, self.feature_names_in_)
        return woe

    def fit_transform(self, x: Any, y: Any, sample_weight: Any = None) -> NDArray[np.floating]:  # noqa: ANN401 - arrays, tables and frames alike
        """Fit, then transform the same rows."""
        return self.fit(x, y, sample_weight).transform(x)

    def _each(self, work: Callable[[str], T], columns: list[str]) -> list[T]:
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, columns))

    def _fit(self, name: str) -> Fitted:
        counts = self.counts_[name]
        total = counts.table.sum(axis=(0, 2))
        if not total.all():
            unfit("bins_one_class", name, value=int(total[1] > 0))
        limits = Limits(
            max_bins=self.max_bins,
            min_rows=max(1, -(-int(total.sum()) * self.min_share // 1_000_000)),
            min_events=self.min_events,
            min_difference=self.min_difference,
            max_p=self.max_p,
        )
        return counts.fit(self.trends, limits, self.prebins)

    def _count(
        self, x: Any, name: str, bad: Bool, weight: Int, cohort: Int, edges: Float | None  # noqa: ANN401 - arrays, tables and frames alike
    ) -> Counts:  # fmt: skip
        if not isinstance(x, np.ndarray):
            return _count_levels(x, bad, weight, cohort)
        specials = tuple(map(float, self.special_codes))
        finite(x, name, specials)
        if edges is None:
            some = slice(None, None, max(1, len(x) // self.sample))
            here = ~np.isnan(x[some]) & ~np.isin(x[some], specials)
            w = weight[some][here] if len(weight) else weight
            edges = candidates(x[some][here], bad[some][here], w, self.prebins)
        return count(x, bad, edges, specials, cohort, weight)


def _count_levels(x: Any, bad: Bool, weight: Int, cohort: Int) -> Counts:  # noqa: ANN401 - arrays, tables and frames alike
    known, place = levels(x)
    cells, cohorts = len(known) + 1, int(cohort.max(initial=0)) + 1
    cell = place + cells * bad
    if len(cohort):
        cell += 2 * cells * cohort
    w = weight if len(weight) else None
    table = np.bincount(cell, w, minlength=2 * cells * cohorts).astype(np.int64)
    table = table.reshape(cohorts, 2, cells)
    order = np.argsort(known) if known else np.empty(0, np.int64)
    return Counts([known[i] for i in order], (), table[:, :, [*order, len(known)]])


def _weigh(x: Any, fitted: Fitted, out: NDArray[np.floating]) -> None:  # noqa: ANN401 - arrays, tables and frames alike
    if isinstance(fitted.cuts, list):
        known, place = levels(x)
        weights = {v: w for g, w in zip(fitted.cuts, fitted.woe, strict=False) for v in g}
        table = np.array([*(weights.get(v, 0.0) for v in known), fitted.woe[-1]])
        out[:] = table[place]
        return
    specials = np.array(fitted.specials, np.float64)
    weigh_cells(x, padded(fitted.cuts), len(fitted.cuts), specials, fitted.woe, out)
