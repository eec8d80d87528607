"""Instances of matching: those of the benchmarks, and small ones of every kind at random."""

from importlib.util import module_from_spec, spec_from_file_location

import numpy as np

from liandong.match.core.problem import Problem, Side
from liandong.types import PPM
from support.source import ROOT

_SPEC = spec_from_file_location("match_instances", ROOT / "benchmarks" / "match_instances.py")
inclusion = module_from_spec(_SPEC)
_SPEC.loader.exec_module(inclusion)


def anything(seed, *, projects=30, products=4, most=10**6, even=None):
    """Return a problem with all that a problem may have, money up to ``most`` fen."""
    random = np.random.default_rng(seed)
    degree = random.integers(0, products + 1, projects)
    start = np.concatenate([[0], np.cumsum(degree)])
    product = [random.permutation(products)[:d] for d in degree] + [np.zeros(0, int)]
    arcs = int(start[-1])
    step = random.integers(1, max(most // 20, 2), arcs)
    money = step * random.integers(1, 20, arcs)
    if random.random() < 0.5 if even is None else even:
        step = money = np.repeat(random.integers(1, most + 1, projects), degree)
    value = random.integers(-(10**6), 6 * 10**6, arcs).astype(np.int32)
    capacity = (money.sum() * random.random(products) / products).astype(np.int64)
    return Problem(
        start, np.concatenate(product).astype(np.int32), step, money, step, value, capacity,
        _sides(random, projects, products, arcs, int(money.sum())),
    )  # fmt: skip


def _sides(random, projects, products, arcs, money):
    share = random.integers(1, PPM)
    group = random.random(projects) < 0.5
    sides = [Side("group", 0, by_project=PPM * group - share // 2)]
    if random.random() < 0.5:
        cover = random.integers(0, PPM, products)
        sides.append(Side("cover", -money * int(share) // 4, by_product=-cover))
    if random.random() < 0.5:
        loss = random.integers(0, PPM // 10, arcs)
        sides.append(Side("loss", -money * int(share) // 60, by_arc=-loss))
    if random.random() < 0.3:
        none = np.full(products, -PPM)
        sides.append(Side("budget", -(money * int(share) // 3), by_product=none))
    return tuple(sides)
