"""The chances of a replication: the same for every policy, so that only policies differ."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics.distributions import normal_cdf, normal_quantile
from liandong.match.experiment.market import Crowd
from liandong.match.experiment.rules import ExperimentRule
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


class Chance(NamedTuple):
    """What happens whatever the policy.

    Attributes
    ----------
    shock
        Shape (periods,): the fortune that all firms share, standard normal; low is bad.
    asks
        Shape (periods, firms): whether a firm asks if it may.
    which
        Shape (periods, firms): for which project of the crowd.
    takes, fate
        Shape (periods, firms): uniform; a loan is declined, and a borrower defaults, below the
        chance of it.
    """

    shock: Float
    asks: Bool
    which: Int
    takes: Float
    fate: Float


def draw(crowd: Crowd, rule: ExperimentRule, replication: int) -> Chance:
    """Draw the chances of a replication, which depend on the seed and its number alone."""
    random = np.random.default_rng([rule.seed, replication])
    shape = (rule.periods, crowd.firms)
    shock = random.standard_normal(rule.periods)
    asks, which, takes, fate = random.random((4, *shape))
    count = np.diff(crowd.start)
    chosen = crowd.start[:-1] + np.minimum((which * count).astype(np.int64), count - 1)
    return Chance(shock, asks < int(rule.demand) / PPM, chosen, takes, fate)


def in_period(pd: Float, months: int) -> Float:
    """Return the chance of default in a period of some months from that within a year.

    The chance to survive is the same in every month: 1 - (1 - PD)^(months / 12).
    """
    return np.asarray(1 - (1 - pd) ** (months / 12))


def given_shock(pd: Float, shock: float, correlation: float) -> Float:
    """Return the chance of default in a period whose common fortune is known.

    Parameters
    ----------
    pd
        Shape (n,), the chance in a period of which nothing is known.
    shock
        The fortune that all share, standard normal.
    correlation
        Of the assets of two firms, from 0 to below 1.

    Notes
    -----
    Vasicek (2002), The distribution of loan portfolio value: a firm defaults where
    sqrt(r) shock + sqrt(1 - r) own < N^-1(PD), so that the chance is
    N((N^-1(PD) - sqrt(r) shock) / sqrt(1 - r)). Its mean over the shock is PD.
    """
    if correlation == 0:
        return pd
    threshold = normal_quantile(pd) - np.sqrt(correlation) * shock
    return np.asarray(normal_cdf(threshold / np.sqrt(1 - correlation)))
