"""Windows over events as they come: one by one or in batches, late ones too."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from liandong.errors import UsageError
from liandong.kernels.streams.admission import BEFORE_ALL
from liandong.kernels.streams.bound import bound
from liandong.kernels.streams.hindsight import oldest_to_come
from liandong.kernels.streams.layout import LATER, NOTHING, TAKEN, Int, cut_values
from liandong.kernels.streams.single import see
from liandong.schema.arrow import conform
from liandong.schema.packing import packed, unpacked
from liandong.schema.tables.watching import REFUSALS
from liandong.texts import both
from liandong.types import from_epoch
from liandong.watch.windows.inserting import Batch, insert
from liandong.watch.windows.intake import ANY_TIME, Admitted, Intake
from liandong.watch.windows.ledger import Ledger, by_place, like_before, micros
from liandong.watch.windows.plan import chosen
from liandong.watch.windows.pools import Pools, Room
from liandong.watch.windows.resting import Spill
from liandong.watch.windows.rules import WindowsRule
from liandong.watch.windows.single import Event, Kernel, Single
from liandong.watch.windows.told import Told, quarantined, told_of

Value = int | float | None


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


class WindowStream:
    """Keeps the windows of a rule up to date, event by event.

    Batches of any size, in any order within the rule's ``late``, and any number of restarts give
    the same values, bit for bit. A late event touches only its own subject: that one's events are
    gone through once more, and those whose values changed are told again.

    Parameters
    ----------
    rule
        The windows, and what time may do; otherwise made of ``params`` and the defaults.
    to_save
        Whether :meth:`save` may be called: then all that is in a window is kept as it came. If not,
        no more is kept of what no late event can touch than the numbers that windows need.
    spill
        Where the events of subjects go that have been quiet longest, when windows need too much
        room; they come back with the next event of theirs. Such a stream cannot be saved.

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

    def __init__(
        self,
        rule: WindowsRule | None = None,
        *,
        to_save: bool = True,
        spill: Spill | None = None,
        **params: object,
    ) -> None:
        self.rule = rule if rule is not None else WindowsRule.make(**params)
        plan, to_save = chosen(self.rule), to_save and spill is None
        ledger = Ledger(plan.plan.longest if to_save else 0)
        pools, intake = Pools(plan, spill), Intake(self.rule, plan)
        self._pools, self._ledger, self._intake = pools, ledger, intake
        self._clock = BEFORE_ALL
        self._late, self._to_save = intake.bounds[0], to_save
        self.single = Single(pools, intake.coding, ledger, intake.bounds)
        self._bound = bound(*self.single.tables)
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
        code, amended = self.show(event, see, self._bound)
        if code != TAKEN:
            return Seen(None, None, REFUSALS[code - 1])
        return Seen(self.said, amended)

    def show(self, event: Event, kernel: Kernel, table: Int) -> tuple[int, pa.Table | None]:
        """Let a kernel take one event.

        Parameters
        ----------
        kernel
            :func:`.see`, or one that does more with an event that is not late.
        table
            The ``tables`` of ``single``, and perhaps others, bound.

        Returns
        -------
        int, pyarrow.Table or None
            What became of it, and what had to be amended if it was late.
        """
        found = self.single.take(event, kernel, table, self._clock, self._room)
        if found >= BEFORE_ALL:
            self._clock = self._intake.clock = found
            return TAKEN, None
        code = found - NOTHING
        return self._insert() if code == LATER else (code, None)

    @property
    def said(self) -> dict[str, Value]:
        """What the windows say at the event that was seen last."""
        whole: list[Value] = self._whole.tolist()
        if NOTHING in whole:
            whole = [v if v != NOTHING else None for v in whole]
        whole += [v if v == v else None for v in self._real.tolist()]  # noqa: PLR0124 - NaN
        return dict(zip(self._names, whole, strict=True))

    def _insert(self) -> tuple[int, pa.Table]:
        """Put the event that was left for later in its place: what became of it and of others."""
        pools = self._pools
        room = self._room()
        batch = Batch(pools.event(), np.array([LATER]), pools.said, np.array([room.horizon]))
        found = insert(pools, self._ledger, batch, room)
        amended = self._ledger.of(found.numbers)
        return int(batch.done[0]), told_of(self.rule.windows, amended, found.values)

    def take(self, events: pa.Table | Admitted) -> Told:
        """Take rows of the table ``watch_event``, in the order in which they came in.

        That order only says which are too late: an event more than the rule's ``late`` older than
        the newest one before it. An event that is there already, of the same place, is refused.

        Parameters
        ----------
        events
            Rows, or what :meth:`admit` made of them, in the order in which it did.

        Returns
        -------
        Told
            Values of what was taken, of what had to be amended, and what was refused.
        """
        if not isinstance(events, Admitted):
            events = self.admit(events)
        elif events.by is not self._intake:
            events = self.admit(events.given)
        told = self._take(events)
        self._clock = events.clock
        self._forget()
        return told

    def admit(self, events: pa.Table) -> Admitted:
        """Look at rows of ``watch_event`` before they are taken, perhaps on another thread."""
        return self._intake.admit(events)

    def replay(self, events: pa.Table) -> Told:
        """Take a finished log into a new stream, as :meth:`take` would in order of time.

        Raises
        ------
        UsageError
            If the stream has taken events already.
        """
        self._must_be_new()
        _, ahead, _, most = self._intake.bounds
        return self.take(self._intake.admit(events, (ANY_TIME, ahead, ANY_TIME, most)))

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
        codes, _ = self._intake.codes(events, self._intake.bounds)
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
                horizon = oldest[rows[place[~like_before(part)]]]
                yield rows, self._take(self._intake.taken(part, part), horizon)

    def _must_be_new(self) -> None:
        if self._clock != BEFORE_ALL:
            what = both("fault.stream_begun")
            raise UsageError(what=what, remedy=both("advice.stream_begun"))

    def _take(self, admitted: Admitted, oldest: Int | None = None) -> Told:
        """Take events that are in order and not too late.

        If the clock does not say it, ``oldest`` does: what the oldest event of a subject is from
        here on.
        """
        events, pools, ledger = admitted.events, self._pools, self._ledger
        first, room = ledger.end, self._room(admitted.subjects)
        numbers = admitted.numbers._replace(ordinal=admitted.numbers.ordinal + first)
        ledger.add(events)
        values = pools.values(len(events))
        done, mended = pools.take(numbers, first, room, values), None
        if (done == LATER).any():
            horizon = np.full(len(done), room.horizon) if oldest is None else oldest
            mended = insert(pools, ledger, Batch(numbers, done, values, horizon), room)
        old = ledger.of(mended.numbers) if mended else events[:0]
        again = mended.values if mended else cut_values(values, slice(0))
        refused = [*admitted.refused, quarantined(events, done)]
        taken = done == TAKEN
        if not taken.all():
            events, values = events.filter(taken), cut_values(values, taken)
        quarantine = pa.concat_tables(refused)
        return Told(self.rule.windows, (events, values), (old, again), quarantine)

    @property
    def clock(self) -> datetime | None:
        """The time of the newest event taken; None before the first."""
        return None if self._clock == BEFORE_ALL else from_epoch(self._clock)

    @property
    def size(self) -> dict[str, int]:
        """Bytes in use: for subjects, numbers of events, counterparties, names, and texts."""
        names = sum(n.size for n in self._intake.coding.names)
        return {**self._pools.size, "names": names, "texts": self._ledger.size}

    @property
    def resting(self) -> dict[str, int]:
        """How many subjects are at rest, their bytes on the shelf, and from how many bytes on."""
        pools = self._pools
        return {"subjects": len(pools.resting), "bytes": pools.resting.size, "bound": pools.bound}

    def save(self) -> bytes:
        """Return all that has to be kept to go on later: the same state, the same bytes.

        Raises
        ------
        UsageError
            If the stream was not made to be saved.
        """
        if not self._to_save:
            raise UsageError(what=both("fault.not_to_save"), remedy=both("advice.not_to_save"))
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
        stream._take(stream._intake.taken(kept, kept))
        stream._clock = stream._intake.clock = int(about["clock"])
        return stream

    def _room(self, subjects: int | None = None) -> Room:
        """Return how things stood before what is taken now."""
        if subjects is None:
            subjects = self._intake.coding.subjects
        return Room(subjects, self._clock - self._late, self._late)

    def _forget(self) -> None:
        self._ledger.forget(self._clock - self._late)
