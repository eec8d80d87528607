"""Scorecards for notebooks and pipelines, by the conventions of scikit-learn."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from liandong.assess.binning.columns import named
from liandong.assess.card import given
from liandong.assess.card.alarms import warn_of_sample, warn_of_unseen
from liandong.assess.card.encode import Coarse
from liandong.assess.card.learn import Choice, Learning, Model, Sample, areas, learn, tuned
from liandong.assess.card.points import scorecard
from liandong.assess.card.scorecard import Scaling
from liandong.assess.card.scorer import Scorer
from liandong.assess.parameters import Parameters, not_fitted
from liandong.errors import UsageError
from liandong.kernels.scores.binning import TRENDS
from liandong.texts import both
from liandong.types import Rate

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

INNER = 5
"""Parts of cross-validation for a choice."""
SHAPES = ("ascending", "descending", "peak", "valley")
CHOICES: tuple[Choice, ...] = ((5, 50_000, None), (8, 50_000, 100.0), (12, 10_000, 100.0))
"""Coarse bins for small samples, the usual ones, and fine ones for samples with many events."""


class ScorecardClassifier(Parameters):
    """A scorecard of whole points: optimal bins, a ridge logistic regression, and no surprises.

    Numbers are cut into bins of the best trend. Levels of a category are grouped by their event
    rates, drawn towards the mean where they are rare, and judged by rows that had no part in
    their rate. A column may not weigh the wrong way. Absent values are a cell of their own;
    values that were withheld teach nothing and earn nothing, and so do levels that were not there
    when the card was learnt. It needs no scikit-learn, but keeps its conventions.

    Parameters
    ----------
    trends
        How the event rate may go from bin to bin, the best of these is taken; or a dict of them
        by column, with those not named free to take any shape.
    max_bins, min_share, prebins
        Most bins, least share of rows in one (ppm), and candidate bins to join.
    special_codes
        Numbers that are no measurements: a bin of its own each.
    choices
        Bins and shrinkages to choose from by cross-validation inside what is learnt from:
        (max_bins, min_share, shrink); the usual ones are ``CHOICES``. They take the place of the
        three parameters.
    min_iv, max_correlation, max_measures
        Columns of a lower information value are left out; of two more correlated than this, the
        one of lower information value; and most columns.
    ridge
        Penalty on the squared coefficients of the logistic regression.
    shrink
        Rows that the weight of evidence of a cell is worth when the cells of all columns are
        fitted together, within their trends; None: coefficients times weights of evidence.
    pairs
        Most pairs of columns, 10 at the most, that say more together; chosen one by one for what
        they gain on parts of the sample they have not seen. They need ``shrink``.
    prior
        True event rate (ppm), if the sample has another one.
    pdo, odds, at
        Points: ``at`` points are odds of ``odds`` : 1 for no event, ``pdo`` points double them.
    event
        The class that is the event; the greater one if None.
    folds, repeats, seed
        Cross-validation of the card, choices and all; 0 folds: the card says nothing of its AUC.
    alarms
        Whether to warn of columns that look known only after the outcome, repeated rows, columns
        that tell nothing, few events, and unseen levels.
    threads
        Columns, or chunks of rows to score, worked on at the same time.

    Attributes
    ----------
    card_ : Scorecard
        What was learnt.
    model_ : Model
        The same before it was rounded to points.
    learning_ : Learning
        How it was learnt, after the choice.
    classes_ : numpy.ndarray
        The two classes in order.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : numpy.ndarray
        Their names, if they have names; columns of an array are called x0, x1, ... in the card.

    Examples
    --------
    >>> x = np.repeat([1.0, 2.0], [80, 120])[:, None]
    >>> y = np.repeat([0, 1, 0, 1], [60, 20, 40, 80])
    >>> learnt = ScorecardClassifier(alarms=False).fit(x, y)
    >>> learnt.card_.characteristics[0].trend, learnt.predict([[1.0], [2.0]]).tolist()
    ('ascending', [0, 1])
    """

    role = "classifier"

    def __init__(  # noqa: PLR0913 - one argument per parameter, as scikit-learn wants
        self, *, trends: tuple[str, ...] | dict[str, tuple[str, ...]] = SHAPES,
        max_bins: int = 8, min_share: int = 50_000, prebins: int = 64,
        special_codes: tuple[float, ...] = (), choices: tuple[Choice, ...] = (),
        min_iv: float = 0.01, max_correlation: float = 1.0, max_measures: int = 1000,
        ridge: float = 3.0, shrink: float | None = 100.0, pairs: int = 0,
        prior: int | None = None, pdo: int = 20, odds: int = 50, at: int = 600,
        event: Any = None, folds: int = 5, repeats: int = 1, seed: int = 0,  # noqa: ANN401 - any label
        alarms: bool = True, threads: int = 2,
    ) -> None:  # fmt: skip
        self.trends = trends
        self.max_bins = max_bins
        self.min_share = min_share
        self.prebins = prebins
        self.special_codes = special_codes
        self.choices = choices
        self.min_iv = min_iv
        self.max_correlation = max_correlation
        self.max_measures = max_measures
        self.ridge = ridge
        self.shrink = shrink
        self.pairs = pairs
        self.prior = prior
        self.pdo = pdo
        self.odds = odds
        self.at = at
        self.event = event
        self.folds = folds
        self.repeats = repeats
        self.seed = seed
        self.alarms = alarms
        self.threads = threads

    def fit(self, x: Any, y: Any, sample_weight: Any = None, *, withheld: Any = None) -> Self:  # noqa: ANN401 - arrays, tables and frames alike
        """Learn the card.

        Parameters
        ----------
        x
            Shape (rows, columns): an array, a data frame, or an Arrow table.
        y
            Outcome by row, of two classes.
        sample_weight
            Rows that each row stands for: whole numbers.
        withheld
            Shape (rows, columns): values that were not shared, and may not teach.

        Raises
        ------
        InputError
            If there is one class only or a third one, infinite values, negative weights, and so
            on; it is a ValueError.
        UsageError
            If a parameter cannot be.
        """
        columns = given.columns(x, self.special_codes)
        rows = given.shape(x)[0]
        self.classes_, bad = given.outcome(y, rows, self.event)
        weight = given.weights(sample_weight, bad)
        sample = Sample(columns, bad, weight, given.hidden(withheld, columns))
        if len(weight) and not weight.all():
            sample = sample.where(weight > 0)
        how = self._learning(list(columns))
        if self.alarms:
            warn_of_sample(sample, self.max_bins)
        self.columns_ = self._learn_names(x if named(x) else np.asarray(x))
        self.learning_ = self._tuned(sample, how)
        self.model_ = learn(sample, self.learning_)
        found = areas(
            sample, lambda part: self._learnt(part, how), self.folds, self.repeats, self.seed
        )
        scaling = Scaling(pdo=self.pdo, odds=self.odds, at=self.at)
        self.card_ = scorecard(self.model_, sample, scaling, self.prior, found)
        self.scorer_ = Scorer(self.card_, self.threads)
        return self

    def points(self, x: Any, withheld: Any = None) -> Int:  # noqa: ANN401 - as for ``fit``
        """Return the score of each row in points, shape (rows,).

        Parameters
        ----------
        x
            Shape (rows, columns): columns are found by name, or by place in an array.
        withheld
            Shape (rows, columns): values that were not shared, and earn nothing.
        """
        self._fitted()
        columns = given.known_columns(x, self.columns_, self.special_codes)
        hidden = given.hidden(withheld, columns)
        if self.alarms:
            warn_of_unseen({c.measure: c for c in self.card_.characteristics}, columns)
        names = self.card_.measures
        if not names:
            return np.full(given.shape(x)[0], self.card_.base, np.int64)
        if hidden is not None:
            hidden = hidden[:, [self.columns_.index(n) for n in names]]
        return self.scorer_.points([columns[n] for n in names], hidden)

    def decision_function(self, x: Any, withheld: Any = None) -> Float:  # noqa: ANN401 - as for ``points``
        """Return the log odds of the second class, as the points say them; shape (rows,)."""
        points = self.points(x, withheld)
        good = (points - self.card_.scaling.offset) / self.card_.scaling.factor
        bad_is_second = self.event is None or self.event == self.classes_[1]
        return np.asarray(-good if bad_is_second else good, np.float64)

    def predict_proba(self, x: Any, withheld: Any = None) -> Float:  # noqa: ANN401 - as for ``points``
        """Return the probability of each class, shape (rows, 2)."""
        second = 1 / (1 + np.exp(-self.decision_function(x, withheld)))
        return np.column_stack([1 - second, second])

    def predict(self, x: Any) -> NDArray[Any]:  # noqa: ANN401 - as for ``points``
        """Return the more probable class of each row."""
        second = self.decision_function(x) > 0
        return np.asarray(self.classes_[second.astype(int)])

    def score(self, x: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: ANN401 - as for ``fit``
        """Return the share of rows whose class was predicted (what ``score`` means there)."""
        return float(np.average(self.predict(x) == np.asarray(y), weights=sample_weight))

    def _learning(self, names: list[str]) -> Learning:
        """Return how to learn, from the parameters; refuse what cannot be."""
        if not np.isfinite(np.array(self.special_codes, np.float64)).all():
            raise UsageError(
                what=both("fault.models_special"), remedy=both("advice.models_special")
            )
        if any(len(c) != 3 for c in self.choices):
            raise UsageError(
                what=both("fault.models_choices"), remedy=both("advice.models_choices")
            )
        by_name = (
            self.trends if isinstance(self.trends, dict) else dict.fromkeys(names, self.trends)
        )
        odd = [
            n for n, t in by_name.items() if n not in names or not t or not set(t) <= set(TRENDS)
        ]
        if odd:
            what = both("fault.models_trends", names=", ".join(odd))
            remedy = both("advice.models_trends", known=", ".join(TRENDS))
            raise UsageError(what=what, remedy=remedy)
        return Learning(
            trends={n: by_name.get(n, SHAPES) for n in names},
            coarse=Coarse(
                self.max_bins, Rate(self.min_share), self.prebins, tuple(self.special_codes),
                self.seed,
            ),
            min_iv=self.min_iv, max_correlation=self.max_correlation,
            max_measures=self.max_measures, ridge=self.ridge, shrink=self.shrink,
            pairs=min(self.pairs, MOST_PAIRS), threads=self.threads,
        )  # fmt: skip

    def _tuned(self, sample: Sample, how: Learning) -> Learning:
        return tuned(sample, how, self.choices, INNER, self.seed)

    def _learnt(self, sample: Sample, how: Learning) -> Model:
        return learn(sample, self._tuned(sample, how))

    def _fitted(self) -> None:
        if not hasattr(self, "card_"):
            not_fitted(type(self).__name__)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "card_")


MOST_PAIRS = 10
"""More pairs than this cannot be read."""
