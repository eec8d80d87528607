"""Calls that come at once share a commit: one caller writes for all who wait, and answers each."""

from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
LINGER = 0.002
"""Seconds that whoever writes waits at most for as many as were answered the last time."""


class _Call(Generic[Asked, Answer]):
    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | None = None
        self.error: Exception | None = None
        self.leads = self.served = False
        # Held until there is an answer, or work; an event would make locks of its own.
        self.ready = Lock()
        self.ready.acquire()


class Queue(Generic[Asked, Answer]):
    """What several threads ask for is done together; there is no thread of its own.

    A caller who is interrupted keeps nobody else waiting. Whether what it asked for was done is
    not known to it then.

    Parameters
    ----------
    work
        Does what was asked for in order, and returns an answer to each.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer]]) -> None:
        self._work = work
        self._guard = Lock()
        self._waiting: list[_Call[Asked, Answer]] = []
        self._busy = False
        self._expected = 0
        self._enough = Event()

    def ask(self, asked: Asked) -> Answer:
        """Wait until it is done; what goes wrong with it is raised."""
        call: _Call[Asked, Answer] = _Call(asked)
        with self._guard:
            self._waiting.append(call)
            call.leads, self._busy = not self._busy, True
            if len(self._waiting) == self._expected:
                self._enough.set()
        try:
            if not call.leads:
                call.ready.acquire()
            if call.leads:
                self._lead(call)
        except BaseException:
            self._leave(call)
            raise
        if call.error is not None:
            raise call.error
        if not call.served:  # whoever led was interrupted
            return self.ask(asked)
        return call.answer  # type: ignore[return-value] # there is one

    def _lead(self, own: _Call[Asked, Answer]) -> None:
        """Work for all who wait; the first who came meanwhile goes on."""
        calls = list[_Call[Asked, Answer]]()
        try:
            if len(self._waiting) < self._expected:
                self._enough.wait(LINGER)  # those who were just answered are about to ask again
            with self._guard:
                calls, self._waiting = self._waiting, []
                self._expected = len(calls)
                self._enough.clear()
            self._serve(calls)
        finally:
            for call in calls:
                if call is not own:
                    call.ready.release()
        self._leave(own)

    def _leave(self, own: _Call[Asked, Answer]) -> None:
        """Wait no more; whoever leads has the first of the others go on."""
        with self._guard:
            if own in self._waiting:
                self._waiting.remove(own)
            if own.leads:
                own.leads, self._busy = False, bool(self._waiting)
                if self._busy:
                    self._waiting[0].leads = True
                    self._waiting[0].ready.release()

    def _serve(self, calls: list[_Call[Asked, Answer]]) -> None:
        """Answer calls; if they cannot be done together, each is done alone."""
        try:
            for call, answer in zip(calls, self._work([c.asked for c in calls]), strict=True):
                call.answer, call.served = answer, True
        except Exception as error:  # noqa: BLE001 - it is raised where the call was made
            if len(calls) == 1:
                calls[0].error = error
            else:
                for call in calls:
                    self._serve([call])
