"""Loans followed as transfers come in, late ones too."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from liandong.errors import UsageError
from liandong.schema.arrow import conform, empty
from liandong.schema.tables.tracing import QUEUES
from liandong.step import Tables
from liandong.texts import both
from liandong.trace.currency import Currencies, must_not_exchange
from liandong.trace.follow import FollowRule
from liandong.types import since_epoch

if TYPE_CHECKING:
    from liandong.trace.live.told import Moves


class LoanWatch:
    """Follows loans through transfers as they come in.

    All that it is asked for is what :func:`liandong.trace.follow` finds in all transfers at once,
    row by row, whatever the order in which they came in and whatever the sizes of the batches.

    Parameters
    ----------
    known
        Tables ``bank_account`` (what accounts open with, how far they may be in debt, and where
        money ends) and ``loan`` (who borrowed), as far as they are there. An account that is not
        in the table opens with nothing.
    late_hours
        A transfer may be so much older than the newest one before it.
    rule
        The rule; otherwise one is made of ``params`` and the defaults. Its ``until`` is not looked
        at.

    Raises
    ------
    UsageError
        If the rule's method is ``haircut`` or ``tiho``, or its ties are ``credits_first``: those
        need all transfers at once.
    DataError
        If what accounts open with is more than can be summed safely.

    Notes
    -----
    A transfer takes some hundreds of bytes for good, since a refund may name any. To go back for
    late ones, copies of the memory of lots are kept: some for the hours by which one may be late,
    the fewer the longer ago, and none before.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> watch, day = LoanWatch(), datetime(2026, 3, 2, tzinfo=UTC)
    >>> got = watch.see("f1", "bank", "A", 500, day, kind="disbursement", loan_id="L")
    >>> got = watch.see("f2", "A", "B", 300, day, seq=1)
    >>> [(row.loan_id, row.dst_account, row.amount) for row in got.trail]
    [('L', 'B', 300)]
    >>> watch.tables()["holding"]["amount"].to_pylist()
    [200, 300]
    """

    def __init__(
        self,
        known: Tables | None = None,
        *,
        late_hours: int = 24,
        rule: FollowRule | None = None,
        **params: object,
    ) -> None:
        # Compiled code takes a second to load: only a watch needs it.
        from liandong.trace.live import told
        from liandong.trace.live.stream import Stream, Transfer

        self._live, self._transfer = told, Transfer
        self._rule = rule if rule is not None else FollowRule.make(**params)
        _must_stream(self._rule)
        account, self._loan = (
            conform(n, (known or {}).get(n, empty(n))) for n in ("bank_account", "loan")
        )
        self._account, self._late_hours = account, late_hours
        self._currencies = Currencies(account)
        self._stream = Stream(self._rule, account, late_hours)

    def see(  # noqa: PLR0913, PLR0917 - the columns of the table
        self, flow_id: str, src_account: str, dst_account: str, amount: int, at: datetime,
        seq: int = 0, kind: str = "transfer", ref: str | None = None, loan_id: str | None = None,
    ) -> "Moves | None":  # fmt: skip
        """Take one transfer.

        Parameters
        ----------
        flow_id, src_account, dst_account, amount, at, seq, kind, ref, loan_id
            As in the table ``flow``: fen, and a moment with a zone.

        Returns
        -------
        Moves or None
            What :meth:`take` would tell, as lists of named tuples: there is no time for tables.
            None if it moved no money of a loan and changed nothing.

        Raises
        ------
        DataError
            If it is there already, too late or exchanged into another currency, or all amounts
            together are more than can be summed safely; then it is not taken.
        """
        self._currencies.must_not_exchange(flow_id, src_account, dst_account)
        live, when = self._live, since_epoch(at)
        one = self._transfer(
            flow_id, src_account, dst_account, amount, when, seq, kind, ref, loan_id
        )  # fmt: skip
        told = self._stream.add(one)
        if told is None:
            return None
        if told.own:
            found = live.own_trail(self._stream, self._rule, told, one, at)
        else:
            found = live.moves(self._stream, self._rule, told)
        return found if found.trail or found.withdrawn else None

    def take(self, flow: pa.Table) -> Tables:
        """Take transfers of the table ``flow``, in any order.

        Returns
        -------
        dict
            Tables ``trail`` and ``withdrawn``, both like ``trail``. A late transfer may change what
            later ones moved, and the steps of its loans: rows told before that no longer hold are
            withdrawn, and the right ones told. Of all that was ever told, what was not withdrawn
            is ``trail`` as :meth:`tables` has it.

        Raises
        ------
        DataError
            If one is there already, too late or exchanged into another currency, or all amounts
            together are more than can be summed safely; then none is taken.
        """
        live, flow = self._live, conform("flow", flow)
        must_not_exchange(flow, self._account)
        flow = flow.set_column(
            flow.column_names.index("at"), "at", flow["at"].cast(pa.int64())
        ).select(self._transfer._fields)  # fmt: skip
        columns = [c.to_pylist() for c in flow.columns]
        some = [self._transfer(*row) for row in zip(*columns, strict=True)]
        told = self._stream.add_all(some) if some else None
        found = live.moves(self._stream, self._rule, told) if told is not None else ([], [])
        return dict(zip(("trail", "withdrawn"), map(live.as_table, found), strict=True))

    def tables(self) -> Tables:
        """Return ``trail``, ``holding``, ``lot`` and ``rollover`` by now.

        This goes once through all transfers.

        Raises
        ------
        InvariantError
            If a fen of a loan or of an account is lost.
        """
        return self._live.everything(self._stream, self._rule, self._loan)

    def save(self) -> bytes:
        """Return all that has to be kept to go on later: the same state, the same bytes."""
        from liandong.trace.live.saved import packed

        return packed(self._stream, self._account, self._rule, self._late_hours)

    @classmethod
    def load(cls, saved: bytes, known: Tables | None = None) -> Self:
        """Return a watch that goes on where :meth:`save` was called.

        Parameters
        ----------
        saved
            What it returned; from a source you trust.
        known
            Table ``loan``, as for a new watch: it is not saved. Accounts are.
        """
        from liandong.trace.live.saved import unpacked

        kept = unpacked(saved)
        tables = {**(known or {}), "bank_account": kept.account}
        watch = cls(tables, late_hours=kept.late_hours, rule=kept.rule)
        kept.fill(watch._stream)
        return watch


def _must_stream(rule: FollowRule) -> None:
    """Refuse what needs all transfers at once."""
    for name, value, known in (
        ("method", rule.method, QUEUES), ("ties", rule.ties, ("stored",))
    ):  # fmt: skip
        if value not in known:
            raise UsageError(
                what=both("fault.not_live", name=name, value=value),
                remedy=both("advice.not_live", known=", ".join(known)),
            )
