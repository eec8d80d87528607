"""Circles in the samples of AMLSim, against its labels and against what it really planted.

The samples label accounts; transfers and alerts have no labels. The transfers of planted patterns
can be told all the same: their amounts are less than any that an account without a label pays or
receives. Those of one pattern have one amount and hang together. Whether they close a circle, and
whether that circle runs in order of time, is then a matter of counting: money can only come back
where each leg is later than the one before.
"""

from collections import defaultdict
from functools import cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liandong.load import load
from liandong.testing.data import data_folder
from liandong.trace import circles
from liandong.types import Money
from measure import figures

CYCLES, FAN_INS = "20K_cycle200", "20K_fanin200"
"""In the second no circle was planted."""
RULE = {"hours": 480, "legs": 8, "least": Money(1)}

Leg = tuple[str, str]


class Alert(NamedTuple):
    """A planted circle as far as the log has it: days by payer and payee, and if it is whole."""

    days: dict[Leg, set[int]]
    closed: bool


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    if data_folder("amlsim_20k") is None:
        return {"cycles.amlsim": "data missing"}
    found: dict[str, object] = {}
    for name in (CYCLES,) if quick else (CYCLES, FAN_INS):
        found |= figures(f"cycles.amlsim_{name.removeprefix('20K_')}", _judged(name))
    return found


@cache
def sample(name: str) -> dict[str, pa.Table] | None:
    """Return the tables of a sample, None without the data."""
    folder = data_folder("amlsim_20k")
    return load("amlsim", folder / name).tables if folder is not None else None


def _judged(name: str) -> dict[str, object]:
    """Compare accounts on circles with labelled ones, and circles with the planted ones."""
    tables, labelled = sample(name), _labelled(name)
    got = circles(tables["flow"], tables["bank_account"], **RULE)
    legs = got["circle_leg"].sort_by([("circle_id", "ascending"), ("leg", "ascending")])
    ends = zip(*(legs[c].to_pylist() for c in ("circle_id", "src_account")), strict=True)
    found = {frozenset(a for _, a in g) for _, g in groupby(ends, key=lambda e: e[0])}
    told = frozenset().union(*found)
    said = {
        "circles": len(got["circle"]), "accounts": len(told), "labelled": len(labelled),
        "recall": len(told & labelled) / len(labelled),
        "precision": len(told & labelled) / max(len(told), 1),
        "precision_by_chance": len(labelled) / len(tables["bank_account"]),
    }  # fmt: skip
    return said | (_planted(tables["flow"], labelled, found) if name == CYCLES else {})


def _planted(
    flow: pa.Table, labelled: frozenset[str], found: set[frozenset[str]]
) -> dict[str, object]:
    """Tell how many planted circles can be gone round at all, and how many of those were found."""
    planted = _alerts(flow, labelled)
    whole = [a for a in planted if a.closed]
    spans = [_span(a.days) for a in whole]
    days = RULE["hours"] // 24
    due = [a for a, s in zip(whole, spans, strict=True) if s is not None and s <= days]
    return {
        "planted": len(planted), "planted_legs": sum(len(a.days) for a in planted),
        "planted_complete": len(whole),
        "planted_in_order_of_time": sum(s is not None for s in spans),
        "planted_in_order_within_window": len(due),
        "recall_of_planted": _share(planted, found),
        "recall_of_planted_complete": _share(whole, found),
        "recall_of_planted_in_order": _share(due, found) if due else "none planted",
    }  # fmt: skip


def _share(alerts: list[Alert], found: set[frozenset[str]]) -> float:
    """Return the share of whole planted circles of which all accounts are on one found circle."""
    hit = sum(a.closed and frozenset(x for leg in a.days for x in leg) in found for a in alerts)
    return hit / max(len(alerts), 1)


def _labelled(name: str) -> frozenset[str]:
    nodes = pq.read_table(data_folder("amlsim_20k") / name / "nodes.parquet")
    rows = zip(*(nodes[c].to_pylist() for c in ("nodeid", "isFraud")), strict=True)
    return frozenset(f"AML-{int(n)}" for n, bad in rows if int(bad))


def _alerts(flow: pa.Table, labelled: frozenset[str]) -> list[Alert]:
    """Put the planted transfers together: of one amount, and hanging together."""
    day = (flow["at"].cast(pa.int64()).to_numpy() // (86_400 * 1_000_000)).tolist()
    names = ("src_account", "dst_account", "amount")
    rows = [*zip(*(flow[c].to_pylist() for c in names), day, strict=True)]
    least = min(r[2] for r in rows if not labelled.issuperset(r[:2]))
    legs: dict[int, dict[Leg, set[int]]] = defaultdict(lambda: defaultdict(set))
    for src, dst, amount, on in rows:
        if amount < least and src != dst:
            legs[amount][src, dst].add(on)
    return [_alert(part) for days in legs.values() for part in _parts(days)]


def _parts(days: dict[Leg, set[int]]) -> list[dict[Leg, set[int]]]:
    """Part legs into those that hang together."""
    parts: list[dict[Leg, set[int]]] = []
    for leg, on in days.items():
        near = [p for p in parts if any({*leg} & {*other} for other in p)]
        parts = [p for p in parts if p not in near]
        parts.append({k: v for p in near for k, v in p.items()} | {leg: on})
    return parts


def _alert(days: dict[Leg, set[int]]) -> Alert:
    """Tell whether legs that hang together are one circle: each account pays and gets once."""
    payers, payees = [a for a, _ in days], [b for _, b in days]
    once = len({*payers}) == len({*payees}) == len(days)
    return Alert(days, once and {*payers} == {*payees})


def _span(days: dict[Leg, set[int]]) -> int | None:
    """Return the least days in which the circle can be gone round in order of time, or None."""
    after = {leg[0]: leg for leg in days}
    best = None
    for start, starts in days.items():
        for first in starts:
            leg, at = start, first
            for _ in range(len(days) - 1):
                leg = after[leg[1]]
                at = min((d for d in days[leg] if d > at), default=np.inf)
            if at < np.inf and (best is None or at - first < best):
                best = at - first
    return best
