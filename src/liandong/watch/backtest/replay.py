"""A log told once more as it became known, judged by a program."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.hindsight import together, turns
from liandong.types import since_epoch
from liandong.watch.backtest.grading import WORTH, Judge, fields_of, grades_of, windows_of
from liandong.watch.backtest.histories import Histories, histories
from liandong.watch.backtest.rules import BacktestRule, HindsightRule
from liandong.watch.language import Program
from liandong.watch.windows.ledger import ORDER, by_place, micros
from liandong.watch.windows.naming import encoded
from liandong.watch.windows.rules import WindowsRule
from liandong.watch.windows.stream import WindowStream
from liandong.watch.windows.told import Told

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

Int = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

MOST = 1 << 20
"""Events of a part at most."""


class Judged(NamedTuple):
    """Rows in order of subject and time known.

    Attributes
    ----------
    subjects
        Names by number, of all that have events.
    subject, known
        Number of the subject, and when the row was known, in microseconds.
    first
        Whether the event was judged for the first time; not so after a late one before it.
    grades
        Shape (studies, rows): how many thresholds of a sweep hold, or how grave a set finds it.
    """

    subjects: pa.Array
    subject: Int
    known: Int
    first: Bools
    grades: Bytes

    def sorted(self) -> "Judged":
        """Return the same rows, given in any order, in order of subject and time known."""
        order, subjects = np.arange(len(self.known)), len(self.subjects)
        if (np.diff(self.known) < 0).any():
            order = np.argsort(self.known, kind="stable")
        order = order[together(self.subject[order], subjects)]
        return Judged(
            self.subjects, self.subject[order], self.known[order], self.first[order],
            np.take(self.grades, order, axis=1),
        )  # fmt: skip


class Replay(NamedTuple):
    """A log that was judged, and when its first and its last event were known, refused or not.

    Both are None if there is none.
    """

    rows: Judged
    first: int | None
    last: int | None


def judged(log: "pa.Table | Dataset", rule: BacktestRule) -> Judged:
    """Return the rows of :func:`replay`."""
    return replay(log, rule).rows


def replay(log: "pa.Table | Dataset", rule: BacktestRule) -> Replay:
    """Replay a log through the windows and rules that run live, in order of being known.

    Parameters
    ----------
    log
        Table ``watch_event``, or a dataset of it: of one in order only those columns are read that
        rules need.
    rule
        The windows, and what is tried.

    Raises
    ------
    ExpressionError
        If a rule does not fit the windows.
    UsageError
        If the thresholds of a sweep do not go from the loosest to the strictest.
    """
    program = rule.program()
    known = histories(log, windows_of(program, rule), fields_of(program, rule))
    if known is None:
        return _in_order(log if isinstance(log, pa.Table) else log.to_table(), program, rule)
    return Replay(_by_subject(known, program, rule), known.first, known.last)


def _by_subject(log: Histories, program: Program, rule: BacktestRule) -> Judged:
    """Judge a log that came in order."""
    n, studies = len(log), len(rule.sweeps) + len(rule.sets)
    subject, known, end = np.empty(n, np.int64), np.empty(n, np.int64), 0
    grades, judge = np.empty((studies, n), np.uint8), Judge(program, rule, log.fields)
    for piece in log.told():
        rows = piece.cut(inside(piece.known, rule))
        begin, end = end, end + len(rows.known)
        subject[begin:end], known[begin:end] = rows.subject, rows.known
        judge(rows, grades[:, begin:end])
    if end < n:
        subject, known, grades = subject[:end], known[:end], grades[:, :end].copy()
    return Judged(log.subjects, subject, known, np.ones(end, np.bool_), grades)


def _in_order(events: pa.Table, program: Program, rule: BacktestRule) -> Replay:
    """Replay a log of any order, event after event as they became known."""
    log = Log(events)
    nothing = np.zeros((len(rule.sweeps) + len(rule.sets), 0), np.uint8)
    none = np.zeros(0, np.int64)
    parts = [(none, none, none > 0, nothing)]
    for told in log.told(rule.stream, fields_of(program, rule)):
        rows = told.cut(inside(told.known, rule))
        first = np.full(len(rows.known), rows.first)
        parts.append((rows.subject, rows.known, first, grades_of(rows.values, program, rule)))
    subject, known, first, grades = (np.concatenate(c, axis=-1) for c in zip(*parts, strict=True))
    seen = micros(events["seen_at"])
    span = (int(seen.min()), int(seen.max())) if len(seen) else (None, None)
    return Replay(Judged(log.subjects, subject, known, first, grades).sorted(), *span)


def warned(warnings: pa.Table, subjects: pa.Array, rule: BacktestRule) -> list[Judged]:
    """Return what each signal said, and what all of them warned of, with one study each.

    Parameters
    ----------
    warnings
        Table ``warning``.
    subjects
        Names by number; others are left out.
    rule
        Which signals, and of which days.
    """
    whose = pc.is_in(warnings["subject_id"], value_set=subjects).to_numpy()
    found = warnings.filter(pa.array(whose & inside(micros(warnings["seen_at"]), rule)))
    subject = pc.index_in(found["subject_id"], value_set=subjects).to_numpy().astype(np.int64)
    level = pc.index_in(found["level"], value_set=pa.array(WORTH, pa.string()))
    worth = np.array([*WORTH.values(), 0], np.uint8)[pc.fill_null(level, -1).to_numpy()]
    code, known = found["code"], micros(found["seen_at"])
    every = pc.is_in(code, value_set=pa.array(rule.signals, pa.string())).to_numpy()
    # A signal that says nothing does not take back what another one says.
    chosen = [*(pc.equal(code, c).to_numpy() for c in rule.signals), every & (worth > 0)]
    return [
        Judged(subjects, subject[r], known[r], np.ones(r.sum(), np.bool_), worth[None, r]).sorted()
        for r in chosen
    ]


def inside(known: Int, rule: HindsightRule) -> Bools:
    """Tell which moments are judged."""
    since, until = span(rule)
    return (known >= since) & (known < until)


def span(rule: HindsightRule) -> tuple[int, int]:
    """Return the first moment that is judged, and the one after the last, in microseconds."""
    since, until = rule.since or date(1970, 1, 1), rule.until or date(2100, 1, 1)
    ends = datetime.combine(since, time(), UTC), datetime.combine(until, time(), UTC)
    return since_epoch(ends[0]), since_epoch(ends[1] + timedelta(days=1))


class Rows(NamedTuple):
    """Values of windows with subject, time known, and whether they are told for the first time."""

    values: pa.Table
    subject: Int
    known: Int
    first: bool

    def cut(self, chosen: Bools) -> "Rows":
        """Return some of them."""
        if chosen.all():
            return self
        values = self.values.filter(pa.array(chosen))
        return Rows(values, self.subject[chosen], self.known[chosen], self.first)


class Log:
    """Events in order of being known.

    Attributes
    ----------
    events
        In this order.
    subjects
        Names by number.
    """

    def __init__(self, events: pa.Table) -> None:
        seen, at = micros(events["seen_at"]), micros(events["at"])
        self._plain = bool((np.diff(seen) >= 0).all() and (np.diff(at) > 0).all())
        if not self._plain:
            keys = [(n, "ascending") for n in ("seen_at", *ORDER)]
            events = events.take(pc.sort_indices(events, sort_keys=keys))
        self.events = events
        coded = encoded(events["subject_id"])
        self.subjects, self._subject = coded.dictionary, coded.indices.to_numpy().astype(np.int64)

    def told(self, rule: WindowsRule, fields: list[str]) -> Iterator[Rows]:
        """Yield what windows say, never of an event before it was known."""
        seen = micros(self.events["seen_at"])
        for rows, told in self._taken(WindowStream(rule, to_save=False)):
            for values, by, first in (
                (told.values, "event_id", True), (told.amended, "subject_id", False),
            ):  # fmt: skip
                if len(values):
                    of_part = self.events[by].take(pa.array(rows))
                    about = self._subject[rows], seen[rows]
                    subject, known = _brought_by(values[by], of_part, *about)
                    yield Rows(self._joined(values, fields), subject, known, first)

    def _taken(self, stream: WindowStream) -> Iterator[tuple[Int, Told]]:
        """Yield rows, and what the windows say once they are taken."""
        if self._plain:
            for a in range(0, len(self.events), MOST):
                part = self.events.slice(a, MOST)
                yield np.arange(a, a + len(part)), stream.take(part)
        else:
            place = np.empty(len(self.events), np.int64)
            place[by_place(self.events).to_numpy()] = np.arange(len(self.events))
            turn = turns(self._subject, place, len(self.subjects))
            yield from stream.retell(self.events, self._subject, turn, MOST)

    def _joined(self, values: pa.Table, fields: list[str]) -> pa.Table:
        """Return values beside fields of their events."""
        if fields:
            rows = [self._row[e] for e in values["event_id"].to_pylist()]
            of_events = self.events.select(fields).take(pa.array(rows, pa.int64()))
            for name in fields:
                values = values.append_column(name, of_events[name])
        return values

    @cached_property
    def _row(self) -> dict[str, int]:
        return {e: i for i, e in enumerate(self.events["event_id"].to_pylist())}


def _brought_by(
    ids: pa.ChunkedArray, of_part: pa.ChunkedArray, subject: Int, known: Int
) -> tuple[Int, Int]:
    """Return subject and time known of rows, from the events of a part that brought them."""
    if ids.equals(of_part):
        return subject, known
    row = pc.index_in(ids, value_set=of_part.combine_chunks()).to_numpy()
    return subject[row], known[row]
