"""What scikit-learn asks of an estimator, told without needing it."""

import sys
from collections.abc import Sequence
from importlib import import_module
from inspect import signature
from typing import Any, ClassVar, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from liandong.assess.binning.columns import named, names, unfit
from liandong.errors import NotFittedError, UsageError
from liandong.texts import both

Text = NDArray[np.object_]


class Parameters:
    """An estimator whose parameters are the arguments of its constructor.

    Attributes
    ----------
    n_features_in_
        Columns at fit.
    feature_names_in_
        Their names, if they had names.
    """

    role: ClassVar[str] = "transformer"
    """Or "classifier"."""

    n_features_in_: int
    feature_names_in_: Text

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002 - the signature of scikit-learn
        """Return the parameters by name."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401 - the signature of scikit-learn
        """Set parameters by name.

        Raises
        ------
        UsageError
            If there is none of a name.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                what = both("fault.no_parameter", name=name)
                raise UsageError(what=what, remedy=both("advice.known", known=", ".join(known)))
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        kept = signature(type(self)).parameters
        said = [f"{n}={v!r}" for n, v in self.get_params().items() if v != kept[n].default]
        return f"{type(self).__name__}({', '.join(said)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own class, and only it asks
        utils = import_module("sklearn.utils")
        classifier = self.role == "classifier"
        return utils.Tags(
            estimator_type="classifier" if classifier else None,
            target_tags=utils.TargetTags(required=True, one_d_labels=True),
            transformer_tags=None if classifier else utils.TransformerTags(),
            # The outcome has two values, whatever is made of it.
            classifier_tags=utils.ClassifierTags(multi_class=False),
            input_tags=utils.InputTags(allow_nan=True, string=True, categorical=True),
        )

    def _learn_names(self, x: Any) -> list[str]:  # noqa: ANN401 - arrays, tables and frames alike
        """Remember the columns of what the estimator is fitted to; return their names."""
        found = names(x)
        if not len(x) or not found:
            unfit("bins_no_rows", "x", rows=len(x), columns=len(found))
        self.n_features_in_ = len(found)
        if named(x):
            self.feature_names_in_ = np.array(found, object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return found

    def _same_names(self, x: Any, known: Sequence[str]) -> list[str]:  # noqa: ANN401 - as above
        """Return what the columns known at fit are called now: without names, they go in order.

        Raises
        ------
        NotFittedError, DataError
            If nothing was fitted, or columns are missing.
        """
        if not self.__sklearn_is_fitted__():
            not_fitted(type(self).__name__)
        found = names(x)
        if named(x) and hasattr(self, "feature_names_in_"):
            if missing := [n for n in known if n not in found]:
                unfit("bins_columns", "x", names=", ".join(missing))
            return list(known)
        if len(found) != len(known):
            kind = type(self).__name__
            unfit("bins_columns_number", "x", found=len(found), known=len(known), kind=kind)
        return found


def not_fitted(name: str) -> NoReturn:
    """Raise NotFittedError; it is scikit-learn's as well wherever that is in use."""
    kinds: tuple[type, ...] = (NotFittedError,)
    if theirs := sys.modules.get("sklearn.exceptions"):
        kinds = (NotFittedError, theirs.NotFittedError)
    kind = type("NotFittedError", kinds, {})
    raise kind(what=both("fault.not_fitted", name=name), remedy=both("advice.fit_first"))
