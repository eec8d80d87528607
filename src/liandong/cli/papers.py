"""Commands that write papers about a firm: letter, report."""

from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.do import pairs
from liandong.errors import UsageError
from liandong.texts import LANGUAGES, both

Keys = Annotated[list[str], typer.Argument(help="party=ID: the firm.")]
AsOf = Annotated[str, typer.Option("--as-of", help="Its newest score up to this day.")]
Lang = Annotated[str, typer.Option("--lang", help="zh or en; that of this call if empty.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File; the screen without it.")]


def letter(
    keys: Keys,
    as_of: AsOf = "",
    lang: Lang = "",
    out: Out = None,
    sender: Annotated[str, typer.Option(help="Who writes; a line to fill in if empty.")] = "",
    contact: Annotated[str, typer.Option(help="Where to object; a line to fill in.")] = "",
) -> None:
    """Write the letter that tells a firm its grade, the reasons and what would help (HTML)."""
    _write("letter", keys, lang, out, on=as_of, sender=sender, contact=contact)


def report(keys: Keys, as_of: AsOf = "", lang: Lang = "", out: Out = None) -> None:
    """Write the credit report of a firm on one page (HTML, to print)."""
    _write("report", keys, lang, out, on=as_of)


def _write(name: str, keys: list[str], lang: str, out: Path | None, **asked: str) -> None:
    from liandong.console.papers import paper

    given = pairs(keys)
    party = given.pop("party", None) or given.pop("party_id", None)
    chosen = lang or show.COMMON.lang
    if not party or given:
        raise UsageError(what=both("fault.which_firm"), remedy=both("advice.which_firm"))
    if chosen not in LANGUAGES:
        what = both("fault.language", wanted=chosen)
        raise UsageError(what=what, remedy=both("advice.known", known=", ".join(LANGUAGES)))
    with show.board() as board:
        text = paper(board, name, str(party), chosen, **asked)
    show.document(text, out)
