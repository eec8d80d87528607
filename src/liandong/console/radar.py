"""A radar as plain SVG, for paper: no script draws it."""

from math import cos, pi, sin
from typing import Any

Row = dict[str, Any]
RINGS = 4


def radar(axes: list[Row], size: float = 100.0) -> Row:
    """Return the shapes of a radar around (0, 0), its first axis upwards, the next clockwise.

    Parameters
    ----------
    axes
        Rows with ``share`` and ``median`` from 0 to 1.
    size
        Length of an axis.

    Returns
    -------
    dict
        ``rings``, ``share`` and ``median``: points of polygons; ``spokes``: ends of the axes;
        ``labels``: places and anchors of their names; ``depth``: how far down the lowest is.

    Examples
    --------
    >>> found = radar([{"share": 1, "median": 0.5}] * 4)
    >>> found["median"], found["labels"][1]["anchor"]
    ('0.0,-50.0 50.0,-0.0 0.0,50.0 -50.0,0.0', 'start')
    """
    ways = [(sin(2 * pi * i / len(axes)), -cos(2 * pi * i / len(axes))) for i in range(len(axes))]

    def polygon(shares: list[float]) -> str:
        return " ".join(
            f"{size * s * x:.1f},{size * s * y:.1f}" for s, (x, y) in zip(shares, ways, strict=True)
        )

    return {
        "rings": [polygon([(k + 1) / RINGS] * len(axes)) for k in range(RINGS)],
        "spokes": [(round(size * x, 1), round(size * y, 1)) for x, y in ways],
        "share": polygon([a["share"] for a in axes]),
        "median": polygon([a["median"] for a in axes]),
        "depth": round(1.1 * size * max(y for _, y in ways), 1),
        "labels": [
            {"x": round(1.1 * size * x, 1), "y": round(1.1 * size * y, 1), "anchor": _anchor(x)}
            for x, y in ways
        ],
    }


def _anchor(x: float) -> str:
    return "middle" if abs(x) < 0.1 else "start" if x > 0 else "end"
