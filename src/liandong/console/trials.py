"""Computations that a page asks for and nobody writes down: one at a time, kept for a while."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread

from liandong.errors import LiandongError

KEPT = 32
"""Outcomes kept; the one that was asked for longest ago goes first."""


@dataclass(frozen=True)
class Trial:
    """What came of a computation.

    Attributes
    ----------
    tables
        Names of what is held of it.
    refused
        Why nothing came of it; None if something did.
    """

    tables: tuple[str, ...] = ()
    refused: LiandongError | None = None


class Trials:
    """Computes in one thread beside those that answer; whoever asks may go on waiting elsewhere.

    Parameters
    ----------
    forget
        Called with the name of each table of an outcome that is kept no longer.
    """

    def __init__(self, forget: Callable[[str], None]) -> None:
        self._forget = forget
        self._known: OrderedDict[str, Trial | Exception] = OrderedDict()
        self._changed = Condition()
        self._now = ""
        self._next: tuple[str, Callable[[], tuple[str, ...]]] | None = None

    def ask(self, key: str, work: Callable[[], tuple[str, ...]], patience: float) -> Trial | None:
        """Return the outcome of ``work``, None if it is not there after ``patience`` seconds.

        ``work`` holds its tables and returns their names.

        Of those that wait for their turn only the last is remembered: a hand on a slider asks for
        much that it no longer wants. Asking again for the same key puts it back. An error that is
        not one of ours is raised here, where somebody notices.
        """
        with self._changed:
            if key not in self._known and key != self._now:
                self._next = key, work
                if not self._now:
                    self._start()
            self._changed.wait_for(lambda: key in self._known, patience)
            found = self._known.get(key)
            if isinstance(found, Trial):
                self._known.move_to_end(key)
                return found
        if found is not None:
            raise found
        return None

    def _start(self) -> None:
        """Begin what waits, if anything does; the lock is held."""
        if self._next is None:
            self._now = ""
            return
        (self._now, work), self._next = self._next, None
        # Nobody can stop a solver; a process that ends does not wait for this thread.
        Thread(target=self._do, args=(self._now, work), daemon=True).start()

    def _do(self, key: str, work: Callable[[], tuple[str, ...]]) -> None:
        found: Trial | Exception
        try:
            found = Trial(work())
        except LiandongError as error:
            found = Trial(refused=error)
        except Exception as error:  # noqa: BLE001 - raised where somebody asks for it
            found = error
        with self._changed:
            self._known[key] = found
            old = self._known.popitem(last=False)[1] if len(self._known) > KEPT else None
            self._start()
            self._changed.notify_all()
        for name in old.tables if isinstance(old, Trial) else ():
            self._forget(name)
