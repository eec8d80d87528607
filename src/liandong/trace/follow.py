"""Following loans through accounts by a rule of which money leaves first."""

from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, model_validator

from liandong.errors import InvariantError, NotFoundError, UnfitError
from liandong.schema.tables.tracing import QUEUES
from liandong.step import Rule, Tables, fold
from liandong.texts import both
from liandong.trace.found import Found, holding, lot, rollover, trail
from liandong.trace.log import Log, read_log, up_to
from liandong.trace.order import Ties
from liandong.trace.worth import Sums, valued

Int = NDArray[np.int64]
Method = Literal["fifo", "lifo", "clean_first", "taint_first", "haircut", "tiho"]
DAY_US = 86_400_000_000


class FollowRule(Rule):
    """Which loans are followed, by what rule, and until when.

    Attributes
    ----------
    method
        Which money leaves an account first: ``fifo`` the oldest, ``lifo`` the newest,
        ``clean_first`` what no loan brought and then the oldest of loans, ``taint_first`` the other
        way round; ``haircut`` all in proportion; ``tiho`` loans' money with the largest payments of
        a window. The last two have no lots.
    loans
        Ids of loans; none means all.
    until
        Last day (UTC) whose transfers count; None means all.
    lots
        Whether the lots are told that prove every sum. Without them less memory is needed.
    backward
        Money of a loan that paid an overdraft is told where the overdraft had gone, rather than as
        paid to the bank. Courts allow it for coordinated schemes only.
    window_days
        How many days a window of ``tiho`` has, counted from 1 January 1970 (UTC), so that it does
        not depend on what else is in the log; 0: all is one window.
    ties
        Order of transfers of one time and number: ``stored`` by id; ``credits_first`` what an
        account receives before what it pays, where that can be.
    """

    method: Method = "fifo"
    loans: tuple[str, ...] = ()
    until: date | None = None
    lots: bool = True
    backward: bool = False
    window_days: int = Field(default=0, ge=0)
    ties: Ties = "stored"

    @model_validator(mode="after")
    def _lots_for_backward(self) -> "FollowRule":
        if self.backward and self.method not in QUEUES:
            raise UnfitError(what=both("unfit.backward", method=self.method))
        return self


@fold(
    reads=("flow", "bank_account", "loan"),
    writes=("trail", "holding", "lot", "rollover"),
    rule=FollowRule,
    part=("method",),
)
def follow(tables: Tables, rule: FollowRule) -> Tables:
    """Follow loans through transfers in the order (at, seq, flow_id) by the rule's method.

    A disbursement that names its loan puts the loan's money into the payee's account (the payer is
    not debited); a repayment that names a loan ends in ``repaid:LOAN``; what reaches an account of
    cash, fees or taxes ends there. The opening balance is the oldest money of an account and, like
    all money that no loan brought, is not followed.

    What an account pays beyond what it holds is a debt to its bank as far as its ``facility`` goes,
    and unexplained beyond (see ``trace.examine``); the payee gets money that is not followed. What
    reaches an account in debt pays the oldest debt first and ends in ``overdraft:ACCOUNT``.

    A transfer to oneself or of nothing does nothing. A negative amount, a reversal or a refund
    whose ``ref`` names an earlier transfer between the same accounts gives that one back: money of
    the same origins in proportion, as far as the payee still holds it, to where it was in the
    payer's account. What is beyond that, or names no such transfer, is an ordinary transfer.

    What reaches an account of another currency (``bank_account.currency``) is exchanged at the rate
    of the transfer (``flow.received`` to ``flow.amount``), piece by piece in the order in which it
    leaves. Amounts of a loan stay in its currency, that of the account it was first paid out to: a
    piece keeps its worth until it reaches an account of that currency again. There it is worth
    what arrives, and the difference is in the sink ``fx`` (a gain is less than nothing), as is what
    was exchanged for nothing. ``converted`` is the amount in the account's currency where that is
    another. A transfer that was exchanged is not given back: a refund of it is an ordinary one.

    ``holding.cap`` is the least balance of the account since the loan's money first reached it, if
    that is less than the amount (Roscoe v Winder [1915] 1 Ch 62).

    Raises
    ------
    NotFoundError
        If the rule names a loan that is neither in ``loan`` nor in ``flow``.
    DataError
        If all amounts together are more than can be summed safely; if a transfer between
        currencies does not say what was received, or one within a currency says another amount; or
        if a loan is paid out or repaid between accounts of which none is in its currency.
    InvariantError
        If a fen of a loan or of an account is lost: nothing is returned then.
    """
    flow = up_to(tables["flow"], rule.until)
    log = read_log(flow, tables["bank_account"], rule.ties)
    followed = which_followed(rule.loans, log.loans, tables)
    found = Found(rule.method, flow, log, followed, rule.backward)
    return written(found, _moved(flow, log, rule), tables["loan"], lots=rule.lots)


def written(found: Found, traced: tuple[Any, ...], loan: pa.Table, *, lots: bool) -> Tables:
    """Return all tables of a trace, once no fen is lost: InvariantError if one is.

    ``traced`` is what a kernel returned, ``lots`` whether lots are told.
    """
    moved, held, balance, short, debts, *evidence = traced
    _no_fen_of_an_account_lost(found.log, balance, short)
    sums = valued(found.log, (moved, held, debts, *evidence))
    _no_fen_of_a_loan_lost(found.log, sums)
    places = holding(found, sums)
    return {
        **trail(found, sums),
        **places,
        **lot(found, sums if lots else None),
        **rollover(found, places["holding"], balance, loan),
    }


def _moved(flow: pa.Table, log: Log, rule: FollowRule) -> tuple[Any, ...]:
    """Send transfers through accounts by the rule's method."""
    # Compiled code takes a second to load: only a trace needs it.
    src, dst = log.legs[2:]
    undoes = log.undoes if (log.undoes >= 0).any() else log.undoes[:0]
    exchanges = len(log.currency) > 0
    amount = np.stack([log.amount, log.arrives]) if exchanges else log.amount
    rest = (amount, undoes, log.opening, log.origin, log.facility)
    if rule.method in QUEUES:
        from liandong.kernels.money import queues

        merge = not (rule.lots or rule.backward or exchanges)
        method = queues.METHODS[rule.method]._replace(merge=merge)
        narrow = np.ascontiguousarray(src, np.int32), np.ascontiguousarray(dst, np.int32)
        return queues.trace(*narrow, *rest, rule=method)
    src, dst = np.ascontiguousarray(src), np.ascontiguousarray(dst)
    if rule.method == "haircut":
        from liandong.kernels.money import haircut

        return haircut.trace(src, dst, *rest)
    from liandong.kernels.money import windowed

    return windowed.trace(src, dst, *rest, _windows(flow, log, rule.window_days))


def _windows(flow: pa.Table, log: Log, days: int) -> Int:
    """Return by transfer in which window it is."""
    if not days:
        return np.zeros(len(log.row), np.int64)
    window: Int = flow["at"].cast(pa.int64()).to_numpy()[log.row] // (days * DAY_US)
    return window


def which_followed(wanted: tuple[str, ...], loans: pa.Array, tables: Tables) -> NDArray[np.bool_]:
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
    np.add.at(book, dst, log.arrives)
    for node in np.flatnonzero(book != balance)[:1]:
        names = log.accounts.to_pylist()
        raise InvariantError(
            what=both("fault.account_off", held=balance[node], book=book[node]),
            row=names[node] if node < len(names) else f"#{node}",
        )


def _no_fen_of_a_loan_lost(log: Log, sums: Sums) -> None:
    disbursed = log.opening[log.origin > 0]
    found = sums.lost(len(log.loans))
    for rows in (sums.held, sums.debts):
        np.add.at(found, rows[:, 1] - 1, rows[:, 2])
    for loan in np.flatnonzero(found != disbursed)[:1]:
        raise InvariantError(
            what=both("fault.loan_off", paid=disbursed[loan], found=found[loan]),
            row=log.loans[loan].as_py(),
        )
