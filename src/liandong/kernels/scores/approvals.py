"""Approving applicants one after the other: what is reached, and what it costs, at every share."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class Queue(NamedTuple):
    """Applicants in the order in which a policy approves them.

    Attributes
    ----------
    order
        Shape (n,), rows from the first to the last approved.
    ends
        Shape (groups,), last place of each group of equals.
    """

    order: Int
    ends: Int


class Ladder(NamedTuple):
    """What has been approved at the end of each group of equals, starting with nobody.

    Attributes
    ----------
    number
        Shape (groups + 1,), applicants.
    sums
        Shape (groups + 1, columns), whatever is added up.
    """

    number: Float
    sums: Float


def queue(worth: Float) -> Queue:
    """Return the order of approval: the highest worth first.

    Examples
    --------
    >>> queue(np.array([0.2, 0.9, 0.2])).ends.tolist()
    [0, 2]
    """
    order = np.argsort(-worth, kind="stable")
    ends = np.flatnonzero(np.diff(worth[order], append=np.nan) != 0)
    return Queue(order, ends)


def ladder(line: Queue, columns: Float, weight: Float) -> Ladder:
    """Add up columns in the order of approval.

    Parameters
    ----------
    line
        Order of approval.
    columns
        Shape (n, columns).
    weight
        Shape (n,), how often each applicant counts.
    """
    found = np.column_stack([weight, columns * weight[:, None]])[line.order]
    sums = np.cumsum(found, axis=0)[line.ends]
    sums = np.vstack([np.zeros(sums.shape[1]), sums])
    return Ladder(sums[:, 0], sums[:, 1:])


def at_count(steps: Ladder, count: Float) -> Float:
    """Return what is added up once so many are approved, shape (counts, columns).

    Within a group of equals it is the mean over all orders of them: linear in their number.

    Examples
    --------
    >>> line = queue(np.array([1.0, 0.0, 0.0]))
    >>> steps = ladder(line, np.array([[0.0], [1.0], [0.0]]), np.ones(3))
    >>> at_count(steps, np.array([1.0, 2.0, 3.0])).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    return np.column_stack([np.interp(count, steps.number, column) for column in steps.sums.T])


def last_within(steps: Ladder, lost: int, base: int | None, limit: float) -> float:
    """Return the most applicants that can be approved with losses of at most ``limit``.

    Parameters
    ----------
    steps
        What has been approved.
    lost, base
        Columns: losses, and what they are a share of (None: the number of applicants).
    limit
        Highest share.

    Examples
    --------
    >>> line = queue(np.array([3.0, 2.0, 1.0]))
    >>> steps = ladder(line, np.array([[0.0], [0.0], [1.0]]), np.ones(3))
    >>> last_within(steps, 0, None, 0.2)
    2.5
    """
    whole = steps.number if base is None else steps.sums[:, base]
    above = steps.sums[:, lost] - limit * whole
    within = np.flatnonzero(above <= 1e-9)
    last = int(within[-1])
    if last == len(above) - 1:
        return float(steps.number[-1])
    share = -above[last] / (above[last + 1] - above[last])
    return float(
        steps.number[last] + max(share, 0.0) * (steps.number[last + 1] - steps.number[last])
    )
