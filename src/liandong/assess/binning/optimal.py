"""Optimal binning for notebooks and pipelines: ``fit``, ``transform``, ``get_params``."""

from threading import local
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from liandong.assess.binning.columns import (
    coded,
    column,
    doubt,
    finite,
    given,
    names,
    outcome,
    unfit,
    whole,
)
from liandong.assess.binning.counts import Counts, Fitted, count, tabulate
from liandong.assess.binning.ladder import Scratch
from liandong.assess.parameters import Parameters
from liandong.assess.threads import each
from liandong.errors import FewEventsWarning, SilentColumnsWarning, UnseenLevelsWarning, UsageError
from liandong.kernels.scores.binning import MOST_ROWS, TRENDS, Limits
from liandong.kernels.scores.coding import count_levels, padded, weigh_cells
from liandong.texts import both

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

RANGES = {"max_bins": (1, 1000), "min_share": (0, 1_000_000), "min_events": (0, MOST_ROWS),
          "min_difference": (0, 1_000_000), "max_p": (0, 1), "prebins": (2, 1000),
          "threads": (1, 1024)}  # fmt: skip
MOST_COHORTS = 10_000

SHAPES = ("ascending", "descending", "peak", "valley")


class OptimalBinning(Parameters):
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
    threads
        Columns worked on at the same time.

    Attributes
    ----------
    fitted_ : dict[str, Fitted]
        Bins, counts, weights of evidence and certificate by column.
    counts_ : dict[str, Counts]
        What they were fitted from.
    n_features_in_, feature_names_in_ : int, array of str
        Columns in order; the names only if they had any (else they are x0, x1, ...).

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
        min_share: int = 50_000, min_events: int = 1, min_difference: int = 0,
        max_p: float = 1.0, prebins: int = 64, special_codes: tuple[float, ...] = (),
        threads: int = 2,
    ) -> None:  # fmt: skip
        self.trends = trends
        self.max_bins = max_bins
        self.min_share = min_share
        self.min_events = min_events
        self.min_difference = min_difference
        self.max_p = max_p
        self.prebins = prebins
        self.special_codes = special_codes
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

        Warns
        -----
        DataWarning
            If a column has one value only or none at all: it is one bin. If there are fewer events
            (or others) than bins: there are fewer bins.
        """
        self._check()
        x = given(x)
        self._learn_names(x)
        self._solve(self.count(x, y, sample_weight, cohort=cohort))
        self._mind()
        return self

    def count(
        self, x: Any, y: Any, sample_weight: Any = None, *, cohort: Any = None,  # noqa: ANN401 - arrays, tables and frames alike
        edges: dict[str, Float] | None = None,
    ) -> dict[str, Counts]:  # fmt: skip
        """Return the count table of each column, on its candidate edges or on given ones.

        Tables of several parts on the same edges can be added and given to ``fit_counts``: the
        bins are those of the pooled rows. A part may have one class only.
        """
        x = given(x)
        found, rows = names(x), len(x)
        bad = outcome(y, rows, one_class=edges is not None)
        weight = whole(sample_weight, "sample_weight", rows)
        if len(weight) and edges is None and not weight.any():
            unfit("bins_no_weight", "sample_weight")
        group = whole(cohort, "cohort", rows)
        if group.max(initial=0) >= MOST_COHORTS:
            unfit("bins_cohorts", "cohort", found=int(group.max()), most=MOST_COHORTS)

        room = local()

        def one(name: str) -> Counts:
            if not hasattr(room, "scratch"):
                room.scratch = Scratch(rows)
            fixed = None if edges is None else edges.get(name)
            return self._count(column(x, name), name, bad, weight, group, fixed, room.scratch)

        return dict(zip(found, each(self.threads, one, found), strict=True))

    def fit_counts(self, counts: dict[str, Counts]) -> Self:
        """Fit bins to count tables; unlike ``fit``, without warnings.

        Raises
        ------
        DataError
            If a table has one class only.
        UsageError
            If a trend is not known, or a parameter out of its range.
        """
        self._check()
        self.n_features_in_ = len(counts)
        self.feature_names_in_ = np.array(list(counts), object)
        self._solve(counts)
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
        NotFittedError, DataError
            If nothing was fitted, columns are missing, or values infinite.

        Warns
        -----
        DataWarning
            If there are levels that were not there at fit: they weigh 0.
        """
        x = given(x)
        found = self._same_names(x, list(getattr(self, "fitted_", ())))
        shape = (len(x), len(found))
        woe = np.empty(shape, np.float64, order="F") if out is None else out
        fitted = list(self.fitted_.values())

        def one(j: int) -> int:
            return _weigh(column(x, found[j]), found[j], fitted[j], woe[:, j])

        for name, rows in zip(found, each(self.threads, one, range(len(found))), strict=True):
            if rows:
                doubt(UnseenLevelsWarning, "bins_unseen", name, rows=rows)
        return woe

    def fit_transform(self, x: Any, y: Any, sample_weight: Any = None) -> NDArray[np.floating]:  # noqa: ANN401 - arrays, tables and frames alike
        """Fit, then transform the same rows."""
        return self.fit(x, y, sample_weight).transform(x)

    def _check(self) -> None:
        if not set(self.trends) <= set(TRENDS) or not self.trends:
            what = both("fault.trends", trends=", ".join(self.trends))
            raise UsageError(what=what, remedy=both("advice.known", known=", ".join(TRENDS)))
        for name, (least, most) in RANGES.items():
            if not least <= (value := getattr(self, name)) <= most:
                what = both("fault.bins_range", name=name, value=value)
                raise UsageError(
                    what=what, remedy=both("advice.bins_range", least=least, most=most)
                )

    def _solve(self, counts: dict[str, Counts]) -> None:
        self.counts_ = counts
        self.fitted_ = dict(zip(counts, each(self.threads, self._fit, counts), strict=True))

    def _mind(self) -> None:
        """Warn of columns that tell nothing, and of too few events."""
        for name, counts in self.counts_.items():
            rows = counts.table.sum(axis=(0, 1))[: counts.cells]
            if not rows.any():
                doubt(SilentColumnsWarning, "bins_absent", name)
            elif counts.cells == 1:
                doubt(SilentColumnsWarning, "bins_constant", name)
        fewest = min(int(c.table.sum(axis=(0, 2)).min()) for c in self.counts_.values())
        if fewest < self.max_bins:
            doubt(FewEventsWarning, "bins_few_events", "y", rows=fewest, bins=self.max_bins)

    def _fit(self, name: str) -> Fitted:
        counts = self.counts_[name]
        total = counts.table.sum(axis=(0, 2))
        if not total.all():
            unfit("bins_one_class", name, value=int(total[1] > 0))
        if (rows := int(total.sum())) >= MOST_ROWS:
            unfit("bins_many_rows", name, rows=rows, most=MOST_ROWS)
        limits = Limits(
            max_bins=self.max_bins,
            min_rows=max(1, -(-rows * self.min_share // 1_000_000)),
            min_events=self.min_events,
            min_difference=self.min_difference,
            max_p=self.max_p,
        )
        try:
            return counts.fit(self.trends, limits, self.prebins)
        except ValueError as error:
            remedy = both("advice.bins_bent")
            raise UsageError(what=both("fault.bins_bent"), remedy=remedy) from error

    def _count(
        self, x: Any, name: str, bad: Bool, weight: Int, cohort: Int, edges: Float | None,  # noqa: ANN401 - arrays, tables and frames alike
        scratch: Scratch,
    ) -> Counts:  # fmt: skip
        if not isinstance(x, np.ndarray):
            return _count_levels(x, bad, weight, cohort)
        specials = tuple(map(float, self.special_codes))
        finite(x, name, specials)
        groups = cohort if len(cohort) else None
        rows = weight if len(weight) else None
        if edges is None:
            return tabulate(x, bad, self.prebins, specials, groups, rows, scratch)
        return count(x, bad, edges, specials, groups, rows)


def _count_levels(x: Any, bad: Bool, weight: Int, cohort: Int) -> Counts:  # noqa: ANN401 - arrays, tables and frames alike
    known, code = coded(x)
    cohorts = int(cohort.max(initial=0)) + 1
    table = count_levels(code, bad, cohort, weight, len(known), cohorts)
    # A dictionary may have levels that no row has.
    order = [i for i in np.argsort(known).astype(np.int64) if table[:, :, i].any()]
    return Counts([known[i] for i in order], (), table[:, :, [*order, len(known)]])


def _weigh(x: Any, name: str, fitted: Fitted, out: NDArray[np.floating]) -> int:  # noqa: ANN401 - arrays, tables and frames alike
    """Write weights of evidence; return how many rows have a level that was never seen."""
    if isinstance(fitted.cuts, list):
        if isinstance(x, np.ndarray):
            unfit("bins_mixed", name)
        known, code = coded(x)
        weights = {v: w for g, w in zip(fitted.cuts, fitted.woe, strict=False) for v in g}
        table = np.array([*(weights.get(v, 0.0) for v in known), fitted.woe[-1]], out.dtype)
        np.take(table, code, out=out, mode="wrap")  # -1 is the last
        new = [i for i, v in enumerate(known) if v not in weights]
        return int(np.isin(code, new).sum()) if new else 0
    if not isinstance(x, np.ndarray):
        unfit("bins_mixed", name)
    specials = np.array(fitted.specials, np.float64)
    if rows := weigh_cells(x, padded(fitted.cuts), len(fitted.cuts), specials, fitted.woe, out):
        unfit("bins_infinite", name, rows=rows)
    return 0
