"""Accounts and loans by number, as they come."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.trace.log import SINKS

Int = NDArray[np.int64]

OUTSIDE = 0
"""The node that pays whatever leaves a sink."""


class Nodes:
    """Whom transfers run between: the same nodes as those of a log, numbered as they come.

    Parameters
    ----------
    account
        Table ``bank_account``. An account that is not in it opens with nothing.

    Attributes
    ----------
    account, names
        Nodes of accounts by id, in their order, and the ids by node.
    loan, loans
        Numbers of loans by id, from 0, and the ids in that order.
    source, repaid
        By number of the loan its nodes.
    back
        By source the node of repayment, where money goes that is paid back to it.
    sinks
        Accounts where money ends.
    opening, facility
        By number, of the nodes at the start.
    """

    def __init__(self, account: pa.Table) -> None:
        self.names, self.loans = ["", *account["account_id"].to_pylist()], list[str]()
        self.account = {name: node for node, name in enumerate(self.names) if node != OUTSIDE}
        self.loan = dict[str, int]()
        self.source, self.repaid, self.back = list[int](), list[int](), dict[int, int]()
        ends = pc.is_in(account["kind"], value_set=pa.array(SINKS)).to_pylist()
        self.sinks = {1 + n for n, end in enumerate(ends) if end}
        facility = pc.fill_null(account["facility"], 0).to_numpy()
        self.facility = np.append(0, facility)
        self.opening = np.append(0, np.maximum(account["opening_balance"].to_numpy(), -facility))

    def of(self, account: str) -> int:
        """Return the node of an account, a new one if it has none."""
        node = self.account.get(account)
        if node is None:
            node = self.account[account] = len(self.names)
            self.names.append(account)
        return node

    def of_loan(self, loan: str) -> int:
        """Return the number of a loan, with two new nodes if it is new."""
        number = self.loan.get(loan)
        if number is None:
            number, node = len(self.loans), len(self.names)
            self.loan[loan] = number
            self.loans.append(loan)
            self.names += ["", ""]
            self.source.append(node)
            self.repaid.append(node + 1)
            self.back[node] = node + 1
        return number
