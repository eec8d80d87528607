"""The problem of where to open sites, solved: search, bound, and proof where it is small."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.loads import Load, search_within
from liandong.kernels.allocation.pmedian import ENDLESS, Field, scatter, search
from liandong.kernels.allocation.siting import Bound, bound, reach
from liandong.match.factors.proof import sited

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

MOST = 2**60
"""All costs together stay below this, so that no sum wraps around."""
FINEST = 1024
"""Most parts of a unit of cost in which prices are counted."""
LOOK, LOOK_FAR = 4, 8
"""Prices of a point reach as far as this many open sites; farther where capacities push it away."""
PAIRS = 2_000_000_000
"""Most pairs of points that the search with capacities compares."""


@dataclass(frozen=True)
class Effort:
    """How hard to look.

    Attributes
    ----------
    tries
        Shakes of the local search.
    rounds
        Most steps of the bound.
    arcs
        Most pairs of point and site for which an integer program seeks a proof.
    seed
        Of the shakes.
    """

    tries: int = 400
    rounds: int = 500
    arcs: int = 12_000
    seed: int = 1


@dataclass(frozen=True)
class Siting:
    """Points, sites, how many of them open, and what they hold.

    Attributes
    ----------
    field
        Points and sites.
    fixed
        Sites that have to be open.
    slots
        How many open, the fixed ones included.
    load
        Sizes and rooms; None where sites hold any number.
    """

    field: Field
    fixed: Int
    slots: int
    load: Load | None = None

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.field.distance.shape[1])

    @property
    def forced(self) -> Bool:
        """Tell which sites have to be open."""
        out = np.zeros(self.sites, bool)
        out[self.fixed] = True
        return out

    def costs(self, point: Int, site: Int) -> Int:
        """Return what points cost at sites."""
        d, f = self.field.distance[point, site].astype(np.int64), self.field
        return np.asarray(f.weight[point] * d + (d > f.cap) * f.late[point])


@dataclass(frozen=True)
class Found:
    """Open sites and what is known about them.

    Attributes
    ----------
    site
        Open sites, ascending.
    serves
        The site of each point.
    value
        What it costs; with the toll of what does not fit.
    bound
        No choice of sites costs less.
    proof
        ``bound``: prices prove that nothing is cheaper; ``search``: an integer program does, within
        the tolerance of its floats; ``none``.
    """

    site: Int
    serves: Int
    value: int
    bound: int
    proof: str


def solve(problem: Siting, effort: Effort) -> Found:
    """Return the cheapest way to open sites that was found, and a proved bound.

    Parameters
    ----------
    problem
        What is to be solved; all its costs together are below :data:`MOST`.
    effort
        How hard to look.
    """
    random = np.random.default_rng(effort.seed)
    field, slots, fixed = problem.field, problem.slots, len(problem.fixed)
    sown = scatter(field, problem.fixed, slots, random.random(slots))
    state, _ = search(field, sown, fixed, shakes(random, 0, slots), 0)
    first = _served(problem, state.site, random, 0)
    relaxed, fine = _bound(problem, state.site, first.value, effort.rounds)
    low = max(-(-relaxed.value // fine), 0)
    better = _again(problem, first, relaxed, low, random, effort.tries)
    found = replace(better, bound=low, proof="bound" if low >= better.value else "none")
    if found.proof == "bound":
        return found
    return _settled(problem, found, _possible(problem, relaxed, found.value, fine), effort)


def lexical(field: Field, cap: int) -> Field:
    """Return the field with a cap that weighs more than all distances together, if that fits."""
    total = int((field.weight * field.far).sum())
    late = min(total + 1, (MOST - total) // max(len(field.weight), 1))
    return field._replace(late=np.full_like(field.weight, late), cap=cap)


def shakes(random: np.random.Generator, tries: int, slots: int) -> NDArray[np.float64]:
    """Return draws for the local search."""
    return random.random((tries, 1 + max(3, slots // 10), 2))


def _again(
    problem: Siting, first: Found, relaxed: Bound, low: int, random: np.random.Generator, tries: int
) -> Found:
    """Look once more from the sites that the prices choose, with shakes."""
    fixed = len(problem.fixed)
    order = np.argsort(np.where(problem.forced, -ENDLESS, relaxed.reduced), kind="stable")
    start = np.concatenate([problem.fixed, order[fixed : problem.slots]])
    draws = shakes(random, tries if problem.load is None else 0, problem.slots)
    state, _ = search(problem.field, start, fixed, draws, low)
    second = _served(problem, state.site, random, tries)
    return second if second.value <= first.value else first


def _served(problem: Siting, site: Int, random: np.random.Generator, tries: int) -> Found:
    """Return who is served where, with sites moved for the sake of capacities if there are any."""
    if problem.load is None:
        return nearest(problem, site)
    pairs = len(problem.load.size) ** 2
    draws = random.random((min(tries, PAIRS // pairs), 3))
    got = search_within(problem.field, problem.load, site, len(problem.fixed), draws)
    return Found(np.sort(got.site), got.site[got.slot], int(got.cost), 0, "none")


def nearest(problem: Siting, site: Int) -> Found:
    """Return what open sites cost if every point goes to the nearest; the lower of equals."""
    site = np.sort(site)
    serves = site[np.argmin(problem.field.distance[:, site], axis=1)]
    value = int(problem.costs(np.arange(len(serves)), serves).sum())
    return Found(site, serves, value, 0, "none")


def _bound(problem: Siting, site: Int, upper: int, rounds: int) -> tuple[Bound, int]:
    """Return the bound, and in how many parts of a unit it is counted."""
    field, load, slots = problem.field, problem.load, problem.slots
    look = min(slots, LOOK if load is None else LOOK_FAR)
    ranked = np.partition(field.distance[:, site], look - 1, axis=1)[:, look - 1].astype(np.int64)
    radius = ranked if slots >= LOOK else np.full(len(ranked), field.far)
    if not field.weight.any():  # all within the cap are as near as each other
        radius = np.full(len(ranked), field.cap)
    points = len(field.weight)
    size = np.zeros(points, np.int64) if load is None else load.size
    room = np.full(problem.sites, ENDLESS) if load is None else load.room
    price = _start(field, site)
    dearest = int((field.weight * field.far + field.late).sum())
    fine = int(np.clip(MOST // max(dearest, 1), 1, FINEST))
    near = reach(field, radius, size)
    got = bound(near, problem.forced, slots, room, price, upper, rounds, fine)
    return got, fine


def _start(field: Field, site: Int) -> Int:
    """Return prices to begin with: half way from the nearest open site to the next."""
    two = np.partition(field.distance[:, site], min(1, len(site) - 1), axis=1).astype(np.int64)
    near, after = two[:, 0], two[:, 1] if len(site) > 1 else np.full(len(two), field.far)
    if field.weight.any():  # being late must not drown all other prices
        return np.asarray(field.weight * (near + after) // 2 + (near > field.cap) * field.late)
    late = (near > field.cap).astype(np.int64) + (after > field.cap)
    return np.asarray(late * field.late // 2)


def _possible(problem: Siting, relaxed: Bound, value: int, fine: int) -> Int:
    """Return the sites that may be open in a solution cheaper than ``value``."""
    forced = problem.forced
    order = np.sort(np.where(forced, -ENDLESS, relaxed.reduced))
    free = relaxed.reduced - order[problem.slots - 1]
    return np.flatnonzero(forced | (relaxed.value + free <= (value - 1) * fine))


def _settled(problem: Siting, found: Found, possible: Int, effort: Effort) -> Found:
    """Settle a small problem by an integer program over the sites that are still possible."""
    if len(possible) < problem.slots:
        return replace(found, bound=found.value, proof="bound")
    points = np.arange(len(problem.field.weight))
    if len(possible) * len(points) > effort.arcs:
        return found
    costs = problem.costs(points[:, None], possible)
    load = problem.load
    part = None if load is None else Load(load.size, load.room[possible], load.toll)
    got = sited(costs, problem.forced[possible], problem.slots, found.value, part)
    if not got.done:
        return found
    if got.open is None:  # nothing cheaper fits
        return replace(found, proof="search")
    site = possible[got.open]
    if load is None:
        best = nearest(problem, site)
    else:
        serves = possible[got.serves]
        best = Found(site, serves, int(problem.costs(points, serves).sum()), 0, "none")
    chosen = best if best.value <= found.value else found
    return replace(chosen, bound=found.bound, proof="search")
