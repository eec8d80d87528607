"""From scores to probabilities of default: fitted to outcomes, moved to the right default rate."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from liandong.assess.binning.columns import outcome, unfit
from liandong.assess.card.folds import parts
from liandong.errors import UnfitError
from liandong.kernels.scores.calibration import TINY, level, log_odds, probability, shift
from liandong.kernels.scores.isotonic import isotonic
from liandong.kernels.scores.logit import fit_logit
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Rate

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Method = Literal["platt", "beta", "isotonic"]


class Calibration(Rule):
    """A map from risk to probability of default that never falls.

    Attributes
    ----------
    method
        ``platt``: a logistic line over the log odds (Platt 1999). ``beta``: one over the logarithms
        of the probability and of its complement, which bends differently at either end (Kull and
        others 2017). ``isotonic``: rising rates of any shape, straight between them.
    intercept, weights
        Of the logistic line; weights are not negative.
    knots, rates
        Risks, ascending, and their rates, of ``isotonic``.
    rows, bads
        Firms it was fitted to, and how many of them defaulted.
    moved
        Added to all log odds, to have another default rate than the sample.
    """

    method: Method
    intercept: float = 0.0
    weights: tuple[float, ...] = ()
    knots: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()
    rows: int = Field(ge=1)
    bads: int = Field(ge=0)
    moved: float = 0.0

    @model_validator(mode="after")
    def _rises(self) -> Self:
        steps = len(self.rates) == len(self.knots) > 0 if self.method == "isotonic" else True
        rising = list(self.knots) == sorted(self.knots) and list(self.rates) == sorted(self.rates)
        if not steps or not rising or min(self.weights, default=0.0) < 0:
            raise UnfitError(what=both("unfit.calibration"))
        return self

    def pd(self, risk: Float) -> Float:
        """Return probabilities of default.

        Parameters
        ----------
        risk
            Shape (n,), log odds of default as the model has them.
        """
        if self.method == "isotonic":
            found = np.asarray(np.interp(risk, self.knots, self.rates), np.float64)
        else:
            found = probability(self.intercept + _terms(risk, self.method) @ self.weights)
        return probability(log_odds(found) + self.moved) if self.moved else found

    def towards(self, rate: Rate, risk: Float, weight: Float | None = None) -> Self:
        """Return the calibration whose forecasts for some firms have a given mean.

        Where the default rate of a whole portfolio is known better than the sample tells (its
        central tendency), or times have changed since. The ranking stays; no outcomes are needed.

        Parameters
        ----------
        rate
            Default rate of the firms, above 0 and below 100 %.
        risk
            Shape (n,), their log odds of default as the model has them.
        weight
            Shape (n,), firms that each stands for; 1 if None.
        """
        odds = log_odds(self.pd(risk))
        return self.changed(moved=self.moved + level(odds, rate / 1e6, weight))


def calibrate(
    risk: Float, bad: Bool, method: Method = "platt", prior: Rate | None = None
) -> Calibration:
    """Fit probabilities of default to outcomes.

    Risk that ranks the wrong way gives everybody the same probability: no method turns it round.

    Parameters
    ----------
    risk
        Shape (n,), log odds of default as the model has them, of firms that it was not learnt
        from (their own scores flatter it: see :func:`cross_calibrated`).
    bad
        Shape (n,), outcomes, both kinds.
    method
        See :class:`Calibration`. ``isotonic`` wants a thousand firms and more.
    prior
        True default rate of those it is for, if the sample has another one because it was drawn
        by outcome (King and Zeng 2001); above 0 and below 100 %.

    Raises
    ------
    DataError
        If a risk is not finite or there is one kind of outcome only.

    Examples
    --------
    >>> risk = np.repeat([-1.0, 1.0], [100, 100])
    >>> bad = np.tile(np.arange(100) < 20, 2) ^ np.repeat([False, True], 100)
    >>> calibrate(risk, bad, "isotonic").pd(np.array([-1.0, 0.0, 1.0])).round(3).tolist()
    [0.2, 0.5, 0.8]
    """
    bad = outcome(bad, len(risk))
    if not np.isfinite(risk).all():
        unfit("risk_not_finite", "risk", rows=int((~np.isfinite(risk)).sum()))
    order = np.lexsort((bad, risk))
    risk, bad = np.asarray(risk, np.float64)[order], bad[order]
    moved = 0.0 if prior is None else shift(float(bad.mean()), prior / 1e6)
    size = {"rows": len(bad), "bads": int(bad.sum()), "moved": moved}
    if method == "isotonic":
        knots, rates = _steps(risk, bad)
        return Calibration.make(method=method, knots=knots, rates=rates, **size)
    beta = _line(_terms(risk, method), bad)
    return Calibration.make(method=method, intercept=beta[0], weights=beta[1:], **size)


def cross_calibrated(
    risk: Float, bad: Bool, method: Method = "platt", folds: int = 5, seed: int = 1
) -> Float:
    """Return the probability of each firm by a calibration that has not seen its outcome.

    Parameters
    ----------
    risk, bad, method
        As for :func:`calibrate`; two firms of either outcome at least.
    folds, seed
        Most parts, and the seed of the shuffle.
    """
    bads = int(bad.sum())
    folds = min(folds, bads, len(bad) - bads)
    part = parts(bad, folds, np.random.default_rng(seed))
    found = np.empty(len(risk))
    for k in range(folds):
        seen = part != k
        found[~seen] = calibrate(risk[seen], bad[seen], method).pd(risk[~seen])
    return found


def _terms(risk: Float, method: Method) -> Float:
    """Return what the logistic line is over, shape (n, terms); all of them rise with the risk."""
    if method == "platt":
        return np.asarray(risk, np.float64)[:, None]
    pd = probability(np.clip(risk, *log_odds(np.array([0.0, 1.0]))))
    return np.column_stack([np.log(pd), -np.log1p(-pd)])


def _line(terms: Float, bad: Bool) -> list[float]:
    """Return intercept and weights of largest likelihood among weights that are not negative.

    Targets are Platt's: one row short of certain on either side, so that a separable sample does
    not make the line infinitely steep.
    """
    bads, goods = int(bad.sum()), int((~bad).sum())
    target = np.where(bad, (bads + 1) / (bads + 2), 1 / (goods + 2))
    best: tuple[float, list[float]] | None = None
    for some in ([], [0], [1], [0, 1]):
        if max(some, default=-1) >= terms.shape[1]:
            continue
        beta = fit_logit(np.ascontiguousarray(terms[:, some]), target, TINY)
        if min(beta[1:], default=0.0) < 0:
            continue
        odds = beta[0] + terms[:, some] @ beta[1:]
        loss = float((np.logaddexp(0, odds) - target * odds).sum())
        weights = np.zeros(terms.shape[1])
        weights[some] = beta[1:]
        if best is None or loss < best[0]:
            best = loss, [float(beta[0]), *weights.tolist()]
    return best[1] if best else []


def _steps(risk: Float, bad: Bool) -> tuple[list[float], list[float]]:
    """Return both ends of each block with its rate, no nearer to certain than half a row."""
    blocks = isotonic(risk, bad)
    certain = 0.5 / len(bad)
    rates = np.clip(blocks.bads / blocks.rows, certain, 1 - certain)
    knots = np.column_stack([blocks.first, blocks.last]).ravel()
    keep = np.append(True, knots[1:] > knots[:-1])
    return knots[keep].tolist(), np.repeat(rates, 2)[keep].tolist()
