"""Currencies of accounts and loans, and what transfers between currencies leave and bring.

An account is in the currency that ``bank_account`` tells, or in yuan. ``flow.amount`` is in that of
the payer's account, ``flow.received`` in that of the payee's. A loan is in the currency of the
account that it was first paid out to (or else, that its first repayment reached).
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.texts import both

Int = NDArray[np.int64]
Bools = NDArray[np.bool_]
YUAN = "CNY"
ORDER = [(n, "ascending") for n in ("later", "at", "seq", "flow_id")]


class Sides(NamedTuple):
    """Both sides of transfers, row by row.

    Attributes
    ----------
    names
        Currencies by number.
    payer, payee
        Number of the currency of each account.
    amount, got
        What left the payer and what reached the payee, each in his currency.
    """

    names: list[str]
    payer: Int
    payee: Int
    amount: Int
    got: Int


def sides(flow: pa.Table, bank_account: pa.Table) -> Sides | None:
    """Return both sides of transfers, None if all is in yuan and nothing is exchanged.

    Raises
    ------
    DataError
        If a transfer between currencies does not say what was received, one within a currency says
        another amount, or amounts have different signs (something may be exchanged for nothing,
        but not nothing for something).
    """
    told = (flow["received"], bank_account["currency"])
    if all(column.null_count == len(column) for column in told):
        return None
    currency = pc.fill_null(bank_account["currency"], YUAN)
    names = sorted({YUAN, *currency.to_pylist()})
    number = pc.index_in(currency, value_set=pa.array(names))
    ends = []
    for end in ("src_account", "dst_account"):
        row = pc.index_in(flow[end], value_set=bank_account["account_id"])
        ends.append(pc.fill_null(number.take(row), names.index(YUAN)).to_numpy().astype(np.int64))
    amount = flow["amount"].to_numpy()
    got = pc.coalesce(flow["received"], flow["amount"]).to_numpy()
    found = Sides(names, ends[0], ends[1], amount, got)
    _must_be_clear(flow, found)
    return found


def _must_be_clear(flow: pa.Table, found: Sides) -> None:
    other = found.payer != found.payee
    unsaid = pc.is_null(flow["received"]).to_numpy() & other & (found.amount != 0)
    _refuse(flow, found, unsaid, "fault.currency_unsaid", "advice.currency_received")
    same = ~other & (found.got != found.amount)
    _refuse(flow, found, same, "fault.currency_same", "advice.currency_accounts")
    nothing = (found.got == 0) & (found.amount > 0)
    signs = ~nothing & (np.sign(found.got) != np.sign(found.amount))
    _refuse(flow, found, signs, "fault.currency_signs", "advice.currency_received")


def _refuse(flow: pa.Table, found: Sides, wrong: Bools, what: str, remedy: str) -> None:
    """Refuse transfers, naming the first by id, whatever the order of rows."""
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return
    ids = flow["flow_id"].take(pa.array(rows)).to_pylist()
    name, row = min(zip(ids, rows.tolist(), strict=True))
    payer, payee = (found.names[c[row]] for c in (found.payer, found.payee))
    told = both(what, flow=name, payer=payer, payee=payee, n=len(rows))
    raise DataError(file="flow", what=told, remedy=both(remedy))


def must_not_exchange(flow: pa.Table, bank_account: pa.Table) -> None:
    """Refuse transfers between currencies, whose amounts cannot be compared: DataError."""
    found = sides(flow, bank_account)
    if found is not None:
        mixed = (found.payer != found.payee) & (found.amount != 0)
        _refuse(flow, found, mixed, *MIXED)


class Currencies:
    """In which currency each account is, for transfers that come one by one."""

    def __init__(self, bank_account: pa.Table) -> None:
        told = bank_account.filter(pc.is_valid(bank_account["currency"]))
        names = (told[n].to_pylist() for n in ("account_id", "currency"))
        self._of: dict[str, str] = dict(zip(*names, strict=True))

    def must_not_exchange(self, flow_id: str, src_account: str, dst_account: str) -> None:
        """Refuse a transfer between currencies as :func:`must_not_exchange` does: DataError."""
        payer, payee = (self._of.get(a, YUAN) for a in (src_account, dst_account))
        if payer != payee:
            told = both(MIXED[0], flow=flow_id, payer=payer, payee=payee, n=1)
            raise DataError(file="flow", what=told, remedy=both(MIXED[1]))


MIXED = ("fault.currency_mixed", "advice.currency_one")


def of_loans(flow: pa.Table, found: Sides, loans: pa.Array) -> Int:
    """Return the number of the currency of each loan.

    Raises
    ------
    DataError
        If a loan is paid out or repaid between accounts of which none is in its currency.
    """
    kinds = pc.is_in(flow["kind"], value_set=pa.array(["disbursement", "repayment"]))
    rows = np.flatnonzero(pc.and_(kinds, pc.is_valid(flow["loan_id"])).to_numpy())
    said = flow.select(["flow_id", "at", "seq", "kind", "loan_id"]).take(pa.array(rows))
    said = said.append_column("row", pa.array(rows))
    said = said.append_column("later", pc.equal(said["kind"], "repayment").cast(pa.int8()))
    said = said.sort_by(ORDER)
    loan = pc.index_in(said["loan_id"], value_set=loans).to_numpy().astype(np.int64)
    row = said["row"].to_numpy()
    first = np.full(len(loans), found.names.index(YUAN))
    which, at = np.unique(loan, return_index=True)
    first[which] = found.payee[row[at]]
    neither = np.zeros(len(flow), bool)
    neither[row] = (found.payer[row] != first[loan]) & (found.payee[row] != first[loan])
    _refuse(flow, found, neither, "fault.currency_of_loan", "advice.currency_of_loan")
    return first


def foreign_loans(flow: pa.Table, bank_account: pa.Table) -> dict[str, str]:
    """Return the currency of each loan that is not in yuan."""
    found = sides(flow, bank_account)
    if found is None:
        return {}
    loans = pc.drop_null(pc.unique(flow["loan_id"])).sort()
    names = [found.names[c] for c in of_loans(flow, found, loans)]
    return {loan: c for loan, c in zip(loans.to_pylist(), names, strict=True) if c != YUAN}


def lent(flow: pa.Table, bank_account: pa.Table) -> Int:
    """Return the amounts of transfers, those that name a loan in the loan's currency.

    Raises
    ------
    DataError
        As :func:`sides` and :func:`of_loans`.
    """
    found = sides(flow, bank_account)
    if found is None:
        amount: Int = flow["amount"].to_numpy()
        return amount
    loans = pc.drop_null(pc.unique(flow["loan_id"])).sort()
    loan = pc.fill_null(pc.index_in(flow["loan_id"], value_set=loans), -1).to_numpy()
    currency = np.append(of_loans(flow, found, loans), -1)[loan]
    return np.where(found.payee == currency, found.got, found.amount)
