"""Rules over the values of windows and the fields of events: which hold where."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams.judging import TRUE
from liandong.watch.language import Judgement, in_force_at, millionths, program
from liandong.watch.live.rule import WatchRule

Bools = NDArray[np.bool_]


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
        self._windows = {w.name for w in rule.windows}
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
        for i, rule in enumerate(self.rules):
            if rule.valid_from or rule.valid_to:
                holds[i] &= in_force_at(rule, events["at"])
        return holds

    def _column(self, name: str, values: pa.Table, events: pa.Table) -> pa.ChunkedArray:
        return millionths(values[name]) if name in self._windows else events[name]
