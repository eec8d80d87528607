"""How far a step has come: the step tells, and whoever runs it may listen."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Listener = Callable[[int, int], None]
"""Called with how much is done, and of how much."""
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Let ``listener`` hear of what is done in this block, in this thread; None, nobody."""
    before = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(before)


def told(items: Collection[T]) -> Iterator[T]:
    """Go through ``items``, and tell after each how many are done.

    Examples
    --------
    >>> with listening(lambda done, of: print(done, "of", of)):
    ...     letters = list(told("ab"))
    1 of 2
    2 of 2
    """
    for done, item in enumerate(items, start=1):
        yield item
        if listener := _LISTENER.get():
            listener(done, len(items))
