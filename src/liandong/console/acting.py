"""What may be done on a page: ask for other rules or agreements, decide, snooze alerts.

Whoever serves the console acts.
"""

import tomllib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from liandong.console import agreeing, ruling
from liandong.console.alerting import LONGEST_SNOOZE
from liandong.console.inboxing import LONGEST_REASON
from liandong.console.posted import form
from liandong.console.query import Query, wrong
from liandong.console.reading import Reader
from liandong.errors import UsageError
from liandong.govern.versions import AGREEMENT
from liandong.schema.tables.warnings import LEVELS
from liandong.texts import both

RULES, AGREEMENTS = "/rules/watch", "/agreement/{agreement}"


def acting(reader: Reader) -> APIRouter:
    """Return the routes that change a board."""
    router = APIRouter(include_in_schema=False)

    form(router, f"{RULES}/propose", reader, _propose)
    form(router, f"{RULES}/decide", reader, _decide)
    form(router, "/alerts/snooze", reader, _snooze)
    form(router, "/agreements/begin", reader, _begin)
    form(router, f"{AGREEMENTS}/propose", reader, _propose_agreement)
    form(router, f"{AGREEMENTS}/decide", reader, _decide)
    return router


def _propose(reader: Reader, query: Query) -> Response:
    reading, watch = reader.now(), query.text("watch")
    kept = ruling.rules_of(reading, watch, reading.board.rule_versions(watch))
    draft = ruling.Draft.of(query)
    if not draft.said:
        raise UsageError(what=both("fault.no_change"), remedy=both("advice.no_change"))
    change = ruling.change(tomllib.loads(kept["toml"]) if kept else {}, draft)
    reading.board.propose_rules(watch, change.saved, draft.reason)
    return _back(query)


def _snooze(reader: Reader, query: Query) -> Response:
    party = query.text("party")
    reader.now().need("party", party_id=party)
    until = datetime.now(UTC) + timedelta(days=query.whole("days", 30, low=1, high=LONGEST_SNOOZE))
    code, level = query.text("code") or None, query.choice("level", LEVELS, "red")
    reason = query.text("reason", most=LONGEST_REASON)
    reader.board.snooze(party, until=until, reason=reason, code=code, level=level)
    return RedirectResponse(f"/alerts?{urlencode({'party': party, 'state': 'snoozed'})}", 303)


def _begin(_: Reader, query: Query) -> Response:
    name = query.text("agreement") or "–"
    if "/" in name:  # it is a part of an address
        raise wrong("agreement", name, both("advice.no_slash"))
    return RedirectResponse(f"/agreement/{quote(name, safe='')}?new=1", 303)


def _propose_agreement(reader: Reader, query: Query) -> Response:
    reader.now()  # nobody asks for rules of a board that he may not see
    name = query.text("agreement")
    draft = agreeing.Draft.of(query, {})
    reader.board.propose_rules(name, draft.rule(name), draft.reason, AGREEMENT)
    return _back(query)


def _decide(reader: Reader, query: Query) -> Response:
    chosen = query.choice("decision", ("approve", "reject", "withdraw"))
    case_id = query.text("case")
    reading = reader.now()
    # Closing a case of alerts is decided on here, too.
    if reader.board.cases.rows(approval_id=case_id):
        reading.need("alert_case", approval_id=case_id)
    if chosen == "withdraw":
        reader.board.withdraw(case_id)
    else:
        reader.board.decide(case_id, approve=chosen == "approve")
    return _back(query)


def _back(query: Query) -> Response:
    """Return to the versions of the page that asked."""
    if name := query.parts.get("agreement"):
        return RedirectResponse(f"/agreement/{quote(name, safe='')}#versions", 303)
    return RedirectResponse(f"{RULES}?{urlencode({'watch': query.text('watch')})}#versions", 303)
