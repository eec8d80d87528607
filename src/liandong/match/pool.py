"""What an assignment of money to projects is made of, what it is worth, and what bounds it.

Each project gets money from one product at most: nothing, or a whole number of steps between the
least and the most. Product capacities, a budget over all, and a floor on the share of favoured
projects hold exactly. The value is the sum of amount times value per yuan.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liandong.errors import InvariantError
from liandong.match.pricing import PPM, portion
from liandong.texts import both

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

FINE = 1_000
"""Prices are whole numbers of ppm / FINE, so that rounding them costs the bound next to nothing."""


@dataclass(frozen=True)
class Pool:
    """Arcs (pairs of project and product that may be joined) and what limits them.

    Attributes
    ----------
    project, product
        Numbers of the arc's ends.
    least, most, step
        Of the amount on the arc, fen; ``least`` and ``most`` are multiples of ``step``.
    value
        Value per yuan, ppm, above 0.
    favoured
        Whether the project counts for the floor.
    capacity
        Of each product, fen.
    budget
        Over all products, fen.
    floor
        Least share of all money that goes to favoured projects, ppm.
    credit
        What money given elsewhere already adds to the floor, fen times ppm.
    """

    project: Int
    product: Int
    least: Int
    most: Int
    step: Int
    value: Int
    favoured: Bool
    capacity: Int
    budget: int
    floor: int
    credit: int = 0

    def __len__(self) -> int:
        return len(self.project)

    @property
    def side(self) -> Int:
        """How much a yuan on each arc adds to the floor, ppm."""
        return np.where(self.favoured, PPM, 0) - self.floor

    def used(self, amount: Int) -> Int:
        """Return what amounts on the arcs take from each product."""
        out = np.zeros(len(self.capacity), np.int64)
        np.add.at(out, self.product, amount)
        return out

    def credited(self, amount: Int) -> int:
        """Return what the floor has to spare with amounts on the arcs; exact."""
        added: list[int] = (amount.astype(object) * self.side).tolist()
        return self.credit + sum(added)

    def after(self, amount: Int, arcs: Bool) -> "Pool":
        """Return the pool of some arcs once ``amount`` has been given on the others."""
        kept = {
            n: getattr(self, n)[arcs]
            for n in ("project", "product", "least", "most", "step", "value", "favoured")
        }
        used = self.used(amount)
        return replace(
            self,
            **kept,
            capacity=self.capacity - used,
            budget=self.budget - int(used.sum()),
            credit=self.credited(amount),
        )


@dataclass(frozen=True)
class Prices:
    """What scarce things are worth at the margin, in ppm / FINE of value per yuan.

    Attributes
    ----------
    budget, capacity, floor
        Of a yuan of the budget, of each product's capacity, and of the floor; none below 0.
    """

    budget: int
    capacity: Int
    floor: int

    def surplus(self, pool: Pool) -> Int:
        """Return the value per yuan of each arc above what it uses up, in ppm / FINE."""
        scarce = self.budget + self.capacity[pool.product]
        # Rounded up: a bound may be too high by a hair, never too low.
        return np.asarray(pool.value * FINE - scarce - -self.floor * pool.side // PPM)


def bound(pool: Pool, prices: Prices) -> int:
    """Return the value that no assignment can exceed, in fen: the bound of Lagrange.

    For any prices l0 of the budget, l of the capacities and m of the floor, none negative:
    l0 budget + sum_j l_j capacity_j + m credit + sum_i max(0, max_a most_a surplus_a), with
    surplus_a = v_a - l0 - l_j + m side_a. Whole numbers throughout: whoever found the prices, and
    with whatever error, the bound holds.
    """
    best: dict[int, int] = {}
    columns = (pool.project, prices.surplus(pool), pool.most)
    for project, surplus, most in zip(*(c.tolist() for c in columns), strict=True):
        best[project] = max(best.get(project, 0), surplus * most)
    held = zip(prices.capacity.tolist(), pool.capacity.tolist(), strict=True)
    total: int = prices.budget * pool.budget + sum(p * c for p, c in held) + sum(best.values())
    total -= -prices.floor * pool.credit // PPM
    return -(-total // (PPM * FINE))


def worth(pool: Pool, amount: Int) -> Int:
    """Return the value of the amount on each arc, in fen, rounded down."""
    return portion(amount, pool.value)


def check(pool: Pool, amount: Int) -> None:
    """Hold an assignment to every limit in whole fen; InvariantError names the first it breaks."""
    some = amount > 0
    given = amount[some]
    used = pool.used(amount)
    held = {
        "fault.negative": bool((amount >= 0).all()),
        "fault.below_least": bool((given >= pool.least[some]).all()),
        "fault.above_most": bool((given <= pool.most[some]).all()),
        "fault.part_of_step": not (given % pool.step[some]).any(),
        "fault.paid_twice": len(np.unique(pool.project[some])) == len(given),
        "fault.product_overdrawn": bool((used <= pool.capacity).all()),
        "fault.budget_overdrawn": int(used.sum()) <= pool.budget,
        "fault.floor_broken": pool.credited(amount) >= 0,
    }
    for code, ok in held.items():
        if not ok:
            raise InvariantError(what=both(code), row=f"n = {len(given)}")
