"""What invention adds to what is known anyway: judged on firms that the model has not seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.assess.innovation.model import Model, blocks, deal, without
from liandong.assess.innovation.terms import TERMS, Block
from liandong.kernels.scores.ridge import fit_ridge, predict
from liandong.kernels.statistics.distributions import beta_quantile

Float = NDArray[np.float64]
Int = NDArray[np.int64]

TAIL = 0.025
TINY = 1e-12
KNOWN: dict[str, tuple[Block, ...]] = {
    "over.size_age": ("size", "age"),
    "over.size_age_orders": ("size", "age", "orders"),
}
"""What is known anyway, by the name of the comparison."""
AGE_NAMES = ("age.0_3", "age.3_6", "age.6_up")


class Finding(NamedTuple):
    """One figure of ``innovation_test``; nan where there is no interval."""

    slice: str
    measure: str
    value: float
    low: float = float("nan")
    high: float = float("nan")
    n: int = 0


class Sample(NamedTuple):
    """Firms of an earlier day and what became of them: terms on their scale, growth, age class."""

    x: Float
    y: Float
    age: Int


class Plan(NamedTuple):
    """How the test is done; see the rule of the step for each."""

    parts: int
    repeats: int
    permutations: int
    draws: int
    penalty: float
    bound: float
    miss: float
    seed: int


def evidence(sample: Sample, model: Model, plan: Plan) -> list[Finding]:
    """Return all figures: the gains, the weights of the terms, and whether intervals hold."""
    found = [f for name in KNOWN for f in _gain(sample, name, plan)]
    return [*found, *_coverage(sample, model, plan), *_weights(model)]


def _gain(sample: Sample, name: str, plan: Plan) -> list[Finding]:
    """Compare two nested models on firms left out: without and with invention.

    The p-values are those of Freedman and Lane (1983): what the smaller model leaves is dealt anew
    to the firms, and the gain is taken again. Each is the share of gains at least as large, the
    true one among them. The intervals draw firms with replacement; they do not cover how the
    models would change with other firms to learn from.
    """
    n, y = len(sample.y), np.clip(sample.y, -plan.bound, plan.bound)
    known, more = blocks(*KNOWN[name]), blocks(*KNOWN[name], "innovation")
    random = np.random.default_rng(plan.seed)
    usual = _whole(sample, y, known, plan)
    shuffled = [usual + random.permutation(y - usual) for _ in range(plan.permutations)]
    outcomes = np.column_stack([y, *shuffled])
    before, after = (_cross(sample, outcomes, columns, plan) for columns in (known, more))
    around = (outcomes - outcomes.mean(axis=0)) ** 2
    draws = random.integers(0, n, (plan.draws, n))
    r2 = [1 - (c.error.sum(axis=0) / around.sum(axis=0)) for c in (before, after)]
    truth = _ranks(outcomes)
    ranks = [_ranks(c.order) for c in (before, after)]
    rank = [_correlation(truth, r) for r in ranks]
    less, whole = before.error[:, 0] - after.error[:, 0], around[:, 0]
    drawn = [less[d].sum() / max(whole[d].sum(), TINY) for d in draws]
    true, mine = truth[:, :1], [r[:, :1] for r in ranks]
    ordered = [_correlation(true[d], mine[1][d]) - _correlation(true[d], mine[0][d]) for d in draws]
    return [
        *(Finding(name, f"{what}_{when}", float(figure[0]), n=n)
          for what, both in (("r2", r2), ("rank", rank))
          for when, figure in zip(("before", "after"), both, strict=True)),
        Finding(name, "r2_gain", float(r2[1][0] - r2[0][0]), *_bounds(np.array(drawn)), n),
        Finding(name, "r2_p", _share_as_large(r2[1] - r2[0]), n=n),
        Finding(name, "rank_gain", float(rank[1][0] - rank[0][0]),
                *_bounds(np.array(ordered)[:, 0]), n),
        Finding(name, "rank_p", _share_as_large(rank[1] - rank[0]), n=n),
    ]  # fmt: skip


class _Crossed(NamedTuple):
    """Squared errors, and forecasts less the mean of their part: shape (firms, outcomes).

    A part that did well lowers the mean that is learnt without it. So forecasts as they are would
    run against the truth even where nothing can be foretold, and their order must leave it out.
    """

    error: Float
    order: Float


def _cross(sample: Sample, outcomes: Float, columns: Int, plan: Plan) -> _Crossed:
    """Foretell each firm by what was learnt from others, dealt anew several times."""
    error, order = np.zeros((2, *outcomes.shape))
    for r in range(plan.repeats):
        part = deal(sample.age, plan.parts, plan.seed + 1 + r)
        foretold = without(sample.x, outcomes, part, plan.parts, plan.penalty, columns)
        error += (outcomes - foretold) ** 2 / plan.repeats
        for p in range(plan.parts):
            foretold[part == p] -= foretold[part == p].mean(axis=0)
        order += foretold / plan.repeats
    return _Crossed(error, order)


def _share_as_large(gains: Float) -> float:
    """Return the share of gains that are at least the first, but for rounding."""
    return float((gains >= gains[0] - TINY).mean())


def _whole(sample: Sample, y: Float, columns: Int, plan: Plan) -> Float:
    """Return what the smaller model, learnt from all firms, says of them."""
    x = np.ascontiguousarray(sample.x[:, columns])
    rising = np.array([TERMS[j].rising for j in columns], bool)
    return predict(x, fit_ridge(x, y, plan.penalty, rising))


def _bounds(values: Float) -> tuple[float, float]:
    """Return the middle 95 % of drawn values."""
    ordered = np.sort(values)
    cut = int(TAIL * len(ordered))
    return float(ordered[cut]), float(ordered[-1 - cut])


def _ranks(values: Float) -> Float:
    """Return ranks in each column, shape (rows, columns); equals share the mean of theirs."""
    found = np.empty(values.shape)
    for k, column in enumerate(values.T):
        _, place, count = np.unique(column, return_inverse=True, return_counts=True)
        found[:, k] = (np.cumsum(count) - (count - 1) / 2)[place]
    return found


def _correlation(a: Float, b: Float) -> Float:
    """Return the correlation of each column with the same one of the other; 0 if one is even."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    whole = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    return np.asarray((a * b).sum(axis=0) / np.maximum(whole, TINY))


def _coverage(sample: Sample, model: Model, plan: Plan) -> list[Finding]:
    """Return the share of firms whose growth lay in the interval made without their part."""
    inside = np.zeros(len(sample.y), bool)
    wide = np.zeros(len(sample.y))
    for p in range(plan.parts):
        out = model.part == p
        rest = model.part[~out]
        learnt = Model.fit(
            sample.x[~out], sample.y[~out], plan.bound, sample.age[~out],
            np.searchsorted(np.unique(rest), rest), plan.penalty,
        )  # fmt: skip
        low, high = learnt.interval(sample.x[out], sample.age[out], plan.miss)
        inside[out] = (low <= sample.y[out]) & (sample.y[out] <= high)
        wide[out] = high - low
    found = []
    slices = {"all": np.ones(len(inside), bool)}
    slices |= {name: sample.age == a for a, name in enumerate(AGE_NAMES)}
    for name, rows in slices.items():
        n, hit = int(rows.sum()), int(inside[rows].sum())
        if n:
            found.append(Finding(name, "coverage", hit / n, *_jeffreys(hit, n), n))
            if np.isfinite(wide[rows]).all():
                found.append(Finding(name, "width", float(np.median(wide[rows])), n=n))
    return found


def _jeffreys(hit: int, n: int) -> tuple[float, float]:
    low = beta_quantile(TAIL, hit + 0.5, n - hit + 0.5) if hit else 0.0
    return low, beta_quantile(1 - TAIL, hit + 0.5, n - hit + 0.5) if hit < n else 1.0


def _weights(model: Model) -> list[Finding]:
    """Return what one standard deviation of each term of invention adds to growth."""
    one = np.eye(len(TERMS))
    found = []
    for j in blocks("innovation"):
        weight = float(model.weights[j + 1])
        doubt = float(model.margin(one[j : j + 1], np.array([j]), 2 * TAIL)[0])
        found.append(
            Finding(f"term.{TERMS[j].name}", "weight", weight, weight - doubt, weight + doubt,
                    len(model.part))
        )  # fmt: skip
    return found
