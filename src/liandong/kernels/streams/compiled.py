"""How code is compiled that runs many times for each event."""

from collections.abc import Callable
from typing import Any, TypeVar

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
