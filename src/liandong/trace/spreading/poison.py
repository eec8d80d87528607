"""Poison: whoever was paid by somebody touched is touched; amounts do not count."""

from datetime import date

import numpy as np
import pyarrow as pa

from liandong.step import Rule, Tables, fold, output
from liandong.trace.follow import which_followed
from liandong.trace.log import read_log, up_to


class PoisonRule(Rule):
    """Which loans are followed, and until when.

    Attributes
    ----------
    loans
        Ids of loans; none means all.
    until
        Last day (UTC) whose transfers count; None means all.
    """

    loans: tuple[str, ...] = ()
    until: date | None = None


@fold(reads=("flow", "bank_account", "loan"), writes=("taint",), rule=PoisonRule)
def poison(tables: Tables, rule: PoisonRule) -> Tables:
    """Find every account that money of a loan can have touched. Poison does not conserve.

    An account that was paid by one already touched is touched for good, by whatever it was paid and
    whatever it holds: all accounts of a loan together may hold many times the loan. Nobody outside
    these accounts can hold any of it under any rule, and that is what poison is good for. How much
    anybody holds it cannot say.

    Sinks (cash, fees, taxes) are touched and touch nobody, unless they give a transfer back. The
    source of a loan and what it was repaid to are no accounts and are not told.

    Raises
    ------
    NotFoundError
        If the rule names a loan that is neither in ``loan`` nor in ``flow``.
    DataError
        If all amounts together are more than can be summed safely.
    """
    from liandong.kernels.money.spreading import contacts

    flow = up_to(tables["flow"], rule.until)
    log = read_log(flow, tables["bank_account"])
    wanted = np.append(False, which_followed(rule.loans, log.loans, tables))
    origin = np.where(wanted[log.origin], log.origin, 0)
    found = contacts(log.legs[2], log.legs[3], log.amount, log.opening, origin)
    account, loan, i, hops = found[found[:, 0] < len(log.accounts)].T
    rows = flow.take(log.row[i])
    return output(
        "taint",
        loan_id=log.loans.take(pa.array(loan - 1)),
        account_id=log.accounts.take(pa.array(account)),
        flow_id=rows["flow_id"], at=rows["at"], hops=hops,
    )  # fmt: skip
