"""Kernels that only borrow the arrays they are given.

Numba counts who refers to an array: where a name for one comes or goes, at calls and at branches,
it adds or takes one, and no other core may touch that line meanwhile. Such a step waits for all
that was written before it, and what is read after it waits for the step: a kernel that jumps about
in memory then waits for one row after the other. What makes no arrays and keeps none can do
without.

A borrowing kernel returns no array, and calls only its own kind and, where arrays must be made,
owning ones.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numba

__all__ = ["borrowing", "inlined", "inner", "owning"]

P = ParamSpec("P")
R = TypeVar("R")
njit: Any = numba.njit  # its types leave out the option that does without counting


def borrowing(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel that counts no references to arrays."""
    compiled: Callable[P, R] = njit(cache=True, nogil=True, _nrt=False)(kernel)
    return compiled


def inlined(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a borrowing kernel into each of those that call it.

    A call hands over every number of every array: more work than most steps are.
    """
    compiled: Callable[P, R] = njit(cache=True, nogil=True, _nrt=False, inline="always")(kernel)
    return compiled


def inner(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a borrowing kernel by itself, and have its machine code in each that calls it.

    What it costs to compile does not grow with the callers, as with :func:`inlined`.
    """
    options = {"cache": True, "nogil": True, "_nrt": False, "forceinline": True}
    compiled: Callable[P, R] = njit(**options)(kernel)
    return compiled


def owning(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel that makes arrays and is called by borrowing ones."""
    compiled: Callable[P, R] = njit(cache=True, nogil=True, _nrt=True)(kernel)
    return compiled
