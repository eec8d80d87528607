"""What a stream of transfers found, as tables."""

from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.arrow import build, sort_by_key
from liandong.step import Tables
from liandong.trace.follow import FollowRule, written
from liandong.trace.found import Found
from liandong.trace.live.nodes import OUTSIDE
from liandong.trace.live.stream import Stream, Told, Transfer
from liandong.trace.log import NONE, Log
from liandong.types import from_epoch

Int = NDArray[np.int64]

TIME = pa.timestamp("us", "UTC")


def everything(stream: Stream, rule: FollowRule, loan: pa.Table) -> Tables:
    """Return all tables of ``trace.follow``; ``loan`` tells who borrowed."""
    log, node, origin = _as_log(stream)
    c, n = stream.rows.columns, stream.rows.count
    ids = pa.array(stream.rows.ids, pa.string()).take(pa.array(c.number[:n]))
    flow = pa.table({"flow_id": ids, "at": pa.array(c.at[:n]).cast(TIME)})
    followed = np.ones(len(log.loans), bool)
    if rule.loans:
        followed = np.isin(log.loans.to_numpy(zero_copy_only=False), rule.loans)
    found = Found(rule.method, flow, log, followed, rule.backward)
    traced = _renamed(stream.traced(), node, origin)
    tables = written(found, traced, loan, lots=rule.lots)
    return {name: sort_by_key(name, data).combine_chunks() for name, data in tables.items()}


def _as_log(stream: Stream) -> tuple[Log, Int, Int]:
    """Return the transfers as a log, and the numbers there of nodes and of origins."""
    nodes, c, n = stream.nodes, stream.rows.columns, stream.rows.count
    accounts, loans = len(nodes.account), len(nodes.loan)
    names = pa.array(list(nodes.loan), pa.string())
    order = np.array(pa.compute.sort_indices(names), np.int64)
    rank = np.argsort(order)
    node = np.empty(len(nodes.names), np.int64)
    node[OUTSIDE] = accounts + 2 * loans
    node[list(nodes.account.values())] = np.arange(accounts)
    node[nodes.source], node[nodes.repaid] = accounts + rank, accounts + loans + rank
    opening, facility, origin = np.zeros((3, len(nodes.names)), np.int64)
    known = node[: len(nodes.opening)]
    opening[known], facility[known] = nodes.opening, nodes.facility
    origin[accounts : accounts + loans] = 1 + np.arange(loans)
    lent = np.flatnonzero(c.lent[:n])
    np.add.at(opening, node[c.src[lent]], c.amount[lent])
    sinks = np.zeros(len(nodes.names), bool)
    sinks[node[list(nodes.sinks)]] = True
    legs = node[np.stack([c.payer[:n], c.payee[:n], c.src[:n], c.dst[:n]])]
    log = Log(
        np.arange(n), legs, c.amount[:n], c.amount[:n], c.undoes[:n], opening, origin,
        pa.array(list(nodes.account), pa.string()), names.take(pa.array(order)), sinks, facility,
        NONE,
    )  # fmt: skip
    return log, node, np.append(0, 1 + rank)


def _renamed(traced: Any, node: Int, origin: Int) -> tuple[Any, ...]:  # noqa: ANN401 - of compiled code, loaded late
    """Return what a kernel found with the numbers of a log."""
    moved = traced.moved.copy()
    moved[:, 1] = origin[moved[:, 1]]
    held, debts = (
        np.column_stack([node[rows[:, 0]], origin[rows[:, 1]], rows[:, 2]])
        for rows in (traced.held, traced.debts)
    )
    balance, short = np.zeros((2, len(node)), np.int64)
    balance[node], short[node] = traced.balance[: len(node)], traced.short[: len(node)]
    lots = traced.lots
    lots = lots._replace(origin=origin[lots.origin], account=node[lots.account])
    return moved, held, balance, short, debts, lots


class Trail(NamedTuple):
    """A row of the table ``trail``."""

    method: str
    loan_id: str
    flow_id: str
    step: int
    src_account: str
    dst_account: str
    amount: int
    at: datetime


class Moves(NamedTuple):
    """What a transfer moved of loans, and what it changed.

    Attributes
    ----------
    trail
        Rows of ``trail`` that hold from now on.
    withdrawn
        Rows that were told before and hold no longer.
    """

    trail: list[Trail]
    withdrawn: list[Trail]


def own_trail(stream: Stream, rule: FollowRule, told: Told, one: Transfer, at: datetime) -> Moves:
    """Return what one transfer moved."""
    loans, wanted, method = stream.nodes.loans, rule.loans, rule.method
    src, dst = one.src_account, one.dst_account
    if one.amount < 0:
        src, dst = dst, src
    trail = [
        Trail(method, loans[loan - 1], one.flow_id, step, src, dst, fen, at)
        for _, loan, fen, step in told.moved.tolist()
        if not wanted or loans[loan - 1] in wanted
    ]
    return Moves(sorted(trail) if len(trail) > 1 else trail, [])


def moves(stream: Stream, rule: FollowRule, told: Told) -> Moves:
    """Return what transfers moved and changed, in the order of the table ``trail``."""
    accounts, loans, ids = stream.nodes.names, stream.nodes.loans, stream.rows.ids
    c, found = stream.rows.columns, Moves([], [])
    for rows, trail in zip((told.moved, told.withdrawn), found, strict=True):
        for row, loan, fen, step in rows.tolist():
            at = from_epoch(int(c.at[row]))
            src, dst = accounts[c.payer[row]], accounts[c.payee[row]]
            name, flow = loans[loan - 1], ids[c.number[row]]
            if not rule.loans or name in rule.loans:
                trail.append(Trail(rule.method, name, flow, step, src, dst, fen, at))
        trail.sort()
    return found


def as_table(rows: list[Trail]) -> pa.Table:
    """Return the rows as a table."""
    columns = zip(*rows, strict=True) if rows else [()] * len(Trail._fields)
    return build("trail", dict(zip(Trail._fields, map(list, columns), strict=True)))
