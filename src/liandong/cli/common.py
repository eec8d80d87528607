"""What two institutions have in common, on the command line: keys, and messages as files."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.cli.values import moment_of, write_secret
from liandong.config import settings_now
from liandong.errors import DataError, UsageError
from liandong.texts import both
from liandong.types import today

if TYPE_CHECKING:
    from liandong.board import Board
    from liandong.govern.sharing.common import Key, Kind, Message

T = TypeVar("T")


class Action(StrEnum):
    """What to do, in order."""

    KEY = "key"
    SETUP = "setup"
    REQUEST = "request"
    ANSWER = "answer"
    RESULT = "result"


def common(
    action: Annotated[
        Action,
        typer.Argument(
            help="key: draw one; setup: publish a set with it; request: ask which of one's own are"
            " in a set; answer: a request; result: read the answer."
        ),
    ],
    what: Annotated[
        Path | None, typer.Argument(help="request: set-up; answer: request; result: answer.")
    ] = None,
    key_file: Annotated[Path | None, typer.Option(help="setup, answer: the key.")] = None,
    setup: Annotated[Path | None, typer.Option(help="result: the set-up.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="request, result: what the asker keeps to himself.")
    ] = None,
    dataset: Annotated[str, typer.Option(help="setup: parties with rows in it.")] = "party",
    law: Annotated[
        str, typer.Option(help="setup, request: a law by which no consent is needed.")
    ] = "",
    purpose: Annotated[str, typer.Option(help="key: what for.")] = "",
    until: Annotated[str, typer.Option(help="key: its last day.")] = "",
    most: Annotated[int, typer.Option(min=1, help="key: ids it answers for in all.")] = 100_000,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.")] = None,
    as_json: Json = False,
) -> None:
    """Find the firms that two institutions have in common, and show neither the others'."""
    from liandong.govern.sharing import common as sharing

    workers = settings_now().workers
    match action:
        case Action.KEY:
            key = sharing.Key.new(
                _named(purpose.strip(), "--purpose"),
                moment_of(_named(until.strip(), "--until")).date(),
                most,
            )
            write_secret(_named(out, "--out"), key.write().encode())
            show.line(key.id)
        case Action.SETUP:
            key = _key(key_file)
            with show.board(create=False) as board:
                ids = _ids(board, dataset, key.purpose, key.until, law)
                made = sharing.set_up(ids, key, dataset, workers)
                _log(board, made, law)
            _sent(made, out, as_json=as_json)
        case Action.REQUEST:
            there = _read(what, "setup")
            if keep is None:
                raise UsageError(what=both("fault.common_keep"), remedy=both("advice.common_keep"))
            with show.board(create=False) as board:
                ids = _ids(board, there.dataset, there.purpose, there.until, law)
                asked, kept = sharing.request(ids, there, today(), workers)
                _log(board, asked, law)
            write_secret(keep, kept.write())
            _sent(asked, out, as_json=as_json)
        case Action.ANSWER:
            key, asked = _key(key_file), _read(what, "request")
            with show.board(create=False) as board:
                found = sharing.answer(asked, key, today(), workers)
                _log(board, found, most=key.most)
            _sent(found, out, as_json=as_json)
        case Action.RESULT:
            answered, mine = _read(what, "answer"), _read(keep, "kept")
            ids = sharing.result(_read(setup, "setup"), answered, mine, workers)
            _tell(ids, len(mine), out, as_json=as_json)


def _ids(board: "Board", dataset: str, purpose: str, until: date, law: str) -> list[str]:
    """Return whom this board may bring in: by consent that holds to the end, or by a law."""
    from liandong.govern.sharing.common import members
    from liandong.schema.tables.releasing import DATASETS

    if dataset not in DATASETS:
        what = both("fault.common_dataset", name=dataset)
        raise UsageError(what=what, remedy=both("advice.known", known=", ".join(DATASETS)))
    party, rows = board.table("party").arrow(), board.table(dataset).arrow()
    consent = None if law else board.table("consent").arrow()
    found = members(party, rows, consent, dataset, purpose, until)
    if not found:
        what = both("fault.common_nobody", purpose=purpose)
        raise DataError(file=dataset, what=what, remedy=both("advice.common_nobody"))
    return found


def _log(board: "Board", made: "Message", law: str = "", most: int | None = None) -> None:
    """Decide by the list of powers, and write into the log what leaves the board, and what for."""
    from liandong.store.common import admit

    said = {"count": len(made), "purpose": made.purpose, "until": made.until.isoformat(),
            "dataset": made.dataset, "request": made.request, "law": law}  # fmt: skip
    admit(board.store.books, board.actor, f"common.{made.kind}", made.key, said, most)


def _sent(made: "Message", out: Path | None, *, as_json: bool) -> None:
    data = made.write()
    show.write(_named(out, "--out"), data)
    if as_json:
        show.as_json({"key": made.key, "count": len(made), "bytes": len(data)})
    else:
        size = f"{len(made):,}", f"{len(data):,}"
        show.line(say(f"{size[0]} 个编号，{size[1]} 字节", f"{size[0]} ids, {size[1]} bytes"))


def _tell(ids: list[str], asked: int, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"asked": asked, "common": ids})
        return
    if ids:
        show.document("\n".join(ids) + "\n" * (out is not None), out)
    show.problem(say(f"{asked:,} 户中共有 {len(ids):,} 户", f"{len(ids):,} of {asked:,} in common"))


def _key(path: Path | None) -> "Key":
    from liandong.govern.sharing.common import Key

    try:
        return Key.read(_bytes(path, "--key-file").decode())
    except UnicodeDecodeError as error:
        what = both("fault.common_key")
        raise DataError(file=path, what=what, remedy=both("advice.common")) from error


def _read(path: Path | None, kind: "Kind") -> "Message":
    from liandong.govern.sharing.common import Message

    return Message.read(_bytes(path, kind), kind)


def _bytes(path: Path | None, name: str) -> bytes:
    there = _named(path, name)
    try:
        return there.read_bytes()
    except OSError as error:
        what = both("fault.unreadable", why=error.strerror)
        raise DataError(file=there, what=what, remedy=both("advice.common_file")) from error


def _named(value: T | None, name: str) -> T:
    """Return what is needed; UsageError says which option or file is missing."""
    if not value:
        what = both("fault.common_file", name=name)
        raise UsageError(what=what, remedy=both("advice.common_file"))
    return value
