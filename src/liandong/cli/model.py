"""Commands about models: the leak alarm on a file, and the card of a scorecard."""

from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say

LEAKY = 12
"""Exit code if columns leak."""


def leaks(
    path: Annotated[Path, typer.Argument(help="CSV with heads, or Parquet.")],
    outcome: Annotated[str, typer.Option(help="Column that says how it ended.")],
    bad: Annotated[str, typer.Option(help="Its value for a bad end; not needed for 0 and 1.")] = "",
    applied: Annotated[str, typer.Option(help="Column with the date of the application.")] = "",
    as_json: Json = False,
) -> None:
    """Name columns of a file that were known only after the outcome; exit code 12 if any."""
    from liandong.screen import screen

    found = screen(path, outcome, bad, applied)
    if as_json:
        told = [{**x._asdict(), "text": x.text(show.COMMON.lang)} for x in found.leaks]
        show.as_json({"leaks": told, "auc": found.auc, "rows": found.n, "bads": found.bads})
    else:
        for leak in found.leaks:
            show.line(leak.text(show.COMMON.lang))
        columns = len({leak.column for leak in found.leaks})
        show.line(
            say(
                f"{len(found.auc)} 列中 {columns} 列可疑"
                f"（{found.n:,} 行有结果，其中违约 {found.bads:,}）",
                f"{columns} of {len(found.auc)} columns are suspected"
                f" ({found.n:,} rows with an outcome, {found.bads:,} of them bad)",
            )
        )
    if found.leaks:
        raise typer.Exit(LEAKY)
