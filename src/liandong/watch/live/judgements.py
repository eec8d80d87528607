"""Rules over the values of windows and the fields of events: which hold where."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.judging import TRUE
from liandong.watch.language import Judgement, program
from liandong.watch.language.nodes import SCALE
from liandong.watch.live.rule import WatchRule
from liandong.watch.windows.ledger import micros

Bools = NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
DAY = 86_400_000_000
MOST = 9.2e18
"""Beyond this a real number has no millionths that fit in 64 bits: it is missing then."""


class Judgements:
    """The rules and candidates of a watch, ready to judge.

    Parameters
    ----------
    rule
        The rules; the order of verdicts is that of ``rules``, by code, then of ``shadow``.
    """

    def __init__(self, rule: WatchRule) -> None:
        by_code = (
            sorted(group, key=lambda r: (r.code, r.id)) for group in (rule.rules, rule.shadow)
        )
        live, shadow = by_code
        self.rules: tuple[Judgement, ...] = (*live, *shadow)
        self.live = len(live)
        self.ids = tuple(r.id for r in self.rules)
        self._program = program(self.rules, rule.schema_of_rows)
        self._windows = {w.name: w.whole for w in rule.windows}
        self.names = tuple(
            tuple(
                dict.fromkeys(n for i in program([r], rule.schema_of_rows).inputs for n in i.names)
            )
            for r in self.rules
        )
        """Of each rule, what it reads."""
        self._reads = tuple(dict.fromkeys(n for names in self.names for n in names))

    def rows(self, values: pa.Table, events: pa.Table) -> pa.Table:
        """Return what rules read, as they read it: real numbers in millionths."""
        columns = {n: self._column(n, values, events) for n in self._reads}
        return pa.table(columns) if columns else events.select([])

    def holds(self, rows: pa.Table, events: pa.Table) -> Bools:
        """Return which rules hold at which events, of shape (rules, events)."""
        if not self.rules or not len(events):
            return np.zeros((len(self.rules), len(events)), np.bool_)
        holds: Bools = self._program.judge(rows) == TRUE
        day = micros(events["at"]) // DAY
        for i, rule in enumerate(self.rules):
            if rule.valid_from is not None:
                holds[i] &= day >= (rule.valid_from - EPOCH).days
            if rule.valid_to is not None:
                holds[i] &= day <= (rule.valid_to - EPOCH).days
        return holds

    def _column(self, name: str, values: pa.Table, events: pa.Table) -> pa.ChunkedArray:
        if name not in self._windows:
            return events[name]
        return values[name] if self._windows[name] else _millionths(values[name])


def _millionths(column: pa.ChunkedArray) -> pa.Array:
    scaled = np.rint(pc.fill_null(column, np.nan).to_numpy() * SCALE)
    there = np.abs(scaled) < MOST  # false of what is not a number
    whole = np.where(there, scaled, 0).astype(np.int64)
    return pa.array(whole, mask=~there)
