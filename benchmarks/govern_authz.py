"""Powers decided a second, with counters, beside Cedar on the part that needs no history.

50 powers of 25 roles, 500 officers in 20 departments: a limit a case, the department, and never
one's own case. For ``per_s`` every power has limits of a day and in all besides, whose counters
are read and advanced. ``ratio_vs_cedarpy`` decides the same requests by both, the stateless part
alone; ``differ`` counts decisions that are not the same, of all requests.
"""

import gc
import json
import random
import time
from dataclasses import replace

from liandong.govern.powers import cedar
from liandong.govern.powers.deciding import Index, Request
from liandong.govern.powers.entries import Power, power
from measure import figures

POWERS, OFFICERS, ROLES, DEPARTMENTS = 50, 500, 25, 20
BATCH = 2_000
MOST = 2 * 10**9
"""Fen in all: the larger limits are reached."""
OWN = frozenset({"maker"})


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    requests = 100_000 if quick else 1_000_000
    rng = random.Random(7)  # noqa: S311 - a reproducible benchmark
    entries, posts, departments = _world(rng)
    asked = [_request(rng, entries, departments) for _ in range(requests)]
    gc.freeze()  # the requests are there for good: the collector need not go over them again
    counted = Index([_counted(p) for p in entries], posts)
    found = {"requests": requests, "powers": POWERS, "officers": OFFICERS}
    found |= _batch(counted, asked) | _single(counted, asked[:20_000])
    return figures("authz", found | _cedar(Index(entries, posts), asked))


def _world(rng: random.Random) -> tuple[list[Power], list[dict[str, object]], dict[str, str]]:
    departments = {f"u{i}": f"d{i % DEPARTMENTS}" for i in range(OFFICERS)}
    open_ended = {"valid_from": None, "valid_to": None}
    posts: list[dict[str, object]] = [
        {"post_id": u, "person": u, "post": f"role:r{i % ROLES}", **open_ended}
        for i, u in enumerate(departments)
    ]
    entries = [
        power({
            "power_id": f"p{i}", "holder": f"role:r{i % ROLES}", "action": f"a{i}",
            "limit": rng.choice((10**5, 10**6, 10**7)), "conflicts": ["maker"],
            # Officers of a role sit in the departments that are congruent to it by five.
            "scope": {"department": [f"d{d}" for d in range(i % 5, DEPARTMENTS, 5)]},
        })
        for i in range(POWERS)
    ]  # fmt: skip
    return entries, posts, departments


def _request(rng: random.Random, entries: list[Power], departments: dict[str, str]) -> Request:
    i = rng.randrange(POWERS)
    officer = f"u{rng.randrange(OFFICERS // ROLES) * ROLES + i % ROLES}"
    at = departments[officer] if rng.random() < 0.85 else f"d{rng.randrange(DEPARTMENTS)}"
    amount = rng.randrange(1, int((entries[i].limit or 1) * 1.5))
    done = OWN if rng.random() < 0.1 else frozenset[str]()
    return Request(officer, f"a{i}", amount, {"department": at}, done=done)


def _counted(p: Power) -> Power:
    return replace(p, period="day", period_limit=10**14, total_limit=MOST)


def _batch(index: Index, asked: list[Request]) -> dict[str, object]:
    best, verdicts = 0.0, []
    for _ in range(3):
        spent: dict[str, tuple[int, int]] = {}
        start = time.process_time()
        verdicts = index.decide_all(asked, spent)
        best = max(best, len(asked) / (time.process_time() - start))
    allowed = [(d, r) for d, r in zip(verdicts, asked, strict=True) if d.verdict == "allow"]
    booked = sum(r.amount or 0 for _, r in allowed)
    full = sum(any(f.endswith("_limit") for _, f in d.failed) for d in verdicts)
    return {
        "per_s": best, "allowed_share": len(allowed) / len(asked), "limit_reached": full,
        "counters_right": booked == sum(total for _, total in spent.values())
        and all(total <= MOST for _, total in spent.values()),
    }  # fmt: skip


def _single(index: Index, asked: list[Request]) -> dict[str, object]:
    """Time one decision at a time, counters and all; the median."""
    spent: dict[str, tuple[int, int]] = {}
    took = []
    for r in asked:
        start = time.perf_counter_ns()
        decision = index.decide(r, spent)
        if decision.verdict == "allow":
            index.spend(decision, r.amount or 0, spent)
        took.append(time.perf_counter_ns() - start)
    return {"single_us": sorted(took)[len(took) // 2] / 1_000}


def _cedar(index: Index, asked: list[Request]) -> dict[str, object]:
    try:
        import cedarpy
    except ImportError:
        return {"cedarpy": "missing"}
    start = time.process_time()
    ours = [d.verdict == "allow" for d in index.decide_all(asked, {})]
    own = time.process_time() - start
    policies, entities = cedar.policies(index.standing()), json.dumps(cedar.entities(index))
    theirs: list[bool] = []
    seconds = 0.0
    for a in range(0, len(asked), BATCH):
        batch = [cedar.request(r) for r in asked[a : a + BATCH]]
        start = time.perf_counter()
        answers = cedarpy.is_authorized_batch(batch, policies, entities)
        seconds += time.perf_counter() - start
        theirs += [answer.allowed for answer in answers]
    return {
        "cedarpy_per_s": len(asked) / seconds, "ratio_vs_cedarpy": seconds / own,
        "differ": sum(a != b for a, b in zip(ours, theirs, strict=True)),
    }  # fmt: skip
