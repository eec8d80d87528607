"""What was planted, for tests and measurements; no step may read it."""

import json
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.world.arrays import Ints, dates, numbered
from liandong.world.credit import Loans
from liandong.world.firms import Cast
from liandong.world.journal import Flows
from liandong.world.months import Months
from liandong.world.plan import Plan
from liandong.world.ties import ring_loans

NO_ROWS: Ints = np.zeros(0, np.int64)


class Fact(NamedTuple):
    """One planted thing.

    Attributes
    ----------
    kind
        As in the table ``truth``.
    subject, other
        Ids of what it is about.
    day
        First day, since 1970-01-01.
    amount
        Fen, None if it is not about an amount.
    detail
        Whatever else is known.
    rows
        Rows of the journal it left.
    """

    kind: str
    subject: str
    other: str | None
    day: int
    amount: int | None
    detail: dict[str, Any]
    rows: Ints = NO_ROWS


def rings(plan: Plan, loans: Loans, cast: Cast) -> list[Fact]:
    """Return the guarantee rings; members in the order in which each guarantees the next."""
    facts = []
    for ring in plan.rings:
        row = ring_loans(loans, ring)
        members = [cast.ids[int(m)].as_py() for m in ring]
        facts.append(Fact(
            "guarantee_chain", members[0], None, int(loans.day[row].min()),
            int(loans.amount[row].sum()), {"members": members},
        ))  # fmt: skip
    return facts


def decliners(plan: Plan, months: Months, cast: Cast) -> list[Fact]:
    """Return the declining firms with the share of sales that is left in the end, ppm."""
    return [
        Fact(
            "declining_firm", cast.ids[int(f)].as_py(), None, int(months.first[t]), None,
            {"left_ppm": round(float(left) * 1e6)},
        )
        for f, t, left in zip(plan.declining, plan.decline_from, plan.decline_to, strict=True)
    ]  # fmt: skip


def truth_table(facts: list[Fact], flows: Flows) -> pa.Table:
    """Return ``truth``; details name the transfers by id."""
    details = [
        {**f.detail, "flows": flows.ids(f.rows).to_pylist()} if len(f.rows) else f.detail
        for f in facts
    ]
    return build("truth", {
        "truth_id": numbered("Y", np.arange(1, len(facts) + 1), 5),
        "kind": [f.kind for f in facts],
        "subject": [f.subject for f in facts],
        "object": [f.other for f in facts],
        "at": dates(np.array([f.day for f in facts], np.int64)),
        "amount": [f.amount for f in facts],
        "detail": [json.dumps(d, sort_keys=True) for d in details],
    })  # fmt: skip
