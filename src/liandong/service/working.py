"""Doing the jobs of a board one after the other, beside answering."""

import logging
import subprocess
from contextlib import suppress
from threading import Event, Thread

from liandong.board import Board
from liandong.errors import BoardLockedError, LiandongError
from liandong.service.job import begin
from liandong.store.jobs import LOST, Jobs, Row
from liandong.texts import both

LOOK = 0.3
"""Seconds between looks at what waits and whether what runs is to go on."""
BEAT = 2.0
"""Seconds between signs of life."""
LONGEST = 5
"""Seconds that a process may take to end."""
_LOG = logging.getLogger(__name__)


class Worker:
    """A thread that takes jobs and has each done in a process of its own.

    Several services may have one each: a job is done once.

    Parameters
    ----------
    location, board
        Where the board is, with the password if there is one; and the board.
    lost
        Seconds without a sign of life after which the job of another service is broken.
    """

    def __init__(self, location: str, board: Board, lost: float = LOST) -> None:
        self._location, self._board, self._lost = location, board, lost
        self._jobs = Jobs(board.store, board.actor)
        self._over, self._thread = Event(), Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to look for jobs."""
        self._thread.start()

    def stop(self) -> None:
        """End; a job that runs is broken off."""
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(LOOK):
            try:
                if self._jobs.lost(self._lost):
                    self._settle()
                if job := self._jobs.take():
                    self._do(job)
            except Exception:  # noqa: BLE001 - nothing may end this thread
                _LOG.exception("jobs")  # a database that is away comes back

    def _do(self, job: Row) -> None:
        """Have a job done, and see how it ended."""
        job_id = str(job["job_id"])
        child = begin(self._location, job_id)
        try:
            self._watch(child, job_id)
        finally:
            if child.poll() is None:
                _end(child)
            if child.stdin:
                with suppress(BrokenPipeError):
                    child.stdin.close()
        cancelled = self._jobs.one(job_id)["cancelled_by"] is not None
        # One that said how it ended keeps that; this is for those that could not.
        if cancelled:
            self._jobs.end(job_id, "cancelled")
        else:
            self._jobs.end(job_id, "broken", both("fault.job_broken"))
        self._settle()

    def _watch(self, child: "subprocess.Popen[str]", job_id: str) -> None:
        """Return when a process has ended or is to end."""
        pauses = 0
        while child.poll() is None and not self._over.is_set():
            with suppress(subprocess.TimeoutExpired):
                child.wait(LOOK)
            pauses += 1
            if self._jobs.one(job_id)["cancelled_by"]:
                return
            if pauses * LOOK >= BEAT:
                pauses = 0
                if not self._jobs.beat(job_id):
                    return

    def _settle(self) -> None:
        """Have the runs of processes that ended marked as broken, unless somebody else writes."""
        with suppress(BoardLockedError, LiandongError), self._board.store.writer(self._board.actor):
            pass


def _end(child: "subprocess.Popen[str]") -> None:
    child.terminate()
    try:
        child.wait(LONGEST)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
