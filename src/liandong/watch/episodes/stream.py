"""Episodes of warnings as they come: one by one or in batches, late ones too."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from heapq import heappop, heappush
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams import episodes as kernel
from liandong.schema.arrow import conform, empty
from liandong.schema.packing import packed, unpacked
from liandong.step import Tables
from liandong.types import from_epoch, since_epoch, stable_id
from liandong.watch.episodes.known import (
    Fact,
    Group,
    Seed,
    Slices,
    Stretch,
    Warned,
    Whose,
    fact,
    facts,
    table_of,
)
from liandong.watch.episodes.rules import EpisodesRule
from liandong.watch.episodes.standing import standing
from liandong.watch.episodes.telling import told

Int = NDArray[np.int64]
Version = tuple[tuple[int, ...], Fact]
"""What the kernel gives, without the number of the worst warning, and that warning."""
Versions = dict[tuple[int, int], Version]
"""By the beginning of the episode and the moment from which it was known, in order of that."""

GONE = pa.schema([("alert_id", pa.string()), ("known_from", pa.timestamp("us", "UTC"))])


class Told:
    """What some warnings, or time, brought; its tables are made when they are asked for.

    Parameters
    ----------
    found
        Versions that are new or different.
    lost
        Beginning and moment of versions that do not hold, with their groups.
    """

    def __init__(self, found: list[Version], lost: list[tuple[Whose, tuple[int, int]]]) -> None:
        self._found, self._lost = found, lost

    def __bool__(self) -> bool:
        """Whether anything is different."""
        return bool(self._found or self._lost)

    @cached_property
    def versions(self) -> pa.Table:
        """Rows of ``alert_version`` that are new, or take the place of ones of the same key."""
        return _rows(self._found)

    @cached_property
    def gone(self) -> pa.Table:
        """Keys of rows told before that do not hold.

        There are some only if something came in that was known no later than what came before it.
        """
        rows = [{"alert_id": stable_id(*whose, begun), "known_from": from_epoch(known)}
                for whose, (begun, known) in self._lost]  # fmt: skip
        return pa.Table.from_pylist(rows, schema=GONE)


class EpisodeStream:
    """Keeps the episodes of warnings up to date.

    Batches of any size, in any order, and any number of restarts give the tables that the step
    ``watch.episodes`` gives for all warnings at once. What comes in late touches only its own
    rule and subject. The clock is when the newest warning became known, or what :meth:`tick` says.

    Parameters
    ----------
    rule
        How warnings become episodes; otherwise made of ``params`` and the defaults.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> stream = EpisodeStream()
    >>> day = datetime(2026, 3, 2, tzinfo=UTC)
    >>> one = Warned("r1", "T1", "F1", day, day, "yellow", reasons=({"code": "x", "points": 1},))
    >>> stream.see(one).versions["change"].to_pylist()
    ['opened']
    >>> stream.tick(datetime(2026, 6, 1, tzinfo=UTC)).versions["change"].to_pylist()
    ['cooling', 'closed']
    """

    def __init__(self, rule: EpisodesRule | None = None, **params: object) -> None:
        self.rule = rule if rule is not None else EpisodesRule.make(**params)
        self._groups: dict[Whose, Group] = {}
        self._due: list[tuple[int, Whose]] = []
        self._going_on: set[Whose] = set()
        self._clock = self._floor = kernel.NEVER

    def see(self, warning: Warned) -> Told:
        """Take one warning."""
        return self._take([fact(warning)])

    def take(self, warnings: pa.Table, now: datetime | None = None) -> Told:
        """Take rows of the table ``warning``, and let time go by until ``now``.

        One that is there already changes nothing.
        """
        return self._take(facts(conform("warning", warnings)) if len(warnings) else [], now)

    def tick(self, now: datetime) -> Told:
        """Let time go by: episodes cool and close."""
        return self._go_on({}, max(self._clock, since_epoch(now)))

    def tables(self) -> Tables:
        """Return ``alert``, ``alert_version`` and ``alert_group`` as the step gives them.

        Versions of before what was forgotten are not there.
        """
        found = self._versions([g.whole for g in self._groups.values()], self._clock)
        versions = _rows(v for by in found for v in by.values())
        ordered = versions.sort_by([("alert_id", "ascending"), ("known_from", "ascending")])
        return {"alert_version": ordered, **standing(ordered)}

    @property
    def clock(self) -> int:
        """Up to when things are known and time has gone by, in microseconds since 1970."""
        return self._clock

    @property
    def going_on(self) -> int:
        """How many episodes are open or cool."""
        return len(self._going_on)

    @property
    def remembered(self) -> int:
        """How many warnings are kept."""
        return sum(len(g.facts) for g in self._groups.values())

    def follow(self, rule: EpisodesRule) -> None:
        """Go by another rule from now on; what is remembered of a group keeps its pace."""
        self.rule = rule

    def forget(self, until: datetime) -> None:
        """Forget what is over, and of what goes on all but how it stands.

        Parameters
        ----------
        until
            No warning will come that holds or becomes known before: such a one would change
            nothing. It is not after the clock.
        """
        old = min(since_epoch(until), self._clock)
        self._floor = max(self._floor, old)
        over = [whose for whose, group in self._groups.items() if group.over(old)]
        for whose in over:
            del self._groups[whose]
        groups = [(g, n) for g in self._groups.values() if (n := g.past(old))]
        past = [g.whole._replace(facts=g.facts[:n]) for g, n in groups]
        found = self._versions(past, self._clock)
        for (group, n), by in zip(groups, found, strict=True):
            known = group.facts[n - 1].known
            group.base = _last({k: v for k, v in by.items() if k[1] <= known}, group.base)
            group.facts = group.facts[n:]

    def save(self) -> bytes:
        """Return all that has to be kept to go on later: the same state, the same bytes."""
        groups = sorted(self._groups.items())
        kept = [f for _, g in groups for f in ([g.base.worst] if g.base else []) + g.facts]
        known = [(w, g.pace, g.newest, g.base and g.base.row, len(g.facts)) for w, g in groups]
        about = {"rule": self.rule.to_toml(), "clock": str(self._clock),
                 "floor": str(self._floor), "groups": json.dumps(known)}  # fmt: skip
        return packed(table_of(kept), about)

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """Return a stream that goes on where :meth:`save` was called; from a source you trust."""
        kept, about = unpacked(saved)
        stream, rows = cls(EpisodesRule.from_toml(about["rule"])), iter(facts(kept))
        for whose, pace, newest, base, size in json.loads(about["groups"]):
            group = stream._groups[*whose] = Group(tuple(pace))
            group.base = Seed(tuple(base), next(rows)) if base else None
            group.facts = [next(rows) for _ in range(size)]
            group.newest = tuple(newest)
        stream._clock, stream._floor = int(about["clock"]), int(about["floor"])
        found = stream._versions([g.whole for g in stream._groups.values()], stream._clock)
        for (whose, group), by in zip(stream._groups.items(), found, strict=True):
            stream._stand(whose, group, _last(by, group.base))
        return stream

    def _take(self, new: list[Fact], now: datetime | None = None) -> Told:
        by_group: dict[Whose, list[Fact]] = defaultdict(list)
        for f in sorted(new, key=lambda f: f[:4]):
            if f.at >= self._floor and f.known >= self._floor:
                by_group[f.row.rule, f.row.subject_id].append(f)
        clock = self._clock if now is None else max(self._clock, since_epoch(now))
        return self._go_on(by_group, max([clock, *(f.known for f in new)]))

    def _go_on(self, new: dict[Whose, list[Fact]], clock: int) -> Told:
        """Take facts, let time go by, and tell what is different then."""
        if not new and not (self._due and self._due[0][0] <= clock):
            self._clock = clock
            return Told([], [])
        touched = {w: self._group(w, of) for w, of in new.items()}
        touched |= self._lapsed(clock)
        added = [group.add(new.get(w, []), self._clock) for w, group in touched.items()]
        late = [was for was, _ in added if was]
        before = iter(self._versions(late, self._clock))
        after = self._versions([now for _, now in added], clock)
        self._clock = clock
        fresh: list[Version] = []
        gone: list[tuple[Whose, tuple[int, int]]] = []
        for (whose, group), (was, now), found in zip(touched.items(), added, after, strict=True):
            old = next(before) if was else {}
            self._stand(whose, group, _last(found, now.seed))
            fresh += (v for k, v in found.items() if not _alike(old.get(k), v))
            gone += ((whose, k) for k in old.keys() - found.keys())
        return Told(fresh, gone)

    def _group(self, whose: Whose, new: list[Fact]) -> Group:
        if whose not in self._groups:
            pace = self.rule.paces([new[0].row.code])[0].tolist()
            self._groups[whose] = Group(tuple(pace))
        return self._groups[whose]

    def _lapsed(self, clock: int) -> dict[Whose, Group]:
        """Return groups in which time may do something by a moment."""
        found = {}
        while self._due and self._due[0][0] <= clock:
            at, whose = heappop(self._due)
            group = self._groups.get(whose)
            if group is not None and group.due == at:
                group.due = None
                found[whose] = group
        return found

    def _stand(self, whose: Whose, group: Group, tip: Seed | None) -> None:
        """Remember how a group stands, and when time does something in it."""
        group.tip = tip
        if tip is None or tip.row[kernel.STATE] == kernel.CLOSED:
            self._going_on.discard(whose)
            return
        self._going_on.add(whose)
        over = tip.row[kernel.QUIET] + group.pace[kernel.COOL]
        due = over if tip.row[kernel.STATE] == kernel.COOLING else tip.row[kernel.QUIET]
        if group.due is None or due < group.due:
            group.due = due
            heappush(self._due, (due, whose))

    def _versions(self, stretches: list[Stretch], clock: int) -> list[Versions]:
        """Return what the kernel makes of each stretch by a moment."""
        given = Slices.of(stretches)
        pace = np.array([s.pace for s in stretches], np.int64).reshape(-1, kernel.REPEATS + 1)
        known, at, grade = (given.column(n) for n in range(3))
        rows = kernel.onward(given.start, at, known, grade, pace, clock, given.seed)
        worst = rows[:, kernel.WORST].copy()
        rows[:, kernel.WORST] = 0
        group = np.searchsorted(given.start, worst, side="right") - 1
        found: list[Versions] = [{} for _ in stretches]
        for g, n, row in zip(group.tolist(), worst.tolist(), rows.tolist(), strict=True):
            found[g][row[kernel.BEGUN], row[kernel.KNOWN]] = tuple(row), given.facts[n]
        return found


def _alike(old: Version | None, new: Version) -> bool:
    """Tell whether a version says the same, though perhaps of a warning that was said once more."""
    if old is None or old[0] != new[0]:
        return False
    was, now = old[1], new[1]
    return was.rest == now.rest and was.row.reasons == now.row.reasons


def _last(found: Versions, before: Seed | None) -> Seed | None:
    """Return how the last episode stands after some versions, and how it stood before them."""
    stands = {before.row[kernel.BEGUN]: before} if before else {}
    for (begun, _), (row, worst) in found.items():
        stands.pop(begun, None)
        if row[kernel.STATE] != kernel.WITHDRAWN:
            stands[begun] = Seed(row[: kernel.SEED], worst)
    return stands[max(stands)] if stands else None


def _rows(found: Iterable[Version]) -> pa.Table:
    """Return versions as rows of ``alert_version``."""
    listed = list(found)
    if not listed:
        return empty("alert_version")
    rows = np.array([row for row, _ in listed], np.int64).reshape(-1, kernel.WIDTH)
    rows[:, kernel.WORST] = np.arange(len(rows))
    return told(rows, table_of(f for _, f in listed))
