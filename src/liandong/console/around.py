"""What lies around a firm, an alert or a loan: from each of them one gets to all the others."""

from typing import Any

from liandong.console.alerting import alerts, grouped, which
from liandong.console.explained import newest_score
from liandong.console.filters import Filter
from liandong.console.query import Where
from liandong.console.reading import Reading, Row

ALERTS = frozenset({"alert", "live_alert", "alert_version", "alert_change"})
"""Tables whose rows are looks of an alert."""
SHOWN = 60
"""Changes of an alert shown, the newest."""
_CHANGES = (
    "SELECT * FROM (SELECT * FROM alert_version UNION ALL BY NAME SELECT * FROM alert_change)"
    " WHERE alert_id = ? ORDER BY known_from DESC, seq DESC LIMIT ?"
)

_WARNED = "SELECT count(*) AS n FROM {told} WHERE subject_id = ? AND level IS NOT NULL"


def around(reading: Reading, party_id: str) -> Row:
    """Return how many alerts, warnings and loans a party has, its cases, and its newest score."""
    going_on = which(Filter()).add("a.party_id = ?", party_id)
    return {
        "party_id": party_id,
        "alerts": reading.one(
            "SELECT count(*) AS n FROM {alerts} a{where}",
            going_on,
            alerts=alerts(reading, Filter()),
        )["n"],
        "warnings": reading.one(_WARNED, party_id, told="warning")["n"],
        "live_warnings": reading.one(_WARNED, party_id, told="live_warning")["n"],
        "cases": reading.rows(
            "SELECT * FROM alert_case WHERE party_id = ? ORDER BY opened_at DESC, case_id", party_id
        ),
        "loans": reading.rows(
            "SELECT loan_id FROM loan WHERE party_id = ? ORDER BY start DESC, loan_id", party_id
        ),
        "score": newest_score(reading, party_id),
    }


def alerts_of(reading: Reading, party_id: str, f: Filter) -> list[Row]:
    """Return all alerts of a party as known on a day, whatever their state, with their groups."""
    where = Where().add("a.party_id = ?", party_id)
    return grouped(reading, where, f, "a.last_at DESC, a.alert_id")


def of_alert(reading: Reading, row: Row) -> dict[str, Any]:
    """Return what lies around an alert.

    Returns
    -------
    dict
        ``course``: all looks it ever had, with the moment from which each was known. ``others``:
        the alerts that overlap with it in time. ``group_id``. ``cases`` that hold it.
        ``silences``: what sinks were not told of it.
    """
    alert, party_id = row["alert_id"], row["party_id"]
    every = alerts_of(reading, party_id, Filter())
    own = next((a["group_id"] for a in every if a["alert_id"] == alert), None)
    return {
        "course": reading.rows(_CHANGES, alert, SHOWN),
        "group_id": own,
        "others": [a for a in every if a["group_id"] == own and a["alert_id"] != alert],
        "cases": reading.rows(
            "SELECT k.* FROM alert_case k JOIN case_alert h USING (case_id)"
            " WHERE h.alert_id = ? ORDER BY k.opened_at DESC",
            alert,
        ),
        "silences": reading.rows(
            "SELECT * FROM watch_silence WHERE alert_id = ? ORDER BY silenced_at DESC, sink", alert
        ),
        "around": around(reading, party_id),
    }
