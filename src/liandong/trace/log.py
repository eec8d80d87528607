"""Transfers in their one order, as numbers: what a lot engine is fed with.

Besides the bank accounts there are nodes that no bank keeps: for every loan a source, which holds
the loan's money before it is paid out, and a node of repayment, which receives what is paid back,
a disbursement taken back too: so a source pays out the loan's own money only, whatever came before;
and one outside, which pays whatever leaves a sink (cash, fees, taxes), since money is not followed
through those.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step.totals import refuse_large
from liandong.trace.currency import Sides, of_loans, sides
from liandong.trace.order import Ties, in_order

Int = NDArray[np.int64]

SINKS = ("cash", "fee", "tax")
NONE = np.empty(0, np.int64)


class Log(NamedTuple):
    """Transfers in order of (at, seq, flow_id), all columns in that order.

    Attributes
    ----------
    row
        Which row of the flow table a transfer is.
    legs
        Shape (4, flows): payer and payee as the bank keeps them, and the nodes that give and
        receive, all in the direction of the money (a negative amount turns them round).
    amount, arrives, undoes
        Fen that leave and that arrive, not negative; and which earlier transfer this one gives
        back, -1 for none. What arrives is the same array if nothing is exchanged.
    opening, origin
        By node: money at the start in fen, and whose it is (0: nobody's, else 1 + loan).
    accounts, loans
        Ids by number. Nodes are numbered accounts first, then sources, then nodes of repayment,
        then the outside.
    sinks
        By node: whether money ends there.
    facility
        By node: how far in debt it may be, in fen.
    currency
        By node: the number of its currency, -1 for the outside; empty if nothing is exchanged.
    """

    row: Int
    legs: Int
    amount: Int
    arrives: Int
    undoes: Int
    opening: Int
    origin: Int
    accounts: pa.Array
    loans: pa.Array
    sinks: NDArray[np.bool_]
    facility: Int
    currency: Int


def up_to(flow: pa.Table, until: date | None) -> pa.Table:
    """Return the transfers up to the end of the day ``until`` (UTC)."""
    if until is None:
        return flow
    end = datetime.combine(until + timedelta(days=1), time(), UTC)
    return flow.filter(pc.less(flow["at"], pa.scalar(end, flow["at"].type)))


def read_log(flow: pa.Table, bank_account: pa.Table, ties: Ties = "stored") -> Log:
    """Put transfers into their order and number their accounts and loans.

    Transfers of one time and number are in the order of their ids, or ``credits_first``.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely, or currencies do not fit, see
        :mod:`liandong.trace.currency`.
    """
    row = in_order(flow, ties)
    accounts, src, dst, known = _numbered(flow, bank_account)
    loans, source, repaid = _loan_nodes(flow, len(accounts))
    amount, both = flow["amount"].to_numpy(), sides(flow, bank_account)
    outside = len(accounts) + 2 * len(loans)
    opening, sinks = np.zeros(outside + 1, np.int64), np.zeros(outside + 1, bool)
    facility = np.zeros(outside + 1, np.int64)
    facility[known] = pc.fill_null(bank_account["facility"], 0).to_numpy()
    # A debt at the start that no facility allows is not known to be due to the bank: nothing that
    # comes in pays it, and nothing could be taken from it.
    opening[known] = np.maximum(bank_account["opening_balance"].to_numpy(), -facility[known])
    sinks[known] = pc.is_in(bank_account["kind"], value_set=pa.array(SINKS)).to_numpy()
    got = both.got if both else amount[:0]
    _must_be_summable(np.concatenate([opening, facility, got]), amount)
    origin = np.zeros(outside + 1, np.int64)
    origin[len(accounts) : len(accounts) + len(loans)] = 1 + np.arange(len(loans))

    taken_back = np.where(amount < 0, len(loans), 0)
    giving = np.where(source >= 0, source + taken_back, src)
    receiving = np.where(repaid >= 0, repaid, dst)
    legs = np.where(amount < 0, (dst, src, receiving, giving), (src, dst, giving, receiving))
    legs, undoes = legs[:, row], _given_back(flow, row)
    currency = _currencies(flow, both, (src, dst), (accounts, loans)) if both else NONE
    _turn_round(legs, undoes, (len(accounts), len(accounts) + len(loans)), currency)
    leaves_sink = sinks[legs[2]] & (undoes < 0) & (legs[2] != legs[3])
    legs[2, leaves_sink] = outside
    leaves, arrives = _exchanged(both, row, legs, currency) if both else (np.abs(amount)[row],) * 2
    paid_out = ((source >= 0) & (amount > 0))[row]
    np.add.at(opening, source[row][paid_out], leaves[paid_out])
    if both and (currency[legs[2]] == currency[legs[3]]).all():
        currency, arrives = NONE, leaves
    return Log(
        row, legs, leaves, arrives, undoes, opening, origin, accounts, loans, sinks, facility,
        currency,
    )  # fmt: skip


def _numbered(flow: pa.Table, bank_account: pa.Table) -> tuple[pa.Array, Int, Int, Int]:
    """Return the ids of all accounts, and the numbers of payers, payees and known accounts."""
    columns = (flow["src_account"], flow["dst_account"], bank_account["account_id"])
    chunks = [chunk for column in columns for chunk in column.chunks]
    coded = pa.chunked_array(chunks, pa.string()).dictionary_encode().combine_chunks()
    number = coded.indices.to_numpy().astype(np.int64)
    src, dst, known = np.split(number, [len(flow), 2 * len(flow)])
    return coded.dictionary, src, dst, known


def _loan_nodes(flow: pa.Table, accounts: int) -> tuple[pa.Array, Int, Int]:
    """Return the ids of all loans, sorted, and the source and node of repayment of rows, or -1."""
    loans = pc.drop_null(pc.unique(flow["loan_id"])).sort()
    loan = pc.fill_null(pc.index_in(flow["loan_id"], value_set=loans), -1).to_numpy()
    nodes = []
    for kind, first in (("disbursement", accounts), ("repayment", accounts + len(loans))):
        of_kind = pc.equal(flow["kind"], kind).to_numpy() & (loan >= 0)
        nodes.append(np.where(of_kind, first + loan, -1).astype(np.int64))
    return loans, *nodes


def _currencies(
    flow: pa.Table, both: Sides, ends: tuple[Int, Int], named: tuple[pa.Array, pa.Array]
) -> Int:
    """Return the number of the currency of each node; -1 for the outside, which has any."""
    accounts, loans = named
    known = np.zeros(len(accounts), np.int64)
    known[ends[0]], known[ends[1]] = both.payer, both.payee
    lent = of_loans(flow, both, loans)
    return np.concatenate([known, lent, lent, [-1]])


def _exchanged(both: Sides, row: Int, legs: Int, currency: Int) -> tuple[Int, Int]:
    """Return what leaves and what arrives at the nodes of a log, each in the currency of that.

    A loan's nodes have what its end of the transfer has; the outside pays what arrives.
    """
    back, amount, got = (x[row] for x in (both.amount < 0, np.abs(both.amount), np.abs(both.got)))
    leaves, arrives = np.where(back, (got, amount), (amount, got))
    paid, got = currency[legs[0]], currency[legs[1]]
    giver, taker = currency[legs[2]], currency[legs[3]]
    given = np.where((giver == got) | (giver < 0), arrives, leaves)
    return given, np.where((taker == paid) & (taker != got), leaves, arrives)


def _must_be_summable(opening: Int, amount: Int) -> None:
    total = float(np.sum(np.abs(opening), dtype=float) + np.sum(np.abs(amount.astype(float))))
    refuse_large(total, "flow")


def gives_back(flow: pa.Table) -> pa.ChunkedArray:
    """Return whether transfers are meant to give an earlier one back."""
    kinds = pc.is_in(flow["kind"], value_set=pa.array(["refund", "reversal"]))
    return pc.or_(kinds, pc.less(flow["amount"], 0))


def _given_back(flow: pa.Table, row: Int) -> Int:
    """Return for each transfer which one it names as given back, -1 if none that is there."""
    undoes = np.full(len(row), -1)
    naming = pc.and_(gives_back(flow), pc.is_valid(flow["ref"])).to_numpy()[row].nonzero()[0]
    refs = flow["ref"].take(row[naming])
    named = np.flatnonzero(pc.is_in(flow["flow_id"], value_set=refs).to_numpy()[row])
    at = pc.index_in(refs, value_set=flow["flow_id"].take(row[named]))
    there = at.is_valid().to_numpy()
    undoes[naming[there]] = named[at.drop_null().to_numpy()]
    return undoes


def _turn_round(legs: Int, undoes: Int, sources: tuple[int, int], currency: Int) -> None:
    """Let what is given back run the way it came, or forget that it is given back.

    Only an earlier transfer between the same two accounts can be given back, and only if nothing
    was exchanged: at the rate of another day it would be another sum. What a source had paid goes
    to the loan's node of repayment; ``sources`` are the first source and the first of those.
    """
    first, end = sources
    for i in np.flatnonzero(undoes >= 0):
        original = undoes[i]
        giver, taker = legs[2:, original]
        exchanged = len(currency) > 0 and currency[giver] != currency[taker]
        if original < i and (legs[:2, i] == legs[1::-1, original]).all() and not exchanged:
            legs[2:, i] = taker, giver + (end - first if first <= giver < end else 0)
        else:
            undoes[i] = -1
