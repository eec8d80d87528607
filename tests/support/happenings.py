"""Events for windows, and what windows say at them, found by looking at everything every time."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.watch import Event, WindowStream
from liandong.watch.windows.rules import Window, micros

HOUR = 3_600_000_000
KINDS = ("payment_in", "payment_out", "invoice")
TAGS = ("export", "loan", None)
ALL_FUNCTIONS = tuple(
    {"name": f"{fn}_{over}", "fn": fn, "over": over}
    | ({} if fn in {"count", "distinct"} else {"of": "amount"})
    | ({"against": "5d"} if fn == "velocity" else {})
    for fn in (
        "count", "sum", "mean", "std", "min", "max", "distinct", "velocity", "first", "last",
        "top_share",
    )
    for over in ("1h", "2d")
)  # fmt: skip
CHOSEN = (
    {"name": "paid", "fn": "sum", "over": "1d", "of": "amount", "where": {"kinds": KINDS[:2]}},
    {"name": "first_loan", "fn": "first", "over": "3d", "of": "amount",
     "where": {"kinds": ["payment_in"], "tags": ["loan"]}},
    {"name": "least_export", "fn": "min", "over": "3d", "of": "amount",
     "where": {"tags": ["export"]}},
    {"name": "buyers", "fn": "distinct", "over": "2d", "where": {"kinds": ["invoice"]}},
    {"name": "top_buyer", "fn": "top_share", "over": "2d", "of": "amount",
     "where": {"kinds": ["invoice"]}},
)  # fmt: skip
WINDOWS = (*ALL_FUNCTIONS, *CHOSEN)


class Happening(NamedTuple):
    """A row of ``watch_event``, times in microseconds."""

    event_id: str
    source: str
    seq: int
    at: int
    seen_at: int
    kind: str
    subject_id: str
    other_id: str | None
    amount: int | None
    tag: str | None

    @property
    def place(self) -> tuple[int, str, int, str]:
        return self.at, self.source, self.seq, self.event_id


def happenings(seed: int, n: int, *, subjects: int = 3, hours: int = 200) -> list[Happening]:
    """Return events with many ties, few counterparties, and amounts of all sizes and signs."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, hours * 4, n) * (HOUR // 4) + 1_700_000_000_000_000
    sizes = rng.choice([3, 1_000, 10**9, 10**15], n)
    return [
        Happening(
            f"e{k:05}", str(rng.choice(["bank", "tax"])), int(rng.integers(0, 3)), int(at[k]),
            int(at[k]), str(rng.choice(KINDS)), f"S{rng.integers(subjects)}",
            None if rng.random() < 0.1 else f"C{rng.integers(5)}",
            None if rng.random() < 0.1 else int(rng.integers(-sizes[k] // 4, sizes[k] + 1)),
            TAGS[rng.integers(3)],
        )
        for k in range(n)
    ]  # fmt: skip


def table_of(events: list[Happening]) -> pa.Table:
    """Return events as the table ``watch_event``."""
    columns = {n: [getattr(e, n) for e in events] for n in Happening._fields}
    for name in ("at", "seen_at"):
        columns[name] = pa.array(columns[name], pa.int64()).cast(pa.timestamp("us", "UTC"))
    return build("watch_event", columns)


def said(events: list[Happening], windows: tuple[Window, ...]) -> dict[str, dict[str, object]]:
    """Return what windows say at each event, by its id."""
    found, before = {}, defaultdict(list)
    for e in sorted(events, key=lambda e: e.place):
        mine = before[e.subject_id]
        mine.append(e)
        found[e.event_id] = {w.name: _value(w, mine, e.at) for w in windows}
    return found


def _within(window: Window, mine: list[Happening], at: int, span: str) -> list[Happening]:
    begin = at - micros(span)
    return [e for e in mine if e.at > begin and window.where.holds(e.kind, e.tag)]


def _value(window: Window, mine: list[Happening], at: int) -> object:
    there = _within(window, mine, at, window.over)
    amounts = [e.amount for e in there if e.amount is not None]
    if window.fn == "count":
        return len(there)
    if window.fn == "distinct":
        return len({e.other_id for e in there} - {None})
    if not amounts:
        return None
    simple = {"sum": sum, "min": min, "max": max, "first": lambda a: a[0], "last": lambda a: a[-1]}
    if window.fn in simple:
        return simple[window.fn](amounts)
    if window.fn == "mean":
        return float(sum(amounts)) / len(amounts)
    if window.fn == "std":
        return _deviation(amounts)
    if window.fn == "velocity":
        longer = _within(window, mine, at, window.against)
        usual = sum(e.amount for e in longer if e.amount is not None)
        ratio = micros(window.against) / micros(window.over)
        return float(sum(amounts)) / (float(usual) / ratio) if usual > 0 else None
    worth = defaultdict(int)
    for e in there:
        if e.other_id is not None:
            worth[e.other_id] += e.amount or 0
    total = sum(amounts)
    return float(max(worth.values())) / float(total) if worth and total > 0 else None


def _deviation(amounts: list[int]) -> float | None:
    """Return the standard deviation, rounded once from the exact variance and once by the root."""
    n = len(amounts)
    if n < 2:
        return None
    mean = Fraction(sum(amounts), n)
    return sqrt(sum((a - mean) ** 2 for a in amounts) / (n - 1))


def event_of(e: Happening) -> Event:
    """Return a happening as one event."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=e.at)
    return Event(
        e.event_id, e.source, e.seq, at, e.kind, e.subject_id, e.other_id, e.amount, e.tag
    )  # fmt: skip


def must_say_the_same(left: WindowStream, right: WindowStream, arrived, cuts) -> None:
    """Feed two streams in batches, each third of which comes one by one."""
    for n, (a, b) in enumerate(pairwise([0, *sorted(cuts), len(arrived)])):
        batch = arrived[a:b]
        if n % 3 == 2:
            for e in map(event_of, batch):
                assert left.see(e) == right.see(e)
            continue
        one, other = left.take(table_of(batch)), right.take(table_of(batch))
        assert one.values.equals(other.values)
        assert one.amended.equals(other.amended)
        assert one.quarantine.equals(other.quarantine)
