"""One job, done in a process of its own: it can be killed, and the service goes on answering.

``python -m liandong.service.job JOB``, with the place of the board as the first line of the input:
a password of a database is in no list of processes. The process ends when its input does, so it
never outlives the service that began it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import IO, TypeVar, cast

from liandong.board import Board
from liandong.board import open as open_board
from liandong.console.jobdesk import place_of
from liandong.errors import BoardLockedError, LiandongError, RefusedError
from liandong.loop import BUDGET_A_FIRM, loop, world_dates
from liandong.step import Run
from liandong.step.registry import step
from liandong.store.jobs import Jobs, Row
from liandong.texts import both
from liandong.types import Money

TELL = 0.25
"""Seconds from one word of how far it is to the next, at least."""
WAIT = 0.5
"""Seconds until it tries again where somebody else writes."""
Made = TypeVar("Made")


def begin(location: str, job_id: str) -> "subprocess.Popen[str]":
    """Begin to do a job that was taken; the process ends with this one."""
    child = subprocess.Popen(
        [sys.executable, "-m", __name__, job_id], stdin=subprocess.PIPE, text=True,
        start_new_session=True,  # an interrupt is for the one that began it
    )  # fmt: skip
    to = cast("IO[str]", child.stdin)
    to.write(location + "\n")
    to.flush()
    return child


@dataclass
class HowFar:
    """Says how far a job is, and not too often.

    Attributes
    ----------
    jobs, job_id
        Of which job.
    """

    jobs: Jobs
    job_id: str
    due: float = 0.0

    def __call__(self, said: str, done: int, total: int) -> None:
        """Say it; see :data:`liandong.board.Progress`."""
        if time.monotonic() >= self.due:
            self.jobs.tell(self.job_id, said, done, total)
            self.due = time.monotonic() + TELL


def work(board: Board, job: Row, tell: HowFar) -> Run:
    """Do what a job asks for, and return its (last) run."""
    args = job["args"]
    if job["kind"] == "run":
        chosen = step(job["what"])
        rule = chosen.rule.make(**args.get("values", {}))
        dry = bool(args.get("dry_run"))
        return _patient(tell, lambda: board.run(chosen, rule=rule, dry_run=dry, progress=tell))
    if job["kind"] == "load":
        path, options = place_of(board, args), args.get("options", {})
        load = board.load
        return _patient(tell, lambda: load(job["what"], path, progress=tell, **options))
    return _all(board, tell)


def _all(board: Board, tell: HowFar) -> Run:
    """Run the whole loop of the demonstration; each stage is done once, however often asked."""
    firms = board.sql("SELECT count(*) AS n FROM party WHERE kind = 'firm'")["n"][0].as_py()
    stages = loop(board, world_dates(board), Money(BUDGET_A_FIRM * firms))
    tell.jobs.plan(tell.job_id, [name for name, _ in stages])
    for i, (name, stage) in enumerate(stages):
        tell(name, i, len(stages))
        run = _patient(tell, stage)
    tell(name, len(stages), len(stages))
    return run


def _patient(tell: HowFar, act: Callable[[], Made]) -> Made:
    """Do something as soon as nobody else writes on the board."""
    while True:
        try:
            return act()
        except BoardLockedError as error:
            tell(error.elsewhere("zh") + " / " + error.elsewhere("en"), 0, 0)
            time.sleep(WAIT)


def _do(location: str, job_id: str) -> None:
    with open_board(location, create=False) as opened:
        job = Jobs(opened.store, opened.actor).one(job_id)
        board = opened.acting(job["actor"], login=opened.people.any())
        jobs = Jobs(board.store, board.actor)
        try:
            _need_enabled(opened, job["actor"])
            run = work(board, job, HowFar(jobs, job_id))
        except LiandongError as error:
            jobs.end(job_id, "failed", {n: error.elsewhere(n) for n in ("zh", "en")})
        except Exception as error:
            jobs.end(job_id, "failed", both("fault.job_defect", why=repr(error)))
            raise  # for the log of the service
        else:
            counts = ", ".join(f"{n} {c:,}" for n, c in sorted((run.counts or {}).items()))
            jobs.tell(job_id, counts, 1, 1)
            jobs.end(job_id, "done", run=run.run_id)


def _need_enabled(board: Board, actor: str) -> None:
    """Refuse the job of somebody who may not log in any more."""
    person = board.people.known(name=actor)
    if person is not None and person["disabled"]:
        raise RefusedError(actor=actor, action="login", reason=both("refusal.disabled"))


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(1)  # a kernel that computes is not asked; what was begun is marked broken


if __name__ == "__main__":
    place = sys.stdin.readline().rstrip("\n")
    Thread(target=_end_with_input, daemon=True).start()
    _do(place, sys.argv[1])
