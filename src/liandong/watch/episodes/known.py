"""Warnings that a stream of episodes knows, group by group."""

from bisect import insort
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams import episodes as kernel
from liandong.schema.arrow import arrow_schema
from liandong.schema.tables.warnings import LEVELS
from liandong.types import from_epoch, since_epoch
from liandong.watch.episodes.telling import micros

Int = NDArray[np.int64]
Reason = dict[str, str | int]
Order = tuple[tuple[bool, int | float | str], ...]
Whose = tuple[str, str]


class Warned(NamedTuple):
    """One row of the table ``warning``.

    Attributes
    ----------
    rule, code, subject_id, at, seen_at, level, value, threshold, evidence, reasons, amends
        As there; moments have a zone.
    """

    rule: str
    code: str
    subject_id: str
    at: datetime
    seen_at: datetime
    level: str | None
    value: float | None = None
    threshold: float | None = None
    evidence: str | None = None
    reasons: tuple[Reason, ...] = ()
    amends: bool | None = None


class Fact(NamedTuple):
    """A warning as it is kept: in the order of knowing, nulls last."""

    known: int
    at: int
    grade: int
    rest: Order
    row: Warned


def fact(row: Warned) -> Fact:
    """Return a warning as it is kept."""
    return _fact(row, since_epoch(row.at), since_epoch(row.seen_at))


def _fact(row: Warned, at: int, seen: int) -> Fact:
    nothing = kernel.VOID if row.amends else kernel.NONE
    grade = nothing if row.level is None else LEVELS.index(row.level)
    rest = tuple((v is None, 0 if v is None else v)
                 for v in (row.value, row.threshold, row.evidence))  # fmt: skip
    return Fact(max(seen, at), at, grade, rest, row)


def facts(warnings: pa.Table) -> list[Fact]:
    """Return rows of the table ``warning`` as they are kept."""
    at, seen = (micros(warnings[n]).tolist() for n in ("at", "seen_at"))
    # As Python's own, times would take Arrow most of the time.
    columns: dict[str, Iterable[Any]] = {
        "at": map(from_epoch, at),
        "seen_at": map(from_epoch, seen),
    }
    columns["reasons"] = map(tuple, warnings["reasons"].to_pylist())
    listed = (columns.get(n) or warnings[n].to_pylist() for n in Warned._fields)
    return list(map(_fact, map(Warned, *listed), at, seen))


class Seed(NamedTuple):
    """An episode as it stood at some moment, and its gravest warning."""

    row: tuple[int, ...]
    worst: Fact


class Stretch(NamedTuple):
    """Facts of a group to be gone through, after an episode as it stood before them."""

    pace: tuple[int, ...]
    seed: Seed | None
    facts: list[Fact]


class Group:
    """What is known of one rule about one subject.

    Attributes
    ----------
    pace
        As the kernel reads it; it stays as long as the group is remembered.
    facts
        In the order of knowing, without those that were forgotten.
    base
        The last episode as it stood before the first of them.
    tip
        The last episode as it stands.
    newest
        Up to when it is known, and the last moment of which something is.
    due
        When time next does something, as far as that is noted down.
    """

    def __init__(self, pace: tuple[int, ...]) -> None:
        self.pace = pace
        self.facts: list[Fact] = []
        self.base: Seed | None = None
        self.tip: Seed | None = None
        self.newest = (kernel.NEVER, kernel.NEVER)
        self.due: int | None = None

    def add(self, new: list[Fact], clock: int) -> tuple[Stretch | None, Stretch]:
        """Take facts; return what has to be gone through: as it was before, and as it is now.

        Nothing was before if all that is new became known after the clock, and holds after all
        that is known.
        """
        known, at = self.newest
        if new:
            self.newest = max(known, new[-1].known), max(at, *(f.at for f in new))
        if all(f.known > clock and f.at > at for f in new):
            self.facts += new
            return None, Stretch(self.pace, self.tip, new)
        before = Stretch(self.pace, self.base, list(self.facts))
        for f in new:
            if not self.facts or self.facts[-1][:4] < f[:4]:
                self.facts.append(f)
            elif f not in self.facts:
                insort(self.facts, f, key=lambda f: f[:4])
        return before, self.whole

    @property
    def whole(self) -> Stretch:
        """All that is remembered."""
        return Stretch(self.pace, self.base, self.facts)

    def past(self, until: int) -> int:
        """Return how many of the facts are older than a moment and than all others."""
        old = [f.known < until and f.at < until for f in self.facts]
        n = old.index(False) if False in old else len(old)
        newest = list(accumulate((f.at for f in self.facts[:n]), max))
        later = min((f.at for f in self.facts[n:]), default=until)
        while n:
            last = n == len(self.facts) or self.facts[n - 1].known < self.facts[n].known
            if last and newest[n - 1] < later:
                return n
            n -= 1
            later = min(later, self.facts[n].at)
        return 0

    def over(self, until: int) -> bool:
        """Tell whether nothing that comes from a moment on can touch what is known."""
        if max(self.newest) >= until:
            return False
        if self.tip is None:
            return True
        return self.tip.row[kernel.QUIET] + self.pace[kernel.COOL] <= until


class Slices(NamedTuple):
    """Facts of several groups as the kernel reads them, each behind the worst of its seed."""

    facts: list[Fact]
    start: Int
    seed: Int

    @classmethod
    def of(cls, stretches: Iterable[Stretch]) -> "Slices":
        """Put stretches one after the other."""
        facts: list[Fact] = []
        ends, seeds = [0], []
        for s in stretches:
            facts += [s.seed.worst, *s.facts] if s.seed else s.facts
            seeds.append(s.seed.row if s.seed else NO_SEED)
            ends.append(len(facts))
        seed = np.array(seeds, np.int64).reshape(-1, kernel.SEED)
        return cls(facts, np.array(ends, np.int64), seed)

    def column(self, n: int) -> Int:
        """Return one whole number of each fact."""
        return np.array([f[n] for f in self.facts], np.int64)


NO_SEED = (kernel.NEVER,) * kernel.SEED


def table_of(found: Iterable[Fact]) -> pa.Table:
    """Return facts as rows of the table ``warning``."""
    rows = [f.row._asdict() for f in found]
    return pa.Table.from_pylist(rows, schema=arrow_schema("warning"))
