"""Loading real input and making a world: seconds, rows, peak memory; pandas as the peer."""

import subprocess
import sys
import time
from pathlib import Path

from liandong.testing.data import data_folder
from measure import figures, measure

# Imports stay outside the clock on both sides; the whole process is a figure of its own.
CUMCM = """
import json, sys, time, liandong as ld
from liandong.load import cumcm2020c
board = ld.open("b.board")
t = time.perf_counter()
run = board.load("cumcm2020c", sys.argv[1])
seconds = time.perf_counter() - t
fen = board.sql("SELECT sum(net)::BIGINT AS fen FROM invoice")["fen"][0].as_py()
print(json.dumps({"seconds": seconds, "invoices": run.counts["invoice"], "fen": fen,
                  "refused": run.counts["refused"]}))
"""

PANDAS = """
import json, sys, time, glob
import pandas as pd
t = time.perf_counter()
known = set(pd.read_csv(sys.argv[1] + "/enterprises_labelled.csv")["ent"].str.strip())
known |= set(pd.read_csv(sys.argv[1] + "/enterprises_unlabelled.csv")["ent"].str.strip())
parts = []
for path in sorted(glob.glob(sys.argv[1] + "/invoices_*.parquet")):
    p = pd.read_parquet(path)
    side = "P" if "purchase" in path else "S"
    p["id"] = p["ent"] + "-" + side + "-" + p["invoice_no"].astype(str)
    parts.append(p)
d = pd.concat(parts, ignore_index=True)
d["net"] = (d["amount"] * 100).round().astype("int64")
d["vat"] = (d["tax"] * 100).round().astype("int64")
d["status"] = "valid"
d.loc[d["net"] < 0, "status"] = "red"
d.loc[~d["valid"], "status"] = "void"
assert d["ent"].isin(known).all() and d["date"].between("1990-01-01", "2100-01-01").all()
d["n"] = d.groupby("id").cumcount()
d[["id", "ent", "counterparty", "date", "net", "vat", "status"]].to_parquet(
    "invoice.parquet", compression="zstd")
print(json.dumps({"seconds": time.perf_counter() - t, "invoices": len(d),
                  "fen": int(d["net"].sum())}))
"""

WORLD = """
import json, sys, time
from liandong.world import make
t = time.perf_counter()
tables = make(firms=int(sys.argv[1]), months=36, seed=7)
print(json.dumps({"seconds": time.perf_counter() - t, "flows": len(tables["flow"]),
                  "invoices": len(tables["invoice"])}))
"""


def bench(*, quick: bool) -> dict[str, object]:
    firms = 5_000 if quick else 20_000
    world = measure(WORLD, str(firms))
    found: dict[str, object] = figures(
        "world",
        {
            f"seconds_{firms // 1000}k": world.said["seconds"],
            "flows": world.said["flows"],
            "invoices": world.said["invoices"],
            "peak_mb": world.peak_mb,
        },
    )
    return found | _cumcm(1 if quick else 3) | {"help_ms": _help_ms()}


def _cumcm(times: int) -> dict[str, object]:
    folder = data_folder("cumcm2020c_sme_credit")
    if folder is None:
        return {"load.cumcm": "data missing"}
    runs = [measure(CUMCM, str(folder)) for _ in range(times)]
    best = min(runs, key=lambda r: r.said["seconds"])
    found = figures(
        "load",
        {
            "cumcm_seconds": best.said["seconds"],
            "process_seconds": best.seconds,
            "cumcm_seconds_worst": max(r.said["seconds"] for r in runs),
            "cumcm_invoices": best.said["invoices"],
            "cumcm_refused": best.said["refused"],
            "peak_mb": best.peak_mb,
        },
    )
    return found | _peer(folder, best.said)


def _peer(folder: Path, ours: dict[str, float]) -> dict[str, object]:
    try:
        import pandas as pd
    except ImportError:
        return {"load.pandas": "missing"}
    peer = measure(PANDAS, str(folder))
    same = (peer.said["invoices"], peer.said["fen"]) == (ours["invoices"], ours["fen"])
    return figures(
        "load",
        {
            "pandas_version": pd.__version__,
            "pandas_seconds": peer.said["seconds"],
            "pandas_peak_mb": peer.peak_mb,
            "pandas_ratio": peer.said["seconds"] / ours["seconds"],
            "same_rows_and_fen": same,
        },
    )


def _help_ms() -> float:
    """Return the median of five starts of ``liandong --help``, in milliseconds."""
    times = []
    for _ in range(5):
        t = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "liandong.cli", "--help"], check=True, capture_output=True
        )
        times.append((time.perf_counter() - t) * 1000)
    return round(sorted(times)[2], 1)
