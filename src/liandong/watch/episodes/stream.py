"""Episodes of warnings as they come: one by one or in batches, late ones too."""

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
from liandong.schema.arrow import conform
from liandong.schema.packing import packed, unpacked
from liandong.step import Tables
from liandong.types import from_epoch, since_epoch, stable_id
from liandong.watch.episodes.known import Fact, Group, Slices, Warned, Whose, fact, facts, table_of
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
        self._clock = kernel.NEVER

    def see(self, warning: Warned) -> Told:
        """Take one warning."""
        return self._take([fact(warning)])

    def take(self, warnings: pa.Table) -> Told:
        """Take rows of the table ``warning``; one that is there already changes nothing."""
        return self._take(facts(conform("warning", warnings)))

    def tick(self, now: datetime) -> Told:
        """Let time go by: episodes cool and close."""
        return self._go_on({}, max(self._clock, since_epoch(now)))

    def tables(self) -> Tables:
        """Return ``alert``, ``alert_version`` and ``alert_group`` as the step gives them."""
        groups = list(self._groups.values())
        found = self._versions(groups, [g.facts for g in groups], self._clock)
        versions = _rows(v for by in found for v in by.values())
        ordered = versions.sort_by([("alert_id", "ascending"), ("known_from", "ascending")])
        return {"alert_version": ordered, **standing(ordered)}

    def save(self) -> bytes:
        """Return all that has to be kept to go on later: the same state, the same bytes."""
        kept = table_of(f for whose in sorted(self._groups) for f in self._groups[whose].facts)
        about = {"rule": self.rule.to_toml(), "clock": str(self._clock)}
        return packed(kept, about)

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """Return a stream that goes on where :meth:`save` was called; from a source you trust."""
        kept, about = unpacked(saved)
        stream = cls(EpisodesRule.from_toml(about["rule"]))
        stream.take(kept)
        clock = int(about["clock"])
        if clock > stream._clock:
            stream.tick(from_epoch(clock))
        return stream

    def _take(self, new: list[Fact]) -> Told:
        by_group: dict[Whose, list[Fact]] = defaultdict(list)
        for f in sorted(new, key=lambda f: f[:4]):
            by_group[f.row.rule, f.row.subject_id].append(f)
        return self._go_on(by_group, max([self._clock, *(f.known for f in new)]))

    def _go_on(self, new: dict[Whose, list[Fact]], clock: int) -> Told:
        """Take facts, let time go by, and tell what is different then."""
        touched = {w: self._groups.setdefault(w, Group()) for w in new}
        touched |= {w: self._groups[w] for w in self._lapsed(clock)}
        groups = list(touched.values())
        was = [g.add(new.get(w, [])) for w, g in touched.items()]
        before = self._versions(groups, was, self._clock)
        after = self._versions(groups, [g.facts[g.cut :] for g in groups], clock)
        self._clock = clock
        fresh: list[Version] = []
        gone: list[tuple[Whose, tuple[int, int]]] = []
        for (whose, group), old, now in zip(touched.items(), before, after, strict=True):
            self._stand(whose, group, now)
            fresh += (v for k, v in now.items() if old.get(k) != v)
            gone += ((whose, k) for k in old.keys() - now.keys())
        return Told(fresh, gone)

    def _lapsed(self, clock: int) -> list[Whose]:
        """Return groups in which time does something by a moment."""
        found = []
        while self._due and self._due[0][0] <= clock:
            found.append(heappop(self._due)[1])
        return found

    def _stand(self, whose: Whose, group: Group, found: Versions) -> None:
        """Remember from where the group goes on, and when time does something in it."""
        newest = {begun: row for (begun, _), (row, _) in found.items()}
        there = [b for b, row in newest.items() if row[kernel.STATE] != kernel.WITHDRAWN]
        if not there:
            return
        last = newest[max(there)]
        if last[kernel.STATE] != kernel.CLOSED:
            cooling = last[kernel.STATE] == kernel.COOLING
            heappush(self._due, (last[kernel.OVER if cooling else kernel.QUIET], whose))
        group.begin_at(last[kernel.BEGUN])

    def _versions(
        self, groups: list[Group], slices: list[list[Fact]], clock: int
    ) -> list[Versions]:
        """Return what the kernel makes of some facts of each group at a moment."""
        given = Slices.of(slices)
        pace = self.rule.paces([g.facts[0].row.code for g in groups])
        known, at, grade = (given.column(n) for n in range(3))
        rows = kernel.versions(given.start, at, known, grade, pace, clock)
        worst = rows[:, kernel.WORST].copy()
        rows[:, kernel.WORST] = 0
        group = np.searchsorted(given.start, worst, side="right") - 1
        found: list[Versions] = [{} for _ in groups]
        for g, n, row in zip(group.tolist(), worst.tolist(), rows.tolist(), strict=True):
            found[g][row[kernel.BEGUN], row[kernel.KNOWN]] = tuple(row), given.facts[n]
        return found


def _rows(found: Iterable[Version]) -> pa.Table:
    """Return versions as rows of ``alert_version``."""
    listed = list(found)
    rows = np.array([row for row, _ in listed], np.int64).reshape(-1, kernel.WIDTH)
    rows[:, kernel.WORST] = np.arange(len(rows))
    return told(rows, table_of(f for _, f in listed))
