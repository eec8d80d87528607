"""Powers on the command line: who may do what, handing on, agreeing, breaking the glass."""

import csv
import hashlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liandong.cli import show
from liandong.cli.do import Json, read_toml
from liandong.cli.show import say
from liandong.cli.values import moment_of, number_of
from liandong.errors import DataError, NotFoundError, UsageError
from liandong.texts import both
from liandong.types import Money

if TYPE_CHECKING:
    from liandong.board import Board


class Action(StrEnum):
    """What to do."""

    SHOW = "show"
    LOAD = "load"
    CHECK = "check"
    WHO = "who"
    EXPORT = "export"
    DELEGATE = "delegate"
    REVOKE = "revoke"
    ASK = "ask"
    AGREE = "agree"
    DECLINE = "decline"
    ATTACH = "attach"
    BREAK_GLASS = "break-glass"
    REVIEW = "review"
    INBOX = "inbox"


SHOWN = ("power_id", "action", "holder", "limit", "period_limit", "total_limit", "valid_to",
         "basis")  # fmt: skip
MONEY = ("limit", "period_limit", "total_limit")


def powers(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.SHOW,
    what: Annotated[
        str,
        typer.Argument(
            help="load, check: TOML or CSV; who, ask, attach: action; act's number; else id."
        ),
    ] = "",
    to: Annotated[str, typer.Option(help="delegate: to whom.")] = "",
    until: Annotated[str, typer.Option(help="delegate: last day, such as 2026-12-31.")] = "",
    limit: Annotated[str, typer.Option(help="delegate: at most so much a case.")] = "",
    total_limit: Annotated[str, typer.Option(help="delegate: at most so much in all.")] = "",
    subject: Annotated[str, typer.Option(help="ask, attach: what it is done to.")] = "",
    amount: Annotated[str, typer.Option(help="ask: up to how much, such as '100_000 CNY'.")] = "",
    evidence: Annotated[
        list[str] | None, typer.Option(help="ask, attach: KIND=FILE; its SHA-256 is kept.")
    ] = None,
    reason: Annotated[str, typer.Option(help="revoke, decline, break-glass, review: why.")] = "",
    informed: Annotated[str, typer.Option(help="break-glass: who else was told.")] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="export: file.")] = None,
    as_json: Json = False,
) -> None:
    """Say who may do what, and work with the list of powers; export writes Cedar policies."""
    with show.board(create=action is Action.LOAD) as board:
        mine = board.powers
        match action:
            case Action.LOAD | Action.CHECK:
                _list(board, Path(what), check=action is Action.CHECK)
            case Action.SHOW | Action.WHO:
                _who(board, what if action is Action.WHO else "", as_json=as_json)
            case Action.EXPORT:
                _export(board, out)
            case Action.INBOX:
                _inbox(board, as_json=as_json)
            case Action.DELEGATE:
                narrower: dict[str, Any] = {
                    "limit": limit or None,
                    "total_limit": total_limit or None,
                }
                show.line(mine.delegate(what, to, moment_of(until).date(), **narrower).power_id)
            case Action.ASK:
                most = int(Money.parse(amount)) if amount else None
                _done(mine.ask(what, subject, most, _documents(evidence)))
            case Action.ATTACH:
                _done(mine.attach(what, subject, _documents(evidence)))
            case _:
                _done(_act(board, action, what, reason, informed))


def _act(board: "Board", action: Action, what: str, reason: str, informed: str) -> int:
    mine = board.powers
    if action is Action.REVOKE:
        return mine.revoke(what, reason)
    if action is Action.BREAK_GLASS:
        return mine.break_glass(what, reason, informed)
    if action is Action.AGREE:
        return mine.agree(number_of(what))
    if action is Action.DECLINE:
        return mine.decline(number_of(what), reason)
    return mine.review(number_of(what), reason)


def _list(board: "Board", path: Path, *, check: bool) -> None:
    """Add the entries and posts of a file, all or none, or only say whether that would do."""
    entries, posts = _read(path)
    added = board.powers.add(entries, posts, dry_run=check)
    words = say("可以载入", "could be added") if check else say("已载入", "added")
    show.line(f"{words}: power {len(added)}, post {len(posts)}")


def _read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read a list; amounts are texts, so that 500 is five hundred yuan and nothing else."""
    if path.suffix.lower() != ".csv":
        found = read_toml(path)
        if unknown := found.keys() - {"power", "post"}:
            what = both("fault.power_list", path=f"{path}: {', '.join(sorted(unknown))}")
            raise UsageError(what=what, remedy=both("advice.power_list"))
        entries, posts = found.get("power", []), found.get("post", [])
    else:
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                entries, posts = list(csv.DictReader(file)), []
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            what = both("fault.power_list", path=f"{path} ({error})")
            raise UsageError(what=what, remedy=both("advice.power_list")) from error
    return [{n: str(v) if n in MONEY else v for n, v in e.items()} for e in entries], posts


def _who(board: "Board", action: str, *, as_json: bool) -> None:
    """Print the entries in force, of one action or of all, and who has the posts they name."""
    listed = board.powers.listed()
    if action and not listed.index.names(action):
        show.line(say("清单未列此事项：人人可办", "nobody is named for it: everybody may"))
        return
    found = [p.row() for p in listed.index.standing() if action in {"", p.action}]
    people = {p["holder"]: listed.index.members(p["holder"]) for p in found}
    if as_json:
        show.as_json([{**r, "people": people[r["holder"]]} for r in found])
        return
    spec = board.table("power").spec
    fields = [spec.field(n) for n in SHOWN]
    heads = [f.zh if show.COMMON.lang == "zh" else f.en for f in fields]
    body = [[show.cell(r[f.name], f.kind) for f in fields] for r in found]
    for cells, r in zip(body, found, strict=True):
        if people[r["holder"]]:
            cells[SHOWN.index("holder")] += f" ({', '.join(people[r['holder']])})"
    show.grid(heads, body)
    if not action:
        show.line(
            say("未列出的事项，人人可办。", "For actions that are not listed, everybody may.")
        )


def _export(board: "Board", out: Path | None) -> None:
    from liandong.govern.powers.cedar import policies

    board.powers.need("export.powers")
    index = board.powers.listed().index
    show.document(policies(index.standing()), out)


def _inbox(board: "Board", *, as_json: bool) -> None:
    found = board.powers.inbox()
    if as_json:
        show.as_json(found)
        return
    for r in found["asked"]:
        agreed = ", ".join(r["agreed"]) or "–"
        amount = show.cell(r["amount"], "money")
        wants = ", ".join(f"{w['power_id']}: {w['more']} × {w['of']}" for w in r["wants"]) or "–"
        show.line(
            f"{r['act']} {r['actor']} {r['action']} {r['subject']} {amount} ← {agreed} ({wants})"
        )
        for kind, sha in r["documents"].items():
            show.line(f"    {kind} {sha}")
    for r in found["opened"]:
        due = show.cell(r["due"], "time")
        words = say(f"须在 {due} 前复核", f"to be reviewed by {due}")
        show.line(f"{r['act']} {r['actor']} {r['power_id']} {r['reason']}: {words}")
    if not any(found.values()):
        show.line(say("没有待办", "nothing waits"))


def _documents(given: list[str] | None) -> dict[str, str]:
    """Return the hash of each file by the kind of document that it is said to be."""
    found = {}
    for said in given or []:
        kind, sign, file = said.partition("=")
        if not sign:
            what = both("fault.evidence", kind=kind, value="–")
            raise UsageError(what=what, remedy=both("advice.evidence"))
        found[kind] = sha256(Path(file))
    return found


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file, hex; DataError if it cannot be read."""
    try:
        with file.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError as error:
        what = both("fault.unreadable", why=error)
        raise DataError(file=file, what=what, remedy=both("advice.log_text")) from error


def check_evidence(file: Path, *, as_json: bool) -> None:
    """Say which acts a file was attached to or relied on in; NotFoundError if in none."""
    with show.board() as board:
        found = board.powers.brought(sha256(file))
    if not found:
        remedy = both("advice.evidence_check")
        raise NotFoundError(kind=both("kind.evidence"), name=file, remedy=remedy)
    if as_json:
        show.as_json(found)
        return
    for r in found:
        about = f"{r['document']}: {r['action']} {r['subject']}"
        show.line(f"{r['act']} {show.cell(r['at'], 'time')} {r['actor']} {r['kind']} {about}")


def _done(act: int) -> None:
    show.line(say(f"已记为第 {act} 条", f"act {act} says so"))
