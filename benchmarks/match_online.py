"""Rolling operation on streams that drift, against the bound of hindsight and a queue.

Prices are made from what has come so far in the round and a forecast of the volume of each
category; the forecast is off by up to 5 % each time it is made. ``percent_of_bound`` is the mean of
the streams that drift, ``percent_of_bound_worst`` the least of all; ``random`` does not drift.
"""

from pathlib import Path

from measure import figures, measure

STREAM = """
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # small matrices: threads would only wait for each other
import json, sys, time
from dataclasses import replace
from datetime import date
sys.path.insert(0, sys.argv[1])
import numpy as np
from liandong.kernels.allocation.pacing import Posted
from liandong.match import RollingRule
from liandong.match.core.dual import exact, prices
from liandong.match.core.problem import UNIT, slack, worth
from liandong.match.rolling.round import Round
from liandong.types import Money
from match_instances import Family, instance

OPENING, HALF, POOL, OFF = 0.05, 0.2, 20_000, 0.05
# The pool at the opening and the half-life of what has come, as shares of the stream; the most
# projects that prices are made from; how far a forecast is off.

def kinds(p):
    # micro or not, in one of the poor regions or not
    micro = p.sides[0].by_project > 0
    poor = np.where(p.sides[1].by_project > 0, 1, np.where(p.sides[2].by_project > 0, 2, 0))
    return micro, poor

def drifting(p, drift, r):
    u = r.random(p.projects)
    order = np.argsort(u)
    micro, poor = kinds(p)
    if drift == "composition":  # small firms come early, poor regions late
        a = np.where(poor > 0, -0.6, np.where(micro, 0.3, -0.3))
        order = np.argsort((1 + a - np.sqrt((1 + a) ** 2 - 4 * a * u)) / (2 * a))
    if drift == "amounts":  # sums rise
        size = np.log(p.most[p.start[:-1]])
        order = np.argsort(u + 0.12 * (size - size.mean()) / size.std())
    if drift == "rates":  # values fall by 0.6 points
        at = np.empty(p.projects)
        at[order] = np.arange(p.projects) / p.projects
        fall = np.rint(np.repeat(0.006 * UNIT * (at - 0.5), np.diff(p.start)))
        p = replace(p, value=np.maximum(p.value - fall, UNIT // 1000).astype(np.int32))
    return p, order

def rolled(p, order, rule, r):
    micro, poor = kinds(p)
    kind = 3 * micro + poor
    desk, t, versions, spent = Round(p, rule), 0, 0, []
    asked = desk.asked
    while t < len(order):
        count = max(t, int(OPENING * len(order)))
        at = np.arange(count)
        at = at if count <= POOL else (np.arange(POOL) * (count / POOL)).astype(int)
        pool, weight = order[at], np.exp2((at - count) / len(order) / HALF)
        to_come = np.bincount(kind[order[t:]], asked[order[t:]], 6)
        to_come *= 1 + OFF * (2 * r.random(6) - 1)
        have = np.bincount(kind[pool], weight * asked[pool], 6)
        posted = desk.post(pool, weight * (to_come / np.maximum(have, 1))[kind[pool]])
        versions += 1
        t += desk.run(order[t:], posted, posted.ahead)
    return desk, versions

def first_come(p, order, rule):
    # At prices of 0 and with every floor relied on for ever, the best value is taken at once.
    desk = Round(p, rule)
    none, far = np.zeros(len(p.capacity), np.int64), np.full(len(p.sides), 2**46)
    left, spare = desk.left
    zero = np.zeros(len(p.sides), np.int64)
    free = Posted(none, zero, left, spare, 1, far, zero, 0, 0.0)
    t = 0
    while t < len(order):
        t += desk.run(order[t:], free, 2**60)
    return desk

def judged(p, desk, bound):
    some = np.flatnonzero(desk.arc >= 0)
    arc, amount = desk.arc[some], desk.amount[some]
    used = np.bincount(p.product[arc], amount, len(p.capacity))
    assert (used <= p.capacity).all()
    held = [slack(p, s, arc, amount) >= 0 for s in p.sides]
    return 100 * int(worth(p, arc, amount).sum()) / bound, held, amount.sum() / p.capacity.sum()

def speed(p, order, rule):
    # One decision at a time, as when somebody waits for it.
    desk = Round(p, rule)
    pool = order[: int(OPENING * len(order))]
    posted = desk.post(pool, np.full(len(pool), 1 / OPENING))
    spent, ahead = [], posted.ahead
    for i in order[:4000]:
        t = time.perf_counter()
        desk.run(np.array([i]), posted, ahead)
        spent.append(time.perf_counter() - t)
        ahead = desk.ahead
    return 1000 * float(np.quantile(spent[100:], 0.99))

rule = RollingRule.make(as_of=date(2025, 1, 1), budget=Money(0))
count, products = int(sys.argv[2]), int(sys.argv[3])
seeds = [int(s) for s in sys.argv[4].split(",")]
out = {}
for seed in seeds:
    base = instance(count, seed, Family(products=products))
    for drift in ("random", "composition", "amounts", "rates"):
        r = np.random.default_rng(1000 + seed)
        p, order = drifting(base, drift, r)
        bound = exact(p, prices(p)).bound
        desk, versions = rolled(p, order, rule, r)
        share, held, used = judged(p, desk, bound)
        queue, queue_held, _ = judged(p, first_come(p, order, rule), bound)
        run = (drift, seed, share, held, used, versions, queue, queue_held)
        out.setdefault("runs", []).append(run)
runs = out["runs"]
said = {"runs": len(runs), "projects": count, "products": products,
        "percent_of_bound": float(np.mean([x[2] for x in runs if x[0] != "random"])),
        "percent_of_bound_worst": min(x[2] for x in runs),
        "floors_held": all(all(x[3]) for x in runs),
        "floors_broken": sum(not h for x in runs for h in x[3]),
        "versions": max(x[5] for x in runs),
        "fcfs_percent": float(np.mean([x[6] for x in runs])),
        "fcfs_floors_broken": sum(not h for x in runs for h in x[7]),
        "decision_p99_ms": speed(base, order, rule)}
for drift in ("random", "composition", "amounts", "rates"):
    said[f"{drift}_percent"] = float(np.mean([x[2] for x in runs if x[0] == drift]))
print(json.dumps(said))
"""


def bench(*, quick: bool) -> dict[str, object]:
    size = ("14000", "35", "51") if quick else ("100000", "200", "51,52")
    said = measure(STREAM, str(Path(__file__).parent), *size).said
    simple = {"percent_of_bound": said.pop("fcfs_percent")}
    simple["floors_broken"] = said.pop("fcfs_floors_broken")
    return figures("online", said) | figures("fcfs", simple)
