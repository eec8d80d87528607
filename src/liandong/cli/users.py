"""People who log in to the service, on the command line."""

import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.config import secret_of, settings_now

if TYPE_CHECKING:
    from liandong.board import Board


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    ADD = "add"
    DISABLE = "disable"
    ENABLE = "enable"
    PASSWORD = "password"  # noqa: S105 - a verb
    TOTP_RESET = "totp-reset"
    SESSIONS = "sessions"
    END = "end"
    TOKEN = "token"  # noqa: S105 - a verb
    TOKENS = "tokens"
    REVOKE = "revoke"


def users(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    who: Annotated[str, typer.Argument(help="Name of a person; revoke: id of a token.")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="add, password: file with the password; else it is asked.")
    ] = None,
    oidc: Annotated[
        bool, typer.Option("--oidc", help="add: without a password; a provider vouches for him.")
    ] = False,
    scope: Annotated[
        list[str] | None, typer.Option(help="token: an action, load.*, or read; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="token: days it holds.")] = 90,
    label: Annotated[str, typer.Option(help="token: what it is for.")] = "",
    as_json: Json = False,
) -> None:
    """Say who logs in to the service, and add people, tokens and new passwords."""
    from liandong.store.logins import Tokens

    with show.board(create=action is Action.ADD) as board:
        tokens = Tokens(board.store, board.actor)
        match action:
            case Action.LIST:
                _told(board.people.rows(), as_json=as_json)
            case Action.SESSIONS:
                _told(tokens.sessions(who or None), as_json=as_json)
            case Action.TOKENS:
                _told(tokens.rows(who or None), as_json=as_json)
            case Action.TOKEN:
                ends = datetime.now(UTC) + timedelta(days=days)
                show.line(tokens.issue(who, label, scope or ["read"], ends))
            case Action.REVOKE:
                tokens.revoke(who)
                show.line(say(f"已作废 {who}", f"revoked {who}"))
            case _:
                _change(board, action, who, None if oidc else password_file, oidc=oidc)


def _change(board: "Board", action: Action, who: str, file: Path | None, *, oidc: bool) -> None:
    people = board.people
    match action:
        case Action.ADD:
            people.add(who, None if oidc else _password(who, file))
        case Action.PASSWORD:
            people.set_password(who, _password(who, file))
        case Action.DISABLE:
            people.disable(who)
        case Action.ENABLE:
            people.enable(who)
        case Action.TOTP_RESET:
            people.reset_totp(who)
        case _:
            people.end(who)
    show.line(say(f"已办：{action} {who}", f"done: {action} {who}"))


def _password(name: str, file: Path | None) -> str:
    """Return the hash of a password from a file, or as it is typed, without showing it."""
    from liandong.service.identity.passwords import Passwords

    if file:
        given = secret_of(file, "--password-file")
    elif sys.stdin.isatty():
        given = typer.prompt(say("密码", "password"), hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\n")
    return Passwords(settings_now()).made(name, given)


def _told(rows: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        show.as_json(rows)
    elif rows:
        kinds = {"made_at": "time", "seen_at": "time", "ends_at": "time", "used_at": "time"}
        body = [[show.cell(v, kinds.get(n, "text")) for n, v in r.items()] for r in rows]
        show.grid([*rows[0]], body)
    else:
        show.line(say("没有", "none"))
