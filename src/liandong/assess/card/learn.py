"""Learning a scorecard from a sample: the one core of the board's step and of the estimator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.assess.binning.columns import Column
from liandong.assess.card.effects import Effects, paired, refined
from liandong.assess.card.encode import FOLDS, Coarse, Encoded, encode
from liandong.assess.card.folds import parts
from liandong.assess.card.scorecard import Characteristic
from liandong.assess.threads import each
from liandong.kernels.scores.effects import SETTLED
from liandong.kernels.scores.logit import fit_logit
from liandong.kernels.scores.roc import auc
from liandong.types import Rate

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


PER_EFFECT = 10
"""Rows of the rarer outcome for each effect that is fitted (Peduzzi et al. 1996)."""


@dataclass(frozen=True)
class Sample:
    """Rows with a known outcome.

    Attributes
    ----------
    columns
        By name: numbers (NaN where absent), or the text of a category (null where absent).
    bad
        Outcome by row.
    weight
        Rows that each stands for; empty: one.
    withheld
        Shape (rows, columns): which values were not shared; None: none.
    """

    columns: Mapping[str, Column]
    bad: Bool
    weight: Int = field(default_factory=lambda: np.empty(0, np.int64))
    withheld: Bool | None = None

    def where(self, rows: Bool) -> "Sample":
        """Return some of the rows."""
        return Sample(
            {n: _some(c, rows) for n, c in self.columns.items()},
            self.bad[rows],
            self.weight[rows] if len(self.weight) else self.weight,
            None if self.withheld is None else self.withheld[rows],
        )


def _some(column: Column, rows: Bool) -> Column:
    return column.filter(pa.array(rows)) if isinstance(column, pa.Array) else column[rows]


class Learning(NamedTuple):
    """How a scorecard is learnt.

    Attributes
    ----------
    coarse
        How columns are cut.
    trends
        Trends that a column may have.
    min_iv, max_correlation, max_measures
        Columns of a lower information value are left out; of two more correlated than this, the
        one of lower information value; and most columns.
    ridge
        Penalty on the squared coefficients of the logistic regression.
    shrink
        Rows that the weight of evidence of a cell is worth when all effects are fitted together;
        None, or with fewer than ten rows of the rarer outcome for each cell: they are not.
    pairs
        Most pairs of columns that say more together.
    threads
        Columns worked on at the same time.
    """

    trends: Mapping[str, tuple[str, ...]]
    coarse: Coarse = Coarse()
    min_iv: float = 0.02
    max_correlation: float = 1.0
    max_measures: int = 1000
    ridge: float = 1.0
    shrink: float | None = None
    pairs: int = 0
    threads: int = 1


@dataclass(frozen=True)
class Model:
    """What was learnt, before it is rounded to points.

    Attributes
    ----------
    characteristics
        Bins with their coefficients, strongest first; no points yet.
    effects
        What each cell of each adds to the log odds of being good, the silent one (0) last.
    intercept
        Log odds of being good where nothing else is known.
    pairs
        Places of two characteristics and what each cell of both adds to the log odds.
    """

    characteristics: tuple[Characteristic, ...]
    effects: tuple[Float, ...]
    intercept: float
    pairs: tuple[tuple[int, int, Float], ...] = ()

    def log_odds(self, sample: Sample) -> Float:
        """Return the log odds of being good."""
        names = list(sample.columns)
        hidden = sample.withheld
        total = np.full(len(sample.bad), self.intercept)
        cells = []
        for c, effect in zip(self.characteristics, self.effects, strict=True):
            j = names.index(c.measure)
            at = c.cells(sample.columns[c.measure], None if hidden is None else hidden[:, j])
            total += effect[at]
            cells.append(at)
        for a, b, table in self.pairs:
            total += np.pad(table, (0, 1))[cells[a], cells[b]]
        return total


def encoded(sample: Sample, how: Learning) -> list[Encoded]:
    """Return the columns that may tell something, with their bins, strongest first."""
    names = list(sample.columns)

    def one(j: int) -> Encoded | None:
        hidden = None if sample.withheld is None else sample.withheld[:, j]
        return encode(
            names[j], sample.columns[names[j]], sample.bad, sample.weight, hidden,
            how.trends[names[j]], how.coarse,
        )  # fmt: skip

    found = [e for e in each(how.threads, one, range(len(names))) if e is not None]
    return sorted(found, key=lambda e: (-e.characteristic.iv, e.characteristic.measure))


def learn(sample: Sample, how: Learning) -> Model:
    """Choose and bin columns and weigh them.

    A column that weighs the wrong way gets the weight 0. If effects are refined it may still earn
    some, as far as its trend allows; else, and in the end, one that says nothing is dropped.
    """
    chosen, codes = _chosen(encoded(sample, how), how)
    good = np.where(sample.bad, 0.0, 1.0)
    weight = sample.weight.astype(np.float64) if len(sample.weight) else np.ones(len(good))
    intercept, weights = _weights(codes, good, weight, how.ridge)
    found = [
        e.characteristic.model_copy(update={"coefficient": w})
        for e, w in zip(chosen, weights, strict=True)
    ]
    effects = Effects(intercept, [c.coefficient * np.array([*c.woe, 0.0]) for c in found], [])
    if how.shrink is not None and _enough(found, good, weight):
        effects = refined(chosen, effects, good, weight, how.shrink)
        if how.pairs:
            part = parts(sample.bad, FOLDS, np.random.default_rng(how.coarse.seed))
            more = paired(chosen, effects, good, weight, part, how.pairs, how.shrink)
            effects = refined(chosen, more, good, weight, how.shrink)
    return _model(found, effects)


def _enough(found: list[Characteristic], good: Float, weight: Float) -> bool:
    """Tell whether rows of the rarer outcome suffice to fit the effect of every cell."""
    cells = sum(len(c.woe) for c in found)
    rarer = min(float(weight @ good), float(weight @ (1 - good)))
    return 0 < PER_EFFECT * cells <= rarer


def _weights(
    codes: list[Float], good: Float, weight: Float, ridge: float
) -> tuple[float, list[float]]:
    """Return the intercept and the weight of each code, 0 of those that weigh the wrong way."""
    kept = list(range(len(codes)))
    while True:
        x = np.column_stack([codes[k] for k in kept]) if kept else np.empty((len(good), 0))
        beta = fit_logit(x, good, ridge, weight).tolist()
        right = [k for k, w in zip(kept, beta[1:], strict=True) if w > 0]
        if right == kept:
            found = dict(zip(kept, beta[1:], strict=True))
            return beta[0], [found.get(k, 0.0) for k in range(len(codes))]
        kept = right


def _model(found: list[Characteristic], effects: Effects) -> Model:
    """Return the model of the characteristics that say something, alone or in a pair."""
    said = {k for k, effect in enumerate(effects.terms) if np.abs(effect).max() > SETTLED}
    said |= {k for a, b, _ in effects.pairs for k in (a, b)}
    kept = sorted(said)
    return Model(
        tuple(found[k] for k in kept),
        tuple(effects.terms[k] for k in kept),
        effects.intercept,
        tuple((kept.index(a), kept.index(b), table) for a, b, table in effects.pairs),
    )


def _chosen(found: list[Encoded], how: Learning) -> tuple[list[Encoded], list[Float]]:
    """Return the strongest columns that do not say the same twice, and their codes."""
    chosen: list[Encoded] = []
    codes: list[Float] = []
    for e in found:
        if e.characteristic.iv < how.min_iv or len(chosen) == how.max_measures:
            break
        code = e.characteristic.evidence(e.cells)
        if how.max_correlation >= 1 or all(
            abs(np.corrcoef(code, c)[0, 1]) <= how.max_correlation for c in codes
        ):
            chosen.append(e)
            codes.append(code)
    return chosen, codes


Learner = Callable[[Sample], Model]


def areas(sample: Sample, learner: Learner, folds: int, repeats: int, seed: int) -> Float:
    """Return the AUC on each part of repeated stratified cross-validation.

    The learner sees the other parts alone: whatever it chooses, it chooses from them.
    """
    random = np.random.default_rng(seed)
    bads = int(sample.bad.sum())
    folds = min(folds, bads, len(sample.bad) - bads)
    if folds < 2:
        return np.empty(0)
    found = []
    for _ in range(repeats):
        part = parts(sample.bad, folds, random)
        for k in range(folds):
            model = learner(sample.where(part != k))
            unseen = sample.where(part == k)
            found.append(auc(-model.log_odds(unseen), unseen.bad))
    return np.array(found)


Choice = tuple[int, int, float | None]
"""Most bins, least share of rows in one (ppm), and shrinkage."""


def tuned(
    sample: Sample, how: Learning, choices: Sequence[Choice], folds: int, seed: int
) -> Learning:
    """Return the way of learning whose bins and shrinkage do best on parts that it has not seen.

    An earlier one among equals.
    """
    ways = [
        how._replace(
            coarse=how.coarse._replace(max_bins=bins, min_share=Rate(share)), shrink=shrink
        )
        for bins, share, shrink in choices
    ]
    if len(ways) < 2:
        return ways[0] if ways else how

    def worth(way: Learning) -> float:
        found = areas(sample, lambda part: learn(part, way), folds, 1, seed)
        return float(found.mean()) if len(found) else 0.0

    return max(ways, key=worth)
