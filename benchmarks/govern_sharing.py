"""Data shared in order: a release of 300 x 50 cells, and the firms in common of two sets.

``release`` is the whole step on a million loans of 200,000 firms, noise and all; ``noise`` is its
noise alone, beside OpenDP's integer Laplace mechanism on as many cells; ``opendp_map`` is the
epsilon that OpenDP proves for that, which must be ours. ``common`` is all of it in two processes:
``first`` with the set-up, ``again`` with the one that was kept; ``cpu_s`` is the processor time of
all processes, which neighbours of the machine do not change. OpenMined's PSI wants another protobuf
than other peers: install it by itself (``pip install --target``) to have it beside this.
"""

import os
import resource
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import numpy as np
import pyarrow as pa

from liandong.govern import ReleaseRule, grant, release
from liandong.govern.sharing import common
from liandong.govern.sharing.release import noise
from liandong.schema.arrow import build, empty
from measure import figures

REGIONS, INDUSTRIES = 300, 50
DAY, LAST = date(2026, 3, 31), date(2099, 12, 31)


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    sizes = (2_000, 20_000) if quick else (100_000, 1_000_000)
    return (
        figures("release", _release(100_000 if quick else 1_000_000))
        | figures("noise", _noise())
        | figures("common", _common(*sizes))
        | figures("common_peer", _openmined(*sizes))
    )


def _release(loans: int) -> dict[str, object]:
    """Time a release of sums over all cells, and the same without its noise."""
    rng = np.random.default_rng(7)
    firms = loans // 5
    regions = [f"{11 + i // 99}{i % 99 + 1:02}01" for i in range(REGIONS)]
    industries = [f"{'ABC'[i // 20]}{i:02}" for i in range(INDUSTRIES)]
    ids = np.array([f"F{i}" for i in range(firms)])
    party = build("party", {
        "party_id": ids, "kind": ["firm"] * firms,
        "region_id": rng.choice(regions, firms), "industry": rng.choice(industries, firms),
    })  # fmt: skip
    loan = build("loan", {
        "loan_id": [f"L{i}" for i in range(loans)], "party_id": rng.choice(ids, loans),
        "lender_id": ["B"] * loans, "amount": rng.integers(1, 10**9, loans),
        "start": [DAY] * loans, "term_months": [12] * loans, "status": ["current"] * loans,
    })  # fmt: skip
    given = build("privacy_grant", {
        "grant_id": ["g"], "receiver_id": ["B"], "dataset": ["loan"], "epsilon": [10**6],
        "granted_on": [DAY],
    })  # fmt: skip
    entry = grant(given)["entry"]
    entry = entry.set_column(entry.column_names.index("run_id"), "run_id", pa.array(["run"]))
    tables = {"party": party, "loan": loan, "entry": entry}
    rule = ReleaseRule(
        name="bench", receiver="B", dataset="loan", as_of=DAY, measure="amount", high=10**9,
        epsilon="0.5", groups={"region_id": regions, "industry": industries},
    )  # fmt: skip
    reads = [tables.get(n, empty(n)) for n in release.reads]
    seconds, found = _best(lambda: release(*reads, rule=rule)["released"])
    return {"loans": loans, "cells": len(found), "s": seconds}


def _noise() -> dict[str, object]:
    """Time the noise of as many cells, and OpenDP's on as many."""
    cells = REGIONS * INDUSTRIES
    seconds, drawn = _best(lambda: noise(cells, Fraction(1)))
    found: dict[str, object] = {"cells": cells, "s": seconds}
    found["mean_size"] = float(np.abs(drawn).mean())  # 0.851 for a scale of 1
    try:
        import opendp.prelude as dp
    except ImportError:
        return {**found, "opendp": "missing"}
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    mechanism, counts = dp.m.make_laplace(*space, scale=1.0), [0] * cells
    theirs, _ = _best(lambda: mechanism(counts))
    return {
        **found, "opendp_s": theirs, "ratio_vs_opendp": theirs / seconds,
        "opendp_map": mechanism.map(1),  # a sensitivity of 1 over a scale of 1: exactly 1
    }  # fmt: skip


def _best(work: Callable[[], object]) -> tuple[float, object]:
    """Return the least seconds of five, and what the last one gave."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        found = work()
        taken.append(time.perf_counter() - start)
    return min(taken), found


def _sets(asked: int, there: int) -> tuple[list[str], list[str]]:
    """Return two sets of ids; half of those that are asked for are in both."""
    half = asked // 2
    return [[f"91{i:016}" for i in range(a, a + n)] for a, n in ((0, asked), (half, there))]


def _common(asked: int, there: int) -> dict[str, object]:
    mine, theirs = _sets(asked, there)
    workers = min(os.cpu_count() or 1, 2)
    key = common.Key.new("bench", LAST, asked)
    common.set_up(mine[:10], key, "party")  # compiled kernels are kept from here on
    laps, used = [time.perf_counter()], [_cpu()]

    def lap() -> None:
        laps.append(time.perf_counter())
        used.append(_cpu())

    published = common.set_up(theirs, key, "party", workers).write()
    lap()
    setup = common.Message.read(published, "setup")
    sent, kept = common.request(mine, setup, DAY, workers)
    asking = sent.write()
    lap()
    back = common.answer(common.Message.read(asking, "request"), key, DAY, workers).write()
    lap()
    found = common.result(setup, common.Message.read(back, "answer"), kept, workers)
    lap()
    steps = dict(zip(("setup_s", "request_s", "answer_s", "result_s"), np.diff(laps), strict=True))
    return {
        "asked": asked, "there": there, "found": len(found),
        "right": found == mine[asked // 2 :],
        "first_s": laps[-1] - laps[0], "again_s": laps[-1] - laps[1],
        "first_cpu_s": used[-1] - used[0], "again_cpu_s": used[-1] - used[1],
        **{n: float(s) for n, s in steps.items()},
        "setup_mb": len(published) / 1e6, "request_mb": len(asking) / 1e6,
        "answer_mb": len(back) / 1e6,
    }  # fmt: skip


def _cpu() -> float:
    """Return the processor time of this process and of those that it has ended."""
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


def _openmined(asked: int, there: int) -> dict[str, object]:
    try:
        import private_set_intersection.python as psi
    except ImportError:
        return {"openmined_psi": "missing"}
    mine, theirs = _sets(asked, there)
    start, used = time.perf_counter(), _cpu()
    client, server = psi.client.CreateWithNewKey(True), psi.server.CreateWithNewKey(True)  # noqa: FBT003 - theirs
    setup = server.CreateSetupMessage(1e-9, asked, theirs, psi.DataStructure.GCS)
    later, used_later = time.perf_counter(), _cpu()
    answered = server.ProcessRequest(client.CreateRequest(mine))
    found = client.GetIntersection(setup, answered)
    end = time.perf_counter()
    return {
        "found": len(found), "first_s": end - start, "again_s": end - later,
        "first_cpu_s": _cpu() - used, "again_cpu_s": _cpu() - used_later,
    }  # fmt: skip
