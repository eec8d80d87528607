"""Backtests worked out plainly: one event after the other, and loops over everything."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.watch.backtest.measuring import MONTH, Terms
from liandong.watch.backtest.outcomes import DAY
from liandong.watch.windows.single import Event
from liandong.watch.windows.stream import WindowStream

NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


def moment(day: float) -> datetime:
    return NEW_YEAR + timedelta(days=day)


def log(rows: list[tuple[str, float, float, int]]) -> pa.Table:
    """Return ``watch_event`` of (subject, day it happened, day it was known, amount)."""
    return build("watch_event", {
        "event_id": [f"e{k:03}" for k in range(len(rows))], "source": ["bank"] * len(rows),
        "seq": list(range(len(rows))), "at": [moment(r[1]) for r in rows],
        "seen_at": [moment(r[2]) for r in rows], "kind": ["payment_in"] * len(rows),
        "subject_id": [r[0] for r in rows], "amount": [r[3] for r in rows],
    })  # fmt: skip


def ends(rows: list[tuple[str, str, int, int]]) -> pa.Table:
    """Return ``event`` of (party, kind, day, fen)."""
    return build("event", {
        "event_id": [f"d{k}" for k in range(len(rows))], "party_id": [r[0] for r in rows],
        "kind": [r[1] for r in rows], "at": [moment(r[2]).date() for r in rows],
        "amount": [r[3] for r in rows],
    })  # fmt: skip


def said(rows: list[tuple[str, str, int, str | None]]) -> pa.Table:
    """Return ``warning`` of (code, subject, day, level)."""
    days = [moment(r[2]) for r in rows]
    return build("warning", {
        "rule": [f"{k:02}" for k in range(len(rows))], "code": [r[0] for r in rows],
        "subject_id": [r[1] for r in rows], "at": days, "seen_at": days,
        "level": [r[3] for r in rows], "reasons": [[] for _ in rows],
    })  # fmt: skip


def one_by_one(events: pa.Table, rule, holds) -> list[tuple[str, int, bool, int]]:
    """Show a stream each event when it was known, and judge what it says with ``holds``.

    Returns
    -------
    list
        Subject, microsecond known, whether for the first time, and grade of each row, sorted.
    """
    order = ("seen_at", "at", "source", "seq", "event_id")
    stream, found = WindowStream(rule.stream), []
    for row in sorted(events.to_pylist(), key=lambda r: tuple(r[n] for n in order)):
        seen = stream.see(Event(**row))
        known = (row["seen_at"] - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        if seen.values is not None:
            found.append((row["subject_id"], known, True, holds(seen.values)))
        if seen.amended is not None:
            found += [(row["subject_id"], known, False, holds(a)) for a in seen.amended.to_pylist()]
    return sorted(found)


class Plain(NamedTuple):
    """Rows (subject, known, first, hit) and first defaults (subject: time, fen), for some terms."""

    rows: list[tuple[int, int, bool, int]]
    defaults: dict[int, tuple[int, int]]
    watched: int
    terms: Terms

    def figures(self) -> dict[str, float | int | None]:
        """Measure by loops over everything."""
        terms, rows = self.terms, [r for r in self.rows if r[1] < self._over(r[0])]
        starts = self._starts([r for r in rows if r[3]])
        days = sum(max(self._over(s) - terms.since, 0) for s in range(self.watched)) / DAY
        leads = self._leads(starts)
        led = [x / DAY for x in leads.values() if x is not None]
        caught = [s for s, x in leads.items() if x is not None and x >= terms.least]
        owed = {s: self.defaults[s][1] for s in leads}
        looked = self._looked_at(starts)
        good = [s for s, t, _ in looked if s in self.defaults
                and t < self.defaults[s][0] <= t + terms.horizon]  # fmt: skip
        many, seen_before = len(starts), len({s for s, _, _ in starts})
        return {
            "hits": sum(r[3] > 0 for r in rows), "alerts": many,
            "burden": 1000 * many / (days / MONTH),
            "repeats": (many - seen_before) / many if many else None,
            "flips": sum(self._gone(rows, s, t) for s, t, _ in starts) / many if many else None,
            "defaults": len(leads), "caught": len(caught),
            "recall": len(caught) / len(leads) if leads else None,
            "recall_exposure": sum(owed[s] for s in caught) / sum(owed.values()) if leads else None,
            "lead_median": float(np.median(led)) if led else None,
            "lead_90": sum(x >= 90 for x in led) / len(led) if led else None,
            "precision": len(good) / len(looked) if looked else None,
        }  # fmt: skip

    def _over(self, subject: int) -> int:
        at = self.defaults.get(subject, (self.terms.until, 0))[0]
        return min(at, self.terms.until)

    def _starts(self, hits: list) -> list[tuple[int, int, int]]:
        ordered = sorted(hits, key=lambda r: (r[0], r[1]))
        found = [(r[0], r[1], r[3]) for r in ordered[:1]]
        for a, b in pairwise(ordered):
            if a[0] != b[0] or b[1] - a[1] >= self.terms.cool:
                found.append((b[0], b[1], b[3]))
        return found

    def _leads(self, starts: list) -> dict[int, int | None]:
        found = {}
        for subject, (at, _) in self.defaults.items():
            if self.terms.since + self.terms.least <= at < self.terms.until:
                inside = [at - t for s, t, _ in starts
                          if s == subject and at - self.terms.horizon < t < at]  # fmt: skip
                found[subject] = max(inside) if inside else None
        return found

    def _looked_at(self, starts: list) -> list[tuple[int, int, int]]:
        weeks: dict[int, list] = {}
        for s, t, worth in starts:
            weeks.setdefault((t // DAY + 3) // 7, []).append((-worth, t, s))
        chosen = [(s, t, -w) for found in weeks.values() for w, t, s in
                  sorted(found)[: self.terms.budget]]  # fmt: skip
        return [c for c in chosen if c[1] + self.terms.horizon < self.terms.until]

    @staticmethod
    def _gone(rows: list, subject: int, since: int) -> bool:
        return any(s == subject and since < t <= since + 7 * DAY and first and not hit
                   for s, t, first, hit in rows)  # fmt: skip
