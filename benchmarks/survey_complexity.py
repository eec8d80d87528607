"""Complexity from the long table: against a package, against the exact vector, and odd tables.

The panel is drawn as in reality: able regions make many items, hard items are made by few. Time
runs from the long table of texts to complexity of regions and items and the density of each region
around each item; the package does that, and some outlooks more, from the same rows as numbers.
"""

import contextlib
import importlib.util
import io
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liandong import survey
from liandong.kernels.scores.complexity import complexity
from liandong.kernels.scores.relatedness import densities, density, proximity
from liandong.schema.arrow import build, empty
from liandong.survey.structure.panel import Panel, PanelRule, judged, panels
from liandong.testing.data import data_folder
from liandong.testing.outputs import odd, outputs
from liandong.types import Rate
from measure import figures, measure

NAME = "eci"
FULL, SMALL, DENSE = (3_000, 1_000), (600, 300), 0.22
WIDE, YEARS, TOP = (200, 5_000), 20, 50


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part; a quick run has a smaller panel and one year."""
    told, errors = _against(SMALL if quick else FULL)
    told |= _years(1 if quick else YEARS)
    return {**figures(NAME, told), **errors, **figures("degenerate", _degenerate())}


def drawn(shape: tuple[int, int], years: int, dense: float = DENSE) -> pa.Table:
    """Return ``region_output`` of a synthetic panel."""
    rng = np.random.default_rng(3)
    able, hard = np.sort(rng.normal(size=shape[0]))[::-1], np.sort(rng.normal(size=shape[1]))
    odds = 1.6 * (able[:, None] - hard) + np.log(dense / (1 - dense))
    made = rng.random((years, *shape)) < 1 / (1 + np.exp(-odds))
    year, region, item = np.nonzero(made)
    rows = len(year)

    def texts(words: list[str], at: np.ndarray) -> pa.Array:
        return pa.array(words).take(pa.array(at))

    return build("region_output", {
        "region_id": texts([f"{100000 + r}" for r in range(shape[0])], region),
        "item": texts([f"I{i:05d}" for i in range(shape[1])], item),
        "period": texts([f"{2000 + y}" for y in range(years)], year),
        "value": rng.lognormal(3, 1.2, rows),
        **{n: pa.repeat(v, rows) for n, v in
           (("kind", "product"), ("vintage", "drawn"), ("unit", "USD"))},
    })  # fmt: skip


def whole(rows: pa.Table, top: int = 0) -> tuple[Panel, np.ndarray, np.ndarray, np.ndarray]:
    """Go from a long table to complexity and density, year by year; return the last year's.

    With ``top`` only so many of the highest densities of items that a region lacks are kept.
    """
    rule = PanelRule(least_total=Rate(0))
    for panel in panels({"region_output": rows, "region": empty("region")}, rule):
        found, _ = judged(panel, rule)
        ties = proximity(panel.holds)  # built and dropped: 200 MB of 5,000 items
        tall = len(panel.regions) >= len(panel.items)
        near = density(panel.holds, ties) if tall else densities(panel.holds)
        if top:
            near = -np.partition(np.where(panel.free, -near, 0.0), top, axis=1)[:, :top]
    return panel, found.places, found.fields, near


def _against(shape: tuple[int, int]) -> tuple[dict[str, object], dict[str, object]]:
    """Return our seconds and the package's; and how far we are from it and from the truth."""
    rows = drawn(shape, 1)
    seconds = []
    for _ in range(4):  # the first one warms up
        start = time.perf_counter()
        panel, places, fields, _ = whole(rows)
        seconds.append(time.perf_counter() - start)
    ours = float(np.median(seconds[1:]))
    found = {"shape": "x".join(map(str, shape)), "rows": len(rows), "seconds": ours}
    errors = {f"{NAME}.max_error": max(_trade_off(), *_off(panel, places, fields))}
    theirs = _package(rows)
    if theirs is None:
        return {**found, "ecomplexity": "missing", "ratio_vs_ecomplexity": None}, errors
    seconds, index = theirs
    errors[f"{NAME}.ecomplexity_differs"] = float(np.abs(index - places).max())
    return {
        **found, "ecomplexity_seconds": seconds, "ratio_vs_ecomplexity": seconds / ours
    }, errors  # fmt: skip


def _off(panel: Panel, places: np.ndarray, fields: np.ndarray) -> tuple[float, float]:
    """Return how far the index is from that of a dense solver (numpy.linalg.eigh)."""
    k, u = panel.holds.sum(axis=1), panel.holds.sum(axis=0)
    s = panel.holds / np.sqrt(k)[:, None] / np.sqrt(u)
    by_place = len(k) <= len(u)
    vector = np.linalg.eigh(s @ s.T if by_place else s.T @ s)[1][:, -2]
    index = (vector if by_place else s @ vector) / np.sqrt(k)
    index = (index - index.mean()) / index.std()
    index *= np.sign(np.corrcoef(index, k)[0, 1])
    exact = panel.holds.T @ index / u
    return float(np.abs(places - index).max()), float(np.abs(fields - exact).max())


def _package(rows: pa.Table) -> tuple[float, np.ndarray] | None:
    """Run ecomplexity on the same rows, its notes to the screen left out: seconds and index."""
    if importlib.util.find_spec("ecomplexity") is None:
        return None
    import pandas as pd
    from ecomplexity import ecomplexity

    frame = pd.DataFrame({
        "t": 2000,
        "r": rows["region_id"].combine_chunks().dictionary_encode().indices.to_numpy(),
        "p": rows["item"].combine_chunks().dictionary_encode().indices.to_numpy(),
        "v": rows["value"].to_numpy(),
    })  # fmt: skip
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ecomplexity(frame, {"time": "t", "loc": "r", "prod": "p", "val": "v"})
    seconds = time.perf_counter() - start
    theirs = found.drop_duplicates("r").set_index("r")["eci"]
    order = rows["region_id"].combine_chunks().dictionary_encode().dictionary.to_pylist()
    index = theirs.loc[np.argsort(order)].to_numpy(np.float64)
    index = (index - index.mean()) / index.std()
    return seconds, index


_CHILD = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import pyarrow.parquet as pq
from survey_complexity import TOP, drawn, whole
whole(drawn((30, 40), 1))
start = time.perf_counter()
names = ["region_id", "kind", "item", "period", "vintage", "unit"]
whole(pq.read_table(sys.argv[2], read_dictionary=names), TOP)
print(json.dumps({"wide_seconds": time.perf_counter() - start}))
"""


def _years(years: int) -> dict[str, object]:
    """Return seconds and memory from a Parquet file to complexity and the 50 highest densities."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.parquet"
        pq.write_table(drawn(WIDE, years, 0.3), file)
        done = measure(_CHILD, str(Path(__file__).parent), str(file))
    shape = f"{'x'.join(map(str, WIDE))}x{years}"
    return {"wide": shape, **done.said, "wide_peak_mb": round(done.peak_mb)}


def _trade() -> tuple[np.ndarray, list[str]] | None:
    folder = data_folder("economic_complexity")
    if folder is None:
        return None
    flows = pq.read_table(folder / "world_trade_avg_1998_2000.parquet")
    words = [sorted(flows[c].unique().to_pylist()) for c in ("country", "product")]
    at = [pa.compute.index_in(flows[c], pa.array(w, flows[c].type)).to_numpy()
          for c, w in zip(("country", "product"), words, strict=True)]  # fmt: skip
    amount = np.zeros([len(w) for w in words])
    amount[tuple(at)] = flows["value"].to_numpy()
    return amount, words[0]


def _trade_off() -> float:
    """Return how far the index of world trade is from the exact one; 0 without these data."""
    trade = _trade()
    if trade is None:
        return 0.0
    tables = {"region_output": outputs(*trade), "region": empty("region")}
    (panel,) = panels(tables, PanelRule(least_total=Rate(0)))
    found = complexity(panel.holds)
    return max(_off(panel, found.places, found.fields))


def _degenerate() -> dict[str, object]:
    """Return how many odd tables are named by their cause, and what is said of world trade."""
    tables = odd()
    named = sum(
        code in survey.complexity(rows, draws=0)["survey_caution"]["code"].to_pylist()
        for rows, code in tables.values()
    )
    trade = _trade()
    if trade is None:
        return {"tables": len(tables), "named": named, "false_alarms": "data missing"}
    said = survey.complexity(outputs(*trade), draws=0)["survey_caution"].to_pylist()
    # That some places make next to nothing is true: South Georgia, Heard and McDonald Islands.
    alarms = [c["code"] for c in said if c["code"] != "small_total"]
    return {"tables": len(tables), "named": named, "false_alarms": len(alarms),
            "tiny_places": sum(c["count"] for c in said if c["code"] == "small_total")}  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(f"{bench(quick='--quick' in sys.argv)}\n")
