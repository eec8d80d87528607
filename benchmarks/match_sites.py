"""Service points: published optima of the OR-Library, a peer, and ten thousand sites."""

import time
from importlib.util import find_spec

import numpy as np

from liandong.kernels.allocation.paths import UNREACHED, all_pairs
from liandong.kernels.allocation.pmedian import Field
from liandong.match.factors.sites import Effort, Siting, solve
from liandong.testing.data import data_folder
from liandong.testing.pmed import read_legs
from measure import figures, measure

PEER = """
import json, sys, time, warnings
import numpy as np
warnings.filterwarnings("ignore")
import pulp, spopt
from spopt.locate import PMedian
cost, sites = np.load(sys.argv[1]), int(sys.argv[2])
t = time.perf_counter()
model = PMedian.from_cost_matrix(cost, np.ones(len(cost)), p_facilities=sites)
model = model.solve(pulp.HiGHS(msg=False, timeLimit=120, threads=1), results=False)
print(json.dumps({"seconds": time.perf_counter() - t, "value": pulp.value(model.problem.objective),
                  "version": spopt.__version__}))
"""


def instance(path) -> Siting:  # noqa: ANN001 - a file of the library
    places, sites, legs = read_legs(path)
    both = sorted({(a, b): c for (i, j), c in legs.items() for a, b in ((i, j), (j, i))}.items())
    start = np.searchsorted([a for (a, _), _ in both], np.arange(places + 1)).astype(np.int64)
    head = np.array([b for (_, b), _ in both], np.int64)
    far = all_pairs(start, head, np.array([c for _, c in both], np.int64))
    one, none = np.ones(places, np.int64), np.zeros(places, np.int64)
    return Siting(Field(far, one, none, UNREACHED, int(far.max()) + 1), none[:0], sites)


def scattered(places: int, sites: int, seed: int) -> Siting:
    """Return places in clusters on a square of 100 km, with log-normal weights."""
    random = np.random.default_rng(seed)
    centre = random.random((places // 50, 2)) * 1e5
    at = centre[random.integers(0, len(centre), places)] + random.normal(0, 2000, (places, 2))
    far = np.empty((places, places), np.int32)
    for i in range(places):
        far[i] = np.rint(np.hypot(*(at - at[i]).T))
    weight = np.rint(np.exp(random.normal(7, 1, places))).astype(np.int64)
    none = np.zeros(places, np.int64)
    return Siting(Field(far, weight, none, UNREACHED, int(far.max()) + 1), none[:0], sites)


def library(folder) -> dict[str, object]:  # noqa: ANN001 - a folder
    """Return how many published optima are met, and how long that takes with the ways known."""
    rows = [line.split(",") for line in (folder / "optima.csv").read_text().split()[1:]]
    effort = Effort(arcs=0)
    problems = [instance(folder / f"{r[0]}.txt") for r in rows]
    solve(problems[0], effort)
    wall, cpu = time.perf_counter(), time.process_time()
    found = [solve(p, effort) for p in problems]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    optimum = [int(r[4]) for r in rows]
    gaps = [100 * (f.value - f.bound) / f.bound for f in found]
    off = [100 * (f.value - o) / o for f, o in zip(found, optimum, strict=True)]
    return {
        "instances": len(rows), "seconds": wall, "cpu_seconds": cpu,
        "optima": sum(f.value == o for f, o in zip(found, optimum, strict=True)),
        "gap_percent": max(off), "certified_gap_percent": float(np.mean(gaps)),
        "certified_gap_percent_worst": max(gaps),
        "proved_by_prices": sum(f.proof == "bound" for f in found),
    }  # fmt: skip


def peer(folder, tmp) -> dict[str, object]:  # noqa: ANN001 - folders
    """Return the seconds of spopt with HiGHS on a small instance."""
    if find_spec("spopt") is None:
        return {"spopt": "missing"}
    problem = instance(folder / "pmed1.txt")
    np.save(tmp, problem.field.distance.astype(float))
    return {f"spopt_{k}": v for k, v in measure(PEER, str(tmp), str(problem.slots)).said.items()}


def bench(*, quick: bool) -> dict[str, object]:
    from tempfile import TemporaryDirectory

    folder = data_folder("orlib_pmed")
    if folder is None:
        found: dict[str, object] = {"optima": "data missing"}
    else:
        with TemporaryDirectory() as tmp:
            found = library(folder) | peer(folder, f"{tmp}/cost.npy")
    return figures("pmed", found if quick else found | scale(10_000, 200))


def scale(places: int, sites: int) -> dict[str, object]:
    problem = scattered(places, sites, seed=11)
    start = time.perf_counter()
    large = solve(problem, Effort(tries=50, arcs=0))
    return {
        "large_places": places, "large_sites": sites, "large_seconds": time.perf_counter() - start,
        "large_gap_percent": 100 * (large.value - large.bound) / large.bound,
    }  # fmt: skip
