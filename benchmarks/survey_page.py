"""The pages of regions, of the map and of the comparison, asked for one after the other.

A synthetic region with cities and counties beside its provinces: statistics of twenty years on all
three levels, firms that sit in counties, and the steps of the survey run on them. Each page is
asked for once over HTTP, by a client in this process, so that no page comes from memory.
"""

import random
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import liandong as ld
from liandong import survey, world
from liandong.board import Board
from liandong.schema.arrow import build
from liandong.step import Step
from liandong.world.regions import MAINLAND
from measure import figures, served

YEARS = range(2004, 2024)
STEPS: tuple[tuple[Step, bool], ...] = (
    (survey.align, False), (survey.gap, False), (survey.convergence, False),
    (survey.circles, False), (survey.chain, True), (survey.outputs, False),
    (survey.complexity, False), (survey.opportunities, False), (survey.partners, False),
    (survey.specialisation, False), (survey.money, True),
)  # fmt: skip
"""What fills the pages, and whether it has a day."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    counties, firms, asked = (300, 300, 25) if quick else (2_800, 5_000, 400)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "p.board"
        with ld.open(place, actor="bench") as board:
            start = time.perf_counter()
            ids = _filled(board, counties, firms)
            filled = time.perf_counter() - start
        chosen = random.Random(7).sample(ids, min(asked, len(ids)))  # noqa: S311 - not a secret
        with served(place) as client:
            pages = [f"/region/{i}" for i in chosen]
            maps = [f"/map?measure=region_course.ratio&period={y}" for y in YEARS]
            beside = [f"/compare?regions={','.join(chosen[k : k + 3])}" for k in range(20)]
            first = _timed(client, pages[:1])
            before = time.process_time()
            region = _timed(client, pages[1:])
            cpu = 1000 * (time.process_time() - before) / len(region)
            drawn, compared = _timed(client, maps), _timed(client, beside)
    return figures("page", {
        "regions": len(ids), "asked": len(region), "fill_seconds": filled,
        "first_ms": first[0], "median_ms": float(np.median(region)), "p95_ms": _p95(region),
        "cpu_ms": cpu,
        "p95_ms_map": _p95(drawn), "p95_ms_compare": _p95(compared), "target_ms": 300,
    })  # fmt: skip


def _timed(client: HTTPConnection, pages: list[str]) -> list[float]:
    """Ask for pages; return the milliseconds of each, all of them without a fault."""
    spent = []
    for page in pages:
        start = time.perf_counter()
        client.request("GET", page)
        answer = client.getresponse()
        text = answer.read()
        spent.append(1000 * (time.perf_counter() - start))
        if answer.status != 200 or b"<h1" not in text:
            raise RuntimeError(f"{page} answered {answer.status}")
    return spent


def _p95(spent: list[float]) -> float:
    return float(np.percentile(spent, 95))


def _filled(board: Board, counties: int, firms: int) -> list[str]:
    """Put regions, statistics and firms on a board, run the steps; return the adcodes."""
    made = {n: t for n, t in world.make(firms=firms, months=12, seed=7).items() if n != "truth"}
    region = made["region"]
    tree = [(f"{p.adcode[:2]}{c:02d}00", p.adcode, "city") for p in MAINLAND for c in range(1, 11)]
    many = -(-counties // len(tree))
    tree += [(f"{c[:4]}{k:02d}", c, "county") for c, _, _ in tree for k in range(1, many + 1)]
    more = {
        "region_id": [r[0] for r in tree], "parent_id": [r[1] for r in tree],
        "name": [r[0] for r in tree], "level": [r[2] for r in tree],
    }  # fmt: skip
    leaves = [r[0] for r in tree if r[2] == "county"]
    known = made["party"]
    seats = np.random.default_rng(3).integers(0, len(leaves), len(known))
    moved = known.set_column(
        known.column_names.index("region_id"), "region_id",
        pc.take(pa.array(leaves), pa.array(seats)).cast(known.schema.field("region_id").type),
    )  # fmt: skip
    ids = [*region["region_id"].to_pylist()[1:], *more["region_id"]]
    made |= {"party": moved, "region": pa.concat_tables([region, build("region", more)]),
             "region_stat": _stat(ids)}  # fmt: skip
    board.put("bench", made)
    day = pc.max(made["project"]["asked_on"]).as_py()
    for step, dated in STEPS:
        board.run(step, **({"as_of": day} if dated else {}))
    return ids


def _stat(ids: list[str]) -> pa.Table:
    """Return output and population of all regions in all years."""
    rng, n = np.random.default_rng(5), len(ids)
    growth = np.exp(rng.normal(0.07, 0.02, (len(YEARS), n)).cumsum(axis=0))
    gdp = rng.lognormal(6, 1, n) * growth
    people = np.repeat(rng.lognormal(5, 0.5, n)[None, :], len(YEARS), axis=0)
    size = gdp.size
    return build("region_stat", {
        "region_id": ids * (2 * len(YEARS)),
        "period": [str(y) for _ in range(2) for y in YEARS for _ in ids],
        "measure": ["gdp"] * size + ["population"] * size,
        "vintage": ["made"] * (2 * size),
        "value": np.concatenate([gdp.ravel(), people.ravel()]),
        "unit": ["100 million yuan"] * size + ["10,000 people"] * size,
        "source": ["made"] * (2 * size),
    })  # fmt: skip
