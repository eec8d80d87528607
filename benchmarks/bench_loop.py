"""The whole loop on real invoices, from an empty board to disbursed loans: seconds and memory."""

from liandong.testing.data import data_folder
from measure import figures, measure

LOOP = """
import json, sys, time, liandong as ld
from liandong.loop import CUMCM, loop
from liandong.types import Money
board = ld.open("b.board")
t = time.perf_counter()
board.load("cumcm2020c", sys.argv[1])
said = {"load_seconds": time.perf_counter() - t}
for name, work in loop(board, CUMCM, Money.parse("100_000_000 CNY")):
    s = time.perf_counter()
    work()
    said[name.replace(".", "_") + "_seconds"] = time.perf_counter() - s
said["cumcm_seconds"] = time.perf_counter() - t
one = lambda q: board.sql(q).to_pylist()[0]
said |= one("SELECT count(*) AS scored FROM score")
said |= one("SELECT count(*) FILTER (amount > 0) AS offers, sum(amount) / 100 AS allocated_yuan,"
            " sum(value) / 100 AS expected_profit_yuan FROM offer")
said |= one("SELECT sum(amount) / 100 AS disbursed_yuan FROM entry")
said |= one("SELECT count(*) AS alerts FROM alert")
said["faults"] = len(board.check())
assert said["allocated_yuan"] == said["disbursed_yuan"] <= 100_000_000 and not said["faults"]
print(json.dumps(said, default=float))
"""


def bench(*, quick: bool) -> dict[str, object]:
    folder = data_folder("cumcm2020c_sme_credit")
    if folder is None:
        return {"loop.cumcm": "data missing"}
    runs = [measure(LOOP, str(folder)) for _ in range(1 if quick else 3)]
    best = min(runs, key=lambda r: r.said["cumcm_seconds"])
    return figures("loop", {**best.said, "peak_mb": best.peak_mb})
