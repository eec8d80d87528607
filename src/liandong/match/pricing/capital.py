"""What the owners want for the capital that a loan ties up, in whole numbers."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics.capital import risk_weight
from liandong.types import PPM

Int = NDArray[np.int64]


class Capital(NamedTuple):
    """What the owners want for their capital, ppm.

    Attributes
    ----------
    hurdle
        Return on capital they ask for.
    ratio
        Capital to hold per yuan of risk-weighted assets.
    weight, covered_weight
        Risk weights of what is not and what is covered by a guarantee.
    irb
        Whether the weight of what is not covered follows from the probability of default instead;
        see :func:`irb_weight`.
    """

    hurdle: int
    ratio: int
    weight: int
    covered_weight: int
    irb: bool = False

    def weighted(self, cover: Int | int, pd: Int | int = 0, lgd: Int | int = 0) -> Int:
        """Return the risk-weighted assets of a yuan lent, 10^-12; arguments are ppm."""
        weight = irb_weight(np.asarray(pd), np.asarray(lgd)) if self.irb else self.weight
        return np.asarray(cover * self.covered_weight + (PPM - np.asarray(cover)) * weight)

    def held(self, cover: Int | int, pd: Int | int = 0, lgd: Int | int = 0) -> Int:
        """Return the capital tied up by a yuan lent, 10^-12, rounded up."""
        high, low = np.divmod(self.weighted(cover, pd, lgd), PPM)
        return np.asarray(self.ratio * high - (-self.ratio * low // PPM))

    def charge(self, cover: Int | int, pd: Int | int = 0, lgd: Int | int = 0) -> Int:
        """Return the yearly cost of capital of a yuan lent, 10^-12, rounded up.

        Parameters
        ----------
        cover
            Share covered by a guarantee, ppm.
        pd, lgd
            Probability of default and loss given default, ppm; without ``irb`` they do not count.
        """
        # hurdle * ratio * weighted in halves of six digits each: the product itself has 26 digits.
        high, low = divmod(self.hurdle * self.ratio, PPM)
        more, less = np.divmod(self.weighted(cover, pd, lgd), PPM)
        middle = high * less + low * more
        rest = middle % PPM * PPM + low * less
        return np.asarray(high * more + middle // PPM - (-rest // PPM**2))


def irb_weight(pd: Int, lgd: Int) -> Int:
    """Return the risk weight of corporate loans of 2.5 years by internal ratings, ppm, rounded up.

    The formula of Basel II (see :func:`liandong.kernels.statistics.capital.risk_weight`), but that
    more risk never weighs less: beyond the default probability of its highest weight it stays
    there, where the formula falls to 0 because losses are then expected ones.

    Parameters
    ----------
    pd, lgd
        Probability of default and loss given default, ppm.

    Examples
    --------
    >>> irb_weight(np.array([10_000]), np.array([450_000])).tolist()
    [923169]
    """
    return np.asarray(-(-lgd * _weights()[np.clip(pd, 0, PPM)] // PPM))


@cache
def _weights() -> Int:
    """Return the weight where all is lost at a default, for each ppm of default probability."""
    pd = np.arange(PPM + 1) / PPM
    found = np.ceil(risk_weight(pd, np.ones(len(pd))) * PPM).astype(np.int64)
    return np.asarray(np.maximum.accumulate(found))
