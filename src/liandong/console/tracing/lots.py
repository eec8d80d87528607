"""The lots of one loan: parcels of its money, each out of one earlier parcel."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from liandong.console.query import Where
from liandong.console.reading import Reading
from liandong.schema.tables import TABLES
from liandong.types import from_epoch

DAY = "(CAST({at} + INTERVAL 8 HOURS AS DATE))"
"""A time as the day that pages show it under, that of the clocks of China."""


FX = "fx"
"""The place of what was lost in exchange; less than nothing is a gain."""
Columns = dict[str, list[Any]]


class Lot(NamedTuple):
    """Money of the loan that one transfer moved, all of it out of the same earlier lot.

    Attributes
    ----------
    lot_id
        What the trace calls it.
    parent
        Number of the lot that it was taken out of, -1 for money just paid out.
    flow_id, step, us
        The transfer, its place in the trail of the loan, and its time in microseconds since 1970.
    src, dst
        Accounts.
    place
        Where the money then is: ``dst``, or ``repaid:LOAN``.
    amount, left
        Fen that came, and fen that no later lot was taken out of.
    depth
        Transfers since it was paid out, 1 for the payment itself.
    back
        Whether the money had been at the same account before.
    """

    lot_id: str
    parent: int
    flow_id: str
    step: int
    us: int
    src: str
    dst: str
    place: str
    amount: int
    left: int
    depth: int
    back: bool

    @property
    def at(self) -> datetime:
        """When the money was moved."""
        return from_epoch(self.us)


def read_lots(reading: Reading, method: str, loan_id: str, until: date | None = None) -> list[Lot]:
    """Return the lots of a loan up to the end of a day, in order of the trail.

    They are those of table ``lot`` if the trace wrote them; otherwise they are made of the trail,
    the oldest money of the loan first. Every lot comes after its parent.
    """
    key = ("lots", method, loan_id, until)
    return reading.once(key, lambda: _read(reading, method, loan_id, until))


def _read(reading: Reading, method: str, loan_id: str, until: date | None) -> list[Lot]:
    where = Where().add("t.method = ?", method).add("t.loan_id = ?", loan_id)
    if until:
        where.add(DAY.format(at="t.at") + " <= ?", until)
    if "lot" in TABLES:
        told = reading.columns(_LOTS, where)
        if told["lot_id"]:
            number = {lot_id: i for i, lot_id in enumerate(told["lot_id"])}
            return linked(told, [number.get(p, -1) for p in told["parent"]])
    return linked(*oldest_first(reading.columns(_MOVES, where)))


_MOVES = (
    "SELECT t.flow_id, t.step, epoch_us(t.at) AS us, t.src_account AS src, t.dst_account AS dst,"
    " t.amount, coalesce(t.fx, 0) AS fx,"
    " coalesce(f.kind = 'disbursement' AND f.loan_id = t.loan_id, false) AS root,"
    " CASE WHEN f.kind = 'repayment' AND f.loan_id IS NOT NULL THEN 'repaid:' || f.loan_id"
    " WHEN f.kind IN ('refund', 'reversal') AND t.dst_account IN (SELECT src_account FROM flow"
    " WHERE kind = 'disbursement' AND loan_id = t.loan_id) THEN 'repaid:' || t.loan_id"
    " ELSE t.dst_account END AS place"
    " FROM trail t LEFT JOIN flow f USING (flow_id){where} ORDER BY t.step, t.flow_id"
)
_LOTS = (
    # Lots are numbered as they arise; money back at its source has no transfer of its own.
    "SELECT t.lot_id, coalesce(t.parent, -1) AS parent, coalesce(t.flow_id, '') AS flow_id,"
    " coalesce(r.step, 0) AS step, epoch_us(coalesce(t.at, max(t.at) OVER ())) AS us,"
    " coalesce(t.src_account, '') AS src, coalesce(r.dst_account, t.dst_account) AS dst,"
    " t.dst_account AS place, t.amount"
    " FROM lot t LEFT JOIN trail r USING (method, loan_id, flow_id){where} ORDER BY t.lot_id"
)


def oldest_first(moves: Columns) -> tuple[Columns, list[int]]:
    """Cut the moves of one loan into lots: each takes from the oldest lots of its payer.

    Parameters
    ----------
    moves
        Columns ``flow_id``, ``step``, ``us``, ``src``, ``dst``, ``place``, ``amount``, ``fx``
        (what of it was lost in exchange; may be left out) and ``root`` (whether it pays the loan
        out), in order of the trail.

    Returns
    -------
    tuple
        Columns of the lots, with ``lot_id``, and the numbers of their parents.
    """
    held: dict[str, deque[list[int]]] = defaultdict(deque)
    row: list[int] = []
    parent: list[int] = []
    amount: list[int] = []
    lot_id: list[str] = []
    lost: list[bool] = []
    src, dst, flow_id = moves["src"], moves["dst"], moves["flow_id"]
    fx = moves.get("fx") or [0] * len(src)
    for i, whole in enumerate(moves["amount"]):
        stays = held[src[i]]
        # Who gives without having got is where the money comes from.
        taken = [(-1, whole)] if moves["root"][i] or not stays else _take(stays, whole)
        told = _exchanged(taken, whole, fx[i])
        for k, (up, part, off) in enumerate(told, 1):
            if not off:
                held[dst[i]].append([len(row), part])
            row.append(i)
            parent.append(up)
            amount.append(part)
            lost.append(off)
            lot_id.append(flow_id[i] if len(told) == 1 else f"{flow_id[i]}/{k}")
    cut = {n: [c[i] for i in row] for n, c in moves.items()}
    cut["place"] = [FX if off else p for off, p in zip(lost, cut["place"], strict=True)]
    return {**cut, "amount": amount, "lot_id": lot_id}, parent


def _exchanged(taken: list[tuple[int, int]], whole: int, lost: int) -> list[tuple[int, int, bool]]:
    """Tell what arrives of the parts of a move and what of each was lost in exchange."""
    told, came = [], 0
    for up, part in taken:
        before, came = came, came + part
        off = lost * came // whole - lost * before // whole if whole else lost
        told += [(up, part - off, False)] if part != off else []
        told += [(up, off, True)] if off else []
    return told


def _take(stays: deque[list[int]], amount: int) -> list[tuple[int, int]]:
    taken = []
    while amount and stays:
        lot = stays[0]
        part = min(lot[1], amount)
        taken.append((lot[0], part))
        lot[1] -= part
        amount -= part
        if not lot[1]:
            stays.popleft()
    return taken


def linked(told: Columns, parent: Sequence[int]) -> list[Lot]:
    """Say of each lot what is left of it, how far its money has come, and whether it came back."""
    depth: list[int] = []
    left, place = list(told["amount"]), told["place"]
    back, seen = [], set[str]()
    for i, up in enumerate(parent):
        depth.append(1 if up < 0 else depth[up] + 1)
        # Most places are new to the loan: then there is no need to look back.
        back.append(place[i] in seen and place[i] in _before(place, parent, up))
        seen.add(place[i])
        if up >= 0:
            left[up] -= told["amount"][i]
    ids = map(str, told["lot_id"])
    names = ("flow_id", "step", "us", "src", "dst", "place", "amount")
    columns = (ids, parent, *(told[n] for n in names), left, depth, back)
    return [Lot(*values) for values in zip(*columns, strict=True)]


def _before(place: Sequence[str], parent: Sequence[int], at: int) -> Iterator[str]:
    """Yield where the money of lot ``at`` was before it came to where it is."""
    while at >= 0:
        at = parent[at]
        if at >= 0:
            yield place[at]
