"""Who may have what, of a million projects and a thousand products; against brute force and SQL.

Nine criteria: score, amount from and to, age, region, industry, size class, and a negative list.
"""

import time
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from liandong.kernels.allocation.bitmap import LEAST, MOST, build
from liandong.match import QuoteRule, Screening, quote
from liandong.match.eligibility.index import open_pairs
from liandong.schema.arrow import build as table
from liandong.step.local import run_step
from measure import figures

DAY = date(2024, 1, 1)
PRODUCTS, QUOTED = 1_000, 200
REGIONS, INDUSTRIES, SIZES, BANS = 31, 20, 4, 12
MILLION = 10**8


class Instance:
    """Projects and products as arrays; ``allowed`` are sets of products by code."""

    def __init__(self, projects: int, products: int, seed: int) -> None:
        r = np.random.default_rng(seed)
        self.values = np.stack([
            r.integers(300, 900, projects),
            (np.exp(r.normal(-0.5, 0.9, projects)).clip(0.05, 10) * MILLION).astype(np.int64),
            r.integers(0, 30, projects),
        ])  # fmt: skip
        flags = ((r.random((projects, BANS)) < 0.03) << np.arange(BANS)).sum(axis=1)
        counts = (REGIONS, INDUSTRIES, SIZES)
        codes = [*(r.integers(0, c, projects) for c in counts), flags]
        self.codes = np.array(codes, np.int32)
        least = np.exp(r.normal(-1.5, 0.7, products))
        most = least * np.exp(r.gamma(2, 0.9, products))
        self.low = np.full((3, products), LEAST)
        self.high = np.full((3, products), MOST)
        self.low[0], self.low[2] = r.integers(350, 800, products), r.integers(0, 6, products)
        self.low[1], self.high[1] = (least * MILLION).astype(int), (most * MILLION).astype(int)
        self.allowed = [
            self._some(r, c, products, p)
            for c, p in ((REGIONS, 0.22), (INDUSTRIES, 0.45), (SIZES, 0.55))
        ]
        self.banned = (((r.random((products, BANS)) < 0.6) << np.arange(BANS)).sum(axis=1)).astype(
            np.int64
        )

    @staticmethod
    def _some(r: np.random.Generator, codes: int, products: int, share: float) -> np.ndarray:
        some = r.random((codes, products)) < share
        some[r.integers(0, codes, products), np.arange(products)] = True
        return some

    def pairs(self, threads: int):  # noqa: ANN201 - pairs
        """Build the index and look everything up."""
        free = (np.arange(1 << BANS)[:, None] & self.banned) == 0
        axes = build(self.low, self.high, [*self.allowed, free])
        known = np.ones(self.values.shape, bool)
        return open_pairs(self.values, known, self.codes, axes, threads)


@njit(cache=True)
def brute(values, codes, low, high, region, industry, size, banned):  # noqa: ANN001, ANN201
    """Count pairs and mix them into a checksum: every criterion of every pair, one by one."""
    pairs, mixed = 0, np.uint64(0)
    for i in range(values.shape[1]):
        for j in range(low.shape[1]):
            if not region[codes[0, i], j] or values[0, i] < low[0, j]:
                continue
            if values[1, i] < low[1, j] or values[1, i] > high[1, j] or values[2, i] < low[2, j]:
                continue
            if not industry[codes[1, i], j] or not size[codes[2, i], j] or codes[3, i] & banned[j]:
                continue
            pairs += 1
            mixed += mix(i, j)
    return pairs, mixed


@njit(cache=True)
def mix(i, j):  # noqa: ANN001, ANN201 - two numbers
    """Return a hash of a pair (splitmix64)."""
    z = np.uint64(i) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(j)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def checksum(start, product):  # noqa: ANN001, ANN201
    mixed = np.uint64(0)
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            mixed += mix(i, product[e])
    return mixed


def by_sql(made: Instance) -> tuple[float, int, int]:
    """Let DuckDB join on sets that are exploded to products by region, industry and size."""
    products = len(made.banned)
    bit = [(s.T.astype(np.int64) << np.arange(len(s))).sum(axis=1) for s in made.allowed]
    names = ("points", "amount", "age")
    projects = pa.table({
        "i": np.arange(made.values.shape[1]), **dict(zip(names, made.values, strict=True)),
        **dict(zip(("reg", "ind", "siz", "flags"), made.codes, strict=True)),
    })  # fmt: skip
    wanted = pa.table({
        "j": np.arange(products), "lp": made.low[0], "la": made.low[1], "ha": made.high[1],
        "lg": made.low[2], "mr": bit[0], "mi": bit[1], "ms": bit[2], "ban": made.banned,
    })  # fmt: skip
    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.register("given", projects)
    con.register("offered", wanted)
    con.execute("CREATE TABLE p AS FROM given")
    con.execute("CREATE TABLE q AS FROM offered")
    start = time.perf_counter()
    con.execute(
        "CREATE TABLE x AS SELECT q.*, r.range::INT AS reg, d.range::INT AS ind,"
        f" z.range::INT AS siz FROM q, range({REGIONS}) r, range({INDUSTRIES}) d, range({SIZES}) z"
        " WHERE (mr >> r.range) & 1 = 1 AND (mi >> d.range) & 1 = 1 AND (ms >> z.range) & 1 = 1"
    )
    con.execute(
        "CREATE TABLE e AS SELECT i, j FROM p JOIN x ON p.reg = x.reg AND p.ind = x.ind"
        " AND p.siz = x.siz AND points >= lp AND amount >= la AND amount <= ha AND age >= lg"
        " AND (flags & ban) = 0"
    )
    seconds = time.perf_counter() - start
    pairs, total = con.execute("SELECT count(*), sum(j) FROM e").fetchone()
    con.close()
    return seconds, int(pairs), int(total)


def eligible(projects: int, name: str, times: int) -> dict[str, object]:
    """Return seconds of the index, and whether its pairs are those of brute force and of SQL."""
    Instance(1_000, 100, 1).pairs(2)  # compiles
    made = Instance(projects, PRODUCTS, 11)
    wall, cpu = [], []
    for _ in range(times):
        start, spent = time.perf_counter(), time.process_time()
        found = made.pairs(2)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - spent)
    free = made.allowed
    start = time.perf_counter()
    pairs, mixed = brute(made.values, made.codes, made.low, made.high, *free, made.banned)
    forced = time.perf_counter() - start
    seconds, counted, total = by_sql(made)
    same = pairs == len(found.product) and mixed == checksum(found.start, found.product)
    assert same, "the pairs differ from those of brute force"
    assert (counted, total) == (len(found.product), int(found.product.sum(dtype=np.int64)))
    return figures(name, {
        "projects": projects, "products": PRODUCTS, "pairs": pairs, "same_as_brute_force": same,
        "seconds": min(wall), "seconds_median": float(np.median(wall)), "cpu_seconds": min(cpu),
        "brute_seconds": forced, "duckdb_seconds": seconds, "duckdb_version": duckdb.__version__,
        "ratio_vs_duckdb": seconds / min(wall), "ratio_vs_brute": forced / min(wall),
    })  # fmt: skip


def tables(made: Instance) -> dict[str, pa.Table]:
    """Return an instance as tables: sets as rows of criteria."""
    n, m = made.values.shape[1], len(made.banned)
    r = np.random.default_rng(5)
    project = [f"R{i:07d}" for i in range(n)]
    party = [f"F{i:07d}" for i in range(n)]
    product = [f"K{j:04d}" for j in range(m)]
    region = [f"{11 + c}0000" for c in range(REGIONS)]
    industry = [chr(ord("A") + c) for c in range(INDUSTRIES)]
    size = ["micro", "small", "medium", "large"]
    rows = []
    for measure, names, sets in zip(
        ("region", "industry", "size"), (region, industry, size), made.allowed, strict=True
    ):
        rows += [(product[j], measure, names[c], None, None) for c, j in np.argwhere(sets)]
    for j, name in enumerate(product):
        rows.append((name, "points", "-", int(made.low[0, j]), None))
        rows.append((name, "amount", "-", int(made.low[1, j]), int(made.high[1, j])))
        rows.append((name, "age", "-", int(made.low[2, j]) * 365, None))
    names = ("product_id", "measure", "member", "low", "high")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    age = made.values[2].astype("timedelta64[D]") * 365
    points = made.values[0]
    return {
        "project": table("project", {
            "project_id": project, "party_id": party, "need": made.values[1],
            "term_months": np.full(n, 12), "purpose": ["流动资金"] * n,
            "region_id": pa.array(region).take(made.codes[0]),
            "industry": pa.array(industry).take(made.codes[1]),
        }),
        "party": table("party", {
            "party_id": party, "kind": ["firm"] * n,
            "founded": (np.datetime64(DAY) - age).astype("datetime64[D]"),
            "size_class": pa.array(size).take(made.codes[2]),
            "annual_revenue": made.values[1] * r.integers(3, 30, n),
        }),
        "score": table("score", {
            "party_id": party, "as_of": pa.repeat(DAY, n), "rule_id": ["card"] * n,
            "points": points, "pd": (90_000 - points * 90).astype(np.int32),
            "grade": np.array(list("CBA"))[np.clip(points // 300, 0, 2)].tolist(),
            "reasons": [[]] * n,
        }),
        "product": table("product", {
            "product_id": product, "lender_id": ["B"] * m, "min_amount": [1_000_000] * m,
            "max_amount": [10 * MILLION] * m, "step_amount": [1_000_000] * m,
            "min_rate": [30_000] * m, "max_rate": [150_000] * m, "term_months": [24] * m,
            "capacity": [100 * MILLION] * m, "funding_rate": r.integers(15_000, 25_000, m),
            "operating_rate": [8_000] * m, "lgd": [450_000] * m,
            "guarantee_cover": r.choice([0, 500_000, 800_000], m),
        }),
        "criterion": table("criterion", {
            **{n: list(v) for n, v in columns.items()},
            "valid_from": [date(2020, 1, 1)] * len(rows),
        }),
    }  # fmt: skip


def answers(projects: int) -> dict[str, object]:
    """Return how long an answer to "why not" takes once everything is loaded, and a whole quote."""
    given = tables(Instance(projects, QUOTED, 13))
    rule = QuoteRule(as_of=DAY)
    start = time.perf_counter()
    screening = Screening(given, rule)
    pairs = screening.pairs(2)
    loaded = time.perf_counter() - start
    r, spent, cpu_spent = np.random.default_rng(2), [], []
    for i, j in zip(r.integers(0, projects, 2_000), r.integers(0, QUOTED, 2_000), strict=True):
        begun, worked = time.perf_counter(), time.process_time()
        why = screening.why_not(f"R{i:07d}", f"K{j:04d}")
        spent.append(time.perf_counter() - begun)
        cpu_spent.append(time.process_time() - worked)
        assert bool(why) != (j in pairs.product[pairs.start[i] : pairs.start[i + 1]])
    start, cpu = time.perf_counter(), time.process_time()
    out = run_step(quote, given, rule, 1)["quote"]
    name = f"quote_{projects // 1_000}k_{QUOTED}"
    return figures(name, {
        "rows": len(out), "eligible": pc.sum(out["eligible"]).as_py(),
        "seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu,
    }) | figures("why_not", {
        "projects": projects, "products": QUOTED, "loaded_seconds": loaded,
        "p50_ms": 1e3 * float(np.median(spent)), "p99_ms": 1e3 * float(np.quantile(spent, 0.99)),
        "p99_cpu_ms": 1e3 * float(np.quantile(cpu_spent, 0.99)),
    })  # fmt: skip


def bench(*, quick: bool) -> dict[str, object]:
    projects = 100_000 if quick else 1_000_000
    name = "eligible_100k_1k" if quick else "eligible_1m_1k"
    answers(1_000)  # compiles
    return eligible(projects, name, 3) | answers(20_000 if quick else 100_000)
