"""What was known at a moment: events of parties as arrays, and what a signal says of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.schema.arrow import build
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Tables
from liandong.step.reasons import Reasons
from liandong.types import EPOCH, end_of_day
from liandong.watch.signals.calendar import DAY, SHANGHAI, local_days, zone_of
from liandong.watch.signals.graded import Graded

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

OF_LOANS = ("disbursement", "interest", "repayment")
JUDGED = ("firm", "coop")
"""Kinds of parties that signals judge."""


def in_being(party: pa.Table, day: date) -> pa.ChunkedArray:
    """Return the ids of the parties that are in being on a day."""
    begun = pc.fill_null(pc.less_equal(party["valid_from"], pa.scalar(day)), fill_value=True)
    ended = pc.fill_null(pc.less(party["valid_to"], pa.scalar(day)), fill_value=False)
    return party["party_id"].filter(pc.and_not(begun, ended))


def day_number(day: date) -> int:
    """Return a day as days since 1970-01-01."""
    return (day - EPOCH.date()).days


def month_of(days: Int) -> Int:
    """Return the months, counted from January 1970, of days since 1970-01-01."""
    months: Int = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def month_end(month: int) -> int:
    """Return the day after a month, as days since 1970-01-01."""
    return int(np.datetime64(month + 1, "M").astype("datetime64[D]").astype(np.int64))


def last_month(day: int, due_days: int) -> int:
    """Return the last month that had ended ``due_days`` before a day, or on it."""
    month = int(month_of(np.array([day - due_days]))[0])
    return month if month_end(month) + due_days <= day else month - 1


@dataclass(frozen=True)
class Events:
    """Events as arrays, in order of time, source, sequence and id.

    Attributes
    ----------
    subject, other
        Places among the parties, -1 for others.
    at, seen
        Microseconds.
    day, seen_day
        The days, since 1970-01-01, on which those fall by the calendar of the rule.
    amount
        0 where there is none.
    tag
        Place among ``tags``; ``None`` is one of them.
    tags
        All tags there are.
    """

    subject: Int
    other: Int
    at: Int
    seen: Int
    day: Int
    seen_day: Int
    amount: Int
    tag: Int
    tags: tuple[str | None, ...]

    def where(self, rows: Bool) -> "Events":
        """Return some of them."""
        return Events(
            self.subject[rows], self.other[rows], self.at[rows], self.seen[rows],
            self.day[rows], self.seen_day[rows], self.amount[rows], self.tag[rows], self.tags,
        )  # fmt: skip

    def tagged(self, tags: Sequence[str | None]) -> "Events":
        """Return those with one of these tags."""
        return self.where(np.array([t in tags for t in self.tags])[self.tag])

    def by_tag(self, values: Mapping[str, int]) -> Int:
        """Return a value of each event by its tag, 0 for tags without one."""
        of = [0 if t is None else values.get(t, 0) for t in self.tags]
        return np.array(of, np.int64)[self.tag]


class Facts:
    """All that a board tells of its parties, to be asked for what was known on a day.

    Parameters
    ----------
    tables
        Reads of ``watch.signals``.
    zone
        The time zone by whose calendar days are counted.
    """

    def __init__(self, tables: Tables, zone: str = SHANGHAI) -> None:
        self.zone = zone
        party = tables["party"].sort_by("party_id")
        self.tables = tables
        self.party = party
        self.ids = pa.concat_arrays(party["party_id"].chunks or [pa.array([], pa.string())])
        self.count = len(self.ids)
        order = [(n, "ascending") for n in ("at", "source", "seq", "event_id")]
        self._events = tables["watch_event"].sort_by(order)
        self._kinds: dict[str, Events] = {}

    @cached_property
    def payments(self) -> pa.Table:
        """The transfers that pay out loans or pay on them."""
        flow = self.tables["flow"]
        paid = pc.is_in(flow["kind"], value_set=pa.array(OF_LOANS))
        return flow.filter(pc.and_(paid, pc.is_valid(flow["loan_id"])))

    def places(self, ids: pa.ChunkedArray | pa.Array) -> Int:
        """Return the place of each id among the parties, -1 for others."""
        found = pc.fill_null(pc.index_in(ids, value_set=self.ids), -1)
        return np.asarray(found.to_numpy(), np.int64)

    def kind(self, name: str) -> Events:
        """Return all events of a kind."""
        if name not in self._kinds:
            rows = self._events.filter(pc.equal(self._events["kind"], name))
            at, seen = (rows[n].cast(pa.int64()).to_numpy() for n in ("at", "seen_at"))
            self._kinds[name] = Events(
                self.places(rows["subject_id"]), self.places(rows["other_id"]), at, seen,
                local_days(at, self.zone), local_days(seen, self.zone),
                pc.fill_null(rows["amount"], 0).to_numpy(),
                *_coded(rows["tag"]),
            )  # fmt: skip
        return self._kinds[name]

    def on(self, day: date) -> "Known":
        """Return what was known in the evening of a day."""
        return Known(self, day)


def _coded(tag: pa.ChunkedArray) -> tuple[Int, tuple[str | None, ...]]:
    """Return the place of each tag among all there are, and these."""
    names = [*sorted(pc.unique(pc.drop_null(tag)).to_pylist()), None]
    found = pc.fill_null(pc.index_in(tag, value_set=pa.array(names[:-1], pa.string())), -1)
    return np.where(found.to_numpy() < 0, len(names) - 1, found.to_numpy()), tuple(names)


class Known:
    """What was known in the evening of a day, up to its last microsecond by the calendar."""

    def __init__(self, facts: Facts, day: date) -> None:
        self.facts = facts
        self.day = day
        self.number = day_number(day)
        self.end = end_of_day(day, zone_of(facts.zone))

    @property
    def count(self) -> int:
        """How many parties there are."""
        return self.facts.count

    @cached_property
    def firms(self) -> Bool:
        """Which parties are judged: firms and cooperatives in being."""
        found = np.zeros(self.count, bool)
        found[self.facts.places(in_being(self.facts.party, self.day))] = True
        kinds = pc.is_in(self.facts.party["kind"], value_set=pa.array(JUDGED))
        judged: Bool = found & kinds.to_numpy()
        return judged

    def events(self, kind: str, days: int | None = None) -> Events:
        """Return the events of a kind that were known, of the last ``days`` days alone if given."""
        found = self.facts.kind(kind)
        since = -(2**62) if days is None else self.end - days * DAY
        ours = (found.seen <= self.end) & (found.at <= self.end) & (found.at > since)
        return found.where(ours & (found.subject >= 0))

    def counted(self, found: Events) -> Int:
        """Return how many of some events each party has."""
        return np.bincount(found.subject, minlength=self.count)

    def summed(self, found: Events) -> Int:
        """Return the sum of the amounts of some events by party."""
        sums = np.zeros(self.count, np.int64)
        np.add.at(sums, found.subject, found.amount)
        return sums

    def ever(self, kind: str) -> Bool:
        """Tell which parties have an event of a kind."""
        return self.counted(self.events(kind)) > 0


class Verdict:
    """What a signal says of all parties at one moment.

    Parameters
    ----------
    known
        The moment.
    code, rule
        The signal, and what it goes by.
    """

    def __init__(self, known: Known, code: str, rule: Graded) -> None:
        self.known, self.code, self.rule = known, code, rule
        self.level = np.zeros(known.count, np.int64)
        self.value = np.full(known.count, np.nan)
        self.threshold = np.full(known.count, np.nan)
        self.evidence: dict[str, Int | Float | NDArray[np.object_]] = {}
        self._reasons = Reasons(known.count)

    def grade(self, values: Float, judged: Bool, *, reach: bool = False) -> None:
        """Grade values by the thresholds of the rule.

        Parameters
        ----------
        values
            One a party.
        judged
            Where they mean something.
        reach
            Whether a threshold is passed where it is just reached.
        """
        marks = self.rule.thresholds()
        sign = -1.0 if self.rule.falls else 1.0
        self.value = np.where(judged, values, np.nan)
        self.threshold = np.where(judged, marks[0], np.nan)
        for level, mark in enumerate(marks, 1):
            off = sign * (np.where(judged, values, np.nan) - mark)
            passed = off >= 0 if reach else off > 0
            self.level[passed] = level
            self.threshold[passed] = mark

    def lift(self, level: str, here: Bool) -> None:
        """Put parties on a level at least; what else they are judged by stays as it is."""
        at = 1 + LEVELS.index(level)
        self.threshold[here & (self.level < at)] = np.nan
        self.level[here] = np.maximum(self.level[here], at)

    def say(self, code: str, points: Int | Float | int, here: Bool) -> None:
        """Give a reason to some parties; points are rounded to whole ones."""
        told = np.nan_to_num(np.rint(np.asarray(points, np.float64)), posinf=0, neginf=0)
        self._reasons.add(code, np.broadcast_to(told, (self.known.count,)).astype(np.int64), here)

    def rows(self, *, quiet: bool) -> pa.Table:
        """Return rows of ``warning``: of those judged of whom there is something to say."""
        told = self._reasons.any() & self.known.firms
        at = np.flatnonzero(told if quiet else told & (self.level > 0))
        moment = pa.repeat(pa.scalar(self.known.end, pa.int64()), len(at))
        moment = moment.cast(pa.timestamp("us", "UTC"))
        value, threshold = self.value[at], self.threshold[at]
        return build("warning", {
            "rule": pa.repeat(self.rule.id, len(at)),
            "code": pa.repeat(self.code, len(at)),
            "subject_id": self.known.facts.ids.take(pa.array(at)),
            "at": moment,
            "seen_at": moment,
            "level": pa.array([None, *LEVELS]).take(pa.array(self.level[at])),
            "value": pa.array(value, mask=np.isnan(value)),
            "threshold": pa.array(threshold, mask=np.isnan(threshold)),
            "evidence": [self._told(k) if self.level[k] else None for k in at.tolist()],
            "reasons": self._reasons.column().take(pa.array(at)),
        })  # fmt: skip

    def _told(self, row: int) -> str:
        """Return the evidence on a party in JSON; what is unknown is null."""
        found = {n: v[row : row + 1].tolist()[0] for n, v in self.evidence.items()}
        plain = {n: None if v != v else v for n, v in found.items()}  # noqa: PLR0124 - NaN
        return json.dumps({"day": self.known.day.isoformat(), **plain}, allow_nan=False)


class Monthly(NamedTuple):
    """A measure by party and month, the last month last.

    ``value`` is 0 where nothing is ``there``; ``seen`` is the day it was first seen.
    """

    value: Int
    there: Bool
    seen: Int
    last: int


def monthly(known: Known, found: Events, last: int, months: int) -> Monthly:
    """Return what events say of the months up to ``last``; what was seen last counts."""
    month = month_of(found.day)
    column = month - (last - months + 1)
    inside = (column >= 0) & (column < months)
    kept = found.where(inside)
    order = np.argsort(kept.seen, kind="stable")
    row, at = kept.subject[order], column[inside][order]
    value, seen = np.zeros((2, known.count, months), np.int64)
    there = np.zeros((known.count, months), bool)
    value[row, at], there[row, at] = kept.amount[order], True
    seen[row[::-1], at[::-1]] = kept.seen_day[order][::-1]
    return Monthly(value, there, seen, last)


def ratio(above: Int | Float, below: Int | Float, where: Bool) -> Float:
    """Return quotients, NaN where there is none."""
    good = where & (below > 0)
    out = np.full(len(good), np.nan)
    found: Float = np.divide(above, below, where=good, out=out)
    return found
