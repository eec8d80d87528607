"""Commands for who keeps the books elsewhere: journal."""

from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show


def journal(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File; else the screen.")] = None,
) -> None:
    """Write the ledger as text that plain-text accounting (Beancount) reads."""
    from liandong.settle.statements.journal import journal as written

    with show.board() as board:
        account, entry = (board.table(n).arrow() for n in ("account", "entry"))
        show.document("\n".join(written(account, entry)), out)
