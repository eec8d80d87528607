"""Parameters of estimators by name, as scikit-learn reads and sets them."""

from inspect import signature
from typing import Any, Self

from liandong.errors import UsageError
from liandong.texts import both


class Parameters:
    """Base of estimators: every argument of ``__init__`` is kept under its name."""

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
        said = signature(type(self)).parameters
        changed = [f"{n}={v!r}" for n, v in self.get_params().items() if v != said[n].default]
        return f"{type(self).__name__}({', '.join(changed)})"
