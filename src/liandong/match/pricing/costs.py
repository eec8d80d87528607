"""What a loan must cost: the rate that covers everything, and the rate that earns most.

Rates and shares are parts per million; costs are added up in parts per 10^12, in whole numbers, and
rounded so that the lender never comes out below what is said here.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from liandong.types import PPM

Int = NDArray[np.int64]

TERMS = ("funding", "operating", "expected_loss", "guarantee", "capital")
"""The costs of a loan, as in :class:`Costs`."""
NO_RATE = -1
"""Stands for a rate that cannot be: whoever always defaults pays no interest."""


def portion(amount: Int, share: Int | int) -> Int:
    """Return a share (ppm) of whole amounts, rounded down, without overflow."""
    return amount // PPM * share + amount % PPM * share // PPM


class Costs(NamedTuple):
    """Yearly costs of a yuan lent, 10^-12, one entry for each pair of applicant and product.

    ``pd`` is the probability of default in ppm.
    """

    pd: Int
    funding: Int
    operating: Int
    expected_loss: Int
    guarantee: Int
    capital: Int

    @classmethod
    def of(
        cls, pd: Int, funding: Int, operating: Int, lgd: Int, cover: Int, capital: Int,
        fee: Int | int = 0,
    ) -> Self:  # fmt: skip
        """Add up costs.

        Parameters
        ----------
        pd, funding, operating, lgd, cover
            Probability of default, cost of funds, operating cost, loss given default and share
            covered by a guarantee, ppm.
        capital
            Cost of capital, 10^-12; see :meth:`liandong.match.pricing.capital.Capital.charge`.
        fee
            What the lender pays for the guarantee, ppm.
        """
        loss = -(-pd * lgd * (PPM - cover) // PPM)
        fees = np.broadcast_to(np.asarray(fee, np.int64) * PPM, pd.shape)
        return cls(pd, funding * PPM, operating * PPM, loss, fees, capital)

    def take(self, rows: Int) -> Self:
        """Return the costs of some pairs."""
        return type(self)(*(c[rows] for c in self))

    @property
    def total(self) -> Int:
        """All costs."""
        lent = self.funding + self.operating + self.guarantee
        return np.asarray(lent + self.expected_loss + self.capital)

    def floor_rate(self) -> Int:
        """Return the lowest rate that covers all costs, ppm, rounded up; NO_RATE if none does.

        r_min = (funds + operation + PD LGD (1 - cover) + fee + hurdle * capital) / (1 - PD): only
        those who do not default pay interest.
        """
        paying = PPM - self.pd
        covering = -(-self.total // np.maximum(paying, 1))
        return np.asarray(np.where(paying > 0, covering, NO_RATE))

    def largest(self) -> Int:
        """Return the index in ``TERMS`` of the largest cost."""
        terms = np.column_stack([getattr(self, t) for t in TERMS])
        return np.asarray(terms.argmax(axis=1))


class Curve(NamedTuple):
    """How many borrowers of a grade are lost at each rate, ppm; rates ascend."""

    rate: Int
    lost: Int


def best_rate(
    costs: Costs, floor: Int, low: Int, high: Int, curve: Curve | None, margin: int
) -> tuple[Int, Int]:
    """Return the rate with the highest expected profit, and that profit per yuan offered.

    Profit = (1 - lost(rate)) (1 - PD) (rate - floor rate), because at the floor rate the interest
    of those who pay covers all costs. Rates are those of the curve, moved into the allowed band;
    between its points the curve is straight. Of equals the lowest rate is taken. Without a curve,
    nobody is lost, and the rate is the floor rate plus ``margin``, moved into the band. Where the
    curve never falls, a higher floor rate never makes the rate lower.

    Parameters
    ----------
    costs
        Of each pair.
    floor, low, high
        Floor rate and allowed band of each pair, ppm, with floor <= high.
    curve
        Of the grade of all pairs.
    margin
        Ppm.

    Returns
    -------
    rate, profit
        Ppm a year; profit is rounded down.
    """
    least = np.maximum(low, floor)
    if curve is None:
        rate = np.clip(floor + margin, least, high)
        return rate, (PPM - costs.pd) * (rate - floor) // PPM
    rates = np.clip(curve.rate, least[:, None], high[:, None])
    kept = PPM - np.ceil(np.interp(rates, curve.rate, curve.lost)).astype(np.int64)
    profit = kept * ((PPM - costs.pd) * (rates.T - floor)).T
    best = profit.argmax(axis=1)
    row = np.arange(len(best))
    return rates[row, best], profit[row, best] // PPM**2
