"""How related fields are, seen from who holds them together.

Proximity and density after Hidalgo, Klinger, Barabasi and Hausmann (Science 317, 2007), revealed
advantage after Balassa (1965). Places are regions, firms or countries; fields are those of
patents, or products.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]

BLOCK = 256
"""Fields whose proximity is held at once."""


def balassa(volume: Float) -> Float:
    """Return the share of a field in a place over its share in all places together.

    Parameters
    ----------
    volume
        Shape (places, fields), not negative.

    Returns
    -------
    array
        Same shape; above 1 where a place does more of a field than others. 0 where either has
        nothing at all.

    Examples
    --------
    >>> balassa(np.array([[3.0, 1.0], [1.0, 3.0]])).tolist()
    [[1.5, 0.5], [0.5, 1.5]]
    """
    row, column = volume.sum(axis=1, keepdims=True), volume.sum(axis=0)
    whole = column.sum()
    there = (row > 0) & (column > 0)
    share = np.zeros(volume.shape)
    np.divide(volume, row, out=share, where=there)
    np.divide(share, column / max(whole, np.finfo(np.float64).tiny), out=share, where=there)
    return share


def proximity(holds: Bool, fields: Int | None = None) -> Float:
    """Return how related each two fields are: the smaller of the two conditional probabilities.

    Of the places that hold the commoner field, the share that hold the other one as well.

    Parameters
    ----------
    holds
        Shape (places, fields): who holds what.
    fields
        The columns that are asked for, shape (asked,); all if None.

    Returns
    -------
    array
        Shape (fields, asked), symmetric where all are asked for, from 0 to 1; 1 on the diagonal of
        a field that anybody holds, 0 for one that nobody does.

    Examples
    --------
    >>> proximity(np.array([[True, True], [True, False]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    asked = np.arange(holds.shape[1]) if fields is None else fields
    held = holds.astype(np.float32)  # counts up to 2^24 are exact in it
    count = np.maximum(held.sum(axis=0), 1.0).astype(np.float64)
    found = np.empty((holds.shape[1], len(asked)))
    for start in range(0, len(asked), BLOCK):
        some, near = asked[start : start + BLOCK], found[:, start : start + BLOCK]
        near[:] = held.T @ held[:, some]
        near /= np.maximum(count[:, None], count[some])
    return found


def density(holds: Bool, near: Float) -> Float:
    """Return how much of what is related to each field a place holds, the field itself left out.

    The density of Hidalgo and others counts the field itself, too, where the diagonal of the
    proximity is kept; then whoever holds a field is close to it by definition. Left out, which is
    the same as a diagonal of 0, the figure may foretell what a place will hold.

    Parameters
    ----------
    holds
        Shape (places, fields).
    near
        Shape (fields, fields): :func:`proximity`.

    Returns
    -------
    array
        Shape (places, fields), from 0 to 1; 0 for a field related to no other.

    Examples
    --------
    >>> near = np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.0], [0.5, 0.0, 1.0]])
    >>> density(np.array([[False, True, False]]), near).tolist()
    [[0.5, 0.0, 0.0]]
    """
    others = near.copy()
    np.fill_diagonal(others, 0.0)
    whole, some = others.sum(axis=0), holds.astype(np.float64) @ others
    found = np.zeros(some.shape)
    np.divide(some, whole, out=found, where=whole > 0)
    return found


def densities(holds: Bool) -> Float:
    """Return the same as :func:`density` of :func:`proximity`, mostly without the proximity.

    The proximity of two fields is their count together over the larger of their own. So with the
    fields in the order of their counts, what lies near one is a sum over those before it, over its
    own count, and a sum over those after it, each over its own: two matrices of places by places,
    added up block by block. Only within a block the proximity is needed. With fewer places than
    fields that is much less work.

    Parameters
    ----------
    holds
        Shape (places, fields).

    Returns
    -------
    array
        Shape (places, fields).

    Examples
    --------
    >>> densities(np.array([[True, True, False], [True, False, True]])).tolist()
    [[0.5, 1.0, 1.0], [0.5, 1.0, 1.0]]
    """
    places, fields = holds.shape
    if places >= fields:
        return density(holds, proximity(holds))
    order = np.argsort(holds.sum(axis=0), kind="stable")
    held = holds[:, order].astype(np.float64)
    each = held / np.maximum(held.sum(axis=0), 1.0)
    asked = np.vstack([held, np.ones(fields)])  # who holds everything comes to the whole
    blocks = [slice(start, start + BLOCK) for start in range(0, fields, BLOCK)]
    near, seen = np.zeros(asked.shape), np.zeros((places + 1, places))
    for b in blocks:
        near[:, b] = seen @ each[:, b] + asked[:, b] @ _apart(held[:, b])
        seen += asked[:, b] @ held[:, b].T
    seen[:] = 0.0
    for b in reversed(blocks):
        near[:, b] += seen @ held[:, b]
        seen += asked[:, b] @ each[:, b].T
    found = np.zeros(holds.shape)
    part = np.zeros(holds.shape)
    np.divide(near[:-1], near[-1], out=part, where=near[-1] > 0)
    found[:, order] = part
    return found


def _apart(held: Float) -> Float:
    """Return the proximity of fields, 0 on the diagonal."""
    near = proximity(held > 0)
    np.fill_diagonal(near, 0.0)
    return near


@njit(cache=True, nogil=True)
def coherence(volume: Float, near: Float) -> Float:
    """Return how related the different fields of each place are to each other.

    The mean proximity of two of its fields, weighted by what it does in both (the weighted-average
    relatedness of Teece, Rumelt, Dosi and Winter, 1994).

    Parameters
    ----------
    volume
        Shape (places, fields), not negative.
    near
        Shape (fields, fields).

    Returns
    -------
    array
        Shape (places,), from 0 to 1; nan with fewer than two fields.

    Examples
    --------
    >>> coherence(np.array([[2.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 0.25], [0.25, 1.0]])).tolist()
    [0.25, nan]
    """
    places, fields = volume.shape
    found = np.full(places, np.nan)
    for i in range(places):
        some, whole = 0.0, 0.0
        for j in range(fields):
            for k in range(j):
                weight = volume[i, j] * volume[i, k]
                some += weight * near[j, k]
                whole += weight
        if whole > 0:
            found[i] = some / whole
    return found
