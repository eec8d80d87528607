"""The reconciliation sheet: what was paid out of each loan, and every fen of it found again."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import InvariantError
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.step.totals import refuse_large
from liandong.texts import both
from liandong.trace.currency import foreign_loans, lent
from liandong.trace.log import up_to

Int = NDArray[np.int64]

CLASSES = (
    "held", "repaid", "repaid_other", "fee", "tax", "cash", "overdraft",
    "backward", "fx", "other",
)  # fmt: skip
"""Where money of a loan can be; every fen is in exactly one of them."""
_SINKS = {
    "fee": "fee", "tax": "tax", "cash": "cash", "overdraft": "overdraft", "od": "overdraft",
    "fx": "fx",
}  # fmt: skip
"""Classes of sinks by what their name begins with, or by the kind of the account."""


class ReconcileRule(Rule):
    """Up to which day loans are reconciled.

    Attributes
    ----------
    until
        Last day (UTC) whose payments out count: that of the trace. None means all.
    """

    until: date | None = None


@fold(
    reads=("holding", "flow", "bank_account"),
    writes=("reconciliation",),
    rule=ReconcileRule,
    needs={"holding": "trace.follow"},
)
def reconcile(tables: Tables, rule: ReconcileRule) -> Tables:
    """Hold what was paid out of each loan against what a trace found, under each of its rules.

    What was paid out is counted anew from the transfers and not taken from the trace. Money is
    held in accounts, has repaid its own loan or another one, or has ended in a sink: fees, taxes,
    cash, overdrafts (or where those had gone), foreign exchange, other. ``by_others`` is what
    other traced loans repaid of this one; a loan that repaid others or was repaid by others is
    marked ``evergreen``. All amounts of a loan are in its currency, see ``trace.follow``; what was
    lost in exchange is in ``fx``, less than nothing if it was gained.

    Raises
    ------
    DataError
        If amounts are too large to be added up.
    InvariantError
        If a fen of a loan is missing under a rule, or is there twice: nothing is returned then.
    """
    holding = tables["holding"]
    refuse_large(float(np.sum(np.abs(holding["amount"].to_numpy()), dtype=float)), "holding")
    method, loan = (holding[n].combine_chunks() for n in ("method", "loan_id"))
    keys = pa.table({"method": method, "loan_id": loan})
    pairs = keys.group_by(["method", "loan_id"], use_threads=False).aggregate([])
    pairs = pairs.sort_by([("method", "ascending"), ("loan_id", "ascending")])
    pair = _row_of(keys, pairs)
    parts = _sums(holding, tables["bank_account"], pair, len(pairs))
    by_others = _by_others(holding, pairs)
    flow = up_to(tables["flow"], rule.until)
    amount = pa.array(lent(flow, tables["bank_account"]))
    flow = flow.set_column(flow.schema.get_field_index("amount"), "amount", amount)
    paid = _paid_out(flow, pairs["loan_id"])
    currency = foreign_loans(up_to(tables["flow"], rule.until), tables["bank_account"])
    _no_fen_missing(pairs, paid, parts)
    return output(
        "reconciliation",
        method=pairs["method"],
        loan_id=pairs["loan_id"],
        currency=pa.array([currency.get(i) for i in pairs["loan_id"].to_pylist()], pa.string()),
        disbursed=paid,
        **dict(zip(CLASSES, parts, strict=True)),
        difference=paid - parts.sum(0),
        places=np.bincount(pair, minlength=len(pairs)),
        by_others=by_others,
        evergreen=(parts[CLASSES.index("repaid_other")] > 0) | (by_others > 0),
        reasons=_reasons(paid, parts, by_others),
    )


def _row_of(keys: pa.Table, pairs: pa.Table) -> Int:
    """Return for each row of ``keys`` which pair of method and loan it is, -1 for none."""
    joined = [
        pc.binary_join_element_wise(
            t["method"].cast(pa.string()), t["loan_id"].cast(pa.string()), "\x1f"
        )
        for t in (keys, pairs)
    ]
    found = pc.index_in(joined[0], value_set=joined[1].combine_chunks())
    row: Int = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return row


def _sums(holding: pa.Table, account: pa.Table, pair: Int, pairs: int) -> Int:
    """Return fen by class and pair."""
    place, kind = holding["place"], holding["kind"]
    sink = pc.index_in(place, value_set=account["account_id"].combine_chunks())
    of_account = account["kind"].combine_chunks().take(sink.combine_chunks())
    first = pc.utf8_lower(pc.list_element(pc.split_pattern(place, ":", max_splits=1), 0))
    codes = np.full(len(holding), CLASSES.index("other"))
    for words in (of_account, first):
        for word, name in _SINKS.items():
            at = pc.fill_null(pc.equal(words, word), fill_value=False)
            codes[at.to_numpy(zero_copy_only=False)] = CLASSES.index(name)
    own = pc.equal(place, pc.binary_join_element_wise("repaid", holding["loan_id"], ":"))
    kinds = kind.to_numpy(zero_copy_only=False)
    codes[kinds == "backward"] = CLASSES.index("backward")
    codes[kinds == "held"] = CLASSES.index("held")
    codes[kinds == "repaid"] = CLASSES.index("repaid_other")
    codes[(kinds == "repaid") & own.to_numpy(zero_copy_only=False)] = CLASSES.index("repaid")
    total = np.zeros((len(CLASSES), pairs), np.int64)
    np.add.at(total, (codes, pair), holding["amount"].to_numpy())
    return total


def _by_others(holding: pa.Table, pairs: pa.Table) -> Int:
    """Return how much of each loan other traced loans repaid, under the same rule.

    It is in the currency of the loan that was repaid.
    """
    spent = holding.filter(pc.equal(holding["kind"], "repaid"))
    repaid = pc.utf8_replace_slice(spent["place"], 0, len("repaid:"), "")
    other = pc.not_equal(repaid, spent["loan_id"])
    spent, repaid = spent.filter(other), repaid.filter(other)
    row = _row_of(pa.table({"method": spent["method"], "loan_id": repaid}), pairs)
    total = np.zeros(len(pairs), np.int64)
    amount = pc.coalesce(spent["converted"], spent["amount"]).to_numpy()
    np.add.at(total, row[row >= 0], amount[row >= 0])
    return total


def _paid_out(flow: pa.Table, loans: pa.ChunkedArray) -> Int:
    """Return what transfers paid out of each loan."""
    out = pc.and_(pc.equal(flow["kind"], "disbursement"), pc.greater(flow["amount"], 0))
    out = pc.and_(out, pc.is_valid(flow["loan_id"]))
    paid = flow.filter(out).group_by("loan_id", use_threads=False).aggregate([("amount", "sum")])
    at = pc.index_in(loans, value_set=paid["loan_id"].combine_chunks())
    amount: Int = pc.fill_null(paid["amount_sum"].take(at), 0).to_numpy()
    return amount


def _no_fen_missing(pairs: pa.Table, paid: Int, parts: Int) -> None:
    found = parts.sum(0)
    for i in np.flatnonzero(paid != found)[:1]:
        method, loan = (pairs[n][i].as_py() for n in ("method", "loan_id"))
        raise InvariantError(
            what=both("fault.loan_off", paid=paid[i], found=found[i]), row=f"{loan} ({method})"
        )


def _reasons(paid: Int, parts: Int, by_others: Int) -> pa.Array:
    """Say in percent of what was paid out where it is, rounded down."""
    found = Reasons(len(paid))
    codes = (
        "trace.reconcile.held", "trace.reconcile.repaid", "trace.reconcile.repaid_other",
        "trace.reconcile.fee", "trace.reconcile.tax", "trace.reconcile.cash",
        "trace.reconcile.overdraft", "trace.reconcile.backward", "trace.reconcile.fx",
        "trace.reconcile.other",
    )  # fmt: skip
    for code, amount in zip(
        (*codes, "trace.reconcile.by_others"), (*parts, by_others), strict=True
    ):
        found.add(code, _percent(amount, paid), amount != 0)
    return found.column()


def _percent(amount: Int, paid: Int) -> Int:
    """Return the nearest whole percent, by Python's integers: 200 times fen may be large."""
    pairs = ((int(a), max(int(p), 1)) for a, p in zip(amount, paid, strict=True))
    return np.array([(200 * a + p) // (2 * p) for a, p in pairs])
