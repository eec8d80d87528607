"""Instances of matching as in regional inclusive finance: scarce funds, floors for the small.

Projects ask for log-normal amounts; most firms are micro and ask for less, and their loans earn
less. Products have popularity, so some are asked for more often; budgets are short of demand by
the ratio ``tight``. The share of micro firms in all money, and of the two poorest regions, have
floors above what they are in demand, so all of them bind.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liandong.match.core.problem import UNIT, Problem, Side
from liandong.types import PPM

Float = NDArray[np.float64]
Int = NDArray[np.int64]

FEN = 10**8
"""Amounts are drawn in million yuan; one is this many fen."""
REGIONS = 13


@dataclass(frozen=True)
class Family:
    """What instances have in common.

    Attributes
    ----------
    products
        How many.
    tight
        Demand over budget: 1.6 means that funds are scarce, 1.1 that floors bind.
    micro, region
        Floors in ppm: of micro firms, and of each of the two poorest regions, in all money.
    """

    products: int = 200
    tight: float = 1.6
    micro: int = 700_000
    region: int = 50_000


USUAL = Family()


def instance(projects: int, seed: int, family: Family = USUAL, *, split: bool = False) -> Problem:
    """Draw an instance: each project gets all or nothing, or any fen of it where ``split``."""
    random = np.random.default_rng(seed)
    amount, region, micro = _projects(random, projects)
    start, product, popularity = _arcs(random, projects, family.products)
    rate = _rates(random, family.products, start, product, micro)
    weight = random.gamma(2.0, 1.0, family.products) * (popularity + 1.0 / family.products)
    budget = weight / weight.sum() * amount.sum() / family.tight
    most = np.repeat(np.rint(amount * FEN).astype(np.int64), np.diff(start))
    sides = [Side("micro", 0, by_project=PPM * micro - family.micro)]
    sides += [
        Side(f"region {r}", 0, by_project=PPM * (region == r) - family.region)
        for r in (REGIONS - 1, REGIONS - 2)
    ]
    one = np.ones_like(most) if split else most
    value = np.rint(rate * UNIT).astype(np.int32)
    capacity = (budget * FEN).astype(np.int64)
    return Problem(start, product, one, most, one, value, capacity, tuple(sides))


def _projects(random: np.random.Generator, n: int) -> tuple[Float, Int, NDArray[np.bool_]]:
    """Return the amount that each project asks for, million yuan, its region, if it is micro."""
    amount = np.clip(np.exp(random.normal(-0.5, 0.9, n)), 0.05, 10.0)
    size = 1.0 / np.arange(1, REGIONS + 1) ** 0.6
    region = random.choice(REGIONS, n, p=size / size.sum())
    return amount, region, random.random(n) < np.where(amount > 1.5, 0.35, 0.9)


def _arcs(
    random: np.random.Generator, n: int, products: int
) -> tuple[Int, NDArray[np.int32], Float]:
    """Return for each project 10 to 20 products by popularity, none twice, and the popularity."""
    degree = random.integers(10, 21, n)
    start = np.zeros(n + 1, np.int64)
    np.cumsum(degree, out=start[1:])
    popularity = 1.0 / np.arange(1, products + 1) ** 0.3
    popularity /= popularity.sum()
    drawn = np.searchsorted(np.cumsum(popularity), random.random(start[-1]))
    product = drawn.clip(0, products - 1)
    row = np.repeat(np.arange(n), degree)
    while True:
        key = row * products + product
        order = np.argsort(key, kind="stable")
        twice = np.zeros(len(key), bool)
        twice[order[1:]] = key[order[1:]] == key[order[:-1]]
        if not twice.any():
            return start, product[order].astype(np.int32), popularity
        product[twice] = random.integers(0, products, int(twice.sum()))


def _rates(
    random: np.random.Generator,
    products: int,
    start: Int,
    product: NDArray[np.int32],
    micro: NDArray[np.bool_],
) -> Float:
    """Return the value per yuan of each arc: of product, project and pair, less for micro firms."""
    degree = np.diff(start)
    base = random.uniform(0.01, 0.05, products)[product]
    quality = np.repeat(random.normal(0, 0.006, len(degree)), degree)
    pair = random.normal(0, 0.010, len(product))
    return np.maximum(0.001, base + quality + pair - 0.004 * np.repeat(micro, degree) - 0.006)


def drifted(problem: Problem, seed: int, share: float = 0.01) -> Problem:
    """Return the pool of the next day: that share of projects, drawn anew, asks for other sums."""
    random = np.random.default_rng(seed)
    n, degree = problem.projects, np.diff(problem.start)
    new = random.random(n) < share
    sums = problem.most[problem.start[:-1]]
    asked = np.where(new, random.permutation(sums), sums)
    shift = np.where(new, random.normal(0, 0.006 * UNIT, n), 0)
    value = problem.value + np.repeat(np.rint(shift), degree).astype(np.int32)
    most = np.repeat(asked, degree)
    one = problem.least if (problem.step == 1).all() else most
    return replace(problem, least=one, most=most, step=one, value=np.maximum(value, UNIT // 1000))
