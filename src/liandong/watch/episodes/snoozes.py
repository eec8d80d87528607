"""Alerts that somebody does not want to be told of for a while: hidden, never deleted."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import conform
from liandong.schema.tables.warnings import LEVELS


def awake(alerts: pa.Table, snooze: pa.Table, at: datetime) -> pa.Table:
    """Return the alerts that no snooze hides at a moment.

    A snooze hides the alerts of a party, or those of one signal, up to a level: what is graver is
    told all the same.

    Parameters
    ----------
    alerts
        Rows with ``party_id``, ``code`` and ``level``: the table ``alert`` or ``alert_version``.
    snooze
        The table ``snooze``.
    at
        The moment, with a zone; a snooze holds from ``from_at`` on and before ``until_at``.
    """
    snooze, now = conform("snooze", snooze), pa.scalar(at, pa.timestamp("us", "UTC"))
    on = pc.and_(pc.less_equal(snooze["from_at"], now), pc.greater(snooze["until_at"], now))
    hidden = pa.chunked_array([pa.repeat(pa.scalar(value=False), len(alerts))])
    grade = pc.index_in(alerts["level"], value_set=pa.array(LEVELS))
    for s in snooze.filter(on).to_pylist():
        whose = pc.equal(alerts["party_id"], s["party_id"])
        if s["code"] is not None:
            whose = pc.and_(whose, pc.equal(alerts["code"], s["code"]))
        mild = pc.less_equal(grade, LEVELS.index(s["level"]))
        hidden = pc.or_(hidden, pc.and_(whose, mild))
    return alerts.filter(pc.invert(hidden))
