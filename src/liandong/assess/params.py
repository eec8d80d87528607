"""Parameters of estimators as scikit-learn has them: ``get_params``, ``set_params``."""

from inspect import signature
from typing import Any, Self

from liandong.errors import UsageError
from liandong.texts import both


class Params:
    """An estimator whose parameters are the arguments of its constructor."""

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
