"""Bounds without a rule at scale: the least and the most of a loan at every place it can reach."""

import time

import numpy as np

from liandong.kernels.temporal import balances
from measure import figures

LOANS = 20
LOOKED_AT = 200
"""Places of a loan that are looked at: of more, every n-th."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part: seconds for one loan at one place, and at all places."""
    rows = 1_000_000 if quick else 10_000_000
    src, dst, amount, opening, start = _money(rows)
    _of_loan((src[:9], dst[:9], amount[:9]), opening, start[:1], 1)  # compiles
    flows = src, dst, amount
    began = time.perf_counter()
    held = balances(*flows, opening)
    once = time.perf_counter() - began
    found = [_one(flows, held, opening, k) for k in start[: 5 if quick else LOANS]]
    worst, every = (np.array([f[i] for f in found]) for i in ("one", "all"))
    return figures(
        "bounds_1m" if quick else "bounds_10m",
        {
            "rows": rows, "loans": len(found), "balances_s": once,
            "seconds": once + float(every.max()), "median_s": once + float(np.median(every)),
            "place_median_s": float(np.median(worst)), "place_worst_s": float(worst.max()),
            "places_most": max(f["places"] for f in found),
            "transfers_most": max(f["transfers"] for f in found),
            "wrong": sum(f["wrong"] for f in found),
        },
    )  # fmt: skip
