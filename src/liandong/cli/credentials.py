"""Credentials on the command line: issued, revoked, verified by anybody, and accepted."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.sealing import keys_of, signer_of
from liandong.cli.show import say
from liandong.cli.values import day_of, number_of, text_of
from liandong.errors import DataError, UsageError
from liandong.texts import LANGUAGES, both, text
from liandong.types import CHINA, today

if TYPE_CHECKING:
    from liandong.board import Board
    from liandong.govern.credentials import Check, Qualification, Sealed
    from liandong.govern.log.notes import Key


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    ISSUE = "issue"
    ASK = "ask"
    REVOKE = "revoke"
    STATUS = "status"
    FILE = "file"
    VERIFY = "verify"
    ACCEPT = "accept"


def credential(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    what: Annotated[
        list[str] | None,
        typer.Argument(help="issue, ask: CODE KIND NAME=TEXT …; revoke, file: number; else files."),
    ] = None,
    since: Annotated[str, typer.Option(help="issue, ask: first day; today.")] = "",
    until: Annotated[str, typer.Option(help="issue, ask: last day; none without it.")] = "",
    reason: Annotated[str, typer.Option(help="revoke: why.")] = "",
    key: Annotated[
        list[str] | None, typer.Option(help="verify, accept: keys trusted: name+id+key.")
    ] = None,
    witnesses: Annotated[
        int, typer.Option(help="verify, accept: so many must have signed.", min=0)
    ] = 0,
    status: Annotated[
        Path | None, typer.Option(help="verify: the issuer's list of revoked ones.")
    ] = None,
    no_older: Annotated[
        str, typer.Option(help="verify: the list is at most so old: 7d, 12h.")
    ] = "",
    on: Annotated[str, typer.Option(help="verify: in force on this day; today.")] = "",
    key_file: Annotated[
        Path | None, typer.Option(help="issue, status with --out: signing key; LIANDONG_LOG_KEY.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="file: where to; issue, status: seal the log, then write."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Issue credentials of firms, verify those of other boards without one, and accept them."""
    words, trusted = what or [], keys_of(key or [])
    if action is Action.VERIFY:
        _verify(words, trusted, witnesses, status, no_older, on, as_json=as_json)
        return
    with show.board() as board:
        mine = board.credentials
        match action:
            case Action.ACCEPT:
                _accept(board, words, trusted, witnesses, as_json=as_json)
            case Action.LIST:
                _list(board, as_json=as_json)
            case Action.FILE:
                show.document(mine.file(number_of(_only(words))), out)
            case Action.ASK:
                asked = board.powers.ask("credential.issue", _said(words, since, until).line)
                _done(asked, as_json=as_json)
            case Action.REVOKE:
                _done(mine.revoke(number_of(_only(words)), reason), as_json=as_json)
            case _:
                signer = signer_of(key_file) if out else None
                said = _said(words, since, until) if action is Action.ISSUE else None
                number = mine.issue(said) if said else mine.status()
                _done(number, as_json=as_json)
                if signer:
                    board.log.seal(signer)
                    show.document(mine.file(number), out)


def _said(words: list[str], since: str, until: str) -> "Qualification":
    """Return what a credential is to say."""
    from liandong.govern.credentials import Qualification

    if len(words) < 2:
        raise UsageError(what=both("fault.credential_what"), remedy=both("advice.credential_what"))
    claims = {}
    for claim in words[2:]:
        name, sign, said = claim.partition("=")
        if not sign or name in claims:
            what = both("fault.credential_claim", claim=claim)
            raise UsageError(what=what, remedy=both("advice.credential_claim"))
        claims[name] = said
    first = day_of(since) or today()
    return Qualification(words[0], words[1], claims, first, day_of(until))


def _verify(
    files: list[str], trusted: list["Key"], witnesses: int, status: Path | None, no_older: str,
    on: str, *, as_json: bool,
) -> None:  # fmt: skip
    """Verify a file without a board; end with 1 if anything does not hold."""
    from liandong.govern.credentials import Check, Sealed

    file, most = _only(files), _within(no_older)
    day = day_of(on) or today()
    told = text_of(file)
    listed = text_of(str(status)) if status else None
    sealed, checks = None, []
    try:
        sealed = Sealed.read(told, file)
        checks = sealed.checks(trusted, witnesses, day)
        newest = sealed
        if listed is not None:
            newest = Sealed.read(listed, str(status))
            checks += sealed.against(newest, trusted, witnesses)
        if most is not None:
            _need_list(newest)
            checks.append(newest.age(datetime.now(UTC), most))
    except DataError as error:
        fault = {lang: error.text(lang) for lang in LANGUAGES}
        checks.append(Check("form" if sealed is None else "status", fault))
    _tell(sealed, checks, as_json=as_json)
    if any(c.fault for c in checks):
        raise typer.Exit(1)


def _need_list(newest: "Sealed") -> None:
    if not isinstance(newest.said, frozenset):
        what = both("fault.credential_no_status")
        raise UsageError(what=what, remedy=both("advice.credential_no_status"))


def _tell(sealed: "Sealed | None", checks: Iterable["Check"], *, as_json: bool) -> None:
    lang = show.COMMON.lang
    if as_json:
        show.as_json({
            "holds": not any(c.fault for c in checks),
            "checks": [{"check": c.name, "holds": c.fault is None,
                        "why": c.fault and c.fault[lang]} for c in checks],
            "number": sealed and sealed.number, "at": sealed and sealed.at,
            "document": sealed and sealed.document,
        })  # fmt: skip
        return
    for c in checks:
        name = text(f"verified.{c.name}", lang)
        if c.fault:
            show.problem(f"✗ {name}: {c.fault[lang]}")
        else:
            show.line(f"✓ {name}")
    if sealed is not None:
        show.line(f"{sealed.number} {sealed.document['issuer']} {_line(sealed)}")


def _line(sealed: "Sealed") -> str:
    said = sealed.said
    if isinstance(said, frozenset):
        return say(f"已撤销 {len(said)} 项", f"{len(said)} revoked")
    return said.line


def _accept(
    board: "Board", files: list[str], trusted: list["Key"], witnesses: int, *, as_json: bool
) -> None:
    found: list[dict[str, Any]] = []
    for file in files or [_only(files)]:
        row = board.credentials.accept(
            text_of(file), Path(file).name, datetime.now(CHINA), keys=trusted, witnesses=witnesses
        )
        found.append(row)
        if as_json:
            continue
        if "party_id" in row:
            name = f"{row['party_id']} {row['kind']} ({row['issued_by']}, {row['number']})"
            gone = say("，但已撤销", ", but revoked") if row["revoked"] else ""
            show.line(say(f"已采信：{name}{gone}", f"accepted: {name}{gone}"))
        else:
            show.line(say(f"撤销名单已更新：{row['revoked']}", f"revoked now: {row['revoked']}"))
    if as_json:
        show.as_json(found)


def _list(board: "Board", *, as_json: bool) -> None:
    found = board.credentials.issued()
    if as_json:
        show.as_json([
            {**r, "what": r["what"].line, "code": r["what"].code, "kind": r["what"].kind}
            for r in found
        ])  # fmt: skip
        return
    heads = [say("编号", "number"), say("状态", "state"), say("签发", "issued"),
             say("经手人", "by"), say("内容", "what")]  # fmt: skip
    words = {True: say("已撤销", "revoked"), False: say("有效", "stands")}
    show.grid(heads, (
        [str(r["number"]), words[r["revoked"]], show.cell(r["at"], "time"), r["actor"],
         r["what"].line] for r in found
    ))  # fmt: skip


def _done(number: int, *, as_json: bool) -> None:
    show.as_json({"number": number}) if as_json else show.line(str(number))


def _only(words: list[str]) -> str:
    if len(words) != 1:
        raise UsageError(what=both("fault.credential_one"), remedy=both("advice.credential_one"))
    return words[0]


def _within(said: str) -> timedelta | None:
    if not said:
        return None
    found = re.fullmatch(r"([0-9]{1,5})([dh])", said)
    if found is None:
        what = both("fault.credential_within", text=said)
        raise UsageError(what=what, remedy=both("advice.credential_within"))
    return timedelta(hours=int(found[1]) * (24 if found[2] == "d" else 1))
