"""Features of transfers: how many a second on one core, and a peer's; and what a detector finds."""

import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liandong import trace
from liandong.kernels.graphs.flowstate import start
from liandong.kernels.graphs.graphstream import INTS, REALS, Transfers, fill
from liandong.load import load
from liandong.schema.arrow import build, empty
from liandong.schema.tables.features import COLUMNS
from liandong.testing.data import data_folder
from liandong.trace.features.wide import spans
from measure import figures
from trace_instances import instance

SEED = 7
BATCH = 4096
SAMPLES = ("20K_cycle200", "20K_fanin200")
MONEY = tuple(
    c.name for c in COLUMNS
    if c.unit == "CNY fen" or any(t in c.name for t in ("ratio", "through", "spread", "round"))
    or c.name == "passed_on"
)  # fmt: skip
"""Features that amounts go into."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    rows = 100_000 if quick else 1_000_000
    moves = _moves(rows)
    ours = _ours(moves)
    peer = _peer(moves, 20_000 if quick else 300_000)
    found = {"rows": rows, "columns": len(COLUMNS), **ours, **peer}
    if isinstance(best := peer.get("gfp_edges_per_s"), float):
        found["ratio_vs_gfp"] = ours["edges_per_s"] / best
    return figures("features", found | _step(moves, rows)) | _detector(quick=quick)


def _moves(rows: int) -> Transfers:
    log = instance(rows, SEED)
    at = log.at.astype(np.int64) * 1_000_000
    return Transfers(log.src.astype(np.int64), log.dst.astype(np.int64), at, log.amount)


def _ours(moves: Transfers) -> dict[str, float]:
    """Measure batches of 4096, single transfers, and whether both give the same bits."""
    accounts, rows = int(max(moves.src.max(), moves.dst.max())) + 1, len(moves.src)
    few = min(rows // 5, 50_000)
    ints, reals = np.zeros((2, few, INTS), np.int64), np.zeros((2, few, REALS))

    def run(size: int, upto: int, keep: int | None) -> float:
        state = start(spans(), accounts, upto)
        whole, real = np.zeros((size, INTS), np.int64), np.zeros((size, REALS))
        began, spent = time.process_time(), 0.0
        for a, b in pairwise([*range(0, upto, size), upto]):
            part = Transfers(*(c[a:b] for c in moves))
            state = fill(state, part, whole[: b - a], real[: b - a])
            if keep is not None and b <= few:
                pause = time.process_time()
                ints[keep, a:b], reals[keep, a:b] = whole[: b - a], real[: b - a]
                spent += time.process_time() - pause
        return time.process_time() - began - spent

    run(BATCH, few, None)
    run(1, few, 0)
    run(BATCH, few, 1)
    seconds, single = run(BATCH, rows, None), run(1, few, None)
    kept = few // BATCH * BATCH
    same = np.array_equal(ints[0, :kept], ints[1, :kept])
    same &= reals[0, :kept].tobytes() == reals[1, :kept].tobytes()
    return {
        "edges_per_s": rows / seconds, "edges_per_s_batch1": few / single,
        "batches_same_bits": bool(same),
    }  # fmt: skip


def _peer(moves: Transfers, rows: int) -> dict[str, object]:
    """Measure GFP with its default columns, on one thread, in batches of 128 and 4096."""
    if find_spec("snapml") is None:
        return {"gfp": "missing"}
    from snapml import GraphFeaturePreprocessor

    at = (moves.at - moves.at[0]) // 1_000_000 + 1
    table = np.stack([np.arange(rows), *(c[:rows] for c in (moves.src, moves.dst, at)),
                      moves.amount[:rows] / 100], axis=1).astype(float)  # fmt: skip
    table = np.ascontiguousarray(table)

    def run(size: int) -> tuple[float, int]:
        peer = GraphFeaturePreprocessor()
        peer.set_params({**peer.get_params(), "num_threads": 1, "vertex_stats_cols": [4]})
        began = time.process_time()
        for i in range(0, rows, size):
            out = peer.transform(table[i : i + size])
        return time.process_time() - began, out.shape[1]

    (small, columns), (large, _) = run(128), run(BATCH)
    return {
        "gfp_columns": columns, "gfp_rows": rows, "gfp_edges_per_s_128": rows / small,
        "gfp_edges_per_s_4096": rows / large, "gfp_edges_per_s": rows / min(small, large),
    }  # fmt: skip


def _step(moves: Transfers, rows: int) -> dict[str, float]:
    """Measure the step, from Arrow tables to Arrow tables."""
    name: Callable[[np.ndarray, str], pa.Array] = lambda n, mark: pa.array(  # noqa: E731
        np.char.add(mark, n.astype(str))
    )
    flow = build("flow", {
        "flow_id": name(np.arange(rows), "f"), "src_account": name(moves.src, "a"),
        "dst_account": name(moves.dst, "a"), "amount": moves.amount,
        "at": pa.array(moves.at).cast(pa.timestamp("us", "UTC")), "seq": np.arange(rows),
        "kind": ["transfer"] * rows,
    })  # fmt: skip
    trace.features(flow.slice(0, 100), empty("bank_account"))  # compiled by then
    began = time.process_time()
    trace.features(flow, empty("bank_account"))
    return {"step_edges_per_s": rows / (time.process_time() - began)}


def _detector(*, quick: bool) -> dict[str, object]:
    """Learn on the first days of AMLSim's samples, judge on the last, with and without amounts."""
    folder = data_folder("amlsim_20k")
    if folder is None or find_spec("lightgbm") is None:
        return {"detector": "data or lightgbm missing"}
    found: dict[str, object] = {}
    for name in SAMPLES[: 1 if quick else 2]:
        tables = load("amlsim", folder / name).tables
        feature = trace.features(tables["flow"], tables["bank_account"])["flow_feature"]
        label = _legs(folder / name)
        ways = (("", ()), ("_no_amounts", MONEY))
        for mark, without in ways[: 1 if quick else 2]:
            learnt = trace.learn(feature, label, without=without)["detection"].to_pylist()
            for row in learnt:
                if row["part"] == "test":
                    found |= _told(f"{name}{mark}_{row['measure']}", row)
    return figures("detector", found)


def _told(name: str, row: dict[str, float]) -> dict[str, object]:
    ends = {f"{name}_{e}": row[e] for e in ("low", "high") if row[e] is not None}
    return {name: row["value"], **ends}


def _legs(folder) -> pa.Table:  # noqa: ANN001 - a folder
    """Return labels: transfers between two labelled accounts at the step of the payer's fraud."""
    nodes = pq.read_table(folder / "nodes.parquet")
    moves = pq.read_table(folder / "transactions.parquet")
    node = nodes["nodeid"].to_numpy()
    step, bad = np.full(node.max() + 1, -1), np.zeros(node.max() + 1, bool)
    bad[node], step[node] = nodes["isFraud"].to_numpy() == 1, nodes["fraudStep"].to_numpy()
    src, dst, at = (moves[c].to_numpy() for c in ("sourceNodeId", "targetNodeId", "time"))
    ids = np.char.add("AML-T", np.arange(1, len(moves) + 1).astype(str))
    leg = bad[src] & bad[dst] & (step[src] == at)
    return build("flow_label", {"flow_id": pa.array(ids), "bad": pa.array(leg)})
