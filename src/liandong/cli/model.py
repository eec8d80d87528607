"""Commands about models: the leak alarm on a file, and the card of a scorecard."""

from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.errors import UsageError
from liandong.texts import both

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


def card(
    rule_id: Annotated[str, typer.Argument(help="Scorecard; `liandong table score` names them.")],
    out: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; .html or .json.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the card of a scorecard: figures, pictures, warnings, in a file that needs no other."""
    from liandong.console.card import card_html, card_json

    wants_json = as_json or (out is not None and out.suffix.lower() == ".json")
    with show.board() as board:
        written = (
            card_json(board, rule_id) if wants_json else card_html(board, rule_id, show.COMMON.lang)
        )
    if out is None:
        show.line(written)
        return
    try:
        out.write_text(written, "utf-8")
    except OSError as error:
        what = both("fault.unwritable", path=out, why=error.strerror)
        raise UsageError(what=what, remedy=both("advice.other_place")) from error
    show.line(say(f"已写入 {out}", f"written to {out}"))
