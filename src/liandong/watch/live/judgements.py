"""Rules over the values of windows and the fields of events: which hold where."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams.exact import MISSING
from liandong.kernels.streams.judging import TRUE
from liandong.kernels.streams.layout import NOTHING, Int, Values
from liandong.watch.language import Judgement, encode, in_force_at, millionths, program, scaled
from liandong.watch.live.rule import WatchRule
from liandong.watch.windows.told import places

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
        self._places = places(rule.windows)
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

    def holds(self, said: Values, events: pa.Table, blind: dict[str, Bools]) -> Bools:
        """Return which rules hold at which events, of shape (rules, events).

        Parameters
        ----------
        said
            What windows say at the events.
        blind
            Where some of the windows know too little to say anything.
        """
        if not self.rules or not len(events):
            return np.zeros((len(self.rules), len(events)), np.bool_)
        holds: Bools = self._program.judge_encoded(*self._read(said, events, blind)) == TRUE
        for i, rule in enumerate(self.rules):
            if rule.valid_from or rule.valid_to:
                holds[i] &= in_force_at(rule, events["at"])
        return holds

    def _read(
        self, said: Values, events: pa.Table, blind: dict[str, Bools]
    ) -> tuple[Int, NDArray[np.uint8]]:
        """Return the inputs of all rules and whether they are missing: windows as they lie."""
        inputs = self._program.inputs
        values = np.empty((len(inputs), len(events)), np.int64)
        states = np.zeros(values.shape, np.uint8)
        for i, one in enumerate(inputs):
            name = str(one.node.value)
            if one.node.op != "name" or name not in self._places:
                values[i : i + 1], states[i : i + 1] = encode([one], events)
                continue
            real, column = self._places[name]
            found = scaled(said.real[:, column]) if real else _counted(said.whole[:, column])
            values[i], there = found
            if name in blind:
                there &= ~blind[name]
            states[i, ~there] = MISSING
        return values, states

    def _column(self, name: str, values: pa.Table, events: pa.Table) -> pa.ChunkedArray:
        return millionths(values[name]) if name in self._places else events[name]


def _counted(column: Int) -> tuple[Int, Bools]:
    """Return whole numbers, and where there are some."""
    there = column != NOTHING
    return np.where(there, column, 0), there
