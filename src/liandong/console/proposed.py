"""What waits for a decision, and what is known of it before anybody decides."""

from collections.abc import Mapping
from typing import Any

from liandong.govern.casework import CLOSE
from liandong.store.casework import CHECK, WORK

Row = dict[str, Any]
Known = Mapping[str, Row]
"""What is known of that to which an action would be done, by action: ``amount`` in fen, scopes."""
UNKNOWN: Known = {}
APPEALS = (
    "SELECT count(*) AS n FROM appeal f WHERE kind = 'filed' AND ? NOT IN (actor, holder) AND NOT"
    " EXISTS (SELECT 1 FROM appeal d WHERE d.appeal_id = f.appeal_id AND d.kind <> 'filed')"
)
"""How many appeals wait, see :meth:`.Appeals.waiting`."""
PROPOSED = (
    "SELECT k.case_id, k.action, k.subject, k.maker, k.opened_at, a.case_id AS alert_case,"
    " a.region_id, a.queue, a.level, a.exposure,"
    ' w.watch, g.agreement FROM "case" k LEFT JOIN alert_case a ON a.approval_id = k.case_id'
    " LEFT JOIN watch_version w ON w.version_id = k.subject"
    " LEFT JOIN agreement_version g ON g.version_id = k.subject"
    " WHERE k.state = 'open' ORDER BY k.opened_at, k.case_id"
)
"""What was proposed and nobody has decided on."""


def decides(action: str) -> str:
    """Return the power over what was proposed."""
    return CHECK if action == CLOSE else f"decide.{action}"


def case_known(case: Row) -> Known:
    """Return what is known of a case to whoever works on it or checks it."""
    words = {"region": case["region_id"], "queue": case["queue"], "level": case["level"]}
    known = {**words, "amount": case["exposure"]}
    return {WORK: known, CHECK: known}
