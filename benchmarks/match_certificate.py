"""Certificates and explanations at scale: checked in plain numbers, explained in one step."""

import json
import time

import numpy as np
import pyarrow as pa

from liandong.match import AllocateRule, ExplainRule, Group, Limit, allocate, explain
from liandong.match.allocation.verify import verify
from liandong.match.core.problem import UNIT, Problem
from liandong.schema.arrow import build
from liandong.step import Tables
from liandong.step.reasons import reason_list
from liandong.types import PPM, Money, Rate
from match_instances import REGIONS, USUAL, instance
from measure import figures

DAY = "2026-06-30"
PLENTY = 10**15


def tables(problem: Problem) -> tuple[Tables, AllocateRule]:
    """Return an instance as quotes and products, and its floors as a rule."""
    n, m = problem.projects, len(problem.capacity)
    micro, *regions = (s.by_project > 0 for s in problem.sides)
    code = np.full(n, "110000")
    for number, inside in zip((REGIONS - 1, REGIONS - 2), regions, strict=True):
        code[inside] = f"{number + 20}0000"
    width = len(str(n))
    names = pa.array([f"E{i:0{width}d}" for i in range(n)])
    products = pa.array([f"P{j:03d}" for j in range(m)])
    project = names.take(pa.array(problem.project))
    rows = len(problem)
    quote = build("quote", {
        "project_id": project, "party_id": project, "as_of": pa.repeat(DAY, rows).cast(pa.date32()),
        "product_id": products.take(pa.array(problem.product)), "eligible": np.ones(rows, bool),
        "micro": micro[problem.project], "region_id": code[problem.project],
        "limit": problem.most, "value_rate": np.maximum(problem.value // (UNIT // PPM), 1),
        "rate": np.full(rows, 45_000, np.int32),
        "reasons": reason_list([[("match.rate_margin", 1)]]).take(pa.array(np.zeros(rows, int))),
    })  # fmt: skip
    product = build("product", {
        "product_id": products, "lender_id": ["BANK"] * m, "min_amount": np.ones(m, np.int64),
        "max_amount": np.full(m, PLENTY), "step_amount": np.ones(m, np.int64),
        "min_rate": np.zeros(m, np.int32), "max_rate": np.full(m, 240_000, np.int32),
        "term_months": np.full(m, 12), "capacity": problem.capacity,
        "funding_rate": np.full(m, 20_000, np.int32), "operating_rate": np.zeros(m, np.int32),
        "lgd": np.full(m, 450_000, np.int32), "guarantee_cover": np.zeros(m, np.int32),
    })  # fmt: skip
    floors = tuple(
        Limit(name=f"region {r}", of=Group(regions=(str(r + 20),)), least_share=Rate(USUAL.region))
        for r in (REGIONS - 1, REGIONS - 2)
    )
    budget = Money(PLENTY)  # what is short are the products and the floors
    rule = AllocateRule.make(
        as_of=DAY, budget=budget, micro_share=Rate(USUAL.micro), limits=floors, salt="bench"
    )
    return {"quote": quote, "product": product}, rule


def bench(*, quick: bool) -> dict[str, object]:
    projects = 4_000 if quick else 100_000
    given, rule = tables(instance(projects, 11, split=True))
    start = time.perf_counter()
    given |= allocate(given["quote"], given["product"], rule=rule)
    spent = time.perf_counter() - start
    said = json.loads(given["allocation"]["certificate"][0].as_py())
    wall, cpu = time.perf_counter(), time.process_time()
    verdict = verify(said, given["quote"], given["product"], given["offer"])
    found = {
        "check_seconds": time.perf_counter() - wall, "check_cpu_seconds": time.process_time() - cpu,
        "arcs": verdict.arcs, "faults": len(verdict.faults), "allocate_seconds": spent,
        "gap_percent": 100 * verdict.gap / max(verdict.bound, 1),
    }  # fmt: skip
    reads = [given[n] for n in explain.reads]
    start = time.perf_counter()
    shown = explain(*reads, rule=ExplainRule.make(as_of=DAY, left_out=0))
    told = {"explain_seconds": time.perf_counter() - start, "rows": len(shown["alternative"])}
    start = time.perf_counter()
    shown = explain(*reads, rule=ExplainRule.make(as_of=DAY, left_out=1))
    one = time.perf_counter() - start - told["explain_seconds"]
    lines = {(r["measure"], r["group"]): r for r in shown["fairness"].to_pylist()}
    told |= {
        "left_out_seconds": one, "envy_pairs": lines["envy", "all"]["count"],
        "influence_ppm": lines["influence", "all"]["value"],
    }  # fmt: skip
    return figures("certificate", found) | figures("explain", {"projects": projects} | told)
