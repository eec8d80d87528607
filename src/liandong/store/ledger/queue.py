"""Calls that come at once share a commit: one caller writes for all who wait, and answers each."""

from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class _Call(Generic[Asked, Answer]):
    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.ready = Event()
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.leads = False


class Queue(Generic[Asked, Answer]):
    """What several threads ask for is done together; there is no thread of its own.

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

    def ask(self, asked: Asked) -> Answer:
        """Wait until it is done; what goes wrong with it is raised."""
        call: _Call[Asked, Answer] = _Call(asked)
        with self._guard:
            self._waiting.append(call)
            call.leads, self._busy = not self._busy, True
        if not call.leads:
            call.ready.wait()
        if call.leads:
            self._lead()
        if call.error is not None:
            raise call.error
        return call.answer  # type: ignore[return-value] # there is one, or an error

    def _lead(self) -> None:
        """Work for all who wait now; the first who came meanwhile goes on."""
        with self._guard:
            calls, self._waiting = self._waiting, []
        self._serve(calls)
        with self._guard:
            self._busy = bool(self._waiting)
            if self._busy:
                self._waiting[0].leads = True
                self._waiting[0].ready.set()
        for call in calls:
            call.ready.set()

    def _serve(self, calls: list[_Call[Asked, Answer]]) -> None:
        """Answer calls; if they cannot be done together, each is done alone."""
        try:
            for call, answer in zip(calls, self._work([c.asked for c in calls]), strict=True):
                call.answer = answer
        except BaseException as error:  # noqa: BLE001 - it is raised where the call was made
            if len(calls) == 1:
                calls[0].error = error
            else:
                for call in calls:
                    self._serve([call])
