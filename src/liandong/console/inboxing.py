"""Working off what waits, by forms: proposals, powers asked for and handed on, and appeals."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from liandong.board import Board
from liandong.console.links import missing
from liandong.console.posted import form
from liandong.console.query import Query, wrong
from liandong.console.reading import Reader, Reading
from liandong.schema.tables.accountability import ITEMS
from liandong.step.registry import step
from liandong.texts import both
from liandong.types import Money

ROOM = "/inbox"
LONGEST_REASON = 1_000
"""Characters of a reason at most."""
MOST_NAMED = 30
"""Holders that a refusal names."""
EVIDENCE = "evidence."
"""Before the kind of a document in the name of its field."""


def inboxing(reader: Reader) -> APIRouter:
    """Return the route ``POST /inbox/{verb}``, which leads back to the page."""
    router = APIRouter(include_in_schema=False)

    form(router, f"{ROOM}/{{verb}}", reader, _act, files=True)
    return router


def _act(reader: Reader, query: Query) -> Response:
    reading, verb = reader.now(blind=True), query.choice("verb", VERBS)
    if verb == "appeal":
        _counted(reading, query)
    elif verb in DECISIONS:
        reading.need("case", case_id=query.text("case"))
    elif verb == "propose":
        action = f"propose.{step(query.text('step')).name}"
        reader.whole(action).may(action)
    elif verb in ("uphold", "dismiss"):
        own = query.text("act")
        if reading.first("SELECT act FROM appeal WHERE appeal_id = ?", own) is None:
            raise missing("appeal", own, ROOM)
    VERBS[verb](reader.board, query)
    return RedirectResponse("/accountability#appeals" if verb == "appeal" else ROOM, 303)


def _counted(reading: Reading, query: Query) -> None:
    """Hold an appeal against what there is: a case in sight, and somebody who has a scorecard."""
    if query.text("table") == "alert_case":
        reading.need("alert_case", case_id=query.text("item"))
    rows = reading.rows("SELECT DISTINCT holder FROM responsibility ORDER BY holder")
    known, holder = [r["holder"] for r in rows], query.text("holder")
    if known and holder not in known:
        names = ", ".join(known[:MOST_NAMED])
        raise wrong("holder", holder, both("advice.known", known=names))


def _reason(query: Query) -> str:
    return query.text("reason", most=LONGEST_REASON)


def _delegate(board: Board, query: Query) -> None:
    until = query.day("until")
    if until is None:
        raise wrong("until", "–", both("advice.day"))
    limit, total = query.text("limit") or None, query.text("total_limit") or None
    given = query.text("power"), query.text("to"), until
    board.powers.delegate(*given, limit=limit, total_limit=total)


def _ask(board: Board, query: Query) -> None:
    """Ask to do what the actor does once others agree; of documents the SHA-256 is kept.

    What goes beyond each of his powers is refused at once: no agreement would help.
    """
    own = board.powers.own()["ask"]
    action = query.choice("action", dict.fromkeys(p.action for p in own), "–")
    amount = query.money("amount")
    mine = [p.limit for p in own if p.action == action]
    limits = [limit for limit in mine if limit is not None]
    if limits == mine and (amount is None or amount > max(limits)):
        most = f"{Money(max(limits)).yuan()} CNY"
        raise wrong("amount", query.text("amount") or "–", both("advice.ask_amount", most=most))
    names = [n for n in query.given if n.startswith(EVIDENCE)]
    documents = {n.removeprefix(EVIDENCE): query.text(n) for n in names}
    board.powers.ask(action, query.text("subject"), amount, documents)


def _break_glass(board: Board, query: Query) -> None:
    board.powers.break_glass(query.text("power"), _reason(query), query.text("informed"))


def _appeal(board: Board, query: Query) -> None:
    item, holder = query.text("item"), query.text("holder")
    board.appeals.file(query.choice("table", ITEMS), item, holder, _reason(query))


def _rule(board: Board, query: Query, *, uphold: bool) -> None:
    board.appeals.decide(query.text("act"), uphold=uphold, reason=_reason(query))


DECISIONS: dict[str, Callable[[Board, Query], object]] = {
    "approve": lambda board, q: board.approve(q.text("case")),
    "reject": lambda board, q: board.decide(q.text("case"), approve=False, reason=_reason(q)),
    "take_back": lambda board, q: board.withdraw(q.text("case")),
}
"""What is done with proposals."""
VERBS: dict[str, Callable[[Board, Query], object]] = {
    "agree": lambda board, q: board.powers.agree(q.whole("act", 0)),
    "decline": lambda board, q: board.powers.decline(q.whole("act", 0), _reason(q)),
    "review": lambda board, q: board.powers.review(q.whole("act", 0), _reason(q)),
    "ask": _ask,
    "break-glass": _break_glass,
    "delegate": _delegate,
    "revoke": lambda board, q: board.powers.revoke(q.text("power"), _reason(q)),
    "appeal": _appeal,
    "uphold": partial(_rule, uphold=True),
    "dismiss": partial(_rule, uphold=False),
    "propose": lambda board, q: board.propose(step(q.text("step"))),
    **DECISIONS,
}
"""What the buttons do."""
