"""Boards written before a table got a column are read as if it were empty."""

import pyarrow.parquet as pq

import liandong as ld
from liandong import trace
from support.flows import account_table, flow_table


def _forget(board, name, *columns):
    """Write the snapshots of a table anew without some columns."""
    for head in board.store.heads(name):
        for file in board.store.lake.files(head["path"]):
            old = pq.ParquetFile(file).read().drop_columns(list(columns))
            pq.write_table(old, file)


def test_a_column_that_is_not_there_is_null(tmp_path):
    board = ld.open(tmp_path / "a.board", actor="ann")
    lines = ("bank A 100 disbursement loan=L", "A B 40")
    board.put("old", {"flow": flow_table(*lines), "bank_account": account_table(A=5)})
    _forget(board, "flow", "received")
    _forget(board, "bank_account", "currency")
    rows = board.sql("SELECT flow_id, received FROM flow ORDER BY flow_id").to_pylist()
    assert rows == [{"flow_id": f"f{n}", "received": None} for n in range(2)]
    board.run(trace.follow)
    _forget(board, "holding", "converted")
    board.run(trace.follow, method="haircut")
    told = board.sql("SELECT method, converted FROM holding ORDER BY method").to_pylist()
    assert {(r["method"], r["converted"]) for r in told} == {("fifo", None), ("haircut", None)}
