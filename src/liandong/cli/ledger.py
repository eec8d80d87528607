"""The ledger on the command line: open accounts, post, reverse, close a period, see balances."""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.values import day_of, moment_of
from liandong.texts import both, text

if TYPE_CHECKING:
    import pyarrow as pa

    from liandong.board import Board


class Action(StrEnum):
    """What to do with the ledger."""

    OPEN = "open"
    POST = "post"
    REVERSE = "reverse"
    CLOSE = "close"
    BALANCES = "balances"


def ledger(
    action: Annotated[
        Action,
        typer.Argument(
            help="open: accounts of a file; post: entries of a file; reverse: an entry; close: all"
            " days up to one; balances: counters, now or as of a time."
        ),
    ],
    what: Annotated[str, typer.Argument(help="CSV file, id of an entry, or a day.")] = "",
    event: Annotated[str, typer.Option(help="balances, reverse: event date.")] = "",
    book: Annotated[str, typer.Option(help="balances: book time with its zone.")] = "",
    as_json: Json = False,
) -> None:
    """Keep accounts; ends with code 1 if an entry was refused."""
    from liandong.schema.tables.ledger import REVERSAL

    with show.board() as board:
        if action is Action.POST:
            batch = _read("entry", what)
            _tell(board.ledger.post(batch).to_pylist(), as_json=as_json)
        elif action is Action.REVERSE:
            result = board.ledger.reverse(what, day_of(event))
            _tell([{"entry_id": REVERSAL + what, "result": result}], as_json=as_json)
        elif action is Action.BALANCES:
            _balances(board, event, book, as_json=as_json)
        elif action is Action.OPEN:
            show.line(f"{board.ledger.open(_read('account', what)):,}")
        else:
            board.ledger.close(moment_of(what).date())


def _read(name: str, path: str) -> "pa.Table":
    """Read rows of a table, and which entries hang together; a wrong file is refused as a whole."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    from liandong.errors import DataError
    from liandong.schema.arrow import arrow_schema, conform

    fields = [*arrow_schema(name), pa.field("linked", pa.bool_())]
    options = csv.ConvertOptions(
        column_types={f.name: f.type for f in fields}, null_values=[""], strings_can_be_null=True
    )
    try:
        found = csv.read_csv(Path(path), convert_options=options)
    except (OSError, pa.ArrowInvalid) as error:
        what = both("fault.entry_file", why=str(error).splitlines()[0])
        raise DataError(file=path, what=what, remedy=both("advice.entry_file")) from error
    missing = [f.name for f in fields if not f.nullable and f.name not in found.column_names]
    if missing:
        what = both("fault.entry_without", field=missing[0])
        raise DataError(file=path, what=what, remedy=both("advice.entry_without"))
    rows = conform(name, found)
    if name == "entry" and "linked" in found.column_names:
        rows = rows.append_column("linked", pc.fill_null(found["linked"], fill_value=False))
    return rows


def _tell(found: list[dict[str, str]], *, as_json: bool) -> None:
    """Say what became of entries: all of them as JSON, otherwise how many, and the refused ones."""
    refused = [r for r in found if r["result"] not in {"ok", "exists"}]
    if as_json:
        show.as_json(found)
    else:
        lang = show.COMMON.lang
        for result, n in sorted(Counter(r["result"] for r in found).items()):
            show.line(f"{n:,} {text(f'posting.{result}', lang)}")
        rows = [[r["entry_id"], text(f"posting.{r['result']}", lang)] for r in refused]
        if rows:
            show.grid([text("kind.entry", lang), ""], rows)
    if refused:
        raise typer.Exit(1)


def _balances(board: "Board", event: str, book: str, *, as_json: bool) -> None:
    from liandong.types import CHINA

    at = moment_of(book) if book else None
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=CHINA)
    rows = board.ledger.balances(event=day_of(event), book=at).to_pylist()
    if as_json:
        show.as_json(rows)
    elif rows:
        show.grid([*rows[0]], [[str(v) for v in r.values()] for r in rows])
