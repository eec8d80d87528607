"""Cross-fitted forecasts: each firm judged by a scorecard that was learnt without it."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from liandong.assess.card.folds import parts
from liandong.assess.card.learn import Sample

Float = NDArray[np.float64]


class Judge(Protocol):
    """What has been learnt: a scorecard, or a model that is compared with it."""

    def log_odds(self, sample: Sample) -> Float:
        """Return the log odds of being good of each row."""


def unseen(sample: Sample, learner: Callable[[Sample], Judge], folds: int, seed: int) -> Float:
    """Return the log odds of being good of each row, by a model that has not seen it.

    One shuffle alone: a mean over several would be the forecast of many models, which is better
    than the one that is validated.

    Parameters
    ----------
    sample
        Rows with both outcomes, two of each at least.
    learner
        The recipe; it sees the other parts alone.
    folds, seed
        Most parts, and the seed of the shuffle.
    """
    bads = int(sample.bad.sum())
    part = parts(sample.bad, min(folds, bads, len(sample.bad) - bads), np.random.default_rng(seed))
    found = np.empty(len(sample.bad))
    for k in range(part.max() + 1):
        found[part == k] = learner(sample.where(part != k)).log_odds(sample.where(part == k))
    return found
