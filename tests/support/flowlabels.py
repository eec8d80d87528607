"""Labelled logs of transfers: AMLSim samples with their answers, and a small planted one."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liandong.schema.arrow import build


def amlsim_labels(folder):
    """Return ``flow_label`` of an AMLSim sample: legs of a planted pattern.

    The files label accounts, each with the step at which it pays in a pattern: a transfer between
    two labelled accounts at the step of its payer is taken as a leg.
    """
    nodes = pq.read_table(folder / "nodes.parquet").to_pydict()
    step = np.full(max(nodes["nodeid"]) + 1, -1)
    bad = np.array(nodes["isFraud"], bool)
    step[np.array(nodes["nodeid"])[bad]] = np.array(nodes["fraudStep"])[bad]
    moves = pq.read_table(folder / "transactions.parquet")
    src, dst, at = (moves[c].to_numpy() for c in ("sourceNodeId", "targetNodeId", "time"))
    illicit = np.zeros(len(step), bool)
    illicit[np.array(nodes["nodeid"])[bad]] = True
    leg = illicit[src] & illicit[dst] & (step[src] == at)
    ids = [f"AML-T{n}" for n in range(1, len(moves) + 1)]
    return build("flow_label", {"flow_id": ids, "bad": leg})


def planted(days=60, a_day=120, accounts=80, rings=150, seed=5):
    """Return ``flow`` and ``flow_label`` of random transfers with circles of three planted."""
    rng = np.random.default_rng(seed)
    n = days * a_day
    rows = [
        (*rng.choice(accounts, 2, replace=False), int(rng.integers(1, 10**6)), at, False)
        for at in rng.integers(0, days * 86_400, n).tolist()
    ]
    for _ in range(rings):
        a, b, c = rng.choice(accounts, 3, replace=False)
        at, amount = int(rng.integers(0, days * 86_400 - 8000)), int(rng.integers(1, 10**6))
        rows += [(a, b, amount, at, True), (b, c, amount, at + 1800, True),
                 (c, a, amount, at + 3600, True)]  # fmt: skip
    start = datetime(2025, 1, 1, tzinfo=UTC)
    src, dst, amount, at, bad = zip(*rows, strict=True)
    ids = [f"P{k:05d}" for k in range(len(rows))]
    flow = build("flow", {
        "flow_id": ids, "src_account": [f"a{k}" for k in src], "amount": amount,
        "dst_account": [f"a{k}" for k in dst], "at": [start + timedelta(seconds=s) for s in at],
        "seq": list(range(len(rows))), "kind": ["transfer"] * len(rows),
    })  # fmt: skip
    return flow, build("flow_label", {"flow_id": ids, "bad": pa.array(bad)})
