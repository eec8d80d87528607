"""Warnings for tests, and the plainest way to join them to episodes."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from liandong.schema.arrow import arrow_schema
from liandong.schema.tables.warnings import LEVELS
from liandong.types import since_epoch, stable_id
from liandong.watch import EpisodesRule, Warned
from liandong.watch.windows.rules import micros

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def warned(at, level, *, seen=None, subject="F1", rule="r1", code="T1", value=None, void=None):
    """One warning; moments are days since ``START``, fractions too."""
    seen = at if seen is None else seen
    return Warned(rule, code, subject, START + at * DAY, START + seen * DAY, level, value, None,
                  None, ({"code": "watch.invoice_share", "points": 1},), void)  # fmt: skip


def table_of(rows) -> pa.Table:
    """The table ``warning`` of some warnings."""
    return pa.Table.from_pylist([r._asdict() for r in rows], schema=arrow_schema("warning"))


class Look(NamedTuple):
    """How an episode looks at a moment."""

    state: str
    level: str
    last: datetime
    cooling: datetime | None
    closed: datetime | None
    warnings: int
    value: float | None


class Episode:
    """An episode, warning by warning."""

    def __init__(self, first: Warned, pace):
        self.begun, self.worst, self.warnings = first.at, first, 1
        self.pace, self.last = pace, first.at
        self.quiet = first.at + self.span(pace.hold)

    @staticmethod
    def span(text):
        return timedelta(microseconds=micros(text))

    @property
    def over(self):
        return self.quiet + self.span(self.pace.cool)

    def join(self, w: Warned):
        if w.level is None:
            self.quiet = min(self.quiet, w.at)
            return
        self.last, self.quiet = w.at, w.at + self.span(self.pace.hold)
        self.warnings += 1
        if LEVELS.index(w.level) > LEVELS.index(self.worst.level):
            self.worst = w

    def look(self, moment) -> Look:
        state = "open" if moment < self.quiet else "cooling" if moment < self.over else "closed"
        level = LEVELS.index(self.worst.level)
        if self.pace.repeats and self.warnings >= self.pace.repeats:
            level = min(level + 1, 2)
        cooling = self.quiet if state != "open" else None
        closed = self.over if state == "closed" else None
        return Look(state, LEVELS[level], self.last, cooling, closed, self.warnings,
                    self.worst.value)  # fmt: skip


def known_at(w: Warned) -> datetime:
    """When a warning was known: never before the moment of which it speaks."""
    return max(w.at, w.seen_at)


def folded(rows, rule: EpisodesRule, moment) -> list[Episode]:
    """Join what is known of one group at a moment to episodes, the plain way."""
    own = {c.code: c for c in rule.codes}
    pace = own.get(rows[0].code, rule.usual) if rows else rule.usual
    held = {}
    for w in sorted(rows, key=known_at):
        if known_at(w) <= moment:
            held[w.at] = w
    found: list[Episode] = []
    for at in sorted(held):
        w = held[at]
        if w.level is None and w.amends:
            continue
        if found and at < found[-1].over:
            found[-1].join(w)
        elif w.level is not None and LEVELS.index(w.level) >= LEVELS.index(pace.opens):
            found.append(Episode(w, pace))
    return found


def looks(rows, rule, moment) -> dict[str, Look]:
    """How the alerts of all groups look at a moment, by id."""
    groups: dict = {}
    for w in rows:
        groups.setdefault((w.rule, w.subject_id), []).append(w)
    return {
        stable_id(*whose, since_epoch(e.begun)): e.look(moment)
        for whose, own in groups.items()
        for e in folded(own, rule, moment)
    }


def moments(rows, rule, clock) -> list[datetime]:
    """All moments at which anything may look different, up to the clock."""
    found = {known_at(w) for w in rows}
    for moment in sorted(found):
        groups: dict = {}
        for w in rows:
            groups.setdefault((w.rule, w.subject_id), []).append(w)
        for own in groups.values():
            for e in folded(own, rule, moment):
                found |= {e.quiet, e.over}
    return sorted(m for m in found if m <= clock)
