"""The command that holds the pledges of several boards against each other: pledges."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.errors import UsageError
from liandong.texts import both

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "LIANDONG_PLEDGE_KEY"

KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", envvar=f"{KEY}_FILE", help="File with the key that all share."),
]


def pledges(
    places: Annotated[
        list[str] | None, typer.Argument(help="Boards, or sealed lists (.csv) of others.")
    ] = None,
    seal: Annotated[
        Path | None, typer.Option("--seal", help="Write the pledges of one board, sealed.")
    ] = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """List invoices and data pledged in more than one place; ends with code 1 if there are any."""
    from liandong.match.supply.doubles import double_pledges
    from liandong.match.supply.doubles import seal as sealed

    chosen, key = places or [show.COMMON.board], _key(key_file)
    if seal:
        if len(chosen) > 1 or chosen[0].endswith(".csv"):
            raise UsageError(what=both("fault.seal_one"), remedy=both("advice.seal_one"))
        if not key:
            raise UsageError(what=both("fault.seal_key"), remedy=both("advice.pledge_key"))
        _write(sealed(_of_board(chosen[0]), key), seal)
        return
    lists = {place: _list(place) for place in chosen}
    if key and any(place.endswith(".csv") for place in chosen):
        lists = {p: t if p.endswith(".csv") else sealed(t, key) for p, t in lists.items()}
    found = double_pledges(lists).to_pylist()
    if as_json:
        show.as_json(found)
    else:
        _tell(found)
    if any(pair["kind"] == "same" for pair in found):
        raise typer.Exit(1)


def _key(path: Path | None) -> bytes:
    """Return the key from its file, or else from the environment; empty without one."""
    if path is None:
        return os.environ.get(KEY, "").encode()
    try:
        return path.read_bytes().strip()
    except OSError as error:
        what = both("fault.pledge_key_file", path=path, why=error.strerror)
        raise UsageError(what=what, remedy=both("advice.pledge_key")) from error


def _list(place: str) -> "pa.Table":
    return _read(Path(place)) if place.endswith(".csv") else _of_board(place)


def _of_board(place: str) -> "pa.Table":
    import pyarrow as pa

    from liandong.board import open as open_board
    from liandong.match.data.pledge import as_invoices

    with open_board(place, actor=show.COMMON.actor, create=False) as board:
        data = as_invoices(board.table("data_pledge").arrow())
        return pa.concat_tables([board.table("pledge").arrow(), data])


def _read(path: Path) -> "pa.Table":
    """Read a sealed list."""
    import pyarrow as pa
    from pyarrow import csv

    from liandong.match.supply.doubles import SEALED

    days = ("pledged_on", "released_on")
    types = {n: pa.date32() if n in days else pa.string() for n in SEALED}
    options = csv.ConvertOptions(
        column_types=types, include_columns=list(SEALED), null_values=[""],
        strings_can_be_null=False,
    )  # fmt: skip
    try:
        return csv.read_csv(path, convert_options=options)
    except (OSError, pa.ArrowInvalid, pa.ArrowKeyError) as error:
        what = both("fault.pledge_file", path=path, why=str(error).splitlines()[0])
        raise UsageError(what=what, remedy=both("advice.pledge_file")) from error


def _write(rows: "pa.Table", path: Path) -> None:
    import io

    from pyarrow import csv

    sink = io.BytesIO()
    csv.write_csv(rows, sink)
    show.document(sink.getvalue().decode(), path)


def _tell(found: list[dict[str, Any]]) -> None:
    kinds = {
        "same": say("重复质押", "pledged twice"),
        "altered": say("号同文异（疑似）", "same number, altered (suspicious)"),
        "renumbered": say("文同号异（疑似）", "same content, other number (suspicious)"),
    }
    heads = say("情形,甲方,乙方", "what,one side,other side").split(",")
    body = [[kinds[p["kind"]], *(_side(p, s) for s in ("a", "b"))] for p in found]
    show.grid(heads, body)
    twice = sum(p["kind"] == "same" for p in found)
    show.line(
        say(
            f"重复质押 {twice:,} 对，疑似 {len(found) - twice:,} 对",
            f"{twice:,} pairs pledged twice, {len(found) - twice:,} suspicious",
        )
    )


def _side(pair: dict[str, Any], side: str) -> str:
    names = ("board", "lender_id", "invoice_id", "pledged_on")
    return " ".join(str(pair[f"{n}_{side}"]) for n in names if pair[f"{n}_{side}"] is not None)
