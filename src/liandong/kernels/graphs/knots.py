"""Knots of circles of ownership: how often their members are passed, by elimination."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

WHOLE = 1_000_000
"""Parts per million."""
SINGLE, CIRCLE, LOCKED, UNBOUNDED = range(4)
"""What a component is: a party in no circle, a circle, a circle that nobody outside owns, and one
whose upper ends of shares are too great for any bound."""


@njit(cache=True, nogil=True)
def solve_knot(rows: Int, to: Int, share: Int, solved: Float) -> int:  # noqa: C901 - one walk along the members
    """Invert what the knot of a circle does; return what kind of component it is.

    A step leads from a member of the knot to the next one, over others in their order. What would
    run against that order waits for the next sweep and counts as gone here.
    """
    size, knot = len(rows) - 1, len(solved)
    leak = np.full(size, WHOLE)
    for k in range(size):
        for e in range(rows[k], rows[k + 1]):
            leak[k] -= share[e]
    if leak.max() == 0 and leak.min() == 0:
        return LOCKED
    if leak.min() < 0 and size > knot:
        return UNBOUNDED
    step, gone, here = np.zeros((knot, knot)), np.zeros(knot), np.zeros(size)
    for j in range(knot):
        here[j] = 1.0
        for k in range(size):
            if (k < knot and k != j) or here[k] == 0.0:
                continue
            now = here[k]
            here[k] = 0.0
            gone[j] += now * leak[k] / WHOLE
            for e in range(rows[k], rows[k + 1]):
                if to[e] < knot:
                    step[j, to[e]] += now * share[e] / WHOLE
                elif k < to[e]:
                    here[to[e]] += now * share[e] / WHOLE
                else:
                    gone[j] += now * share[e] / WHOLE
    return CIRCLE if _invert(step, gone, solved) else UNBOUNDED


@njit(cache=True, nogil=True)
def _invert(step: Float, leak: Float, solved: Float) -> bool:  # noqa: C901 - one elimination
    """Write how often each member is passed, by start and member; tell whether that is bounded.

    The elimination of Grassmann, Taksar and Heyman (1985): members are taken out one by one, from
    the last, and who passed by them goes on as they would. It never subtracts, so each entry is
    exact to the last digits even if hardly anything leaves the circle. Only where shares exceed a
    whole (upper ends) what goes on is found by subtraction.
    """
    size = len(step)
    exact = (leak >= 0).all()
    out = np.empty(size)
    for k in range(size - 1, -1, -1):
        out[k] = leak[k] + step[k, :k].sum() if exact else 1.0 - step[k, k]
        if out[k] <= 1e-9 and not exact:
            return False
        for j in range(k):
            part = step[j, k] / out[k]
            if part > 0:
                step[j, k] = part
                leak[j] += part * leak[k]
                for i in range(k):
                    step[j, i] += part * step[k, i]
    for start in range(size):
        passed = solved[start]
        passed[:], passed[start] = 0.0, 1.0
        for k in range(start, 0, -1):
            if passed[k] > 0:
                part = passed[k] / out[k]
                for i in range(k):
                    passed[i] += part * step[k, i]
        for k in range(start + 1):
            passed[k] /= out[k]
        for i in range(size):
            part = passed[i]
            for k in range(i + 1, size):
                passed[k] += part * step[i, k]
    return True
