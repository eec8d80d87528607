"""Work on one thing after the other, or on several side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K")


def each(threads: int, work: Callable[[K], T], items: Iterable[K]) -> list[T]:
    """Return what ``work`` makes of each item, in order; one thread is not begun for itself."""
    if threads == 1:
        return [work(i) for i in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))
