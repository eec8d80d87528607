"""Windows over events as they come: one by one or in batches, late ones too."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import UsageError
from liandong.kernels.streams.admission import BEFORE_ALL, Bounds, admit, judge
from liandong.kernels.streams.hindsight import oldest_to_come
from liandong.kernels.streams.layout import AGAIN, LATER, NOTHING, TAKEN, Int, Values
from liandong.schema.arrow import build, conform, empty
from liandong.schema.field import MONEY_MOST
from liandong.schema.packing import packed, unpacked
from liandong.schema.tables.watching import REFUSALS
from liandong.texts import both
from liandong.types import from_epoch, since_epoch
from liandong.watch.windows.coding import Coding
from liandong.watch.windows.inserting import Batch, insert
from liandong.watch.windows.ledger import MANY, Ledger, by_place, in_order, like_before, micros
from liandong.watch.windows.plan import chosen
from liandong.watch.windows.pools import Pools, Room, cut_values
from liandong.watch.windows.rules import WindowsRule
from liandong.watch.windows.rules import micros as length

ANY_TIME = 1 << 60
ABOUT = ("event_id", "subject_id", "at")
"""Columns of an event that stand before its values."""

Value = int | float | None


class Told(NamedTuple):
    """What some events brought.

    Attributes
    ----------
    values
        What the windows say at each event taken, in order: ``event_id``, ``subject_id``, ``at`` and
        a column for each window; null where there is nothing to tell of.
    amended
        The same of events told before whose values are others now, since late ones belong there.
    quarantine
        The table ``quarantine``: events that were not taken, and why.
    taken, mended
        The events of ``values`` and of ``amended``, row by row, as in the table ``watch_event``.
    """

    values: pa.Table
    amended: pa.Table
    quarantine: pa.Table
    taken: pa.Table
    mended: pa.Table


class Seen(NamedTuple):
    """What one event brought.

    Attributes
    ----------
    values
        What the windows say at it, by name; None if it was not taken.
    amended
        As in :class:`Told`; None if it was not late.
    refused
        Why it was not taken, as in the table ``quarantine``.
    """

    values: dict[str, Value] | None
    amended: pa.Table | None = None
    refused: str | None = None


class Event(NamedTuple):
    """One event, as a row of the table ``watch_event``.

    Attributes
    ----------
    event_id, source, seq, kind, subject_id, other_id, amount, tag
        As there.
    at
        When it happened, with a zone.
    seen_at
        When it was known: the clock by which ``at`` may lie in the future. None: at once.
    """

    event_id: str
    source: str
    seq: int
    at: datetime
    kind: str
    subject_id: str
    other_id: str | None = None
    amount: int | None = None
    tag: str | None = None
    seen_at: datetime | None = None


class WindowStream:
    """Keeps the windows of a rule up to date, event by event.

    Batches of any size, in any order within the rule's ``late``, and any number of restarts give
    the same values, bit for bit. A late event touches only its own subject: that one's events are
    gone through once more, and those whose values changed are told again.

    Parameters
    ----------
    rule
        The windows, and what time may do; otherwise made of ``params`` and the defaults.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> stream = WindowStream()
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> first = Event("e1", "bank", 1, noon, "payment_out", "F1", "F2", 500)
    >>> stream.see(first).values["sum_24h"]
    500
    >>> soon = datetime(2026, 3, 2, 18, tzinfo=UTC)
    >>> second = Event("e2", "bank", 2, soon, "payment_out", "F1", "F3", 700)
    >>> stream.see(second).values["sum_24h"]
    1200
    """

    def __init__(self, rule: WindowsRule | None = None, **params: object) -> None:
        self.rule = rule if rule is not None else WindowsRule.make(**params)
        plan = chosen(self.rule)
        self._pools, self._coding, self._ledger = Pools(plan), Coding(plan.choices), Ledger()
        self._clock = BEFORE_ALL
        self._late, self._longest = length(self.rule.late), plan.plan.longest
        self._bounds = bounds_of(self.rule)
        self._whole, self._real = (values[0] for values in self._pools.said)
        order = sorted(self.rule.windows, key=lambda w: not w.whole)
        self._names = [w.name for w in order]

    def see(self, event: Event) -> Seen:
        """Take one event.

        Returns
        -------
        Seen
            The values of the windows, what had to be amended, or why it was refused.
        """
        event_id, source, seq, at, kind, subject_id, other_id, amount, tag, seen_at = event
        when, size = since_epoch(at), amount or 0
        seen = when if seen_at is None else since_epoch(seen_at)
        code = judge(when, seen, size, self._clock, *self._bounds)
        if code != TAKEN:
            return Seen(None, None, REFUSALS[code - 1])
        coding, number = self._coding, self._ledger.end
        self._ledger.add_one(
            (event_id, source, seq, when, seen, kind, subject_id, other_id, amount, tag)
        )
        done = self._pools.one(
            (
                coding.subject(subject_id), when, size, coding.other(other_id),
                coding.mask(kind, tag, amount), number,
            ),
            self._room,
        )  # fmt: skip
        amended = None
        if done == LATER:
            done, amended = self._insert()
        if done != TAKEN:
            return Seen(None, None, REFUSALS[done - 1])
        self._clock = max(self._clock, when)
        if number % MANY == 0:
            self._forget()
        said = [v if v != NOTHING else None for v in self._whole.tolist()]
        said += [v if v == v else None for v in self._real.tolist()]  # noqa: PLR0124 - NaN
        return Seen(dict(zip(self._names, said, strict=True)), amended)

    def _insert(self) -> tuple[int, pa.Table]:
        """Put the event that was left for later in its place: what became of it and of others."""
        pools = self._pools
        room = self._room()
        batch = Batch(pools.event(), np.array([LATER]), pools.said, np.array([room.horizon]))
        found = insert(pools, self._ledger, batch, room)
        return int(batch.done[0]), self._table(self._ledger.of(found.numbers), found.values)

    def take(self, events: pa.Table) -> Told:
        """Take rows of the table ``watch_event``, in the order in which they came in.

        That order only says which are too late: an event more than the rule's ``late`` older than
        the newest one before it. An event that is there already, of the same place, is refused.

        Returns
        -------
        Told
            Values of what was taken, of what had to be amended, and what was refused.
        """
        return self._admitted(events, self._bounds)

    def replay(self, events: pa.Table) -> Told:
        """Take a finished log into a new stream, as :meth:`take` would in order of time.

        Raises
        ------
        UsageError
            If the stream has taken events already.
        """
        self._must_be_new()
        _, ahead, _, most = self._bounds
        return self._admitted(events, (ANY_TIME, ahead, ANY_TIME, most))

    def retell(
        self, events: pa.Table, subject: Int, turn: Int, most: int
    ) -> Iterator[tuple[Int, Told]]:
        """Take a finished log into a new stream in another order, which is quicker if much is late.

        Parameters
        ----------
        events
            In the order in which they came in, which says what is too late.
        subject
            Number of the subject of each.
        turn
            When each is taken: those of one subject in their order of coming in, and what comes
            in one turn together.
        most
            Events at most of which values are told at once.

        Yields
        ------
        Int, Told
            Rows of ``events``, and what they brought.

        Raises
        ------
        UsageError
            If the stream has taken events already.
        """
        self._must_be_new()
        events = conform("watch_event", events)
        codes, _ = self._admit(events, self._bounds)
        at, taken = micros(events["at"]), np.flatnonzero(codes == TAKEN)
        subjects = int(subject.max(initial=-1)) + 1
        oldest = np.empty(len(at), np.int64)
        oldest[taken] = oldest_to_come(subject[taken], at[taken], subjects)
        # In the order of turns the clock says nothing of what may still come.
        self._late = ANY_TIME
        order = taken[np.argsort(turn[taken], kind="stable")]
        cuts = np.flatnonzero(np.diff(turn[order])) + 1
        for whole in np.split(order, cuts):
            for a in range(0, len(whole), most):
                rows = whole[a : a + most]
                part = events.take(pa.array(rows))
                place = by_place(part).to_numpy()
                part = part.take(pa.array(place))
                yield rows, self._take(part, part, oldest[rows[place]])

    def _must_be_new(self) -> None:
        if self._clock != BEFORE_ALL:
            what = both("fault.stream_begun")
            raise UsageError(what=what, remedy=both("advice.stream_begun"))

    def _admitted(self, events: pa.Table, bounds: Bounds) -> Told:
        """Take of some events those that are within bounds."""
        given, events = events, conform("watch_event", events)
        codes, clock = self._admit(events, bounds)
        ordered = in_order(events if (codes == TAKEN).all() else events.filter(codes == TAKEN))
        told = self._take(ordered, _numbered(given, events) if ordered is events else ordered)
        self._clock = clock
        self._forget()
        return told._replace(
            quarantine=pa.concat_tables([_refused(events, codes), told.quarantine])
        )

    def _admit(self, events: pa.Table, bounds: Bounds) -> tuple[Int, int]:
        """Tell what becomes of events by their times, and the clock after them."""
        times = micros(events["at"]), micros(events["seen_at"])
        amount = pc.fill_null(events["amount"], 0).to_numpy()
        codes, clock = admit(*times, amount, self._clock, bounds)
        return codes, clock

    def _take(self, events: pa.Table, numbered: pa.Table, oldest: Int | None = None) -> Told:
        """Take events that are in order and not too late.

        ``numbered`` are the same, perhaps with dictionaries of subjects and counterparties. If the
        clock does not say it, ``oldest`` does: what the oldest event of a subject is from here on.
        """
        alike = like_before(events)
        doubled = events.filter(alike)
        if alike.any():
            events = numbered = events.filter(~alike)
            oldest = None if oldest is None else oldest[~alike]
        number, pools, ledger = self._ledger.end, self._pools, self._ledger
        ledger.add(events)
        numbers, values = self._coding.events(numbered, number), pools.values(len(events))
        room = self._room()
        done, amended = pools.take(numbers, number, room, values), None
        if (done == LATER).any():
            horizon = np.full(len(done), room.horizon) if oldest is None else oldest
            amended = insert(pools, ledger, Batch(numbers, done, values, horizon), room)
        old = ledger.of(amended.numbers) if amended else events[:0]
        again = amended.values if amended else cut_values(values, slice(0))
        refused = [_refused(doubled, np.full(len(doubled), AGAIN)), _refused(events, done)]
        taken = done == TAKEN
        if not taken.all():
            events, values = events.filter(taken), cut_values(values, taken)
        told = self._table(events, values), self._table(old, again)
        return Told(*told, pa.concat_tables(refused), events, old)

    @property
    def clock(self) -> datetime | None:
        """The time of the newest event taken; None before the first."""
        return None if self._clock == BEFORE_ALL else from_epoch(self._clock)

    def save(self) -> bytes:
        """Return all that has to be kept to go on later: the same state, the same bytes."""
        numbers = self._pools.numbers(self._clock - self._late, self._ledger.end)
        kept = self._ledger.of(numbers)
        kept = kept.take(by_place(kept)).combine_chunks()
        about = {"rule": self.rule.to_toml(), "clock": str(self._clock)}
        return packed(kept, about)

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """Return a stream that goes on where :meth:`save` was called; from a source you trust."""
        kept, about = unpacked(saved)
        stream = cls(WindowsRule.from_toml(about["rule"]))
        stream._take(kept, kept)
        stream._clock = int(about["clock"])
        return stream

    def _room(self) -> Room:
        """Return how things stood before what is taken now."""
        return Room(self._coding.subjects, self._clock - self._late, self._late)

    def _forget(self) -> None:
        self._ledger.forget(self._clock - self._late - self._longest)

    def _table(self, events: pa.Table, values: Values) -> pa.Table:
        columns = {n: events[n] for n in ABOUT}
        said = [pa.array(c, mask=c == NOTHING) for c in values.whole.T]
        said += [pa.array(c, mask=np.isnan(c)) for c in values.real.T]
        columns |= dict(zip(self._names, said, strict=True))
        return pa.table(columns).select([*ABOUT, *(w.name for w in self.rule.windows)])


def bounds_of(rule: WindowsRule) -> Bounds:
    """Return what is borne of the times and amounts of events."""
    leap = length(rule.leap) if rule.leap is not None else ANY_TIME
    return length(rule.late), length(rule.ahead), leap, MONEY_MOST


def _numbered(given: pa.Table, events: pa.Table) -> pa.Table:
    """Return events with the dictionaries in which subjects and counterparties were given."""
    for name in ("subject_id", "other_id"):
        if name in given.column_names and pa.types.is_dictionary(given[name].type):
            events = events.set_column(events.column_names.index(name), name, given[name])
    return events


def _refused(events: pa.Table, codes: Int) -> pa.Table:
    """Return ``quarantine`` of the events that codes say are not taken."""
    bad = codes != TAKEN
    if not bad.any():
        return empty("quarantine")
    reasons = pa.array(REFUSALS, pa.string()).take(codes[bad] - 1)
    shared = ("event_id", "source", "subject_id", "at", "seen_at")
    rows = events.filter(bad)
    return build("quarantine", {"reason": reasons, **{n: rows[n] for n in shared}})
