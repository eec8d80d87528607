"""The checks that scikit-learn has for all estimators, and its tools around ours."""

from importlib.util import find_spec

import numpy as np
import pytest

from liandong.assess import ScorecardClassifier
from support.need import missing

WHY_NOT = {
    "check_estimators_unfitted": "its NotFittedError is scikit-learn's own, which is not needed at "
    "run time; a named InputError, also a ValueError, says to fit first",
    "check_supervised_y_2d": "its DataConversionWarning is scikit-learn's own; a single column is "
    "taken as it is",
}
"""Checks that fail, each with the reason."""


@pytest.fixture(autouse=True)
def needed():
    if find_spec("sklearn") is None:
        missing("scikit-learn", "install the test requirements")


@pytest.mark.filterwarnings("ignore")
def test_all_checks_pass_but_those_named():
    from sklearn.utils.estimator_checks import check_estimator

    found = check_estimator(ScorecardClassifier(), on_fail=None, on_skip=None)
    failed = {r["check_name"]: r["exception"] for r in found if r["status"] == "failed"}
    assert failed.keys() == WHY_NOT.keys(), failed
    assert sum(r["status"] == "passed" for r in found) >= 40


@pytest.mark.filterwarnings("ignore")
def test_it_works_in_pipelines_and_searches():
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(2)
    x = random.normal(size=(400, 3))
    y = random.random(400) < 1 / (1 + np.exp(-2 * x[:, 0]))
    pipe = make_pipeline(StandardScaler(), ScorecardClassifier(folds=0))
    grid = {"scorecardclassifier__max_bins": [2, 5]}
    found = GridSearchCV(pipe, grid, cv=3, scoring="roc_auc").fit(x, y)
    assert found.best_score_ > 0.75
    assert clone(ScorecardClassifier(pdo=30)).get_params()["pdo"] == 30
