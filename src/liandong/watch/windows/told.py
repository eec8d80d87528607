"""What windows say at events: as the kernel leaves it, and as tables once these are asked for."""

from functools import cached_property

import numpy as np
import pyarrow as pa

from liandong.kernels.streams.layout import NOTHING, TAKEN, Int, Values
from liandong.schema.arrow import build, empty
from liandong.schema.tables.watching import REFUSALS
from liandong.watch.windows.rules import Window

ABOUT = ("event_id", "subject_id", "at")
"""Columns of an event that stand before its values."""


class Told:
    """What some events brought; what windows say becomes a table when that is asked for.

    Parameters
    ----------
    windows
        In the order of the rule.
    taken, said
        Events taken, in order, as in the table ``watch_event``, and what windows say at them.
    mended, again
        Events told before whose values are others now, since late ones belong there, and these.
    quarantine
        The table ``quarantine``: events that were not taken, and why.
    """

    def __init__(
        self,
        windows: tuple[Window, ...],
        taken: tuple[pa.Table, Values],
        mended: tuple[pa.Table, Values],
        quarantine: pa.Table,
    ) -> None:
        self._windows = windows
        self.taken, self.said = taken
        self.mended, self.again = mended
        self.quarantine = quarantine

    @cached_property
    def values(self) -> pa.Table:
        """What windows say at each event taken: ``event_id``, ``subject_id``, ``at``, and they.

        It is null where there is nothing to tell of.
        """
        return told_of(self._windows, self.taken, self.said)

    @cached_property
    def amended(self) -> pa.Table:
        """The same of the events of ``mended``."""
        return told_of(self._windows, self.mended, self.again)


def places(windows: tuple[Window, ...]) -> dict[str, tuple[int, int]]:
    """Return where each window is told: in which of :class:`.Values`, and in which column."""
    found: dict[str, tuple[int, int]] = {}
    for kind, whole in enumerate((True, False)):
        names = [w.name for w in windows if w.whole == whole]
        found |= {name: (kind, column) for column, name in enumerate(names)}
    return found


def told_of(windows: tuple[Window, ...], events: pa.Table, values: Values) -> pa.Table:
    """Return values as a table, in the order of the windows."""
    columns = {n: events[n] for n in ABOUT}
    at = places(windows)
    for window in windows:
        kind, column = at[window.name]
        said = values[kind][:, column]
        nothing = said == NOTHING if window.whole else np.isnan(said)
        columns[window.name] = pa.array(said, mask=nothing)
    return pa.table(columns)


def quarantined(events: pa.Table, codes: Int) -> pa.Table:
    """Return ``quarantine`` of the events that codes say are not taken."""
    bad = codes != TAKEN
    if not bad.any():
        return empty("quarantine")
    reasons = pa.array(REFUSALS, pa.string()).take(codes[bad] - 1)
    shared = ("event_id", "source", "subject_id", "at", "seen_at")
    rows = events.filter(bad)
    return build("quarantine", {"reason": reasons, **{n: rows[n] for n in shared}})
