"""One column of a sample: its bins as a characteristic without points yet, and what they teach."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.assess.binning.choice import Certificate
from liandong.assess.binning.columns import Column, levels
from liandong.assess.binning.optimal import OptimalBinning
from liandong.assess.card.folds import parts
from liandong.assess.card.scorecard import Characteristic
from liandong.kernels.scores.binning import woe
from liandong.types import Rate

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

FOLDS = 5
"""Parts of the sample for the rates of levels: a row's own part does not speak in its rate."""


class Coarse(NamedTuple):
    """How columns are cut.

    Attributes
    ----------
    max_bins, min_share, prebins
        Most bins, least share of rows in one (ppm), and candidate bins to join.
    specials
        Numbers that are no measurements: each is a bin of its own.
    seed
        Of the shuffle that parts the rows for the rates of levels.
    """

    max_bins: int = 8
    min_share: Rate = Rate(50_000)
    prebins: int = 64
    specials: tuple[float, ...] = ()
    seed: int = 0


class Encoded(NamedTuple):
    """A column with bins.

    Attributes
    ----------
    characteristic
        Its bins; points and coefficient are 0 until it is weighed.
    cells
        The cell that each row of the sample teaches: its bin, but for a category the bin of the
        rate that its level has in the other parts.
    certificate
        What was proved when the bins were chosen.
    """

    characteristic: Characteristic
    cells: Int
    certificate: Certificate


def encode(
    name: str, column: Column, bad: Bool, weight: Int, withheld: Bool | None,
    trends: tuple[str, ...], how: Coarse,
) -> Encoded | None:  # fmt: skip
    """Cut a column into bins; None if the rows with a share in it have one outcome only.

    Rows that withheld it teach nothing: they are in no bin, not even that of absent values.

    Parameters
    ----------
    name, column
        Numbers, NaN where absent; or the text of a category, null where absent.
    bad, weight
        Outcome by row, and rows that each stands for (empty: one).
    withheld
        Which rows did not share it; none if None.
    trends
        Trends that a number may have. A category has but one: ascending in its rate.
    how
        How it is cut.
    """
    shown = np.ones(len(bad), bool) if withheld is None else ~withheld
    if len(weight):
        shown &= weight > 0
    if bad[shown].all() or not bad[shown].any():
        return None
    if isinstance(column, pa.Array):
        return _category(name, column, bad, weight, shown, how)
    return _number(name, column, bad, weight, shown, trends, how)


def _fit(
    values: Float, bad: Bool, weight: Int, shown: Bool, trends: tuple[str, ...], how: Coarse,
    specials: tuple[float, ...],
) -> OptimalBinning:  # fmt: skip
    binning = OptimalBinning(
        trends=trends, max_bins=how.max_bins, min_share=how.min_share, prebins=how.prebins,
        special_codes=specials, threads=1,
    )  # fmt: skip
    w = weight[shown] if len(weight) else None
    # From counts: the alarms of the whole sample say what is doubtful, once.
    return binning.fit_counts(binning.count(values[shown, None], bad[shown], w))


def _number(
    name: str, values: Float, bad: Bool, weight: Int, shown: Bool, trends: tuple[str, ...],
    how: Coarse,
) -> Encoded:  # fmt: skip
    fitted = _fit(values, bad, weight, shown, trends, how, how.specials).fitted_["x0"]
    cuts = np.asarray(fitted.cuts, np.float64)
    edges = np.unique([*cuts, *(e for s in how.specials for e in (np.nextafter(s, -np.inf), s))])
    # A special code is the only number between itself and the one before it.
    codes = np.array(sorted(how.specials))
    weight_of = dict(zip(how.specials, fitted.woe[len(cuts) + 1 : -1], strict=True))
    tops = np.append(edges, np.inf)
    plain = fitted.woe[np.searchsorted(cuts, tops, side="left")]
    evidence = [weight_of[t] if t in codes else w for t, w in zip(tops, plain, strict=True)]
    proved = fitted.certificate
    found = Characteristic(
        measure=name, trend=proved.trend, edges=tuple(edges.tolist()), specials=tuple(codes),
        woe=(*map(float, evidence), float(fitted.woe[-1])), points=(0,) * (len(tops) + 1),
        iv=proved.objective, coefficient=0.0,
    )  # fmt: skip
    return Encoded(found, found.cells(values, ~shown), proved)


def _category(
    name: str, column: pa.DictionaryArray, bad: Bool, weight: Int, shown: Bool, how: Coarse
) -> Encoded:  # fmt: skip
    """Group the levels of a category by their rates, drawn towards the mean rate if they are rare.

    A row of the sample is placed by the rate of its level in the other parts of the sample, and
    the bins and their weights of evidence come from that: so what a level of few rows seems to
    say is worth as much as it foretold, not as much as it fits.
    """
    known, place = levels(column)
    w = (weight if len(weight) else np.ones(len(bad), np.int64)) * shown
    part = parts(bad, FOLDS, np.random.default_rng(how.seed))
    table = np.zeros((2, FOLDS, len(known) + 1))
    np.add.at(table, (bad.astype(int), part, place), w)
    rate = _rates(table.sum(axis=1)[:, :-1], prior_rows(table.sum(axis=1)[:, :-1]))
    other = table.sum(axis=1, keepdims=True) - table
    own = np.stack([_rates(other[:, k, :-1], prior_rows(other[:, k, :-1])) for k in range(FOLDS)])
    told = np.hstack([own, np.full((FOLDS, 1), np.nan)])[part, place]
    fitted = _fit(told, bad, weight, shown, ("ascending",), how, ()).fitted_["x0"]
    cuts = np.asarray(fitted.cuts, np.float64)
    bins = np.searchsorted(cuts, rate, side="left")
    # A bin that no level's own rate falls in is joined to the one below it.
    used = np.unique(bins)
    starts = np.append(np.where(used == used[:1], 0, used), len(cuts) + 1)
    counts = np.add.reduceat(fitted.counts, starts, axis=1)
    evidence = np.append(woe(counts[0], counts[1])[:-1], fitted.woe[-1])
    cells = np.searchsorted(starts, np.searchsorted(cuts, told, side="left"), side="right") - 1
    cells = np.where(np.isnan(told), len(used), cells)
    groups = tuple(
        tuple(sorted(known[i] for i in np.flatnonzero(bins == b))) for b in used.tolist()
    )
    proved = fitted.certificate
    found = Characteristic(
        measure=name, trend=proved.trend, levels=groups, woe=tuple(evidence.tolist()),
        points=(0,) * len(evidence), iv=proved.objective, coefficient=0.0,
    )  # fmt: skip
    return Encoded(found, np.where(shown, cells, len(evidence)), proved)


def _rates(table: Float, prior: float) -> Float:
    """Return the event rate of each level, with so many rows of the mean rate added to it."""
    mean = table[1].sum() / max(1.0, table.sum())
    return np.asarray((table[1] + prior * mean) / np.maximum(table.sum(axis=0) + prior, 1e-9))


def prior_rows(table: Float) -> float:
    """Return how many rows of the mean rate the counts of a level are worth (empirical Bayes).

    The variance of the true rates between levels is what their observed variance exceeds that of
    chance by (DerSimonian and Laird 1986, with the levels' rows as weights); the prior rows are
    the variance of one row over it, as in a beta-binomial model.

    Parameters
    ----------
    table
        Shape (2, levels): non-events and events.
    """
    rows = table.sum(axis=0)
    total = rows.sum()
    if not total:
        return 1.0
    mean = table[1].sum() / total
    one = mean * (1 - mean)
    seen = rows > 0
    q = (rows[seen] * (table[1, seen] / rows[seen] - mean) ** 2).sum()
    between = (q - (seen.sum() - 1) * one) / max(total - (rows**2).sum() / total, 1e-9)
    return float(np.clip(one / between, 1.0, MOST_PRIOR)) if between > 0 else MOST_PRIOR


MOST_PRIOR = 1000.0
"""Prior rows where levels differ no more than by chance."""
