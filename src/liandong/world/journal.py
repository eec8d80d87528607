"""The journal: transfers are added topic by topic, then put into one strict order."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator
from numpy.typing import NDArray

from liandong.schema.arrow import build
from liandong.world.arrays import Floats, Ints, numbered, pick, times, total
from liandong.world.months import Months

KINDS = (
    "transfer", "disbursement", "repayment", "interest", "fee", "wage", "tax", "cash", "refund",
)  # fmt: skip
PURPOSES = {
    "goods": "货款", "loan": "发放贷款", "interest": "贷款利息", "repayment": "归还本金",
    "fee": "账户管理费", "wage": "工资", "tax": "税款", "cash": "提取现金", "refund": "退货款",
    "securities": "银证转账", "wealth": "购买理财", "redeemed": "理财赎回", "property": "购房款",
    "settlement": "往来款",
}  # fmt: skip
_KIND = {k: i for i, k in enumerate(KINDS)}
_PURPOSE = {p: i for i, p in enumerate(PURPOSES)}

SECOND = 1_000_000
DAY = 86_400 * SECOND
OPENING, CLOSING = 1_800, 34_200
"""Banking hours 8:30 to 17:30 in China, as seconds of the day in UTC."""


def moments(day: Ints, rng: Generator) -> Ints:
    """Return a moment within banking hours of each day, microseconds since 1970."""
    return day * DAY + rng.integers(OPENING, CLOSING, len(day)) * SECOND


_TYPES: dict[str, type[np.generic]] = {
    "src": np.int32, "dst": np.int32, "amount": np.int64, "at": np.int64, "kind": np.int8,
    "purpose": np.int8, "loan": np.int32, "ref": np.int32,
}  # fmt: skip


class Journal:
    """Collects transfers between accounts.

    Rows are numbered as they are added; after :meth:`close` each row has its place in the order of
    time.
    """

    def __init__(self) -> None:
        self._parts: dict[str, list[NDArray[np.generic]]] = {n: [] for n in _TYPES}
        self._rows = 0

    def add(
        self, kind: str, purpose: str, src: Ints, dst: Ints, amount: Ints, at: Ints,
        loan: Ints | int = -1, ref: Ints | int = -1,
    ) -> Ints:  # fmt: skip
        """Add transfers and return their row numbers.

        Parameters
        ----------
        kind, purpose
            One of ``KINDS`` and ``PURPOSES``, for all of them.
        src, dst
            Numbers of accounts.
        amount
            Fen, above 0.
        at
            Microseconds since 1970.
        loan
            Number of the loan, else -1.
        ref
            Row number of the transfer that is referred to, else -1.
        """
        count = len(amount)
        values: dict[str, Ints | int] = {
            "src": src, "dst": dst, "amount": amount, "at": at, "kind": _KIND[kind],
            "purpose": _PURPOSE[purpose], "loan": loan, "ref": ref,
        }  # fmt: skip
        for name, kept in _TYPES.items():
            self._parts[name].append(np.broadcast_to(values[name], count).astype(kept))
        rows = np.arange(self._rows, self._rows + count)
        self._rows += count
        return rows

    def into(self, accounts: Ints) -> tuple[Ints, Ints, Ints]:
        """Return account, amount and moment of what has been paid into ``accounts`` so far."""
        mine = np.zeros(1 + max(int(p.max(initial=0)) for p in self._parts["dst"]), bool)
        mine[accounts] = True
        names = ("dst", "amount", "at")
        pieces = zip(*(self._parts[n] for n in names), strict=True)
        found = [[c[mine[piece[0]]] for c in piece] for piece in pieces]
        dst, amount, at = (np.concatenate(c).astype(np.int64) for c in zip(*found, strict=True))
        return dst, amount, at

    def close(self) -> "Flows":
        """Put all transfers in order of time; those of the same second in the order they came."""
        columns = {n: np.concatenate(parts) for n, parts in self._parts.items()}
        order = np.argsort(columns["at"], kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        sorted_columns = {n: c[order] for n, c in columns.items()}
        ref = sorted_columns.pop("ref").astype(np.int64)
        return Flows(**sorted_columns, ref=np.where(ref < 0, -1, place[ref]), place=place)


@dataclass(frozen=True)
class Flows:
    """All transfers in order.

    Attributes
    ----------
    src, dst, amount, at, kind, purpose, loan
        As added to the :class:`Journal`.
    ref
        Place of the transfer that is referred to, else -1.
    place
        Place of each row of the journal.
    """

    src: NDArray[np.int32]
    dst: NDArray[np.int32]
    amount: Ints
    at: Ints
    kind: NDArray[np.int8]
    purpose: NDArray[np.int8]
    loan: NDArray[np.int32]
    ref: Ints
    place: Ints

    def net(self, accounts: int, months: Months) -> Floats:
        """Return money in less money out by account and week of the world, fen."""
        week = (self.at // DAY - months.first[0]) // 7
        weeks = int((months.end - 1 - months.first[0]) // 7) + 1
        size = accounts * weeks
        inward = total(self.dst * weeks + week, self.amount, size)
        outward = total(self.src * weeks + week, self.amount, size)
        return np.asarray((inward - outward).reshape(accounts, weeks))

    def ids(self, rows: Ints) -> pa.Array:
        """Return the ids of rows of the journal."""
        return numbered("T", self.place[rows] + 1, 8)

    def table(self, accounts: pa.Array, loans: pa.Array) -> pa.Table:
        """Return ``flow``; ``accounts`` and ``loans`` are the ids by number."""
        ids = numbered("T", np.arange(1, len(self.at) + 1), 8)
        return build("flow", {
            "flow_id": ids,
            "src_account": pick(accounts, self.src),
            "dst_account": pick(accounts, self.dst),
            "amount": self.amount,
            "at": times(self.at),
            "seq": np.arange(len(self.at)),
            "purpose": pick(list(PURPOSES.values()), self.purpose),
            "kind": pick(KINDS, self.kind),
            "ref": pick(ids, self.ref),
            "loan_id": pick(loans, self.loan),
        })  # fmt: skip
