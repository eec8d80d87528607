"""A log told once and kept: rules are judged on it as often as somebody changes them."""

from collections import OrderedDict
from threading import Lock
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.hindsight import together
from liandong.watch.backtest.grading import fields_of, grades_of
from liandong.watch.backtest.replay import Judged, Log, inside
from liandong.watch.backtest.rules import BacktestRule
from liandong.watch.language import millionths
from liandong.watch.windows.ledger import micros
from liandong.watch.windows.naming import encoded
from liandong.watch.windows.rules import WindowsRule

Int = NDArray[np.int64]
KEPT = 3
"""Logs with windows that are kept."""
NO_FIELDS: list[str] = []
LATE = 40
"""Events in order that a late one counts for: its subject is gone through once more."""


class Replayed:
    """What windows say at all events of a log, in order of subject and time known.

    Parameters
    ----------
    events
        Table ``watch_event``.
    rule
        The windows.
    """

    def __init__(self, events: pa.Table, rule: WindowsRule) -> None:
        log = Log(events)
        parts = list(log.told(rule, NO_FIELDS))
        known = np.concatenate([p.known for p in parts])
        subject = np.concatenate([p.subject for p in parts])
        first = np.concatenate([np.full(len(p.known), p.first) for p in parts])
        order = np.argsort(known, kind="stable")
        order = order[together(subject[order], len(log.subjects))]
        self.subjects, self._events = log.subjects, log.events
        self._known, self._subject, self._first = known[order], subject[order], first[order]
        values = pa.concat_tables([p.values for p in parts])
        whole = {n: millionths(values[n]) for n in values.column_names}
        self._values = pa.table(whole).take(pa.array(order)).combine_chunks()
        self._row: pa.Array | None = None
        self._lock = Lock()

    def judged(self, rule: BacktestRule) -> Judged:
        """Judge all rows on the days of a rule; see :func:`liandong.watch.backtest.replay.judged`.

        Raises
        ------
        ExpressionError
            If an expression does not fit the windows.
        """
        program = rule.program()
        values = self._with(fields_of(program, rule))
        known, subject, first = self._known, self._subject, self._first
        chosen = inside(known, rule)
        if not chosen.all():
            values = values.filter(pa.array(chosen))
            known, subject, first = known[chosen], subject[chosen], first[chosen]
        return Judged(self.subjects, subject, known, first, grades_of(values, program, rule))

    def _with(self, fields: list[str]) -> pa.Table:
        """Return values beside fields of their events; what was asked for once stays."""
        with self._lock:
            for name in fields:
                if name not in self._values.column_names:
                    if self._row is None:
                        ids = self._events["event_id"].combine_chunks()
                        self._row = pc.index_in(self._values["event_id"], value_set=ids)
                    column = self._events[name].take(self._row)
                    self._values = self._values.append_column(name, column)
            return self._values


_known: OrderedDict[tuple[object, ...], tuple[pa.Table, Replayed]] = OrderedDict()
_lock = Lock()


def replayed(events: pa.Table, rule: WindowsRule, most: int) -> Replayed:
    """Return a log with its windows; the same object is worked out once, and kept for a while.

    Parameters
    ----------
    most
        Of a log that costs more than so many events in order, some subjects are taken, with all
        that is known of them.
    """
    key = (*_place(events), rule.id, most)
    with _lock:
        if key not in _known:
            # The log is held beside it: as long as it is, nothing else lies in its place.
            _known[key] = events, Replayed(sample(events, most), rule)
            if len(_known) > KEPT:
                _known.popitem(last=False)
        _known.move_to_end(key)
        return _known[key][1]


def _place(events: pa.Table) -> tuple[int, ...]:
    """Return where a table lies in memory."""
    buffers = (b for c in events["seen_at"].chunks for b in c.buffers() if b is not None)
    return (
        len(events),
        *(b.address for b in buffers),
        *(c.offset for c in events["seen_at"].chunks),
    )


def sample(events: pa.Table, most: int) -> pa.Table:
    """Return what can be told in about the time of so many events in order.

    All events of some subjects, chosen by their names.
    """
    coded = encoded(events["subject_id"])
    effort = len(events) + LATE * _late(events, coded.indices.to_numpy())
    if effort <= most:
        return events
    below = int(most / effort * 2**32)
    chosen = [crc32(name.encode()) < below for name in coded.dictionary.to_pylist()]
    return events.filter(pa.array(chosen, pa.bool_()).take(coded.indices))


def _late(events: pa.Table, subject: Int) -> int:
    """Return how many events were seen after a later one of their subject."""
    at, seen = micros(events["at"]), micros(events["seen_at"])
    rank = np.empty(len(at), np.int64)
    rank[np.lexsort((at, subject))] = np.arange(len(at))  # of later subjects larger ones
    rank = rank[np.lexsort((at, seen, subject))]
    return int((rank < np.maximum.accumulate(rank)).sum())
