"""The step ``trace.features``: what every transfer and every account looks like."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.step import Rule, Tables, fold
from liandong.trace.currency import must_not_exchange
from liandong.trace.features.wide import account_features, flow_features, spans
from liandong.trace.log import read_log, up_to


class FlowFeatureRule(Rule):
    """Until when transfers count.

    Attributes
    ----------
    until
        Last day (UTC) whose transfers count; None means all.
    """

    until: date | None = None


@fold(
    reads=("flow", "bank_account"),
    writes=("flow_feature", "account_feature"),
    rule=FlowFeatureRule,
)
def features(tables: Tables, rule: FlowFeatureRule) -> Tables:
    """Describe each transfer by what had happened up to it, and each account as it is at the end.

    Transfers go in the order (at, seq, flow_id), and the row of one depends on it and on those
    before it alone: what a detector sees in training is what it sees in service, whatever comes in
    one batch with it. Counts, sums and counterparties of the windows include the transfer itself;
    ``last``, ``since`` and ``ratio`` compare it with what was before. -1 says that there is
    nothing to tell: no earlier transfer, nothing to divide by.

    A negative amount is money the other way round, as in ``trace.follow``. A transfer to oneself
    counts as one out and one in, and closes no circle; one of nothing counts with its amount of 0.
    The searches for circles and for scatter-gather are bounded; ``circles_cut`` says where the
    bound was met. Accounts are described at the time of the last transfer.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely, or transfers are exchanged into
        another currency.
    """
    from liandong.kernels.graphs.flowstate import start

    flow = up_to(tables["flow"], rule.until)
    must_not_exchange(flow, tables["bank_account"])
    log = read_log(flow, tables["bank_account"])
    ordered = flow.select(["flow_id", "at"]).take(pa.array(log.row))
    ordered = ordered.append_column("amount", pa.array(log.amount))
    src, dst = (np.ascontiguousarray(end) for end in log.legs[:2])
    state = start(spans(), len(log.accounts), len(flow))
    state, found = flow_features(state, (src, dst), ordered)
    last = pc.max(flow["at"]) if len(flow) else None
    accounts = log.accounts if len(flow) else log.accounts[:0]
    return found | account_features(state, accounts, last)
