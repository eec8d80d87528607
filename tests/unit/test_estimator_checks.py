"""The checks that scikit-learn has for all estimators."""

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from liandong.assess import ScorecardClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

WHY_NOT = {
    "check_estimators_unfitted": "its NotFittedError is scikit-learn's own, which is not needed at "
    "run time; a named InputError, also a ValueError, says to fit first",
    "check_supervised_y_2d": "its DataConversionWarning is scikit-learn's own; a single column is "
    "taken as it is",
}


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([ScorecardClassifier()], expected_failed_checks=lambda _: WHY_NOT)
def test_conventions(estimator, check):
    check(estimator)
