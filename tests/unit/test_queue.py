"""Calls of several threads share work, and nobody waits for one who is gone."""

from threading import Event, Lock, Thread

import pytest

from liandong.store.ledger import queue as module
from liandong.store.ledger.queue import Queue

LONG = 20


class Threads:
    """Threads that ask, and what came of it; work on 0 is held up until the gate opens."""

    def __init__(self, answer) -> None:
        self.queue, self.all, self.said = Queue(self._work), [], {}
        self.gate, self.begun, self.rounds, self._answer = Event(), Event(), [], answer

    def _work(self, asked):
        self.rounds.append(list(asked))
        if asked[0] == 0:
            self.begun.set()
            self.gate.wait(LONG)
        return [*map(self._answer, asked)]

    def ask_all(self, *several) -> None:
        """Ask one after the other, while work on the first is held up."""
        for k, what in enumerate(several):
            self.ask(what)
            if k == 0:
                assert self.begun.wait(LONG)
            self.wait_for(k)

    def ask(self, what) -> None:
        def run() -> None:
            try:
                self.said[what] = self.queue.ask(what)
            except BaseException as error:  # noqa: BLE001 - looked at by the test
                self.said[what] = error

        self.all.append(Thread(target=run, daemon=True))
        self.all[-1].start()

    def wait_for(self, count: int) -> None:
        for _ in range(1_000):
            if len(self.queue._waiting) == count:
                return
            Event().wait(0.005)
        pytest.fail(f"{len(self.queue._waiting)} wait")

    def over(self) -> dict:
        self.gate.set()
        for thread in self.all:
            thread.join(LONG)
            assert not thread.is_alive()
        return self.said


def tenfold(asked: int) -> int:
    if asked < 0:
        raise KeyboardInterrupt
    return 10 * asked


def test_those_who_wait_share_work() -> None:
    threads = Threads(tenfold)
    threads.ask_all(0, 1, 2, 3)
    assert threads.over() == {k: 10 * k for k in range(4)}
    assert threads.rounds == [[0], [1, 2, 3]]


def test_one_that_fails_spoils_nothing_for_the_others() -> None:
    threads = Threads(lambda asked: 1 / (asked - 2))
    threads.ask_all(0, 1, 2, 3)
    said = threads.over()
    assert isinstance(said.pop(2), ZeroDivisionError)
    assert said == {0: -0.5, 1: -1.0, 3: 1.0}


def test_who_leads_and_is_interrupted_keeps_nobody_waiting() -> None:
    threads = Threads(tenfold)
    threads.ask_all(0, -1, 1, 2)
    said = threads.over()
    assert isinstance(said.pop(-1), KeyboardInterrupt)
    assert said == {0: 0, 1: 10, 2: 20}
    assert threads.queue.ask(7) == 70


class Torn:
    """A lock: whoever waits for it a second time is interrupted when it comes."""

    def __init__(self) -> None:
        self._lock, self._first = Lock(), True

    def acquire(self) -> None:
        self._lock.acquire()
        if not self._first:
            raise KeyboardInterrupt
        self._first = False

    def release(self) -> None:
        self._lock.release()


def test_one_interrupted_when_it_is_to_lead_lets_the_next_one(monkeypatch) -> None:
    threads = Threads(tenfold)
    threads.ask_all(0)
    with monkeypatch.context() as patched:
        patched.setattr(module, "Lock", Torn)
        threads.ask(1)
        threads.wait_for(1)
    threads.ask(2)
    threads.wait_for(2)
    said = threads.over()
    assert isinstance(said.pop(1), KeyboardInterrupt)
    assert said == {0: 0, 2: 20}
    assert threads.queue.ask(7) == 70
