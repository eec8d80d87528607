"""The additive model of the growth of orders, its parts by term, and its intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandong.assess.innovation.terms import TERMS, Block
from liandong.kernels.scores.conformal import cv_plus
from liandong.kernels.scores.ridge import fit_ridge, fit_without, predict, predict_without
from liandong.kernels.statistics.distributions import beta_quantile

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

FAR = 3.0
"""Standard deviations from the mean beyond which a term counts no further."""
AGES = (3, 6)
"""Years at which a firm is of the next age class; each has intervals of its own."""
LEAST_OF_AGE = 30
"""Fewest firms of an age class that intervals are made of; below it those of all ages are."""


def blocks(*names: Block) -> Int:
    """Return the columns of some blocks of terms."""
    return np.flatnonzero([t.block in names for t in TERMS])


def age_class(log_age: Float) -> Int:
    """Return the age class of each firm, 0 for the youngest, from the term ``age_years``."""
    return np.digitize(np.expm1(log_age), AGES)


@dataclass(frozen=True)
class Scale:
    """How terms are brought to one scale: mean and standard deviation of those learnt from."""

    mean: Float
    spread: Float

    @classmethod
    def of(cls, values: Float) -> "Scale":
        """Take the scale of values of shape (firms, terms), NaN where unknown."""
        known = ~np.isnan(values)
        count = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, values, 0)
        mean = filled.sum(axis=0) / count
        around = np.where(known, values - mean, 0)
        return cls(mean, np.sqrt((around**2).sum(axis=0) / count))

    def of_terms(self, values: Float) -> Float:
        """Return values on the scale; what is unknown, or never varies, says nothing: 0."""
        some = self.spread > 1e-9
        scaled = (values - self.mean) / np.where(some, self.spread, 1)
        return np.clip(np.where(np.isnan(scaled) | ~some, 0, scaled), -FAR, FAR)


def deal(group: Int, parts: int, seed: int) -> Int:
    """Return a part for each row at random, so that each group is spread evenly over them."""
    random = np.random.default_rng(seed)
    order = np.argsort(group + random.random(len(group)), kind="stable")
    part = np.empty(len(group), np.int64)
    part[order] = np.arange(len(group)) % parts
    return part


def without(x: Float, y: Float, part: Int, parts: int, penalty: float, columns: Int) -> Float:
    """Return what models learnt without the part of each row foretell, shape (rows, outcomes)."""
    rising = np.array([TERMS[j].rising for j in columns], bool)
    chosen = np.ascontiguousarray(x[:, columns])
    weights = fit_without(chosen, y, part, parts, penalty, rising)
    return np.asarray(predict_without(chosen, weights, part))


@dataclass(frozen=True)
class Model:
    """A fitted model, with those that each leave a part of the rows out.

    Attributes
    ----------
    weights
        Intercept and weight of each term.
    partial
        Shape (parts, terms + 1): the same without each part.
    error
        How far off each row was foretold without its part, on the scale of the outcome as it is.
    part, age
        Part and age class of each row.
    """

    weights: Float
    partial: Float
    error: Float
    part: Int
    age: Int

    @classmethod
    def fit(cls, x: Float, y: Float, bound: float, age: Int, part: Int, penalty: float) -> "Model":
        """Learn from terms on their scale and growth ``y``, which is bounded for learning alone."""
        rising = np.array([t.rising for t in TERMS], bool)
        bounded = np.clip(y, -bound, bound)
        parts = int(part.max()) + 1
        partial = fit_without(x, bounded.reshape(-1, 1), part, parts, penalty, rising)
        error = np.abs(y - predict_without(x, partial, part)[:, 0])
        return cls(fit_ridge(x, bounded, penalty, rising), partial[:, 0], error, part, age)

    def parts_of(self, x: Float) -> Float:
        """Return what each term adds to the growth of each firm, shape (firms, terms)."""
        return x * self.weights[1:]

    def interval(self, x: Float, age: Int, miss: float) -> tuple[Float, Float]:
        """Return the CV+ interval of the growth of each firm, among those of its age."""
        centre = np.column_stack([predict(x, b) for b in self.partial])
        low, high = np.empty(len(x)), np.empty(len(x))
        for a in np.unique(age):
            case, row = age == a, self.age == a
            if row.sum() < LEAST_OF_AGE:
                row = np.ones(len(row), bool)
            low[case], high[case] = cv_plus(centre[case], self.error[row], self.part[row], miss)
        return low, high

    def margin(self, x: Float, columns: Int, miss: float) -> Float:
        """Return half the width of the interval of what some terms add, by the jackknife.

        The variance of leaving out one of K parts is (K - 1) / K times the sum of squares, and
        Student's distribution with K - 1 degrees of freedom says how far it reaches.
        """
        some = np.ascontiguousarray(x[:, columns])
        weights = self.partial[:, np.append(0, columns + 1)].copy()
        weights[:, 0] = 0
        added = np.column_stack([predict(some, b) for b in weights])
        parts = len(self.partial)
        around = added - added.mean(axis=1, keepdims=True)
        return np.asarray(
            _student(miss, parts - 1) * np.sqrt((around**2).sum(axis=1) * (parts - 1) / parts)
        )


def _student(miss: float, degrees: int) -> float:
    """Return what Student's t exceeds either way with probability ``miss``.

    degrees / (degrees + t^2) has a beta distribution of degrees / 2 and 1 / 2.
    """
    return float(np.sqrt(degrees * (1 / beta_quantile(miss, degrees / 2, 0.5) - 1)))
