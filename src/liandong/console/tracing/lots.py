"""The lots of one loan: parcels of its money, each out of one earlier parcel."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from liandong.console.query import Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables import TABLES

DAY = "(CAST({at} + INTERVAL 8 HOURS AS DATE))"
"""A time as the day that pages show it under, that of the clocks of China."""


class Lot(NamedTuple):
    """Money of the loan that one transfer moved, all of it out of the same earlier lot.

    Attributes
    ----------
    lot_id
        What the trace calls it.
    parent
        Number of the lot that it was taken out of, -1 for money just paid out.
    flow_id, step, at
        The transfer, its place in the trail of the loan, and its time.
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
    at: datetime
    src: str
    dst: str
    place: str
    amount: int
    left: int
    depth: int
    back: bool


def read_lots(reading: Reading, method: str, loan_id: str, until: date | None = None) -> list[Lot]:
    """Return the lots of a loan up to the end of a day, in order of the trail.

    They are those of table ``lot`` if the trace wrote them; otherwise they are made of the trail,
    the oldest money of the loan first. Every lot comes after its parent.
    """
    where = Where().add("t.method = ?", method).add("t.loan_id = ?", loan_id)
    if until:
        where.add(DAY.format(at="t.at") + " <= ?", until)
    if "lot" in TABLES:
        found = reading.rows(_LOTS, where)
        if found:
            return linked(found)
    return linked(oldest_first(reading.rows(_MOVES, where)))


_MOVES = (
    "SELECT t.flow_id, t.step, t.at, t.src_account AS src, t.dst_account AS dst, t.amount,"
    " coalesce(f.kind = 'disbursement' AND f.loan_id = t.loan_id, false) AS root,"
    " CASE WHEN f.kind = 'repayment' AND f.loan_id IS NOT NULL THEN 'repaid:' || f.loan_id"
    " WHEN f.kind IN ('refund', 'reversal') AND t.dst_account IN (SELECT src_account FROM flow"
    " WHERE kind = 'disbursement' AND loan_id = t.loan_id) THEN 'repaid:' || t.loan_id"
    " ELSE t.dst_account END AS place"
    " FROM trail t LEFT JOIN flow f USING (flow_id){where} ORDER BY t.step, t.flow_id"
)
_LOTS = (
    # Lots are numbered as they arise; money back at its source has no transfer of its own.
    "SELECT t.lot_id, t.parent, coalesce(t.flow_id, '') AS flow_id, coalesce(r.step, 0) AS step,"
    " coalesce(t.at, max(t.at) OVER ()) AS at, coalesce(t.src_account, '') AS src,"
    " coalesce(r.dst_account, t.dst_account) AS dst, t.dst_account AS place, t.amount"
    " FROM lot t LEFT JOIN trail r USING (method, loan_id, flow_id){where} ORDER BY t.lot_id"
)


def oldest_first(moves: Iterable[Row]) -> list[Row]:
    """Cut the moves of one loan into lots: each takes from the oldest lots of its payer.

    Parameters
    ----------
    moves
        In order of the trail, with ``root`` for payments out of the loan.

    Returns
    -------
    list of dict
        The moves cut, with ``lot_id`` and ``parent``.
    """
    held: dict[str, deque[list[Any]]] = defaultdict(deque)
    found = []
    for m in moves:
        stays = held[m["src"]]
        # Who gives without having got is where the money comes from.
        taken = [(None, m["amount"])] if m["root"] or not stays else _take(stays, m["amount"])
        for k, (parent, part) in enumerate(taken):
            lot_id = m["flow_id"] if len(taken) == 1 else f"{m['flow_id']}/{k + 1}"
            found.append({**m, "lot_id": lot_id, "parent": parent, "amount": part})
            held[m["dst"]].append([lot_id, part])
    return found


def _take(stays: deque[list[Any]], amount: int) -> list[tuple[str | None, int]]:
    taken: list[tuple[str | None, int]] = []
    while amount and stays:
        part = min(stays[0][1], amount)
        taken.append((stays[0][0], part))
        stays[0][1] -= part
        amount -= part
        if not stays[0][1]:
            stays.popleft()
    return taken


def linked(rows: Sequence[Row]) -> list[Lot]:
    """Find the parent of each lot, what is left of it, and how far its money has come."""
    number: dict[Any, int] = {}
    seen: set[str] = set()
    parent: list[int] = []
    depth: list[int] = []
    left: list[int] = []
    back: list[bool] = []
    for i, r in enumerate(rows):
        up = number.get(r["parent"], -1)
        number[r["lot_id"]] = i
        parent.append(up)
        depth.append(1 if up < 0 else depth[up] + 1)
        left.append(r["amount"])
        # Most places are new to the loan: then there is no need to look back.
        back.append(r["place"] in seen and _been(rows, parent, up, r["place"]))
        seen.add(r["place"])
        if up >= 0:
            left[up] -= r["amount"]
    return [
        Lot(str(r["lot_id"]), parent[i], r["flow_id"], r["step"], r["at"], r["src"], r["dst"],
            r["place"], r["amount"], left[i], depth[i], back[i])
        for i, r in enumerate(rows)
    ]  # fmt: skip


def _been(rows: Sequence[Row], parent: list[int], at: int, place: str) -> bool:
    """Tell whether the money of lot ``at`` was at a place before it came to where it is."""
    while at >= 0:
        at = parent[at]
        if at >= 0 and rows[at]["place"] == place:
            return True
    return False
