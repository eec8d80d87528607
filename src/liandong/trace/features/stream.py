"""Features of transfers as they come, batch by batch, with the bits of the whole log."""

import io
import json
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.schema.arrow import conform, empty
from liandong.step.totals import refuse_large, size
from liandong.texts import both
from liandong.trace.currency import must_not_exchange
from liandong.trace.features.wide import account_features, flow_features, micros, spans
from liandong.trace.order import in_order

Int = NDArray[np.int64]
Place = tuple[int, int, str]

BEFORE_ALL: Place = (-(1 << 62), 0, "")


class _Known(NamedTuple):
    """All that is known after some transfer: the state, accounts by number, the last place."""

    state: Int
    accounts: dict[str, int]
    end: Place

    def copy(self) -> "_Known":
        return _Known(self.state.copy(), dict(self.accounts), self.end)


class FlowStream:
    """The features of ``trace.features``, transfer by transfer.

    Batches of any size give the rows that the step gives for the whole log, bit for bit. A late
    transfer, one that belongs before others that have been pushed, is put in its place: the stream
    goes back to its last mark and replays from there. What belongs before the mark is refused.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from liandong.schema.arrow import build
    >>> day = datetime(2026, 1, 1, tzinfo=UTC)
    >>> one = build("flow", {"flow_id": ["f1"], "src_account": ["A"], "dst_account": ["B"],
    ...     "amount": [100], "at": [day], "seq": [1], "kind": ["transfer"]})
    >>> FlowStream().push(one)["src_out_sum_1d"].to_pylist()
    [100]
    """

    def __init__(self) -> None:
        from liandong.kernels.graphs.flowstate import start

        self._now = _Known(start(spans()), {}, BEFORE_ALL)
        self._total = 0
        self.mark()

    def mark(self) -> None:
        """Let what was pushed so far stand: late transfers can be put in after this point only."""
        self._marked = self._now.copy()
        self._since: list[pa.Table] = []

    def push(self, flow: pa.Table) -> pa.Table:
        """Take transfers, and return the features of all rows that are new or have changed.

        Parameters
        ----------
        flow
            Rows of the table ``flow`` in any order.

        Returns
        -------
        pyarrow.Table
            ``flow_feature`` in order of time: the rows of ``flow`` and, if some of them are late,
            all that come after the earliest of them (those may look different now).

        Raises
        ------
        DataError
            If a transfer belongs before the last mark or is there already, if another amount was
            received than paid, or if all amounts together are more than can be summed safely.
            Nothing is taken then.
        """
        new = _ordered(conform("flow", flow))
        must_not_exchange(new, empty("bank_account"))
        total = self._total + int(size(new["amount"])["total"][0].as_py())
        refuse_large(float(total), "flow")
        if not len(new):
            return empty("flow_feature")
        late = _place(new, 0) <= self._now.end
        every = _ordered(pa.concat_tables([*self._since, new])) if late else new
        _once(every)
        if late:
            self._must_follow_mark(new)
            self._now, self._since = self._marked.copy(), []
        found = self._go_on(every)
        self._total = total
        self._since.append(every)
        begin = pc.index(every["flow_id"], new["flow_id"][0]).as_py()
        return found.slice(begin)

    def _must_follow_mark(self, new: pa.Table) -> None:
        if _place(new, 0) <= self._marked.end:
            raise DataError(
                file="flow",
                what=both("fault.late_flow", flow=new["flow_id"][0].as_py()),
                remedy=both("advice.late_flow"),
            )

    def _go_on(self, new: pa.Table) -> pa.Table:
        """Let transfers happen that come after all the others."""
        from liandong.kernels.graphs.flowstate import with_accounts

        back = pc.less(new["amount"], 0)
        src = pc.if_else(back, new["dst_account"], new["src_account"])
        dst = pc.if_else(back, new["src_account"], new["dst_account"])
        known = self._now.accounts
        ends = _numbers(src, known), _numbers(dst, known)
        paid = new.set_column(new.schema.get_field_index("amount"), "amount", pc.abs(new["amount"]))
        state, found = flow_features(with_accounts(self._now.state, len(known)), ends, paid)
        self._now = _Known(state, known, _place(new, len(new) - 1))
        return found["flow_feature"]

    def accounts(self) -> pa.Table:
        """Return ``account_feature`` of all accounts at the time of the last transfer."""
        state, accounts, (at, _, _) = self._now.copy()
        last = pa.scalar(at, pa.timestamp("us", "UTC")) if accounts else None
        ids = pa.array(list(accounts), pa.string())
        return account_features(state, ids, last)["account_feature"].sort_by("account_id")

    def save(self) -> bytes:
        """Return the stream as bytes, marked as it is now; :meth:`load` goes on from them."""
        self.mark()
        told = {"accounts": list(self._now.accounts), "end": self._now.end, "total": self._total}
        file = io.BytesIO()
        words = np.frombuffer(json.dumps(told).encode(), np.uint8)
        np.savez(file, state=self._now.state, told=words)
        return file.getvalue()

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """Return the stream that :meth:`save` wrote; from a source you trust."""
        with np.load(io.BytesIO(saved), allow_pickle=False) as file:
            state, told = file["state"], json.loads(file["told"].tobytes())
        stream = cls()
        accounts = {a: n for n, a in enumerate(told["accounts"])}
        at, seq, flow = told["end"]
        stream._now = _Known(state, accounts, (at, seq, flow))
        stream._total = told["total"]
        stream.mark()
        return stream


def _ordered(flow: pa.Table) -> pa.Table:
    return flow.take(in_order(flow))


def _place(flow: pa.Table, row: int) -> Place:
    """Return the place of a transfer in the one order."""
    one = flow.slice(row, 1)
    return int(micros(one["at"])[0]), one["seq"][0].as_py(), one["flow_id"][0].as_py()


def _once(flow: pa.Table) -> None:
    ids = flow["flow_id"]
    if pc.count_distinct(ids).as_py() < len(ids):
        counts = pc.value_counts(ids)
        twice = [c["values"].as_py() for c in counts if c["counts"].as_py() > 1]
        what = both("fault.flow_twice", flow=min(twice))
        raise DataError(file="flow", what=what, remedy=both("advice.flow_twice"))


def _numbers(ids: pa.ChunkedArray, known: dict[str, int]) -> Int:
    """Return the numbers of accounts; new ones get the next."""
    coded = pa.chunked_array(ids.chunks, pa.string()).combine_chunks().dictionary_encode()
    numbers = [known.setdefault(a, len(known)) for a in coded.dictionary.to_pylist()]
    found: Int = np.array(numbers, np.int64)[coded.indices.to_numpy()]
    return found
