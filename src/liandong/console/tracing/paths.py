"""Evidence paths: how money came to where it is, transfer by transfer since it was paid out."""

from collections.abc import Sequence
from heapq import nsmallest
from typing import NamedTuple

from liandong.console.reading import Row
from liandong.console.tracing.lots import Lot


class Path(NamedTuple):
    """Money that is now at a place, and the lots that it came through.

    Attributes
    ----------
    place, amount
        Where it is, and fen of it that came this way.
    lots
        From the payment of the loan to the place.
    """

    place: str
    amount: int
    lots: tuple[Lot, ...]


class Paths(NamedTuple):
    """Paths to a place, or to all places.

    Attributes
    ----------
    found
        The largest ones, in that order.
    number, total
        How many there are in all, and the fen of all together: what is held there.
    """

    found: list[Path]
    number: int
    total: int

    @property
    def rest(self) -> int:
        """Fen of the paths that were not asked for."""
        return self.total - sum(p.amount for p in self.found)


def paths(lots: Sequence[Lot], place: str = "", most: int | None = None) -> Paths:
    """Return the paths to a place, or to all places, the largest first.

    Every fen that is left in a lot came through the parents of the lot and no other way: the
    amounts of the paths to a place add up to what is held there.

    Parameters
    ----------
    lots
        Of one loan.
    place
        Account or sink; empty for all.
    most
        How many are wanted; None for all.

    Examples
    --------
    >>> lots = [Lot("a", -1, "f1", 0, 0, "bank", "E", "E", 100, 60, 1, False),
    ...         Lot("b", 0, "f2", 1, 1, "E", "X", "X", 40, 40, 2, False)]
    >>> [(p.place, p.amount, [l.lot_id for l in p.lots]) for p in paths(lots).found]
    [('E', 60, ['a']), ('X', 40, ['a', 'b'])]
    """
    ends = [i for i, lot in enumerate(lots) if lot.left and place in {"", lot.place}]
    largest = nsmallest(
        len(ends) if most is None else most, ends, key=lambda i: (-lots[i].left, lots[i].place, i)
    )
    found = [Path(lots[i].place, lots[i].left, _chain(lots, i)) for i in largest]
    return Paths(found, len(ends), sum(lots[i].left for i in ends))


def _chain(lots: Sequence[Lot], at: int) -> tuple[Lot, ...]:
    chain = []
    while at >= 0:
        chain.append(lots[at])
        at = lots[at].parent
    return tuple(reversed(chain))


def path_rows(found: Sequence[Path]) -> list[Row]:
    """Return paths as rows: one a transfer of a path, in order, with the fen that go this way."""
    return [
        {
            "path": n,
            "place": path.place,
            "hop": k,
            "lot_id": lot.lot_id,
            "parent": path.lots[k - 2].lot_id if k > 1 else None,
            "flow_id": lot.flow_id,
            "at": lot.at,
            "src_account": lot.src,
            "dst_account": lot.dst,
            "lot_amount": lot.amount,
            "amount": path.amount,
        }
        for n, path in enumerate(found, 1)
        for k, lot in enumerate(path.lots, 1)
    ]
