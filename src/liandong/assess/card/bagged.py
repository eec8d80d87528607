"""A scorecard for few outcomes: the average of many, each learnt from a resample of the firms.

With a score of outcomes, cuts and choices of a single scorecard hang on a handful of firms. An
average of scorecards is a scorecard again: additive, each measure's shape as monotone as theirs,
with as many bins as all their cuts make. Only chance is averaged out (bagging, Breiman 1996).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.assess.binning.counts import candidates
from liandong.assess.card.learn import Model, Sample
from liandong.assess.card.scorecard import Characteristic
from liandong.kernels.scores.bagging import bag_bins
from liandong.kernels.scores.logit import fit_logit

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class Bagging(NamedTuple):
    """How the scorecards are learnt that are averaged; the defaults are for few outcomes.

    They are set by reasoning, not by trying: two cuts are what a dozen defaulters can place, and a
    bin needs a tenth of the firms for its rate to mean anything.

    Attributes
    ----------
    bags
        How many.
    max_bins, min_share, prebins
        Most bins of a measure, least share of the firms in one, and candidates to join.
    min_iv, max_correlation, max_measures
        Measures of a lower information value are left out; of two more correlated than this, the
        one of lower information value; and most measures.
    ridge
        Penalty on the squared coefficients of the logistic regression.
    seed
        Of the resamples.
    """

    bags: int = 50
    max_bins: int = 3
    min_share: float = 0.1
    prebins: int = 16
    min_iv: float = 0.1
    max_correlation: float = 0.7
    max_measures: int = 12
    ridge: float = 3.0
    seed: int = 1


class Averaged(NamedTuple):
    """What was learnt.

    Attributes
    ----------
    edges
        Highest value of each bin but the last, by measure.
    adds
        What each bin adds to the log odds of being good, by measure; the last one is that of
        absent values.
    used, iv
        Share of the scorecards that use each measure, and its mean information value.
    intercept
        Log odds of being good where nothing adds.
    """

    edges: list[Float]
    adds: list[Float]
    used: Float
    iv: Float
    intercept: float

    def log_odds(self, values: Float, withheld: Bool | None = None) -> Float:
        """Return the log odds of being good; both arrays have shape (rows, measures)."""
        hidden = np.zeros(values.shape, bool) if withheld is None else withheld
        total = np.full(len(values), self.intercept)
        columns = zip(values.T, hidden.T, self.edges, self.adds, strict=True)
        for column, silent, edges, add in columns:
            total += np.append(add, 0.0)[_cells(column, silent, edges)]
        return total

    def characteristics(self, names: Sequence[str]) -> tuple[Characteristic, ...]:
        """Return the measures that add anything as those of a scorecard, by their weight.

        What a bin adds stands as its weight of evidence, with a coefficient of 1; no points yet.
        """
        found = [
            Characteristic(
                measure=name, trend=_trend(add[:-1]), edges=tuple(edges.tolist()),
                woe=tuple(add.tolist()), points=(0,) * len(add), iv=iv, coefficient=1.0,
            )
            for name, edges, add, iv in zip(
                names, self.edges, self.adds, self.iv.tolist(), strict=True
            )
            if add.any()
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda c: (min(c.woe) - max(c.woe), c.measure)))


def averaged(sample: Sample, trends: Mapping[str, tuple[str, ...]], how: Bagging) -> Model:
    """Return the average of scorecards as a model; columns are numbers, weights are not taken."""
    names = list(sample.columns)
    values = np.column_stack([sample.columns[n] for n in names])
    ways = [trends[n] for n in names]
    found = bagged(values, sample.bad, ways, how, sample.withheld)
    chosen = found.characteristics(names)
    return Model(chosen, tuple(np.array([*c.woe, 0.0]) for c in chosen), found.intercept)


def bagged(
    values: Float, bad: Bool, trends: Sequence[tuple[str, ...]], how: Bagging | None = None,
    withheld: Bool | None = None,
) -> Averaged:  # fmt: skip
    """Average scorecards over resamples, drawn with replacement within either outcome.

    Every scorecard is learnt from its resample alone: where measures are cut, which are taken, and
    what they weigh. Candidates for cuts are quantiles of all rows given.

    Parameters
    ----------
    values
        Shape (rows, measures), NaN where absent.
    bad
        Shape (rows,); both outcomes must occur.
    trends
        By measure, which ways its event rate may go: ``ascending``, ``descending``.
    how
        Settings.
    withheld
        Which values were not shared; none if None. They teach nothing.

    Examples
    --------
    >>> x = np.arange(40.0)[:, None]
    >>> bad = np.arange(40) % 5 < np.arange(40) // 10
    >>> found = bagged(x, bad, [("ascending",)], Bagging(bags=5))
    >>> bool(np.all(np.diff(found.adds[0][:-1]) <= 0))
    True
    """
    how = how or Bagging()
    hidden = np.zeros(values.shape, bool) if withheld is None else withheld
    edges = [_edges(v[~h], how.prebins) for v, h in zip(values.T, hidden.T, strict=True)]
    cells = np.vstack([_cells(v, h, e) for v, h, e in zip(values.T, hidden.T, edges, strict=True)])
    width = np.array([len(e) + 1 for e in edges])
    draws = _draws(bad, how)
    up, down = (np.array([w in t for t in trends]) for w in ("ascending", "descending"))
    least = max(1, int(np.ceil(how.min_share * len(bad))))
    woe, iv = bag_bins(cells, width, bad, draws, up, down, how.max_bins, least)
    adds, used, intercept = np.zeros(woe.shape[1:]), np.zeros(len(edges)), 0.0
    for b in range(how.bags):
        codes = np.take_along_axis(woe[b], cells, axis=1).T
        chosen, beta = _weighed(np.repeat(codes, draws[b], axis=0), np.repeat(bad, draws[b]),
                                iv[b], how)  # fmt: skip
        adds[chosen] += beta[1:, None] * woe[b, chosen]
        used[chosen] += 1
        intercept += beta[0]
    adds /= how.bags
    joined = [_joined(e, a[: len(e) + 2]) for e, a in zip(edges, adds, strict=True)]
    return Averaged(
        [e for e, _ in joined], [a for _, a in joined], used / how.bags, iv.mean(axis=0),
        intercept / how.bags,
    )  # fmt: skip


def _edges(column: Float, prebins: int) -> Float:
    """Return the quantiles: no outcome has a say in them, so one set serves all bags."""
    here = column[~np.isnan(column)]
    return candidates(here, np.zeros(len(here), bool), np.empty(0, np.int64), prebins)


def _cells(column: Float, hidden: Bool, edges: Float) -> Int:
    found = np.searchsorted(edges, column, side="left")
    found = np.where(np.isnan(column), len(edges) + 1, found)
    return np.where(hidden, len(edges) + 2, found)


def _trend(adds: Float) -> str:
    """Return how the event rate goes over bins that add so much to the odds of being good."""
    steps = np.diff(adds)
    if not len(steps) or ((steps > 0).any() and (steps < 0).any()):
        return "none"
    return "descending" if (steps > 0).any() else "ascending"


def _draws(bad: Bool, how: Bagging) -> Int:
    """Return how often each row is drawn in each bag; as many of either outcome as there are."""
    random = np.random.default_rng(how.seed)
    draws = np.zeros((how.bags, len(bad)), np.int64)
    for b in range(how.bags):
        for kind in (False, True):
            rows = np.flatnonzero(bad == kind)
            np.add.at(draws[b], random.choice(rows, len(rows)), 1)
    return draws


def _weighed(codes: Float, bad: Bool, iv: Float, how: Bagging) -> tuple[Int, Float]:
    """Return the measures that one scorecard takes, and its intercept and weights (above 0)."""
    chosen = _chosen(codes, iv, how)
    good = np.where(bad, 0.0, 1.0)
    while True:
        beta = fit_logit(codes[:, chosen], good, how.ridge)
        if (beta[1:] > 0).all():
            return chosen, beta
        chosen = chosen[beta[1:] > 0]


def _chosen(codes: Float, iv: Float, how: Bagging) -> Int:
    """Return the strongest measures that do not say the same twice."""
    off = codes - codes.mean(axis=0)
    size = np.sqrt((off**2).sum(axis=0))
    alike = np.abs(off.T @ off) > how.max_correlation * np.outer(size, size)
    chosen: list[int] = []
    for j in np.lexsort((np.arange(len(iv)), -iv)):
        if iv[j] < how.min_iv or len(chosen) == how.max_measures:
            break
        if not alike[j, chosen].any():
            chosen.append(int(j))
    return np.array(chosen, np.int64)


def _joined(edges: Float, adds: Float) -> tuple[Float, Float]:
    """Join neighbouring bins that add the same."""
    last = np.append(adds[:-2] != adds[1:-1], True) if len(edges) else np.ones(1, bool)
    return edges[last[:-1]], np.append(adds[:-1][last], adds[-1])
