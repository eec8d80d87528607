"""Intervals of shares."""

from math import sqrt


def wilson(hits: int, n: int, z: float) -> tuple[float | None, float | None, float | None]:
    """Return a share and its interval by Wilson (1927); nothing of nothing.

    Examples
    --------
    >>> [round(x, 4) for x in wilson(8, 10, 1.96)]
    [0.8, 0.4902, 0.9433]
    """
    if not n:
        return None, None, None
    share, wide = hits / n, z * z / n
    middle = (share + wide / 2) / (1 + wide)
    half = z * sqrt(share * (1 - share) / n + wide / (4 * n)) / (1 + wide)
    return share, max(0.0, middle - half), min(1.0, middle + half)
