"""The orders in which transfers of one moment can stand."""

import itertools
import math
from collections import Counter
from collections.abc import Hashable, Iterator
from random import Random
from typing import NamedTuple


class Knot(NamedTuple):
    """Transfers of one moment that are entangled.

    Attributes
    ----------
    places
        Where they stand in the log, in order.
    alike
        By transfer: what it is. Of transfers that are the same it does not matter which is first.
    after
        By transfer: the one that it gives back and cannot precede, counted within the knot; or -1.
    """

    places: tuple[int, ...]
    alike: tuple[Hashable, ...]
    after: tuple[int, ...]

    def most(self) -> int:
        """Return how many orders there are at most: those that need no transfer to be later."""
        same = Counter(self.alike).values()
        return math.factorial(len(self.places)) // math.prod(math.factorial(n) for n in same)

    def orders(self) -> Iterator[tuple[int, ...]]:
        """Give all orders, as numbers of transfers within the knot; first that nearest the log."""
        return self._from((), set(range(len(self.places))))

    def _from(self, placed: tuple[int, ...], rest: set[int]) -> Iterator[tuple[int, ...]]:
        if not rest:
            yield placed
        for k in self._next(rest):
            yield from self._from((*placed, k), rest - {k})

    def _next(self, rest: set[int]) -> list[int]:
        """Return which transfers may come next, one of those that are the same."""
        free = [k for k in sorted(rest) if self.after[k] not in rest]
        return list({self.alike[k]: k for k in reversed(free)}.values())[::-1]

    def drawn(self, random: Random) -> tuple[int, ...]:
        """Return one order by chance."""
        placed: list[int] = []
        rest = set(range(len(self.places)))
        while rest:
            placed.append(random.choice([k for k in sorted(rest) if self.after[k] not in rest]))
            rest.remove(placed[-1])
        return tuple(placed)


class Arrangements(NamedTuple):
    """Orders of all knots together.

    Attributes
    ----------
    orders
        One order of each knot.
    complete
        Whether these are all there are.
    """

    orders: list[tuple[tuple[int, ...], ...]]
    complete: bool


def without_rings(after: list[int]) -> tuple[int, ...]:
    """Return ``after`` of a knot with one less of every ring: no order could satisfy it whole."""
    kept = list(after)
    for k in range(len(kept)):
        walk = [kept[k]]
        while walk[-1] not in {-1, k, *walk[:-1]}:
            walk.append(kept[walk[-1]])
        if walk[-1] == k:
            kept[k] = -1
    return tuple(kept)


def arrangements(knots: list[Knot], most: int, seed: int) -> Arrangements:
    """Return all orders of knots if they are at most ``most``, otherwise so many of them.

    Where there are more, each knot is first changed alone, in turns, until half of ``most`` is
    used; the rest is drawn by chance.
    """
    if math.prod(k.most() for k in knots) <= most:
        return Arrangements(list(itertools.product(*(k.orders() for k in knots))), complete=True)
    stored = tuple(next(k.orders()) for k in knots)
    found = dict.fromkeys([stored])
    for changed in itertools.islice(_alone(knots, stored), most // 2):
        found[changed] = None
    random = Random(seed)  # noqa: S311 - no secret depends on it
    for _ in range(most - len(found)):
        found[tuple(k.drawn(random) for k in knots)] = None
    return Arrangements(list(found), complete=False)


def _alone(
    knots: list[Knot], stored: tuple[tuple[int, ...], ...]
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Give orders in which one knot is changed, one of each knot in turn."""
    changed = [itertools.islice(k.orders(), 1, None) for k in knots]
    turns = list(range(len(knots)))
    while turns:
        for n in tuple(turns):
            order = next(changed[n], None)
            if order is None:
                turns.remove(n)
            else:
                yield (*stored[:n], order, *stored[n + 1 :])
