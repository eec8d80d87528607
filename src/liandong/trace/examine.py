"""What is odd in a log of transfers, before any money is followed: nothing is skipped silently."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Rule, Tables, fold, output
from liandong.trace.log import Log, gives_back, read_log, up_to
from liandong.trace.ties.entangled import entangled, moments_of

Int = NDArray[np.int64]


class ExamineRule(Rule):
    """Until when transfers are looked at.

    Attributes
    ----------
    until
        Last day (UTC) whose transfers count; None means all.
    """

    until: date | None = None


@fold(reads=("flow", "bank_account"), writes=("shortfall", "oddity"), rule=ExamineRule)
def examine(tables: Tables, rule: ExamineRule) -> Tables:
    """Tell which accounts paid money that nobody saw come, and which transfers are odd.

    ``shortfall`` has every account that paid more than its opening balance, what came in and its
    facility: the amount is the least by which its opening balance must have been higher. No method
    of ``trace.follow`` changes that; there the amount is money of no loan.

    Amounts are in the currency of the account that pays.

    ``oddity`` has transfers that ``trace.follow`` treats by a rule of its own:

    - ``to_itself``, ``of_nothing``: they do nothing;
    - ``beyond_original``: with it more is given back than the original was; what is beyond is an
      ordinary transfer;
    - ``original_missing``, ``original_later``, ``original_between_others``, ``without_original``:
      a refund, a reversal or a negative amount that gives back nothing known: an ordinary transfer;
    - ``original_exchanged``: what it gives back was exchanged, and the rate of another day may make
      another sum of it: an ordinary transfer;
    - ``paid_out_again``: the loan was paid out before; both count;
    - ``leaves_sink``: cash, fees and taxes are not followed through: it is money of no loan;
    - ``same_moment``: at its time and number, its payer or its payee pays or is paid once more: ids
      decide what comes first (``ties`` of ``trace.follow``; what depends on it, ``trace.ties``).

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely, or currencies are missing, see
        ``trace.follow``.
    """
    flow = up_to(tables["flow"], rule.until)
    log = read_log(flow, tables["bank_account"])
    return {**_shortfall(flow, log, tables["bank_account"]), **_oddity(flow, log)}


def _shortfall(flow: pa.Table, log: Log, bank_account: pa.Table) -> Tables:
    from liandong.kernels.money.books import shortfalls

    src, dst = (np.ascontiguousarray(log.legs[k], np.int32) for k in (2, 3))
    _, short, first = shortfalls(src, dst, log.amount, log.arrives, log.opening, log.facility)
    account = np.flatnonzero(short[: len(log.accounts)])
    rows = flow.take(log.row[first[account]])
    ids = log.accounts.take(account)
    return output(
        "shortfall",
        account_id=ids, amount=short[account], flow_id=rows["flow_id"], at=rows["at"],
        known=pc.is_in(ids, value_set=bank_account["account_id"]),
    )  # fmt: skip


def _oddity(flow: pa.Table, log: Log) -> Tables:
    rows = flow.take(log.row)
    src, dst = log.legs[:2]
    amount = rows["amount"].to_numpy()
    found = {
        "to_itself": (src == dst, amount),
        "of_nothing": (amount == 0, amount),
        "beyond_original": _beyond(log),
        "paid_out_again": (_again(rows), amount),
        "leaves_sink": (log.legs[2] == len(log.opening) - 1, amount),
        "same_moment": (entangled(moments_of(flow, log), log) >= 0, amount),
        **{kind: (mask, amount) for kind, mask in _unmatched(rows, log).items()},
    }
    told = [(kind, np.flatnonzero(mask), x) for kind, (mask, x) in found.items()]
    at = np.concatenate([n for _, n, _ in told])
    return output(
        "oddity",
        flow_id=rows["flow_id"].take(at),
        kind=[kind for kind, n, _ in told for _ in n],
        amount=np.concatenate([x[n] for _, n, x in told]), at=rows["at"].take(at),
    )  # fmt: skip


def _beyond(log: Log) -> tuple[NDArray[np.bool_], Int]:
    """Return which transfers give back more than is left of the original, and how much more."""
    left, beyond = log.amount.copy(), np.zeros(len(log.amount), np.int64)
    for i in np.flatnonzero(log.undoes >= 0):
        original = log.undoes[i]
        beyond[i] = max(log.amount[i] - left[original], 0)
        left[original] -= log.amount[i] - beyond[i]
    return beyond > 0, beyond


def _unmatched(rows: pa.Table, log: Log) -> dict[str, NDArray[np.bool_]]:
    """Return which transfers would give something back, but nothing known, and why."""
    back = gives_back(rows).to_numpy() & (log.undoes < 0)
    named = pc.is_valid(rows["ref"]).to_numpy()
    at = pc.fill_null(pc.index_in(rows["ref"], value_set=rows["flow_id"]), -1).to_numpy()
    later = at >= np.arange(len(at))
    exchanged = np.zeros(len(at), bool)
    if len(log.currency):
        same = (log.legs[:2] == log.legs[1::-1, at]).all(axis=0)
        giver, taker = log.currency[log.legs[2:, at]]
        exchanged = same & (giver != taker)
    return {
        "without_original": back & ~named,
        "original_missing": back & named & (at < 0),
        "original_later": back & named & later,
        "original_between_others": back & named & (at >= 0) & ~later & ~exchanged,
        "original_exchanged": back & named & (at >= 0) & ~later & exchanged,
    }


def _again(rows: pa.Table) -> NDArray[np.bool_]:
    """Return which rows pay out a loan that was paid out before."""
    out: NDArray[np.bool_]
    kind, loan = pc.equal(rows["kind"], "disbursement"), rows["loan_id"]
    out = pc.and_(pc.and_(kind, pc.is_valid(loan)), pc.greater(rows["amount"], 0)).to_numpy()
    number = np.flatnonzero(out)
    ids = loan.take(number).to_numpy()
    again = np.ones(len(number), bool)
    again[np.unique(ids.astype(str), return_index=True)[1]] = False
    out[number] = again
    return out
