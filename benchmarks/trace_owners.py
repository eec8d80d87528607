"""Owners at scale: everybody's look-through value, one target, and real holders of listed firms."""

import time
from datetime import date

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.graphs.holdings import holdings
from liandong.kernels.graphs.ownership import holders_of, look_through, room
from liandong.load import load
from liandong.testing.data import data_folder
from liandong.trace import owners
from liandong.types import Rate
from measure import figures

Int = NDArray[np.int64]
WHOLE = 1_000_000
SEED = 3


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    _solved("warm", 2_000, targets=2)
    sizes = {"100k": 100_000} if quick else {"100k": 100_000, "1m": 1_000_000}
    found: dict[str, object] = {}
    for name, edges in sizes.items():
        found |= _solved(f"owners_{name}", edges, targets=20)
    return found | _listed_companies()


def register(edges: int, seed: int = SEED) -> tuple[Int, Int, Int, int]:
    """Return shares as (owner, company, ppm, parties): persons above, circles in the middle.

    Half of the parties are persons. A little over half of the shares are held by persons, the
    others by firms, mostly by a few large ones, in whichever direction: 6,000 shares among 400
    firms make a knot of cross-holdings as in networks of transnational firms (Vitali, Glattfelder
    and Battiston 2011). Of each company 60 % to all of the shares are on record.
    """
    rng = np.random.default_rng(seed)
    count = int(edges / 1.6)
    persons = count // 2
    company = rng.integers(persons, count, edges)
    by_person = rng.random(edges) < 0.55
    large = persons + (rng.random(edges) ** 3 * (count - persons)).astype(np.int64)
    owner = np.where(by_person, rng.integers(0, persons, edges), large)
    cross = persons + rng.integers(0, min(400, count - persons), (2, min(6000, edges // 10)))
    pair = np.unique(np.concatenate([owner * count + company, cross[0] * count + cross[1]]))
    owner, company = pair // count, pair % count
    owner, company = owner[owner != company], company[owner != company]
    weight = rng.beta(0.6, 0.6, len(owner)) + 0.02
    whole = rng.uniform(0.6, 1.0, count)[company]
    share = weight / np.bincount(company, weight, count)[company] * whole * WHOLE
    return owner, company, share.astype(np.int64), count


def _solved(name: str, edges: int, targets: int) -> dict[str, object]:
    """Build, solve for the value of every holder, and look through single targets."""
    owner, company, share, count = register(edges)
    value = np.random.default_rng(1).lognormal(10, 1, count)
    wall, cpu = time.perf_counter(), time.process_time()
    h = holdings(owner, company, share, count)
    _, residual = look_through(h, value)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    r, ms, left, holders = room(h), [], 0.0, []
    for target in np.random.default_rng(0).choice(np.unique(company), targets, replace=False):
        t = time.perf_counter()
        party, _, lost, _ = holders_of(h, target, r)
        ms.append(1e3 * (time.perf_counter() - t))
        left, holders = max(left, lost), [*holders, len(party)]
    return figures(name, {
        "edges": len(owner), "largest_circle": int(np.diff(h.begin).max()), "seconds": wall,
        "cpu_s": cpu, "residual": f"{residual:.1e}", "target_ms": float(np.median(ms)),
        "target_ms_most": max(ms), "target_holders": int(np.median(holders)),
        "target_residual": f"{left:.1e}",
    })  # fmt: skip


def _listed_companies() -> dict[str, object]:
    """Look through the holders of listed companies, as disclosed for autumn 2020."""
    folder = data_folder("ashare_holders_2020")
    if folder is None:
        return {"owners_listed.companies": "missing"}
    tables = load("ashare_holders", folder).tables
    t = time.perf_counter()
    out = owners(tables["edge"], tables["party"], on=date(2020, 12, 31), least=Rate(1_000))
    seconds = time.perf_counter() - t
    total = out["ownership_total"].to_pylist()
    rows = [r for r in out["ownership"].to_pylist() if r["measure"] == "economic"]
    return figures("owners_listed", {
        "companies": len(total), "shares": len(tables["edge"]), "seconds": seconds,
        "in_circles": sum(r["core_size"] > 0 for r in total),
        "over": sum(_said(r, "trace.owners_over") for r in total),
        "indirect": sum(_said(r, "trace.owners_indirect") for r in rows),
        "worst_residual": max(r["residual"] for r in total),
    })  # fmt: skip


def _said(row: dict, code: str) -> bool:
    return any(r["code"] == code for r in row["reasons"])
