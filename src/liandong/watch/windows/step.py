"""Windows over a finished log of events."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build, empty
from liandong.step import Tables, each
from liandong.watch.windows.rules import Window, WindowsRule
from liandong.watch.windows.stream import WindowStream
from liandong.watch.windows.told import ABOUT


@each(
    reads=("watch_event",),
    writes=("window_value", "quarantine"),
    split=("watch_event",),
    by="subject_id",
    rule=WindowsRule,
)
def windows(tables: Tables, rule: WindowsRule) -> Tables:
    """Tell what sliding windows say at every event, exactly.

    A window of length W at an event of time t looks at the events of its subject in (t - W, t], up
    to that event in the order of time, source, sequence and id. Whole numbers stand in ``exact``
    (count, sum, least, largest, first, last, counterparties), all others in ``value``. The log is
    finished, so no event is late; one that happened long after it was seen is put aside.
    :class:`.WindowStream` gives the same values event by event.
    """
    told = WindowStream(rule).replay(tables["watch_event"])
    values = told.values
    if rule.since is not None:
        day = pa.scalar(rule.since).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        values = values.filter(pc.greater_equal(values["at"], day))
    parts = [_long(values, w) for w in rule.windows]
    return {
        "window_value": pa.concat_tables([empty("window_value"), *parts]),
        "quarantine": told.quarantine,
    }


def _long(values: pa.Table, window: Window) -> pa.Table:
    """Return the rows of one window."""
    about = {n: values[n] for n in ABOUT}
    name = pa.array([window.name]).take(np.zeros(len(values), np.int64))
    said = {"exact" if window.whole else "value": values[window.name]}
    return build("window_value", {**about, "window": name, **said})
