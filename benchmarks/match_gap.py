"""Generalised assignment: every job to one agent at least cost, as in the OR-Library.

A job is a project and an agent a product; the amount on an arc is what the job takes of the
agent. A job is worth so much, less its cost, that no saving on others makes up for leaving it out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.match.core.assign import assign
from liandong.match.core.problem import UNIT, Assignment, Problem
from liandong.testing.data import data_folder

Int = NDArray[np.int64]

JOB = 10_000
"""What a job is worth: more than all jobs together can cost."""
LOT = 10**8
"""Fen of one unit of what agents have, so that values are fine enough."""
COST = 10**5
"""Fen of one unit of cost."""

NODES = 5_000
KNOWN = {
    "a": (1698, 3235, 1360, 2623, 1158, 2339),
    "c": (1931, 3456, 1402, 0, 1243, 0),
}
"""Least cost of the large sets A and C, as far as it is proved; 0 where it is not."""


class Jobs(NamedTuple):
    """An instance: cost and need of each (agent, job), and what each agent has."""

    cost: Int
    need: Int
    have: Int

    def problem(self) -> Problem:
        """Return the assignment problem."""
        agents, jobs = self.cost.shape
        amount = self.need.T.ravel() * LOT
        value = np.rint((JOB - self.cost.T.ravel()) * COST * (UNIT / amount)).astype(np.int32)
        product = np.tile(np.arange(agents, dtype=np.int32), jobs)
        return Problem(
            np.arange(jobs + 1) * agents, product, amount, amount, amount, value, self.have * LOT
        )

    def least(self, found: Assignment) -> int:
        """Return the cost that an assignment's bound proves no assignment to be below."""
        jobs = self.cost.shape[1]
        # Values are rounded: by less than one unit of cost, for all jobs together.
        return -(-(JOB * jobs * COST - found.bound) // COST)

    def spent(self, found: Assignment) -> int | None:
        """Return what an assignment costs; None if it leaves a job out."""
        agents, jobs = self.cost.shape
        if len(found.arc) < jobs:
            return None
        return int(self.cost[found.arc % agents, found.arc // agents].sum())


def read(path: Path) -> Iterator[Jobs]:
    """Read a file: the number of instances, and of each its sizes, costs, needs and capacities."""
    numbers = np.array(path.read_text("ascii").split(), np.int64)
    at = 1
    for _ in range(numbers[0]):
        agents, jobs = numbers[at : at + 2].tolist()
        size = agents * jobs
        table = numbers[at + 2 : at + 2 + 2 * size].reshape(2, agents, jobs)
        at += 2 + 2 * size + agents
        yield Jobs(table[0], table[1], numbers[at - agents : at])


def bench(*, quick: bool) -> dict[str, object]:
    folder = data_folder("orlib_gap")
    if folder is None:
        return {"gap": "orlib_gap missing"}
    tried = reached = proved = 0
    worst = 0.0
    for kind, known in KNOWN.items():
        for jobs, best in zip(read(folder / f"gap{kind}.txt"), known, strict=True):
            if not best or (quick and jobs.cost.size > 1_000):
                continue
            found = assign(jobs.problem(), gap=0, nodes=NODES)
            cost = jobs.spent(found)
            tried += 1
            reached += cost == best
            proved += cost is not None and jobs.least(found) == cost
            worst = max(worst, 100 * ((cost or 2 * best) - best) / best)
    return {
        "gap.instances": tried,
        "gap.known_reached": reached,
        "gap.proved": proved,
        "gap.worst_percent": round(worst, 3),
    }
