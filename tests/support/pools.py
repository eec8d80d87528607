"""Small pools of quotes drawn from a seed, with limits of every kind."""

import json

import numpy as np

from liandong.errors import ConflictingLimitsError
from liandong.match import AllocateRule, Group, Limit, allocate
from liandong.match.core.problem import Problem, Side
from liandong.schema.arrow import build
from liandong.types import PPM, Money, Rate
from support.lending import DAY, WAN, products

REASONS = [{"code": "match.rate_margin", "points": 10_000}]
LIMITS = (
    Limit(name="north", of=Group(regions=("11", "12")), least_share=Rate(150_000)),
    Limit(name="new", of=Group(first_time=True), least_share=Rate(100_000)),
    Limit(name="plants", of=Group(industries=("C",)), most_share=Rate(600_000)),
    Limit(name="losses", measure="expected_loss", most=Money(12 * WAN)),
    Limit(name="subsidy", measure="subsidy", most=Money(8 * WAN)),
    Limit(name="cover", measure="guaranteed", of=Group(guarantors=("G",)), most=Money(300 * WAN)),
    Limit(name="small", of=Group(lenders=("BANK",)), most_share=Rate(900_000)),
)


def pool_of(seed, projects=14, count=4, *, equal=0):
    """Return quotes, products and a rule; ``equal`` projects have the same quotes as the first."""
    random = np.random.default_rng(seed)
    terms = {
        f"P{j}": {
            "capacity": int(random.integers(5, 60)) * 10 * WAN,
            "guarantee_cover": int(random.choice([0, 500_000, 800_000])),
            "guarantor_id": random.choice(["G", None]),
            "lender_id": str(random.choice(["BANK", "COOP"])),
        }
        for j in range(count)
    }
    terms["P0"] |= {"guarantor_id": "G", "lender_id": "BANK"}  # no limit is about nobody
    rows = _quotes(random, "E0", count)
    like = list(rows)
    for i in range(1, projects):
        if i <= equal:
            rows += [{**r, "project_id": f"E{i}", "party_id": f"E{i}"} for r in like]
        else:
            rows += _quotes(random, f"E{i}", count)
    for r in rows:
        if r["project_id"] == f"E{projects - 1}":  # no floor is for nobody
            r |= {"region_id": "110000", "first_time": True}
    columns = {c: [r[c] for r in rows] for c in rows[0]}
    chosen = random.permutation(len(LIMITS))[: int(random.integers(0, 4))]
    rule = AllocateRule(
        as_of=DAY,
        budget=Money(int(random.integers(10, 120)) * 10 * WAN),
        micro_share=Rate(int(random.choice([0, 500_000]))),
        limits=tuple(LIMITS[i] for i in sorted(chosen)),
        salt=str(seed),
    )
    return build("quote", columns), products(**terms), rule


def _quotes(random, project, count):
    need = int(random.integers(10, 101)) * WAN
    who = {
        "project_id": project, "party_id": project, "as_of": DAY,
        "micro": random.choice([True, True, False, None]),
        "first_time": random.choice([True, False, None]),
        "region_id": random.choice(["110000", "120000", "440100", None]),
        "industry": random.choice(["C13", "F51", None]),
        "grade": str(random.choice(["A", "B"])), "reasons": REASONS, "floor_rate": 50_000,
    }  # fmt: skip
    some = random.permutation(count)[: int(random.integers(1, count + 1))]
    return [
        {
            **who, "product_id": f"P{j}", "eligible": bool(random.random() < 0.9), "limit": need,
            "rate": int(random.integers(40_000, 90_000)),
            "value_rate": int(random.integers(-500, 30_000)),
            "expected_loss": int(random.integers(0, 40_000)),
            "subsidy": random.choice([None, 0, 10_000, 20_000]),
        }
        for j in sorted(some.tolist())
    ]  # fmt: skip


def allocated(seed, **opts):
    """Return the tables of an allocation of a pool, its rule and its certificate.

    Where limits happen to conflict it is that of the next seed a thousand further.
    """
    quote, product, rule = pool_of(seed, **opts)
    try:
        got = allocate(quote, product, rule=rule)
    except ConflictingLimitsError:
        return allocated(seed + 1_000, **opts)
    said = json.loads(got["allocation"]["certificate"][0].as_py())
    return {"quote": quote, "product": product, **got}, rule, said


def problem_of(seed, projects=12, products=3, step=1):
    """Draw a pool with a budget and a floor; amounts in steps of so many fen."""
    random = np.random.default_rng(seed)
    some = [np.sort(random.permutation(products)[: random.integers(1, products + 1)])
            for _ in range(projects)]  # fmt: skip
    start = np.append(0, np.cumsum([len(x) for x in some]))
    product = np.concatenate(some).astype(np.int32)
    most = np.repeat(random.integers(10, 100, projects) * WAN, np.diff(start))
    one = np.full_like(most, step)
    small = random.random(projects) < 0.5
    sides = (
        Side("budget", -int(random.integers(100, 600)) * WAN * PPM,
             by_product=np.full(products, -PPM)),
        Side("micro", 0, by_project=np.where(small, 300_000, -700_000)),
        Side("loss", -int(random.integers(1, 30)) * WAN * PPM,
             by_arc=-random.integers(0, 60_000, len(product))),
    )  # fmt: skip
    value = random.integers(100, 5_000, len(product)).astype(np.int32) * 1_000
    capacity = random.integers(50, 400, products) * WAN
    return Problem(start, product, one, most, one, value, capacity, sides)
