"""From what was learnt to a scorecard: whole points, a base, and how far to trust them."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from liandong.assess.card.learn import Model, Sample
from liandong.assess.card.scorecard import Pair, Scaling, Scorecard
from liandong.kernels.scores.roc import Z95, hanley_mcneil

Float = NDArray[np.float64]


def scorecard(
    model: Model, sample: Sample, scaling: Scaling, prior: int | None, areas: Float,
    valid_from: date | None = None,
) -> Scorecard:  # fmt: skip
    """Return the scorecard of a model.

    Parameters
    ----------
    model, sample
        What was learnt, and from what.
    scaling
        What points mean.
    prior
        True default rate in ppm if the sample has another one: sampling by outcome only shifts
        the intercept (King and Zeng 2001).
    areas
        AUC on unseen rows, by part of cross-validation; if it is empty, nothing is known of it.
    valid_from
        The day from which the card holds.
    """
    weight = sample.weight if len(sample.weight) else np.ones(len(sample.bad), np.int64)
    rows, bads = int(weight.sum()), int(weight[sample.bad].sum())
    intercept = model.intercept
    if prior is not None:
        intercept += log_odds(1 - prior / 1e6) - log_odds(1 - bads / rows)
    area, margin = 0.5, 0.5
    if len(areas):
        area = float(areas.mean())
        margin = Z95 * hanley_mcneil(area, bads, rows - bads)
    found = model.characteristics
    return Scorecard(
        valid_from=valid_from,
        base=round(scaling.offset + scaling.factor * intercept),
        scaling=scaling,
        characteristics=tuple(
            c.model_copy(update={"points": _points(effect[:-1], scaling)})
            for c, effect in zip(found, model.effects, strict=True)
        ),
        pairs=tuple(
            Pair(
                measures=(found[a].measure, found[b].measure),
                points=tuple(_points(row, scaling) for row in table),
            )
            for a, b, table in model.pairs
        ),
        rows=rows,
        bads=bads,
        auc=area,
        auc_low=max(0.0, area - margin),
        auc_high=min(1.0, area + margin),
        prior=prior,
    )


def _points(odds: Float, scaling: Scaling) -> tuple[int, ...]:
    return tuple(np.rint(scaling.factor * odds).astype(int).tolist())


def log_odds(share: float) -> float:
    """Return the log odds of a share between 0 and 1."""
    return float(np.log(share / (1 - share)))
