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


@njit(cache=True, nogil=True)
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
    places, fields = volume.shape
    row, column = np.zeros(places), np.zeros(fields)
    for i in range(places):
        for j in range(fields):
            row[i] += volume[i, j]
            column[j] += volume[i, j]
    whole = row.sum()
    found = np.zeros(volume.shape)
    for i in range(places):
        for j in range(fields):
            if row[i] > 0 and column[j] > 0:
                found[i, j] = volume[i, j] / row[i] / (column[j] / whole)
    return found


@njit(cache=True, nogil=True)
def proximity(holds: Bool) -> Float:
    """Return how related each two fields are: the smaller of the two conditional probabilities.

    Of the places that hold the commoner field, the share that hold the other one as well.

    Parameters
    ----------
    holds
        Shape (places, fields): who holds what.

    Returns
    -------
    array
        Shape (fields, fields), symmetric, from 0 to 1; 1 on the diagonal of a field that anybody
        holds, 0 for one that nobody does.

    Examples
    --------
    >>> proximity(np.array([[True, True], [True, False]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    places, fields = holds.shape
    together = np.zeros((fields, fields), np.int64)
    mine = np.empty(fields, np.int64)
    for i in range(places):
        n = 0
        for j in range(fields):
            if holds[i, j]:
                mine[n] = j
                n += 1
        for a in range(n):
            for b in range(n):
                together[mine[a], mine[b]] += 1
    found = np.zeros((fields, fields))
    for j in range(fields):
        for k in range(fields):
            most = max(together[j, j], together[k, k])
            if most:
                found[j, k] = together[j, k] / most
    return found


@njit(cache=True, nogil=True)
def density(holds: Bool, near: Float) -> Float:
    """Return how much of what is related to each field a place holds, the field itself left out.

    Hidalgo's density counts the field itself, too; then whoever holds a field is close to it by
    definition. Left out, the figure may foretell what a place will hold.

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
    places, fields = holds.shape
    found = np.zeros((places, fields))
    for j in range(fields):
        whole = near[:, j].sum() - near[j, j]
        if whole <= 0:
            continue
        for i in range(places):
            some = 0.0
            for k in range(fields):
                if holds[i, k] and k != j:
                    some += near[k, j]
            found[i, j] = some / whole
    return found


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
