"""Scoring by a card of 30 columns: many rows from doubles, and one row in Python."""

import time
from importlib.util import find_spec

import numpy as np

from liandong.assess import Characteristic, Scorecard, Scorer
from measure import figures, measure

COLUMNS, BINS = 30, 8

PEER = """
import json, sys, time, warnings
import numpy as np, pandas as pd
warnings.filterwarnings("ignore")
import optbinning
from optbinning import BinningProcess, Scorecard
from sklearn.linear_model import LogisticRegression
r = np.random.default_rng(3)
x = pd.DataFrame(r.standard_normal((int(sys.argv[1]), 30)), columns=[f"m{j}" for j in range(30)])
y = (r.random(len(x)) < 1 / (1 + np.exp(2 - x.sum(axis=1) / 5))).astype(int)
card = Scorecard(BinningProcess(list(x.columns)), LogisticRegression(max_iter=200),
                 scaling_method="pdo_odds", scaling_method_params={
                     "pdo": 20, "odds": 50, "scorecard_points": 600})
card.fit(x[:5000], y[:5000])
card.score(x[:10])
t = time.perf_counter()
card.score(x)
seconds = time.perf_counter() - t
one = x[:1]
t = time.perf_counter()
for _ in range(5):
    card.score(one)
print(json.dumps({"rows_per_s": len(x) / seconds, "one_row_us": (time.perf_counter() - t) / 5 * 1e6,
                  "version": optbinning.__version__}))
"""


def card() -> Scorecard:
    """Return a card of 30 columns in 8 bins each."""
    random = np.random.default_rng(1)
    return Scorecard(
        base=487, rows=1, bads=1, auc=0.5, auc_low=0, auc_high=1,
        characteristics=tuple(
            Characteristic(
                measure=f"m{j}", trend="none", edges=np.sort(random.normal(size=BINS - 1)).tolist(),
                woe=[0.0] * (BINS + 1), points=random.integers(-40, 40, BINS + 1).tolist(),
                iv=0.1, coefficient=1.0,
            )
            for j in range(COLUMNS)
        ),
    )  # fmt: skip


def bench(*, quick: bool) -> dict[str, object]:
    rows, times = (500_000, 3) if quick else (2_000_000, 5)
    random = np.random.default_rng(2)
    x = random.standard_normal((rows, COLUMNS))
    x[random.random(x.shape) < 0.05] = np.nan
    ours, scorer = card(), Scorer(card())
    scorer.points(x[:10])
    found: dict[str, object] = {"rows": rows, "columns": COLUMNS, "threads": scorer.threads}
    for name, table in (("rows_per_s", x), ("rows_per_s_by_column", np.asfortranarray(x))):
        wall, cpu = [], []
        for _ in range(times):
            t, c = time.perf_counter(), time.process_time()
            points = scorer.points(table)
            wall.append(time.perf_counter() - t)
            cpu.append(time.process_time() - c)
        found |= {name: round(rows / min(wall)), f"{name}_median": round(rows / np.median(wall))}
        found[name.replace("rows_per_s", "rows_per_cpu_s")] = round(rows / min(cpu))
        some = slice(None, None, 7)
        assert (points[some] == ours.base + ours.parts(x[some]).sum(axis=1)).all()
    found["rows_checked"] = len(points[some])
    return figures("score", found | one_row(scorer, x, points))


def one_row(scorer, x, points) -> dict[str, float]:  # noqa: ANN001 - a scorer, rows and their points
    """Return microseconds for one row, best and median of batches of 1,000."""
    rows = x[:1000].tolist()
    spent = []
    for _ in range(9):
        t = time.perf_counter()
        got = [scorer(row) for row in rows]
        spent.append((time.perf_counter() - t) * 1000)
        assert got == points[:1000].tolist()
    return {"one_row_us": min(spent), "one_row_us_median": float(np.median(spent))}


def peer(*, quick: bool) -> dict[str, object]:
    """Return the figures of optbinning's scorecard, which works in one thread."""
    if find_spec("optbinning") is None:
        return {"score.optbinning": "missing"}
    rows = 20_000 if quick else 200_000
    found = measure(PEER, str(rows)).said
    return figures(
        "score", {f"optbinning_{k}": v for k, v in found.items()} | {"optbinning_rows": rows}
    )
