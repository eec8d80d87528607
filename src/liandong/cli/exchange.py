"""Commands that hand tables to others: entities."""

import json
from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show

TABLES = ("party", "edge", "bank_account", "flow")


def entities(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File; else the screen.")] = None,
    only: Annotated[
        list[str] | None, typer.Option("--table", help="party, edge, bank_account, flow; all.")
    ] = None,
) -> None:
    """Write parties, ties, accounts and transfers as FollowTheMoney entities, one a line."""
    from liandong.load.entities import entities as written

    with show.board() as board:
        tables = {n: board.table(n).arrow() for n in TABLES if not only or n in only}
        lines = (json.dumps(e, ensure_ascii=False) for e in written(tables))
        show.document("\n".join(lines), out)
