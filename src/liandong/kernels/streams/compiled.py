"""How code is compiled that runs many times for each event."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numba import njit

F = TypeVar("F", bound=Callable[..., object])
# Nothing is made in such code, so nobody need count who holds which array.
_UNCOUNTED: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}


def inner(function: F) -> F:
    """Compile a function into those that call it; it must not make arrays."""
    compiled: F = njit(forceinline=True, **_UNCOUNTED)(function)
    return compiled


def hot(function: F) -> F:
    """Compile a loop over such functions; it must not make arrays."""
    compiled: F = njit(**_UNCOUNTED)(function)
    return compiled


if TYPE_CHECKING:

    def whole(number: object) -> int:
        """Return a number as one of 64 bits. In compiled code only."""

    def word(number: object) -> int:
        """Return the lower half of a number. In compiled code only."""

else:
    whole, word = np.int64, np.int32
