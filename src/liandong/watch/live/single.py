"""Rules on one event at a time: windows and verdicts in one call of a kernel."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liandong.kernels.streams.bound import bound
from liandong.kernels.streams.exact import MISSING
from liandong.kernels.streams.layout import TAKEN
from liandong.kernels.streams.single import (
    AMOUNT,
    GIVEN_BESIDE,
    OF_EVENT,
    OF_REAL,
    OF_WHOLE,
    SEQ,
    judge_seen,
    see_and_judge,
)  # fmt: skip
from liandong.schema.tables.watching import REFUSALS
from liandong.watch.language.compiling import Program
from liandong.watch.language.inputs import Input, State, absent, misfit
from liandong.watch.language.rowwise import Room, tested
from liandong.watch.windows.rules import Window
from liandong.watch.windows.single import Event
from liandong.watch.windows.stream import Value, WindowStream

NUMBERS = {"seq": SEQ, "amount": AMOUNT}
"""Fields of an event that are whole numbers."""
TIMES = ("at", "seen_at")
Place = tuple[int, int]


class Judged(NamedTuple):
    """What rules say at one event.

    Attributes
    ----------
    verdicts
        The verdict of each rule, as :meth:`.Program.judge` gives it; None if it was not taken.
    amended
        What windows say now at events told before, if it was late, as in :class:`.Told`.
    refused
        Why it was not taken, as in the table ``quarantine``.
    """

    verdicts: State | None
    amended: pa.Table | None = None
    refused: str | None = None


class EventJudge:
    """Shows events to a stream one by one, and judges what its windows say at each.

    It says what :meth:`.WindowStream.see` and :class:`.RowJudge` say together, sooner. Rules read
    windows (real numbers in millionths, to the nearest, as in tables) and fields of the event.
    Several may stand on one stream: other rules need no other windows. One thread at a time.

    Parameters
    ----------
    stream
        What takes the events; it may take others in between.
    program
        From :func:`.compiled` or :func:`.program`.

    Raises
    ------
    InputError
        If the rules read what is neither a window nor a field, or what is of another kind.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from liandong.watch import Judgement, WatchRule
    >>> from liandong.watch.language import program
    >>> rules = [Judgement(code="burst", when="sum_24h > 1000 && kind != 'tax'", level="orange")]
    >>> stream = WindowStream()
    >>> judge = EventJudge(stream, program(rules, WatchRule().schema_of_rows))
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> judge(Event("e1", "bank", 1, noon, "payment_out", "F1", "F2", 600)).verdicts.tolist()
    [0]
    >>> judge(Event("e2", "bank", 2, noon, "payment_out", "F1", "F2", 700)).verdicts.tolist()
    [1]
    >>> judge.said["sum_24h"]
    1300
    """

    def __init__(self, stream: WindowStream, program: Program) -> None:
        self._stream = stream
        places = _places(stream.rule.windows)
        sources = [_source(one, places) for one in program.inputs]
        self._tests = [
            (i, tested(one, [Event._fields.index(n) for n in one.names]))
            for i, (one, source) in enumerate(zip(program.inputs, sources, strict=True))
            if source[0] == GIVEN_BESIDE
        ]
        self._room, self._sources = Room.of(program), np.array(sources, np.int64).reshape(-1, 2)
        self._rules = bound(*self._room, self._sources)
        self._table = bound(*stream.single.tables, self._rules)
        self._values, self._truths = self._room.values.data, self._room.truths.data

    def __call__(self, event: Event) -> Judged:
        """Show an event to the stream and judge what windows say at it."""
        for i, test in self._tests:
            found = test(event)
            self._values[i], self._truths[i] = found or 0, MISSING if found is None else 0
        code, amended = self._stream.show(event, see_and_judge, self._table)
        if code != TAKEN:
            return Judged(None, None, REFUSALS[code - 1])
        if amended is not None:
            judge_seen(self._table)
        return Judged(self._room.out.copy(), amended)

    @property
    def said(self) -> dict[str, Value]:
        """What the windows say at the event that the stream was shown last."""
        return self._stream.said


def _places(windows: tuple[Window, ...]) -> dict[str, Place]:
    """Return where what rules may read as numbers is found."""
    found = {name: (OF_EVENT, place) for name, place in NUMBERS.items()}
    for kind, whole in ((OF_WHOLE, True), (OF_REAL, False)):
        names = [w.name for w in windows if w.whole == whole]
        found |= {name: (kind, column) for column, name in enumerate(names)}
    return found


def _source(one: Input, places: dict[str, Place]) -> Place:
    """Return where the value of an input comes from, if it is of its kind."""
    for name in one.names:
        if name not in places and name not in Event._fields:
            raise absent(name, [*Event._fields, *places])
    if one.node.op != "name":
        for name in one.names:
            if name in places or name in TIMES:
                raise misfit((name,), "time" if name in TIMES else "int64")
        return GIVEN_BESIDE, 0
    (name,) = one.names
    if name not in places or one.node.kind == "bool":
        raise misfit(one.names, "int64" if name in places else "text")
    return places[name]
