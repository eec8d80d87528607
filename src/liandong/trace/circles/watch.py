"""Circles found as transfers come in, late ones too."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.arrow import build, conform, empty
from liandong.schema.packing import packed, unpacked
from liandong.step import Tables
from liandong.trace.circles.find import may_be_legs
from liandong.trace.circles.judge import Known, judged
from liandong.trace.circles.rule import CirclesRule
from liandong.trace.currency import Currencies, must_not_exchange
from liandong.types import since_epoch

if TYPE_CHECKING:
    from liandong.trace.circles.stream import Added

Int = NDArray[np.int64]

KNOWN = ("bank_account", "loan", "party_group", "trail")
ORDER = [(n, "ascending") for n in ("at", "seq", "flow_id")]


class CircleWatch:
    """Watches transfers and tells each circle when its last leg to come in comes in.

    It keeps what may still be a leg: the transfers of the rule's window and of the time by which
    one may be late. All circles told, later ones in the place of earlier ones of the same id, are
    those that :func:`liandong.trace.circles` finds in all transfers at once, whatever the order in
    which they came in and whatever the sizes of the batches.

    Parameters
    ----------
    known
        Tables ``bank_account``, ``loan``, ``party_group`` and ``trail``, as far as they are there:
        what owners and loans are told by.
    late_hours
        A transfer may be so much older than the newest one before it.
    rule
        The rule; otherwise one is made of ``params`` and the defaults. Its ``until`` is not looked
        at.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> watch = CircleWatch(hours=24)
    >>> watch.see("f1", "A", "B", 500_000, datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    >>> closed = watch.see("f2", "B", "A", 490_000, datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
    >>> closed["circle"]["retained"].to_pylist()
    [980000]
    """

    def __init__(
        self,
        known: Tables | None = None,
        *,
        late_hours: int = 24,
        rule: CirclesRule | None = None,
        **params: object,
    ) -> None:
        # Compiled code takes a second to load: only a watch needs it.
        from liandong.trace.circles.stream import Stream

        self._rule = rule if rule is not None else CirclesRule.make(**params)
        tables = {n: conform(n, (known or {}).get(n, empty(n))) for n in KNOWN}
        self._known = Known(tables, self._rule)
        self._account = tables["bank_account"]
        self._currencies = Currencies(self._account)
        self._late_hours = late_hours
        self._stream = Stream(self._rule, late_hours)
        self._number: dict[str, int] = {}
        self._names: list[str] = []

    def see(
        self, flow_id: str, src_account: str, dst_account: str, amount: int, at: datetime,
        seq: int = 0, kind: str = "transfer",
    ) -> Tables | None:  # fmt: skip
        """Take one transfer.

        Parameters
        ----------
        flow_id, src_account, dst_account, amount, at, seq, kind
            As in the table ``flow``: fen, and a moment with a zone.

        Returns
        -------
        dict or None
            Tables ``circle`` and ``circle_leg`` of the circles of which it is a leg; None if it is
            a leg of none.

        Raises
        ------
        DataError
            If it is too late or exchanged into another currency, or there are more circles than
            the rule allows; then it is not taken.
        """
        rule = self._rule
        if src_account == dst_account or amount < rule.least or kind not in rule.kinds:
            return None
        self._currencies.must_not_exchange(flow_id, src_account, dst_account)
        when = since_epoch(at)
        one = (self._of(src_account), self._of(dst_account), amount, when, seq)
        added = self._stream.add_one(one, flow_id, len(self._names))
        return self._told(added) if added is not None else None

    def take(self, flow: pa.Table) -> Tables:
        """Take transfers of the table ``flow``, in any order.

        Returns
        -------
        dict
            Tables ``circle`` and ``circle_leg`` of the circles of which one of them is a leg.

        Raises
        ------
        DataError
            If one is too late or exchanged into another currency, or there are more circles than
            the rule allows; then none is taken.
        """
        flow = may_be_legs(conform("flow", flow), self._rule)
        must_not_exchange(flow, self._account)
        if not len(flow):
            return {"circle": empty("circle"), "circle_leg": empty("circle_leg")}
        flow = flow.sort_by(ORDER)
        moves, ids = self._moves(flow), flow["flow_id"].to_pylist()
        return self._told(self._stream.add(moves, ids, len(self._names)))

    def save(self) -> bytes:
        """Return all that has to be kept to go on later: the same state, the same bytes."""
        moves, ids = self._stream.kept()
        src, dst = (self._accounts(moves[end]) for end in (0, 1))
        kept = pa.table(
            {"flow_id": pa.array(ids, pa.string()), "src_account": src, "dst_account": dst,
             "amount": moves[2], "at": moves[3], "seq": moves[4]},
        )  # fmt: skip
        about = {"rule": self._rule.to_toml(), "late_hours": str(self._late_hours)}
        return packed(kept, about)

    @classmethod
    def load(cls, saved: bytes, known: Tables | None = None) -> Self:
        """Return a watch that goes on where :meth:`save` was called.

        Parameters
        ----------
        saved
            What it returned.
        known
            As for a new watch: it is not saved.
        """
        kept, about = unpacked(saved)
        rule = CirclesRule.from_toml(about["rule"])
        watch = cls(known, late_hours=int(about["late_hours"]), rule=rule)
        if len(kept):
            moves, ids = watch._moves(kept), kept["flow_id"].to_pylist()
            watch._stream.add(moves, ids, len(watch._names), search=False)
        return watch

    def _of(self, account: str) -> int:
        """Return the number of an account."""
        number = self._number.get(account)
        if number is None:
            number = self._number[account] = len(self._names)
            self._names.append(account)
        return number

    def _moves(self, flow: pa.Table) -> Int:
        columns = []
        for end in ("src_account", "dst_account"):
            coded = flow[end].combine_chunks().dictionary_encode()
            number = np.array([self._of(a) for a in coded.dictionary.to_pylist()], np.int64)
            columns.append(number[coded.indices.to_numpy()])
        numbers = (flow["amount"], flow["at"].cast(pa.int64()), flow["seq"])
        return np.stack([*columns, *(c.to_numpy() for c in numbers)])

    def _told(self, added: "Added") -> Tables:
        """Describe and judge what was found."""
        rows, found = np.unique(added.found[added.found >= 0], return_inverse=True)
        at = np.full(added.found.shape, -1)
        at[added.found >= 0] = found
        moves = added.moves[:, rows]
        flow = build("flow", {
            "flow_id": [added.ids[r] for r in rows.tolist()],
            "src_account": self._accounts(moves[0]), "dst_account": self._accounts(moves[1]),
            "amount": moves[2], "at": pa.array(moves[3]).cast(pa.timestamp("us", "UTC")),
            "seq": moves[4], "kind": ["transfer"] * len(rows),
        })  # fmt: skip
        return judged(flow, at, self._known, self._rule)

    def _accounts(self, numbers: Int) -> pa.Array:
        return pa.array([self._names[n] for n in numbers.tolist()], pa.string())
