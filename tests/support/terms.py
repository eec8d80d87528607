"""Small random worlds of applicants, products and criteria, and a plain reading of who may what."""

from datetime import date, timedelta

import numpy as np

from liandong.schema.arrow import build, empty
from support.lending import DAY, WAN, products, projects, sales, scores

REGIONS = ("310000", "320500", "320000", "510100", None)
INDUSTRIES = ("C39", "C3911", "C", "A01", "K7010", None)
SIZES = ("micro", "small", "medium", "large", None)
PURPOSES = ("设备更新", "流动资金", "买入股票", "厂房扩建", None)
MEMBERS = {
    "region": ("31", "3205", "51"),
    "industry": ("C", "C39", "A"),
    "size": ("micro", "small"),
    "grade": ("A", "B"),
    "purpose": ("设备", "资金"),
    "first_time": ("yes", "no"),
    "technology": ("yes",),
    "guaranteed": ("yes",),
    "credential": ("grade_1", "food"),
    "not_region": ("51",),
    "not_industry": ("C3911", "A"),
    "not_purpose": ("厂房",),
}
FIRST = date(2020, 1, 1)


def criteria(rows):
    """Build criteria of (product, measure, member, low, high), or with further fields as a dict."""
    names = ("product_id", "measure", "member", "low", "high")
    found = [
        {
            "valid_from": FIRST,
            "basis": "rule",
            **(r if isinstance(r, dict) else dict(zip(names, r, strict=True))),
        }
        for r in rows
    ]
    return build("criterion", {
        n: [r.get(n) for r in found] for n in (*names, "basis", "valid_from", "valid_to")
    })  # fmt: skip


def credentials(rows):
    """Build accepted credentials of (party, kind, last day, revoked)."""
    names = ("party_id", "kind", "valid_to", "revoked")
    same = {"issuer": "west.example/acts", "issued_kind": "A", "issued_by": "West",
            "valid_from": FIRST, "claims": "{}", "content": "00", "file": "00"}  # fmt: skip
    found = [
        {**same, "number": i, **dict(zip(names, r, strict=True))} for i, r in enumerate(rows, 1)
    ]
    return build("credential", {n: [r[n] for r in found] for n in (*names, *same, "number")})


def _bands(r, product):
    for measure, low, high in (
        ("amount", 5 * WAN, 200 * WAN), ("term", 1, 36), ("points", 400, 800), ("age", 0, 3000),
        ("pd", 0, 200_000), ("revenue", 0, 300 * WAN), ("staff", 0, 50),
        ("feature.growth", -10**6, 10**6),
    ):  # fmt: skip
        if r.random() < 0.25:
            a, b = sorted(int(v) for v in r.integers(low, high, 2))
            side = r.integers(3)
            yield product, measure, "-", None if side == 0 else a, None if side == 1 else b


def _sets(r, product):
    for measure, members in MEMBERS.items():
        if r.random() < 0.2:
            yield from ((product, measure, m, None, None) for m in members if r.random() < 0.7)


def _maybe(r, values):
    return values[int(r.integers(len(values)))]


def world(seed, firms=12, offers=9):
    """Make the tables of a quote from a seed."""
    r = np.random.default_rng(seed)
    ids = [f"E{i:02d}" for i in range(firms)]
    given = {
        "project": projects(**{e: {
            "need": int(r.integers(1, 200)) * WAN, "term_months": int(r.integers(1, 37)),
            "purpose": _maybe(r, PURPOSES), "industry": _maybe(r, INDUSTRIES),
            "region_id": _maybe(r, REGIONS),
        } for e in ids}),
        "score": scores(**{e: {
            "pd": int(r.integers(0, 200_000)), "points": int(r.integers(400, 800)),
            "grade": _maybe(r, "ABCD"),
        } for e in ids if r.random() < 0.95}),
        "party": build("party", {
            "party_id": ids, "kind": ["firm"] * firms,
            "size_class": [_maybe(r, SIZES) for _ in ids],
            "annual_revenue": [
                int(r.integers(0, 300 * WAN)) if r.random() < 0.9 else None for _ in ids
            ],
            "founded": [
                DAY - timedelta(days=int(r.integers(0, 3000))) if r.random() < 0.9 else None
                for _ in ids
            ],
            "staff": [int(r.integers(0, 50)) if r.random() < 0.9 else None for _ in ids],
        }),
        "feature": sales(**{e: {"measure": "growth", "value": float(r.uniform(-1, 1))}
                            for e in ids if r.random() < 0.8}),
        "loan": build("loan", {
            "loan_id": ["L1", "L2"], "party_id": ["E01", "E02"], "lender_id": ["B", "B"],
            "amount": [1, 1], "start": [DAY, date(2020, 5, 5)], "term_months": [12, 12],
            "status": ["current", "repaid"],
        }),
        "edge": build("edge", {
            "src": ["E03", "E04"], "dst": ["E05", "E06"], "kind": ["guarantees", "owns"],
            "valid_from": [FIRST, FIRST],
        }),
        "credential": credentials([
            ("E01", "grade_1", None, False), ("E07", "food", DAY, False),
            ("E08", "food", DAY - timedelta(1), False), ("E09", "food", None, True),
            ("E10", "grade_10", None, False), ("E10", "food", None, False),
        ]),
        **{n: empty(n) for n in ("churn", "application")},
    }  # fmt: skip
    names = [f"P{j}" for j in range(offers)]
    given["product"] = products(**{p: {
        "min_amount": int(r.integers(1, 40)) * WAN, "max_amount": int(r.integers(40, 200)) * WAN,
        "step_amount": int(r.integers(1, 30)) * WAN, "term_months": int(r.integers(6, 37)),
        "max_rate": int(r.integers(50_000, 200_000)),
        "guarantee_cover": int(r.integers(0, 2)) * 800_000,
        "ceiling_rate": int(r.integers(40_000, 200_000)) if r.random() < 0.3 else None,
        "lender_fee_rate": 5_000 if r.random() < 0.3 else None,
    } for p in names})  # fmt: skip
    rows = [row for p in names for make in (_bands, _sets) for row in make(r, p)]
    given["criterion"] = criteria(rows)
    return given
