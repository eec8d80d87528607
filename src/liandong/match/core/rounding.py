"""From prices to whole amounts: most projects take what earns most, close calls are placed.

At good prices nearly every project has one best arc by a clear margin, and keeps it at its most.
The others, whose second choice costs less than some sum, are the core: their number need not grow
with that of all projects. Products that would be overdrawn by clear calls alone add those of least
margin to the core.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.assignment import Band, Core, Plan, place
from liandong.match.core.dual import Exact
from liandong.match.core.problem import UNIT, Prices, Problem, slack
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

WIDE = 3
"""Arcs of close calls are kept up to this many times the loss at which projects are."""
DROP = 50_000
"""Fen that a close call may lose for room that would be idle otherwise."""
WORD = 61
"""Bits that the sums of sides over the core may take."""
HALF, NOISE = 0.5, 1e-5
"""A move must gain half a fen, or this share of what slack may cost if that is less."""
BAND = 6
"""Slack of sides, in amounts of usual size, that a search may let grow before it is used up."""


class Start(NamedTuple):
    """Close calls as the kernels see them, and what is decided already.

    Attributes
    ----------
    core, plan
        Close calls, numbered from 0, and who of them gets what.
    arcs
        The number in the problem of each arc of the core.
    clear
        Arcs of the problem that clear calls keep, at their most.
    loss
        Fen within which a call is close.
    """

    core: Core
    plan: Plan
    arcs: Int
    clear: Int
    loss: float


def margins(problem: Problem, found: Exact) -> Float:
    """Return what each project would lose by its second choice, which may be nothing, in fen."""
    given = found.best >= 0
    most = problem.most[np.where(given, found.best, _first(problem))]
    rate = np.where(given, found.first - np.maximum(found.second, 0), -found.second)
    return rate / UNIT * most


def _first(problem: Problem) -> Int:
    """Return an arc of each project, whatever it is where a project has none."""
    return np.minimum(problem.start[:-1], max(len(problem) - 1, 0))


def start(problem: Problem, prices: Prices, found: Exact, size: int) -> Start:
    """Part close calls from clear ones, and place them.

    Parameters
    ----------
    problem, prices, found
        Arcs, prices near the dual optimum, and each project's best arc at them.
    size
        How many calls are close; ties with the last of them are, too.
    """
    margin = margins(problem, found)
    at = min(size, problem.projects) - 1
    loss = float(np.partition(margin, at)[at])
    close = margin <= loss
    close |= _overdrawing(problem, found.best, close, margin)
    clear = found.best[~close & (found.best >= 0)]
    arcs, core = _core(problem, prices, np.flatnonzero(close), WIDE * max(loss, 0.0))
    plan = _placed(problem, core, clear, min(max(loss, 0.0), DROP))
    return Start(core, plan, arcs, clear, loss)


def _overdrawing(problem: Problem, best: Int, close: Bool, margin: Float) -> Bool:
    """Tell which clear calls must become close so that the others overdraw no product."""
    out = np.zeros(len(close), bool)
    clear = np.flatnonzero(~close & (best >= 0))
    over = problem.used(best[clear], problem.most[best[clear]]) - problem.capacity
    if (over <= 0).all():
        return out
    product = problem.product[best[clear]]
    among = clear[over[product] > 0]
    product = problem.product[best[among]]
    order = np.lexsort((margin[among], product))
    among, product = among[order], product[order]
    before = np.cumsum(problem.most[best[among]]) - problem.most[best[among]]
    first = np.searchsorted(product, product)
    # The sum of those of the same product that come first is too little: this one is needed, too.
    out[among] = before - before[first] < over[product]
    return out


def _core(problem: Problem, prices: Prices, who: Int, wide: float) -> tuple[Int, Core]:
    """Return the arcs of some projects that lose no more than ``wide``, and the core of them."""
    degree = np.diff(problem.start)[who]
    begin = np.cumsum(degree) - degree
    arcs, project = problem.arcs_of(who)
    surplus = _surplus(problem, prices, arcs, who[project])
    gain = surplus * problem.most[arcs]
    best = np.zeros(len(who))
    np.maximum.at(best, project, gain)
    loss = best[project] - gain
    # A project keeps its two best arcs, however much it loses by them.
    order = np.lexsort((loss, project))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - begin[project[order]]
    kept = (loss <= wide) | (place < 2)
    return arcs[kept], _made(problem, arcs[kept], project[kept], who, surplus[kept], loss[kept])


def _surplus(problem: Problem, prices: Prices, arcs: Int, project: Int) -> Float:
    """Return the reduced value of some arcs, yuan per yuan."""
    own = prices.own(problem)
    surplus = problem.value[arcs] - prices.taken(problem)[problem.product[arcs]]
    surplus = surplus + prices.credit(problem)[project] + (own[arcs] if len(own) else 0)
    return np.asarray(surplus / UNIT)


def _made(problem: Problem, arcs: Int, project: Int, who: Int, surplus: Float, loss: Float) -> Core:
    """Return the core of some arcs."""
    product = problem.product[arcs].astype(np.int64)
    sides = [problem.coefficient_at(s, arcs, who[project]) for s in problem.sides]
    coefficient = np.column_stack(sides) if sides else np.zeros((len(arcs), 0), np.int64)
    most = problem.most[arcs]
    total = (np.abs(coefficient).astype(float) * most[:, None]).sum(axis=0)
    shift = np.maximum(np.ceil(np.log2(np.maximum(total, 1))) - WORD, 0)
    return Core(
        _starts(project, len(who)), product, project,
        problem.least[arcs], most, problem.step[arcs], problem.value[arcs] / UNIT, surplus,
        np.ascontiguousarray(coefficient), shift.astype(np.int64), _caps(problem),
        _starts(product, len(problem.capacity)), np.lexsort((loss, product)),
    )  # fmt: skip


def _caps(problem: Problem) -> NDArray[np.bool_]:
    """Tell to which sides no arc can add."""
    parts = [(s.by_product, s.by_project, s.by_arc) for s in problem.sides]
    most = [sum(int(p.max(initial=0)) for p in part if p is not None) for part in parts]
    return np.array(most, np.int64) <= 0


def _starts(group: Int, groups: int) -> Int:
    """Return where each group begins in a list that is sorted by group, and the end."""
    return np.append(0, np.cumsum(np.bincount(group, minlength=groups)))


def _placed(problem: Problem, core: Core, clear: Int, drop: float) -> Plan:
    """Return a plan in which close calls are served in the order of what they have to lose."""
    spare = [_counted(slack(problem, side, clear, problem.most[clear]), int(h))
             for side, h in zip(problem.sides, core.shift, strict=True)]  # fmt: skip
    count = len(core.start) - 1
    plan = Plan(
        np.full(count, -1), np.zeros(count, np.int64),
        problem.capacity - problem.used(clear, problem.most[clear]), np.array(spare, np.int64),
    )  # fmt: skip
    gain = core.surplus * core.most
    have = np.flatnonzero(np.diff(core.start))
    best = np.maximum.reduceat(gain, core.start[have])
    usual = core.most.mean()
    place(core, plan, have[np.argsort(-best, kind="stable")], core.surplus, -drop / usual)
    return plan


def _counted(spare: int, shift: int) -> int:
    """Return slack in the units of its side; what is beyond all doubt is cut off."""
    edge: int = 2**WORD
    return max(-2 * edge, min(edge, spare >> shift))


def band(core: Core, weight: Float, cost: float, *, ample: bool) -> Band:
    """Return what a search goes by.

    Parameters
    ----------
    weight
        Of each side's slack, yuan per yuan of coefficient: prices, or zeros for the true value.
    cost
        Fen that the slack of a side may cost at its weight.
    ample
        Whether slack may be as large as it likes.
    """
    worth = core.rate + core.coefficient @ weight / PPM
    none = np.zeros(len(weight), np.int64)
    least = min(HALF, NOISE * max(cost, 1.0))
    if ample or not len(weight):
        return Band(worth, none, none + 2 ** (WORD + 1), least)
    usual = core.most.mean() * np.abs(core.coefficient).max(axis=0)
    dear = np.maximum(cost * PPM / np.maximum(weight, 1 / UNIT), usual / 4)
    size = np.minimum(BAND * usual, dear) / 2.0**core.shift
    return Band(worth, none, np.minimum(size, 2**WORD).astype(np.int64), least)


def arcs_of(begun: Start, problem: Problem) -> tuple[Int, Int]:
    """Return the arcs that get money, ascending, and how much."""
    given = begun.plan.arc >= 0
    arc = np.concatenate([begun.clear, begun.arcs[begun.plan.arc[given]]])
    amount = np.concatenate([problem.most[begun.clear], begun.plan.amount[given]])
    order = np.argsort(arc)
    return arc[order], amount[order]
