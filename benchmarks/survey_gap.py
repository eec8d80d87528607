"""Gaps between regions: Dagum's parts, permutations, and moves that depend on the neighbours.

3,000 made counties in 31 provinces over 30 years. Peers, each in the same run and on the same
work: PySAL's ``TheilDSim`` and giddy's ``Spatial_Markov``, where they are installed; their answers
must be ours, and p-values must lie within what chance allows. Dagum's parts are compared with all
pairs of counties by the book, for which there is no package. The 48 states of the United States
(1929-2009) have published figures.
"""

import csv
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics import inequality, markov, resampling
from liandong.kernels.statistics.dagum import dagum, redrawn
from liandong.kernels.statistics.spatial import Weights
from liandong.testing.data import data_folder

Float = NDArray[np.float64]
Int = NDArray[np.int64]
COUNTIES, PROVINCES, YEARS, NEAR, CLASSES = 3000, 31, 30, 6, 5
PERMUTATIONS = 999


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part; quick, peers get fewer years and permutations."""
    random = np.random.default_rng(7)
    group = random.integers(0, PROVINCES, COUNTIES)
    level = 10 + random.normal(0, 0.35, PROVINCES)[group]
    course = np.cumsum(random.normal(0.05, 0.05, (COUNTIES, YEARS)), axis=1)
    income = np.exp(level[:, None] + random.normal(0, 0.5, (COUNTIES, 1)) + course)
    return {
        **_dagum(income, group, twins=3 if quick else YEARS),
        **_theil(income, group, years=2 if quick else YEARS, times=199 if quick else 999),
        **_markov(income, times=5 if quick else 99, random=random),
        **_states(),
    }


def _best(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Return the least seconds of some repeats, and the answer."""
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds), found


def _dagum(income: Float, group: Int, twins: int) -> dict[str, object]:
    years, ones = np.ascontiguousarray(income.T), np.ones(COUNTIES)
    dagum(years[0], ones, group, PROVINCES)  # compiled, if it was not before
    seconds, found = _best(lambda: [dagum(y, ones, group, PROVINCES) for y in years], 5)
    parts = np.array([f[:4] for f in found])
    error = max(np.abs(parts[t] - _all_pairs(years[t], group)).max() for t in range(twins))
    counts = resampling.redrawn(group, PERMUTATIONS, np.random.default_rng(1))
    redrawn(years[0], ones, group, PROVINCES, counts[:1])
    drawing, _ = _best(lambda: redrawn(years[0], ones, group, PROVINCES, counts), 1)
    return {
        "dagum.ms_3000x31x30": round(1000 * seconds, 2),
        "dagum.max_error": float(error),
        "dagum.max_error_of_sum": float(np.abs(parts[:, 1:].sum(1) - parts[:, 0]).max()),
        "dagum.bootstrap_999_s_a_year": round(drawing, 3),
    }


def _all_pairs(y: Float, group: Int) -> Float:
    """Return the coefficient and its parts, group by group and pair by pair, by the book."""
    n, mean = len(y), y.mean()
    members = [y[group == g] for g in range(PROVINCES)]
    within = net = overlap = 0.0
    for j, a in enumerate(members):
        for h, b in enumerate(members):
            gap = a[:, None] - b
            delta = np.abs(gap).mean()
            part = delta / (a.mean() + b.mean()) * (len(a) / n) * (b.sum() / (n * mean))
            if j == h:
                within += part
                continue
            ahead = gap if a.mean() >= b.mean() else -gap
            up, down = np.clip(ahead, 0, None).mean(), np.clip(-ahead, 0, None).mean()
            net += part * (up - down) / (up + down)
            overlap += part * (1 - (up - down) / (up + down))
    return np.array([within + net + overlap, within, net, overlap])


def _theil(income: Float, group: Int, years: int, times: int) -> dict[str, object]:
    chosen = np.ascontiguousarray(income[:, :years])
    ones = np.ones_like(chosen)

    def ours() -> Float:
        labels = resampling.shuffled(group, times, np.random.default_rng(1))
        return inequality.permuted_between(chosen, ones, group, PROVINCES, labels)[0]

    ours()
    seconds, mine = _best(ours)
    found: dict[str, object] = {"theil_perm.s": round(seconds, 3), "theil_perm.years": years}
    if not find_spec("inequality"):
        return {**found, "theil_perm.ratio_vs_pysal": None, "theil_perm.p_equal": None}
    from inequality.theil import TheilDSim

    np.random.seed(1)  # noqa: NPY002 - the peer draws from the state of the process
    theirs, peer = _best(lambda: TheilDSim(chosen, group, times), 1)
    share = np.clip(peer.bg_pvalue, 1 / times, 1)
    chance = 5 * np.sqrt(share * (1 - share) / times) + 2 / times
    return {
        **found,
        "theil_perm.pysal_s": round(theirs, 3),
        "theil_perm.ratio_vs_pysal": round(theirs / seconds, 1),
        "theil_perm.p_equal": bool((np.abs(mine - peer.bg_pvalue) <= chance).all()),
        "theil_perm.between_max_error": float(_between_error(chosen, group, peer)),
    }


def _between_error(income: Float, group: Int, peer: Any) -> float:  # noqa: ANN401 - of the peer
    ones = np.ones(len(income))
    mine = [inequality.theil_t(y, ones, group, PROVINCES).between for y in income.T]
    return float(np.abs(np.array(mine) - peer.bg[0]).max())


def _markov(income: Float, times: int, random: np.random.Generator) -> dict[str, object]:
    place = random.random((COUNTIES, 2))
    apart = ((place[:, None] - place) ** 2).sum(2)
    other = np.argsort(apart, axis=1)[:, 1 : NEAR + 1]
    one = np.repeat(np.arange(COUNTIES), NEAR)
    near = Weights.by_row(one, other.ravel(), np.ones(len(one)), COUNTIES)
    relative = np.ascontiguousarray(income / income.mean(axis=0))

    def ours() -> markov.Spatial:
        orders = resampling.shuffled(np.arange(COUNTIES), times, np.random.default_rng(1))
        return markov.spatial_markov(relative, near, CLASSES, orders)

    ours()
    seconds, mine = _best(ours)
    found: dict[str, object] = {
        "spatial_markov.s": round(seconds, 3), "spatial_markov.permutations": times,
    }  # fmt: skip
    if not find_spec("giddy"):
        return {**found, "spatial_markov.ratio_vs_giddy": None, "spatial_markov.equal": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from giddy.markov import Spatial_Markov
        from libpysal.weights import W

        theirs_near = W({i: row.tolist() for i, row in enumerate(other)}, silence_warnings=True)
        theirs_near.transform = "r"
        theirs, peer = _best(
            lambda: Spatial_Markov(relative, theirs_near, permutations=times, fixed=True,
                                   k=CLASSES, m=CLASSES), 1,
        )  # fmt: skip
    return {
        **found,
        "spatial_markov.giddy_s": round(theirs, 3),
        "spatial_markov.ratio_vs_giddy": round(theirs / seconds, 1),
        "spatial_markov.equal": bool(
            (mine.counts == peer.T).all() and np.isclose(peer.Q, mine.test.q, rtol=1e-12)
            and np.isclose(peer.LR, mine.test.lr, rtol=1e-12) and peer.dof_hom == mine.test.dof
        ),
    }  # fmt: skip


def _states() -> dict[str, object]:
    folder = data_folder("regional_inequality")
    if folder is None:
        return {"spatial_markov.us48_q": None, "spatial_markov.us48_lr": None}
    folder = folder / "pysal" / "us_income"
    with (folder / "usjoin.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    income = np.array([[float(r[str(y)]) for y in range(1929, 2010)] for r in rows])
    lines = (folder / "states48.gal").read_text().split("\n")[1:]
    pairs = [(int(lines[2 * k].split()[0]), int(other)) for k in range(len(rows))
             for other in lines[2 * k + 1].split()]  # fmt: skip
    one, other = np.array(pairs).T
    near = Weights.by_row(one, other, np.ones(len(one)), len(rows))
    found = markov.spatial_markov(
        income / income.mean(axis=0), near, CLASSES, np.zeros((0, len(rows)), np.int64)
    )
    return {
        "spatial_markov.us48_q": round(found.test.q, 3),
        "spatial_markov.us48_lr": round(found.test.lr, 3),
    }
