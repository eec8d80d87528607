"""What is told of firms beside measures: arrears, enquiries, lines used up, changes on record.

Trouble that ends in a default shows in some of them, before or after payments stop; firms without
trouble have them now and then, and whoever borrows is enquired about before.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Ints, chance, numbered, pick, times
from liandong.world.credit import INTEREST_DAY, Failures, Loans
from liandong.world.firms import Cast, Firms
from liandong.world.journal import DAY
from liandong.world.months import Months


class Sort(NamedTuple):
    """A sort of notice.

    ``share`` of the failing firms have it ``low`` to ``high`` days after payments stopped, and
    ``yearly`` of all firms by chance: ``least`` to ``most`` of them, ``apart`` days apart.
    """

    kind: str
    tag: str | None
    share: float
    low: int
    high: int
    yearly: float
    least: int = 1
    most: int = 1
    apart: int = 30


SORTS = (
    Sort("utility", "arrears", 0.35, -120, 60, 0.02, 1, 3),
    Sort("utility", "cut_off", 0.08, 30, 120, 0.001),
    Sort("staff", "arrears", 0.4, -100, 30, 0.01, 1, 4),
    Sort("enquiry", None, 0.4, -150, -20, 0.0, 3, 8, 4),
    Sort("registry", "legal_person", 0.25, -200, 0, 0.02),
    Sort("registry", "address", 0.2, -200, 0, 0.03),
    Sort("registry", "pledge", 0.25, -200, 0, 0.02),
    Sort("registry", "capital_cut", 0.08, -200, 0, 0.003),
    Sort("registry", "abnormal", 0.15, -60, 120, 0.005),
    Sort("registry", "licence", 0.05, 0, 150, 0.001),
    Sort("equity_freeze", None, 0.2, 0, 120, 0.001),
)
ASKED_FIRST = 3
"""Enquiries at most before a loan is made, within the month before it."""
FULL, EASED = (910_000, 1_000_000), (200_000, 700_000)
"""Use of a credit line that is nearly used up, and of one that is not; parts per million."""
FULL_BEFORE, FULL_BY_CHANCE = 0.3, 0.03
"""Share of the failing firms whose line is full before they stop to pay, and of the firms a year
whose line is full for some weeks."""


class _Rows(NamedTuple):
    """Notices: sort, firm, day, and the amount told or -1."""

    sort: Ints
    firm: Ints
    day: Ints
    amount: Ints


def notice_table(
    firms: Firms, loans: Loans, failures: Failures, cast: Cast, months: Months, rng: Generator
) -> pa.Table:
    """Return ``watch_event`` of what no other table of the world has."""
    stop = np.flatnonzero(failures.stop < months.count)
    stopped = months.first[failures.stop[stop]] + INTEREST_DAY
    found = [_of(k, stop, stopped, len(firms), months, rng) for k in range(len(SORTS))]
    found += [_asked(loans, rng), *_lines(stop, stopped, len(firms), months, rng)]
    rows = _Rows(*(np.concatenate(c) for c in zip(*found, strict=True)))
    inside = (rows.day >= months.first[0]) & (rows.day < months.end)
    inside &= months.of(rows.day) < failures.closed[rows.firm]
    rows = _Rows(*(c[inside] for c in rows))
    rows = _Rows(*(c[np.lexsort((rows.amount, rows.sort, rows.firm, rows.day))] for c in rows))
    return _table(rows, cast, rng)


def _of(
    number: int, stop: Ints, stopped: Ints, firms: int, months: Months, rng: Generator
) -> _Rows:
    """Draw one sort of notice for failing firms, and for any by chance."""
    sort = SORTS[number]
    here = chance(rng, sort.share, len(stop))
    before = (stopped + rng.integers(sort.low, sort.high + 1, len(stop)))[here]
    others = np.flatnonzero(chance(rng, sort.yearly * months.count / 12, firms))
    firm = np.concatenate([stop[here], others])
    day = np.concatenate([before, rng.integers(months.first[0], months.end, len(others))])
    many = rng.integers(sort.least, sort.most + 1, len(firm))
    again = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    row = np.repeat(np.arange(len(firm)), many)
    nothing = np.full(len(row), -1)
    return _Rows(nothing * 0 + number, firm[row], day[row] + sort.apart * again, nothing)


def _asked(loans: Loans, rng: Generator) -> _Rows:
    """Draw enquiries before loans are made."""
    row = np.repeat(np.arange(len(loans)), rng.integers(1, ASKED_FIRST + 1, len(loans)))
    day = loans.day[row] - rng.integers(1, 30, len(row))
    enquiry = [s.kind for s in SORTS].index("enquiry")
    nothing = np.full(len(row), -1)
    return _Rows(nothing * 0 + enquiry, loans.firm[row], day, nothing)


def _lines(
    stop: Ints, stopped: Ints, firms: int, months: Months, rng: Generator
) -> tuple[_Rows, _Rows]:
    """Draw credit lines that are nearly used up: for good, and for some weeks."""
    here = chance(rng, FULL_BEFORE, len(stop))
    others = np.flatnonzero(chance(rng, FULL_BY_CHANCE * months.count / 12, firms))
    begun = rng.integers(months.first[0], months.end, len(others))
    firm = np.concatenate([stop[here], others])
    day = np.concatenate([(stopped - rng.integers(120, 200, len(stop)))[here], begun])
    full = np.full(len(firm), len(SORTS))
    eased = begun + rng.integers(20, 70, len(others))
    return (
        _Rows(full, firm, day, rng.integers(*FULL, len(firm))),
        _Rows(full[: len(others)], others, eased, rng.integers(*EASED, len(others))),
    )


def _table(rows: _Rows, cast: Cast, rng: Generator) -> pa.Table:
    """Return the rows, each known some days after it happened."""
    count = len(rows.day)
    kinds = [*(s.kind for s in SORTS), "utilisation"]
    at = rows.day * DAY + rng.integers(0, DAY, count)
    return build("watch_event", {
        "event_id": numbered("notice:", np.arange(1, count + 1), 6),
        "source": pa.repeat("notice", count),
        "seq": np.arange(count),
        "at": times(at),
        "seen_at": times(at + rng.integers(1, 11, count) * DAY),
        "kind": pick(kinds, rows.sort),
        "subject_id": pick(cast.ids, rows.firm),
        "amount": pa.array(rows.amount, mask=rows.amount < 0),
        "tag": pick([*(s.tag or "" for s in SORTS), ""], _tagged(rows.sort)),
    })  # fmt: skip


def _tagged(sort: Ints) -> Ints:
    """Return the sort of notices that have a tag, -1 for others."""
    has = np.array([*(s.tag is not None for s in SORTS), False])
    return np.where(has[sort], sort, -1)
