"""Warnings that a stream of episodes knows, group by group."""

from bisect import insort
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams.episodes import NONE
from liandong.schema.arrow import arrow_schema
from liandong.schema.tables.warnings import LEVELS
from liandong.types import since_epoch

Int = NDArray[np.int64]
Reason = dict[str, str | int]
Order = tuple[tuple[bool, int | float | str], ...]
Whose = tuple[str, str]


class Warned(NamedTuple):
    """One row of the table ``warning``.

    Attributes
    ----------
    rule, code, subject_id, at, seen_at, level, value, threshold, evidence, reasons
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


class Fact(NamedTuple):
    """A warning as it is kept: in the order of knowing, nulls last."""

    known: int
    at: int
    grade: int
    rest: Order
    row: Warned


def fact(row: Warned) -> Fact:
    """Return a warning as it is kept."""
    at = since_epoch(row.at)
    grade = NONE if row.level is None else LEVELS.index(row.level)
    rest = tuple((v is None, 0 if v is None else v)
                 for v in (row.value, row.threshold, row.evidence))  # fmt: skip
    return Fact(max(since_epoch(row.seen_at), at), at, grade, rest, row)


def facts(warnings: pa.Table) -> list[Fact]:
    """Return rows of the table ``warning`` as they are kept."""
    return [fact(Warned(**{**r, "reasons": tuple(r["reasons"])})) for r in warnings.to_pylist()]


class Group:
    """What is known of one rule about one subject.

    Attributes
    ----------
    facts
        In the order of knowing.
    cut
        The fact that begins the last episode, once nothing before it can matter to what comes in
        order.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.cut = 0

    def add(self, new: list[Fact]) -> list[Fact]:
        """Take facts; return those since the cut as they were before."""
        if self.facts:
            begin = self.facts[self.cut]
            if any(f.known <= begin.known or f.at <= begin.at for f in new):
                self.cut = 0
        before = self.facts[self.cut :]
        for f in new:
            if not self.facts or self.facts[-1][:4] < f[:4]:
                self.facts.append(f)
            elif f not in self.facts:
                insort(self.facts, f, key=lambda f: f[:4])
        return before

    def begin_at(self, moment: int) -> None:
        """Cut where an episode begins, if all that is known earlier is older and over."""
        since = self.facts[self.cut :]
        here = next((i for i, f in enumerate(since) if f.at == moment), 0)
        known = since[here].known
        old = all(f.at < moment and f.known < known for f in since[:here])
        if old and all(f.at > moment and f.known > known for f in since[here + 1 :]):
            self.cut += here


class Slices(NamedTuple):
    """Facts of several groups as the kernel reads them."""

    facts: list[Fact]
    start: Int

    @classmethod
    def of(cls, groups: Iterable[list[Fact]]) -> "Slices":
        """Put groups one after the other."""
        listed = list(groups)
        ends = np.cumsum([0, *(len(g) for g in listed)], dtype=np.int64)
        return cls([f for g in listed for f in g], ends)

    def column(self, n: int) -> Int:
        """Return one whole number of each fact."""
        return np.array([f[n] for f in self.facts], np.int64)


def table_of(found: Iterable[Fact]) -> pa.Table:
    """Return facts as rows of the table ``warning``."""
    rows = [f.row._asdict() for f in found]
    return pa.Table.from_pylist(rows, schema=arrow_schema("warning"))
