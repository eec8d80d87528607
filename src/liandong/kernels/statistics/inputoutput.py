"""What an input–output table says: how far from final use, how much one sale sets going.

Rows sell and columns buy. A sector without output has no shares: its figures are nan, as are all
figures of a table in which some sector would need more than it makes (Hawkins and Simon 1949).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

ROUNDING = 1e-9
"""What an inverse may be below 0 by rounding."""


class Linkages(NamedTuple):
    """Figures of each sector, each of shape (sectors,).

    Attributes
    ----------
    upstreamness
        Stages to final use, one of them the last sale (Antràs, Chor, Fally and Hillberry 2012).
    downstreamness
        Stages from primary factors (Miller and Temurshoev 2017).
    leontief
        Output of all that one more of its final demand sets going (column sum of the inverse).
    ghosh
        Output of all that one more of its value added lets be made (row sum of the inverse).
    extraction
        Output that is lost without it (hypothetical extraction, its own output included).
    """

    upstreamness: Float
    downstreamness: Float
    leontief: Float
    ghosh: Float
    extraction: Float


def linkages(sales: Float, output: Float, uses: Float | None = None) -> Linkages:
    """Return the linkages of each sector.

    Parameters
    ----------
    sales
        Shape (sectors, sectors), from the row to the column.
    output
        Shape (sectors,).
    uses
        Shape (sectors,), all that is used of what each sector sells, imports included; ``output``
        if None. Upstreamness and downstreamness take imports to be used like what is made at home,
        and count exports as final; the multipliers take the table as it is.

    Examples
    --------
    >>> chain = linkages(np.diag([1.0, 1.0], 1), np.ones(3))
    >>> chain.upstreamness, chain.downstreamness
    (array([3., 2., 1.]), array([1., 2., 3.]))
    """
    used = output if uses is None else uses
    live = (output > 0) & (used > 0)
    z, x = sales[np.ix_(live, live)], output[live]
    whole = _inverse(z / x)
    home = whole if uses is None else _inverse(z * (x / used[live])[:, None] / x)
    # The Ghosh inverse is the Leontief inverse by shares of the seller.
    down, up = whole.sum(axis=0), (whole * x).sum(axis=1) / x
    return Linkages(*(
        _among(live, found)
        for found in ((home * x).sum(axis=1) / x, home.sum(axis=0), down, up,
                      down * x / np.diagonal(whole))
    ))  # fmt: skip


def _inverse(shares: Float) -> Float:
    """Return (I - shares)^-1, nan throughout if something in it is negative or it is not there."""
    try:
        found = np.asarray(np.linalg.inv(np.eye(len(shares)) - shares), np.float64)
    except np.linalg.LinAlgError:
        return np.full(shares.shape, np.nan)
    return found if (found >= -ROUNDING).all() else np.full(shares.shape, np.nan)


def _among(live: NDArray[np.bool_], found: Float) -> Float:
    every = np.full(len(live), np.nan)
    every[live] = found
    return every
