"""The challenger: boosted trees that may not point against what is known of a measure."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.assess.binning.columns import Column, column, finite, levels, unfit
from liandong.assess.binning.columns import given as table
from liandong.assess.card import given
from liandong.assess.card.folds import parts
from liandong.assess.measures.catalogue import trends
from liandong.assess.parameters import Parameters
from liandong.kernels.scores.calibration import log_odds, probability, shift
from liandong.step.extras import lightgbm

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

DIRECTION: dict[tuple[str, ...], int] = {("descending",): -1, ("ascending",): 1}
"""Whether more of a measure means less risk or more, by the only trend it may have."""


def expected(name: str) -> int:
    """Return the expected direction of a measure: -1 (more of it, less risk), 1, or 0 for either.

    Examples
    --------
    >>> expected("sales_growth"), expected("supplier_hhi"), expected("margin")
    (-1, 1, 0)
    """
    return DIRECTION.get(trends(name), 0)


class BoostedClassifier(Parameters):
    """Gradient-boosted trees by LightGBM, monotone where a direction is expected.

    Follows the conventions of scikit-learn without needing it, and needs the extra ``challenger``.
    The same rows in the same order give the same model to the last byte: one thread, one seed.
    Absent values and levels that were not there when it was fitted go where they fit best.

    Parameters
    ----------
    directions
        By column: -1 if the risk may not rise with it, 1 if it may not fall, 0 if it may do
        either. Columns that are not named, and all if None, have the direction that is expected
        of the measure of that name.
    trees, leaves, rate, min_rows, ridge
        Most trees, most leaves of one, how much each adds, fewest rows of a leaf, and the penalty
        on the squares of what leaves add.
    folds
        Parts of the rows for cross-validation inside ``fit``, which finds how many trees foretell
        best; 0 grows all.
    prior
        True default rate (ppm) of those it is for, if the sample was drawn by outcome.
    seed
        Of all that is random.

    Attributes
    ----------
    classes_ : ndarray
        The two outcomes, the greater one a default.
    n_features_in_, feature_names_in_ : int, array of str
        Columns in order; the names only if they had any (else they are x0, x1, ...).
    levels_ : dict[str, list[str]]
        Levels of the columns of text.
    directions_ : dict[str, int]
        Direction of each column.
    trees_ : int
        Trees grown.
    model_ : str
        The model in LightGBM's own text form.
    """

    role = "classifier"

    def __init__(  # noqa: PLR0913 - one argument per parameter, as scikit-learn wants
        self, *, directions: Mapping[str, int] | None = None, trees: int = 300, leaves: int = 15,
        rate: float = 0.05, min_rows: int = 20, ridge: float = 1.0, folds: int = 4,
        prior: int | None = None, seed: int = 1,
    ) -> None:  # fmt: skip
        self.directions = directions
        self.trees = trees
        self.leaves = leaves
        self.rate = rate
        self.min_rows = min_rows
        self.ridge = ridge
        self.folds = folds
        self.prior = prior
        self.seed = seed

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: ANN401 - arrays, tables and frames alike
        """Grow trees.

        Parameters
        ----------
        x
            Shape (rows, columns): an array, a data frame, or an Arrow table; NaN where absent.
        y
            Outcome by row, 1 for a default.
        sample_weight
            Rows that each row stands for: whole numbers.

        Raises
        ------
        MissingExtraError
            If LightGBM is not installed.
        DataError
            If there is one class only, infinite values, negative weights, or an unknown direction.
        """
        boost = lightgbm()
        x = table(x)
        self.names_ = self._learn_names(x)
        self.classes_, bad = given.outcome(y, given.shape(x)[0], None)
        weight = given.weights(sample_weight, bad)
        self.directions_ = self._directions()
        columns = [column(x, n) for n in self.names_]
        self.levels_ = {
            n: sorted(levels(c)[0])
            for n, c in zip(self.names_, columns, strict=True)
            if isinstance(c, pa.Array)
        }
        data = boost.Dataset(
            self._matrix(columns),
            bad.astype(np.float64),
            weight=weight.astype(np.float64) if len(weight) else None,
            categorical_feature=[self.names_.index(n) for n in self.levels_],
            params=self._settings(),
            free_raw_data=False,
        )
        self.trees_ = self._trees(boost, data, bad)
        self.model_ = boost.train(self._settings(), data, self.trees_).model_to_string()
        total = weight if len(weight) else np.ones(len(bad), np.int64)
        self.sample_rate_ = float(total[bad].sum() / total.sum())
        return self

    def predict_proba(self, x: Any) -> Float:  # noqa: ANN401 - arrays, tables and frames alike
        """Return the probabilities of the two outcomes, shape (rows, 2).

        Raises
        ------
        NotFittedError
            Before ``fit``.
        DataError
            If columns are missing, or values infinite.
        """
        x = table(x)
        here = self._same_names(x, getattr(self, "names_", []))
        booster = lightgbm().Booster(model_str=self.model_)
        matrix = self._matrix([column(x, n) for n in here])
        found = np.asarray(booster.predict(matrix, num_threads=1), np.float64)
        if self.prior is not None:
            by = shift(self.sample_rate_, self.prior / 1e6)
            found = probability(log_odds(found) + by)
        return np.column_stack([1 - found, found])

    def decision_function(self, x: Any) -> Float:  # noqa: ANN401 - arrays, tables and frames alike
        """Return the log odds of a default."""
        return log_odds(self.predict_proba(x)[:, 1])

    def predict(self, x: Any) -> NDArray[Any]:  # noqa: ANN401 - arrays, tables and frames alike
        """Return the more likely outcome."""
        second = self.predict_proba(x)[:, 1] > 0.5
        return np.asarray(self.classes_[second.astype(int)])

    def _directions(self) -> dict[str, int]:
        wanted = dict(self.directions or {})
        for name, value in wanted.items():
            if name not in self.names_ or value not in {-1, 0, 1}:
                unfit("boosted_direction", "directions", column=name, value=value)
        return {n: wanted.get(n, expected(n)) for n in self.names_}

    def _settings(self) -> dict[str, Any]:
        return {
            "objective": "binary", "num_leaves": self.leaves, "learning_rate": self.rate,
            "min_data_in_leaf": self.min_rows, "lambda_l2": self.ridge, "seed": self.seed,
            "monotone_constraints": [self._direction(n) for n in self.names_],
            "monotone_constraints_method": "intermediate", "feature_pre_filter": False,
            "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
        }  # fmt: skip

    def _direction(self, name: str) -> int:
        # The levels of a category have no order to be monotone in.
        return 0 if name in self.levels_ else self.directions_[name]

    def _trees(self, boost: Any, data: Any, bad: Bool) -> int:  # noqa: ANN401 - LightGBM's own
        """Return how many trees foretell parts best that they have not seen."""
        folds = min(self.folds, int(bad.sum()), int((~bad).sum()))
        if folds < 2:
            return self.trees
        part = parts(bad, folds, np.random.default_rng(self.seed))
        rows = np.arange(len(bad))
        cuts = [(rows[part != k], rows[part == k]) for k in range(folds)]
        settings = {**self._settings(), "early_stopping_round": PATIENCE}
        losses = boost.cv(settings, data, self.trees, folds=cuts)["valid binary_logloss-mean"]
        return int(np.argmin(losses)) + 1

    def _matrix(self, columns: list[Column]) -> Float:
        """Return the columns side by side; levels are their place among those known."""
        found = np.empty((len(columns[0]) if columns else 0, len(columns)))
        for j, (name, values) in enumerate(zip(self.names_, columns, strict=True)):
            if isinstance(values, pa.Array):
                known, place = levels(values)
                order = {v: float(k) for k, v in enumerate(self.levels_.get(name, []))}
                found[:, j] = np.array([*(order.get(v, np.nan) for v in known), np.nan])[place]
            else:
                finite(values, name, ())
                found[:, j] = values
        return found


PATIENCE = 25
"""Trees to wait for a better forecast before the cross-validation inside ``fit`` stops."""
