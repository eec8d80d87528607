"""The local engine: threads or processes of this machine."""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Literal

from liandong.step import Rule, Step, Tables
from liandong.step.local import Which, map_here, run_step, work
from liandong.step.registry import step as named

ROWS_A_PART = 200_000
"""Fewer rows than this are not worth a part of their own."""


@dataclass(frozen=True)
class LocalEngine:
    """Runs steps on this machine.

    Parameters
    ----------
    workers
        Threads or processes at most.
    mode
        ``threads`` (kernels and Arrow release the lock) or ``processes`` (registered steps only).
    parts
        Number of parts; None lets the rows decide. The result does not depend on it.
    """

    workers: int = 1
    mode: Literal["threads", "processes"] = "threads"
    parts: int | None = None

    def run(self, step: Step, given: Tables, rule: Rule) -> Tables:
        """Run ``step`` on the tables ``given`` and return what it writes."""
        parts = self.parts or self._parts_for(step, given)
        return run_step(step, given, rule, parts, map_here if parts == 1 else self._map)

    def _parts_for(self, step: Step, given: Tables) -> int:
        rows = sum(len(given[n]) for n in step.split if n in given)
        return max(1, min(self.workers, rows // ROWS_A_PART))

    def _map(self, step: Step, which: Which, parts: Iterable[Tables], rule: Rule) -> list[Tables]:
        if self.mode == "threads":
            with ThreadPoolExecutor(self.workers) as pool:
                return list(pool.map(lambda part: work(step, which, part, rule), parts))
        # Forked children of a threaded parent may hang on its locks: start them fresh.
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
            return list(pool.map(partial(_work_named, step.name, which, rule), parts))


def _work_named(name: str, which: Which, rule: Rule, part: Tables) -> Tables:
    """Work in another process: the step travels by name, since its functions are not picklable."""
    return work(named(name), which, part, rule)
