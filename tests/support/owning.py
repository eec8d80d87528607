"""Owners in a few words, and ownership in exact fractions: what the step must say."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import pyarrow as pa

from liandong import trace
from liandong.schema.arrow import build
from liandong.types import Rate

DAY = date(2024, 6, 30)
SINCE = date(2020, 1, 1)
WHOLE = 1_000_000


def ties(text: str) -> pa.Table:
    """Read ``P 50 A, B 25-50 A, Q ! A``: percent or a band of it, or control without shares."""
    rows = []
    for word in text.split(","):
        src, share, dst = word.split()
        low, _, high = share.partition("-")
        ends = [round(float(s) * 10_000) for s in (low, high) if s not in {"", "!"}]
        rows.append({
            "src": src, "dst": dst, "kind": "controls" if share == "!" else "owns",
            "valid_from": SINCE, "share": ends[0] if len(ends) == 1 else None,
            "share_low": ends[0] if len(ends) == 2 else None,
            "share_high": ends[1] if len(ends) == 2 else None,
        })  # fmt: skip
    names = rows[0]
    return build("edge", {n: [r[n] for r in rows] for n in names})


def parties(edge: pa.Table) -> pa.Table:
    """Return everybody in the ties; whose name begins with P, Q or X is a person."""
    ids = sorted({*edge["src"].to_pylist(), *edge["dst"].to_pylist()})
    kinds = ["person" if i[0] in "PQX" else "firm" for i in ids]
    return build("party", {"party_id": ids, "kind": kinds})


def looked_through(edge: pa.Table | str, **rule: object) -> dict[str, pa.Table]:
    """Run the step on ties, with everything listed unless the rule says otherwise."""
    data = ties(edge) if isinstance(edge, str) else edge
    return trace.owners(data, parties(data), **{"on": DAY, "least": Rate(1), **rule})


def found(
    edge: pa.Table | str, measure: str, **rule: object
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return both ends by (holder, company)."""
    rows = looked_through(edge, **rule)["ownership"].to_pylist()
    return {
        (r["holder_id"], r["party_id"]): (r["low"], r["high"])
        for r in rows
        if r["measure"] == measure
    }


def controlled(edge: pa.Table | str, **rule: object) -> set[tuple[str, str, str]]:
    """Return (holder, company, verdict) of all control that is certain or possible."""
    rows = looked_through(edge, **rule)["ownership"].to_pylist()
    return {
        (r["holder_id"], r["party_id"], r["verdict"])
        for r in rows
        if r["measure"] == "control" and r["verdict"] != "no"
    }


def exactly(shares: dict[tuple[str, str], int]) -> dict[tuple[str, str], Fraction]:
    """Solve ownership in fractions: what arrives at each holder for the first time.

    For each holder it stops what arrives, and solves the rest by elimination. Nothing may be locked
    in a circle that nobody outside owns.
    """
    names = sorted({n for pair in shares for n in pair})
    part = {pair: Fraction(s, WHOLE) for pair, s in shares.items()}
    out = {}
    for holder in names:
        others = [n for n in names if n != holder]
        rows = [
            [Fraction(int(a == b)) - part.get((b, a), Fraction(0)) for b in others]
            + [part.get((holder, a), Fraction(0))]
            for a in others
        ]
        for company, value in zip(others, _solved(rows), strict=True):
            if value:
                out[holder, company] = value
    return out


def _solved(rows: list[list[Fraction]]) -> Iterable[Fraction]:
    """Solve equations, each a row of coefficients with its right side at the end."""
    for k in range(len(rows)):
        pivot = next(i for i in range(k, len(rows)) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for i in range(len(rows)):
            if i != k and rows[i][k]:
                factor = rows[i][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [r[-1] for r in rows]
