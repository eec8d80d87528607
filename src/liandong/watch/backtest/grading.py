"""How rows fare: how many thresholds hold, and how grave a set of rules finds them."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.errors import UsageError
from liandong.kernels.streams import histories as k
from liandong.kernels.streams.hindsight import GRAVE, grade, gravity
from liandong.kernels.streams.judging import FALSE
from liandong.texts import both
from liandong.watch.backtest.histories import Piece
from liandong.watch.backtest.rules import BacktestRule
from liandong.watch.language import Program, in_force_at, millionths
from liandong.watch.language.inputs import encode
from liandong.watch.windows.rules import WindowsRule
from liandong.watch.windows.rules import micros as length

Int = NDArray[np.int64]
Bytes = NDArray[np.uint8]

BLOCK = 1 << 16
"""Rows of a table that are judged at once."""
WORTH = {"yellow": 0, "orange": 1, "red": GRAVE}
"""A row of a set is worth what its gravest level is, and within it how many rules hold."""
TIME = pa.timestamp("us", "UTC")


def names_of(program: Program) -> list[str]:
    """Return the columns that rules read."""
    return list(dict.fromkeys(n for i in program.inputs for n in i.names))


def fields_of(program: Program, rule: BacktestRule) -> list[str]:
    """Return the fields of events that rules read, beside windows."""
    windows = {w.name for w in rule.windows}
    return [n for n in names_of(program) if n not in windows | {"event_id", "subject_id"}]


def windows_of(program: Program, rule: BacktestRule) -> WindowsRule:
    """Return the windows that rules read, and the longest: how long events are kept hangs on it."""
    read, every = set(names_of(program)), rule.windows
    longest = max(every, key=lambda w: length(w.against or w.over))
    return rule.stream.changed(windows=tuple(w for w in every if w.name in read or w is longest))


class Judge:
    """Judges what windows say as they say it, without a table.

    Parameters
    ----------
    program
        All that is tried.
    rule
        The rule it was made of.
    fields
        Fields of events that rules read, row by row.
    """

    def __init__(self, program: Program, rule: BacktestRule, fields: pa.Table) -> None:
        self._program, self._rule, self._fields = program, rule, fields
        places = _places(windows_of(program, rule))
        asked = [str(i.node.value) if i.node.op == "name" else "" for i in program.inputs]
        self._places = np.array([places.get(n, (k.OTHER, 0)) for n in asked]).reshape(-1, 2)
        self._others = np.flatnonzero(self._places[:, 0] == k.OTHER)

    def __call__(self, rows: Piece, grades: Bytes) -> None:
        """Fill ``grades``, shape (studies, rows)."""
        shape = len(self._places), len(rows.at)
        values, states = np.empty(shape, np.int64), np.empty(shape, np.uint8)
        k.inputs(rows.said, self._places, values, states)
        if len(self._others):
            fields = self._fields.take(pa.array(rows.row))
            others = [self._program.inputs[c] for c in self._others]
            values[self._others], states[self._others] = encode(others, fields)
        verdicts = self._program.judge_encoded(values, states)
        _fill(grades, verdicts, self._rule, partial(_times, rows.at))


def _times(at: Int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(at)]).cast(TIME)


def _places(rule: WindowsRule) -> dict[str, tuple[int, int]]:
    """Return where in :class:`.Values` each window is."""
    found: dict[str, tuple[int, int]] = {}
    for kind in (k.WHOLE, k.REAL):
        names = [w.name for w in rule.windows if w.whole == (kind == k.WHOLE)]
        found |= {name: (kind, column) for column, name in enumerate(names)}
    return found


def grades_of(values: pa.Table, program: Program, rule: BacktestRule) -> Bytes:
    """Judge rows, and return how they fare in each study."""
    grades = np.empty((len(rule.sweeps) + len(rule.sets), len(values)), np.uint8)
    for a in range(0, len(values), BLOCK):
        part = values.slice(a, BLOCK)
        verdicts = program.judge(_whole(part, program))
        _fill(grades[:, a : a + BLOCK], verdicts, rule, partial(part.column, "at"))
    return grades


def _fill(
    grades: Bytes, verdicts: Bytes, rule: BacktestRule, at: Callable[[], pa.ChunkedArray]
) -> None:
    """Put verdicts on some rows together; ``at`` says when these were."""
    done = 0
    for sweep, found in zip(rule.sweeps, grades, strict=False):
        tried = verdicts[done : done + len(sweep.thresholds)]
        done += len(tried)
        if not grade(tried, found):
            what = both("fault.sweep_order", name=sweep.code)
            raise UsageError(what=what, remedy=both("advice.sweep_order"))
    for one, found in zip(rule.sets, grades[len(rule.sweeps) :], strict=True):
        worth = np.array([WORTH[r.level] for r in one.rules], np.uint8)
        tried = verdicts[done : done + len(worth)]
        for n, version in enumerate(one.rules):
            if version.valid_from or version.valid_to:
                tried[n][~in_force_at(version, at())] = FALSE
        gravity(tried, worth, found)
        done += len(one.rules)


def _whole(values: pa.Table, program: Program) -> pa.Table:
    """Return the columns that a program reads, real numbers in millionths as they are live."""
    return pa.table({n: millionths(values[n]) for n in names_of(program)})
