"""The alert wall: what is going on, subject by subject, the gravest first, each with evidence."""

from datetime import datetime
from typing import Any, NamedTuple

from liandong.console.alerting import LONGEST_SNOOZE, STATES, alerts, grouped, which
from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables.warnings import LEVELS

GRAVEST_FIRST = LEVELS[::-1]
_GRAVE = f"list_position({list(GRAVEST_FIRST)}, a.level)"
_PLACE = f"list_position({list(GRAVEST_FIRST)}, level)"


class _Wanted(NamedTuple):
    """Which alerts a reader wants to see."""

    level: str
    state: str
    code: str
    party: str

    @classmethod
    def of(cls, query: Query) -> "_Wanted":
        level, state = query.choice("level", LEVELS), query.choice("state", STATES)
        return cls(level, state, query.text("code"), query.text("party"))

    def where(self, f: Filter) -> Where:
        where = which(f, self.state)
        for column in ("level", "code"):
            if value := getattr(self, column):
                where.add(f"a.{column} = ?", value)
        return where.add("a.party_id = ?", self.party) if self.party else where


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return counts by level and by state, and one page of subjects with their alerts."""
    return wall(reading, query, Where(), query.most, query.offset)


def beyond(level: str, last_at: datetime, party_id: str) -> Where:
    """Return the condition of the subjects that come after one, by what its row says."""
    place = GRAVEST_FIRST.index(level) + 1
    return Where().add(
        f"{_PLACE} > ? OR ({_PLACE} = ? AND (last_at < ? OR (last_at = ? AND party_id > ?)))",
        place, place, last_at, last_at, party_id,
    )  # fmt: skip


def wall(
    reading: Reading, query: Query, after: Where, most: int, offset: int = 0
) -> dict[str, Any]:
    """Return the same, with so many of the subjects that ``after`` keeps."""
    f, wanted = Filter.of(query), _Wanted.of(query)
    state, counts = wanted.state, _counts(reading, f)
    codes = _sums(counts, state, "code")
    return {
        **wanted._asdict(),
        "levels": _by_level(counts, state),
        "states": {s: sum(_sums(counts, s, "code").values()) for s in ("", *STATES)},
        "codes": [{"code": code, "n": codes[code]} for code in sorted(codes)],
        "rows": _subjects(reading, f, wanted, after, most, offset),
        "total": reading.one(
            "SELECT count(DISTINCT a.party_id) AS n FROM {alerts} a{where}",
            wanted.where(f), alerts=alerts(reading, f),
        )["n"],
        "on": f.on,
        "snoozes": reading.rows(
            "SELECT * FROM snooze WHERE party_id = ? AND until_at > now() ORDER BY until_at",
            wanted.party,
        ) if wanted.party else [],
        "longest_snooze": LONGEST_SNOOZE,
        # Whose snooze ends is seen again although nothing was written.
        "unfinished": bool(reading.rows("SELECT 1 AS n FROM snooze LIMIT 1")),
        "sources": {t: reading.source(t) for t in ("alert",)},
    }  # fmt: skip


def by_level(reading: Reading, f: Filter) -> Row:
    """Return the number of alerts of each level that are going on."""
    return _by_level(_counts(reading, f), "")


def _by_level(counts: list[Row], state: str) -> Row:
    return dict.fromkeys(GRAVEST_FIRST, 0) | _sums(counts, state, "level")


def _counts(reading: Reading, f: Filter) -> list[Row]:
    """Return how many alerts there are of each kind, whatever their state."""
    return reading.rows(
        "SELECT a.state, a.snoozed, a.level, a.code, count(*) AS n FROM {alerts} a{where}"
        " GROUP BY ALL",
        f.whose(Where(), "a.party_id"), alerts=alerts(reading, f),
    )  # fmt: skip


def _sums(counts: list[Row], state: str, field: str) -> dict[str, int]:
    """Add up the counts of a state, as :func:`.which` chooses, by a field."""
    found: dict[str, int] = {}
    for r in counts:
        going_on = r["state"] == state if state else r["state"] != "closed"
        if r["snoozed"] if state == "snoozed" else going_on and not r["snoozed"]:
            found[r[field]] = found.get(r[field], 0) + r["n"]
    return found


def latest(reading: Reading, f: Filter, limit: int, columns: str = "a.*") -> list[Row]:
    """Return the newest alerts that are going on, the gravest first within a moment.

    Parameters
    ----------
    columns
        Of alerts ``a``; to leave out evidence and reasons spares reading them.
    """
    order = f"a.last_at DESC, {_GRAVE}, a.alert_id"
    # Few are chosen first by what is short: what they say is read of those alone.
    few = reading.rows(
        "SELECT a.alert_id FROM {alerts} a{where} ORDER BY {order} LIMIT ?",
        which(f), limit, alerts=alerts(reading, f), order=order,
    )  # fmt: skip
    return reading.rows(
        "SELECT {columns}, p.name, p.name_en, p.region_id, p.industry FROM {alerts} a"
        " LEFT JOIN party p USING (party_id){where} ORDER BY {order}",
        Where().one_of("a.alert_id", [r["alert_id"] for r in few]),
        alerts=alerts(reading, f), columns=columns, order=order,
    )  # fmt: skip


def _subjects(
    reading: Reading, f: Filter, wanted: _Wanted, after: Where, most: int, offset: int
) -> list[Row]:
    """Return one page of subjects, each with the alerts that are asked for."""
    chosen = wanted.where(f)
    found = reading.rows(
        "SELECT * FROM (SELECT a.party_id, any_value(p.name) AS name,"
        " any_value(p.name_en) AS name_en, count(*) AS n, arg_min(a.level, {grave}) AS level,"
        " max(a.last_at) AS last_at FROM {alerts} a LEFT JOIN party p USING (party_id)"
        "{chosen} GROUP BY a.party_id) s{where}"
        " ORDER BY {place}, last_at DESC, party_id LIMIT ? OFFSET ?",
        *chosen.values, after, most, offset,
        alerts=alerts(reading, f), grave=_GRAVE, place=_PLACE, chosen=chosen,
    )  # fmt: skip
    here = [s["party_id"] for s in found]
    where = wanted.where(f).add("a.party_id IN (SELECT unnest(?))", here)
    own: dict[str, list[Row]] = {p: [] for p in here}
    order = "{grave}, a.last_at DESC, a.alert_id"
    for row in grouped(reading, where, f, order, grave=_GRAVE):
        own[row["party_id"]].append(row)
    return [{**s, "alerts": own[s["party_id"]]} for s in found]
