"""Statements: what every account had, got and gave in each period."""

from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.settle.statements.legs import legs
from liandong.step import Rule, Tables, fold, output
from liandong.step.totals import must_fit, size

_FORMATS = {"month": "%Y-%m", "year": "%Y"}


class StatementRule(Rule):
    """Whose statements are made, for what time.

    Attributes
    ----------
    per
        Length of a period.
    since, until
        First and last day (by event time) whose entries are listed; earlier ones make the opening
        balance. None means all.
    owners
        Ids of parties; none means all.
    """

    per: Literal["month", "quarter", "year"] = "month"
    since: date | None = None
    until: date | None = None
    owners: tuple[str, ...] = ()


@fold(
    reads=("account", "entry"),
    writes=("statement", "statement_line"),
    rule=StatementRule,
    needs={"entry": "settle.disburse"},
)
def statement(tables: Tables, rule: StatementRule) -> Tables:
    """Write the statement of every account and period in which something moved.

    Lines are in the order of event time, then of entry id. A balance is what is debited less what
    is credited, so that money owed to the owner of a deposit is below zero; reservations are not
    in it until they are posted. Closing balance = opening balance + debits − credits, and opens the
    next period.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    """
    must_fit(size(tables["entry"]["amount"]), "entry")
    account = tables["account"]
    if rule.owners:
        account = account.filter(pc.is_in(account["owner_id"], value_set=pa.array(rule.owners)))
    lines = _lines(legs(tables["entry"], account["account_id"].combine_chunks()), rule)
    listed = lines if rule.since is None else _since(lines, rule.since)
    period = _period(listed["day"], rule.per)
    own = listed.append_column("period", period)
    return {**output("statement", **_sums(own, account)), **_numbered(own)}


def _lines(found: pa.Table, rule: StatementRule) -> pa.Table:
    """Return the lines in order, each with the balance after it."""
    if rule.until is not None:
        found = found.filter(pc.less_equal(found["day"], pa.scalar(rule.until)))
    order = [(n, "ascending") for n in ("account_id", "day", "entry_id")]
    found = found.sort_by(order)
    amount = found["amount"].to_numpy()
    running = np.cumsum(amount)
    first = _firsts(found, ["account_id"])
    before = (running - amount)[first]
    of = np.cumsum(first) - 1
    return found.append_column("balance", pa.array(running - before[of], pa.int64()))


def _firsts(lines: pa.Table, by: list[str]) -> np.ndarray:
    """Mask of the rows that begin a group of equal, adjacent values."""
    first = np.zeros(len(lines), bool)
    first[:1] = True
    for name in by:
        code = lines[name].combine_chunks().dictionary_encode().indices.to_numpy()
        first[1:] |= code[1:] != code[:-1]
    return first


def _since(lines: pa.Table, since: date) -> pa.Table:
    return lines.filter(pc.greater_equal(lines["day"], pa.scalar(since)))


def _period(day: pa.ChunkedArray, per: str) -> pa.ChunkedArray:
    if per in _FORMATS:
        return pc.strftime(day, _FORMATS[per])
    parts = [pc.cast(f(day), pa.string()) for f in (pc.year, pc.quarter)]
    return pc.binary_join_element_wise(*parts, "-Q")


def _sums(own: pa.Table, account: pa.Table) -> dict[str, pa.ChunkedArray]:
    debit = pc.max_element_wise(own["amount"], 0)
    parts = own.append_column("debited", debit)
    found = parts.group_by(["account_id", "unit", "period"], use_threads=False).aggregate(
        [("debited", "sum"), ("amount", "sum"), ("balance", "last"), ("entry_id", "count")]
    )
    moved = found["amount_sum"]
    at = pc.index_in(found["account_id"], value_set=account["account_id"].combine_chunks())
    return {
        "account_id": found["account_id"], "owner_id": account["owner_id"].take(at),
        "unit": found["unit"], "period": found["period"],
        "opening": pc.subtract(found["balance_last"], moved), "debit": found["debited_sum"],
        "credit": pc.subtract(found["debited_sum"], moved), "closing": found["balance_last"],
        "entries": found["entry_id_count"],
    }  # fmt: skip


def _numbered(own: pa.Table) -> Tables:
    first = np.flatnonzero(_firsts(own, ["account_id", "period"]))
    number = np.arange(len(own)) - np.repeat(first, np.diff(np.append(first, len(own)))) + 1
    names = ("account_id", "period", "entry_id", "day", "other_id", "amount", "balance")
    return output("statement_line", number=number, **{n: own[n] for n in names})
