"""Alerts as they were known on a day, and which of them somebody does not want to see."""

from datetime import UTC, date, datetime, time, timedelta

from liandong.console.filters import Filter
from liandong.console.query import Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables.warnings import LEVELS
from liandong.types import CHINA, stable_id

STATES = ("open", "cooling", "closed", "snoozed")
"""What can be asked for; without, all that is going on and not snoozed."""
LONGEST_SNOOZE = 3660
"""Days at most that somebody does not want to see them."""
_GRAVE = f"list_position({list(LEVELS)}, "
_THEN = (
    "SELECT * FROM (SELECT * FROM alert_version UNION ALL BY NAME SELECT * FROM alert_change)"
    " WHERE known_from < TIMESTAMPTZ '{until}' QUALIFY"
    " row_number() OVER (PARTITION BY alert_id ORDER BY known_from DESC, seq DESC) = 1"
)
# One that a watch and a step tell of is one. Most parties have alerts of steps alone.
_NOW = (
    "SELECT * FROM (SELECT * FROM alert UNION ALL BY NAME SELECT * FROM live_alert)"
    " WHERE party_id IN (SELECT party_id FROM live_alert)"
    " QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY known_from DESC) = 1"
)
# Alerts of one subject, of whatever rule, belong together where their times overlap or touch, as
# in ``alert_group``; those of watches and of steps alike.
_GROUPED = (
    "SELECT * EXCLUDE (fresh, island),"
    " epoch_us(min(opened_at) OVER (PARTITION BY party_id, island)) AS group_begun FROM"
    " (SELECT *, sum(fresh) OVER (PARTITION BY party_id ORDER BY opened_at, alert_id"
    " ROWS UNBOUNDED PRECEDING) AS island FROM (SELECT *, (opened_at > max(coalesce(closed_at,"
    " TIMESTAMPTZ 'infinity')) OVER (PARTITION BY party_id ORDER BY opened_at, alert_id"
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))::INT AS fresh"
    " FROM ({known}) WHERE state <> 'withdrawn'))"
)
_ALL = "SELECT * FROM alert_stepped{but} UNION ALL BY NAME SELECT * FROM alert_watched"
_BUT = " WHERE party_id NOT IN (SELECT party_id FROM live_alert)"
# Few are snoozed: those are found first, so that no other is looked at twice.
_SNOOZED = (
    "e.alert_id IN (SELECT k.alert_id FROM snooze s JOIN known k ON s.party_id = k.party_id"
    " AND (s.code IS NULL OR s.code = k.code) AND {grave}k.level) <= {grave}s.level)"
    " AND s.from_at <= TIMESTAMPTZ '{now}' AND s.until_at > TIMESTAMPTZ '{now}')"
)


def alerts(reading: Reading, f: Filter, but: str = "EXCLUDE (group_begun)") -> str:
    """Return the SELECT of alerts as known at the end of the chosen day, ``snoozed`` beside.

    Alerts of steps and of watches stand together; ``stands_in`` names the table of each.
    What became known later is not in it, and neither is what was withdrawn by then.
    Those of now are put together once for all who ask.
    """
    if f.on:
        until = _start(f.on + timedelta(days=1))
        now, known = until, _GROUPED.format(known=_THEN.format(until=until))
    else:
        reading.keep("alert_stepped", _GROUPED.format(known="SELECT *, NULL AS watch FROM alert"))
        reading.keep("alert_watched", _GROUPED.format(known=_NOW))
        now = datetime.now(UTC).isoformat()
        known = _ALL.format(but=_BUT if _watched(reading) else "")
    snoozed = _SNOOZED.format(grave=_GRAVE, now=now)
    homes = ("alert_version", "alert_change") if f.on else ("alert", "live_alert")
    home = "CASE WHEN e.watch IS NULL THEN '{}' ELSE '{}' END AS stands_in".format(*homes)
    held = "MATERIALIZED" if f.on else "NOT MATERIALIZED"  # what is kept is there already
    shown = f"SELECT e.* {but}, {home}, {snoozed} AS snoozed FROM known e"  # noqa: S608 - dates and constants
    return f"(WITH known AS {held} ({known}) {shown})"


def _watched(reading: Reading) -> bool:
    """Tell whether any watch told of an alert."""
    asked = "SELECT 1 AS n FROM live_alert LIMIT 1"
    return reading.once(("watched",), lambda: bool(reading.rows(asked)))


def which(f: Filter, state: str = "") -> Where:
    """Return the condition of alerts ``a`` in a state, of the parties chosen."""
    where = f.whose(Where(), "a.party_id")
    if state == "snoozed":
        return where.add("a.snoozed")
    where.add("NOT a.snoozed")
    return where.add("a.state = ?", state) if state else where.add("a.state <> 'closed'")


def grouped(reading: Reading, where: Where, f: Filter, order: str, **parts: str) -> list[Row]:
    """Return alerts ``a`` with the ``group_id`` of those of one subject that overlap in time."""
    rows = reading.rows(
        "SELECT a.* FROM {alerts} a{where} ORDER BY {order}",
        where, alerts=alerts(reading, f, ""), order=order, **parts,
    )  # fmt: skip
    return [
        {**r, "group_id": stable_id("group", r["party_id"], r.pop("group_begun"))} for r in rows
    ]


def _start(day: date) -> str:
    return datetime.combine(day, time(), CHINA).astimezone(UTC).isoformat()
