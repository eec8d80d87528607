"""What a trace found, as tables: trails, places, lots, and loans repaid by loans."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Tables, output
from liandong.trace.log import Log
from liandong.trace.worth import Sums, home
from liandong.types import PPM

Int = NDArray[np.int64]
HELD, REPAID, SINK, BACKWARD = "held", "repaid", "sink", "backward"
KINDS = np.array([HELD, REPAID, SINK, BACKWARD])
FX = "fx"
"""The place of what was lost in exchange."""


class Found(NamedTuple):
    """What all tables of a trace need to know.

    Attributes
    ----------
    method
        The method that was used.
    flow, log
        The transfers, and the same in order.
    followed
        By number of the loan: whether it is told of.
    backward
        Whether what paid an overdraft is told where that had gone.
    """

    method: str
    flow: pa.Table
    log: Log
    followed: NDArray[np.bool_]
    backward: bool

    def of_followed(self, rows: Int) -> Int:
        """Return which rows (…, 1 + loan, …) are of loans that are followed."""
        return np.flatnonzero(self.followed[rows[:, 1] - 1])

    def names(self) -> pa.Array:
        """Return the names of places: accounts, repaid loans, overdrafts of accounts, exchange."""
        accounts = self.log.accounts.cast(pa.string())
        repaid = pc.binary_join_element_wise("repaid", self.log.loans.cast(pa.string()), ":")
        overdraft = pc.binary_join_element_wise("overdraft", accounts, ":")
        return pa.concat_arrays([accounts, repaid, overdraft, pa.array([FX])])

    def place(self, node: Int) -> Int:
        """Return the place of nodes of the log: behind the accounts, the nodes of repayment."""
        accounts, loans = len(self.log.accounts), len(self.log.loans)
        return np.where(node >= accounts + loans, node - loans, node)

    def overdraft(self, account: Int) -> Int:
        """Return the place where money is that paid debts of accounts."""
        return len(self.log.accounts) + len(self.log.loans) + account

    @property
    def exchange(self) -> int:
        """The place of what was lost in exchange."""
        return 2 * len(self.log.accounts) + len(self.log.loans)

    def foreign(self, loan: Int, place: Int, amount: Int) -> pa.Array:
        """Return amounts in the currency of places, null where that is the one of the loan."""
        log, accounts, loans = self.log, len(self.log.accounts), len(self.log.loans)
        node = np.where(place < accounts, place, place - accounts - loans)
        node = np.where((place >= accounts) & (place < accounts + loans), place, node)
        none = (place == self.exchange) | home(log, loan - 1, np.minimum(node, accounts + loans))
        return pa.array(amount, mask=none)

    def kind(self, place: Int) -> Int:
        """Return the kind of places as an index of ``KINDS``."""
        accounts, loans = len(self.log.accounts), len(self.log.loans)
        sink = self.log.sinks[np.minimum(place, accounts)] & (place < accounts)
        kinds = np.where(sink | (place >= accounts + loans), 2, np.where(place >= accounts, 1, 0))
        return kinds.astype(np.int64)


def trail(found: Found, sums: Sums) -> Tables:
    """Return what each transfer moved of each loan; steps count a loan's transfers from 0."""
    log, rows = found.log, found.of_followed(sums.moved)
    rows = rows[np.lexsort((sums.moved[rows, 0], sums.moved[rows, 1]))]
    i, loan, amount = sums.moved[rows].T
    taken = found.flow.take(log.row[i])
    exchanged: dict[str, pa.Array] = {}
    if sums.exchanged is not None:
        lost, node = sums.exchanged.lost[rows], log.legs[3, i]
        exchanged["fx"] = pa.array(lost, mask=lost == 0)
        exchanged["converted"] = found.foreign(loan, found.place(node), sums.exchanged.moved[rows])
    return output(
        "trail",
        method=[found.method] * len(i),
        loan_id=log.loans.take(loan - 1), flow_id=taken["flow_id"],
        step=np.arange(len(i)) - np.searchsorted(loan, loan),
        src_account=log.accounts.take(log.legs[0, i]),
        dst_account=log.accounts.take(log.legs[1, i]),
        amount=amount, at=taken["at"], **exchanged,
    )  # fmt: skip


def holding(found: Found, sums: Sums) -> Tables:
    """Return where each loan's money is: in an account, in a sink, or paid back."""
    rows, exchanged = found.of_followed(sums.held), sums.exchanged
    node, loan, amount = sums.held[rows].T
    place = found.place(node)
    there = amount if exchanged is None else exchanged.held[rows]
    parts = [np.stack([loan, place, found.kind(place), amount, there])]
    parts.append(_on_overdrafts(found, sums))
    parts.append(_lost(found, sums))
    loan, place, kind, amount, there = _summed(found, np.concatenate(parts, axis=1))
    cap = np.zeros(len(loan), np.int64)
    asked = np.flatnonzero(kind == 0)
    cap[asked] = _cap(amount[asked], there[asked], _lowest(found, loan[asked], place[asked], sums))
    foreign = {}
    if exchanged is not None:
        # What paid an overdraft is told where that had gone, which may be in any currency.
        here = np.where(kind == 3, found.exchange, place)
        foreign["converted"] = found.foreign(loan, here, there)
    return output(
        "holding",
        method=[found.method] * len(loan),
        loan_id=found.log.loans.take(pa.array(loan - 1)),
        place=found.names().take(pa.array(place)), kind=KINDS[kind].tolist(), amount=amount,
        cap=pa.array(cap, mask=kind != 0), **foreign,
    )  # fmt: skip


def _cap(amount: Int, there: Int, lowest: Int) -> Int:
    """Return how much of loans the lowest balances let be there: what is there in proportion."""
    from liandong.kernels.money.proportion import times_over

    cap = np.minimum(amount, lowest)
    for k in np.flatnonzero(amount != there):
        cap[k] = times_over(amount[k], min(lowest[k], there[k]), there[k])
    return cap


def _lost(found: Found, sums: Sums) -> Int:
    """Return what was lost in exchange as rows of loan, place, kind, amount, and none there."""
    lost = np.where(found.followed, sums.lost(len(found.followed)), 0)
    loan = np.flatnonzero(lost)
    place, kind, none = (np.full(len(loan), x) for x in (found.exchange, 2, 0))
    return np.stack([1 + loan, place, kind, lost[loan], none])


def _on_overdrafts(found: Found, sums: Sums) -> Int:
    """Return what paid debts as rows of loan, place, kind, amount, and how much that is there."""
    exchanged = sums.exchanged
    if found.backward and sums.lots:
        lots = sums.lots[0]
        place, kind = _ends(found, lots)
        paid = np.flatnonzero((lots.paid >= -1) & found.followed[lots.origin - 1])
        there = (lots.amount if exchanged is None else exchanged.lots)[paid]
        return np.stack([lots.origin[paid], place[paid], kind[paid], lots.amount[paid], there])
    rows = found.of_followed(sums.debts)
    account, loan, amount = sums.debts[rows].T
    there = amount if exchanged is None else exchanged.debts[rows]
    return np.stack([loan, found.overdraft(account), np.full(len(loan), 2), amount, there])


def _ends(found: Found, lots: Any) -> tuple[Int, Int]:  # noqa: ANN401 - of compiled code, loaded late
    """Return the place of every lot, and what kind of place that is."""
    account, paid = lots.account.astype(np.int64), lots.paid
    place = np.where(paid >= -1, found.overdraft(account), found.place(account))
    kind = found.kind(place)
    if found.backward:
        back = paid >= 0  # a debt from the start has no transfer that made it
        place[back] = found.log.legs[1, paid[back]]
        kind[back] = 3
    return place, kind


def _summed(found: Found, rows: Int) -> tuple[Int, Int, Int, Int, Int]:
    """Put rows of one loan, place and kind together."""
    loan, place, kind, amount, there = rows
    places = 1 + found.exchange
    keys, key = np.unique((loan * places + place) * len(KINDS) + kind, return_inverse=True)
    total, present = np.zeros((2, len(keys)), np.int64)
    np.add.at(total, key, amount)
    np.add.at(present, key, there)
    pairs, kind = np.divmod(keys, len(KINDS))
    loan, place = np.divmod(pairs, places)
    return loan, place, kind, total, present


def _lowest(found: Found, loan: Int, account: Int, sums: Sums) -> Int:
    """Return the lowest balance of accounts since a loan's money first reached them."""
    from liandong.kernels.money.books import lowest_since

    log, loans, moved = found.log, 1 + len(found.log.loans), sums.moved
    if sums.exchanged is not None:
        moved = moved[sums.exchanged.moved > 0]
    keys, first = np.unique(log.legs[3, moved[:, 0]] * loans + moved[:, 1], return_index=True)
    since = moved[first[np.searchsorted(keys, account * loans + loan)], 0]
    order = np.lexsort((since, account))
    src, dst = (np.ascontiguousarray(log.legs[k], np.int32) for k in (2, 3))
    lowest = np.zeros(len(loan), np.int64)
    lowest[order] = lowest_since(
        (src, dst, log.amount, log.arrives),
        log.opening,
        log.facility,
        account[order].astype(np.int32),
        since[order],
    )
    return np.maximum(lowest, 0)


def lot(found: Found, sums: Sums | None) -> Tables:
    """Return the lots: every sum of a loan that arrived somewhere, and which one it came from.

    What of a loan was never paid out, or went back to its source, has no transfer. What was lost
    in exchange is a lot behind the one that arrived.
    """
    if sums is None or not sums.lots:
        return output("lot", **{n: [] for n in ("method", *_LOT)})
    log, of = found.log, sums.lots[0]
    rows, lost = _told(found, sums)
    loan, own = of.origin[rows], lost == 0
    step = np.arange(len(rows)) - np.searchsorted(loan, loan)
    number = np.full(len(of.flow) + 1, -1)
    number[rows[own]] = step[own]
    place = np.where(own, _ends(found, of)[0][rows], found.exchange)
    parent, none = number[of.parent[rows]], of.flow[rows] < 0
    flow = np.maximum(of.flow[rows], 0)
    taken = found.flow.take(pa.array(log.row[flow], mask=none))
    src = log.accounts.take(pa.array(log.legs[0, flow], mask=none))
    foreign = {}
    if sums.exchanged is not None:
        there = {"converted": sums.exchanged.lots, "converted_left": sums.exchanged.left}
        foreign = {n: found.foreign(loan, place, x[rows]) for n, x in there.items()}
    return output(
        "lot",
        method=[found.method] * len(rows),
        loan_id=log.loans.take(pa.array(loan - 1)), lot_id=step,
        parent=pa.array(parent, mask=parent < 0), flow_id=taken["flow_id"], src_account=src,
        dst_account=found.names().take(pa.array(place)),
        amount=np.where(own, of.amount[rows], lost), left=np.where(own, of.left[rows], lost),
        at=taken["at"], **foreign,
    )  # fmt: skip


def _told(found: Found, sums: Sums) -> tuple[Int, Int]:
    """Return the lots that are told, loan by loan, and what was lost (0: it is the lot itself)."""
    of, exchanged = sums.lots[0], sums.exchanged
    told = found.followed[of.origin - 1] & ((of.flow >= 0) | (of.left > 0))
    rows, lost = np.flatnonzero(told), np.zeros(0, np.int64)
    if exchanged is not None:
        arrived = np.flatnonzero(told & (exchanged.lots > 0))
        off = np.flatnonzero(told & (exchanged.lots_lost != 0))
        both = np.sort(np.concatenate([2 * arrived, 2 * off + 1]))
        rows = both // 2
        lost = np.where(both % 2, exchanged.lots_lost[rows], 0)
    order = np.argsort(of.origin[rows], kind="stable")
    return rows[order], lost[order] if len(lost) else np.zeros(len(rows), np.int64)


_LOT = (
    "loan_id", "lot_id", "parent", "flow_id", "src_account", "dst_account", "amount", "left", "at",
)  # fmt: skip


def rollover(found: Found, places: pa.Table, balance: Int, loan: pa.Table) -> Tables:
    """Return which loan's money repaid which other loan, and how much of what was repaid on it.

    The amount is in the currency of the loan whose money it is, what was repaid in all in that of
    the other. ``balance`` is what all nodes of the log hold at the end.
    """
    rows = places.filter(pc.equal(places["kind"], REPAID))
    repaid = pc.utf8_slice_codeunits(rows["place"], len("repaid:"))
    rows = rows.append_column("repaid_loan_id", repaid)
    rows = rows.filter(pc.not_equal(repaid, rows["loan_id"]))
    of, amount = rows["repaid_loan_id"], rows["amount"].to_pylist()
    arrived = pc.coalesce(rows["converted"], rows["amount"]).to_pylist()
    accounts, loans = len(found.log.accounts), len(found.log.loans)
    back = balance[accounts : accounts + loans] + balance[accounts + loans : accounts + 2 * loans]
    whole = back[pc.index_in(of, value_set=found.log.loans).to_numpy()].tolist()
    borrower, other = (_borrower(loan, ids) for ids in (of, rows["loan_id"]))
    return output(
        "rollover",
        method=rows["method"], loan_id=rows["loan_id"], repaid_loan_id=of, amount=amount,
        repaid=whole, share=[x * PPM // y for x, y in zip(arrived, whole, strict=True)],
        party_id=borrower, same_party=pc.equal(borrower, other),
    )  # fmt: skip


def _borrower(loan: pa.Table, ids: pa.ChunkedArray) -> pa.Array:
    return loan["party_id"].take(pc.index_in(ids, value_set=loan["loan_id"])).combine_chunks()
