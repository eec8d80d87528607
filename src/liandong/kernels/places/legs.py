"""Ways between places: legs in both directions, and distances as the crow flies."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

EARTH = 6_371_008.8
"""Mean radius of the earth in metres (IUGG)."""


def both_ways(src: Int, dst: Int, length: Float, places: int) -> tuple[Int, Int, Float]:
    """Return legs by the place they leave; one told in one direction only goes both ways.

    Parameters
    ----------
    src, dst
        Ends of each leg, 0 to places - 1. Of legs told twice the first counts.
    length
        Of each leg.

    Returns
    -------
    tuple
        ``start``, shape (places + 1,), heads and lengths: legs that leave place i are start[i] to
        start[i + 1], by where they lead.
    """
    one, other = np.concatenate([src, dst]), np.concatenate([dst, src])
    key = one * places + other
    unique, at = np.unique(key, return_index=True)  # what is told comes before what is turned
    start = np.searchsorted(unique, np.arange(places + 1) * places)
    return start.astype(np.int64), unique % places, np.concatenate([length, length])[at]


def great_circles(lon: Float, lat: Float, to_lon: Float, to_lat: Float) -> Float:
    """Return great-circle distances in metres (haversine).

    Parameters
    ----------
    lon, lat, to_lon, to_lat
        Degrees; the shapes are broadcast against each other.
    """
    a, b, c, d = (np.radians(v) for v in (lon, lat, to_lon, to_lat))
    half = np.sin((d - b) / 2) ** 2 + np.cos(b) * np.cos(d) * np.sin((c - a) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.minimum(1, np.sqrt(half))))
