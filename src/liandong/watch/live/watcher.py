"""From events to alerts: windows say what is so, rules what of it is a warning."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.streams.layout import Int, Values, cut_values
from liandong.types import from_epoch
from liandong.watch.live.alerts import Alerts
from liandong.watch.live.judgements import Bools, Judgements
from liandong.watch.live.rule import WatchRule
from liandong.watch.live.warnings import NO_WARNINGS, Hit, warnings_of
from liandong.watch.windows.intake import Admitted
from liandong.watch.windows.ledger import micros
from liandong.watch.windows.resting import Spill
from liandong.watch.windows.rules import micros as length
from liandong.watch.windows.stream import WindowStream
from liandong.watch.windows.told import Told, told_of


class Seen(NamedTuple):
    """What some events brought.

    Attributes
    ----------
    warnings
        Rows of ``live_warning`` without ``watch`` and ``seq``, in order: first what late events
        changed of what was said before, then what is new.
    quarantine
        The table ``quarantine``: events that were not taken, and why.
    taken
        The events that were, as in ``watch_event``, in order of time. All of them, taken once more
        in the order in which they were returned, make the same watcher.
    alerts
        Rows of ``alert_version``: what became of alerts, in the order in which it became known. A
        row of the same alert and moment as an earlier one takes its place.
    """

    warnings: pa.Table
    quarantine: pa.Table
    taken: pa.Table
    alerts: pa.Table


class Watcher:
    """Judges events as they come, and joins what it warns of to alerts.

    It keeps the windows, what was said of events that late ones may still change, and the alerts
    that go on. Time is that of the events: no other clock closes an alert. Which
    warnings hold in the end depends neither on the sizes of batches nor on restarts. What was said
    in between may: a late event that comes in one batch with those it changes takes nothing back.
    So it is with alerts: which there are and how they stand in the end depends on neither.

    Parameters
    ----------
    rule
        Windows and rules; otherwise made of ``params`` and the defaults.
    gone
        Of what is recalled, events up to this time (microseconds) may be missing. A window that
        reaches back so far says nothing, so that no rule goes by half of what happened. None:
        nothing is missing.
    spill
        As of :class:`.WindowStream`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from liandong.schema.arrow import build
    >>> rules = [{"code": "burst", "when": "sum_24h > 1000", "level": "orange"}]
    >>> watcher = Watcher(rules=rules)
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> events = build("watch_event", {
    ...     "event_id": ["e1", "e2"], "source": ["bank"] * 2, "seq": [1, 2], "at": [noon] * 2,
    ...     "seen_at": [noon] * 2, "kind": ["payment_out"] * 2, "subject_id": ["F1"] * 2,
    ...     "amount": [600, 700],
    ... })
    >>> watcher.take(events).warnings.select(["event_id", "level", "evidence"]).to_pylist()
    [{'event_id': 'e2', 'level': 'orange', 'evidence': '{"sum_24h": 1300}'}]
    """

    def __init__(
        self,
        rule: WatchRule | None = None,
        *,
        gone: int | None = None,
        spill: Spill | None = None,
        **params: object,
    ) -> None:
        self._gone, self._spill = gone, spill
        self.rule = rule if rule is not None else WatchRule.make(**params)
        self._stream = WindowStream(self.rule.of_windows, to_save=False, spill=spill)
        self._judgements = Judgements(self.rule)
        self._late = length(self.rule.late)
        self._alerts = Alerts(self.rule.of_episodes, timedelta(microseconds=self._late))
        # Of an event of which something was said: its time, and the rules that hold.
        self._said: dict[str, tuple[int, frozenset[str]]] = {}

    @property
    def clock(self) -> datetime | None:
        """The time of the newest event taken; None before the first."""
        return self._stream.clock

    @property
    def warnings(self) -> int:
        """How many rows of ``live_warning`` there were so far."""
        return self._alerts.warnings

    @property
    def going_on(self) -> int:
        """How many alerts are open or cool."""
        return self._alerts.going_on

    @property
    def size(self) -> dict[str, int]:
        """Bytes that the windows use, by what for."""
        return self._stream.size

    @property
    def resting(self) -> dict[str, int]:
        """As of :class:`.WindowStream`."""
        return self._stream.resting

    @property
    def known_from(self) -> dict[str, datetime]:
        """From when on each window says something, if it cannot yet at the newest event."""
        if self.clock is None:
            return {}
        found = {n: from_epoch(at) for n, at in self._known_at().items()}
        return {n: at for n, at in found.items() if at > self.clock}

    def _known_at(self) -> dict[str, int]:
        """Return the first moment at which each window misses nothing."""
        if self._gone is None:
            return {}
        return {w.name: self._gone + length(w.against or w.over) for w in self.rule.windows}

    def admit(self, events: pa.Table) -> Admitted:
        """Look at rows of ``watch_event`` before they are taken, perhaps on another thread."""
        return self._stream.admit(events)

    def take(self, events: pa.Table | Admitted) -> Seen:
        """Take rows of the table ``watch_event``, in the order in which they came in.

        Parameters
        ----------
        events
            Rows, or what :meth:`admit` made of them, in the order in which it did.
        """
        told, warnings = self._judged(events)
        alerts = self._alerts.take(warnings, self.clock)
        return Seen(warnings, told.quarantine, told.taken, alerts)

    def recall(self, taken: pa.Table) -> None:
        """Take events that were taken and judged before: the windows know them, nothing is said."""
        self._stream.take(taken)

    def again(self, taken: pa.Table, warnings: pa.Table) -> None:
        """Take once more, after :meth:`remember`, what was taken since, and what was said of it.

        Parameters
        ----------
        taken
            As they were returned.
        warnings
            Rows of ``live_warning``, all that were said then. Alerts go by these: what is said of
            events that are taken in other batches may be less.
        """
        self._judged(taken)
        self._alerts.take(warnings, self.clock)

    def _judged(self, events: pa.Table | Admitted) -> tuple[Told, pa.Table]:
        told = self._stream.take(events)
        new = self._new(told.said, told.taken)
        if not len(told.mended):
            return told, new
        known = int(micros(told.taken["seen_at"]).max())
        return told, pa.concat_tables([self._amended(told.again, told.mended, known), new])

    def changed(
        self, rule: WatchRule, log: Callable[[], Iterable[pa.Table]], gone: int | None
    ) -> None:
        """Judge by other rules from now on; what was said stays.

        Parameters
        ----------
        log
            Called if the windows are others: gives the events taken before, in their order, as far
            as they are still there; table after table, so that not all are there at once.
        gone
            As of a new watcher, for such windows.

        Raises
        ------
        UsageError
            If the windows have more choices of events than there is room for.
        """
        judgements = Judgements(rule)
        if rule.of_windows != self.rule.of_windows:
            stream = WindowStream(rule.of_windows, to_save=False, spill=self._spill)
            for events in log():
                stream.take(events)
            self._stream, self._late, self._gone = stream, length(rule.late), gone
        self.rule, self._judgements = rule, judgements
        self._alerts.follow(rule.of_episodes, timedelta(microseconds=self._late))

    def said(self) -> str:
        """Return what was said that still matters, for :meth:`remember`.

        That is what late events may still change, and the alerts.
        """
        if self.clock is not None:
            since = int(self.clock.timestamp()) * 1_000_000 - self._late
            self._said = {e: s for e, s in self._said.items() if s[0] >= since}
        plain = {e: (at, sorted(rules)) for e, (at, rules) in sorted(self._said.items())}
        saved = {"events": plain, "alerts": self._alerts.save(self.clock)}
        return json.dumps(saved, ensure_ascii=False)

    def remember(self, said: str) -> Self:
        """Go on with what :meth:`said` returned."""
        saved = json.loads(said)
        self._said = {e: (at, frozenset(rules)) for e, (at, rules) in saved["events"].items()}
        self._alerts.load(saved["alerts"])
        return self

    def _new(self, said: Values, events: pa.Table) -> pa.Table:
        holds = self._judgements.holds(said, events, self._blind(events))
        at, which = np.nonzero(holds.T)
        if not len(at):
            return NO_WARNINGS
        self._keep(events, at, holds)
        return self._warnings(at, which, np.ones(len(at), np.bool_), said, events, None)

    def _warnings(
        self, at: Int, which: Int, holds: Bools, said: Values, events: pa.Table, known: int | None
    ) -> pa.Table:
        """Return what is said of rules at events: that they hold, or no longer do."""
        rows, row = np.unique(at, return_inverse=True)
        events, values = events.take(rows), cut_values(said, rows)
        hits = [Hit(*h) for h in zip(row.tolist(), which.tolist(), holds.tolist(), strict=True)]
        told = self._as_known(told_of(self.rule.windows, events, values))
        read = self._judgements.rows(told, events)
        judgements, clock = self._judgements, self._alerts.clock
        return warnings_of(hits, judgements, read, events, clock=clock, known=known)

    def _blind(self, events: pa.Table) -> dict[str, Bools]:
        """Tell at which events windows look for others that are gone."""
        known = self._known_at()
        if not known:
            return {}
        at = micros(events["at"])
        return {name: at < since for name, since in known.items() if (at < since).any()}

    def _as_known(self, values: pa.Table) -> pa.Table:
        """Return values, null where a window looks for events that are gone."""
        for name, blind in self._blind(values).items():
            column = pc.if_else(pa.array(~blind), values[name], None)
            values = values.set_column(values.column_names.index(name), name, column)
        return values

    def _keep(self, events: pa.Table, at: np.ndarray, holds: Bools) -> None:
        """Keep which rules hold at events."""
        rows = np.unique(at)
        ids = events["event_id"].take(rows).to_pylist()
        times = micros(events["at"].take(rows)).tolist()
        for event, when, row in zip(ids, times, rows.tolist(), strict=True):
            self._said[event] = when, self._which(holds[:, row])

    def _which(self, holds: Bools) -> frozenset[str]:
        ids = self._judgements.ids
        return frozenset(ids[i] for i in np.flatnonzero(holds).tolist())

    def _amended(self, said: Values, events: pa.Table, known: int) -> pa.Table:
        """Say what is others now of what was said of events before."""
        holds = self._judgements.holds(said, events, self._blind(events))
        hits: list[tuple[int, int, bool]] = []
        ids, times = events["event_id"].to_pylist(), micros(events["at"]).tolist()
        for row, (event, when) in enumerate(zip(ids, times, strict=True)):
            before = self._said.get(event, (when, frozenset()))[1]
            now = self._which(holds[:, row])
            hits += [
                (row, i, rule in now)
                for i, rule in enumerate(self._judgements.ids)
                if (rule in before) != (rule in now)
            ]
            if now:
                self._said[event] = when, now
            else:
                self._said.pop(event, None)
        if not hits:
            return NO_WARNINGS
        at, which, held = (np.array(column) for column in zip(*hits, strict=True))
        return self._warnings(at, which, held, said, events, known)
