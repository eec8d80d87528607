"""Prices and bounds against HiGHS on the same linear program, at scale, and on the next day.

The program is in the form that suits HiGHS best: the money of each product for each group of
projects with the same coefficients is a variable, so an arc has two entries instead of one for
each limit. Instances are of fresh seeds. ``excess`` is the bound over the linear optimum less 1.
"""

from pathlib import Path

from measure import figures, measure

SEED = 101

OURS = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from match_instances import drifted, instance
from liandong.match.core.dual import exact, prices
n, seed, runs = map(int, sys.argv[2:])
small = instance(3_000, 0)
for threads in (1, 2):  # compiles
    exact(small, prices(small, threads=threads), threads=threads)
problem = instance(n, seed)
def timed(problem, warm=None):
    wall, cpu = time.perf_counter(), time.process_time()
    at = prices(problem, warm=warm)
    mid = time.perf_counter()
    found = exact(problem, at)
    end = time.perf_counter()
    return at, found.bound, end - wall, end - mid, time.process_time() - cpu
def peak(kind):
    with open("/proc/self/status") as file:
        return next(int(r.split()[1]) for r in file if r.startswith(kind)) / 1024
try:
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is counted anew from here
    before = peak("VmRSS")
except OSError:
    before = None
done = [timed(problem) for _ in range(runs)]
extra = None if before is None else peak("VmHWM") - before
at, proved = done[0][:2]
alone = prices(problem, threads=1)
same = all((a == b).all() for a, b in zip(at, alone))
after = drifted(problem, seed + 1)
cold, warm = [[timed(after, w) for _ in range(runs)] for w in (None, at)]
middle = lambda got, k: sorted(g[k] for g in got)[len(got) // 2]
print(json.dumps({
    "bound": proved, "bound_seconds": middle(done, 2), "exact_seconds": middle(done, 3),
    "bound_cpu_seconds": middle(done, 4), "extra_mib": extra, "same_for_any_threads": same,
    "warm_ratio": middle(warm, 2) / middle(cold, 2),
    "warm_cpu_ratio": middle(warm, 4) / middle(cold, 4),
    "warm_over_cold_bound": warm[0][1] / cold[0][1] - 1}))
"""

# Rows: projects, money of product and group, products, sides; columns: arcs, that money.
THEIRS = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import highspy
import numpy as np
from match_instances import FEN, instance
n, seed = map(int, sys.argv[2:])
p = instance(n, seed)
m, arcs, million = len(p.capacity), len(p), float(FEN)
coefficient = np.array([s.by_project / 1e6 for s in p.sides])
group_of, group = np.unique(coefficient, axis=1, return_inverse=True)
groups = group_of.shape[1]
project = p.project
pair = p.product.astype(np.int64) * groups + group.ravel()[project]
amount = p.most / million
pairs = np.arange(m * groups)
k = len(p.sides)
entries = [
    (project, np.arange(arcs), np.ones(arcs)),
    (n + pair, np.arange(arcs), amount),
    (n + pairs, arcs + pairs, -np.ones(m * groups)),
    (n + m * groups + pairs // groups, arcs + pairs, np.ones(m * groups)),
    *((np.full(m * groups, n + m * groups + m + s), arcs + pairs, group_of[s][pairs % groups])
      for s in range(k)),
]
row, column, entry = (np.concatenate(x) for x in zip(*entries))
order = np.lexsort((row, column))
lp = highspy.HighsLp()
lp.num_col_, lp.num_row_ = arcs + m * groups, n + m * groups + m + k
lp.sense_ = highspy.ObjSense.kMaximize
lp.col_cost_ = np.concatenate([p.value / 1e8 * amount, np.zeros(m * groups)])
lp.col_lower_ = np.zeros(lp.num_col_)
lp.col_upper_ = np.concatenate([np.ones(arcs), np.full(m * groups, np.inf)])
lp.row_lower_ = np.concatenate([np.full(n, -np.inf), np.zeros(m * groups), np.full(m, -np.inf),
                                np.zeros(k)])
lp.row_upper_ = np.concatenate([np.ones(n), np.zeros(m * groups), p.capacity / million,
                                np.full(k, np.inf)])
lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(column))])
lp.a_matrix_.index_, lp.a_matrix_.value_ = row[order], entry[order]
h = highspy.Highs()
h.setOptionValue("output_flag", False)
h.setOptionValue("threads", 1)
h.setOptionValue("solver", "simplex")
h.passModel(lp)
wall, cpu = time.perf_counter(), time.process_time()
h.run()
print(json.dumps({
    "seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu,
    "optimal": h.getModelStatus() == highspy.HighsModelStatus.kOptimal,
    "value": h.getInfo().objective_function_value, "version": h.version()}))
"""


def bench(*, quick: bool) -> dict[str, object]:
    here = str(Path(__file__).parent)
    found: dict[str, object] = {}
    sizes = {"m10k": 10_000}
    if not quick:
        sizes |= {"m100k": 100_000, "m1": 1_000_000}
    for name, projects in sizes.items():
        ours = measure(OURS, here, str(projects), str(SEED), "3").said
        proved = ours.pop("bound") / 10**8
        ours["warm_over_cold_bound"] = f"{ours['warm_over_cold_bound']:.1e}"
        found |= figures(name, ours)
        # What HiGHS takes a minute for is for the full run; a million it was never seen to end.
        if projects == (10_000 if quick else 100_000):
            found |= figures(name, _against(here, projects, ours, proved))
    return found


def _against(here: str, projects: int, ours: dict[str, float], proved: float) -> dict[str, object]:
    theirs = measure(THEIRS, here, str(projects), str(SEED)).said
    assert theirs["optimal"]
    excess = proved / theirs["value"] - 1
    assert excess > -1e-8, "a bound below the optimum"
    return {
        "bound_ratio_vs_highs": theirs["seconds"] / ours["bound_seconds"],
        "bound_cpu_ratio_vs_highs": theirs["cpu_seconds"] / ours["bound_cpu_seconds"],
        "bound_excess": f"{excess:.1e}",
        "highs_seconds": theirs["seconds"],
        "highs_version": theirs["version"],
    }
