"""A board that all pages have something to show of: a small world and its loop, many times over.

The loop runs on a world of some hundred or thousand firms. Then every row about a firm, a loan, an
account and so on is written as many times as it takes, each time with ids of its own: so a board
of 100,000 firms is there in minutes, its tables as large and as related as if it had been run.
"""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from liandong import govern
from liandong.board import Board
from liandong.cli.demo import reconciled
from liandong.loop import BUDGET_A_FIRM, loop, world_dates
from liandong.schema.field import Table
from liandong.schema.sql import METADATA
from liandong.schema.tables import TABLES
from liandong.step import Run
from liandong.types import CHINA, Money

MONTHS = 18
"""Of the world; firms are seen at its end and a year before."""
AT_ONCE = 1000
"""Rows that go into the books at once."""
UNSEEN = {
    "assess.challenge", "assess.drift", "assess.leak_alarm", "assess.backtest", "match.bid_prices",
    "match.decide", "match.explore", "trace.features", "trace.poison", "trace.prune",
    "trace.bounds",
}  # fmt: skip
"""Steps of the loop that take long and of which pages show next to nothing."""
ABOUT = (
    "party edge bank_account signal invoice flow event project loan consent feature score"
    " party_group alert alert_version alert_group reconciliation triage"
    " alert_case case_act case_alert chain_node chain_tie circle circle_leg idle alternative"
    " innovation application receivable pledge quote offer ownership ownership_total ownership_tie"
    " ownership_path beneficial_owner provision explanation aim watchlist screening_hit bank_line"
    " bank_match bank_open bank_difference statement statement_line trail holding lot rollover"
    " voucher_act voucher_lot voucher_move voucher_holding voucher_discount voucher_fault"
    " pledged_twice circular_trade circular_leg warning"
)  # fmt: skip
"""Tables with rows about one thing of the world."""
NAMES = (
    "party_id subject_id owner_id holder_id issuer_id obligor_id guarantor_id borrower_id seller"
    " counterparty_id buyer src dst loan_id repaid_loan_id fresh_loan flow_id invoice_id account_id"
    " src_account dst_account debit credit place other_id entry_id line_id item_id project_id"
    " alert_id case_id warning_id event_id voucher_id lot_id act_id from_party to_party circle_id"
    " pair_id ring_id group_id consent_id approval_id"
)  # fmt: skip
"""Their fields that name it: every copy has names of its own."""


def fill(board: Board, firms: int, times: int) -> None:
    """Fill a new board with ``firms`` times ``times`` firms."""
    board.load("world", firms=firms, months=MONTHS, seed=7, statistics=True)
    for name, work in loop(board, world_dates(board), Money(BUDGET_A_FIRM * firms)):
        if name not in UNSEEN:
            work()
    board.run(govern.scorecards, as_of=datetime.now(CHINA).date())
    reconciled(board, 7)
    multiply(board, times)


def multiply(board: Board, times: int) -> None:
    """Write every row about a thing ``times`` times, each with ids of its own."""
    parts: dict[str, list[str]] = {}
    booked = {n: board.store.read(n) for n in ("account", "entry")}
    for k in range(1, times):
        board.put(f"copy {k}", {n: _copy(TABLES[n], rows, k) for n, rows in booked.items()})
    for name in ABOUT.split():
        if TABLES[name].home == "books":
            _append(board, name, times)
        else:
            for head in board.store.heads(name):
                parts.setdefault(head["part"], []).append(name)
    for part, names in parts.items():
        run = Run.start("load.put", part, board.actor, "bench", {})
        board.store.perform(
            run, lambda part=part, names=names: (_grown(board, part, names, times), {})
        )


def _grown(board: Board, part: str, names: list[str], times: int) -> dict[str, pa.Table]:
    store = board.store
    paths = {n: [h["path"] for h in store.heads(n) if h["part"] == part] for n in names}
    rows = {n: store.lake.read(n, p) for n, p in paths.items()}
    return {
        n: pa.concat_tables(_copy(TABLES[n], t, k) for k in range(times)) for n, t in rows.items()
    }


def _append(board: Board, name: str, times: int) -> None:
    rows = board.store.read(name)
    with board.store.books.writing() as c:
        for k in range(1, times):
            for some in _copy(TABLES[name], rows, k).to_batches(AT_ONCE):
                c.execute(sa.insert(METADATA.tables[name]), some.to_pylist())


def _copy(spec: Table, rows: pa.Table, number: int) -> pa.Table:
    """Return rows with the ids of a copy: ``F000012`` is ``F07000012`` in that of number 7."""
    if not number:
        return rows
    names = set(NAMES.split())
    for i, f in enumerate(spec.fields):
        if f.name in names and f.kind in {"id", "text"}:
            old = rows[f.name].cast(pa.string())
            first, rest = pc.utf8_slice_codeunits(old, 0, 1), pc.utf8_slice_codeunits(old, 1)
            new = pc.binary_join_element_wise(first, f"{number:02}", rest, "")
            rows = rows.set_column(
                i, rows.schema.field(f.name), new.cast(rows.schema.field(f.name).type)
            )
    return rows
