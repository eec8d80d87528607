"""What a trace found, as tables: trails, places, lots, and loans repaid by loans."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Tables, output
from liandong.trace.log import Log
from liandong.types import PPM

Int = NDArray[np.int64]
HELD, REPAID, SINK, BACKWARD = "held", "repaid", "sink", "backward"
KINDS = np.array([HELD, REPAID, SINK, BACKWARD])


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
        """Return rows (…, 1 + loan, …) of loans that are followed."""
        return rows[self.followed[rows[:, 1] - 1]]

    def names(self) -> pa.Array:
        """Return the names of places: of accounts, repaid loans, and overdrafts of accounts."""
        accounts = self.log.accounts.cast(pa.string())
        repaid = pc.binary_join_element_wise("repaid", self.log.loans.cast(pa.string()), ":")
        overdraft = pc.binary_join_element_wise("overdraft", accounts, ":")
        return pa.concat_arrays([accounts, repaid, overdraft])

    def place(self, node: Int) -> Int:
        """Return the place of nodes of the log: behind the accounts, the nodes of repayment."""
        accounts, loans = len(self.log.accounts), len(self.log.loans)
        return np.where(node >= accounts + loans, node - loans, node)

    def overdraft(self, account: Int) -> Int:
        """Return the place where money is that paid debts of accounts."""
        return len(self.log.accounts) + len(self.log.loans) + account

    def kind(self, place: Int) -> Int:
        """Return the kind of places as an index of ``KINDS``."""
        accounts, loans = len(self.log.accounts), len(self.log.loans)
        sink = self.log.sinks[np.minimum(place, accounts)] & (place < accounts)
        kinds = np.where(sink | (place >= accounts + loans), 2, np.where(place >= accounts, 1, 0))
        return kinds.astype(np.int64)


def trail(found: Found, moved: Int) -> Tables:
    """Return what each transfer moved of each loan; steps count a loan's transfers from 0."""
    log, moved = found.log, found.of_followed(moved)
    moved = moved[np.lexsort((moved[:, 0], moved[:, 1]))]
    i, loan, amount = moved.T
    rows = found.flow.take(log.row[i])
    return output(
        "trail",
        method=[found.method] * len(i),
        loan_id=log.loans.take(loan - 1), flow_id=rows["flow_id"],
        step=np.arange(len(i)) - np.searchsorted(loan, loan),
        src_account=log.accounts.take(log.legs[0, i]),
        dst_account=log.accounts.take(log.legs[1, i]),
        amount=amount, at=rows["at"],
    )  # fmt: skip


def holding(found: Found, moved: Int, held: Int, debts: Int, lots: list[Any]) -> Tables:
    """Return where each loan's money is: in an account, in a sink, or paid back."""
    node, loan, amount = found.of_followed(held).T
    place = found.place(node)
    parts = [np.stack([loan, place, found.kind(place), amount])]
    parts.append(_on_overdrafts(found, found.of_followed(debts), lots))
    loan, place, kind, amount, cap = _summed(found, np.concatenate(parts, axis=1), moved)
    return output(
        "holding",
        method=[found.method] * len(loan),
        loan_id=found.log.loans.take(pa.array(loan - 1)),
        place=found.names().take(pa.array(place)), kind=KINDS[kind].tolist(), amount=amount,
        cap=pa.array(np.minimum(cap, amount), mask=kind != 0),
    )  # fmt: skip


def _on_overdrafts(found: Found, debts: Int, lots: list[Any]) -> Int:
    """Return what paid debts as rows of loan, place, kind, amount."""
    if found.backward and lots:
        place, kind = _ends(found, lots[0])
        paid = np.flatnonzero((lots[0].paid >= -1) & found.followed[lots[0].origin - 1])
        return np.stack([lots[0].origin[paid], place[paid], kind[paid], lots[0].amount[paid]])
    account, loan, amount = debts.T
    return np.stack([loan, found.overdraft(account), np.full(len(loan), 2), amount])


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


def _summed(found: Found, rows: Int, moved: Int) -> tuple[Int, Int, Int, Int, Int]:
    """Put rows of one loan, place and kind together, and find what caps them."""
    loan, place, kind, amount = rows
    places = len(found.log.opening) + len(found.log.accounts)
    keys, key = np.unique((loan * places + place) * len(KINDS) + kind, return_inverse=True)
    total = np.zeros(len(keys), np.int64)
    np.add.at(total, key, amount)
    pairs, kind = np.divmod(keys, len(KINDS))
    loan, place = np.divmod(pairs, places)
    cap = total.copy()
    asked = np.flatnonzero(kind == 0)
    cap[asked] = _lowest(found, loan[asked], place[asked], moved)
    return loan, place, kind, total, cap


def _lowest(found: Found, loan: Int, account: Int, moved: Int) -> Int:
    """Return the lowest balance of accounts since a loan's money first reached them."""
    from liandong.kernels.books import lowest_since

    log, loans = found.log, 1 + len(found.log.loans)
    keys, first = np.unique(log.legs[3, moved[:, 0]] * loans + moved[:, 1], return_index=True)
    since = moved[first[np.searchsorted(keys, account * loans + loan)], 0]
    order = np.lexsort((since, account))
    src, dst = (np.ascontiguousarray(log.legs[k], np.int32) for k in (2, 3))
    lowest = np.zeros(len(loan), np.int64)
    lowest[order] = lowest_since(
        (src, dst, log.amount),
        log.opening,
        log.facility,
        account[order].astype(np.int32),
        since[order],
    )
    return np.maximum(lowest, 0)


def lot(found: Found, lots: list[Any]) -> Tables:
    """Return the lots: every sum of a loan that arrived somewhere, and which one it came from.

    What of a loan was never paid out, or went back to its source, has no transfer.
    """
    if not lots:
        return output("lot", **{n: [] for n in ("method", *_LOT)})
    log, of = found.log, lots[0]
    told = found.followed[of.origin - 1] & ((of.flow >= 0) | (of.left > 0))
    rows = np.flatnonzero(told)[np.argsort(of.origin[told], kind="stable")]
    number = np.full(len(told) + 1, -1)
    number[rows] = np.arange(len(rows)) - np.searchsorted(of.origin[rows], of.origin[rows])
    parent, none = number[of.parent[rows]], of.flow[rows] < 0
    flow = np.maximum(of.flow[rows], 0)
    taken = found.flow.take(pa.array(log.row[flow], mask=none))
    src = log.accounts.take(pa.array(log.legs[0, flow], mask=none))
    return output(
        "lot",
        method=[found.method] * len(rows),
        loan_id=log.loans.take(pa.array(of.origin[rows] - 1)), lot_id=number[rows],
        parent=pa.array(parent, mask=parent < 0), flow_id=taken["flow_id"], src_account=src,
        dst_account=found.names().take(pa.array(_ends(found, of)[0][rows])),
        amount=of.amount[rows], left=of.left[rows], at=taken["at"],
    )  # fmt: skip


_LOT = (
    "loan_id", "lot_id", "parent", "flow_id", "src_account", "dst_account", "amount", "left", "at",
)  # fmt: skip


def rollover(found: Found, places: pa.Table, balance: Int, loan: pa.Table) -> Tables:
    """Return which loan's money repaid which other loan, and how much of what was repaid on it.

    ``balance`` is what all nodes of the log hold at the end.
    """
    rows = places.filter(pc.equal(places["kind"], REPAID))
    repaid = pc.utf8_slice_codeunits(rows["place"], len("repaid:"))
    rows = rows.append_column("repaid_loan_id", repaid)
    rows = rows.filter(pc.not_equal(repaid, rows["loan_id"]))
    of, amount = rows["repaid_loan_id"], rows["amount"].to_pylist()
    accounts, loans = len(found.log.accounts), len(found.log.loans)
    back = balance[accounts : accounts + loans] + balance[accounts + loans : accounts + 2 * loans]
    whole = back[pc.index_in(of, value_set=found.log.loans).to_numpy()].tolist()
    borrower, other = (_borrower(loan, ids) for ids in (of, rows["loan_id"]))
    return output(
        "rollover",
        method=rows["method"], loan_id=rows["loan_id"], repaid_loan_id=of, amount=amount,
        repaid=whole, share=[x * PPM // y for x, y in zip(amount, whole, strict=True)],
        party_id=borrower, same_party=pc.equal(borrower, other),
    )  # fmt: skip


def _borrower(loan: pa.Table, ids: pa.ChunkedArray) -> pa.Array:
    return loan["party_id"].take(pc.index_in(ids, value_set=loan["loan_id"])).combine_chunks()
