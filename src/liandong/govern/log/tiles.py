"""A log as files that never change: tiles of hashes, bundles of entries.

C2SP tlog-tiles 0.1. A tile has 256 hashes of one level of the tree, and each hash of the tile above
is the head over a whole tile; the last ones are partial. Whoever has the files can make every proof
by himself, and they can lie on any web server.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from liandong.errors import UsageError
from liandong.govern.log.tree import At, perfect
from liandong.texts import both

WIDE = 256
HEIGHT = 8
"""Levels of the tree from a tile to the one above."""
HASH = 32
ENTRY_MOST = (1 << 16) - 1
"""Bytes of an entry at most."""


class Tile(NamedTuple):
    """A tile, or a bundle of entries beside the lowest level: where it is, and how many it has."""

    level: int
    number: int
    width: int

    @property
    def path(self) -> str:
        """Where its hashes lie, below the folder of the log."""
        return f"tile/{self.level}/{self._place()}"

    @property
    def bundle(self) -> str:
        """Where its entries lie."""
        return f"tile/entries/{self._place()}"

    def _place(self) -> str:
        digits = f"{self.number:d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        place = "/".join([*(f"x{p}" for p in parts[:-1]), parts[-1]])
        return place if self.width == WIDE else f"{place}.p/{self.width}"


def tiles(size: int, old: int = 0) -> Iterator[Tile]:
    """Yield the tiles of a log of a size that it had not when it was ``old`` long.

    Examples
    --------
    >>> [t.path for t in tiles(70_000, 69_888)]
    ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']
    """
    level = 0
    while size:
        for number in range(old // WIDE, -(-size // WIDE)):
            width = min(WIDE, size - number * WIDE)
            if number * WIDE + width > old:
                yield Tile(level, number, width)
        level, size, old = level + 1, size // WIDE, old // WIDE


def tile_of(level: int, number: int, size: int) -> Tile:
    """Return a tile as wide as it is in a log of a size."""
    return Tile(level, number, min(WIDE, (size >> HEIGHT * level) - number * WIDE))


def grown(leaves: Sequence[bytes], size: int, edge: Callable[[Tile], list[bytes]]) -> "Grown":
    """Return the tiles that new leaves bring.

    Parameters
    ----------
    leaves
        Their hashes.
    size
        Of the log before.
    edge
        Returns the hashes of a partial tile at the right edge of the log before.
    """
    found: Grown = {}
    level, fresh, old = 0, list(leaves), size
    while fresh:
        begin = old // WIDE
        before = edge(Tile(level, begin, old % WIDE)) if old % WIDE else []
        above = []
        row = [*before, *fresh]
        for low in range(0, len(row), WIDE):
            part = row[low : low + WIDE]
            found[Tile(level, begin + low // WIDE, len(part))] = part
            if len(part) == WIDE:
                above.append(perfect(part))
        level, fresh, old = level + 1, above, begin
    return found


Grown = dict[Tile, list[bytes]]
"""Hashes by tile."""


def reading(size: int, hashes: Callable[[Tile], Sequence[bytes]]) -> At:
    """Return what says the hashes of a tree that lies in tiles.

    Parameters
    ----------
    size
        Of the log.
    hashes
        Returns the hashes of a tile; asked once for each of those used lately.
    """
    kept = lru_cache(1 << 10)(hashes)

    def at(level: int, n: int) -> bytes:
        up, within = divmod(level, HEIGHT)
        first = n << within
        tile = kept(tile_of(up, first // WIDE, size))
        return perfect(tile[first % WIDE : (first % WIDE) + (1 << within)])

    return at


def packed(entries: Sequence[bytes]) -> bytes:
    """Write entries one after the other, the length of each before it.

    Raises
    ------
    UsageError
        If one is too long.
    """
    long = max((len(e) for e in entries), default=0)
    if long > ENTRY_MOST:
        what = both("fault.entry_long", size=long, most=ENTRY_MOST)
        raise UsageError(what=what, remedy=both("advice.entry_long"))
    return b"".join(b for e in entries for b in (len(e).to_bytes(2), e))


def unpacked(data: bytes) -> list[bytes]:
    """Read what :func:`packed` wrote.

    Raises
    ------
    ValueError
        If it was not written so.
    """
    ends, place = [0], 0
    while place < len(data):
        place += 2 + int.from_bytes(data[place : place + 2])
        ends.append(place)
    if place != len(data):
        raise ValueError("the last entry is cut off")
    return [data[a + 2 : b] for a, b in pairwise(ends)]


def cut(data: bytes) -> list[bytes]:
    """Return the hashes that stand one after the other in a tile.

    Raises
    ------
    ValueError
        If the last one is cut off.
    """
    if len(data) % HASH:
        raise ValueError("the last hash is cut off")
    return [data[i : i + HASH] for i in range(0, len(data), HASH)]
