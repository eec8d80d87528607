"""How places differ in what they do: specialisation, concentration, and likeness of two places.

Shares are compared with those of all places together, the place itself included.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics.inequality import gini

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class Specialisation(NamedTuple):
    """Figures of each place, shape (places,), with s its shares and S those of all places.

    Attributes
    ----------
    krugman
        sum |s - S|, from 0 to 2 (Krugman 1991).
    coefficient
        Half of it: the share that would have to move (Hoover and Giarratani).
    hachman
        1 / sum (s^2 / S): 1 for the structure of the whole, towards 0 for another.
    entropy
        Of s in bits.
    herfindahl
        sum s^2.
    """

    krugman: Float
    coefficient: Float
    hachman: Float
    entropy: Float
    herfindahl: Float


def specialisation(volume: Float) -> Specialisation:
    """Return how special the structure of each place is.

    Parameters
    ----------
    volume
        Shape (places, fields), not negative; no place and no field is empty.

    Examples
    --------
    >>> found = specialisation(np.array([[3.0, 1.0], [1.0, 3.0]]))
    >>> found.krugman.tolist(), found.hachman.tolist(), found.herfindahl.tolist()
    ([0.5, 0.5], [0.8, 0.8], [0.625, 0.625])
    """
    share = _shares(volume)
    whole = volume.sum(axis=0) / volume.sum()
    krugman = np.abs(share - whole).sum(axis=1)
    logs = np.log2(share, out=np.zeros(share.shape), where=share > 0)
    return Specialisation(
        krugman,
        krugman / 2,
        1 / (share**2 / whole).sum(axis=1),
        np.abs((share * logs).sum(axis=1)),
        (share**2).sum(axis=1),
    )


def hoover(volume: Float, base: Float) -> tuple[float, float]:
    """Return how far a field is from being spread over places as a base is.

    Parameters
    ----------
    volume
        Of the field in each place, shape (places,), not negative, not all 0.
    base
        Such as the people of each place, shape (places,), all above 0.

    Returns
    -------
    tuple
        Hoover's index, half the sum of the differences of the shares, and the Gini coefficient of
        the field per head of the base (the Hoover-Gini).

    Examples
    --------
    >>> index, area = hoover(np.array([0.0, 10, 10, 30, 50]), np.array([10.0, 15, 20, 25, 30]))
    >>> round(index, 12), round(area, 12)
    (0.25, 0.31)
    """
    apart = np.abs(volume / volume.sum() - base / base.sum()).sum() / 2
    return float(apart), gini(volume, base)


def cosines(volume: Float) -> Float:
    """Return the cosine of the shares of each two places: UNIDO's coefficient of like structure.

    Parameters
    ----------
    volume
        Shape (places, fields); no place is empty.

    Returns
    -------
    array
        Shape (places, places), from 0 to 1.

    Examples
    --------
    >>> cosines(np.array([[1.0, 1.0], [2.0, 2.0], [1.0, 0.0]])).round(6).tolist()[0]
    [1.0, 1.0, 0.707107]
    """
    unit = volume / np.linalg.norm(volume, axis=1, keepdims=True)
    return np.asarray(np.clip(unit @ unit.T, 0.0, 1.0))


def krugman_pairs(volume: Float, one: Int, other: Int) -> Float:
    """Return the sum of the differences of the shares of pairs of places.

    Parameters
    ----------
    volume
        Shape (places, fields); no place is empty.
    one, other
        Places, shape (pairs,).

    Returns
    -------
    array
        Shape (pairs,), from 0 to 2.

    Examples
    --------
    >>> krugman_pairs(np.eye(2), np.array([0]), np.array([1])).tolist()
    [2.0]
    """
    share = _shares(volume)
    return np.array([np.abs(share[a] - share[b]).sum() for a, b in zip(one, other, strict=True)])


def _shares(volume: Float) -> Float:
    return np.asarray(volume / volume.sum(axis=1, keepdims=True))
