"""The book of vouchers: which lots there are, who holds what, and which acts cannot be."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from liandong.schema.tables.vouchers import FAULTS
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.trace.receivables.acts import KIND, NONE, Acts, china_days, read_acts
from liandong.trace.receivables.lots import Book, lot_ids, must_conserve
from liandong.types import PPM

Int = NDArray[np.int64]


class VouchersRule(Rule):
    """Until when acts count, and how interest is reckoned.

    Attributes
    ----------
    as_of
        Last day (in China) whose acts count, and on which states are told; None: all acts, on the
        day of the last.
    year_days
        Days of a year of interest.
    """

    as_of: date | None = None
    year_days: int = Field(default=360, ge=360, le=366)


@fold(
    reads=("voucher_act",),
    writes=("voucher_lot", "voucher_move", "voucher_holding", "voucher_discount", "voucher_fault"),
    rule=VouchersRule,
)
def vouchers(tables: Tables, rule: VouchersRule) -> Tables:
    """Do all acts on vouchers in the order (at, seq, act_id), and tell which cannot be.

    An issue makes the first lot of a voucher; a split, a transfer or a discount takes from lots of
    its holder and makes a lot of each; a settlement or a cancellation ends them. An act that names
    a lot takes that lot; one that names a voucher, the holder's oldest lots of it; one that names
    neither, his oldest of all that are not yet due, which must be due on one day. An act that
    cannot be done in full is not done at all, and is told in ``voucher_fault`` with why and what
    to do; acts on lots that it would have made then cannot be, either.

    A lot is ``ACT#NUMBER`` after the act that made it; following ``parent_id`` leads from any lot
    to its issue. A discount is at simple interest for the days until the voucher is due; half a
    fen is a fen. The holder bears it unless the act says that the issuer does.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    InvariantError
        If a fen of a lot, a voucher or a holder is lost: nothing is returned then.
    """
    # Compiled code takes a second to load: only a book needs it.
    from liandong.kernels.money.vouchers import run

    table = _until(tables["voucher_act"], rule.as_of)
    acts = read_acts(table)
    done = run(acts.numbers, len(acts.vouchers), len(acts.parties), acts.fault)
    book = Book(acts, *done)
    must_conserve(book)
    day = rule.as_of or _last_day(acts)
    return {
        **_lots(book, day),
        **_moves(book),
        **_holdings(book),
        **_discounts(book, rule),
        **_faults(book),
    }


def _until(table: pa.Table, day: date | None) -> pa.Table:
    if day is None:
        return table
    return table.filter(pa.array(china_days(table["at"]) <= _number(day)))


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _last_day(acts: Acts) -> date:
    last = int(acts.numbers[:, 8].max(initial=0))
    return date(1970, 1, 1) + timedelta(days=last)


def _lots(book: Book, day: date) -> Tables:
    parent, act, _, of, holder, face, left, passed, settled, cancelled, financed, depth = (
        book.lots.T
    )
    ids = lot_ids(book)
    due = book.due[of]
    ended = np.where(settled > 0, "settled", np.where(cancelled > 0, "cancelled", "passed"))
    live = np.where(financed > 0, "discounted", "open")
    live = np.where(due < _number(day), "overdue", live)
    return output(
        "voucher_lot",
        lot_id=ids,
        parent_id=ids.take(pa.array(parent, mask=parent == NONE)),
        voucher_id=book.acts.vouchers.take(pa.array(of)),
        holder_id=book.acts.parties.take(pa.array(holder)),
        act_id=book.acts.rows["act_id"].take(pa.array(act)),
        amount=face, left=left, passed=passed, settled=settled, cancelled=cancelled, depth=depth,
        due=pa.array(due.astype(np.int32)).view(pa.date32()),
        state=np.where(left > 0, live, ended).tolist(),
    )  # fmt: skip


def _moves(book: Book) -> Tables:
    act, lot, child, amount = book.moves.T
    ids = lot_ids(book)
    return output(
        "voucher_move",
        act_id=book.acts.rows["act_id"].take(pa.array(act)),
        lot_id=ids.take(pa.array(lot)),
        child_id=ids.take(pa.array(child, mask=child == NONE)),
        amount=amount,
    )


def _holdings(book: Book) -> Tables:
    lots = book.lots[book.lots[:, 6] > 0]
    many = len(book.acts.parties) or 1
    pairs, pair = np.unique(lots[:, 3] * many + lots[:, 4], return_inverse=True)
    total = np.zeros(len(pairs), np.int64)
    np.add.at(total, pair, lots[:, 6])
    voucher, holder = np.divmod(pairs, many)
    return output(
        "voucher_holding",
        voucher_id=book.acts.vouchers.take(pa.array(voucher)),
        holder_id=book.acts.parties.take(pa.array(holder)),
        amount=total,
    )


def _discounts(book: Book, rule: VouchersRule) -> Tables:
    """Reckon the interest of every discount that was done."""
    numbers, rows = book.acts.numbers, book.acts.rows
    at = np.flatnonzero((numbers[:, 0] == KIND["discount"]) & (book.fault == 0))
    # All lots that an act takes are due on one day.
    first = np.searchsorted(book.moves[:, 0], at)
    of = book.lots[book.moves[first, 1], 3]
    due = book.due[of]
    days, amount = due - numbers[at, 8], numbers[at, 6]
    took = rows.take(pa.array(at))
    rates = took["rate"].to_pylist()
    interest = [
        interest_of(*given, rule.year_days)
        for given in zip(amount.tolist(), rates, days.tolist(), strict=True)
    ]
    by_issuer = np.array([b == "issuer" for b in took["borne_by"].to_pylist()], bool)
    bearer = np.where(by_issuer, book.issuer[of], numbers[at, 4])
    paid = amount - np.where(by_issuer, 0, np.array(interest, np.int64))
    return output(
        "voucher_discount",
        act_id=took["act_id"], holder_id=took["from_party"], lender_id=took["to_party"],
        amount=amount, due=pa.array(due.astype(np.int32)).view(pa.date32()), days=days,
        rate=took["rate"], interest=interest,
        bearer_id=book.acts.parties.take(pa.array(bearer)), proceeds=paid,
    )  # fmt: skip


def interest_of(amount: int, rate: int, days: int, year_days: int) -> int:
    """Return simple interest in fen, half a fen rounded up; ``rate`` is a year's, in ppm.

    Examples
    --------
    >>> interest_of(100_000_000, 36_000, 90, 360)  # a million yuan at 3.6 % for a quarter
    900000
    """
    return (2 * amount * rate * days + PPM * year_days) // (2 * PPM * year_days)


def _faults(book: Book) -> Tables:
    at = np.flatnonzero(book.fault)
    rows, code, held = book.acts.rows.take(pa.array(at)), book.fault[at], book.held[at]
    why = Reasons(len(at))
    short = np.where(held >= 0, rows["amount"].to_numpy() - held, 0)
    why.add(pa.array([_REASON[name] for name in FAULTS]).take(pa.array(code - 1)), short)
    return output(
        "voucher_fault",
        **{n: rows[n] for n in ("act_id", "at", "kind", "voucher_id", "lot_id", "amount")},
        held=pa.array(held, mask=held < 0),
        fault=pa.array(FAULTS).take(pa.array(code - 1)),
        reasons=why.column(),
    )


_REASON = {
    "zero": "trace.voucher_zero",
    "negative": "trace.voucher_negative",
    "no_party": "trace.voucher_no_party",
    "self_transfer": "trace.voucher_self_transfer",
    "no_voucher": "trace.voucher_no_voucher",
    "no_due": "trace.voucher_no_due",
    "no_rate": "trace.voucher_no_rate",
    "due_passed": "trace.voucher_due_passed",
    "issued_twice": "trace.voucher_issued_twice",
    "unknown_voucher": "trace.voucher_unknown_voucher",
    "unknown_parent": "trace.voucher_unknown_parent",
    "other_voucher": "trace.voucher_other_voucher",
    "not_holder": "trace.voucher_not_holder",
    "not_issuer": "trace.voucher_not_issuer",
    "more_than_held": "trace.voucher_more_than_held",
    "after_maturity": "trace.voucher_after_maturity",
    "across_due": "trace.voucher_across_due",
    "settled_twice": "trace.voucher_settled_twice",
}
"""Faults by the reason that tells of them."""
