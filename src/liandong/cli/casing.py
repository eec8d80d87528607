"""Cases of alerts: who has what, what was done, and closing them by two people."""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liandong.cli import show
from liandong.cli.do import Json, pairs
from liandong.cli.show import say
from liandong.errors import NotFoundError, UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.board import Board


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    SHOW = "show"
    OPEN = "open"
    BALANCE = "balance"
    ASSIGN = "assign"
    NOTE = "note"
    ATTACH = "attach"
    ESCALATE = "escalate"
    PROPOSE = "propose"
    APPROVE = "approve"
    RETURN = "return"
    TAKE_BACK = "take-back"
    REOPEN = "reopen"


LISTED = ("case_id", "level", "party_id", "queue", "state", "assignee", "due_on", "exposure",
          "alerts", "outcome")  # fmt: skip


def cases(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    case: Annotated[str, typer.Argument(help="Case, or the beginning of its id.")] = "",
    words: Annotated[
        list[str] | None, typer.Argument(help="attach: TABLE and FIELD=VALUE of a row.")
    ] = None,
    to: Annotated[str, typer.Option(help="assign: to whom; without, who has the fewest.")] = "",
    text: Annotated[str, typer.Option(help="note: what; attach: what it is.")] = "",
    reason: Annotated[str, typer.Option(help="escalate, propose, return, reopen: why.")] = "",
    outcome: Annotated[str, typer.Option(help="propose: confirmed, false_alarm or other.")] = "",
    file: Annotated[Path | None, typer.Option(help="attach: a file; its hash is kept.")] = None,
    seen: Annotated[int, typer.Option(help="Act only if this act is the last one.", min=0)] = 0,
    queue: Annotated[str, typer.Option(help="list, balance: only this queue.")] = "",
    mine: Annotated[bool, typer.Option(help="list: only those of the actor.")] = False,
    closed: Annotated[bool, typer.Option(help="list: those that are closed, too.")] = False,
    as_json: Json = False,
) -> None:
    """List cases of alerts, the most urgent first, and work on them."""
    with show.board() as board:
        if action is Action.LIST:
            found = _listed(board, queue, mine=mine, closed=closed)
            show.as_json(found) if as_json else _grid(found)
            return
        if action in {Action.OPEN, Action.BALANCE}:
            _together(board, action, queue, as_json=as_json)
            return
        case_id = full(board, case)
        given: dict[str, Any] = {"to": to, "text": text, "reason": reason, "outcome": outcome}
        if action is Action.ATTACH:
            given |= {n: v for n, v in _evidence(board, words or [], file).items() if v}
            given["name"] = text or given.get("name")
        if action is not Action.SHOW:
            verb = {"return": "give_back", "take-back": "take_back"}.get(action, action.value)
            board.cases.act(verb, case_id, given, seen=seen or None)
        row = next(r for r in board.cases.rows() if r["case_id"] == case_id)
        done = board.cases.acts(case_id)
    if as_json:
        show.as_json({**row, "acts": done})
        return
    _say(row, done)


def _listed(board: "Board", queue: str, *, mine: bool, closed: bool) -> list[dict[str, Any]]:
    equal = {"queue": queue} if queue else {}
    equal |= {"assignee": board.actor} if mine else {}
    return [r for r in board.cases.rows(**equal) if closed or r["state"] != "closed"]


def _together(board: "Board", action: Action, queue: str, *, as_json: bool) -> None:
    if action is Action.OPEN:
        done = vars(board.cases.open())
    else:
        done = {"assigned": board.cases.balance(queue)}
    if as_json:
        show.as_json(done)
        return
    chinese = {"opened": "新立案", "joined": "并入", "reopened": "重新办理", "assigned": "已分派"}
    show.line(", ".join(f"{say(chinese[n], n)} {k:,}" for n, k in done.items()))


def full(board: "Board", case: str) -> str:
    """Return the id of the one case that begins so."""
    found = [r["case_id"] for r in board.cases.rows() if case and r["case_id"].startswith(case)]
    if len(found) > 1 and case:
        known = ", ".join(f[:12] for f in found[:5]) + (", …" if len(found) > 5 else "")
        what = both("fault.several_begin", n=len(found), name=case, known=known)
        raise UsageError(what=what, remedy=both("advice.longer_id"))
    if len(found) != 1:
        remedy = both("advice.list_alert_cases")
        raise NotFoundError(kind=both("kind.alert_case"), name=case or "–", remedy=remedy)
    return str(found[0])


def _evidence(board: "Board", words: list[str], file: Path | None) -> dict[str, Any]:
    """Read what is attached: a row of the board, which has to be there, or a file."""
    if file is not None:
        try:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            what = both("fault.case_file", path=file, why=error.strerror)
            raise UsageError(what=what, remedy=both("advice.case_file")) from error
        return {"name": file.name, "sha256": digest}
    if not words:
        return {}
    table, key = words[0], {k: str(v) for k, v in pairs(words[1:]).items()}
    board.table(table).why(**key)
    return {"name": " ".join(words), "row": {"table": table, **key}}


def _grid(found: list[dict[str, Any]]) -> None:
    from liandong.schema.tables import TABLES

    fields = [TABLES["alert_case"].field(n) for n in LISTED]
    heads = [say(f.zh, f.en) for f in fields]
    show.grid(heads, ([_cell(r, f.name, f.kind) for f in fields] for r in found))


def _cell(row: dict[str, Any], name: str, kind: str) -> str:
    return str(row[name])[:12] if name == "case_id" else show.cell(row[name], kind)


def _say(row: dict[str, Any], done: list[dict[str, Any]]) -> None:
    from liandong.schema.tables import TABLES

    for f in TABLES["alert_case"].fields:
        show.line(f"{say(f.zh, f.en):16} {show.cell(row[f.name], f.kind)}")
    for a in done:
        told = ", ".join(f"{k}={v}" for k, v in a["body"].items() if v and k != "alerts")
        show.line(f"{a['seq']:4}  {show.cell(a['at'], 'time')}  {a['actor']}  {a['kind']}  {told}")
