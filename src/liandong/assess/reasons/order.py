"""The order of the principal reasons of a score that is not the best."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


def adverse(below: Int, counts: NDArray[np.bool_]) -> Int:
    """Return the rank of each term among the reasons why a firm has no more points, from 1.

    The terms with the most points below their maximum come first, those of the same number in
    the order of the scorecard (the method of "points below maximum", Siddiqi 2006). A term that
    earns its maximum is no reason and has rank 0.

    Parameters
    ----------
    below
        Shape (firms, terms), points below the maximum of the term; against another reference,
        such as the neutral score or the median, points below that.
    counts
        Shape (firms, terms), whether a term may be a reason.

    Examples
    --------
    >>> adverse(np.array([[3, 0, 9, 3]]), np.array([[True, True, True, True]])).tolist()
    [[2, 0, 1, 3]]
    """
    lost = np.where(counts, np.maximum(below, 0), 0)
    order = np.argsort(-lost, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(1, lost.shape[1] + 1)[None, :], axis=1)
    return np.where(lost > 0, rank, 0)
