"""Work on blocks of projects side by side, the same for any number of threads."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

BLOCK = 1 << 14
"""Projects of a block."""

Run = Callable[[Callable[..., Any], Sequence[Any]], list[Any]]


@contextmanager
def crew(threads: int) -> Iterator[Run]:
    """Give what applies a function to each of some parts and returns all results in order.

    Kernels let threads run side by side. Sums must be added in the order of the parts.
    """
    with ThreadPoolExecutor(max(threads, 1)) as pool:

        def run(work: Callable[..., Any], parts: Sequence[Any]) -> list[Any]:
            alone = threads < 2 or len(parts) < 2
            return [work(p) for p in parts] if alone else list(pool.map(work, parts))

        yield run


def blocks(count: int, size: int = BLOCK) -> list[tuple[int, int]]:
    """Return the limits of blocks.

    Examples
    --------
    >>> blocks(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return list(pairwise([*range(0, count, size), count]))
