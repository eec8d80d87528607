"""Distances between regions, and within them."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.places.legs import great_circles

Float = NDArray[np.float64]


def apart(lon: Float, lat: Float) -> Float:
    """Return metres between all regions, and within each a quarter of the way to the nearest.

    Parameters
    ----------
    lon, lat
        Degrees; shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n, n).

    Notes
    -----
    Wei (1996), Intra-national versus international trade: how far things go within a region.

    Examples
    --------
    >>> apart(np.array([0.0, 0.0]), np.array([0.0, 90.0])).round(-3).tolist()
    [[2502000.0, 10008000.0], [10008000.0, 2502000.0]]
    """
    metres = great_circles(lon[:, None], lat[:, None], lon, lat)
    np.fill_diagonal(metres, np.inf)
    np.fill_diagonal(metres, metres.min(axis=1, initial=np.inf) / 4)
    return metres
