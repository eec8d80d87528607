"""Following loans through accounts by a rule of which money leaves first."""

from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.errors import InvariantError, NotFoundError
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both
from liandong.trace.log import Log, read_log, up_to

Int = NDArray[np.int64]
Method = Literal["fifo"]


class FollowRule(Rule):
    """Which loans are followed, by what rule, and until when.

    Attributes
    ----------
    method
        Which money leaves an account first: ``fifo`` the oldest.
    loans
        Ids of loans; none means all.
    until
        Last day (UTC) whose transfers count; None means all.
    """

    method: Method = "fifo"
    loans: tuple[str, ...] = ()
    until: date | None = None


@fold(
    reads=("flow", "bank_account", "loan"),
    writes=("trail", "holding"),
    rule=FollowRule,
    part=("method",),
)
def follow(tables: Tables, rule: FollowRule) -> Tables:
    """Follow loans through transfers in the order (at, seq, flow_id), oldest money first.

    A disbursement that names its loan puts the loan's money into the payee's account (the payer is
    not debited); a repayment that names a loan ends in ``repaid:LOAN``; what reaches an account of
    cash, fees or taxes ends there. The opening balance is the oldest money of an account and, like
    all money that no loan brought, is not followed. An account that pays more than it holds pays
    the rest with such money too.

    A transfer to oneself or of nothing does nothing. A negative amount, a reversal or a refund
    whose ``ref`` names an earlier transfer between the same accounts gives that one back: money of
    the same origins in proportion, as far as the payee still holds it, as the payer's oldest. What
    is beyond that, or names no such transfer, is an ordinary transfer of the money.

    Raises
    ------
    NotFoundError
        If the rule names a loan that is neither in ``loan`` nor in ``flow``.
    DataError
        If all amounts together are more than can be summed safely.
    InvariantError
        If a fen of a loan or of an account is lost: nothing is returned then.
    """
    # Compiled code takes a second to load: only a trace needs it.
    from liandong.kernels.fifo import trace

    flow = up_to(tables["flow"], rule.until)
    log = read_log(flow, tables["bank_account"])
    followed = _followed(rule.loans, log.loans, tables)
    src, dst = np.ascontiguousarray(log.legs[2]), np.ascontiguousarray(log.legs[3])
    undoes = log.undoes if (log.undoes >= 0).any() else log.undoes[:0]
    moved, held, balance, short = trace(src, dst, log.amount, undoes, log.opening, log.origin)
    _no_fen_of_an_account_lost(log, balance, short)
    _no_fen_of_a_loan_lost(log, held)
    return {
        **_trail(flow, log, moved[followed[moved[:, 1] - 1]], rule),
        **_holding(log, held[followed[held[:, 1] - 1]], rule),
    }


def _followed(wanted: tuple[str, ...], loans: pa.Array, tables: Tables) -> NDArray[np.bool_]:
    """Return by number of the loan whether it is followed."""
    if not wanted:
        return np.ones(len(loans), bool)
    known = {i for t in ("flow", "loan") for i in tables[t]["loan_id"].unique().to_pylist()}
    for name in sorted({*wanted} - known):
        remedy = both("advice.ids_in_table", table="loan")
        raise NotFoundError(kind=both("kind.loan"), name=name, remedy=remedy)
    return np.isin(loans.to_numpy(zero_copy_only=False), wanted)


def _no_fen_of_an_account_lost(log: Log, balance: Int, short: Int) -> None:
    src, dst = log.legs[2:]
    book = log.opening + short
    np.subtract.at(book, src, log.amount)
    np.add.at(book, dst, log.amount)
    for node in np.flatnonzero(book != balance)[:1]:
        names = log.accounts.to_pylist()
        raise InvariantError(
            what=both("fault.account_off", held=balance[node], book=book[node]),
            row=names[node] if node < len(names) else f"#{node}",
        )


def _no_fen_of_a_loan_lost(log: Log, held: Int) -> None:
    disbursed = log.opening[log.origin > 0]
    found = np.zeros(len(log.loans), np.int64)
    np.add.at(found, held[:, 1] - 1, held[:, 2])
    for loan in np.flatnonzero(found != disbursed)[:1]:
        raise InvariantError(
            what=both("fault.loan_off", paid=disbursed[loan], found=found[loan]),
            row=log.loans[loan].as_py(),
        )


def _trail(flow: pa.Table, log: Log, moved: Int, rule: FollowRule) -> Tables:
    """Return what each transfer moved of each loan; steps count a loan's transfers from 0."""
    moved = moved[np.lexsort((moved[:, 0], moved[:, 1]))]
    i, loan, amount = moved.T
    first = np.searchsorted(loan, loan)
    rows = flow.take(log.row[i])
    return output(
        "trail",
        method=[rule.method] * len(i),
        loan_id=log.loans.take(loan - 1), flow_id=rows["flow_id"],
        step=np.arange(len(i)) - first,
        src_account=log.accounts.take(log.legs[0, i]),
        dst_account=log.accounts.take(log.legs[1, i]),
        amount=amount, at=rows["at"],
    )  # fmt: skip


def _holding(log: Log, held: Int, rule: FollowRule) -> Tables:
    """Return where each loan's money is: in an account, in a sink, or paid back."""
    accounts, loans = len(log.accounts), len(log.loans)
    node, loan, amount = held.T
    # Money back in a loan's source is with the lender, like what reached the node of repayment.
    place = np.where(node >= accounts + loans, node - loans, node)
    pairs, pair = np.unique(loan * (accounts + loans) + place, return_inverse=True)
    loan, place = np.divmod(pairs, accounts + loans or 1)
    total = np.zeros(len(pairs), np.int64)
    np.add.at(total, pair, amount)
    repaid = pa.array([f"repaid:{name}" for name in log.loans.to_pylist()], pa.string())
    kind = np.where(place >= accounts, "repaid", np.where(log.sinks[place], "sink", "held"))
    return output(
        "holding",
        method=[rule.method] * len(pairs),
        loan_id=log.loans.take(pa.array(loan - 1)),
        place=pa.concat_arrays([log.accounts, repaid]).take(pa.array(place)),
        kind=kind.tolist(),
        amount=total,
    )
